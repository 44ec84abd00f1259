//! Readers of barcodes and QR codes, connected in one of three ways: as HID POS scanners (`hid`), as keyboards, which are
//! taken away from everybody else (`keyboard`), or at a serial port (`serial`).
//!
//! Each way turns what the device says into bytes or signs of one code after the other (`assemble`, `hid::report`,
//! `keyboard::typing`); `code` makes text of it that can do no harm. What is scanned while nobody asks is thrown away here,
//! a code of which a part came before the request included.
//!
//! `guard` keeps whatever else the device can type from everybody.
//!
//! What is not here: what a code means, and any word of it in a log.

mod assemble;
mod code;
mod config;
mod guard;
mod hid;
mod keyboard;
mod place;
mod serial;

use std::collections::VecDeque;
use std::process::ExitCode;
use std::time::Duration;

use kiosk_driver_sdk::protocol::barcode::{
    BarcodeEvent, BarcodeReader, BarcodeReaderCapabilities, BarcodeReaderStatus, BarcodeReply, BarcodeRequest,
    ListenReport, ListenRequest, ScannedCode,
};
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};

use code::{Garbled, Heard};
use config::Config;
use guard::Guard;

/// How long a wait for a code may go without looking whether it was cancelled.
const SLICE: Duration = Duration::from_millis(50);
/// How long to look for what has come already. Links refuse to look for no time at all.
const GLANCE: Duration = Duration::from_millis(1);
/// Most looks at what has come already: a device that never stops must not hold up the driver.
const GLANCES_MAX: usize = 2_000;
/// Most codes of one `barcode_reader.listen`.
const CODES_MAX: u16 = 10_000;

/// A way to be connected.
trait Scanner {
    /// Waits for something from the device, not longer than this; what is whole then is put into `heard`. Returns whether
    /// anything came.
    ///
    /// # Errors
    /// `device_absent` if the device is gone.
    fn listen(&mut self, within: Duration, heard: &mut VecDeque<Heard>) -> Result<bool, Failure>;

    /// Forgets what it has of a code; the rest of it, too, when it comes.
    fn forget(&mut self);
}

struct Barcode {
    scanner: Box<dyn Scanner>,
    guard: Guard,
    heard: VecDeque<Heard>,
    aim_prefix: bool,
    poll: Duration,
}

impl Driver for Barcode {
    type Kind = BarcodeReader;
    type Config = Config;
    const NAME: &'static str = "barcode";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        config.check()?;
        let place::Found { scanner, guard, interface, symbology, identity } = place::open(address, &config)?;
        let capabilities = BarcodeReaderCapabilities { interface, symbology };
        let driver =
            Self { scanner, guard, heard: VecDeque::new(), aim_prefix: config.aim_prefix, poll: config.poll() };
        Ok(Opened { driver, identity, capabilities, status: BarcodeReaderStatus { listening: false } })
    }

    fn handle(&mut self, request: BarcodeRequest, cx: &mut Cx<BarcodeReader>) -> Result<BarcodeReply, Failure> {
        match request {
            BarcodeRequest::Status(_) => self.idle().map(BarcodeReply::Status),
            BarcodeRequest::Read(_) => {
                self.begin(cx)?;
                self.next(cx).map(BarcodeReply::Code)
            }
            BarcodeRequest::Listen(request) => self.tell_all(request, cx).map(BarcodeReply::Listen),
        }
    }

    fn idle(&mut self) -> Result<BarcodeReaderStatus, Failure> {
        self.throw_away()?;
        Ok(BarcodeReaderStatus { listening: false })
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl Barcode {
    fn tell_all(&mut self, request: ListenRequest, cx: &mut Cx<BarcodeReader>) -> Result<ListenReport, Failure> {
        if !(1..=CODES_MAX).contains(&request.max_codes) {
            let detail = format!("payload.max_codes is {}; use 1 to {CODES_MAX}", request.max_codes);
            return Err(Failure::invalid("payload.max_codes", detail));
        }
        self.begin(cx)?;
        for _ in 0..request.max_codes {
            let code = self.next(cx)?;
            cx.emit(BarcodeEvent::Scanned(code));
        }
        Ok(ListenReport { codes: request.max_codes })
    }

    /// From here on what is scanned is heard, and that is told.
    fn begin(&mut self, cx: &Cx<BarcodeReader>) -> Result<(), Failure> {
        self.throw_away()?;
        cx.publish(BarcodeReaderStatus { listening: true });
        Ok(())
    }

    /// The next code that says anything.
    fn next(&mut self, cx: &Cx<BarcodeReader>) -> Result<ScannedCode, Failure> {
        loop {
            while let Some(heard) = self.heard.pop_front() {
                if let Some(code) = code::scanned(heard, self.aim_prefix)? {
                    return Ok(code);
                }
            }
            cx.check()?;
            self.guard.look()?;
            self.scanner.listen(SLICE.min(cx.remaining()), &mut self.heard)?;
        }
    }

    /// Nobody has asked for what was scanned until now.
    fn throw_away(&mut self) -> Result<(), Failure> {
        self.guard.look()?;
        for _ in 0..GLANCES_MAX {
            if !self.scanner.listen(GLANCE, &mut self.heard)? {
                break;
            }
            self.heard.clear();
        }
        self.scanner.forget();
        self.heard.clear();
        Ok(())
    }
}

impl From<Garbled> for Failure {
    fn from(garbled: Garbled) -> Self {
        let code = match garbled {
            Garbled::TooLong => ErrorCode::TooLarge,
            Garbled::NoEnd | Garbled::Lost | Garbled::Wrong => ErrorCode::Unreadable,
        };
        // The same code can be held before the scanner again.
        Self::new(code, garbled.to_string()).retry(kiosk_driver_sdk::protocol::error::Retry::Safe)
    }
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Barcode>()
}
