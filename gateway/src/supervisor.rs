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
//! Renewing (not drawn): a ready child is told to end and the next is started at once, so that nothing of a citizen's
//! session is left in it. The supervisor never waits for a child: every wait has a deadline, after which the child is killed.

mod board;
mod job;
mod live;
mod machine;
pub mod task;
mod terms;
#[cfg(test)]
mod tests;

pub use board::{Board, DevicesView};
pub use job::{Attached, Job, Order, Progress, Ticket, is_seen_through, not_done, perhaps_done};
pub use live::{Live, Picture, View};
pub use machine::Machine;
pub use terms::{Action, Event, Lost, Phase, Work};
