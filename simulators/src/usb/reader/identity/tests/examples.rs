//! The worked examples of ICAO Doc 9303-11, from the chip's side: appendix D.3 and D.4 (basic access control and secure
//! messaging), appendix G.1 (PACE with generic mapping on brainpoolP256r1).

use super::super::cipher::Cipher;
use super::super::files::Content;
use super::super::keys::hex;
use super::super::session::Session;
use super::super::{IdentityCard, Profile};
use super::terminal::APPLICATION;
use crate::usb::reader::card::Card;

fn card(mrz: &str, chances: &[&str]) -> IdentityCard {
    let mut card = IdentityCard::new(Profile::default()).unwrap();
    card.passwords.mrz = mrz.into();
    for chance in chances {
        card.chance.give(hex(chance));
    }
    card
}

fn says(card: &mut IdentityCard, command: &str, answer: &str) {
    assert_eq!(card.transmit(&hex(command)).bytes, hex(answer), "{command}");
}

#[test]
fn basic_access_control_is_that_of_appendix_d_3() {
    let mut card = card("L898902C<369080619406236", &["4608F91988702212", "0B4F80323EB3191CB04970CB4052790B"]);
    card.transmit(&[&[0, 0xa4, 4, 0x0c, 7][..], &APPLICATION].concat());
    says(&mut card, "0084000008", "4608F919887022129000");
    says(
        &mut card,
        "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
    );
    // Of appendix D.4: EF.COM by its identifier, its first four bytes, and the rest.
    card.files.all.insert(0x011e, Content::from(hex("60145F0104303130365F36063034303030305C026175")));
    says(&mut card, "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800", "990290008E08FA855A5D4C50A8ED9000");
    says(&mut card, "0CB000000D9701048E08ED6705417E96BA5500", "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000");
    says(
        &mut card,
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
    );
}

#[test]
fn secure_messaging_is_that_of_appendix_d_4() {
    let (encryption, authentication) =
        (hex("979EC13B1CBFE9DCD01AB0FED307EAE5"), hex("F1CB1F1FB5ADF208806B89DC579DC1F8"));
    let mut session = Session::with_keys(Cipher::TripleDes, encryption, authentication, 0x8870_2212_0c06_c226);
    let apdu = hex("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800");
    let command = session.unwrap(&crate::usb::reader::apdu::Apdu::read(&apdu).unwrap()).unwrap();
    assert_eq!((command.p1_p2(), command.data.as_slice()), (0x020c, [0x01, 0x1e].as_slice()));
    assert_eq!(session.wrap(0xa4, &[], [0x90, 0]), hex("990290008E08FA855A5D4C50A8ED9000"));
}

#[test]
fn pace_is_that_of_appendix_g_1() {
    let mut card = card(
        "T22000129364081251010318",
        &[
            "3F00C4D39D153F2B2A214A078D899B22",
            "498FF49756F2DC1587840041839A85982BE7761D14715FB091EFA7BCE9058560",
            "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A",
        ],
    );
    says(&mut card, "0022C1A412800A04007F0007020204020283010184010D", "9000");
    says(&mut card, "10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000");
    says(
        &mut card,
        "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E544552DCB6725218799115B5\
         5C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
        "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F5730D8C879AAA9C9F73991E61B58F4D52EB87A\
         0A0C709A49DC63719363CCD13C549000",
    );
    says(
        &mut card,
        "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C3556F3B3B186DF10B857B58F\
         6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
        "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB7764B22277A2EDDC3C265A9F018F9CB852E1\
         11B768B326904B59A0193776F0949000",
    );
    says(&mut card, "008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000");
    assert!(card.session.is_some());
}
