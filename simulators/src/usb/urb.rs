//! What the kernel's virtual host controller says over its socket: the USB/IP protocol from CMD_SUBMIT on
//! (Linux, Documentation/usb/usbip_protocol.rst). All numbers are big-endian except the setup bytes.
//!
//! Nothing is allocated as told: data is read as it comes, up to [`TRANSFER_MAX`]. No isochronous transfers.

use std::io::{self, Read};

/// Longest transfer taken; more than usbfs lets one process have in flight.
pub const TRANSFER_MAX: u32 = 16 << 20;
/// Every header has this length, whatever the command needs.
pub const HEADER: usize = 48;

const CMD_SUBMIT: u32 = 1;
const CMD_UNLINK: u32 = 2;
const RET_SUBMIT: u32 = 3;
const RET_UNLINK: u32 = 4;
/// number_of_packets of a transfer that is not isochronous: 0, or this.
const NOT_ISOCHRONOUS: u32 = u32::MAX;
/// Bytes read before more memory is taken.
const PIECE: u32 = 64 << 10;

/// How a transfer ended, as Linux's error numbers (Documentation/driver-api/usb/error-codes.rst).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// All went well.
    Done,
    /// The endpoint is halted: -EPIPE.
    Stall,
    /// The device sent a larger packet than the host had room for: -EOVERFLOW.
    Overflow,
    /// The host took the transfer back: -ECONNRESET.
    Unlinked,
}

impl Status {
    fn number(self) -> i32 {
        match self {
            Status::Done => 0,
            Status::Stall => -32,
            Status::Overflow => -75,
            Status::Unlinked => -104,
        }
    }
}

/// Which way data goes, as the host sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the host.
    Out,
    /// To the host.
    In,
}

/// A transfer that the host wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// Its number, for the answer.
    pub sequence: u32,
    /// Which way the data goes.
    pub direction: Direction,
    /// The endpoint's number, 0 to 15.
    pub endpoint: u8,
    /// Bytes that the host sends or takes at most.
    pub length: u32,
    /// The setup bytes; zeros except on endpoint 0.
    pub setup: [u8; 8],
    /// The data, when it goes out.
    pub data: Vec<u8>,
}

/// What the host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A transfer.
    Submit(Submit),
    /// A transfer is taken back.
    Unlink {
        /// Number of this request.
        sequence: u32,
        /// Number of the transfer.
        target: u32,
    },
}

/// Why the conversation is over.
#[derive(Debug, thiserror::Error)]
pub enum UrbError {
    /// The other end is closed, or broke off in the middle.
    #[error("the host's end of the cable is closed")]
    Ended(#[source] io::Error),
    /// A command that is none of the two.
    #[error("the host sent command {0:#x}; only CMD_SUBMIT (1) and CMD_UNLINK (2) exist")]
    Command(u32),
    /// No such direction.
    #[error("the host sent direction {0}; it is 0 (out) or 1 (in)")]
    Direction(u32),
    /// Too long.
    #[error("the host wants to transfer {0} bytes at once; the limit is {TRANSFER_MAX}")]
    Length(u32),
    /// No such endpoint.
    #[error("the host speaks to endpoint {0}; there are 0 to 15")]
    Endpoint(u32),
    /// Isochronous.
    #[error("the host sent an isochronous transfer of {0} packets; no device here has such an endpoint")]
    Isochronous(u32),
    /// More transfers at a time than any driver has.
    #[error("the host has {0} transfers waiting; the limit is reached")]
    TooMany(usize),
}

/// Reads the next request.
///
/// # Errors
/// When the other end is closed or says something that cannot be; the conversation is over then.
pub fn read(from: &mut impl Read) -> Result<Request, UrbError> {
    let mut header = [0; HEADER];
    from.read_exact(&mut header).map_err(UrbError::Ended)?;
    let word = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let sequence = word(4);
    match word(0) {
        CMD_UNLINK => return Ok(Request::Unlink { sequence, target: word(20) }),
        CMD_SUBMIT => {}
        other => return Err(UrbError::Command(other)),
    }
    let direction = match word(12) {
        0 => Direction::Out,
        1 => Direction::In,
        other => return Err(UrbError::Direction(other)),
    };
    let endpoint = u8::try_from(word(16)).ok().filter(|number| *number < 16).ok_or(UrbError::Endpoint(word(16)))?;
    let length = word(24);
    if length > TRANSFER_MAX {
        return Err(UrbError::Length(length));
    }
    if !matches!(word(32), 0 | NOT_ISOCHRONOUS) {
        return Err(UrbError::Isochronous(word(32)));
    }
    let mut setup = [0; 8];
    setup.copy_from_slice(&header[40..48]);
    let mut data = Vec::new();
    if direction == Direction::Out {
        data.reserve(length.min(PIECE) as usize);
        from.take(length.into()).read_to_end(&mut data).map_err(UrbError::Ended)?;
        if data.len() < length as usize {
            return Err(UrbError::Ended(io::ErrorKind::UnexpectedEof.into()));
        }
    }
    Ok(Request::Submit(Submit { sequence, direction, endpoint, length, setup, data }))
}

/// Appends the end of a transfer to `out`: `actual` bytes went out, or `data` comes in.
pub fn submitted(out: &mut Vec<u8>, sequence: u32, status: Status, actual: u32, data: &[u8]) {
    head(out, RET_SUBMIT, sequence, status);
    out.extend(actual.to_be_bytes());
    // start_frame, number_of_packets and error_count belong to isochronous transfers; then 8 bytes of padding.
    out.extend([0; 20]);
    out.extend(data);
}

/// Appends the answer to CMD_UNLINK: [`Status::Unlinked`], or [`Status::Done`] when the transfer had ended before.
pub fn unlinked(out: &mut Vec<u8>, sequence: u32, status: Status) {
    head(out, RET_UNLINK, sequence, status);
    out.extend([0; 24]);
}

fn head(out: &mut Vec<u8>, command: u32, sequence: u32, status: Status) {
    out.extend(command.to_be_bytes());
    out.extend(sequence.to_be_bytes());
    // devid, direction and endpoint are not looked at in answers.
    out.extend([0; 12]);
    out.extend(status.number().to_be_bytes());
}
