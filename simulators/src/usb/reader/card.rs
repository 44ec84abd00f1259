//! Cards for the reader: the trait, and a small test card. A new card is a file that implements [`Card`], and a line in
//! [`CardOrder::card`].

use std::fmt::Debug;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::apdu::Apdu;
use super::identity::{self, IdentityCard, Profile, ProfileError};
use crate::device::{KnobError, chain};

/// What a card says, and how long it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Data and the two status bytes.
    pub bytes: Vec<u8>,
    /// Until it comes; the reader asks the host for patience meanwhile.
    pub takes: Duration,
}

/// A card: APDU in, APDU out.
pub trait Card: Debug + Send {
    /// Its name.
    fn name(&self) -> &'static str;
    /// What it says when it gets power (ISO/IEC 7816-3, section 8). It must offer T=1.
    fn atr(&self) -> Vec<u8>;
    /// It got power, or power again: all is as at the beginning.
    fn reset(&mut self);
    /// Answers a command.
    fn transmit(&mut self, apdu: &[u8]) -> Reply;
    /// It was pulled out in the middle of the last command: that has no answer, and the slot is empty.
    fn is_gone(&self) -> bool {
        false
    }
}

/// The cards there are.
pub const NAMES: &[&str] = &["test", "identity", "identity:FILE.toml"];

/// Which card to put in: the order `set` of a reader.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardOrder {
    /// One of [`NAMES`]; `none` takes the card out.
    card: Option<String>,
    /// An identity card with this profile.
    identity: Option<Profile>,
}

impl CardOrder {
    /// The card of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { card: Some(name.into()), identity: None }
    }

    /// A new card; an identity card without a portrait of its own gets this one.
    ///
    /// # Errors
    /// When there is no such card, or not just one is ordered.
    pub fn card(self, portrait: Option<&Path>) -> Result<Option<Box<dyn Card>>, KnobError> {
        let wrong = |problem| KnobError::BadOrder { order: "set".into(), problem };
        let profile = match (self.card.as_deref(), self.identity) {
            (Some("none"), None) => return Ok(None),
            (Some("test"), None) => return Ok(Some(Box::new(TestCard::default()))),
            (None, Some(profile)) => Ok(profile),
            (Some(identity::NAME), None) => Ok(Profile::default()),
            (Some(name), None) => match name.split_once(':') {
                Some((identity::NAME, file)) => Profile::load(Path::new(file)),
                _ => {
                    let names = NAMES.join(", ");
                    return Err(wrong(format!("there is no card {name:?}; there are: none, {names}")));
                }
            },
            _ => return Err(wrong("it is {\"card\": NAME} or {\"identity\": {…}}".into())),
        };
        let card = profile.and_then(|mut profile| {
            let person = &mut profile.person;
            person.portrait = person.portrait.take().or_else(|| portrait.map(Path::to_owned));
            IdentityCard::new(profile)
        });
        let card = card.map_err(|error: ProfileError| wrong(chain(&error)))?;
        Ok(Some(Box::new(card)))
    }
}

/// Status bytes (ISO/IEC 7816-4:2020, section 5.6).
const DONE: [u8; 2] = [0x90, 0x00];
const WRONG_LENGTH: [u8; 2] = [0x67, 0x00];
const NO_FILE_CHOSEN: [u8; 2] = [0x69, 0x86];
const NO_SUCH_FILE: [u8; 2] = [0x6a, 0x82];
const WRONG_P1_P2: [u8; 2] = [0x6b, 0x00];
const UNKNOWN_INSTRUCTION: [u8; 2] = [0x6d, 0x00];
const UNKNOWN_CLASS: [u8; 2] = [0x6e, 0x00];

/// The name of the test card's application: an unregistered one (ISO/IEC 7816-4, section 12.2.3.5), "KIOSKTEST".
pub const TEST_APPLICATION: &[u8] = b"\xf0KIOSKTEST";

/// A card of ours, with a few files and commands for long and slow answers.
///
/// | command | what |
/// |---|---|
/// | `00 A4 04 …` | selects the application [`TEST_APPLICATION`], or the card itself with an empty name |
/// | `00 A4 00/02 …` | selects the file 0101 (a text), 0102 (40,000 bytes that count up), 0103 (empty) |
/// | `00 B0 offset` | reads from it |
/// | `00 84 00 00` | as many bytes as asked for, never the same twice |
/// | `80 EC` | sends its data back |
/// | `80 EE n` | sends n bytes that count up |
/// | `80 E6 n` | takes n tenths of a second, then sends `80 E6` |
#[derive(Debug, Default)]
pub struct TestCard {
    file: Option<Vec<u8>>,
    challenges: u64,
}

fn counting(length: usize) -> Vec<u8> {
    (0..=u8::MAX).cycle().take(length).collect()
}

impl TestCard {
    fn select(&mut self, apdu: &Apdu<'_>) -> [u8; 2] {
        match (apdu.p1, apdu.data) {
            (4, [] | TEST_APPLICATION) | (0, [] | [0x3f, 0x00]) => {
                self.file = None;
                DONE
            }
            (0 | 2, [0x01, low @ 1..=3]) => {
                self.file = Some(match low {
                    1 => "Thẻ thử nghiệm, không có người thật".as_bytes().to_vec(),
                    2 => counting(40_000),
                    _ => Vec::new(),
                });
                DONE
            }
            _ => NO_SUCH_FILE,
        }
    }

    fn answer(&mut self, apdu: &Apdu<'_>) -> (Vec<u8>, [u8; 2]) {
        let most = apdu.expected.unwrap_or(0);
        match (apdu.class, apdu.instruction) {
            (0, 0xa4) => (Vec::new(), self.select(apdu)),
            (0, 0xb0) => match &self.file {
                None => (Vec::new(), NO_FILE_CHOSEN),
                Some(file) => match file.get(usize::from(apdu.p1_p2())..) {
                    Some(rest) => (rest[..most.min(rest.len())].to_vec(), DONE),
                    None => (Vec::new(), WRONG_P1_P2),
                },
            },
            (0, 0x84) => {
                self.challenges += 1;
                (crate::random::Random::new(self.challenges, "challenge").bytes(most), DONE)
            }
            (0x80, 0xec) => (apdu.data.to_vec(), DONE),
            (0x80, 0xee) => (counting(apdu.p1_p2().into()), DONE),
            (0x80, 0xe6) => (vec![0x80, 0xe6], DONE),
            (0 | 0x80, _) => (Vec::new(), UNKNOWN_INSTRUCTION),
            _ => (Vec::new(), UNKNOWN_CLASS),
        }
    }
}

impl Card for TestCard {
    fn name(&self) -> &'static str {
        "test"
    }

    fn atr(&self) -> Vec<u8> {
        // T=0 and T=1 offered, T=1 last, eight historical bytes, and the check byte that makes all but the first zero.
        let mut atr = vec![0x3b, 0x88, 0x80, 0x01];
        atr.extend(b"KioskSim");
        atr.push(atr[1..].iter().fold(0, |sum, byte| sum ^ byte));
        atr
    }

    fn reset(&mut self) {
        self.file = None;
    }

    fn transmit(&mut self, apdu: &[u8]) -> Reply {
        let Some(apdu) = Apdu::read(apdu) else {
            return Reply { bytes: WRONG_LENGTH.to_vec(), takes: Duration::ZERO };
        };
        let (mut bytes, status) = self.answer(&apdu);
        bytes.extend(status);
        let slow = (apdu.class, apdu.instruction) == (0x80, 0xe6);
        let takes = Duration::from_millis(if slow { 100 * u64::from(apdu.p1_p2()) } else { 0 });
        Reply { bytes, takes }
    }
}
