//! The beginnings of commands: which bytes begin which command, and how long it is
//! (Epson ESC/POS Command Reference, each command's "Format").

use super::{Gather, UntilNul};
use crate::printer::command::{Align, Command, Scale, Target};

const HT: u8 = 0x09;
const LF: u8 = 0x0a;
const DLE: u8 = 0x10;
const ESC: u8 = 0x1b;
const FS: u8 = 0x1c;
const GS: u8 = 0x1d;

/// A command's beginning.
#[derive(Debug)]
pub(super) enum Head {
    /// The whole command.
    Whole(Command),
    /// A byte, or a real-time command, that means nothing here.
    Ignored,
    /// So many bytes follow.
    Gather(Gather, usize),
    /// Bytes up to a NUL follow.
    UntilNul(UntilNul),
    /// Not carried out; so many bytes of it follow.
    Unknown(Vec<u8>, usize),
    /// A picture follows, and then `spare` bytes that belong to the command but not to the picture.
    Picture { target: Target, scale: Scale, width: u32, rows: u32, spare: usize },
}

use Head::{Gather as Needs, Ignored, Unknown, UntilNul as Until, Whole};

/// Reads a beginning: how many bytes it takes and what it is; none while it is not all there.
pub(super) fn head(bytes: &[u8]) -> Option<(usize, Head)> {
    match *bytes.first()? {
        LF => Some((1, Whole(Command::LineFeed))),
        HT => Some((1, Whole(Command::Tab))),
        ESC => escape(bytes),
        GS => group(bytes),
        FS => file(bytes),
        DLE => real_time(bytes),
        byte @ 0x20.. => Some((1, Whole(Command::Text(byte)))),
        // CR is ignored with a parallel interface's automatic line feed off; FF, CAN and NUL mean nothing in standard mode.
        _ => Some((1, Ignored)),
    }
}

fn unknown(bytes: &[u8], taken: usize) -> Option<(usize, Head)> {
    (bytes.len() >= taken).then(|| (taken, Unknown(bytes[..taken].to_vec(), 0)))
}

fn word(low: u8, high: u8) -> u16 {
    u16::from_le_bytes([low, high])
}

fn escape(bytes: &[u8]) -> Option<(usize, Head)> {
    let whole = |command| Some((3, Whole(command)));
    match *bytes.get(1)? {
        b'@' => return Some((2, Whole(Command::Initialise))),
        b'2' => return Some((2, Whole(Command::Spacing(None)))),
        b'D' => return Some((2, Until(UntilNul::Tabs))),
        // Page mode, its area and printing; the old cuts.
        b'L' | b'S' | 0x0c | b'i' | b'm' => return unknown(bytes, 2),
        b'p' => return unknown(bytes, 5),
        b'W' => return unknown(bytes, 10),
        b'c' => return unknown(bytes, 4),
        b'&' => return unknown(bytes, 5),
        _ => {}
    }
    let n = *bytes.get(2)?;
    match bytes[1] {
        b'!' => whole(Command::PrintMode(n)),
        b'E' | b'G' => whole(Command::Bold(n & 1 == 1)),
        b'-' => whole(Command::Underline(match n {
            1 | 49 => 1,
            2 | 50 => 2,
            _ => 0,
        })),
        b'a' => whole(Command::Align(match n {
            1 | 49 => Align::Centre,
            2 | 50 => Align::Right,
            _ => Align::Left,
        })),
        b'd' => whole(Command::FeedLines(n)),
        b'J' => whole(Command::FeedDots(n)),
        b'3' => whole(Command::Spacing(Some(n))),
        b't' => whole(Command::CodePage(n)),
        b'R' => whole(Command::National(n)),
        b'M' => whole(Command::Font(n & 0x0f)),
        b' ' => whole(Command::CharacterSpacing(n)),
        b'{' => whole(Command::UpsideDown(n & 1 == 1)),
        b'$' => Some((4, Whole(Command::Absolute(word(n, *bytes.get(3)?))))),
        b'\\' => Some((4, Whole(Command::Relative(word(n, *bytes.get(3)?).cast_signed())))),
        b'*' => {
            let count = usize::from(word(*bytes.get(3)?, *bytes.get(4)?));
            let (height, x, y) = match n {
                0 => (8, 2, 3),
                1 => (8, 1, 3),
                32 => (24, 2, 1),
                33 => (24, 1, 1),
                _ => return unknown(bytes, 5),
            };
            let scale = Scale { x, y };
            Some((5, Needs(Gather::Columns { scale, height }, count * usize::from(height / 8))))
        }
        _ => unknown(bytes, 3),
    }
}

fn group(bytes: &[u8]) -> Option<(usize, Head)> {
    let whole = |command| Some((3, Whole(command)));
    let n = *bytes.get(2)?;
    let at = |index: usize| bytes.get(index).copied();
    match bytes[1] {
        b'!' => whole(Command::Size(n)),
        b'B' => whole(Command::Reverse(n & 1 == 1)),
        b'h' => whole(Command::BarcodeHeight(n)),
        b'w' => whole(Command::BarcodeWidth(n)),
        b'H' => whole(Command::BarcodeText(n & 0x0f)),
        b'a' => whole(Command::AutomaticStatus(n)),
        b'r' => whole(Command::SensorStatus(n)),
        b'I' => whole(Command::PrinterId(n)),
        b'L' => Some((4, Whole(Command::LeftMargin(word(n, at(3)?))))),
        b'W' => Some((4, Whole(Command::AreaWidth(word(n, at(3)?))))),
        b'V' => match n {
            0 | 48 => whole(Command::Cut(0, true)),
            1 | 49 => whole(Command::Cut(0, false)),
            65 => Some((4, Whole(Command::Cut(at(3)?, true)))),
            66 => Some((4, Whole(Command::Cut(at(3)?, false)))),
            97 | 98 | 103 | 104 => unknown(bytes, 4),
            _ => unknown(bytes, 3),
        },
        b'k' => match n {
            0..=6 => Some((3, Until(UntilNul::Barcode(n + 65)))),
            65..=79 => Some((4, Needs(Gather::Barcode(n), at(3)?.into()))),
            _ => unknown(bytes, 3),
        },
        b'v' => {
            // GS v 0 m xL xH yL yH
            let (mode, width, rows) = (at(3)?, word(at(4)?, at(5)?), word(at(6)?, at(7)?));
            if n != b'0' {
                return unknown(bytes, 3);
            }
            let scale = Scale { x: 1 + (mode & 1), y: 1 + (mode >> 1 & 1) };
            let (width, rows) = (u32::from(width) * 8, u32::from(rows));
            Some((8, Head::Picture { target: Target::Paper, scale, width, rows, spare: 0 }))
        }
        b'(' => function(bytes, usize::from(word(at(3)?, at(4)?)), 5),
        b'8' => {
            let length = u32::from_le_bytes([at(3)?, at(4)?, at(5)?, at(6)?]);
            function(bytes, length as usize, 7)
        }
        b'P' | b'$' | b'\\' => unknown(bytes, 4),
        b'^' => unknown(bytes, 5),
        b':' => unknown(bytes, 2),
        _ => unknown(bytes, 3),
    }
}

/// `GS ( X pL pH …` and `GS 8 X p1 p2 p3 p4 …`: the parameters begin at `start` and are `length` bytes long.
fn function(bytes: &[u8], length: usize, start: usize) -> Option<(usize, Head)> {
    let at = |index: usize| bytes.get(start + index).copied();
    let skip = |shown: usize| {
        let shown = shown.min(length);
        let taken = start + shown;
        (bytes.len() >= taken).then(|| (taken, Unknown(bytes[..taken].to_vec(), length - shown)))
    };
    match (bytes[2], length) {
        (b'L', 2..) => match (at(0)?, at(1)?) {
            (48, 2 | 50) if length == 2 => Some((start + 2, Whole(Command::PrintStore))),
            // m fn a bx by c xL xH yL yH data
            (48, 112) if length >= 10 => {
                let scale = Scale { x: at(3)?.clamp(1, 2), y: at(4)?.clamp(1, 2) };
                let (width, height) = (u32::from(word(at(6)?, at(7)?)), u32::from(word(at(8)?, at(9)?)));
                let row = width.div_ceil(8);
                let there = length - 10;
                // The length that was announced wins over the picture's own size.
                let rows = u32::try_from(there).ok()?.checked_div(row).map_or(0, |most| height.min(most));
                let spare = there - (rows * row) as usize;
                Some((start + 10, Head::Picture { target: Target::Store, scale, width, rows, spare }))
            }
            _ => skip(2),
        },
        (b'k', 3..) => match (at(0)?, at(1)?, at(2)?) {
            (49, 65, model) if length == 4 => {
                (bytes.len() >= start + 4).then(|| (start + 4, Whole(Command::QrModel(model))))
            }
            (49, 67, size) if length == 3 => Some((start + 3, Whole(Command::QrSize(size)))),
            (49, 69, level) if length == 3 => Some((start + 3, Whole(Command::QrCorrection(level)))),
            (49, 80, _) => Some((start + 3, Needs(Gather::Qr, length - 3))),
            (49, 81, _) if length == 3 => Some((start + 3, Whole(Command::QrPrint))),
            _ => skip(3),
        },
        (b'H', 6) => match (at(0)?, at(1)?, [at(2)?, at(3)?, at(4)?, at(5)?]) {
            (48, 48, id) => Some((start + 6, Whole(Command::ProcessId(id)))),
            _ => skip(2),
        },
        _ => skip(2),
    }
}

fn file(bytes: &[u8]) -> Option<(usize, Head)> {
    match *bytes.get(1)? {
        b'&' | b'.' => unknown(bytes, 2),
        b'p' => unknown(bytes, 4),
        b'(' => {
            let (low, high) = (*bytes.get(3)?, *bytes.get(4)?);
            Some((5, Unknown(bytes[..5].to_vec(), word(low, high).into())))
        }
        b'q' | b'g' => unknown(bytes, 3),
        b'S' => unknown(bytes, 4),
        _ => unknown(bytes, 3),
    }
}

/// Real-time commands were carried out when they arrived; here they are only stepped over.
fn real_time(bytes: &[u8]) -> Option<(usize, Head)> {
    match *bytes.get(1)? {
        0x04 | 0x05 => (bytes.len() >= 3).then_some((3, Ignored)),
        // DLE DC4 fn m t: drawer pulse and others of five bytes; function 8 has ten.
        0x14 => unknown(bytes, if *bytes.get(2)? == 8 { 10 } else { 5 }),
        _ => Some((1, Ignored)),
    }
}
