//! One device's life. The picture of the states, the rules between them ([`Machine`], pure), and the task that owns one
//! child and obeys the rules ([`task`]).
//!
//! ```text
//!              ┌────────────── exit 69, device gone ─────────────┐
//!              ▼                                                 │
//!          ┌ Absent ┐  retry 1 s                                 │
//!  start ──┤        ├──► Starting ──ready──► Ready ◄──done── Busy ┤
//!          └ Backoff┘     │   │              │  ▲ └─request──►│   │
//!              ▲          │   │         stale│  │fresh        │   │
//!              │          │   │              ▼  │             │   │
//!              │          │   │             Stale             │   │
//!              └── exit, kill, silence, nonsense ─┴───────────┘   │
//!                         │ exit 64, 77                           │
//!                         ▼                                       │
//!                        Held  (looked at again each minute)   any state ──stop──► Stopping ──exit──► Stopped
//! ```
//!
//! The supervisor never waits for a child: every wait has a deadline, after which the child is killed.

mod board;
mod job;
mod machine;
pub mod task;
#[cfg(test)]
mod tests;

pub use board::{Board, DevicesView};
pub use job::{Attached, Job, Progress, Ticket, not_done};
pub use machine::{Action, Event, Lost, Machine, Phase};
