//! DGUS II panels of DWIN: "T5L_DGUS II Application Development Guide", its chapter on the protocol of UART2 ("data frame
//! structure", "instruction set") and those on the display of QR codes and of text. Its chapters are named, not numbered:
//! the numbers differ between its editions. Header, instructions and `OK` are also those of DWIN's own library for Arduino;
//! length and end of a QR code those of the guide for TGUS panels, which read the same variables.
//!
//! Not here: frames with a CRC. The panel's CFG file must leave the CRC off, and the answers to 82 on, as they are
//! delivered.

#[cfg(test)]
mod tests;

use super::{Command, Heard, Parsed};

/// Guide, "data frame structure": every frame begins so; then its length in one byte, from the instruction on.
const HEADER: [u8; 2] = [0x5A, 0xA5];
/// Guide, "instruction set": write and read variables.
const WRITE: u8 = 0x82;
const READ: u8 = 0x83;
/// Guide, "instruction set": the answer to a write, `OK`.
const OK: &[u8] = b"\x4F\x4B";
/// Bytes that one write carries, an even number. A frame's length could say 252.
pub(crate) const WRITE_MAX: usize = 240;
/// Guide, "QR code display" (25 hex): the longest content, bytes.
pub(crate) const QR_MAX: u16 = 458;
/// Guide, "QR code display": the word that ends the content.
pub(crate) const QR_END: u16 = 0x0000;
/// Guide, "text display" (11 hex): the word that ends a text.
pub(crate) const TEXT_END: u16 = 0xFFFF;

/// Writes words from an address on.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Write {
    /// Address of the first word.
    pub(crate) address: u16,
    /// At most [`WRITE_MAX`] bytes, an even number.
    pub(crate) data: Vec<u8>,
}

/// Reads one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Read {
    /// Its address.
    pub(crate) address: u16,
}

impl Write {
    /// Any number of words, as several writes, the first of which has the first words.
    pub(crate) fn pieces(address: u16, data: &[u8]) -> Vec<Self> {
        let places = (address..).step_by(WRITE_MAX / 2);
        places.zip(data.chunks(WRITE_MAX)).map(|(address, data)| Self { address, data: data.to_vec() }).collect()
    }
}

impl Command for Write {
    type Answer = ();
    // A panel drops a frame whose rest does not come by itself; nothing need be sent.
    const RESYNC: &'static [u8] = &[];

    fn bytes(&self) -> Vec<u8> {
        frame(WRITE, self.address, &self.data)
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Heard<()>> {
        read(bytes, |instruction, body| match (instruction, body) {
            (WRITE, OK) => Heard::Answer(()),
            (WRITE, [code, ..]) => Heard::Refused(*code),
            _ => Heard::Other,
        })
    }
}

impl Command for Read {
    type Answer = u16;
    const RESYNC: &'static [u8] = &[];

    fn bytes(&self) -> Vec<u8> {
        frame(READ, self.address, &[1])
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Heard<u16>> {
        let [high, low] = self.address.to_be_bytes();
        // The panel sends such frames unasked, too, for what is touched.
        read(bytes, |instruction, body| match (instruction, body) {
            (READ, [h, l, 1, first, second]) if [*h, *l] == [high, low] => {
                Heard::Answer(u16::from_be_bytes([*first, *second]))
            }
            _ => Heard::Other,
        })
    }
}

/// The words of a QR code's content: the text, and its end.
pub(crate) fn qr_words(text: &str) -> Vec<u8> {
    let mut data = text.as_bytes().to_vec();
    data.resize(text.len().next_multiple_of(2), 0);
    data.extend(QR_END.to_be_bytes());
    data
}

/// The words of a text (encoding 05, "UNICODE": UTF-16), and its end. Characters outside of the Basic Multilingual
/// Plane have no place in it: `None`.
pub(crate) fn text_words(text: &str) -> Option<Vec<u8>> {
    let units = text.chars().map(|c| u16::try_from(u32::from(c)).ok()).chain([Some(TEXT_END)]);
    units.map(|unit| unit.map(u16::to_be_bytes)).collect::<Option<Vec<_>>>().map(|words| words.concat())
}

fn frame(instruction: u8, address: u16, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(3 + data.len()).expect("writes are cut into pieces that fit");
    let mut frame = vec![HEADER[0], HEADER[1], length, instruction];
    frame.extend(address.to_be_bytes());
    frame.extend(data);
    frame
}

fn read<A>(bytes: &[u8], heard: impl Fn(u8, &[u8]) -> Heard<A>) -> Parsed<Heard<A>> {
    let begin = &bytes[..bytes.len().min(HEADER.len())];
    if !HEADER.starts_with(begin) {
        return Parsed::Garbage;
    }
    let Some(&length) = bytes.get(2) else { return Parsed::More };
    let whole = 3 + usize::from(length);
    match bytes.get(3..whole) {
        Some([instruction, body @ ..]) => Parsed::Whole(heard(*instruction, body), whole),
        Some([]) => Parsed::Garbage,
        None => Parsed::More,
    }
}
