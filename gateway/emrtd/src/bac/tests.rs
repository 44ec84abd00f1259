use super::*;
use crate::testing::{Scripted, hex};

/// ICAO 9303-11, appendix D.3.
const OWN: &str = "781723860C06C2260B795240CB7049B01C19B33E32804F0B";
const EXCHANGES: [(&str, &str); 2] = [
    ("0084000008", "4608F919887022129000"),
    (
        "008200002872C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A728",
        "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D74499000",
    ),
];

fn run_with(exchanges: &[(&str, &str)], access: &AccessKey) -> Result<SecureMessaging, ChipError> {
    run(&mut Session::new(Scripted::new(exchanges)), access, |bytes| {
        bytes.copy_from_slice(&hex(OWN));
        Ok(())
    })
}

fn access() -> AccessKey {
    AccessKey::mrz("L898902C", "690806", "940623").unwrap()
}

#[test]
fn a_run_is_that_of_the_worked_example_byte_for_byte() {
    let session = run_with(&EXCHANGES, &access()).unwrap();
    // Appendix D.4: the first command of the session.
    let select = Command::new([0, 0xA4, 2, 0x0C], &hex("011E"), 0);
    assert_eq!(session.wrap(&[select]), [hex("0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800")]);
}

#[test]
fn a_chip_that_knows_another_zone_is_told() {
    let changed = EXCHANGES[1].1.replace("46B9", "46B8");
    for answer in ["6300", "6982", "6A80", "6988", changed.as_str()] {
        assert_eq!(run_with(&[EXCHANGES[0], (EXCHANGES[1].0, answer)], &access()).err(), Some(ChipError::WrongKey));
    }
    let can = AccessKey::can("123456").unwrap();
    assert!(matches!(run_with(&[], &can), Err(ChipError::NoWay(_))));
}

#[test]
fn whatever_a_chip_answers_is_a_typed_error() {
    for answer in ["9000", "0102039000", "6D00"] {
        let error = run_with(&[(EXCHANGES[0].0, answer)], &access()).unwrap_err();
        assert!(matches!(error, ChipError::Malformed { .. } | ChipError::Refused { .. }), "{error}");
        let error = run_with(&[EXCHANGES[0], (EXCHANGES[1].0, answer)], &access()).unwrap_err();
        assert!(matches!(error, ChipError::Malformed { .. } | ChipError::Refused { .. }), "{error}");
    }
}
