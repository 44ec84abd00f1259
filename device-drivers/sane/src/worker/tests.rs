//! Whole scans over a scripted libsane: what goes out, what is said of each status, and giving up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kiosk_driver_sdk::Guard;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, Retry};
use kiosk_driver_sdk::protocol::scanner::{ScanEnd, ScanReport, ScanRequest, ScanSource, Scanner};
use kiosk_driver_sdk::testing::Bench;
use kiosk_jpeg::turbo::Turbo;

use super::{Plan, Worker};
use crate::config::Config;
use crate::ffi::scripted::{Opt, Read, Script, State, functions, range};
use crate::ffi::{Constraint, Parameters};
use crate::jpeg::Compressors;
use crate::page::{Making, take};
use crate::place::Place;
use crate::trouble::Trouble;

pub(super) fn making() -> Making {
    let compressors = Compressors::start(Turbo::load().unwrap());
    Making { compressors, quality: 90, silence: Duration::from_secs(30) }
}

/// 8-bit grey, 20 x 10.
pub(super) fn page() -> Parameters {
    Parameters { format: 0, last_frame: 1, bytes_per_line: 20, pixels_per_line: 20, lines: 10, depth: 8 }
}

pub(super) fn options() -> Vec<Opt> {
    vec![
        Opt::text("source", &["Flatbed", "ADF Front"]),
        Opt::text("mode", &["Lineart", "Gray", "Color"]),
        Opt::int("resolution", 4, 300, range(50, 600, 50)),
    ]
}

fn device(reads: impl IntoIterator<Item = Read>) -> Arc<Script> {
    Script::new(State {
        options: options(),
        parameters: page(),
        reads: reads.into_iter().collect(),
        ..State::default()
    })
}

pub(super) fn worker(script: &Script) -> Worker {
    let config = Config { conf: Some(String::new()), ..Config::default() };
    let place = Place::Named { backend: "scripted".into(), name: script.name.clone() };
    let opened = Worker::start(|| Ok(functions()), Plan { place, config }, Duration::from_millis(500));
    opened.map_err(|error| error.to_string()).unwrap().0
}

pub(super) fn scan_with(
    worker: &Worker,
    bench: &Bench,
    request: &ScanRequest,
    making: &Making,
) -> Result<ScanReport, Failure> {
    let mut cx = bench.cx::<Scanner>();
    let guard = Guard::new(cx.deadline(), cx.cancel_signal(), Duration::ZERO);
    let running = worker.scan(request, &guard).map_err(|trouble| trouble.failure())?;
    take(&running, making, &guard, &mut cx).map_err(|stopped| stopped.failure())
}

fn scan(worker: &Worker, bench: &Bench) -> Result<ScanReport, Failure> {
    scan_with(worker, bench, &ScanRequest::default(), &making())
}

fn names(bench: &Bench) -> Vec<String> {
    bench.said().events.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn a_page_comes_out_as_a_finished_jpeg_of_its_size() {
    let script = device([Read::Bytes(vec![200; 130]), Read::Bytes(vec![200; 70])]);
    let (worker, bench) = (worker(&script), Bench::new());
    let report = scan(&worker, &bench).unwrap();
    assert_eq!(report.ended, ScanEnd::SourceEmpty);
    let said = bench.said();
    let blob = &said.blobs[&report.pages[0].blob];
    assert!(blob.finished);
    let picture = image::load_from_memory(&blob.bytes).unwrap().to_luma8();
    assert_eq!(picture.dimensions(), (20, 10));
    assert!(picture.as_raw().iter().all(|sample| sample.abs_diff(200) <= 2));
    drop(worker);
    let state = script.state.lock().unwrap();
    assert!(state.closed && state.cancels >= 1, "each scan is ended, and the scanner closed");
}

#[test]
fn a_page_that_ends_early_is_no_page() {
    for reads in [vec![Read::Bytes(vec![0; 199])], vec![Read::Bytes(vec![0; 180])], vec![]] {
        let script = device(reads);
        let (worker, bench) = (worker(&script), Bench::new());
        let failure = scan(&worker, &bench).unwrap_err();
        assert_eq!(failure.code, ErrorCode::DeviceFault);
        assert!(failure.detail.contains("cut short"), "{failure}");
        let said = bench.said();
        assert!(said.blobs.values().all(|blob| !blob.finished));
        assert!(said.events.iter().all(|(name, _)| name != "scanner.page"));
    }
}

#[test]
fn a_page_that_is_longer_than_it_was_told_is_no_page() {
    let script = device([Read::Bytes(vec![0; 201])]);
    let failure = scan(&worker(&script), &Bench::new()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::DeviceFault);
    assert!(failure.detail.contains("more of page 1"), "{failure}");
}

#[test]
fn a_length_that_cannot_be_is_not_believed() {
    for length in [-1, i32::MIN, i32::MAX, (256 << 10) + 1] {
        let script = device([Read::Length(length)]);
        let (worker, bench) = (worker(&script), Bench::new());
        let mut cx = bench.cx::<Scanner>();
        let guard = Guard::new(cx.deadline(), cx.cancel_signal(), Duration::ZERO);
        let running = worker.scan(&ScanRequest::default(), &guard).unwrap();
        let stopped = take(&running, &making(), &guard, &mut cx).err().unwrap();
        let crate::page::Stopped::Trouble(Trouble::Length { length: said, .. }) = stopped else { panic!("{length}") };
        assert_eq!(said, length);
    }
}

#[test]
fn empty_reads_are_no_end() {
    let script = device([Read::Length(0), Read::Bytes(vec![1; 100]), Read::Length(0), Read::Bytes(vec![1; 100])]);
    assert_eq!(scan(&worker(&script), &Bench::new()).unwrap().pages.len(), 1);
}

#[test]
fn a_page_of_unknown_height_has_its_height_in_the_head() {
    let script = device([Read::Bytes(vec![90; 20 * 130])]);
    script.state.lock().unwrap().parameters.lines = -1;
    let bench = Bench::new();
    let report = scan(&worker(&script), &bench).unwrap();
    assert_eq!(report.pages[0].height_px, 130);
    let said = bench.said();
    let picture = image::load_from_memory(&said.blobs[&report.pages[0].blob].bytes).unwrap();
    assert_eq!((picture.width(), picture.height()), (20, 130));

    // A line that is cut is still no page, and neither is none at all.
    for bytes in [20 * 130 - 1, 0] {
        let script = device([Read::Bytes(vec![90; bytes])]);
        script.state.lock().unwrap().parameters.lines = -1;
        assert_eq!(scan(&worker(&script), &Bench::new()).unwrap_err().code, ErrorCode::DeviceFault, "{bytes}");
    }
}

#[test]
fn every_status_has_its_code_and_sanes_own_word() {
    use ErrorCode as E;
    for (status, code, word) in [
        (1, E::Unsupported, "SANE_STATUS_UNSUPPORTED"),
        (2, E::Cancelled, "SANE_STATUS_CANCELLED"),
        (3, E::Busy, "SANE_STATUS_DEVICE_BUSY"),
        (4, E::DeviceFault, "SANE_STATUS_INVAL"),
        (6, E::Jam, "SANE_STATUS_JAMMED"),
        (7, E::NoDocument, "SANE_STATUS_NO_DOCS"),
        (8, E::CoverOpen, "SANE_STATUS_COVER_OPEN"),
        (9, E::DeviceFault, "SANE_STATUS_IO_ERROR"),
        (10, E::DeviceFault, "SANE_STATUS_NO_MEM"),
        (11, E::DriverHeld, "SANE_STATUS_ACCESS_DENIED"),
        (12, E::Busy, "SANE_STATUS_WARMING_UP"),
        (13, E::DeviceFault, "SANE_STATUS_HW_LOCKED"),
        (14, E::DeviceFault, "SANE_STATUS 14"),
        (-7, E::DeviceFault, "SANE_STATUS -7"),
    ] {
        let script = device([Read::Bytes(vec![0; 40]), Read::Status(status)]);
        let failure = scan(&worker(&script), &Bench::new()).unwrap_err();
        assert_eq!((failure.code, failure.device_code.as_deref()), (code, Some(word)), "{status}: {failure}");
    }
}

#[test]
fn a_transport_lock_is_for_a_person() {
    let script = device([]);
    script.state.lock().unwrap().starts = [13].into();
    let failure = scan(&worker(&script), &Bench::new()).unwrap_err();
    assert_eq!(failure.retry, Retry::Unsafe);
    assert!(failure.detail.contains("unlock"), "{failure}");
}

#[test]
fn a_scanner_that_warms_up_or_is_busy_is_waited_for() {
    let script = device([Read::Bytes(vec![0; 200])]);
    script.state.lock().unwrap().starts = [12, 3].into();
    assert_eq!(scan(&worker(&script), &Bench::new()).unwrap().pages.len(), 1);
}

#[test]
fn a_scanner_that_stays_busy_is_told_before_the_deadline() {
    let script = device([]);
    script.state.lock().unwrap().starts = [3; 1000].into();
    let failure = scan(&worker(&script), &Bench::new().within(Duration::from_millis(900))).unwrap_err();
    assert_eq!(failure.code, ErrorCode::Busy);
}

#[test]
fn a_feeder_is_emptied_page_by_page() {
    let page = || [Read::Bytes(vec![0; 200]), Read::Status(5)];
    let script = device([page(), page(), page()].concat());
    script.state.lock().unwrap().starts = [0, 0, 0, 7].into();
    let bench = Bench::new();
    let request = ScanRequest { source: ScanSource::Adf, ..ScanRequest::default() };
    let report = scan_with(&worker(&script), &bench, &request, &making()).unwrap();
    assert_eq!((report.pages.len(), report.ended), (3, ScanEnd::SourceEmpty));
    assert_eq!(names(&bench), ["scanner.page_started", "scanner.page"].repeat(3));
}

#[test]
fn an_empty_feeder_is_no_document_and_a_limit_is_kept() {
    let request = ScanRequest { source: ScanSource::Adf, max_pages: Some(2), ..ScanRequest::default() };
    let script = device([]);
    script.state.lock().unwrap().starts = [7].into();
    let failure = scan_with(&worker(&script), &Bench::new(), &request, &making()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::NoDocument);
    let page = || [Read::Bytes(vec![0; 200]), Read::Status(5)];
    let script = device([page(), page(), page()].concat());
    let report = scan_with(&worker(&script), &Bench::new(), &request, &making()).unwrap();
    assert_eq!((report.pages.len(), report.ended), (2, ScanEnd::PageLimit));
}

#[test]
fn a_jam_on_the_second_page_leaves_the_first_one_whole() {
    let script = device([Read::Bytes(vec![0; 200]), Read::Status(5), Read::Bytes(vec![0; 60]), Read::Status(6)]);
    let bench = Bench::new();
    let request = ScanRequest { source: ScanSource::Adf, ..ScanRequest::default() };
    let failure = scan_with(&worker(&script), &bench, &request, &making()).unwrap_err();
    assert_eq!(failure.code, ErrorCode::Jam);
    let finished = bench.said().blobs.values().filter(|blob| blob.finished).count();
    assert_eq!(finished, 1);
}

/// Cancels a scan whose backend says `after` when it is cancelled.
fn cancelled(after: Read, rest: Vec<Read>) -> (Failure, Arc<Script>, Worker, Bench) {
    let script = device([Read::Bytes(vec![0; 60]), after].into_iter().chain(rest));
    let (worker, bench) = (worker(&script), Bench::new());
    let failure = std::thread::scope(|scope| {
        let scanning = scope.spawn(|| scan(&worker, &bench));
        script.wait("the page is begun", |state| state.reads.is_empty() || state.reads.len() < 2);
        bench.cancel_signal().set();
        scanning.join().unwrap().unwrap_err()
    });
    (failure, script, worker, bench)
}

#[test]
fn a_cancel_that_the_backend_calls_the_end_is_a_cancel() {
    for status in [5, 2, 9] {
        let (failure, script, worker, bench) = cancelled(Read::UntilCancel(status), Vec::new());
        assert_eq!(failure.code, ErrorCode::Cancelled, "{status}");
        assert!(bench.said().blobs.values().all(|blob| !blob.finished));
        // And the scanner can be used again.
        script.wait("the scan is ended", |state| state.cancels >= 2);
        script.state.lock().unwrap().reads = [Read::Bytes(vec![0; 200])].into();
        assert_eq!(scan(&worker, &Bench::new()).unwrap().pages.len(), 1, "{status}");
    }
}

#[test]
fn a_cancel_is_answered_though_the_backend_does_not_come_back() {
    let (failure, script, worker, _) = cancelled(Read::UntilLetGo, Vec::new());
    assert_eq!(failure.code, ErrorCode::Cancelled);
    assert!(worker.ending_for().is_some());
    // The next scan waits for it, but not for ever.
    let failure = scan(&worker, &Bench::new().within(Duration::from_millis(200))).unwrap_err();
    assert_eq!(failure.code, ErrorCode::Busy);
    let until = Instant::now() + Duration::from_secs(30);
    while !worker.is_stuck() {
        assert!(Instant::now() < until);
        std::thread::yield_now();
    }
    script.let_go();
    script.wait("the scan is ended", |state| state.cancels >= 2);
    script.state.lock().unwrap().reads = [Read::Bytes(vec![0; 200])].into();
    assert_eq!(scan(&worker, &Bench::new()).unwrap().pages.len(), 1);
    assert!(!worker.is_stuck());
}

#[test]
fn a_scanner_that_falls_silent_is_told() {
    let script = device([Read::UntilCancel(5)]);
    let making = Making { silence: Duration::from_millis(300), ..making() };
    let failure = scan_with(&worker(&script), &Bench::new(), &ScanRequest::default(), &making).unwrap_err();
    assert_eq!(failure.code, ErrorCode::DeviceSilent);
}

#[test]
fn a_scan_that_takes_too_long_runs_out_of_time() {
    let script = device([Read::UntilCancel(5)]);
    let failure = scan(&worker(&script), &Bench::new().within(Duration::from_millis(300))).unwrap_err();
    assert_eq!(failure.code, ErrorCode::Timeout);
}

#[test]
fn frames_that_are_no_picture_are_refused_in_words() {
    for (parameters, word) in [
        (Parameters { format: 2, ..page() }, "pass of its own"),
        (Parameters { format: 11, ..page() }, "no plain picture"),
        (Parameters { last_frame: 0, ..page() }, "several frames"),
        (Parameters { depth: 12, ..page() }, "12 bits"),
        (Parameters { bytes_per_line: 19, ..page() }, "19 bytes a line"),
        (Parameters { bytes_per_line: i32::MAX, ..page() }, "bytes a line"),
        (Parameters { lines: 0, ..page() }, "0 lines"),
        (Parameters { lines: -2, ..page() }, "-2 lines"),
        (Parameters { lines: 70_000, ..page() }, "70000 lines"),
        (Parameters { pixels_per_line: 0, ..page() }, "0 pixels"),
        (Parameters { pixels_per_line: 60_001, bytes_per_line: 60_001, ..page() }, "60001 pixels"),
    ] {
        let script = device([]);
        script.state.lock().unwrap().parameters = parameters;
        let failure = scan(&worker(&script), &Bench::new()).unwrap_err();
        assert!(failure.detail.contains(word), "{word}: {failure}");
    }
}

#[test]
fn a_resolution_that_is_rounded_is_told_as_it_is() {
    let script = device([Read::Bytes(vec![0; 200])]);
    let request = ScanRequest { resolution_dpi: 310, ..ScanRequest::default() };
    let report = scan_with(&worker(&script), &Bench::new(), &request, &making()).unwrap();
    assert_eq!(report.pages[0].resolution_dpi, 300);
}

#[test]
fn sensors_are_read_where_there_are_any() {
    let script = device([]);
    let loaded = Opt { kind: 0, cap: 4, ..Opt::int("page-loaded", 0, 1, Constraint::None) };
    script.state.lock().unwrap().options.push(loaded);
    let worker = worker(&script);
    let adf = |worker: &Worker| worker.sense(Duration::from_secs(30)).unwrap().adf;
    use kiosk_driver_sdk::protocol::scanner::AdfState;
    assert_eq!(adf(&worker), Some(AdfState::Loaded));
    script.state.lock().unwrap().options[3].value = 0_i32.to_ne_bytes().into();
    assert_eq!(adf(&worker), Some(AdfState::Empty));
}
