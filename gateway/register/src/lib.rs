//! What a kiosk must not lose: the journal of its cases, the register of certified copies, and what is to be delivered.
//!
//! One SQLite database in a folder of its own, one writer, blocking calls; each acknowledged call is on the disk.
//!
//! ```text
//! Store::open ─► lock, database, migrations ─► check ─► replay of the journal ─► findings, parked cases
//!
//! cases     ─► state (which arrows are lawful)   ┐
//! deliver   ─► delivery (print, mail, download)  ├─► case (pure: what a record does to it) ─► journal (chained records)
//! number    ─► clock, book                       │
//! purge     ─► personal                          ┘
//! resume: what each case waits for, what waits in a state, what of the outbox is due
//! search, export, statistics, compare: the register, read only
//! self_check: the whole journal again, bit by bit, while the store works
//! ```
//!
//! * **The journal decides.** Each arrow of a case is one record, chained by SHA-256 to the one before; before a side effect
//!   there is an intent. The rows of cases and deliveries only repeat what the journal says, and are compared with it at
//!   each opening. Where they differ the case is parked, and the others go on.
//! * **Numbers have no gaps.** A number is taken in the transaction that writes the arrow `numbered`.
//! * **No copy is printed twice silently.** A delivery without an outcome is `unknown` after a restart, and no such print is
//!   started again by anything here.
//! * **No person in journal and register.** What stays has only [`Code`]s, hashes and random case ids; what is personal goes
//!   with [`Store::purge`].
//! * **After an error of the disk nothing is written any more** until the store is opened again: what the disk has is not known.
//!
//! Not here: documents (they are files, encrypted with the case's [`DocumentKey`]), signing, the transparency log, sending.

mod book;
mod case;
mod cases;
mod clock;
mod compare;
mod deliver;
mod delivery;
mod error;
#[cfg(feature = "figures")]
mod figures;
mod ids;
mod journal;
mod number;
mod open;
mod personal;
mod purge;
mod record;
mod replay;
mod reserve;
mod resume;
mod schema;
mod search;
mod self_check;
mod state;
mod store;
mod verified;

pub use book::{Book, Day, Entry, RegisterNumber, Request};
pub use case::Case;
pub use cases::Step;
pub use clock::{Clock, ClockError, EARLIEST_MS, JUMP_MOST_MS, Reading, SystemClock};
pub use compare::Difference;
pub use delivery::{Channel, Copy, Delivery, DeliveryId, Outcome, Progress};
pub use error::StoreError;
pub use ids::{CaseId, Code, CodeError, Hash};
pub use open::{Check, Options};
pub use personal::{DocumentKey, Personal};
pub use purge::Purge;
pub use record::{Kind, Record};
pub use replay::{Finding, Problem};
pub use resume::{Resume, Todo};
pub use search::{Count, Format, Search};
pub use state::State;
pub use store::Store;
