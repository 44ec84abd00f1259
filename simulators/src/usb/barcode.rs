//! A barcode scanner in HID POS mode, which says what it read with its symbology, or in keyboard mode, which types it.
//! The text comes from the control port: `set scan=TEXT`. For one that sends bytes over a serial line see [`super::serial`].

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

use super::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use super::device::{Controlled, UsbDevice};
use super::hub::HubError;
use super::io::Io;
use super::setup::{Answer, Setup};
use super::{Event, Options, UsbFunction, hid, keyboard};
use crate::device::{Active, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;

/// Kind of the device in HID POS mode, and its name unless it gets another.
pub const NAME: &str = "barcode";
/// The same in keyboard mode.
pub const KEYBOARD_NAME: &str = "keyboard-scanner";
/// The maker is Access IS, whose manuals describe the report below.
const ID: (u16, u16) = (0x0db5, 0x013b);
const KEYBOARD_ID: (u16, u16) = (0x0db5, 0x013a);
const IN: u8 = 0x81;
/// Between two reports of a keyboard: hosts ask every so often, and none presses keys faster.
const KEY_EVERY: Duration = Duration::from_millis(4);
/// Longest text of one scan: a QR code of version 40 holds 7,089 digits.
const TEXT_MAX: usize = 7089;
/// Reports that wait at most.
const REPORTS_MAX: usize = 4 * TEXT_MAX;

/// Report 2 (HID Point of Sale Usage Tables 1.02, section 3, as the appendix of Access IS's LSR118 product manual lays it
/// out): length, three characters of the AIM symbology identifier, 56 bytes of data, a further symbology identifier, a
/// reserved byte, and in the last byte a bit that more data follows.
const POS_REPORT_DESCRIPTOR: &[u8] = &[
    0x05, 0x8c, 0x09, 0x02, 0xa1, 0x01, // bar code scanner, application
    0x09, 0x12, 0xa1, 0x02, // scanned data report, logical
    0x85, 0x02, 0x15, 0x00, 0x26, 0xff, 0x00, 0x75, 0x08, // report 2, bytes
    0x95, 0x01, 0x05, 0x01, 0x09, 0x3b, 0x81, 0x02, // byte count (generic desktop)
    0x05, 0x8c, 0x95, 0x03, 0x09, 0xfb, 0x09, 0xfc, 0x09, 0xfd, 0x81, 0x02, // symbology identifiers 1 to 3
    0x95, 0x38, 0x09, 0xfe, 0x82, 0x02, 0x01, // decoded data, buffered bytes
    0x95, 0x02, 0x81, 0x03, // further identifier and reserved byte
    0x25, 0x01, 0x75, 0x01, 0x95, 0x01, 0x09, 0xff, 0x81, 0x02, // decode data continued
    0x95, 0x07, 0x81, 0x03, // padding
    0xc0, 0xc0,
];
const POS_REPORT: u8 = 2;
/// Bytes of a whole report, with its number.
const POS_REPORT_LENGTH: usize = 64;
/// Bytes of data in one report.
const POS_DATA: usize = 56;

/// How the scanner says what it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// HID POS reports.
    Pos,
    /// Keys of a keyboard with the layout of the United States.
    Keyboard,
}

/// What a scanner in keyboard mode types at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Suffix {
    #[default]
    Enter,
    Tab,
    None,
}

/// A fault of a scanner, as it stands in an order to the control port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// See [`KNOBS`].
    BreakOff {
        /// Reports that still come.
        #[serde(default = "one")]
        reports: usize,
    },
    /// See [`KNOBS`].
    BadCount {
        /// What the length byte says.
        #[serde(default = "most")]
        count: u8,
    },
    /// See [`KNOBS`].
    Twice {},
}

fn one() -> usize {
    1
}

fn most() -> u8 {
    255
}

/// A scanner's faults with their explanation.
pub const KNOBS: &[Knob] = &[
    Knob { name: "break_off", parameters: "reports=1", what: "of every scan only so many reports come" },
    Knob { name: "bad_count", parameters: "count=255", what: "the length byte of HID POS reports is wrong" },
    Knob { name: "twice", parameters: "", what: "every scan is reported twice" },
];

/// The scanner.
#[derive(Debug)]
pub struct Function {
    mode: Mode,
    identity: Identity,
    exchanges: Arc<ExchangeLog>,
    faults: Active<Fault>,
    suffix: Suffix,
    waiting: VecDeque<Vec<u8>>,
    next_key: Option<Instant>,
    scans: u64,
    leds: u8,
}

/// Plugs a scanner in.
///
/// # Errors
/// When the hub does not take it.
pub fn start(options: Options, mode: Mode) -> Result<UsbDevice<Function>, HubError> {
    let exchanges = Arc::<ExchangeLog>::default();
    let identity = match mode {
        Mode::Pos => options.identity(ID, 0x0100, "Access IS", "LSR118"),
        Mode::Keyboard => options.identity(KEYBOARD_ID, 0x0100, "Access IS", "LSR118 keyboard"),
    };
    let function = Function {
        mode,
        identity,
        exchanges: Arc::clone(&exchanges),
        faults: Active::default(),
        suffix: Suffix::default(),
        waiting: VecDeque::new(),
        next_key: None,
        scans: 0,
        leds: 0,
    };
    UsbDevice::plug(function, Speed::Full, options, exchanges)
}

impl Function {
    fn report_descriptor(&self) -> &'static [u8] {
        match self.mode {
            Mode::Pos => POS_REPORT_DESCRIPTOR,
            Mode::Keyboard => keyboard::REPORT_DESCRIPTOR,
        }
    }

    fn pos_reports(&self, data: &[u8], symbology: [u8; 3]) -> Vec<Vec<u8>> {
        let count = self.faults.find(|fault| match fault {
            Fault::BadCount { count } => Some(*count),
            _ => None,
        });
        let mut pieces = data.chunks(POS_DATA).peekable();
        let mut reports = Vec::new();
        while let Some(piece) = pieces.next() {
            let mut report = vec![0; POS_REPORT_LENGTH];
            report[0] = POS_REPORT;
            report[1] = count.unwrap_or_else(|| u8::try_from(piece.len()).unwrap_or(u8::MAX));
            report[2..5].copy_from_slice(&symbology);
            report[5..5 + piece.len()].copy_from_slice(piece);
            report[POS_REPORT_LENGTH - 1] = u8::from(pieces.peek().is_some());
            reports.push(report);
        }
        reports
    }

    fn key_reports(&self, text: &str) -> Vec<Vec<u8>> {
        let suffix = match self.suffix {
            Suffix::Enter => "\n",
            Suffix::Tab => "\t",
            Suffix::None => "",
        };
        // Signs that the layout does not have are left out, as by real scanners without an Alt code for them.
        let keys = text.chars().chain(suffix.chars()).filter_map(keyboard::reports).flatten();
        keys.map(|report| report.to_vec()).collect()
    }

    fn scan(&mut self, text: &str, symbology: [u8; 3]) -> Result<(), KnobError> {
        let bad = |problem: String| KnobError::BadOrder { order: "set".into(), problem };
        if text.is_empty() || text.len() > TEXT_MAX {
            return Err(bad(format!("a scan has 1 to {TEXT_MAX} bytes, not {}", text.len())));
        }
        let mut reports = match self.mode {
            Mode::Pos => self.pos_reports(text.as_bytes(), symbology),
            Mode::Keyboard => self.key_reports(text),
        };
        let most = self.faults.find(|fault| match fault {
            Fault::BreakOff { reports } => Some(*reports),
            _ => None,
        });
        reports.truncate(most.unwrap_or(usize::MAX));
        if self.faults.any(|fault| matches!(fault, Fault::Twice {})) {
            reports.extend(reports.clone());
        }
        if self.waiting.len() + reports.len() > REPORTS_MAX {
            return Err(bad("the scanner still waits for the host to take what it read before".into()));
        }
        self.scans += 1;
        self.waiting.extend(reports);
        Ok(())
    }
}

impl UsbFunction for Function {
    fn model(&self) -> Model {
        let interface = match self.mode {
            Mode::Keyboard => keyboard::interface(IN),
            Mode::Pos => Interface {
                class: Class(3, 0, 0),
                association: None,
                extra: hid::descriptor(POS_REPORT_DESCRIPTOR.len()),
                endpoints: vec![Endpoint::interrupt(IN, 64, 4)],
            },
        };
        Model {
            identity: self.identity.clone(),
            class: Class::BY_INTERFACE,
            interfaces: vec![interface],
            strings: Vec::new(),
        }
    }

    fn control(&mut self, setup: &Setup, data: &[u8], _io: &mut Io) -> Answer {
        if let Some(answer) = hid::request(setup, self.report_descriptor()) {
            return answer;
        }
        match (setup.request_type, setup.request, setup.value_high(), self.mode) {
            (0xa1, hid::GET_REPORT, hid::INPUT, Mode::Keyboard) => Answer::Data(vec![0; 8]),
            (0x21, hid::SET_REPORT, hid::OUTPUT, Mode::Keyboard) => {
                self.leds = data.first().copied().unwrap_or(0);
                Answer::Done
            }
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], _io: &mut Io) -> usize {
        bytes.len()
    }

    fn event(&mut self, event: Event, _io: &mut Io) {
        if event == Event::Unplugged {
            self.waiting.clear();
        }
    }

    fn due(&mut self, now: Instant, io: &mut Io) -> Option<Instant> {
        // Nothing is sent before the host asks: what waits here is gone when the cable is pulled.
        while io.waiting(IN) > io.queued(IN) && !self.waiting.is_empty() {
            if let (Mode::Keyboard, Some(at)) = (self.mode, self.next_key.filter(|at| *at > now)) {
                return Some(at);
            }
            if let Some(report) = self.waiting.pop_front() {
                self.exchanges.sent(&report);
                io.send(IN, report);
                self.next_key = Some(now + KEY_EVERY);
            }
        }
        None
    }
}

fn text_or_digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text)),
        Value::Number(number) if number.is_u64() => Ok(Some(number.to_string())),
        other => Err(serde::de::Error::custom(format!("scan is a text, not {other}; long numbers need quotes"))),
    }
}

/// What can be set on a scanner.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A barcode is read; digits may come as a number.
    #[serde(default, deserialize_with = "text_or_digits")]
    scan: Option<String>,
    /// Its AIM identifier (ISO/IEC 15424), such as `]Q1`, the default: a QR code.
    symbology: Option<String>,
    /// What a keyboard types after it.
    suffix: Option<Suffix>,
}

impl Controlled for Function {
    const KNOBS: &'static [Knob] = KNOBS;

    fn state(&self) -> Value {
        json!({
            "faults": self.faults.to_json(), "scans": self.scans, "reports_waiting": self.waiting.len(),
            "suffix": self.suffix, "leds": self.leds,
        })
    }

    fn fault(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        self.faults.add(read_fault(NAME, KNOBS, order)?);
        Ok(())
    }

    fn clear(&mut self, fault: Option<&str>, _io: &mut Io) {
        self.faults.clear(fault);
    }

    fn set(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        let Settings { scan, symbology, suffix } = read_set(order)?;
        let symbology = symbology.as_deref().unwrap_or("]Q1");
        let problem = format!("symbology is {symbology:?}; it has three characters and begins with ]");
        let identifier = symbology.as_bytes().try_into().ok().filter(|[first, ..]: &[u8; 3]| *first == b']');
        let identifier = identifier.ok_or(KnobError::BadOrder { order: "set".into(), problem })?;
        self.suffix = suffix.unwrap_or(self.suffix);
        scan.map_or(Ok(()), |text| self.scan(&text, identifier))
    }
}
