#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use kiosk_protocol::personal::PersonalText;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;

use super::*;

struct Browser(SigningKey);

impl Browser {
    fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    fn public_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_sec1_point(false).as_bytes())
    }

    fn sign(&self, statement: &str) -> String {
        let signature: Signature = self.0.sign(statement.as_bytes());
        URL_SAFE_NO_PAD.encode(signature.to_bytes())
    }

    fn enrol(&self, officers: &mut Officers, officer: &str, invitation: &str) -> Result<(), OfficerError> {
        let mut request = Enrol {
            officer: officer.into(),
            invitation: PersonalText::new(invitation),
            nonce: officers.challenge().unwrap(),
            public_key: self.public_key(),
            signature: String::new(),
        };
        request.signature = self.sign(&request.statement());
        officers.enrol(&request)
    }

    fn sign_in(&self, officers: &mut Officers, officer: &str) -> Result<Pass, OfficerError> {
        let nonce = officers.challenge().unwrap();
        let mut request = SignIn { officer: officer.into(), nonce, signature: String::new() };
        request.signature = self.sign(&request.statement());
        officers.sign_in(&request)
    }
}

#[test]
fn a_key_is_enrolled_once_by_an_invitation_and_signs_in() {
    let data = tempfile::tempdir().unwrap();
    let mut officers = Officers::open(data.path()).unwrap();
    let browser = Browser::new(3);
    assert!(matches!(browser.sign_in(&mut officers, "nguyet"), Err(OfficerError::NotEnrolled)));
    let code = invite(data.path(), "nguyet").unwrap();
    assert!(matches!(browser.enrol(&mut officers, "hai", &code), Err(OfficerError::Invitation)));
    // As a person types it.
    browser.enrol(&mut officers, "nguyet", &format!(" {} ", code.to_lowercase().replace('-', " "))).unwrap();
    let pass = browser.sign_in(&mut officers, "nguyet").unwrap();
    assert_eq!(officers.of_pass(&pass).unwrap(), "nguyet");
    assert!(matches!(browser.enrol(&mut officers, "nguyet", &code), Err(OfficerError::Invitation)), "used up");
    // Another browser of the same officer takes the place of the first, whose pass ends.
    let code = invite(data.path(), "nguyet").unwrap();
    let second = Browser::new(4);
    second.enrol(&mut officers, "nguyet", &code).unwrap();
    assert!(matches!(officers.of_pass(&pass), Err(OfficerError::Pass)));
    assert!(matches!(browser.sign_in(&mut officers, "nguyet"), Err(OfficerError::Signature)));
    // A restart forgets passes and keeps keys.
    let mut officers = Officers::open(data.path()).unwrap();
    second.sign_in(&mut officers, "nguyet").unwrap();
}

#[test]
fn a_challenge_is_good_once() {
    let data = tempfile::tempdir().unwrap();
    let mut officers = Officers::open(data.path()).unwrap();
    let browser = Browser::new(3);
    browser.enrol(&mut officers, "nguyet", &invite(data.path(), "nguyet").unwrap()).unwrap();
    let nonce = officers.challenge().unwrap();
    let mut request = SignIn { officer: "nguyet".into(), nonce, signature: String::new() };
    request.signature = browser.sign(&request.statement());
    officers.sign_in(&request).unwrap();
    assert!(matches!(officers.sign_in(&request), Err(OfficerError::Challenge)));
    request.nonce = "0".repeat(32);
    assert!(matches!(officers.sign_in(&request), Err(OfficerError::Challenge)));
}

#[test]
fn who_guesses_is_stopped_and_names_of_officers_are_no_paths() {
    let data = tempfile::tempdir().unwrap();
    let mut officers = Officers::open(data.path()).unwrap();
    for name in ["../keys/log", "", ".", "a/b"] {
        assert!(matches!(officers.signed(name, "x".to_owned(), "x"), Err(OfficerError::Unknown)), "{name}");
    }
    let browser = Browser::new(3);
    browser.enrol(&mut officers, "nguyet", &invite(data.path(), "nguyet").unwrap()).unwrap();
    for _ in 0..WRONG_A_MINUTE {
        assert!(matches!(Browser::new(9).sign_in(&mut officers, "nguyet"), Err(OfficerError::Signature)));
    }
    assert!(matches!(browser.sign_in(&mut officers, "nguyet"), Err(OfficerError::TooMany)));
}
