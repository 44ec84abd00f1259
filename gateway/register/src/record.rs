//! A record of the journal, and what chains it to the one before.

#[cfg(test)]
mod tests;

use sha2::{Digest, Sha256};

use crate::ids::{CaseId, Code, Hash};
use crate::state::State;

/// Before the first record.
pub(crate) const BEGINNING: Hash = Hash([0; 32]);
/// So that no other program's hashes are these.
const DOMAIN: &[u8] = b"kiosk-register journal 1";

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// What a record says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            /// Its name in the database.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)* }
            }

            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$kind),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A case begins. `who`: its procedure.
    Opened = "opened",
    /// What leads to `to` is about to happen outside.
    Intent = "intent",
    /// It did not happen, as is known for certain. `reason`.
    Abandoned = "abandoned",
    /// The case goes to `to`. `who`: the officer; `digest`: content, entry, leaf, file or receipt; `number`: in the register.
    Arrow = "arrow",
    /// A delivery is to be made. `number`: which; `reason`: the channel; `digest`: of its key.
    Queued = "queued",
    /// A reprint is to be made, as above. `who`: the officer who wants it.
    Reprint = "reprint",
    /// A delivery is about to happen.
    Started = "started",
    /// What came of it: `reason`. `who`: the person who found it out, if one had to.
    Finished = "finished",
    /// One more leaf of the transparency log: `digest`.
    Leaf = "leaf",
    /// The register's entry holds no more. `who`, `reason`.
    Revoked = "revoked",
}

/// A record of the journal. It holds nothing personal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number: 1, 2, 3, …
    pub seq: i64,
    /// When, in milliseconds since 1970 (UTC), as the clock said; the order is that of `seq`.
    pub at_ms: i64,
    /// Of which case.
    pub case: CaseId,
    /// What it says.
    pub kind: Kind,
    /// Where the case was.
    pub from: Option<State>,
    /// Where it goes, or is to go.
    pub to: Option<State>,
    /// By whom.
    pub who: Option<Code>,
    /// Why, or what came of it.
    pub reason: Option<Code>,
    /// A hash that belongs to it.
    pub digest: Option<Hash>,
    /// A number that belongs to it.
    pub number: Option<i64>,
}

impl Record {
    /// The hash of the record before and this one. Each field stands with its length, so that no two contents are one row of bytes.
    pub(crate) fn hash(&self, previous: &Hash) -> Hash {
        let mut hasher = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        field(DOMAIN);
        field(&previous.0);
        field(&self.seq.to_be_bytes());
        field(&self.at_ms.to_be_bytes());
        field(&self.case.0);
        field(self.kind.name().as_bytes());
        let text = |text: Option<&str>| text.unwrap_or("").as_bytes().to_vec();
        field(&text(self.from.map(State::name)));
        field(&text(self.to.map(State::name)));
        field(&text(self.who.as_ref().map(Code::as_str)));
        field(&text(self.reason.as_ref().map(Code::as_str)));
        field(self.digest.as_ref().map_or(&[], |digest| &digest.0));
        field(&self.number.map_or(Vec::new(), |number| number.to_be_bytes().to_vec()));
        Hash(hasher.finalize().into())
    }
}

/// SHA-256 of one piece.
pub(crate) fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}
