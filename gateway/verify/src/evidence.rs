//! What is judged.

use std::time::SystemTime;

/// Most proofs of the log that are looked at: a copy has two, and one more if it was revoked.
pub const MOST_PROOFS: usize = 16;

/// A copy, and what there is besides.
#[derive(Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// The PDF file.
    pub pdf: &'a [u8],
    /// Proofs of the log, each the text of a `.tlog-proof` file; at most [`MOST_PROOFS`].
    pub proofs: &'a [&'a str],
    /// A signed list of revocations.
    pub revocations: Option<&'a [u8]>,
    /// What is printed on the copy.
    pub printed: Option<Printed<'a>>,
    /// What the register says of the copy.
    pub register: RegisterSays<'a>,
}

/// What is printed on a copy. As secret as the copy itself: not for logs.
#[derive(Clone, Copy)]
pub enum Printed<'a> {
    /// The text of its QR code.
    Qr(&'a str),
    /// Its code, as a person typed it.
    Code(&'a str),
}

/// What the register says, if it was asked: for the code that is printed on the copy, or for the hash of the file.
#[derive(Clone, Copy, Default)]
pub enum RegisterSays<'a> {
    /// Nobody asked.
    #[default]
    NotAsked,
    /// It has no such copy.
    NotFound,
    /// It has this one.
    Entry(RegisterEntry<'a>),
}

/// What the register says of a copy.
#[derive(Clone, Copy)]
pub struct RegisterEntry<'a> {
    /// Whether it holds.
    pub state: RegisterState,
    /// Number in the book.
    pub number: u64,
    /// The book, written as in claims and log.
    pub book: &'a str,
    /// When it was certified.
    pub certified_at: SystemTime,
    /// Which agency certified it.
    pub agency: &'a str,
    /// Pages of the paper.
    pub pages: u32,
    /// Of the person on it, as much as may be shown to who has the code, such as `N*** V** T**`.
    pub masked_name: Option<&'a str>,
    /// SHA-256 of the final file; `None` while there is none.
    pub file_sha256: Option<[u8; 32]>,
}

/// Whether a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegisterState {
    /// It does.
    Valid,
    /// It was revoked, as far as is known at this time.
    Revoked(Option<SystemTime>),
}
