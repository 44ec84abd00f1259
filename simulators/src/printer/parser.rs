//! Bytes to commands: a state machine that takes what is there and asks for more. It never holds more than a few
//! kilobytes, whatever lengths the bytes announce: pictures go through row by row, cut to [`ROW_KEPT`] bytes.

use std::collections::VecDeque;

use super::command::{Command, Scale, Target};

mod heads;
#[cfg(test)]
mod tests;

use heads::{Head, head};

/// Bytes of a picture's row that are kept: 1,024 dots, wider than any receipt paper.
pub const ROW_KEPT: usize = 128;
/// Bytes kept of any other data: a QR code holds 7,089 digits at most (ISO/IEC 18004).
pub const DATA_KEPT: usize = 8192;
/// A head is complete within this many bytes.
const HEAD_MAX: usize = 24;

/// What bytes are gathered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gather {
    /// ESC *
    Columns { scale: Scale, height: u8 },
    /// GS ( k, function 80
    Qr,
    /// GS k, function B
    Barcode(u8),
    /// Bytes of a command that changes nothing.
    Nothing,
}

/// What is gathered until a NUL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UntilNul {
    /// ESC D
    Tabs,
    /// GS k, function A
    Barcode(u8),
}

/// Most bytes before the NUL: 32 tabs; a barcode of 255 characters.
const UNTIL_NUL_MAX: usize = 255;

#[derive(Debug, Default)]
enum State {
    /// Between commands.
    #[default]
    Head,
    /// So many bytes belong to a command.
    Gather { what: Gather, left: usize, kept: Vec<u8> },
    /// Bytes up to a NUL do.
    UntilNul { what: UntilNul, kept: Vec<u8> },
    /// A picture's rows.
    Rows { target: Target, row_bytes: usize, rows_left: u32, at: usize, kept: Vec<u8>, spare: usize },
}

/// The parser; feed it the same queue until it answers `None`.
#[derive(Debug, Default)]
pub struct Parser {
    state: State,
}

impl Parser {
    /// Forgets the command it is in the middle of.
    pub fn reset(&mut self) {
        self.state = State::Head;
    }

    /// True when no command is half read.
    #[must_use]
    pub fn is_between_commands(&self) -> bool {
        matches!(self.state, State::Head)
    }

    /// Takes bytes from the front of the queue, but no more than `limit`, until a command is complete. The second
    /// number is how many it took.
    pub fn next(&mut self, queue: &mut VecDeque<u8>, limit: usize) -> (Option<Command>, usize) {
        let mut budget = limit.min(queue.len());
        let before = budget;
        loop {
            let command = match self.state {
                State::Head => {
                    let mut start = [0; HEAD_MAX];
                    let seen = budget.min(HEAD_MAX);
                    for (to, from) in start.iter_mut().zip(queue.iter().take(seen)) {
                        *to = *from;
                    }
                    let Some((taken, found)) = head(&start[..seen]) else {
                        return (None, before - budget);
                    };
                    queue.drain(..taken);
                    budget -= taken;
                    self.begin(found)
                }
                _ if budget == 0 && !self.is_complete() => return (None, before - budget),
                _ => self.more(queue, &mut budget),
            };
            if command.is_some() {
                return (command, before - budget);
            }
        }
    }

    /// True when nothing more is needed for what is being read (data of length zero).
    fn is_complete(&self) -> bool {
        matches!(self.state, State::Gather { left: 0, .. } | State::Rows { rows_left: 0, .. })
    }

    fn begin(&mut self, head: Head) -> Option<Command> {
        match head {
            Head::Whole(command) => return Some(command),
            Head::Ignored => {}
            Head::Gather(what, left) => self.state = State::Gather { what, left, kept: Vec::new() },
            Head::UntilNul(what) => self.state = State::UntilNul { what, kept: Vec::new() },
            Head::Unknown(start, left) => {
                self.state = State::Gather { what: Gather::Nothing, left, kept: Vec::new() };
                return Some(Command::Unknown(start));
            }
            Head::Picture { target, scale, width, rows, spare } => {
                let row_bytes = width.div_ceil(8) as usize;
                let kept = Vec::with_capacity(ROW_KEPT.min(row_bytes));
                self.state = State::Rows { target, row_bytes, rows_left: rows, at: 0, kept, spare };
                return Some(Command::PictureStart(target, scale, width, rows));
            }
        }
        None
    }

    fn more(&mut self, queue: &mut VecDeque<u8>, budget: &mut usize) -> Option<Command> {
        match &mut self.state {
            State::Head => None,
            State::Gather { what, left, kept } => {
                for byte in take(queue, budget, *left) {
                    *left -= 1;
                    if kept.len() < DATA_KEPT && *what != Gather::Nothing {
                        kept.push(byte);
                    }
                }
                if *left > 0 {
                    return None;
                }
                let (what, data) = (*what, std::mem::take(kept));
                self.state = State::Head;
                match what {
                    Gather::Columns { scale, height } => Some(Command::Columns { scale, height, data }),
                    Gather::Qr => Some(Command::QrStore(data)),
                    Gather::Barcode(system) => Some(Command::Barcode(system, data)),
                    Gather::Nothing => None,
                }
            }
            State::UntilNul { what, kept } => {
                let byte = take(queue, budget, 1).next()?;
                if byte != 0 && kept.len() < UNTIL_NUL_MAX {
                    kept.push(byte);
                    return None;
                }
                let (what, data) = (*what, std::mem::take(kept));
                self.state = State::Head;
                Some(match what {
                    UntilNul::Tabs => Command::Tabs(data),
                    UntilNul::Barcode(system) => Command::Barcode(system, data),
                })
            }
            State::Rows { target, row_bytes, rows_left, at, kept, spare } => {
                if *rows_left == 0 || *row_bytes == 0 {
                    let left = *spare;
                    self.state = State::Gather { what: Gather::Nothing, left, kept: Vec::new() };
                    return None;
                }
                for byte in take(queue, budget, *row_bytes - *at) {
                    *at += 1;
                    if kept.len() < ROW_KEPT {
                        kept.push(byte);
                    }
                }
                if *at < *row_bytes {
                    return None;
                }
                *at = 0;
                *rows_left -= 1;
                Some(Command::PictureRow(*target, std::mem::take(kept)))
            }
        }
    }
}

/// Up to so many bytes from the front, within the budget.
fn take<'a>(
    queue: &'a mut VecDeque<u8>,
    budget: &mut usize,
    most: usize,
) -> std::collections::vec_deque::Drain<'a, u8> {
    let count = most.min(*budget);
    *budget -= count;
    queue.drain(..count)
}
