use kiosk_driver_sdk::{Address, OpenError};

use super::Place;

fn place(text: &str) -> Result<Place, OpenError> {
    Place::of(&Address::parse(text).unwrap())
}

#[test]
fn the_port_is_3493_unless_another_is_named() {
    let text = |address: &str| {
        let Place { tcp, name } = place(address).unwrap();
        (tcp.text, name.as_str().to_owned())
    };
    assert_eq!(text("nut://localhost/kiosk"), ("tcp:localhost:3493".into(), "kiosk".into()));
    assert_eq!(text("nut://10.0.0.7:4000/ups-1"), ("tcp:10.0.0.7:4000".into(), "ups-1".into()));
    assert_eq!(text("nut://[::1]/kiosk"), ("tcp:[::1]:3493".into(), "kiosk".into()));
    assert_eq!(text("nut://[::1]:99/kiosk"), ("tcp:[::1]:99".into(), "kiosk".into()));
}

#[test]
fn a_wrong_address_is_bad_configuration_and_says_how_it_should_look() {
    for text in [
        "tcp:localhost:3493",
        "nut://localhost",
        "nut://localhost/",
        "nut:///kiosk",
        "nut://localhost:/kiosk",
        "nut://localhost:99999/kiosk",
        "nut://localhost:0/kiosk",
        "nut://localhost/ki osk",
        "nut://localhost/kiosk/more",
        "nut://user@localhost/kiosk",
        "nut://localhost/kiosk?poll=1",
    ] {
        let error = place(text).unwrap_err();
        assert!(matches!(error, OpenError::BadConfig(_)), "{text}: {error:?}");
        assert!(error.to_string().contains("nut"), "{text}: {error}");
    }
}
