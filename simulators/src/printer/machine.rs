//! The printer as a pure machine: bytes in, answers and paper out, faults turned on and off. No sockets, no clock.
//!
//! ```text
//! bytes ──► watcher (real-time commands are answered here) ──► buffer ──► parser ──► layout ──► strips ──► paper
//!                                                                └── all of this waits while off-line ──┘
//! ```

use serde_json::{Value, json};

use super::command::Command;
use super::fault::Fault;
use super::font::Font;
use super::intake::Intake;
use super::layout::{Layout, Strip};
use super::paper::Paper;
use super::realtime::RealTime;
use super::status::Status;
use crate::device::Active;
use crate::pace::Pace;
use crate::random::Random;

/// Different unknown commands that are listed.
const UNKNOWN_KEPT: usize = 64;
/// Commands worked off in one go, so that others get the machine in between.
const COMMANDS_AT_ONCE: usize = 2000;
/// Rows printed in one go.
const ROWS_AT_ONCE: u32 = 4000;

/// What came of bytes handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// All were taken.
    All,
    /// The fault `drop_after` struck; true: the cable is to be pulled.
    Dropped(bool),
}

/// Where the work stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// There is more to do at once.
    More,
    /// Nothing to do until bytes come or someone helps.
    Waiting,
}

/// A receipt printer.
#[derive(Debug)]
pub struct Machine {
    /// The roll and what came out.
    pub paper: Paper,
    faults: Active<Fault>,
    cutter_jammed: bool,
    intake: Intake,
    layout: Layout,
    replies: Vec<u8>,
    asb: u8,
    told: Status,
    unknown: Vec<(String, u64)>,
    random: Random,
}

/// The answer to DLE DC4 8 ("Clear response": header, identifier, NUL).
const BUFFERS_CLEARED: [u8; 3] = [0x37, 0x25, 0x00];

impl Machine {
    /// A printer with paper so many dots wide and a buffer of so many bytes.
    #[must_use]
    pub fn new(font: Font, width: u32, capacity: usize, random: Random) -> Self {
        Self {
            paper: Paper::new(width),
            faults: Active::default(),
            cutter_jammed: false,
            intake: Intake::new(capacity),
            layout: Layout::new(font, width),
            replies: Vec::new(),
            asb: 0,
            told: Status::default(),
            unknown: Vec::new(),
            random,
        }
    }

    /// Bytes the buffer still takes.
    #[must_use]
    pub fn room(&self) -> usize {
        self.intake.room()
    }

    /// The wire's pace.
    #[must_use]
    pub fn pace(&self) -> Pace {
        let slow = self.faults.find(|fault| match fault {
            Fault::Slow { bytes_per_second } => Some(Pace::BytesPerSecond(*bytes_per_second)),
            _ => None,
        });
        slow.unwrap_or_default()
    }

    /// Takes bytes from the wire (no more than [`Machine::room`]); real-time commands are answered at once.
    pub fn receive(&mut self, bytes: &[u8]) -> Taken {
        let left = self.faults.find(|fault| match fault {
            Fault::DropAfter { bytes, unplug } => Some((*bytes, *unplug)),
            _ => None,
        });
        let mut count = bytes.len();
        let mut fate = Taken::All;
        if let Some((left, unplug)) = left {
            if left <= count as u64 {
                count = usize::try_from(left).unwrap_or(count);
                fate = Taken::Dropped(unplug);
                self.faults.clear(Some("drop_after"));
            } else {
                self.faults.add(Fault::DropAfter { bytes: left - count as u64, unplug });
            }
        }
        for byte in &bytes[..count] {
            match self.intake.push(*byte) {
                Some(RealTime::Status(n)) => self.replies.extend(self.status().dle_eot(n)),
                Some(RealTime::Recover(2)) if self.cutter_jammed => {
                    self.intake.forget_all();
                    self.layout.forget();
                }
                Some(RealTime::Clear) => {
                    self.intake.forget_all();
                    self.layout.forget();
                    self.replies.extend(BUFFERS_CLEARED);
                }
                // Recovery itself needs the jam to be gone, which is what clearing the fault means.
                Some(RealTime::Recover(_)) | None => {}
            }
        }
        fate
    }

    /// The client is gone. What it sent whole still prints; a command that it left unfinished is forgotten, and so is
    /// its wish for automatic status.
    pub fn client_gone(&mut self) {
        self.asb = 0;
        self.replies.clear();
        self.intake.client_gone();
    }

    /// Forgets all that waits, as at the request SOFT_RESET of the printer class.
    pub fn forget_waiting(&mut self) {
        self.intake.forget_all();
        self.layout.forget();
        self.replies.clear();
    }

    /// Works on until something is missing or the share of one go is used up.
    pub fn work(&mut self) -> Work {
        let (mut commands, mut rows) = (COMMANDS_AT_ONCE, ROWS_AT_ONCE);
        while self.status().is_online() && !self.is_dumb() {
            let most = self.rows_left().min(rows);
            if let Some(strip) = self.layout.strips.front_mut() {
                if rows == 0 {
                    return self.pause(Work::More);
                }
                match strip {
                    Strip::Feed(0) => drop(self.layout.strips.pop_front()),
                    Strip::Feed(left) => {
                        let now = most.min(*left);
                        *left -= now;
                        rows -= now;
                        self.paper.feed(now);
                        self.used(now);
                    }
                    _ => {
                        rows -= 1;
                        self.print();
                    }
                }
                continue;
            }
            if commands == 0 {
                return self.pause(Work::More);
            }
            commands -= 1;
            match self.intake.next_command() {
                Some(command) => self.run(&command),
                None => break,
            }
        }
        self.pause(Work::Waiting)
    }

    /// Tells a change of status to a client that wants to know, at the end of each go.
    fn pause(&mut self, work: Work) -> Work {
        let now = self.status();
        if now.differs(self.told, self.asb) {
            self.replies.extend(now.asb());
        }
        self.told = now;
        work
    }

    fn print(&mut self) {
        match self.layout.strips.pop_front() {
            Some(Strip::Row(dots)) => self.row(&dots),
            Some(Strip::Cut(full)) => {
                if self.faults.any(|fault| matches!(fault, Fault::CutterError {})) {
                    self.cutter_jammed = true;
                    self.layout.strips.push_front(Strip::Cut(full));
                } else {
                    self.paper.cut(full);
                }
            }
            Some(Strip::Qr(payload)) => self.paper.current_mut().note_qr(payload),
            Some(Strip::Barcode(barcode)) => self.paper.current_mut().note_barcode(barcode),
            Some(Strip::Text(text)) => self.paper.current_mut().note_text(text),
            Some(Strip::Feed(_)) | None => {}
        }
    }

    fn row(&mut self, dots: &[u8]) {
        self.paper.row(dots);
        self.used(1);
    }

    /// So many rows of paper are gone.
    fn used(&mut self, rows: u32) {
        self.faults.find_mut(|fault| match fault {
            Fault::PaperOut { after_rows } => {
                *after_rows = after_rows.saturating_sub(rows);
                Some(())
            }
            _ => None,
        });
    }

    /// Rows until the paper ends, if it is to end.
    fn rows_left(&self) -> u32 {
        let left = self.faults.find(|fault| match fault {
            Fault::PaperOut { after_rows } => Some(*after_rows),
            _ => None,
        });
        left.unwrap_or(u32::MAX)
    }

    fn run(&mut self, command: &Command) {
        let status = self.status();
        match command {
            Command::AutomaticStatus(n) => {
                self.asb = *n;
                self.told = status;
                if *n != 0 {
                    self.replies.extend(status.asb());
                }
            }
            Command::SensorStatus(n) => self.replies.extend(status.gs_r(*n)),
            Command::PrinterId(n) => self.replies.extend(printer_id(*n)),
            Command::ProcessId(id) => {
                // GS ( H: header 37H, identifier 22H, the four bytes, NUL.
                self.replies.extend([0x37, 0x22]);
                self.replies.extend(id);
                self.replies.push(0);
            }
            Command::Unknown(bytes) => self.note_unknown(bytes.escape_ascii().to_string()),
            Command::Initialise => {
                self.asb = 0;
                self.layout.run(command);
            }
            _ => {
                if !self.layout.run(command) {
                    self.note_unknown(format!("not printable: {}", short(command)));
                }
            }
        }
    }

    fn note_unknown(&mut self, what: String) {
        if let Some((_, count)) = self.unknown.iter_mut().find(|(known, _)| *known == what) {
            *count += 1;
        } else if self.unknown.len() < UNKNOWN_KEPT {
            self.unknown.push((what, 1));
        }
    }

    /// Takes the answers that wait to be sent, with what a fault makes of them.
    pub fn take_replies(&mut self) -> Vec<u8> {
        let mut replies = std::mem::take(&mut self.replies);
        if self.faults.any(|fault| matches!(fault, Fault::Silence { .. })) {
            replies.clear();
        }
        if self.faults.any(|fault| matches!(fault, Fault::Garbage {})) {
            replies = self.random.bytes(replies.len());
        }
        replies
    }

    /// Turns a fault on.
    pub fn add_fault(&mut self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Ends one fault, or all; ending the cutter's also takes the jam out.
    pub fn clear(&mut self, fault: Option<&str>) {
        self.faults.clear(fault);
        if fault.is_none_or(|fault| fault == "cutter_error") {
            self.cutter_jammed = false;
        }
    }

    /// The printer's state as its status bytes tell it.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            cover_open: self.faults.any(|fault| matches!(fault, Fault::CoverOpen {})),
            paper_out: self.faults.any(|fault| matches!(fault, Fault::PaperOut { after_rows: 0 })),
            paper_low: self.faults.any(|fault| matches!(fault, Fault::PaperLow {} | Fault::PaperOut { after_rows: 0 })),
            cutter_error: self.cutter_jammed,
        }
    }

    fn is_dumb(&self) -> bool {
        self.faults.any(|fault| matches!(fault, Fault::Silence { printing: false }))
    }

    /// For the control port.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let status = self.status();
        let (cuts, rows) = self.paper.counters();
        let unknown: serde_json::Map<String, Value> =
            self.unknown.iter().map(|(what, count)| (what.clone(), (*count).into())).collect();
        json!({
            "online": status.is_online(), "status": status, "faults": self.faults.to_json(),
            "asb": self.asb, "paper_width_dots": self.paper.width(), "bytes_received": self.intake.taken(),
            "buffered": self.intake.waiting(), "buffer": self.intake.capacity(), "strips_waiting": self.layout.strips.len(),
            "between_commands": self.intake.is_between_commands(),
            "rows_printed": rows, "cuts": cuts, "receipts": self.paper.receipts().count(),
            "uncut_rows": self.paper.current().rows, "unknown_commands": unknown,
        })
    }
}

/// The answer to `GS I n`: single bytes for 1 to 3, and strings that begin with 5FH and end with NUL.
fn printer_id(n: u8) -> Vec<u8> {
    let text = match n {
        // Model and type: as a TM-T88V with a cutter.
        1 | 49 => return vec![0x20],
        2 | 50 => return vec![0x02],
        3 | 51 => return vec![0x01],
        65 => "1.00 SIM",
        66 => "KIOSK SIMULATORS",
        67 => "SIM-T80",
        68 => "SIM0000001",
        69 => "",
        _ => return Vec::new(),
    };
    [&[0x5f], text.as_bytes(), &[0]].concat()
}

fn short(command: &Command) -> String {
    format!("{command:?}").chars().take(60).collect()
}
