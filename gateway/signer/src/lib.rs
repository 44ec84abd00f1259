//! The signer: the one process that owns cases, the register, the transparency log, documents and keys. The gateway passes
//! requests on to it and has none of these; a page can get nothing signed, whatever it says, since each decision is signed by an
//! officer's own key, which is checked here, and there is no call that signs what somebody hands in. (A gateway process that was
//! taken over is of the same user still, and could read the files of this one: another user and socket are to come.)
//!
//! ```text
//! requests (child) ─┬─► intake     open, pages, readings, person, preview         ┐
//!                   ├─► second     the same paper scanned twice, compared         │
//!                   ├─► approve    officers (keys, passes), decisions, settling   ├─► office (store, ledger, vault) ◄─ clerk
//!                   ├─► deliver    download, print; letters: e-mail (own thread)  │                                     │
//!                   └─► look_up    code, register, withdrawing                    ┘       issue: number ─► log ─► compose
//!                                                                                         ─► sign (signing) ─► log ─► signed
//! ```
//!
//! * **By case only.** What is signed is composed here from the case's own pages; its hash is what the officer has signed.
//! * **Short requests.** What may take time (token, authorities) is the clerk's, one thread; a request never waits for it.
//! * **Each step can be done again.** What is random or dated is kept before it is used (code, openings of log entries); intents
//!   stand in the journal; after a power cut the clerk does the open step again, and finds what was done.
//! * **Nothing personal in the open.** Documents are encrypted with their case's key; the log holds commitments; error texts and
//!   log lines have case ids and officers' codes only.
//!
//! Not here: devices, sessions, pages, HTTP (`kiosk-gateway`); what a register is (`kiosk-register`), a signature (`kiosk-pades`), a
//! proof (`kiosk-proof`), a composed copy (`kiosk-compose`).

mod approve;
mod certificates;
mod check;
mod child;
mod clerk;
mod clock;
mod compare;
mod copy;
mod decisions;
mod deliver;
mod facts;
mod fault;
mod intake;
mod invite;
mod issue;
mod ledger;
mod letters;
mod look_up;
mod office;
mod officers;
mod parked;
mod renew;
mod second;
mod secrets;
mod settings;
mod signing;
mod standing;
mod vault;
mod view;

pub use check::{Findings, check};
pub use child::{EVIDENCE, READINGS, SignerChild};
pub use invite::{InviteError, invite};
pub use parked::{parked, purge};
pub use renew::renew;
pub use settings::{Agency, ClockSource, Officer, Policy, SecondScan, Settings, SettingsError, Signing, WhenAway};
