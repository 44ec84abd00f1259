//! What tests of several rooms need.

use crate::transport::{Transport, TransportError};

/// Bytes from hexadecimal digits.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    assert!(text.len().is_multiple_of(2), "{text}");
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// A chip that expects these commands and gives these responses.
pub(crate) struct Scripted(pub(crate) std::collections::VecDeque<(Vec<u8>, Vec<u8>)>);

impl Scripted {
    pub(crate) fn new(exchanges: &[(&str, &str)]) -> Self {
        Self(exchanges.iter().map(|(command, response)| (hex(command), hex(response))).collect())
    }
}

impl Transport for Scripted {
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        let answer = |command: &Vec<u8>| {
            let (expected, response) = self.0.pop_front().ok_or(TransportError::Gone)?;
            assert_eq!(*command, expected, "{command:02X?}");
            Ok(response)
        };
        commands.iter().map(answer).collect()
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}
