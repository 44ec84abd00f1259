//! What came of a letter, and why.

use std::io;

use crate::letter::LetterError;
use crate::reply::Reply;

/// What came of sending a letter.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server has it and is answerable for it from now on (RFC 5321 section 4.2.5).
    Done {
        /// Its answer to the end of the letter.
        reply: Reply,
        /// Whether the copy went along; if not, the letter says how to fetch it.
        attached: bool,
    },
    /// The server does not have it, for certain.
    NotDone {
        /// Whether the same letter may be taken later.
        retry: bool,
        /// Why.
        why: Why,
    },
    /// The whole letter was sent, and no answer came that says what became of it. It may be sent again: it has the same
    /// `Message-ID`.
    Unknown {
        /// Why.
        why: Why,
    },
}

impl Outcome {
    /// For whatever happened before the end of the letter was sent, and for a refusal.
    pub(crate) fn not_done(why: Why) -> Self {
        Self::NotDone { retry: why.may_pass(), why }
    }
}

/// Where in the exchange something happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reaching the server.
    Connect,
    /// Agreeing on keys.
    Tls,
    /// The server's first line.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `MAIL`.
    From,
    /// `RCPT`.
    To,
    /// `DATA`.
    Data,
    /// The letter itself.
    Body,
    /// The dot that ends the letter, and the answer to it.
    End,
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Tls => "the TLS handshake",
            Self::Greeting => "the greeting",
            Self::Hello => "EHLO",
            Self::StartTls => "STARTTLS",
            Self::Auth => "AUTH",
            Self::From => "MAIL",
            Self::To => "RCPT",
            Self::Data => "DATA",
            Self::Body => "the letter",
            Self::End => "the end of the letter",
        }
    }

    /// Whether a refusal here is about this letter. Before, it is about the server's or the kiosk's settings, which a person
    /// will put right.
    fn is_about_the_letter(self) -> bool {
        matches!(self, Self::From | Self::To | Self::Data | Self::Body | Self::End)
    }
}

/// Why an answer cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// No code, or two.
    #[error("it is not SMTP")]
    NotSmtp,
    /// More than 2,048 bytes in a line, or more than 128 lines.
    #[error("it does not end")]
    TooLong,
    /// A code that this command has not.
    #[error("its code {0} is none of this command's")]
    Unexpected(u16),
    /// It came before the command.
    #[error("it came before it was asked for")]
    Unasked,
}

/// Why a letter was not accepted, or nobody knows. Without any address or word of the server's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// It was not even tried.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The server's name leads nowhere.
    #[error("the mail server's name is not known: look at `host` and at the network")]
    NoSuchHost,
    /// A name that was to be this machine's leads elsewhere.
    #[error(
        "the mail server's name leads beyond this machine, where nothing is sent without encryption: use tls or starttls"
    )]
    NotLoopback,
    /// Nothing listens, or the network is away.
    #[error("the mail server cannot be reached ({0}): look at `host`, `port` and the network")]
    NoConnection(io::ErrorKind),
    /// Whoever answered is not the server.
    #[error("the mail server's certificate is not trusted ({0}): look at `host`, `authorities` and the clock")]
    Certificate(String),
    /// No encryption.
    #[error("no TLS with the mail server ({0}): look at `port` and `security`")]
    Tls(String),
    /// `STARTTLS` is not offered.
    #[error("the mail server offers no STARTTLS, and nothing is sent without: look at `port` and `security`")]
    NoStartTls,
    /// Neither PLAIN nor LOGIN is offered.
    #[error("the mail server takes no password (AUTH PLAIN or LOGIN) here: look at `port` and `user`")]
    NoAuth,
    /// It takes only ASCII before the `@`.
    #[error("the mail server takes no letters beyond ASCII before the @ (SMTPUTF8): ask for another address")]
    NoUtf8,
    /// Larger than the server takes, even without the copy.
    #[error("the letter has {bytes} bytes, and the mail server takes {most}")]
    TooLarge {
        /// The letter's.
        bytes: u64,
        /// The server's limit.
        most: u64,
    },
    /// No.
    #[error("the mail server refused {}: {reply}", step.name())]
    Refused {
        /// What.
        step: Step,
        /// Its numbers.
        reply: Reply,
    },
    /// An answer that means nothing.
    #[error("the mail server's answer to {} cannot be used: {what}", step.name())]
    Answer {
        /// To what.
        step: Step,
        /// What is wrong with it.
        what: BadAnswer,
    },
    /// Nothing in time.
    #[error("the mail server was silent at {} for longer than the settings allow", step.name())]
    Silent {
        /// Where.
        step: Step,
    },
    /// The connection broke.
    #[error("the connection to the mail server ended at {} ({kind})", step.name())]
    Lost {
        /// Where.
        step: Step,
        /// How.
        kind: io::ErrorKind,
    },
}

impl Why {
    /// What an error of a connection means.
    pub(crate) fn of_io(step: Step, error: &io::Error) -> Self {
        match error.kind() {
            // Linux says the first of a socket whose time limit is over.
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Self::Silent { step },
            kind => Self::Lost { step, kind },
        }
    }

    /// Whether the same letter may be taken later.
    fn may_pass(&self) -> bool {
        match self {
            Self::Letter(_) | Self::NoUtf8 | Self::TooLarge { .. } => false,
            Self::Refused { step, reply } => reply.is_transient() || !step.is_about_the_letter(),
            _ => true,
        }
    }
}
