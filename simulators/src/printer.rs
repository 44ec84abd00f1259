//! A receipt printer that speaks ESC/POS (Epson ESC/POS Command Reference) on a TCP port, as printers do on port 9100,
//! or as a USB device of the printer class.
//!
//! One client at a time; the others wait. It prints onto paper of dots that can be had as PNG, answers status in real
//! time, and stops like a real one when the paper is out: bytes wait in its buffer, then in the network, and printing
//! goes on where it stopped. No page mode, no macros, no Kanji.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::device::{Attach, Cable, Device, Knob, KnobError, Sight, read_fault};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;
use crate::usb::hub::HubError;
use crate::usb::port::{Feeding, UsbPort};

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
pub mod usb;

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
    /// TCP or USB.
    pub attach: Attach,
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
    /// No USB.
    #[error("the printer cannot be plugged in")]
    Usb(#[from] HubError),
}

#[derive(Debug)]
struct Inner {
    exchanges: Arc<ExchangeLog>,
    machine: Mutex<Machine>,
    /// There is something for the motor to do.
    motor: Notify,
    /// There is something for the port to do: answers, or room in the buffer.
    port: Notify,
}

/// What the printer hangs on.
#[derive(Debug)]
enum Hanging {
    Tcp { plug: Plug, _serving: Serving },
    Usb { port: UsbPort<usb::Function>, _feeding: Feeding },
}

/// A running printer; dropping it ends it.
#[derive(Debug)]
pub struct Printer {
    name: String,
    inner: Arc<Inner>,
    motor: JoinHandle<()>,
    hanging: Hanging,
}

impl Drop for Printer {
    fn drop(&mut self) {
        self.motor.abort();
    }
}

impl Printer {
    /// Starts a printer; it listens, or is plugged in, when this returns.
    ///
    /// # Errors
    /// When the font is missing, the port is taken or there is no USB hub.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { attach, width, buffer, font, seed } = options;
        let machine = Machine::new(Font::open(&font)?, width, buffer, Random::new(seed, NAME));
        let inner = Arc::new(Inner {
            exchanges: Arc::default(),
            machine: Mutex::new(machine),
            motor: Notify::new(),
            port: Notify::new(),
        });
        let (name, hanging) = match attach {
            Attach::Tcp(port) => (NAME.to_owned(), listen(port, &inner).await?),
            Attach::Usb(options) => {
                let (port, feeding) = usb::plug(&options, &inner)?;
                (options.name, Hanging::Usb { port, _feeding: feeding })
            }
        };
        let motor = tokio::spawn(server::motor(Arc::clone(&inner)));
        Ok(Self { name, inner, motor, hanging })
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

    /// Its TCP port.
    #[cfg(test)]
    fn plug(&self) -> &Plug {
        match &self.hanging {
            Hanging::Tcp { plug, .. } => plug,
            Hanging::Usb { .. } => panic!("this printer hangs on USB"),
        }
    }

    fn changed(&self) {
        self.inner.motor.notify_one();
        self.inner.port.notify_one();
    }
}

async fn listen(port: u16, inner: &Arc<Inner>) -> Result<Hanging, StartError> {
    let plug = Plug::bind_with(port, Some(SOCKET_BUFFER)).map_err(|source| StartError::Listen { port, source })?;
    let (served, cable) = (Arc::clone(inner), plug.clone());
    let serving = plug.serve(Clients::One, move |wire| server::serve(Arc::clone(&served), cable.clone(), wire));
    plug.insert().await;
    Ok(Hanging::Tcp { plug, _serving: serving })
}

impl Device for Printer {
    fn name(&self) -> &str {
        &self.name
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        match &self.hanging {
            Hanging::Tcp { plug, .. } => plug,
            Hanging::Usb { port, .. } => port,
        }
    }

    fn address(&self) -> String {
        match &self.hanging {
            Hanging::Tcp { plug, .. } => format!("tcp:{}", plug.address()),
            Hanging::Usb { port, .. } => port.address(),
        }
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

    fn look(&self, what: &str) -> Option<Sight> {
        match what {
            "paper.png" => Some(Sight::Picture(self.paper_png())),
            "receipts" => Some(Sight::Facts(self.receipts())),
            _ => {
                let number = what.strip_prefix("receipts/")?.strip_suffix(".png")?.parse().ok()?;
                self.receipt_png(number).map(Sight::Picture)
            }
        }
    }
}
