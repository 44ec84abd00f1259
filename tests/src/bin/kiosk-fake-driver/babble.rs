//! Everything that a driver may say, in any order and about anything, quickly: a child that has lost its mind but not its
//! language. The number in its vice decides what it says.

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::device::{Identity, Kind};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{FromChild, Outcome, SEAM_VERSION};
use serde_json::{Value, json};

use crate::voice::{listen, say_with};

/// Says something after each message of the gateway, until the gateway has enough of it.
pub(crate) fn babble(vice: &str) {
    let seed = vice.rsplit_once('-').and_then(|(_, seed)| seed.parse::<u64>().ok()).unwrap_or_default();
    // Another word after each start: the gateway gives it its process id.
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ u64::from(std::process::id()) | 1);
    loop {
        for _ in 0..dice.below(4) {
            let blob = vec![b'x'; usize::try_from(dice.below(3)).unwrap_or_default() * 100];
            say_with(word(&mut dice), blob);
        }
        if listen().is_none() {
            return;
        }
    }
}

/// Random enough (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn value(&mut self) -> Value {
        match self.below(7) {
            0 => Value::Null,
            1 => json!(self.below(u64::MAX)),
            2 => json!({ "activity": "scanning" }),
            3 => json!({ "pages": [{ "page": 1, "blob": "1" }], "ended": "source_empty" }),
            4 => json!([[[[[self.below(9)]]]]]),
            5 => json!({ "blob": "nobody-made-this", "activity": 7 }),
            _ => json!("tám mươi"),
        }
    }

    fn name(&mut self) -> String {
        let names = ["status", "scanner.page", "scanner.page_started", "receipt_printer.progress", ""];
        names[usize::try_from(self.below(5)).unwrap_or_default()].to_owned()
    }
}

fn word(dice: &mut Dice) -> FromChild {
    let id = dice.below(4);
    match dice.below(11) {
        0 => FromChild::Hello {
            protocol: SEAM_VERSION,
            driver: dice.name(),
            version: String::new(),
            kind: Kind::Scanner,
        },
        1 => FromChild::Ready { identity: Identity::default(), capabilities: dice.value() },
        2 => FromChild::Failed { failure: Failure::new(ErrorCode::Jam, dice.name()) },
        3 => FromChild::Event { request: None, name: dice.name(), payload: dice.value() },
        4 => FromChild::Event { request: Some(id), name: dice.name(), payload: dice.value() },
        5 => FromChild::Chunk { request: id, blob: BlobId(dice.name()), media_type: dice.name(), more: id > 1 },
        6 => FromChild::Picture { number: 1, taken_us: dice.below(9) },
        7 => FromChild::Stale { reason: dice.name() },
        8 => FromChild::Fresh,
        9 => FromChild::Done { id, outcome: Outcome::Ok(dice.value()) },
        _ => FromChild::Pong { seq: dice.below(9), device_alive: id > 0 },
    }
}
