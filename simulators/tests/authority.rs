//! The simulated certification authority, judged by programs that are none of ours: OpenSSL as client of its services, OpenSC
//! as user of its token.

#![allow(clippy::unwrap_used, reason = "a test that fails here fails")]
#![allow(clippy::disallowed_methods, reason = "programs are started as processes")]

#[path = "authority/folder.rs"]
mod folder;
#[path = "authority/rig.rs"]
mod rig;
#[path = "authority/services.rs"]
mod services;
#[path = "authority/token.rs"]
mod token;
