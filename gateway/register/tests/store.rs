//! The store as its users see it, in folders of its own, with processes that are killed and disks that are full.

#![expect(clippy::unwrap_used, reason = "a test program")]

#[path = "store/cases.rs"]
mod cases;
#[path = "store/faults.rs"]
mod faults;
#[path = "store/killed.rs"]
mod killed;
#[path = "store/kills.rs"]
mod kills;
#[path = "store/outbox.rs"]
mod outbox;
#[path = "store/purge.rs"]
mod purge;
#[path = "store/quick.rs"]
mod quick;
#[path = "store/register.rs"]
mod register;
#[path = "store/rig.rs"]
mod rig;
#[path = "store/search.rs"]
mod search;
#[path = "store/sync.rs"]
mod sync;
