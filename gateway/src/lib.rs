//! Kiosk gateway: the local service that owns a kiosk's devices and offers them over one WebSocket.
//!
//! The rooms, in order; a room uses only rooms above it (a test keeps that):
//! `config → metrics → registry → hotplug → host → supervisor → devices → store → pipeline → session → api → run`.
//! `ARCHITECTURE.md` says what each is for and what it must never do.

pub mod config;
pub mod metrics;

pub mod registry;

pub mod hotplug;

pub mod host;

pub mod supervisor;

pub mod devices;

pub mod store;

pub mod pipeline;

pub mod session;

pub mod api;

pub mod run;
