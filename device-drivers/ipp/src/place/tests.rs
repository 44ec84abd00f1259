use kiosk_driver_sdk::{Address, OpenError};

use super::Place;
use crate::tls::Trust;

fn place(text: &str) -> Result<Place, OpenError> {
    Place::of(&Address::parse(text).unwrap(), None)
}

fn encrypted(text: &str) -> Result<Place, OpenError> {
    Place::of(&Address::parse(text).unwrap(), Some(&Trust::Certificate([7; 32])))
}

#[test]
fn addresses_are_those_of_ipp() {
    let whole = place("ipp://printer.local:8631/ipp/print").unwrap();
    assert_eq!(whole.uri(), "ipp://printer.local:8631/ipp/print");
    assert_eq!(place("ipp://192.168.1.9").unwrap().uri(), "ipp://192.168.1.9:631/ipp/print");
    assert_eq!(place("ipp://[::1]/ipp/print").unwrap().lookup(), "::1");
    for text in
        ["ipps://printer.local:8631/ipp/print", "ipps://192.168.1.9:631/ipp/print", "ipps://[::1]:631/ipp/print"]
    {
        assert_eq!(encrypted(text).unwrap().uri(), text);
    }
}

#[test]
fn wrong_ones_say_why() {
    for (text, word) in [
        ("ipps://printer/ipp/print", "config.tls_sha256"),
        ("ipp://printer:0/", "1 to 65535"),
        ("ipp://printer:99999/", "1 to 65535"),
        ("ipp://user@printer/", "ipp://HOST"),
        ("ipp:///ipp/print", "ipp://HOST"),
        ("ipp://printer/a b", "ipp://HOST"),
        ("ipp://printer/?a=b", "no options"),
        ("tcp:printer:9100", "tcp"),
    ] {
        let Err(OpenError::BadConfig(problem)) = place(text) else { panic!("{text}") };
        assert!(problem.contains(word), "{text}: {problem}");
    }
    let Err(OpenError::BadConfig(problem)) = encrypted("ipp://printer/ipp/print") else {
        panic!("it is not encrypted")
    };
    assert!(problem.contains("ipps://"), "{problem}");
}
