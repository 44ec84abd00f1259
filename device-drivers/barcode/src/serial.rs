//! Scanners at a serial port (USB CDC-ACM ones too).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::{Link, LinkError, Until};

use crate::Scanner;
use crate::assemble::Assembler;
use crate::code::Heard;

/// Bytes of one read.
const READ: usize = 4_096;

/// A scanner behind a link.
pub(crate) struct Serial {
    link: Box<dyn Link>,
    assembler: Assembler,
}

impl Serial {
    pub(crate) fn new(link: Box<dyn Link>, assembler: Assembler) -> Self {
        Self { link, assembler }
    }
}

impl Scanner for Serial {
    fn listen(&mut self, within: Duration, heard: &mut VecDeque<Heard>) -> Result<bool, Failure> {
        let mut buffer = [0; READ];
        match self.link.read(&mut buffer, &Until::within(within)) {
            Ok(count) => {
                self.assembler.take(&buffer[..count], Instant::now(), heard);
                Ok(true)
            }
            Err(LinkError::Timeout { .. }) => {
                self.assembler.pass(Instant::now(), heard);
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn forget(&mut self) {
        self.assembler.forget();
    }
}
