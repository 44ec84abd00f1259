//! The panel's end of the line.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fault::Fault;
use super::{Inner, Machine};
use crate::pace::Pace;
use crate::plug::Wire;

/// Bytes of an answer that means nothing.
const NOISE: usize = 9;

/// Serves one client; the next waits.
pub(super) async fn serve(inner: Arc<Inner>, mut wire: Wire) {
    inner.exchanges.event("client connected");
    let mut bytes = [0; 1024];
    while let Ok(count @ 1..) = wire.read(&mut bytes).await {
        inner.exchanges.received(&bytes[..count]);
        let (answers, pace) = inner.hear(&bytes[..count]);
        if answers.is_empty() {
            continue;
        }
        inner.exchanges.sent(&answers);
        if pace.write(&mut wire, &answers).await.is_err() || wire.flush().await.is_err() {
            break;
        }
    }
    inner.exchanges.event("client gone");
}

impl Inner {
    /// Hears bytes; what is answered, and how fast.
    fn hear(&self, bytes: &[u8]) -> (Vec<u8>, Pace) {
        let mut state = self.state();
        let state = &mut *state;
        if state.faults.any(|fault| matches!(fault, Fault::Silence {})) {
            return (Vec::new(), Pace::Full);
        }
        let pace = state.faults.find(|fault| match fault {
            Fault::Slow { bytes_per_second } => Some(Pace::BytesPerSecond(*bytes_per_second)),
            _ => None,
        });
        if state.faults.any(|fault| matches!(fault, Fault::Restart {})) {
            state.faults.clear(Some("restart"));
            state.restart();
            return (state.machine.greeting(), pace.unwrap_or_default());
        }
        let refuse = state.faults.find(|fault| match fault {
            Fault::Refuse { code } => Some(*code),
            _ => None,
        });
        let garbage = state.faults.any(|fault| matches!(fault, Fault::Garbage {}));
        let mut answers = Vec::new();
        for order in state.machine.take(bytes) {
            state.remember(&order);
            let answer = match refuse {
                Some(code) => state.machine.refusal(code),
                None => state.machine.obey(&order, &mut state.screen),
            };
            answers.extend(if garbage { state.random.bytes(NOISE) } else { answer });
        }
        (answers, pace.unwrap_or_default())
    }
}

impl Machine {
    fn take(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        match self {
            Self::Nextion(machine) => machine.take(bytes),
            Self::Dgus(machine) => machine.take(bytes),
        }
    }

    fn obey(&mut self, order: &[u8], screen: &mut super::Screen) -> Vec<u8> {
        match self {
            Self::Nextion(machine) => machine.obey(order, screen),
            Self::Dgus(machine) => machine.obey(order, screen),
        }
    }

    fn refusal(&self, code: u8) -> Vec<u8> {
        match self {
            Self::Nextion(_) => super::nextion::Nextion::refusal(code),
            Self::Dgus(_) => super::dgus::Dgus::refusal(code),
        }
    }

    /// What it says when it has started; DGUS says nothing.
    fn greeting(&self) -> Vec<u8> {
        match self {
            Self::Nextion(_) => super::nextion::Nextion::greeting(),
            Self::Dgus(_) => Vec::new(),
        }
    }
}
