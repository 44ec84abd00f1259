//! A display panel at a serial line (here: behind a serial server's TCP port) that draws QR codes itself, with one of two
//! protocols. What it shows is told on the control port as words and as a picture.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::device::{Active, Cable, Device, Knob, KnobError, Sight, read_fault};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;

mod dgus;
pub mod fault;
mod nextion;
mod picture;
mod server;
#[cfg(test)]
mod tests;

use fault::{Fault, KNOBS};

/// The name in the control port's addresses.
pub const NAME: &str = "panel";
/// Orders that are remembered.
const REMEMBERED: usize = 20;

/// What the panel speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Instructions of Nextion panels: a QR code `qr0` and a text `t0`.
    Nextion,
    /// DWIN's DGUS II: a QR code at 5000, a text at 5200 (hexadecimal).
    Dgus,
}

/// What a panel is made of.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Port on 127.0.0.1; 0: any.
    pub port: u16,
    /// What it speaks.
    pub protocol: Protocol,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Why a panel does not start.
#[derive(Debug, thiserror::Error)]
#[error("the panel cannot listen on port {port} of 127.0.0.1")]
pub struct StartError {
    /// The port asked for.
    pub port: u16,
    /// Why.
    pub source: std::io::Error,
}

/// What somebody before the panel sees.
#[derive(Debug, Default)]
struct Screen {
    qr: String,
    caption: String,
    visible: bool,
}

#[derive(Debug)]
enum Machine {
    Nextion(nextion::Nextion),
    Dgus(dgus::Dgus),
}

impl Machine {
    fn new(protocol: Protocol) -> Self {
        match protocol {
            Protocol::Nextion => Self::Nextion(nextion::Nextion::default()),
            Protocol::Dgus => Self::Dgus(dgus::Dgus::default()),
        }
    }
}

#[derive(Debug)]
struct State {
    protocol: Protocol,
    machine: Machine,
    screen: Screen,
    orders: VecDeque<String>,
    faults: Active<Fault>,
    random: Random,
    restarts: u64,
}

impl State {
    fn remember(&mut self, order: &[u8]) {
        if self.orders.len() == REMEMBERED {
            self.orders.pop_front();
        }
        self.orders.push_back(match self.protocol {
            Protocol::Nextion => String::from_utf8_lossy(order).into_owned(),
            Protocol::Dgus => order.iter().map(|byte| format!("{byte:02X}")).collect(),
        });
    }

    fn restart(&mut self) {
        (self.machine, self.screen) = (Machine::new(self.protocol), Screen::default());
        self.restarts += 1;
    }
}

#[derive(Debug)]
struct Inner {
    plug: Plug,
    exchanges: ExchangeLog,
    state: Mutex<State>,
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running panel; dropping it ends it.
#[derive(Debug)]
pub struct Panel {
    inner: Arc<Inner>,
    _serving: Serving,
}

impl Panel {
    /// Starts a panel; it listens when this returns.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { port, protocol, seed } = options;
        let plug = Plug::bind(port).map_err(|source| StartError { port, source })?;
        let state = State {
            protocol,
            machine: Machine::new(protocol),
            screen: Screen::default(),
            orders: VecDeque::new(),
            faults: Active::default(),
            random: Random::new(seed, NAME),
            restarts: 0,
        };
        let inner = Arc::new(Inner { plug, exchanges: ExchangeLog::default(), state: Mutex::new(state) });
        let served = Arc::clone(&inner);
        let serving = inner.plug.serve(Clients::One, move |wire| server::serve(Arc::clone(&served), wire));
        inner.plug.insert().await;
        Ok(Self { inner, _serving: serving })
    }
}

impl Device for Panel {
    fn name(&self) -> &str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.inner.plug
    }

    fn address(&self) -> String {
        format!("tcp:{}", self.inner.plug.address())
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        let state = self.inner.state();
        let protocol = match state.protocol {
            Protocol::Nextion => "nextion",
            Protocol::Dgus => "dgus",
        };
        let Screen { qr, caption, visible } = &state.screen;
        json!({
            "faults": state.faults.to_json(), "protocol": protocol, "qr": qr, "caption": caption, "visible": visible,
            "orders": state.orders, "restarts": state.restarts,
        })
    }

    fn look(&self, what: &str) -> Option<Sight> {
        (what == "screen.png").then(|| Sight::Picture(picture::png(&self.inner.state().screen)))
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault = read_fault(NAME, KNOBS, order)?;
        self.inner.state().faults.add(fault);
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.inner.state().faults.clear(fault);
    }

    fn set(&self, _order: Value) -> Result<(), KnobError> {
        Err(KnobError::BadOrder { order: "set".into(), problem: "a panel has nothing to set".into() })
    }
}
