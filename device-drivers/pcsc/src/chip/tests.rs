#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::identity::{CardAccess, PrintedAccess};
use kiosk_driver_sdk::protocol::personal::PersonalText;

use super::access::keys;
use super::trust::trusted;

fn personal(text: &str) -> PersonalText {
    PersonalText::new(text)
}

fn printed(number: &str, birth: &str, expiry: &str) -> CardAccess {
    CardAccess::Printed(PrintedAccess {
        document_number: personal(number),
        date_of_birth: personal(birth),
        date_of_expiry: personal(expiry),
    })
}

#[test]
fn access_data_is_taken_in_each_form_that_people_have() {
    for access in [
        CardAccess::Can(personal(" 000001 ")),
        printed("099200000001", "2000-06-15", "2040-06-15"),
        printed("200000001", "000615", "400615"),
    ] {
        assert_eq!(keys(&access).unwrap().len(), 1, "{access:?}");
    }
    let code = "099200000001||Nguyễn Văn An|15062000|Nam|Xã A|01072024";
    assert!(keys(&CardAccess::Qr(personal(code))).unwrap().len() > 1, "its expiry is not in the code");
}

#[test]
fn what_opens_nothing_is_refused_by_its_field_and_never_quoted() {
    for (access, field) in [
        (CardAccess::Can(personal("secret")), "payload.access.can"),
        (CardAccess::Mrz(personal("SECRET<<")), "payload.access.mrz"),
        (printed("L898902C", "secret", "940623"), "payload.access.printed"),
        (printed("L898902C", "69đ8-08-06", "940623"), "payload.access.printed"),
        (CardAccess::Qr(personal("secret|secret")), "payload.access.qr"),
    ] {
        let failure = keys(&access).err().unwrap();
        assert_eq!(failure.field.as_deref(), Some(field));
        assert!(!failure.detail.to_lowercase().contains("secret"), "{failure:?}");
    }
}

#[test]
fn one_bad_file_leaves_the_others_trusted() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [
        ("good.crt", &include_bytes!("../../../../gateway/emrtd/testdata/ec.crt")[..]),
        ("good.crl", include_bytes!("../../../../gateway/emrtd/testdata/ec.crl")),
        ("bad.cer", b"no certificate"),
        ("README.txt", b"where these come from"),
    ] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    let load = || trusted(Some(&folder.path().to_owned()));
    assert_eq!(load().unwrap().len(), 1);
    // Without a list that cannot be used, whom it revokes would pass.
    let list = folder.path().join("good.crl");
    let mut bytes = std::fs::read(&list).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&list, bytes).unwrap();
    assert!(matches!(load(), Err(OpenError::BadConfig(why)) if why.contains("good.crl")));
    // Of nobody who is trusted it revokes nobody.
    std::fs::remove_file(folder.path().join("good.crt")).unwrap();
    assert!(load().unwrap().is_empty());
    let missing = trusted(Some(&folder.path().join("nothing")));
    assert!(matches!(missing, Err(OpenError::BadConfig(why)) if why.contains("config.trusted")));
}
