//! Certified copies: `kiosk-signer` as the gateway speaks with it, with a token (SoftHSM), a certification authority, a time
//! stamp authority, OCSP and revocation lists that are none of ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod check;
mod decisions;
mod faults;
mod kills;
mod second;
mod through_gateway;
mod times;
mod whole;
mod withdrawn;
