//! What must be gone after a while; nothing here is ever shown.

use std::fmt;

/// A personal value of a case, UTF-8 text or bytes of at most 64 KiB.
#[derive(Clone, PartialEq, Eq)]
pub struct Personal(pub Vec<u8>);

/// The key of a case's documents, made with the case and destroyed with it.
#[derive(Clone, PartialEq, Eq)]
pub struct DocumentKey(pub [u8; 32]);

impl fmt::Debug for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[personal]")
    }
}

impl fmt::Debug for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}
