//! What is counted, for `/metrics`. Names of devices and calls only: no session, no person.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Labels of a finished command.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct CommandLabels {
    /// The call.
    pub call: &'static str,
    /// `ok` or the error code.
    pub outcome: &'static str,
}

/// Label of a refusal at the door.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct RefusalLabels {
    /// `host`, `origin`, `connections`, `hello`, …
    pub reason: &'static str,
}

/// Labels of a call.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
pub struct CallLabels {
    /// The call.
    pub call: &'static str,
}

/// All counters. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    /// Commands that are over.
    pub commands: Family<CommandLabels, Counter>,
    /// How long they took, seconds.
    pub command_seconds: Family<CallLabels, Histogram>,
    /// Requests and connections that were refused at the door.
    pub refusals: Family<RefusalLabels, Counter>,
    /// Open WebSocket connections.
    pub connections: Gauge,
    /// Sessions, with or without a connection.
    pub sessions: Gauge,
}

impl Metrics {
    /// All at zero.
    pub fn new() -> Self {
        Self {
            commands: Family::default(),
            // 0.5 ms to 65 s.
            command_seconds: Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.0005, 2.0, 18))),
            refusals: Family::default(),
            connections: Gauge::default(),
            sessions: Gauge::default(),
        }
    }

    /// Counts a finished command.
    pub fn command(&self, call: &'static str, outcome: &'static str, seconds: f64) {
        self.commands.get_or_create(&CommandLabels { call, outcome }).inc();
        self.command_seconds.get_or_create(&CallLabels { call }).observe(seconds);
    }

    /// Counts a refusal.
    pub fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&RefusalLabels { reason }).inc();
    }

    /// A registry that shows them.
    pub fn registry(&self) -> Registry {
        let mut registry = Registry::with_prefix("kiosk");
        registry.register("commands", "Commands that are over, by outcome", self.commands.clone());
        registry.register("command_seconds", "How long commands took", self.command_seconds.clone());
        registry.register("refusals", "Requests refused at the door", self.refusals.clone());
        registry.register("connections", "Open WebSocket connections", self.connections.clone());
        registry.register("sessions", "Sessions, connected or waiting for their client", self.sessions.clone());
        registry
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}
