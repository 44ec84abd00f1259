//! What is logged of a copy: a commitment, and what opens it.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::code::CodeHash;

/// Told apart from all other texts that are hashed, and from later forms of this one.
const DOMAIN: &[u8] = b"kiosk-gateway log entry 1";
const LONGEST_BOOK: usize = 64;

/// What happened to a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is about to be signed: logged before any signature is made.
    Issue,
    /// It is signed; the content hash is that of the final file.
    Final,
    /// It was revoked.
    Revoke,
}

impl Event {
    const ALL: [(Self, &'static [u8]); 3] =
        [(Self::Issue, b"issue"), (Self::Final, b"final"), (Self::Revoke, b"revoke")];

    fn name(self) -> &'static [u8] {
        match self {
            Self::Issue => b"issue",
            Self::Final => b"final",
            Self::Revoke => b"revoke",
        }
    }
}

/// These bytes open no commitment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// Not of the form that [`Opening::to_bytes`] gives.
    #[error("the opening of the log's entry is damaged; fetch the proof again")]
    Form,
    /// The name of the register's book is too long or has control characters.
    #[error("the name of the book has no sign, more than {LONGEST_BOOK} bytes or control characters; choose another")]
    Book,
    /// The operating system gave no random numbers.
    #[error("the operating system gave no random numbers; try again")]
    Random,
}

/// What an entry commits to. Kept by the register, and given to who holds the copy; nobody else can tell what an entry means.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    salt: [u8; 32],
    event: Event,
    number: u64,
    book: String,
    code: CodeHash,
    content: [u8; 32],
    officer: [u8; 32],
    time: u64,
}

impl Opening {
    /// Draws a salt for these facts.
    ///
    /// `number` and `book`: of the register. `content`: SHA-256 of what is certified; for [`Event::Final`] of the final file.
    /// `officer`: SHA-256 of the officer's certificate, DER. `time`: seconds since 1970.
    ///
    /// # Errors
    /// [`OpeningError::Book`], [`OpeningError::Random`].
    pub fn new(
        event: Event,
        number: u64,
        book: &str,
        code: CodeHash,
        content: [u8; 32],
        officer: [u8; 32],
        time: u64,
    ) -> Result<Self, OpeningError> {
        if book.is_empty() || book.len() > LONGEST_BOOK || book.chars().any(char::is_control) {
            return Err(OpeningError::Book);
        }
        let mut salt = [0; 32];
        getrandom::fill(&mut salt).map_err(|_| OpeningError::Random)?;
        Ok(Self { salt, event, number, book: book.to_owned(), code, content, officer, time })
    }

    /// What happened.
    pub fn event(&self) -> Event {
        self.event
    }

    /// Number in the register.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Book of the register.
    pub fn book(&self) -> &str {
        &self.book
    }

    /// Hash of the verification code.
    pub fn code(&self) -> CodeHash {
        self.code
    }

    /// SHA-256 of the content, or of the final file.
    pub fn content(&self) -> &[u8; 32] {
        &self.content
    }

    /// SHA-256 of the officer's certificate.
    pub fn officer(&self) -> &[u8; 32] {
        &self.officer
    }

    /// Seconds since 1970.
    pub fn time(&self) -> u64 {
        self.time
    }

    /// The facts as the commitment hashes them: domain, salt, event, number, book, code, content, officer, time; before each
    /// its length, four bytes, the highest first. Numbers are eight bytes, the highest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let (number, time) = (self.number.to_be_bytes(), self.time.to_be_bytes());
        let parts: [&[u8]; 9] = [
            DOMAIN,
            &self.salt,
            self.event.name(),
            &number,
            self.book.as_bytes(),
            self.code.as_bytes(),
            &self.content,
            &self.officer,
            &time,
        ];
        let mut bytes = Vec::new();
        for part in parts {
            // Each part is shorter than 65 bytes.
            bytes.extend([0, 0, 0, u8::try_from(part.len()).unwrap_or(u8::MAX)]);
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave.
    ///
    /// # Errors
    /// [`OpeningError::Form`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpeningError> {
        Self::try_from_bytes(bytes).ok_or(OpeningError::Form)
    }

    fn try_from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let mut part = || {
            let (length, after) = rest.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            let part;
            (part, rest) = after.split_at_checked(length)?;
            Some(part)
        };
        let domain = part()?;
        let salt = part()?.try_into().ok()?;
        let name = part()?;
        let number = u64::from_be_bytes(part()?.try_into().ok()?);
        let book = std::str::from_utf8(part()?).ok()?.to_owned();
        let code = CodeHash::from_bytes(part()?.try_into().ok()?);
        let (content, officer) = (part()?.try_into().ok()?, part()?.try_into().ok()?);
        let time = u64::from_be_bytes(part()?.try_into().ok()?);
        let event = Event::ALL.iter().find(|(_, known)| *known == name)?.0;
        let fits = domain == DOMAIN
            && rest.is_empty()
            && (1..=LONGEST_BOOK).contains(&book.len())
            && !book.chars().any(char::is_control);
        fits.then_some(Self { salt, event, number, book, code, content, officer, time })
    }

    /// What the log holds.
    pub fn entry(&self) -> Entry {
        Entry(Sha256::digest(self.to_bytes()).into())
    }
}

/// The salt is what keeps the commitment closed.
impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({:?}, {} {})", self.event, self.number, self.book)
    }
}

/// An entry of the log: SHA-256 of an [`Opening`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(pub(super) [u8; 32]);

impl Entry {
    /// The bytes that the log holds.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
