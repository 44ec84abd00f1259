//! What is said on the wire: each command knows its bytes and reads its own answer. No input or output here.

pub(crate) mod dgus;
pub(crate) mod nextion;

/// Longest answer that is waited for, bytes; the longest that either protocol has is a DGUS frame of 258.
pub(crate) const ANSWER_MAX: usize = 512;

/// The head of what came from a panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Parsed<T> {
    /// A whole message of so many bytes, at least one.
    Whole(T, usize),
    /// The beginning of a message.
    More,
    /// No message.
    Garbage,
}

/// A message from a panel, as a command sees it that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard<A> {
    /// The answer.
    Answer(A),
    /// The panel did not do it; its own code.
    Refused(u8),
    /// The panel has just started: it shows nothing and has forgotten its settings.
    Restarted,
    /// Something else: somebody touched the panel.
    Other,
}

/// Something that a panel can be told, with the answer that belongs to it.
pub(crate) trait Command {
    /// What the panel answers.
    type Answer;
    /// What ends any half command that the panel may have heard.
    const RESYNC: &'static [u8];

    /// The bytes to send.
    fn bytes(&self) -> Vec<u8>;

    /// Reads the first message of what came.
    fn parse(&self, bytes: &[u8]) -> Parsed<Heard<Self::Answer>>;
}
