//! Kills: a child works as fast as it can and tells each acknowledged call; it is killed at some instant, and all that it told
//! must be there. Used by a test (some hundred kills) and by the example `kills` (as many as asked for).

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kiosk_register::{
    CaseId, Channel, Check, Clock, Code, Copy, Delivery, DeliveryId, EARLIEST_MS, Hash, Kind, Options, Outcome,
    Personal, Purge, Reading, Request, Search, State, Step, Store, StoreError, Todo,
};

/// So long a child takes on no machine, however busy.
const HUNG: Duration = Duration::from_secs(600);
/// Begins the name of each citizen; the case makes it his own.
const NAME: &str = "Công Dân Giả ";
/// What the child's printer has put on paper, a line for each sheet. The system keeps it when the child is killed.
const PAPER: &str = "paper";

/// A clock that runs with the steady one.
struct Running;

impl Clock for Running {
    fn read(&mut self) -> Reading {
        let steady = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let steady_ms = steady.tv_sec * 1000 + steady.tv_nsec / 1_000_000;
        Reading { utc_ms: EARLIEST_MS + steady_ms, steady_ms, synchronised: true }
    }
}

fn open(parent: &Path, check: Check) -> Result<Store, StoreError> {
    let options = Options { retention_ms: 0, reserve_bytes: 1 << 20, check };
    Store::open(&parent.join("store"), &options, Box::new(Running))
}

fn code(text: &str) -> Code {
    Code::new(text).expect("a good code")
}

/// A hash that belongs to the case, and is none other's.
fn hash(case: CaseId, what: u8) -> Hash {
    let mut bytes = [what; 32];
    for (byte, digit) in bytes.iter_mut().skip(1).zip(case.to_string().bytes().take(31)) {
        *byte = digit;
    }
    Hash(bytes)
}

// ---------------------------------------------------------------------------------------------------------------- the child

/// Works in `parent` until it is killed.
pub(crate) fn work(parent: &Path) -> Result<(), StoreError> {
    let mut store = open(parent, Check::Quick)?;
    tell("ready");
    for resume in store.resume()? {
        match resume.todo {
            Todo::PrintUnknown(delivery) => {
                // A person counts the sheets.
                let printed = sheets(parent).iter().any(|(_, id, _)| *id == delivery.0);
                let outcome = if printed { Outcome::Done } else { Outcome::NotDone };
                store.settle(delivery, &code("officer-2"), outcome)?;
                tell(&format!("delivery {} {}", delivery.0, outcome.name()));
            }
            Todo::OutcomeUnknown(to) => {
                store.abandon(resume.case, to, &code("not-found"))?;
            }
            Todo::NeedsPerson { record } => panic!("record {record} is damaged"),
            Todo::GoOn(_) | Todo::NeedsOfficer => {}
        }
    }
    for case in store.resume()?.iter().map(|resume| resume.case).collect::<Vec<_>>() {
        finish(&mut store, parent, case)?;
    }
    loop {
        let case = store.open_case(&code("birth-certificate"))?;
        tell(&format!("case {case} {} 0", State::Opened.name().replace(' ', "-")));
        store.put_personal(case, &code("name"), &Personal(format!("{NAME}{case}").into_bytes()))?;
        finish(&mut store, parent, case)?;
        store.self_check(100)?;
    }
}

/// One line at once, whole or not at all for the reader: a pipe takes less than a page in one piece.
fn tell(line: &str) {
    let mut out = io::stdout().lock();
    out.write_all(format!("ack {line}\n").as_bytes()).and_then(|()| out.flush()).expect("the parent reads");
}

fn finish(store: &mut Store, parent: &Path, case: CaseId) -> Result<(), StoreError> {
    loop {
        let state = store.case(case)?.state;
        let mut number = 0;
        let effect = |store: &mut Store, to, step| {
            store.intend(case, to)?;
            store.advance(case, &step)
        };
        let to = match state {
            State::Opened => store.advance(case, &Step::Captured).map(|_| State::Captured)?,
            State::Captured => store.advance(case, &Step::Recognised).map(|_| State::Recognised)?,
            State::Recognised => store.advance(case, &Step::Identified).map(|_| State::Identified)?,
            State::Identified => {
                store.advance(case, &Step::Prepared { content: hash(case, 1) }).map(|_| State::Prepared)?
            }
            State::Prepared => store.advance(case, &Step::AwaitingOfficer).map(|_| State::AwaitingOfficer)?,
            State::AwaitingOfficer => {
                store.advance(case, &Step::Approved { officer: code("officer-1") }).map(|_| State::Approved)?
            }
            State::Approved => {
                let request = Request { agency: code("ward-7"), volume: 1, pages: 1, code_hmac: hash(case, 2) };
                number = store.number(case, &request)?.number.number;
                State::Numbered
            }
            State::Numbered => {
                effect(store, State::Logged, Step::Logged { leaf: hash(case, 3) }).map(|_| State::Logged)?
            }
            State::Logged => {
                effect(store, State::Signed, Step::Signed { file: hash(case, 4) }).map(|_| State::Signed)?
            }
            State::Signed => {
                print(store, parent, case)?;
                store.advance(case, &Step::Delivered).map(|_| State::Delivered)?
            }
            State::Delivered => effect(store, State::Stored, Step::Stored).map(|_| State::Stored)?,
            // Some are still kept.
            State::Stored if !case.to_string().starts_with('0') => {
                store.purge(case, &Purge::Retention)?;
                tell(&format!("case {case} {} 0", State::Purged.name()));
                return Ok(());
            }
            _ => return Ok(()),
        };
        tell(&format!("case {case} {} {number}", to.name().replace(' ', "-")));
    }
}

/// Prints, unless that is done; sometimes once more, as a reprint.
fn print(store: &mut Store, parent: &Path, case: CaseId) -> Result<(), StoreError> {
    let known = store.case(case)?;
    let mut waiting: Vec<DeliveryId> = Vec::new();
    for delivery in known.deliveries.values() {
        let again = kiosk_register::Progress::Finished(Outcome::NotDone);
        if delivery.progress == kiosk_register::Progress::Queued || delivery.progress == again {
            waiting.push(delivery.id);
        }
    }
    if waiting.is_empty() && !known.is_delivered() {
        waiting.push(store.queue(case, Channel::Print, &format!("first {case}"))?);
        if case.to_string().starts_with(['0', '1', '2', '3']) {
            waiting.push(store.queue_reprint(case, &code("officer-3"), &format!("second {case}"))?);
        }
    }
    for id in waiting {
        let delivery = store.start(id)?;
        put_on_paper(parent, &delivery);
        store.finish(id, Outcome::Done)?;
        tell(&format!("delivery {} done", id.0));
    }
    Ok(())
}

fn put_on_paper(parent: &Path, delivery: &Delivery) {
    let flag = if delivery.copy == Copy::Reprint { "reprint" } else { "first" };
    let mut paper = OpenOptions::new().create(true).append(true).open(parent.join(PAPER)).expect("paper");
    // 64 bytes: a kill cuts a write between two pages of memory, which would be half a sheet.
    let sheet = format!("{} {} {flag}", delivery.case, delivery.id.0);
    paper.write_all(format!("{sheet:<63}\n").as_bytes()).expect("paper");
}

/// All sheets: case, delivery, whether it says that it is a reprint.
fn sheets(parent: &Path) -> Vec<(String, i64, bool)> {
    let text = std::fs::read_to_string(parent.join(PAPER)).unwrap_or_default();
    let parts = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    parts.map(|it| (it[0].to_owned(), it[1].parse().expect("a number"), it[2] == "reprint")).collect()
}

// --------------------------------------------------------------------------------------------------------------- the parent

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) kills: u32,
    pub(crate) acknowledged: usize,
    pub(crate) lost: usize,
    /// What was lost, and what there is instead.
    pub(crate) lost_are: Vec<String>,
    pub(crate) unflagged_duplicates: usize,
    pub(crate) gaps: usize,
    pub(crate) numbers: i64,
    pub(crate) sheets: usize,
    pub(crate) unknown: usize,
    pub(crate) purged: usize,
    /// Names of purged cases that are still in a file.
    pub(crate) left_behind: usize,
    pub(crate) slowest_ready: Duration,
}

impl Report {
    /// What must not be: lost, unflagged duplicates, gaps, names that were left behind.
    pub(crate) fn wrong(&self) -> [usize; 4] {
        [self.lost, self.unflagged_duplicates, self.gaps, self.left_behind]
    }
}

/// Starts children by `child` and kills them, `kills` times; tells what there is after each look.
pub(crate) fn run(
    parent: &Path,
    kills: u32,
    mut child: impl FnMut() -> Child,
    mut looked: impl FnMut(&Report),
) -> Report {
    let mut report = Report::default();
    let (mut states, mut deliveries) = (HashMap::new(), HashSet::new());
    let between_looks = 25.max(kills / 100);
    for kill in 0..kills {
        let begun = Instant::now();
        let mut child = child();
        let lines = BufReader::new(child.stdout.take().expect("the child's output is a pipe"));
        let (told, heard) = mpsc::channel();
        let reader = std::thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                // It goes on reading to the end: what was told before the kill counts.
                drop(told.send(line));
            }
        });
        let mut all: Vec<String> = Vec::new();
        let mut random = [0; 8];
        getrandom::fill(&mut random).expect("random bytes");
        let [lines, _, _, _, micros @ ..] = random;
        let micros = u64::from(u32::from_le_bytes(micros));
        // Every fourth one is killed at some instant of its start. The others are given some calls and then some instants more,
        // so that they get on however busy the machine is.
        let at_most = if kill % 4 == 0 {
            60_000
        } else {
            for line in 0..=lines % 32 {
                all.push(heard.recv_timeout(HUNG).expect("the child works"));
                if line == 0 {
                    report.slowest_ready = report.slowest_ready.max(begun.elapsed());
                }
            }
            8_000
        };
        let until = Instant::now() + Duration::from_micros(micros % at_most);
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            all.extend(heard.recv_timeout(left));
        }
        child.kill().expect("the child is ours");
        child.wait().expect("the child is ours");
        reader.join().expect("the reader ends with the pipe");
        all.extend(heard.try_iter());
        report.kills += 1;
        for line in &all {
            let Some(told) = line.split_once("ack ").map(|(_, told)| told) else { continue };
            let parts: Vec<&str> = told.split(' ').collect();
            match parts.as_slice() {
                ["case", case, state, number] => {
                    report.acknowledged += 1;
                    states.insert(
                        ((*case).to_owned(), state.replace('-', " ")),
                        number.parse::<i64>().expect("a number"),
                    );
                }
                ["delivery", id, outcome] => {
                    report.acknowledged += 1;
                    deliveries.insert((id.parse::<i64>().expect("a number"), (*outcome).to_owned()));
                }
                _ => {}
            }
        }
        if (kill + 1) % between_looks == 0 || kill + 1 == kills {
            look(parent, &mut report, &states, &deliveries);
            looked(&report);
        }
    }
    report
}

/// Opens the store and holds it against all that was told.
fn look(
    parent: &Path,
    report: &mut Report,
    states: &HashMap<(String, String), i64>,
    deliveries: &HashSet<(i64, String)>,
) {
    let mut store = open(parent, Check::Whole).expect("the store opens after a kill");
    assert_eq!(store.findings(), [], "nothing is damaged by a kill");
    while !store.compact().expect("it goes on where it was killed") {}
    (report.lost, report.unflagged_duplicates, report.gaps, report.left_behind) = (0, 0, 0, 0);
    let (mut reached, mut outcomes, mut begun) = (HashMap::new(), HashSet::new(), HashSet::new());
    report.unknown = 0;
    let told = states.keys().map(|(case, _)| CaseId::from_hex(case).expect("the case that was told"));
    let there = store.resume().expect("the cases are listed").into_iter().map(|resume| resume.case);
    for case in told.chain(there).collect::<HashSet<_>>() {
        for record in store.history(case).expect("the records are whole") {
            match (record.kind, record.number) {
                (Kind::Opened | Kind::Arrow, number) => {
                    let to = record.to.expect("an arrow leads somewhere");
                    reached.insert((case.to_string(), to.name().to_owned()), number.unwrap_or(0));
                    if to == State::Numbered {
                        let entry = store.entry(case).expect("the entry is whole").expect("it has an entry");
                        assert_eq!(Some(entry.number.number), number);
                    }
                }
                (Kind::Started, Some(id)) => drop(begun.insert(id)),
                (Kind::Finished, Some(id)) => {
                    let outcome = record.reason.expect("an outcome").to_string();
                    report.unknown += usize::from(outcome == Outcome::Unknown.name());
                    // A print that was known not to have happened may be begun again: it has more than one.
                    outcomes.insert((id, outcome));
                }
                _ => {}
            }
        }
    }
    let purged: HashSet<&str> =
        reached.keys().filter(|(_, to)| to == State::Purged.name()).map(|(case, _)| case.as_str()).collect();
    report.purged = purged.len();
    report.left_behind = names(parent).iter().filter(|name| purged.contains(name.as_str())).count();
    report.lost_are.clear();
    for (told, number) in states.iter().filter(|(told, number)| reached.get(*told) != Some(*number)) {
        report.lost_are.push(format!("{told:?} {number}, there is {:?}", reached.get(told)));
    }
    for told in deliveries.difference(&outcomes) {
        report.lost_are.push(format!("delivery {told:?}"));
    }
    report.lost = report.lost_are.len();
    let mut page = Search { from_ms: 0, until_ms: i64::MAX, officer: None, after: 0, most: 1000 };
    report.numbers = 0;
    loop {
        let entries = store.search(&page).expect("the register is whole");
        let Some(last) = entries.last() else { break };
        page.after = last.id;
        for entry in &entries {
            report.gaps += usize::from(entry.number.number != report.numbers + 1);
            report.numbers = entry.number.number;
        }
    }
    let sheets = sheets(parent);
    report.sheets = sheets.len();
    let mut firsts = HashSet::new();
    for (case, delivery, reprint) in &sheets {
        assert!(begun.contains(delivery), "paper came out of a delivery that was not begun");
        report.unflagged_duplicates += usize::from(!reprint && !firsts.insert(case.clone()));
    }
}

/// The cases whose citizen's name is in a file of the store.
fn names(parent: &Path) -> HashSet<String> {
    let mut names = HashSet::new();
    for file in std::fs::read_dir(parent.join("store")).expect("the store's folder") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("a file of the store");
        for (place, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == NAME.as_bytes()[0]) {
            if let Some(case) = bytes[place..].strip_prefix(NAME.as_bytes()) {
                names.insert(String::from_utf8_lossy(&case[..case.len().min(32)]).into_owned());
            }
        }
    }
    names
}

/// A child's output is read, its errors are seen.
pub(crate) fn piped(command: &mut std::process::Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("the child starts")
}
