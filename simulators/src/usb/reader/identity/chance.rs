//! What a card rolls dice for: challenges, nonces, keys for one use. Seeded, so that a run can be repeated.

use std::collections::VecDeque;

use crate::random::Random;

/// Random bytes; those of a worked example come first.
#[derive(Debug)]
pub(super) struct Chance {
    given: VecDeque<Vec<u8>>,
    random: Random,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self { given: VecDeque::new(), random: Random::new(seed, "identity card") }
    }

    /// The next answers, in their order.
    #[cfg(test)]
    pub(super) fn give(&mut self, bytes: Vec<u8>) {
        self.given.push_back(bytes);
    }

    pub(super) fn bytes(&mut self, count: usize) -> Vec<u8> {
        match self.given.pop_front() {
            Some(given) if given.len() == count => given,
            _ => self.random.bytes(count),
        }
    }
}
