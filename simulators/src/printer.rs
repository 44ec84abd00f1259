//! A receipt printer that speaks ESC/POS (Epson ESC/POS Command Reference) on a TCP port, as printers do on port 9100.
//!
//! One client at a time; the others wait. It prints onto paper of dots that can be had as PNG, answers status in real
//! time, and stops like a real one when the paper is out: bytes wait in its buffer, then in the network, and printing
//! goes on where it stopped. No page mode, no macros, no Kanji.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::device::{Device, Knob, KnobError, read_fault};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;

pub mod barcode;
pub mod bitmap;
pub mod charset;
pub mod command;
pub mod fault;
pub mod font;
pub mod intake;
pub mod layout;
pub mod line;
pub mod machine;
pub mod paper;
pub mod parser;
pub mod realtime;
mod server;
pub mod status;
pub mod style;
#[cfg(test)]
mod tests;

use fault::KNOBS;
use font::{Font, FontError};
use machine::Machine;

/// The name in the control port's addresses.
pub const NAME: &str = "printer";
/// Dots across on paper of 80 mm at 203 dots an inch.
pub const WIDTH_80_MM: u32 = 576;
/// Dots across on paper of 58 mm at 203 dots an inch.
pub const WIDTH_58_MM: u32 = 384;
/// Bytes of the printer's buffer unless said otherwise.
pub const BUFFER: usize = 16 * 1024;
/// The system's own buffer for the port is kept small, so that a full printer pushes back early.
const SOCKET_BUFFER: u32 = 8 * 1024;

/// What a printer is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0: any.
    pub port: u16,
    /// Dots across: [`WIDTH_80_MM`] or [`WIDTH_58_MM`].
    pub width: u32,
    /// Bytes that wait while the printer cannot print.
    pub buffer: usize,
    /// A monospaced TrueType file.
    pub font: PathBuf,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Why a printer does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No letters.
    #[error("the printer has no font")]
    Font(#[from] FontError),
    /// No port.
    #[error("the printer cannot listen on port {port} of 127.0.0.1")]
    Listen {
        /// The port asked for.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
}

#[derive(Debug)]
struct Inner {
    plug: Plug,
    exchanges: ExchangeLog,
    machine: Mutex<Machine>,
    /// There is something for the motor to do.
    motor: Notify,
    /// There is something for the port to do: answers, or room in the buffer.
    port: Notify,
}

/// A running printer; dropping it ends it.
#[derive(Debug)]
pub struct Printer {
    inner: Arc<Inner>,
    motor: JoinHandle<()>,
    _serving: Serving,
}

impl Drop for Printer {
    fn drop(&mut self) {
        self.motor.abort();
    }
}

impl Printer {
    /// Starts a printer; it listens when this returns.
    ///
    /// # Errors
    /// When the font is missing or the port is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { port, width, buffer, font, seed } = options;
        let machine = Machine::new(Font::open(&font)?, width, buffer, Random::new(seed, NAME));
        let plug = Plug::bind_with(port, Some(SOCKET_BUFFER)).map_err(|source| StartError::Listen { port, source })?;
        let inner = Arc::new(Inner {
            plug,
            exchanges: ExchangeLog::default(),
            machine: Mutex::new(machine),
            motor: Notify::new(),
            port: Notify::new(),
        });
        let motor = tokio::spawn(server::motor(Arc::clone(&inner)));
        let served = Arc::clone(&inner);
        let serving = inner.plug.serve(Clients::One, move |wire| server::serve(Arc::clone(&served), wire));
        inner.plug.insert().await;
        Ok(Self { inner, motor, _serving: serving })
    }

    /// The paper that comes out of the printer, or the last receipt when there is none, as PNG.
    #[must_use]
    pub fn paper_png(&self) -> Vec<u8> {
        let seen = self.inner.machine().paper.seen().clone();
        seen.png()
    }

    /// A receipt by its number, as PNG.
    #[must_use]
    pub fn receipt_png(&self, number: u64) -> Option<Vec<u8>> {
        let receipt = self.inner.machine().paper.receipts().find(|receipt| receipt.number == number).cloned();
        receipt.map(|receipt| receipt.png())
    }

    /// The receipts kept, oldest first, and the paper still in the printer.
    #[must_use]
    pub fn receipts(&self) -> Value {
        let machine = self.inner.machine();
        json!({ "receipts": machine.paper.receipts().collect::<Vec<_>>(), "uncut": machine.paper.current() })
    }

    fn changed(&self) {
        self.inner.motor.notify_one();
        self.inner.port.notify_one();
    }
}

impl Device for Printer {
    fn name(&self) -> &'static str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn plug(&self) -> &Plug {
        &self.inner.plug
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        self.inner.machine().to_json()
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault = read_fault(NAME, KNOBS, order)?;
        self.inner.machine().add_fault(fault);
        self.changed();
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.inner.machine().clear(fault);
        self.changed();
    }

    fn set(&self, _order: Value) -> Result<(), KnobError> {
        Err(KnobError::BadOrder { order: "set".into(), problem: "a printer has nothing to set, only faults".into() })
    }
}
