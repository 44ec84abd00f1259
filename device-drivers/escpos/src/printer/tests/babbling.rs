//! Printers that answer any bytes, in any pieces.

use proptest::prelude::*;

use super::*;

/// Takes everything, and says these pieces one after the other; then it is silent.
struct Babbling {
    pieces: VecDeque<Vec<u8>>,
}

impl Link for Babbling {
    fn read(&mut self, buffer: &mut [u8], _: &Until) -> Result<usize, LinkError> {
        let piece = self.pieces.pop_front().ok_or(LinkError::Timeout { done: 0 })?;
        let count = piece.len().min(buffer.len());
        buffer[..count].copy_from_slice(&piece[..count]);
        if count < piece.len() {
            self.pieces.push_front(piece[count..].to_vec());
        }
        Ok(count)
    }
    fn write_all(&mut self, _: &[u8], _: &Until) -> Result<(), LinkError> {
        Ok(())
    }
}

fn babbling(pieces: Vec<Vec<u8>>) -> Printer {
    let mut link = Some(Babbling { pieces: pieces.into() });
    let connect = move |_| match link.take() {
        Some(link) => Ok(Box::new(link) as Box<dyn Link>),
        None => Err(LinkError::Closed { done: 0 }),
    };
    let limits = Limits { quiet: Duration::ZERO, look: Duration::ZERO, ..LIMITS };
    Printer::open(Box::new(connect), limits, Answers::Required, 0).unwrap()
}

fn pieces() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let byte = prop_oneof![any::<u8>(), prop::sample::select(vec![0x10, 0x12, 0x16, 0x14, 0x37, 0x5F, 0x00])];
    prop::collection::vec(prop::collection::vec(byte, 1..80), 0..12)
}

proptest! {
    #[test]
    fn any_answers_are_a_condition_or_a_typed_failure(pieces in pieces()) {
        let mut printer = babbling(pieces);
        if let Err(trouble) = printer.look(&minute()) {
            let failure = Failure::from(trouble);
            prop_assert!(!failure.detail.is_empty());
        }
        printer.identity();
    }

    #[test]
    fn no_answers_but_the_right_ones_make_a_receipt_printed(pieces in pieces()) {
        let mut printer = babbling(pieces);
        // Its last word would have to be the process id of the end of this receipt: eight bytes by chance.
        let failure = print(&mut printer, &minute()).expect_err("nobody has confirmed it");
        prop_assert!(failure.outcome.is_some());
    }
}
