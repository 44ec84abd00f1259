//! Figures of the store: `cargo run -p kiosk-register --example figures [ROWS] [FOLDER]`.
//!
//! A durable record against `fdatasync` of as many bytes, by turns in one run; and a register of 10,000, 100,000 and 1,000,000
//! entries (or up to ROWS): by number, by code, and one more entry.
#![expect(clippy::print_stdout, reason = "the figures are what it is for")]

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use kiosk_register::{
    Clock, Code, EARLIEST_MS, Hash, Options, Reading, RegisterNumber, Request, Search, State, Step, Store,
};

const COMMITS: usize = 300;
const LOOKUPS: usize = 2000;
const INSERTS: usize = 50;
const BATCH: i64 = 10_000;

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

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let rows: i64 = arguments.next().map_or(Ok(1_000_000), |rows| rows.parse())?;
    let own = tempfile::tempdir()?;
    let parent = arguments.next().map_or_else(|| own.path().to_owned(), std::path::PathBuf::from);
    let open = |name: &str| Store::open(&parent.join(name), &Options::default(), Box::new(Still));
    commits(&mut open("commits")?, &parent)?;
    let mut store = open("register")?;
    let officer = Code::new("officer-1")?;
    let mut filled = 0;
    for goal in [10_000, 100_000, 1_000_000, rows].into_iter().filter(|goal| *goal <= rows) {
        while filled < goal {
            store.fill_for_figures(filled, BATCH.min(goal - filled), &officer)?;
            filled += BATCH.min(goal - filled);
        }
        filled += look(&mut store, filled, &officer)?;
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

/// Gives how many entries it has added.
fn look(store: &mut Store, filled: i64, officer: &Code) -> Result<i64, Box<dyn Error>> {
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
    let (by_number, by_code, inserts) = (p50(by_number), p50(by_code), p50(inserts));
    println!("{filled} entries, p50: by number {by_number:?}, by code {by_code:?}, one more {inserts:?}");
    Ok(i64::try_from(INSERTS)?)
}
