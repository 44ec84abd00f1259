//! For `gateway/fuzz` alone: what is in no public item, given any bytes. Nothing of it is in the gateway.

use crate::wire::{Intake, NoAnswer, write_answer};

/// Reads bytes as the answer of a process that composes, and tells whether they are one: whole and byte by byte, which must not
/// differ. What was read must read the same again.
///
/// # Panics
/// If it differs.
pub fn answer(bytes: &[u8]) -> bool {
    let whole = written(bytes, bytes.len());
    assert_eq!(whole, written(bytes, 1), "pieces make a difference");
    let Ok(whole) = whole else { return false };
    assert_eq!(written(&whole, whole.len()).as_deref(), Ok(&whole[..]), "it reads otherwise again");
    true
}

/// What is read from pieces of this length, as it is written.
fn written(bytes: &[u8], length: usize) -> Result<Vec<u8>, NoAnswer> {
    let mut intake = Intake::new();
    for piece in bytes.chunks(length.max(1)) {
        intake.take(piece)?;
    }
    let mut again = Vec::new();
    write_answer(&mut again, &intake.finish()?).expect("what was read can be written");
    Ok(again)
}
