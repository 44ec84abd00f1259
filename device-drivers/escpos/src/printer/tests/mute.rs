//! Printers that do not answer.

use kiosk_driver_sdk::protocol::receipt::{Cover, Paper};

use super::*;

const READY: u8 = 0x18;
const PAPER_EMPTY: u8 = 0x30;
const ERROR: u8 = 0x10;

/// DLE EOT 1, unanswered.
fn unanswered() -> Vec<Step> {
    vec![expect(&[0x10, 0x04, 1]), Step::Silence]
}

fn mute(steps: Vec<Vec<Step>>, port_status: Option<u8>, answers: Answers) -> (Printer, Watched) {
    let mut script = Scripted::new(steps.concat());
    script.port_status = port_status.map(PortStatus::of_byte);
    let (printer, mut links) = printer_of(vec![script], answers);
    (printer, links.remove(0))
}

fn receipt() -> Vec<Step> {
    let job = job();
    vec![expect(&job.opening), expect(&job.bands[0]), expect(&job.bands[1]), expect(&CUT)]
}

#[test]
fn a_silent_usb_printer_is_judged_by_its_port_status() {
    for (byte, obstacle, paper) in [
        (READY, None, Paper::Ok),
        (PAPER_EMPTY, Some(Obstacle::PaperOut), Paper::Out),
        (ERROR, Some(Obstacle::Unnamed), Paper::Ok),
    ] {
        let (mut printer, link) = mute(vec![unanswered()], Some(byte), Answers::Auto);
        let condition = printer.look(&minute()).unwrap();
        assert_eq!(condition.obstacle(), obstacle, "{byte:#04x}");
        // The port status has no bit for the cover.
        assert_eq!((condition.status().paper, condition.status().cover), (paper, Cover::Unknown));
        // Not asked again for each look: it would take a second each time.
        assert_eq!(printer.idle().unwrap().obstacle(), obstacle);
        played(&[link]);
    }
}

#[test]
fn what_a_mute_printer_was_sent_whole_is_unknown_and_left_to_print() {
    let (mut printer, link) = mute(vec![unanswered(), unanswered(), receipt()], Some(READY), Answers::Auto);
    printer.look(&minute()).unwrap();
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::Unknown)));
    assert_eq!(failure.device_code.as_deref(), Some("no_back_channel"));
    assert_eq!(printer.untidy, None);
    played(&[link]);
}

#[test]
fn the_first_receipt_of_a_mute_printer_is_parted_from_a_picture_that_may_be_open() {
    let parted = vec![expect(&vec![0; 256 * 104]), expect(&[&[0x1B, b'@'], &CUT[..]].concat())];
    let steps = vec![unanswered(), unanswered(), parted, receipt(), unanswered(), receipt()];
    let (mut printer, link) = mute(steps, Some(READY), Answers::Auto);
    printer.past = Past::Unknown;
    printer.look(&minute()).unwrap();
    for _ in 0..2 {
        let failure = print(&mut printer, &minute()).unwrap_err();
        assert_eq!(failure.outcome, Some(PrintOutcome::Unknown));
    }
    played(&[link]);
}

/// Answers nothing, takes `room` bytes and is out of paper then.
struct Emptying {
    room: usize,
}

impl Link for Emptying {
    fn read(&mut self, _: &mut [u8], _: &Until) -> Result<usize, LinkError> {
        Err(LinkError::Timeout { done: 0 })
    }
    fn write_all(&mut self, bytes: &[u8], _: &Until) -> Result<(), LinkError> {
        let done = bytes.len().min(self.room);
        self.room -= done;
        if done == bytes.len() { Ok(()) } else { Err(LinkError::Timeout { done }) }
    }
    fn port_status(&mut self, _: &Until) -> Result<Option<PortStatus>, LinkError> {
        Ok(Some(PortStatus::of_byte(if self.room == 0 { PAPER_EMPTY } else { READY })))
    }
}

#[test]
fn a_mute_printer_that_runs_out_of_paper_on_the_way_is_out_of_paper_and_not_just_silent() {
    let mut link = Some(Emptying { room: 1_000 });
    let connect = move |_| match link.take() {
        Some(link) => Ok(Box::new(link) as Box<dyn Link>),
        None => Err(LinkError::Closed { done: 0 }),
    };
    // Were it taken for silent, this would take an hour.
    let limits = Limits { quiet: Duration::from_secs(3_600), ..LIMITS };
    let mut printer = Printer::open(Box::new(connect), limits, Answers::Auto, 0).unwrap();
    printer.past = Past::Known;
    printer.look(&minute()).unwrap();
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::PaperOut, Some(PrintOutcome::Unknown)));
}

#[test]
fn nothing_is_sent_to_a_mute_printer_whose_port_status_is_against_it() {
    let (mut printer, link) = mute(vec![unanswered(), unanswered()], Some(PAPER_EMPTY), Answers::Auto);
    printer.look(&minute()).unwrap();
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::PaperOut, Some(PrintOutcome::NotPrinted)));
    played(&[link]);
}

#[test]
fn a_printer_that_was_switched_on_in_the_meantime_confirms_again() {
    let job = job();
    let whole = [
        healthy(),
        healthy(),
        probed(1),
        opened(&job),
        vec![expect(&job.bands[0]), expect(&job.bands[1]), ended(2), Step::Send(echo(2))],
        healthy(),
    ];
    let (mut printer, link) = mute(vec![unanswered(), whole.concat()], Some(READY), Answers::Auto);
    printer.look(&minute()).unwrap();
    print(&mut printer, &minute()).unwrap();
    played(&[link]);
}

#[test]
fn a_printer_that_must_answer_or_has_no_port_status_is_silent() {
    let (mut required, _) = mute(vec![unanswered()], Some(READY), Answers::Required);
    assert!(matches!(required.look(&minute()), Err(Trouble::Silent)));
    let (mut serial, _) = mute(vec![unanswered()], None, Answers::Auto);
    assert!(matches!(serial.look(&minute()), Err(Trouble::Silent)));
    // One that has answered before is silent, not mute.
    let (mut heard, _) = mute(vec![healthy(), unanswered()], Some(READY), Answers::Auto);
    heard.look(&minute()).unwrap();
    assert!(matches!(heard.look(&minute()), Err(Trouble::Silent)));
}

#[test]
fn a_printer_of_which_nothing_is_expected_is_not_asked() {
    let (mut printer, link) = mute(vec![receipt()], None, Answers::None);
    let status = printer.look(&minute()).unwrap().status();
    assert_eq!((status.online, status.paper, status.cover), (true, Paper::Unknown, Cover::Unknown));
    assert_eq!(printer.identity(), Default::default());
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::Unknown)));
    played(&[link]);
}

#[test]
fn noise_from_a_printer_of_which_nothing_is_expected_is_not_believed() {
    // An automatic status (GS a) that says "cover open, no paper", and an answer in real time.
    let noise = send(&[0x30, 0x00, 0x0C, 0x00, 0x12]);
    let (mut printer, link) = mute(vec![vec![noise], receipt()], None, Answers::None);
    while printer.listen(&minute()).unwrap().is_some() {}
    let status = printer.look(&minute()).unwrap().status();
    assert_eq!((status.online, status.paper, status.cover), (true, Paper::Unknown, Cover::Unknown));
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceSilent, Some(PrintOutcome::Unknown)));
    played(&[link]);
}

#[test]
fn a_refused_transfer_is_a_fault_of_the_device_and_what_was_taken_is_remembered() {
    let job = job();
    let steps = [healthy(), probed(1), opened(&job), vec![Step::Take(100), Step::Stall]];
    let (mut printer, _) = printer(vec![steps.concat()]);
    let failure = print(&mut printer, &minute()).unwrap_err();
    assert_eq!((failure.code, failure.outcome), (ErrorCode::DeviceFault, Some(PrintOutcome::Unknown)));
    assert_eq!(failure.device_code.as_deref(), Some("endpoint_stalled"));
}
