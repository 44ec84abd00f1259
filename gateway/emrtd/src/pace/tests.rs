use super::*;
use crate::security::pace_infos;
use crate::testing::{Scripted, hex};

/// ICAO 9303-11, appendix G.1: brainpoolP256r1, AES-128, the machine readable zone.
const EXCHANGES: [(&str, &str); 5] = [
    ("0022C1A40F800A04007F00070202040202830101", "9000"),
    ("10860000027C0000", "7C12801095A3A016522EE98D01E76CB6B98B42C39000"),
    (
        "10860000457C438141047ACF3EFC982EC45565A4B155129EFBC74650DCBFA6362D896FC70262E0C2CC5E544552DCB6725218799115B55C9BAA6D9F6BC3A9618E70C25AF71777A9C4922D00",
        "7C43824104824FBA91C9CBE26BEF53A0EBE7342A3BF178CEA9F45DE0B70AA601651FBA3F5730D8C879AAA9C9F73991E61B58F4D52EB87A0A0C709A49DC63719363CCD13C549000",
    ),
    (
        "10860000457C438341042DB7A64C0355044EC9DF190514C625CBA2CEA48754887122F3A5EF0D5EDD301C3556F3B3B186DF10B857B58F6A7EB80F20BA5DC7BE1D43D9BF850149FBB3646200",
        "7C438441049E880F842905B8B3181F7AF7CAA9F0EFB743847F44A306D2D28C1D9EC65DF6DB7764B22277A2EDDC3C265A9F018F9CB852E111B768B326904B59A0193776F0949000",
    ),
    ("008600000C7C0A8508C2B0BD78D94BA86600", "7C0A86083ABB9674BCE93C089000"),
];
const PRIVATE: [&str; 2] = [
    "7F4EF07B9EA82FD78AD689B38D0BC78CF21F249D953BC46F4C6E19259C010F99",
    "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595",
];

fn run(exchanges: &[(&str, &str)]) -> Result<SecureMessaging, ChipError> {
    let info = &pace_infos(&hex("31143012060A04007F0007020204020202010202010D")).unwrap()[0];
    let (curve, cipher) = info.known().unwrap();
    let access = AccessKey::mrz("T22000129", "640812", "101031").unwrap();
    let mut keys = PRIVATE.iter();
    let pace = Pace { info, curve, cipher, several: false };
    let mut session = Session::new(Scripted::new(exchanges));
    pace.run(&mut session, &access, || Ok(Zeroizing::new(hex(keys.next().unwrap()))))
}

#[test]
fn a_run_is_that_of_the_worked_example_byte_for_byte() {
    let session = run(&EXCHANGES).unwrap();
    let keys =
        Cipher::Aes128.key(&hex("28768D20701247DAE81804C9E780EDE582A9996DB4A315020B2733197DB84925"), Use::Encrypt);
    // Its keys are made of the example's secret: the same initial vector of the first command.
    let select = Command::new([0, 0xA4, 4, 0x0C], &hex("A0000002471001"), 0);
    let counter = [&[0; 15][..], &[1]].concat();
    let iv = keys.encrypt(&[0; 16], &counter);
    let sealed = keys.encrypt(&iv, &pad(select.data.clone(), 16));
    let sent = session.wrap(&[select]).remove(0);
    assert_eq!(sent[5..8 + sealed.len()], [&[0x87, 0x11, 0x01], sealed.as_slice()].concat());
}

#[test]
fn a_chip_that_knows_another_password_is_told() {
    for answer in ["6300", "63C2", "6982", "6A80", "7C0A86083ABB9674BCE93C099000"] {
        let mut exchanges = EXCHANGES;
        exchanges[4].1 = answer;
        assert_eq!(run(&exchanges).err(), Some(ChipError::WrongKey), "{answer}");
    }
}

#[test]
fn whatever_a_chip_answers_is_a_typed_error() {
    for step in 1..5 {
        for answer in ["9000", "6D00", "7C009000", "7C0280009000", "8000", "7C7F9000", "7C1280109000"] {
            let mut exchanges = EXCHANGES;
            exchanges[step].1 = answer;
            let error = run(&exchanges[..=step]).unwrap_err();
            assert!(
                matches!(error, ChipError::Refused { .. } | ChipError::Malformed { .. }),
                "{step} {answer}: {error}"
            );
        }
    }
    // Points that are none, and our own key sent back.
    let mut exchanges = EXCHANGES;
    let off = EXCHANGES[2].1.replace("549000", "559000");
    exchanges[2].1 = &off;
    assert_eq!(run(&exchanges[..3]).err(), Some(ChipError::Curve(CurveError::Point)));
    let mut exchanges = EXCHANGES;
    let mirrored = format!("7C438441{}9000", &EXCHANGES[3].0[18..EXCHANGES[3].0.len() - 2]);
    exchanges[3].1 = &mirrored;
    assert_eq!(run(&exchanges[..4]).err(), Some(ChipError::Curve(CurveError::Point)));
}
