use proptest::prelude::*;

use super::*;
use crate::testing::hex;

/// ICAO 9303-11, appendix D.4: the session of the worked example.
fn example() -> SecureMessaging {
    SecureMessaging::new(Cipher::TripleDes, &hex("0036D272F5C350ACAC50C3F572D23600"), 0x8870_2212_0C06_C226)
}

fn response(text: &str) -> Response {
    Response::read(&hex(text)).unwrap()
}

const EXCHANGES: [(&str, &str, usize, &str, &str, &str); 3] = [
    // SELECT EF.COM
    (
        "00A4020C",
        "011E",
        0,
        "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800",
        "990290008E08FA855A5D4C50A8ED9000",
        "",
    ),
    // READ BINARY of its first four bytes, and of the rest
    (
        "00B00000",
        "",
        4,
        "0CB000000D9701048E08ED6705417E96BA5500",
        "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED9000",
        "60145F01",
    ),
    (
        "00B00004",
        "",
        18,
        "0CB000040D9701128E082EA28A70F3C7B53500",
        "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08C8B2787EAEA07D749000",
        "04303130365F36063034303030305C026175",
    ),
];

fn commands() -> Vec<Command> {
    let command = |(header, data, expected, ..): (&str, &str, usize, &str, &str, &str)| {
        Command::new(hex(header).try_into().unwrap(), &hex(data), expected)
    };
    EXCHANGES.map(command).to_vec()
}

#[test]
fn commands_and_responses_are_those_of_the_worked_example() {
    let mut session = example();
    for (command, (.., sent, answered, data)) in commands().into_iter().zip(EXCHANGES) {
        assert_eq!(session.wrap(&[command]), [hex(sent)]);
        let opened = session.unwrap(&response(answered)).unwrap();
        assert_eq!(opened, Response { data: hex(data), status: Status::OK });
    }
}

#[test]
fn commands_may_go_before_the_responses_to_those_before_them_have_come() {
    let mut session = example();
    let sent: Vec<Vec<u8>> = EXCHANGES.iter().map(|(.., sent, _, _)| hex(sent)).collect();
    assert_eq!(session.wrap(&commands()), sent);
    for (.., answered, data) in EXCHANGES {
        assert_eq!(session.unwrap(&response(answered)).unwrap().data, hex(data));
    }
}

#[test]
fn a_response_that_was_changed_or_comes_at_another_time_is_not_opened() {
    let good = hex(EXCHANGES[1].4);
    let second = || {
        let mut session = example();
        session.unwrap(&response(EXCHANGES[0].4)).unwrap();
        session
    };
    assert!(second().unwrap(&Response::read(&good).unwrap()).is_ok());
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert!(second().unwrap(&Response::read(&changed).unwrap()).is_err(), "byte {at}");
        let whole = at == good.len() - 2;
        assert!(
            whole || second().unwrap(&Response::read(&[&good[..at], &[0x90, 0]].concat()).unwrap()).is_err(),
            "cut at {at}"
        );
    }
    assert_eq!(example().unwrap(&Response::read(&good).unwrap()), Err(SecureError::Code), "it is the second one's");
    let unprotected = Response { data: vec![], status: Status(0x6988) };
    assert_eq!(second().unwrap(&unprotected), Err(SecureError::Unprotected(Status(0x6988))));
}

#[test]
fn the_most_that_a_short_response_brings_is_just_that() {
    for (cipher, most) in [(Cipher::TripleDes, 231), (Cipher::Aes128, 223)] {
        let session = SecureMessaging::new(cipher, &[1], 0);
        assert_eq!(session.short_data_max(), most);
        let read = |expected| session.wrap(&[Command::new([0, 0xB0, 0, 0], &[], expected)]).remove(0);
        assert!(read(most).ends_with(&[0]) && !read(most).ends_with(&[0, 0]));
        assert!(read(most + 1).ends_with(&[0, 0]), "an extended length");
    }
}

proptest! {
    #[test]
    fn no_response_makes_it_fall(data: Vec<u8>, status: u16) {
        for cipher in [Cipher::TripleDes, Cipher::Aes128, Cipher::Aes256] {
            let mut session = SecureMessaging::new(cipher, &[7; 16], 5);
            let response = Response { data: data.clone(), status: Status(status) };
            prop_assert!(session.unwrap(&response).is_err());
        }
    }
}
