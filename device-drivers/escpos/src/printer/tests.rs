mod babbling;
mod mute;
mod stopped;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use kiosk_driver_sdk::link::PortStatus;
use kiosk_driver_sdk::link::scripted::{Scripted, Step};
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, PrintOutcome, Retry};
use kiosk_driver_sdk::protocol::receipt::Cut;
use kiosk_driver_sdk::{CancelSignal, Link, LinkError, Until};

use super::*;
use crate::job::Job;
use crate::layout::{Paper, Raster};
use crate::wire::query::{ClearBuffers, PAPER_SENSOR, ProcessId, Query};

/// How long anything here may take before it counts as hung; a script that falls silent says so at once.
const PATIENCE: Duration = Duration::from_secs(60);
/// Only the wait for a printer's last word (`quiet`) really passes: long enough for a loaded machine, short enough for a
/// test. A look comes before the end of the wait that it is part of.
const LIMITS: Limits = Limits {
    answer: PATIENCE,
    ready: PATIENCE,
    quiet: Duration::from_secs(2),
    look: Duration::from_secs(1),
    tidy: PATIENCE,
};
const CUT: [u8; 4] = [0x1D, b'V', 66, 0];
const ASB_OK: [u8; 4] = [0x10, 0, 0, 0x0F];
const ASB_PAPER_OUT: [u8; 4] = [0x18, 0, 0x0F, 0x0F];

/// A scripted printer that the test can still see while the driver holds it.
#[derive(Clone)]
struct Watched(Arc<Mutex<Scripted>>);

impl Link for Watched {
    fn read(&mut self, buffer: &mut [u8], until: &Until) -> Result<usize, LinkError> {
        self.0.lock().unwrap().read(buffer, until)
    }
    fn write_all(&mut self, bytes: &[u8], until: &Until) -> Result<(), LinkError> {
        self.0.lock().unwrap().write_all(bytes, until)
    }
    fn port_status(&mut self, until: &Until) -> Result<Option<PortStatus>, LinkError> {
        self.0.lock().unwrap().port_status(until)
    }
}

/// A printer that plays one script after the other, a new one at each connection.
fn printer(scripts: Vec<Vec<Step>>) -> (Printer, Vec<Watched>) {
    printer_of(scripts.into_iter().map(Scripted::new).collect(), Answers::Auto)
}

fn printer_of(scripts: Vec<Scripted>, answers: Answers) -> (Printer, Vec<Watched>) {
    let links: Vec<_> = scripts.into_iter().map(|script| Watched(Arc::new(Mutex::new(script)))).collect();
    let mut waiting: VecDeque<_> = links.clone().into();
    let connect = move |_| match waiting.pop_front() {
        Some(link) => Ok(Box::new(link) as Box<dyn Link>),
        None => Err(LinkError::Absent { address: "the test".into(), reason: "no more scripts".into() }),
    };
    let mut printer = Printer::open(Box::new(connect), LIMITS, answers, 0).unwrap();
    printer.past = Past::Known;
    (printer, links)
}

fn played(links: &[Watched]) {
    for (number, link) in links.iter().enumerate() {
        let link = link.0.lock().unwrap();
        assert!(link.is_done(), "connection {number}: {link:?}");
    }
}

fn expect(bytes: &[u8]) -> Step {
    Step::Expect(bytes.to_vec())
}

fn send(bytes: &[u8]) -> Step {
    Step::Send(bytes.to_vec())
}

/// DLE EOT 1 to 4 with these answers.
fn asked(answers: [u8; 4]) -> Vec<Step> {
    (1..).zip(answers).flat_map(|(n, answer)| [expect(&[0x10, 0x04, n]), send(&[answer])]).collect()
}

fn healthy() -> Vec<Step> {
    asked([0x12; 4])
}

/// The process id's echo.
fn echo(number: u32) -> Vec<u8> {
    [&[0x37, 0x22], &ProcessId::numbered(number).0[..], &[0]].concat()
}

/// The question to the command processor, answered in full.
fn probed(number: u32) -> Vec<Step> {
    vec![
        expect(&[ProcessId::numbered(number).bytes(), PAPER_SENSOR.to_vec()].concat()),
        Step::Send([echo(number), vec![0]].concat()),
    ]
}

/// The same by a printer that does not know process ids.
fn probed_without_ids(number: u32) -> Vec<Step> {
    vec![expect(&[ProcessId::numbered(number).bytes(), PAPER_SENSOR.to_vec()].concat()), send(&[0])]
}

fn cleared() -> Vec<Step> {
    vec![expect(&ClearBuffers.bytes()), send(&[0x37, 0x25, 0])]
}

fn tidied() -> Vec<Step> {
    [cleared(), vec![expect(&[&[0x1B, b'@'], &CUT[..]].concat())]].concat()
}

/// A receipt of two bands.
fn job() -> Job {
    let paper = Paper { width_dots: 576, resolution_dpi: 203 };
    let mut raster = Raster::new(paper.width_dots);
    raster.grow(300);
    raster.fill(0, 0, 576, 300);
    let job = Job::new(&raster, paper, Cut::Partial);
    assert_eq!(job.bands.len(), 2);
    job
}

fn opened(job: &Job) -> Vec<Step> {
    vec![expect(&job.opening), send(&ASB_OK)]
}

/// Cut and the question whether all is on paper.
fn ended(number: u32) -> Step {
    expect(&[&CUT[..], &ProcessId::numbered(number).bytes()].concat())
}

fn print(printer: &mut Printer, until: &Until) -> Result<Condition, Failure> {
    let job = job();
    let mut last = 0;
    let result = printer.print(&job, Cut::Partial, until, &mut |sent| {
        assert!(sent > last && sent <= job.total_bytes());
        last = sent;
    });
    assert!(result.is_err() || last == job.total_bytes());
    result.map_err(Failure::from)
}

fn minute() -> Until {
    Until::within(PATIENCE)
}

/// Prints with a script that must be played to its end, and fails as it says.
fn fails(steps: Vec<Vec<Step>>, code: ErrorCode, outcome: PrintOutcome) -> Printer {
    let (mut printer, links) = printer(vec![steps.concat()]);
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (code, Some(outcome)), "{failure}");
    let retry = if outcome == PrintOutcome::Unknown { Retry::Unknown } else { Retry::Safe };
    assert_eq!(failure.retry, retry);
    played(&links);
    printer
}

#[test]
fn printed_is_what_the_printer_confirms_after_the_last_byte() {
    let job = job();
    let steps = [
        healthy(),
        probed(1),
        opened(&job),
        vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(2)],
        // It prints for a while: a look in between, then its word.
        vec![Step::Silence],
        healthy(),
        vec![Step::Send(echo(2))],
        asked([0x12, 0x12, 0x12, 0x1E]),
    ];
    let (mut printer, links) = printer(vec![steps.concat()]);
    let condition = print(&mut printer, &minute()).unwrap();
    assert_eq!(condition.status().paper, kiosk_driver_sdk::protocol::receipt::Paper::Low);
    played(&links);
}

#[test]
fn the_first_receipt_is_parted_from_what_an_earlier_driver_may_have_left() {
    let job = job();
    let receipt = |first| {
        [
            probed(first),
            opened(&job),
            vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(first + 1), Step::Send(echo(first + 1))],
            healthy(),
        ]
        .concat()
    };
    let steps = [healthy(), tidied(), receipt(1), healthy(), receipt(3)];
    let (mut printer, links) = printer(vec![steps.concat()]);
    printer.past = Past::Unknown;
    print(&mut printer, &minute()).unwrap();
    print(&mut printer, &minute()).unwrap();
    played(&links);
}

#[test]
fn a_cutter_that_jams_before_the_first_receipt_is_found_while_nothing_is_printed() {
    let question = |number| vec![expect(&[ProcessId::numbered(number).bytes(), PAPER_SENSOR.to_vec()].concat())];
    let jammed = asked([0x1A, 0x52, 0x1A, 0x12]);
    let (mut printer, links) = printer(vec![[healthy(), tidied(), question(1), vec![Step::Silence], jammed].concat()]);
    printer.past = Past::Unknown;
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::CutterFault, Some(PrintOutcome::NotPrinted)));
    played(&links);
    // Nobody saw that cut: the next receipt begins with one again.
    assert_eq!(printer.past, Past::Unknown);
}

#[test]
fn a_printer_without_process_ids_confirms_by_its_sensor_and_a_clean_status() {
    let job = job();
    let end = [&CUT[..], &PAPER_SENSOR].concat();
    let until_end = [
        healthy(),
        probed_without_ids(1),
        opened(&job),
        vec![expect(&job.bands[0]), expect(&job.bands[1]), expect(&end), send(&[0])],
    ];
    let (mut good, links) = printer(vec![[until_end.concat(), healthy()].concat()]);
    print(&mut good, &minute()).unwrap();
    played(&links);
    let broken = vec![until_end.concat(), asked([0x1A, 0x52, 0x1A, 0x12]), cleared()];
    fails(broken, ErrorCode::CutterFault, PrintOutcome::Unknown);
}

#[test]
fn nothing_is_sent_to_a_printer_that_cannot_print() {
    let not = PrintOutcome::NotPrinted;
    fails(vec![asked([0x1A, 0x32, 0x12, 0x7E])], ErrorCode::PaperOut, not);
    fails(vec![asked([0x1A, 0x16, 0x12, 0x12])], ErrorCode::CoverOpen, not);
    fails(vec![asked([0x1A, 0x52, 0x1A, 0x12])], ErrorCode::CutterFault, not);
    fails(vec![asked([0x1A, 0x52, 0x32, 0x12])], ErrorCode::DeviceFault, not);
    fails(vec![asked([0x1A, 0x52, 0x52, 0x12])], ErrorCode::Busy, not);
    fails(vec![asked([0x1A, 0x1A, 0x12, 0x12])], ErrorCode::Busy, not);
    fails(vec![vec![expect(&[0x10, 0x04, 1]), Step::Silence]], ErrorCode::DeviceSilent, not);
    fails(vec![vec![expect(&[0x10, 0x04, 1]), send(b"\xFF\xFE"), Step::Silence]], ErrorCode::DeviceFault, not);
}

#[test]
fn noise_is_not_taken_for_a_status() {
    let noisy = vec![
        expect(&[0x10, 0x04, 1]),
        send(&[0xFF, 0x12]),
        expect(&[0x10, 0x04, 2]),
        send(&[0x12]),
        expect(&[0x10, 0x04, 3]),
        send(&[0x12]),
        expect(&[0x10, 0x04, 4]),
        send(&[0x12]),
    ];
    fails(vec![noisy], ErrorCode::DeviceFault, PrintOutcome::NotPrinted);
}

#[test]
fn a_printer_left_inside_of_a_picture_is_brought_out_of_it_first() {
    let job = job();
    let question = [ProcessId::numbered(1).bytes(), PAPER_SENSOR.to_vec()].concat();
    let steps = [
        healthy(),
        vec![expect(&question), Step::Silence],
        healthy(),
        vec![Step::Silence, expect(&vec![0; 256 * 104])],
        tidied(),
        probed(2),
        opened(&job),
        vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(3), Step::Send(echo(3))],
        healthy(),
    ];
    let (mut printer, links) = printer(vec![steps.concat()]);
    print(&mut printer, &minute()).unwrap();
    played(&links);
}

#[test]
fn late_answers_are_not_taken_for_the_next_ones() {
    // Three polls went unanswered; then the printer answers all of them together with the first new question.
    let silent = || [expect(&[0x10, 0x04, 1]), Step::Silence];
    let (mut printer, _) = printer(vec![silent().to_vec()]);
    assert!(matches!(printer.idle(), Err(Trouble::Silent)));
    printer.real_time_owed = 3;
    let steps = [
        vec![expect(&[0x10, 0x04, 1]), send(&[0x1A, 0x1A, 0x1A, 0x12])],
        vec![expect(&[0x10, 0x04, 2]), send(&[0x12])],
        vec![expect(&[0x10, 0x04, 3]), send(&[0x12])],
        vec![expect(&[0x10, 0x04, 4]), send(&[0x12])],
    ];
    printer.link = Box::new(Scripted::new(steps.concat()));
    let status = printer.idle().unwrap().status();
    assert!(status.online && status.fault.is_none(), "{status:?}");
}

#[test]
fn a_printer_tells_who_it_is_until_it_does_not() {
    let ask = |n| expect(&[0x1D, b'I', n]);
    let steps = vec![
        ask(66),
        send(b"\x5FEPSON\x00"),
        ask(67),
        // A status change may come in between.
        Step::Send([&ASB_OK[..], b"\x5FTM-T88VI\x00"].concat()),
        ask(68),
        Step::Silence,
    ];
    let (mut printer, links) = printer(vec![[healthy(), steps].concat()]);
    printer.look(&minute()).unwrap();
    let identity = printer.identity();
    assert_eq!((identity.maker.as_deref(), identity.model.as_deref()), (Some("EPSON"), Some("TM-T88VI")));
    assert_eq!((identity.serial, identity.firmware), (None, None));
    played(&links);
}
