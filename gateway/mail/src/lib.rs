//! Delivers a certified copy by e-mail: one letter to one address through one SMTP server, in blocking calls.
//!
//! ```text
//! Settings ─► Mailer::new (checks, password, authorities)
//! Letter ─► Mailer::send ─► checks ─► message (lettre) ─► exchange (connection, answers, TLS) ─► Outcome
//! Schedule: how long to wait before the next try
//! ```
//!
//! * **Three outcomes.** [`Outcome::Done`]: the server said that it has the letter. [`Outcome::NotDone`]: it certainly has not.
//!   [`Outcome::Unknown`]: the end of the letter was sent and no answer came. A letter has its key as `Message-ID`, so that a
//!   second one is known as the same.
//! * **No wait without an end, no answer without a limit**, whatever the server does.
//! * **No address in errors.** Of what a server says only the numbers are kept, since its words often repeat the address. Nothing
//!   is logged here.
//!
//! Not here: the outbox (it is the register's), what is in the copy, and when a letter is tried again, but for the [`Schedule`].

mod address;
mod exchange;
mod letter;
mod mailer;
mod message;
mod outcome;
mod reply;
mod schedule;
mod settings;
mod tls;
mod words;

pub use address::{AddressError, Recipient};
pub use letter::{File, Language, Letter, LetterError};
pub use mailer::Mailer;
pub use outcome::{BadAnswer, Outcome, Step, Why};
pub use reply::Reply;
pub use schedule::Schedule;
pub use settings::{Security, Sender, Settings, SettingsError};
