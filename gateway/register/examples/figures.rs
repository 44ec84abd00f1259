//! Figures of the store: `cargo run -p kiosk-register --example figures [ENTRIES] [FOLDER]`; `make bench` takes 100,000.
//!
//! A durable record against `fdatasync` of as many bytes, by turns in one run; and a register of 10,000, 100,000 and 1,000,000
//! entries (up to ENTRIES), each with the 20 records of its case and the last 1,000 of each size with
//! their cases still there: by number, by code, one more entry, and how long it takes to open. A million entries take 4.3 GB.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use kiosk_register::{
    Check, Clock, Code, EARLIEST_MS, Hash, Options, Reading, RegisterNumber, Request, Search, State, Step, Store,
    StoreError,
};

const COMMITS: usize = 300;
const LOOKUPS: usize = 2000;
const INSERTS: usize = 50;
/// Entries of one transaction.
const BATCH: i64 = 5_000;
/// Cases that are still there: 50,000 copies a year, kept for seven days.
const KEPT: i64 = 1_000;
/// Openings of each kind.
const OPENINGS: usize = 5;

struct Still;

impl Clock for Still {
    fn read(&mut self) -> Reading {
        Reading { utc_ms: EARLIEST_MS + 86_400_000, steady_ms: 0, synchronised: true }
    }
}

fn p50(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn timed<T>(times: &mut Vec<Duration>, work: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = work();
    times.push(begun.elapsed());
    done
}

/// The figures of one size.
struct Figures {
    by_number: Duration,
    by_code: Duration,
    one_more: Duration,
}

/// What this thread has computed until now: other programs on the machine do not count.
fn computed() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let most: i64 = arguments.next().map_or(Ok(100_000), |entries| entries.parse())?;
    let own = tempfile::tempdir()?;
    let parent = arguments.next().map_or_else(|| own.path().to_owned(), std::path::PathBuf::from);
    commits(&mut open(&parent.join("commits"), Check::Quick)?, &parent)?;
    let folder = parent.join("register");
    let officer = Code::new("officer-1")?;
    let (mut filled, mut smallest) = (0, None);
    let goals = BTreeSet::from([10_000, 100_000, 1_000_000, most]);
    for goal in goals.into_iter().filter(|goal| *goal <= most) {
        let mut store = open(&folder, Check::Quick)?;
        while filled < goal {
            // The last ones of each size are kept.
            let purged = goal - KEPT - filled;
            let (count, kept) = if purged > 0 { (purged.min(BATCH), false) } else { (goal - filled, true) };
            store.fill_for_figures(filled + 1..=filled + count, kept, &officer)?;
            filled += count;
        }
        let figures = look(&mut store, filled, &officer)?;
        drop(store);
        filled += i64::try_from(INSERTS)?;
        let first = smallest.get_or_insert((figures.by_number, figures.by_code, figures.one_more));
        let ratio = |now: Duration, then: Duration| now.as_secs_f64() / then.as_secs_f64();
        println!(
            "{goal} entries, p50: by number {:?} ({:.2}), by code {:?} ({:.2}), one more {:?} ({:.2})",
            figures.by_number,
            ratio(figures.by_number, first.0),
            figures.by_code,
            ratio(figures.by_code, first.1),
            figures.one_more,
            ratio(figures.one_more, first.2),
        );
        openings(&folder, goal)?;
    }
    Ok(())
}

fn open(folder: &Path, check: Check) -> Result<Store, StoreError> {
    Store::open(folder, &Options { check, ..Options::default() }, Box::new(Still))
}

/// How long it takes to open, with the file in the system's memory and without; on the clock, and of computing alone.
fn openings(folder: &Path, goal: i64) -> Result<(), Box<dyn Error>> {
    let database = folder.join("register.db");
    let mut kinds: [(&str, Vec<Duration>, Vec<Duration>); 4] =
        ["open", "open from the disk", "open with the whole check", "10,000 records of a self-check"]
            .map(|kind| (kind, Vec::new(), Vec::new()));
    let mut timed = |kind: usize, work: &mut dyn FnMut() -> Result<bool, StoreError>| -> Result<bool, StoreError> {
        let (_, wall, cpu) = &mut kinds[kind];
        let before = computed();
        let done = timed(wall, work)?;
        cpu.push(computed().saturating_sub(before));
        Ok(done)
    };
    let opened = |check| {
        let store = open(folder, check)?;
        assert_eq!(store.findings(), [], "what was filled in is lawful");
        Ok(true)
    };
    timed(2, &mut || opened(Check::Whole))?;
    for _ in 0..OPENINGS {
        timed(0, &mut || opened(Check::Quick))?;
        let file = File::open(&database)?;
        file.sync_all()?;
        rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed)?;
        timed(1, &mut || opened(Check::Quick))?;
    }
    let mut store = open(folder, Check::Quick)?;
    while !timed(3, &mut || store.self_check(10_000))? {}
    println!("{goal} entries, {} MB, p50:", database.metadata()?.len() / 1_000_000);
    for (kind, wall, cpu) in kinds {
        println!("  {kind} {:?} ({:?} of computing)", p50(wall), p50(cpu));
    }
    Ok(())
}

fn commits(store: &mut Store, parent: &Path) -> Result<(), Box<dyn Error>> {
    let procedure = Code::new("birth-certificate")?;
    let wal = parent.join("commits/register.db-wal");
    let case = store.open_case(&procedure)?;
    let before = wal.metadata()?.len();
    store.advance(case, &Step::Captured)?;
    let bytes = usize::try_from(wal.metadata()?.len() - before)?;
    let content = vec![0x5A; bytes];
    let mut appended = File::create(parent.join("appended"))?;
    let mut over = OpenOptions::new().create(true).truncate(true).write(true).read(true).open(parent.join("over"))?;
    over.write_all(&content)?;
    over.sync_all()?;
    let (mut ours, mut raw, mut raw_over) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..COMMITS {
        let case = store.open_case(&procedure)?;
        timed(&mut ours, || store.advance(case, &Step::Captured))?;
        timed(&mut raw, || appended.write_all(&content).and_then(|()| appended.sync_data()))?;
        over.seek(SeekFrom::Start(0))?;
        timed(&mut raw_over, || over.write_all(&content).and_then(|()| over.sync_data()))?;
    }
    let (ours, raw, raw_over) = (p50(ours), p50(raw), p50(raw_over));
    println!("one record, durable ({bytes} bytes), p50 of {COMMITS}: {ours:?}");
    println!(
        "fdatasync of as many bytes, at the end of a file: {raw:?} ({:.2})",
        ours.as_secs_f64() / raw.as_secs_f64()
    );
    println!("and over others: {raw_over:?} ({:.2})", ours.as_secs_f64() / raw_over.as_secs_f64());
    Ok(())
}

/// Looks entries up, and adds [`INSERTS`] more.
fn look(store: &mut Store, filled: i64, officer: &Code) -> Result<Figures, Box<dyn Error>> {
    let (mut by_number, mut by_code, mut inserts) = (Vec::new(), Vec::new(), Vec::new());
    let all = Search { from_ms: 0, until_ms: i64::MAX, officer: None, after: 0, most: 1 };
    let book = store.search(&all)?.pop().ok_or("no entry")?.number.book;
    for look in 0..LOOKUPS {
        let number = i64::try_from(look * 7919)? % filled + 1;
        let number = RegisterNumber { book: book.clone(), number };
        let entry = timed(&mut by_number, || store.find_number(&number))?.ok_or("no such number")?;
        let again = timed(&mut by_code, || store.find_code(&entry.code_hmac))?;
        if again.as_ref() != Some(&entry) {
            return Err("another entry".into());
        }
    }
    for _ in 0..INSERTS {
        let case = store.open_case(officer)?;
        let (officer, content) = (officer.clone(), Hash([1; 32]));
        let steps = [
            Step::Captured,
            Step::Recognised,
            Step::Identified,
            Step::Prepared { content },
            Step::AwaitingOfficer,
            Step::Approved { officer: officer.clone() },
        ];
        for step in steps {
            store.advance(case, &step)?;
        }
        let mut code_hmac = [0; 32];
        getrandom::fill(&mut code_hmac)?;
        let request = Request { agency: officer, volume: 1, pages: 1, code_hmac: Hash(code_hmac) };
        timed(&mut inserts, || store.number(case, &request))?;
        assert_eq!(store.case(case)?.state, State::Numbered);
    }
    Ok(Figures { by_number: p50(by_number), by_code: p50(by_code), one_more: p50(inserts) })
}
