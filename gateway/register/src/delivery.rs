//! A delivery: what is to reach the citizen, and what is known of it.

use crate::ids::{CaseId, Hash};

/// A delivery's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeliveryId(pub i64);

/// How it goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    /// On paper.
    Print,
    /// By e-mail.
    Mail,
    /// Fetched by the holder.
    Download,
}

/// Whether a print is the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Copy {
    /// The first one; for mail and download always this.
    First,
    /// One more, which must say so on itself (BẢN IN LẠI).
    Reprint,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It happened: printed, sent, fetched.
    Done,
    /// It did not happen, for certain.
    NotDone,
    /// It may have happened.
    Unknown,
}

/// Where a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Progress {
    /// Not begun.
    Queued,
    /// Begun; for a print there may be paper already.
    Started,
    /// Over.
    Finished(Outcome),
}

/// A row of the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// Of which case.
    pub case: CaseId,
    /// How it goes out.
    pub channel: Channel,
    /// Whether a print is the first.
    pub copy: Copy,
    /// SHA-256 of the key that it was asked for with.
    pub key: Hash,
    /// Where it is.
    pub progress: Progress,
    /// How often it was begun.
    pub attempts: u32,
}

impl Channel {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Print => "print",
            Self::Mail => "mail",
            Self::Download => "download",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Print, Self::Mail, Self::Download].into_iter().find(|channel| channel.name() == name)
    }
}

impl Outcome {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not-done",
            Self::Unknown => "unknown",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Done, Self::NotDone, Self::Unknown].into_iter().find(|outcome| outcome.name() == name)
    }
}

impl Progress {
    /// Its name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Started => "started",
            Self::Finished(outcome) => outcome.name(),
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        match name {
            "queued" => Some(Self::Queued),
            "started" => Some(Self::Started),
            name => Outcome::from_name(name).map(Self::Finished),
        }
    }
}

impl Delivery {
    /// Whether paper of it may lie somewhere.
    pub(crate) fn may_have_printed(&self) -> bool {
        let printed = !matches!(self.progress, Progress::Queued | Progress::Finished(Outcome::NotDone));
        self.channel == Channel::Print && printed
    }
}
