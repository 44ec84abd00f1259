//! One receipt, from the first question to the printer's word that it is on paper.
//!
//! ```text
//! ask (DLE EOT) ─► tidy up after a stopped receipt ─► is its command processor there? (GS ( H, GS r)
//!      │ obstacle        │                                  │ no answer
//!      └─────────────────┴──────── not printed ─────────────┘
//! set up ─► band ─► band ─► … ─► cut ─► GS ( H or GS r ─► wait ─► printed
//!             │ paper out, cover, silence, hang-up, cancel, deadline │
//!             └──────────── clear the printer ─► unknown ────────────┘
//! ```

use std::time::{Duration, Instant};

use kiosk_driver_sdk::Until;
use kiosk_driver_sdk::protocol::receipt::Cut;

use super::sending::{Cutoff, Untidy, go_on};
use super::{Past, Printer, Trouble};
use crate::job::Job;
use crate::wire;
use crate::wire::condition::Condition;
use crate::wire::query::{ProcessId, Query};
use crate::wire::sorter::Message;

/// The slowest printers feed this many millimetres a second; a printer may be quiet while it prints what it has.
const SLOWEST_MM_PER_S: u32 = 50;
/// The slowest lines take this many bytes a second (19,200 baud, behind a converter that has taken all of a receipt at
/// once); a question comes to the printer behind what is still on its way.
const SLOWEST_BYTES_PER_S: usize = 1_920;
/// And not more than this is on its way: what converters and network cards hold, bytes.
const ON_THE_WAY_MAX: usize = 32 << 10;

/// A receipt that was not confirmed.
#[derive(Debug)]
pub(crate) struct Stopped {
    /// Why.
    pub(crate) trouble: Trouble,
    /// Printable bytes have left: some of it may be on paper.
    pub(crate) begun: bool,
}

/// How the printer says that a receipt is on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Confirmation {
    /// It gives a process id back, which it does when all before it is printed.
    ProcessId,
    /// It answers a question that its command processor comes to after the cut. Weaker: it holds together with a
    /// status without fault after it.
    PaperSensor,
}

impl Printer {
    /// Prints one receipt; gives the printer's condition afterwards. `progress` hears the bytes sent so far.
    pub(crate) fn print(
        &mut self,
        job: &Job,
        cut: Cut,
        until: &Until,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Condition, Stopped> {
        let not_begun = |trouble| Stopped { trouble, begun: false };
        let confirmation = self.prepare(cut, until).map_err(not_begun)?;
        let quiet = self.limits.quiet + Duration::from_secs((job.length_mm / SLOWEST_MM_PER_S).into());
        let mut begun = false;
        self.send(job, confirmation, until, quiet, &mut begun, progress).map_err(|(trouble, owed)| {
            // What cannot be confirmed may still be printing: there is nothing to clear.
            let stopped = begun && !matches!(trouble, Trouble::Unconfirmed);
            let trouble = if stopped { self.abandon(owed, cut, trouble) } else { trouble };
            Stopped { trouble, begun }
        })
    }

    /// Makes sure that the printer will print, and finds how it will confirm that, if it can; nothing printable is sent.
    fn prepare(&mut self, cut: Cut, until: &Until) -> Result<Option<Confirmation>, Trouble> {
        self.ask_again(until);
        let condition = self.look(until)?;
        if let Some(obstacle) = condition.obstacle() {
            return Err(Trouble::Obstacle(obstacle));
        }
        if condition.passing {
            return Err(Trouble::Hot);
        }
        if !condition.online {
            return Err(Trouble::OffLine);
        }
        if self.past == Past::Unknown {
            // One that answers tells below whether it still waits for the rest of a picture.
            let owed = if self.voice.confirms() { 0 } else { self.largest_band() };
            self.untidy.get_or_insert(Untidy { owed, cut });
        }
        if self.untidy.is_some() {
            self.tidy()?;
            // Until the probe is answered nobody knows whether the paper was cut.
            self.past = Past::Unknown;
        }
        if !self.voice.confirms() {
            self.past = Past::Known;
            return Ok(None);
        }
        let confirmation = match self.probe(until) {
            Err(Trouble::Silent | Trouble::Garbled) => {
                // It answers in real time but its command processor does not: a driver that died in the middle of a
                // picture leaves it waiting for the rest.
                tracing::warn!("the printer does not come to its commands; clearing it");
                self.untidy = Some(Untidy { owed: self.largest_band(), cut });
                self.tidy()?;
                self.probe(until)?
            }
            other => other?,
        };
        self.past = Past::Known;
        Ok(Some(confirmation))
    }

    /// Has the printer answer through its command processor: what was sent before is done, its answers are in.
    fn probe(&mut self, until: &Until) -> Result<Confirmation, Trouble> {
        let until = until.at_most(self.limits.ready);
        let id = self.next_process_id();
        let sensor = self.paper_sensor();
        self.write(&[id.bytes(), sensor].concat(), &until)?;
        let mut wait = until.at_most(self.limits.look);
        loop {
            if self.echo == Some(id.0) {
                return Ok(Confirmation::ProcessId);
            }
            if self.plain_owed == 0 {
                return Ok(Confirmation::PaperSensor);
            }
            if self.listen(&wait)?.is_some() {
                continue;
            }
            if wait.deadline >= until.deadline {
                self.plain_owed = 0;
                return Err(self.no_answer(&until));
            }
            // Something may have come up, such as a cutter that jams in the cut between two receipts.
            if let Ok(Some(obstacle)) = self.condition(&until).map(|condition| condition.obstacle()) {
                return Err(Trouble::Obstacle(obstacle));
            }
            wait = until.clone();
        }
    }

    /// Sends all of it and waits for the confirmation; on trouble also the bytes that the printer still waits for.
    fn send(
        &mut self,
        job: &Job,
        confirmation: Option<Confirmation>,
        until: &Until,
        quiet: Duration,
        begun: &mut bool,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Condition, (Trouble, usize)> {
        go_on(until).map_err(|trouble| (trouble, 0))?;
        let mut sent = job.opening.len();
        self.push(&job.opening, until, quiet).map_err(|cutoff| (cutoff.trouble, 0))?;
        for band in &job.bands {
            go_on(until).map_err(|trouble| (trouble, 0))?;
            self.push(band, until, quiet).map_err(|Cutoff { trouble, taken }| {
                // After a hang-up nobody knows what has arrived.
                *begun |= taken > 0 || matches!(trouble, Trouble::Gone(_));
                (trouble, if taken == 0 { 0 } else { band.len() - taken })
            })?;
            *begun = true;
            sent += band.len();
            progress(sent);
        }
        let id = self.next_process_id();
        let question = match confirmation {
            Some(Confirmation::ProcessId) => id.bytes(),
            Some(Confirmation::PaperSensor) => self.paper_sensor(),
            None => Vec::new(),
        };
        self.push(&[job.ending, &question].concat(), until, quiet).map_err(|cutoff| (cutoff.trouble, 0))?;
        progress(job.total_bytes());
        let quiet = quiet + Duration::from_secs((job.total_bytes().min(ON_THE_WAY_MAX) / SLOWEST_BYTES_PER_S) as u64);
        match confirmation {
            Some(confirmation) => self.confirm(confirmation, id, until, quiet),
            None => Err(self.unconfirmed(until)),
        }
        .map_err(|trouble| (trouble, 0))
    }

    /// Waits for the printer's word. Everything has been sent, so it may be asked how it is in the meantime.
    fn confirm(
        &mut self,
        confirmation: Confirmation,
        id: ProcessId,
        until: &Until,
        quiet: Duration,
    ) -> Result<Condition, Trouble> {
        let mut heard = Instant::now();
        loop {
            let confirmed = match confirmation {
                Confirmation::ProcessId => self.echo == Some(id.0),
                Confirmation::PaperSensor if self.strays > 0 => return Err(Trouble::Garbled),
                Confirmation::PaperSensor => self.plain_owed == 0,
            };
            if confirmed {
                return self.afterwards(confirmation, until);
            }
            go_on(until)?;
            match self.listen(&until.at_most(self.limits.look))? {
                // Noise is no word.
                Some(Message::Stray(_)) => {}
                Some(_) => heard = Instant::now(),
                None => match self.condition(until) {
                    Ok(_) => heard = Instant::now(),
                    Err(Trouble::Silent | Trouble::Garbled) => {}
                    Err(trouble) => return Err(trouble),
                },
            }
            // A fault that came together with its word that it is done is not this receipt's.
            let done = confirmation == Confirmation::ProcessId && self.echo == Some(id.0);
            if let (Some(obstacle), false) = (self.known.and_then(|known| known.obstacle()), done) {
                return Err(Trouble::Obstacle(obstacle));
            }
            if heard.elapsed() >= quiet {
                return Err(self.no_answer(until));
            }
        }
    }

    fn afterwards(&mut self, confirmation: Confirmation, until: &Until) -> Result<Condition, Trouble> {
        let now = Until { deadline: until.deadline.max(Instant::now() + self.limits.answer), cancel: None };
        match (self.condition(&now.at_most(self.limits.answer * 2)), confirmation, self.known) {
            (Ok(condition), Confirmation::ProcessId, _) => Ok(condition),
            (Err(_), Confirmation::ProcessId, Some(known)) => Ok(known),
            (Ok(condition), Confirmation::PaperSensor, _) => match condition.obstacle() {
                None => Ok(condition),
                Some(obstacle) => Err(Trouble::Obstacle(obstacle)),
            },
            (Err(trouble), ..) => Err(trouble),
        }
    }

    fn next_process_id(&mut self) -> ProcessId {
        self.next_id = self.next_id.wrapping_add(1);
        ProcessId::numbered(self.next_id)
    }

    /// The data of the largest band that any driver of this printer may have begun, bytes.
    fn largest_band(&self) -> usize {
        wire::BAND_ROWS * 104
    }
}
