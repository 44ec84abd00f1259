//! The scanning thread's part of a scan: sets the options, starts and reads page after page, and judges whether each is
//! whole. What it reads goes to the working thread, which makes pictures of it (`page`).
//!
//! ```text
//! options ──► sane_start ──► parameters ──► sane_read … EOF ──► whole? ──► again (feeder) ──► sane_cancel
//!               │ NO_DOCS: the feeder is empty                   └ no: never a page
//!               └ busy, warming up: again in a moment
//! ```
//!
//! Document: "SANE Standard" 1.06, section 4.4 ("Code Flow").

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::scanner::{ScanEnd, ScanRequest, ScanSource};

use crate::ffi::Device;
use crate::lines::{Format, LINES_MAX};
use crate::options::Options;
use crate::settings::{self, Habits};
use crate::status::Status;
use crate::trouble::Trouble;

/// Most pages of one scan, also where the request names no limit: the feeder of a large scanner holds 500 sheets.
const PAGES_MAX: u16 = 500;
/// How much is read at once, bytes.
const READ: usize = 256 << 10;
/// How much is collected before it goes on, bytes; backends may send as little as they like.
const COLLECTED: usize = 64 << 10;
/// How long bytes wait for more.
const WAITS: Duration = Duration::from_millis(50);
/// When a scanner that is busy or warming up is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(400);
/// When a backend that has no bytes just now is asked again.
const NOTHING_YET: Duration = Duration::from_millis(5);

/// What the scanning thread says to the working one.
#[derive(Debug)]
pub(crate) enum Said {
    /// A page begins; the resolution is the one that it really has.
    Page { page: u16, format: Format, dpi: u16 },
    /// Its bytes.
    Bytes(Vec<u8>),
    /// It is whole.
    Whole,
    /// The scan is over.
    End(Result<ScanEnd, Trouble>),
}

/// The wish to give a scan up, set by the working thread.
#[derive(Clone, Default)]
pub(crate) struct GiveUp(Arc<(AtomicBool, Mutex<()>, Condvar)>);

impl GiveUp {
    pub(crate) fn set(&self) {
        let (flag, lock, woken) = &*self.0;
        let _guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        flag.store(true, Ordering::SeqCst);
        woken.notify_all();
    }

    pub(crate) fn is_set(&self) -> bool {
        self.0.0.load(Ordering::SeqCst)
    }

    /// Waits, unless it is set.
    fn pause(&self, time: Duration) {
        let (flag, lock, woken) = &*self.0;
        let guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        // Woken or not: whoever called looks at the flag.
        let _ = woken.wait_timeout_while(guard, time, |()| !flag.load(Ordering::SeqCst));
    }

    fn check(&self) -> Result<(), Trouble> {
        if self.is_set() { Err(Trouble::Cancelled) } else { Ok(()) }
    }
}

/// One scan.
pub(crate) struct Scan<'a> {
    pub(crate) device: &'a Device<'a>,
    pub(crate) give_up: &'a GiveUp,
    /// When a busy scanner is not asked any more.
    pub(crate) deadline: Instant,
    pub(crate) out: &'a SyncSender<Said>,
}

impl Scan<'_> {
    /// Scans. Whoever calls ends the scan ([`Device::end_scan`]), however it went.
    ///
    /// # Errors
    /// Why there are not all pages.
    pub(crate) fn run(
        &self,
        options: &mut Options<'_>,
        request: &ScanRequest,
        habits: &Habits,
    ) -> Result<ScanEnd, Trouble> {
        let dpi = settings::apply(options, request, habits)?;
        let flatbed = request.source == ScanSource::Flatbed;
        let limit = request.max_pages.unwrap_or(PAGES_MAX).min(PAGES_MAX);
        for page in 1..=limit {
            self.give_up.check()?;
            match self.start() {
                Ok(()) => {}
                Err(Trouble::Status { status: Status::NoDocs }) if page > 1 => return Ok(ScanEnd::SourceEmpty),
                Err(trouble) => return Err(trouble),
            }
            let format = Format::of(&self.device.parameters()?, page)?;
            self.say(Said::Page { page, format, dpi })?;
            self.read(page, &format)?;
            self.say(Said::Whole)?;
            if flatbed {
                return Ok(ScanEnd::SourceEmpty);
            }
        }
        Ok(ScanEnd::PageLimit)
    }

    fn say(&self, said: Said) -> Result<(), Trouble> {
        // Nobody listens: the scan was given up.
        self.out.send(said).map_err(|_| Trouble::Cancelled)
    }

    /// Starts a page; waits for a scanner that is busy or warming up.
    fn start(&self) -> Result<(), Trouble> {
        loop {
            match self.device.start() {
                Ok(()) => return Ok(()),
                Err(status) => {
                    self.give_up.check()?;
                    if !status.passes() || Instant::now() + ASK_AGAIN >= self.deadline {
                        return Err(status.into());
                    }
                    tracing::debug!(%status, "asking the scanner again");
                }
            }
            self.give_up.pause(ASK_AGAIN);
            self.give_up.check()?;
        }
    }

    /// Reads a page to its end and sees that it is whole: a backend says "end" also after a cancel, or when it lost the
    /// scanner.
    fn read(&self, page: u16, format: &Format) -> Result<(), Trouble> {
        let total = format.total();
        let most = u64::from(LINES_MAX) * format.line_bytes as u64;
        let (mut got, mut used, mut sent) = (0_u64, 0, Instant::now());
        let mut buffer = vec![0; READ];
        loop {
            self.give_up.check()?;
            let room = &mut buffer[used..];
            match self.device.read(room) {
                Ok(length) => {
                    let max = room.len();
                    let count = usize::try_from(length).ok().filter(|count| *count <= max);
                    let count = count.ok_or(Trouble::Length { length, max })?;
                    if count == 0 {
                        self.give_up.pause(NOTHING_YET);
                    }
                    used += count;
                    got += count as u64;
                }
                Err(Status::Eof) => break,
                Err(Status::Cancelled) if self.give_up.is_set() => return Err(Trouble::Cancelled),
                Err(status) => return Err(status.into()),
            }
            if let Some(expected) = total.filter(|total| got > *total) {
                return Err(Trouble::Long { page, expected });
            }
            if got > most {
                let (what, limit) = (format!("more than {LINES_MAX} lines high"), LINES_MAX.to_string());
                return Err(Trouble::TooLarge { page, what, limit });
            }
            if used >= COLLECTED || (used > 0 && sent.elapsed() >= WAITS) {
                // A copy of what came costs less than fresh memory for what may come.
                self.say(Said::Bytes(buffer[..used].to_vec()))?;
                (used, sent) = (0, Instant::now());
            }
        }
        self.give_up.check()?;
        if used > 0 {
            buffer.truncate(used);
            self.say(Said::Bytes(buffer))?;
        }
        let line = format.line_bytes as u64;
        let expected = total.unwrap_or_else(|| got.div_ceil(line).max(1) * line);
        if got == expected { Ok(()) } else { Err(Trouble::Short { page, got, expected }) }
    }
}
