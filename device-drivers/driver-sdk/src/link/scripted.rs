//! A device that is a list of what it expects and answers, for the unit tests of drivers.

use std::collections::VecDeque;

use super::{Link, LinkError, PortStatus, Until};

/// One step of a scripted device.
#[derive(Clone, Debug)]
pub enum Step {
    /// The driver writes exactly these bytes (in any number of pieces).
    Expect(Vec<u8>),
    /// The device sends these bytes.
    Send(Vec<u8>),
    /// The device sends nothing: the read runs into its time limit.
    Silence,
    /// The device hangs up.
    Hangup,
    /// The device takes this many bytes, whatever they are.
    Take(usize),
    /// The device takes nothing: the write runs into its time limit there, and says how many of its bytes were taken
    /// by the steps before. Put `Take(n)` before it for a device that takes `n` bytes and then blocks.
    Clog,
    /// The device refuses a transfer, in either direction.
    Stall,
}

/// A link that plays a script. What the driver wrote beyond or against the script is kept in [`Scripted::surprises`].
#[derive(Debug, Default)]
pub struct Scripted {
    steps: VecDeque<Step>,
    /// Bytes that the script did not expect, in order.
    pub surprises: Vec<u8>,
    /// What the interface says of the device; absent for anything but a USB printer.
    pub port_status: Option<PortStatus>,
}

impl Scripted {
    /// Plays these steps.
    pub fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), surprises: Vec::new(), port_status: None }
    }

    /// The script was played to its end and nothing else was written.
    pub fn is_done(&self) -> bool {
        self.steps.is_empty() && self.surprises.is_empty()
    }
}

impl Link for Scripted {
    fn read(&mut self, buffer: &mut [u8], _until: &Until) -> Result<usize, LinkError> {
        match self.steps.front_mut() {
            Some(Step::Send(bytes)) => {
                let n = bytes.len().min(buffer.len());
                buffer[..n].copy_from_slice(&bytes[..n]);
                bytes.drain(..n);
                if bytes.is_empty() {
                    self.steps.pop_front();
                }
                Ok(n)
            }
            Some(Step::Hangup) => {
                self.steps.pop_front();
                Err(LinkError::Closed { done: 0 })
            }
            Some(Step::Silence) => {
                self.steps.pop_front();
                Err(LinkError::Timeout { done: 0 })
            }
            Some(Step::Stall) => {
                self.steps.pop_front();
                Err(LinkError::Stalled { done: 0 })
            }
            Some(Step::Expect(_) | Step::Take(_) | Step::Clog) | None => Err(LinkError::Timeout { done: 0 }),
        }
    }

    fn write_all(&mut self, bytes: &[u8], _until: &Until) -> Result<(), LinkError> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.steps.front_mut() {
                Some(Step::Expect(expected)) => {
                    let n = expected.len().min(rest.len());
                    if expected[..n] != rest[..n] {
                        self.surprises.extend_from_slice(rest);
                        return Ok(());
                    }
                    expected.drain(..n);
                    if expected.is_empty() {
                        self.steps.pop_front();
                    }
                    rest = &rest[n..];
                }
                Some(Step::Hangup) => return Err(LinkError::Closed { done: bytes.len() - rest.len() }),
                Some(Step::Clog) => {
                    self.steps.pop_front();
                    return Err(LinkError::Timeout { done: bytes.len() - rest.len() });
                }
                Some(Step::Stall) => {
                    self.steps.pop_front();
                    return Err(LinkError::Stalled { done: bytes.len() - rest.len() });
                }
                Some(Step::Take(room)) => {
                    let n = rest.len().min(*room);
                    *room -= n;
                    if *room == 0 {
                        self.steps.pop_front();
                    }
                    rest = &rest[n..];
                }
                Some(Step::Send(_) | Step::Silence) | None => {
                    self.surprises.extend_from_slice(rest);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn port_status(&mut self, _until: &Until) -> Result<Option<PortStatus>, LinkError> {
        Ok(self.port_status)
    }
}
