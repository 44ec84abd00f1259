//! PDF files as far as signing needs them: values, cross references, revisions, and updates written behind them.
//!
//! Strict where other readers mend: a file that has to be guessed at is an error, since a signature must mean the same
//! document to everyone. Objects are read when they are asked for, and only as far as the file has bytes for them.
//!
//! Document: ISO 32000-1:2008.

mod file;
mod filter;
pub(crate) mod object;
mod pages;
mod parser;
mod references;
#[cfg(test)]
mod tests;
pub(crate) mod update;
mod view;

pub(crate) use file::{Entry, Pdf, Section, newest_section};
pub(crate) use object::{Dict, Id, Object, hex};
pub(crate) use view::View;

/// Why a PDF file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// It does not begin like one.
    #[error("the file does not begin with %PDF-")]
    NoPdf,
    /// It is larger than what is looked at, bytes.
    #[error("the file has {0} bytes, more than the {max} that are read", max = file::LARGEST)]
    TooLarge(usize),
    /// What is behind its last revision is none of it, or its end is missing.
    #[error("the file does not end with startxref, a number and %%EOF")]
    NoEnd,
    /// It is encrypted.
    #[error("the file is encrypted; take the encryption off before")]
    Encrypted,
    /// Something in it cannot be read.
    #[error("at byte {at}, {what}")]
    Syntax {
        /// The place, bytes from the beginning.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Something is not where it must be.
    #[error("at byte {at}, `{word}` is missing")]
    Expected {
        /// The place, bytes from the beginning.
        at: usize,
        /// What is missing.
        word: &'static str,
    },
    /// An object is not what it must be.
    #[error("{0} is missing or of another kind")]
    Missing(&'static str),
    /// It has more of something than what is looked at.
    #[error("the file has too many or too large {0}")]
    TooMuch(&'static str),
}

impl From<crate::budget::Over> for PdfError {
    fn from(over: crate::budget::Over) -> Self {
        Self::TooMuch(over.0)
    }
}
