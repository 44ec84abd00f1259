//! The printer's input: real-time commands seen as they come, a bounded buffer, and the commands that come out of it.
//! Bytes of one client never complete a command that another left unfinished.

use std::collections::VecDeque;

use super::command::Command;
use super::parser::Parser;
use super::realtime::{RealTime, Watcher};

/// Smallest buffer: the longest command's beginning must fit.
const CAPACITY_MIN: usize = 256;
/// Ends of connections remembered while their bytes still wait.
const ENDS_KEPT: usize = 16;

/// Bytes that came and wait.
#[derive(Debug)]
pub struct Intake {
    capacity: usize,
    buffer: VecDeque<u8>,
    /// How many bytes had come when each client went.
    ends: VecDeque<u64>,
    taken: u64,
    worked: u64,
    watcher: Watcher,
    parser: Parser,
}

impl Intake {
    /// With room for so many bytes.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(CAPACITY_MIN),
            buffer: VecDeque::new(),
            ends: VecDeque::new(),
            taken: 0,
            worked: 0,
            watcher: Watcher::default(),
            parser: Parser::default(),
        }
    }

    /// Bytes it holds at most.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Bytes it still takes.
    #[must_use]
    pub fn room(&self) -> usize {
        self.capacity.saturating_sub(self.buffer.len())
    }

    /// Bytes that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.buffer.len()
    }

    /// Bytes that came since the start.
    #[must_use]
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// True when no command is half read.
    #[must_use]
    pub fn is_between_commands(&self) -> bool {
        self.parser.is_between_commands()
    }

    /// Takes a byte; answers the real-time command that it completes.
    pub fn push(&mut self, byte: u8) -> Option<RealTime> {
        self.buffer.push_back(byte);
        self.taken += 1;
        self.watcher.look(byte)
    }

    /// The next command, once it is whole.
    pub fn next_command(&mut self) -> Option<Command> {
        loop {
            let limit =
                self.ends.front().map_or(usize::MAX, |end| usize::try_from(end - self.worked).unwrap_or(usize::MAX));
            let (command, taken) = self.parser.next(&mut self.buffer, limit);
            self.worked += taken as u64;
            if command.is_some() || self.ends.is_empty() {
                return command;
            }
            self.forget_unfinished();
        }
    }

    /// The client is gone: what it left unfinished is forgotten when its turn comes.
    pub fn client_gone(&mut self) {
        self.watcher = Watcher::default();
        if self.ends.len() == ENDS_KEPT {
            self.ends.pop_back();
        }
        self.ends.push_back(self.taken);
    }

    /// Nothing waits any more.
    pub fn forget_all(&mut self) {
        self.buffer.clear();
        self.ends.clear();
        self.worked = self.taken;
        self.parser.reset();
    }

    fn forget_unfinished(&mut self) {
        if let Some(end) = self.ends.pop_front() {
            let rest = usize::try_from(end - self.worked).unwrap_or(usize::MAX).min(self.buffer.len());
            self.buffer.drain(..rest);
            self.worked = end;
            self.parser.reset();
        }
    }
}
