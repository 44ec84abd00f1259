//! Why a chip was not read.

use crate::apdu::Status;
use crate::curve::CurveError;
use crate::groups::GroupError;
use crate::secure::SecureError;
use crate::tlv::TlvError;
use crate::transport::TransportError;

/// Why a chip was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChipError {
    /// The way to the chip.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The access data is not this card's.
    #[error("the card does not open with these access data: compare them with the card")]
    WrongKey,
    /// The card opens in no way that is known here.
    #[error("the card opens in no way that is supported: {0}")]
    NoWay(&'static str),
    /// The chip refused a step.
    #[error("the chip refused to {step}: {status}")]
    Refused {
        /// What was asked of it.
        step: &'static str,
        /// Its status.
        status: Status,
    },
    /// Something of the chip's cannot be read.
    #[error("{what} cannot be read: {problem}")]
    Malformed {
        /// What it is.
        what: &'static str,
        /// What is wrong with it.
        problem: TlvError,
    },
    /// A file is longer than any that is taken.
    #[error("the chip says that {file} has {bytes} bytes; at most {most} are taken")]
    TooLong {
        /// Which file.
        file: &'static str,
        /// As the chip says.
        bytes: usize,
        /// The limit.
        most: usize,
    },
    /// The chip gave fewer bytes than it had said.
    #[error("the chip gave {got} of the {bytes} bytes of {file}")]
    TooShort {
        /// Which file.
        file: &'static str,
        /// What came.
        got: usize,
        /// What was said.
        bytes: usize,
    },
    /// Data group 1.
    #[error("data group 1 cannot be read: {0}")]
    Zone(GroupError),
    /// A public key of the chip's.
    #[error(transparent)]
    Curve(#[from] CurveError),
    /// Secure messaging broke.
    #[error(transparent)]
    Secure(#[from] SecureError),
}

impl ChipError {
    pub(crate) fn malformed(what: &'static str) -> impl Fn(TlvError) -> Self {
        move |problem| Self::Malformed { what, problem }
    }
}
