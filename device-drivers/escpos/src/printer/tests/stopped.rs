//! Receipts that stop on the way.

use super::*;

#[test]
fn paper_that_runs_out_on_the_way_leaves_the_outcome_unknown_and_the_rest_unprinted() {
    let job = job();
    let steps = vec![
        healthy(),
        probed(1),
        opened(&job),
        vec![expect(&job.bands[0]), send(&ASB_PAPER_OUT)],
        // The second band is not sent, the first is forgotten; no cut while there is no paper.
        cleared(),
    ];
    let mut printer = fails(steps, ErrorCode::PaperOut, PrintOutcome::Unknown);
    // Still out: only asked. In again: the printed piece is cut off, and only once.
    let out = asked([0x1A, 0x32, 0x12, 0x7E]);
    let next = Watched(Arc::new(Mutex::new(Scripted::new([out, healthy(), tidied(), healthy()].concat()))));
    printer.link = Box::new(next.clone());
    assert_eq!(printer.idle().unwrap().obstacle(), Some(Obstacle::PaperOut));
    assert_eq!(printer.idle().unwrap().obstacle(), None);
    assert_eq!(printer.idle().unwrap().obstacle(), None);
    played(&[next]);
}

#[test]
fn a_fault_after_the_last_byte_is_seen_by_asking() {
    let job = job();
    let until_end = |after: Vec<Step>| {
        vec![
            healthy(),
            probed(1),
            opened(&job),
            vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(2), Step::Silence],
            after,
            cleared(),
        ]
    };
    fails(until_end(asked([0x1A, 0x16, 0x12, 0x12])), ErrorCode::CoverOpen, PrintOutcome::Unknown);
    fails(until_end(asked([0x1A, 0x52, 0x1A, 0x12])), ErrorCode::CutterFault, PrintOutcome::Unknown);
}

#[test]
fn the_answer_to_another_receipt_is_no_confirmation() {
    let job = job();
    let steps = [
        healthy(),
        probed(1),
        opened(&job),
        vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(2), Step::Send(echo(1)), Step::Send(echo(3))],
    ];
    let (mut printer, _) = printer(vec![steps.concat()]);
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::Unknown)));
}

#[test]
fn silence_after_the_last_byte_is_unknown_and_never_printed() {
    let job = job();
    let steps =
        [healthy(), probed(1), opened(&job), vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(2)]].concat();
    let (mut silent, _) = printer(vec![steps.clone()]);
    let failure = print(&mut silent, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::Unknown)));
    // The deadline ends the wait, too.
    let (mut late, _) = printer(vec![steps]);
    late.limits.quiet = PATIENCE;
    let failure = print(&mut late, &Until::within(Duration::from_secs(2))).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::Timeout, Some(PrintOutcome::Unknown)));
}

#[test]
fn a_hang_up_on_the_way_is_unknown_and_the_printer_is_cleared_at_once() {
    let job = job();
    let first = [healthy(), probed(1), opened(&job), vec![expect(&job.bands[0]), Step::Hangup]].concat();
    let (mut gone, _) = printer(vec![first.clone()]);
    let failure = print(&mut gone, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceAbsent, Some(PrintOutcome::Unknown)));
    let (mut back, links) = printer(vec![first, tidied()]);
    let failure = print(&mut back, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceFault, Some(PrintOutcome::Unknown)));
    played(&links);
}

#[test]
fn a_connection_that_was_closed_in_the_meantime_is_opened_again_before_a_receipt() {
    let job = job();
    let receipt = [
        healthy(),
        probed(1),
        opened(&job),
        vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(2), Step::Send(echo(2))],
        healthy(),
    ];
    let (mut printer, links) = printer(vec![vec![Step::Hangup], receipt.concat()]);
    print(&mut printer, &minute()).unwrap();
    played(&links[1..]);
}

#[test]
fn a_cancel_before_the_first_dot_prints_nothing() {
    let cancel = CancelSignal::new();
    cancel.set();
    let until = Until { cancel: Some(cancel), ..minute() };
    let (mut printer, links) = printer(vec![[healthy(), probed(1)].concat()]);
    let failure = print(&mut printer, &until).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::Cancelled, Some(PrintOutcome::NotPrinted)));
    played(&links);
}

#[test]
fn a_cancel_on_the_way_ends_at_a_band_clears_the_printer_and_cuts() {
    let job = job();
    let cancel = CancelSignal::new();
    let until = Until { cancel: Some(cancel.clone()), ..minute() };
    let steps = [healthy(), probed(1), opened(&job), vec![expect(&job.bands[0])], tidied()];
    let (mut printer, links) = printer(vec![steps.concat()]);
    let stopped = printer.print(&job, Cut::Partial, &until, &mut |_| cancel.set()).unwrap_err();
    let failure = Failure::from(stopped);
    assert_eq!((failure.code, failure.outcome), (ErrorCode::Cancelled, Some(PrintOutcome::Unknown)));
    played(&links);
}

/// Answers the questions before a receipt, then takes `room` bytes and no more.
struct Clogged {
    script: Scripted,
    room: usize,
    taken: Arc<Mutex<Vec<u8>>>,
}

impl Link for Clogged {
    fn read(&mut self, buffer: &mut [u8], until: &Until) -> Result<usize, LinkError> {
        self.script.read(buffer, until)
    }
    fn write_all(&mut self, bytes: &[u8], until: &Until) -> Result<(), LinkError> {
        if !self.script.is_done() {
            return self.script.write_all(bytes, until);
        }
        let done = bytes.len().min(self.room);
        self.room -= done;
        self.taken.lock().unwrap().extend_from_slice(&bytes[..done]);
        if done == bytes.len() { Ok(()) } else { Err(LinkError::Timeout { done }) }
    }
}

fn clogged(room: usize) -> (Printer, Arc<Mutex<Vec<u8>>>) {
    let script = Scripted::new([healthy(), probed(1), opened(&job())].concat());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let mut link = Some(Clogged { script, room, taken: Arc::clone(&taken) });
    let connect = move |_| match link.take() {
        Some(link) => Ok(Box::new(link) as Box<dyn Link>),
        None => Err(LinkError::Closed { done: 0 }),
    };
    let mut printer = Printer::open(Box::new(connect), LIMITS, Answers::Auto, 0).unwrap();
    printer.past = Past::Known;
    (printer, taken)
}

#[test]
fn a_printer_that_takes_nothing_is_silent_and_has_printed_nothing() {
    let (mut printer, _) = clogged(0);
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::NotPrinted)));
    assert_eq!(printer.untidy, None);
}

#[test]
fn a_picture_that_was_begun_is_ended_before_the_printer_is_asked_again() {
    let (mut printer, taken) = clogged(1_000);
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::Unknown)));
    let owed = job().bands[0].len() - 1_000;
    assert_eq!(printer.untidy, Some(Untidy { owed, cut: Cut::Partial }));
    assert_eq!(taken.lock().unwrap().len(), 1_000);
    // It cannot be asked in the middle of a picture.
    assert!(matches!(printer.idle(), Err(Trouble::Silent)));
    let steps = [vec![expect(&vec![0; owed])], healthy(), tidied()].concat();
    let next = Watched(Arc::new(Mutex::new(Scripted::new(steps))));
    printer.link = Box::new(next.clone());
    assert_eq!(printer.idle().unwrap().obstacle(), None);
    assert_eq!(printer.untidy, None);
    played(&[next]);
}
