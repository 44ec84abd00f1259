use kiosk_driver_sdk::protocol::scanner::{AdfState, ScannerActivity};
use proptest::prelude::*;

use super::super::WireError;
use super::Status;

fn status(inner: &str) -> Result<Status, WireError> {
    let text = format!("<s:ScannerStatus xmlns:s='x' xmlns:p='y'><p:Version>2.0</p:Version>{inner}</s:ScannerStatus>");
    Status::parse(text.as_bytes())
}

#[test]
fn the_states_of_scanner_and_feeder_are_read() {
    let of = |state: &str, adf: &str| {
        let told = status(&format!("<p:State>{state}</p:State><s:AdfState>{adf}</s:AdfState>")).unwrap().told();
        (told.activity, told.adf.unwrap())
    };
    assert_eq!(of("Idle", "ScannerAdfLoaded"), (ScannerActivity::Idle, AdfState::Loaded));
    assert_eq!(of("Processing", "ScannerAdfProcessing"), (ScannerActivity::Scanning, AdfState::Loaded));
    assert_eq!(of("Testing", "ScannerAdfEmpty"), (ScannerActivity::Scanning, AdfState::Empty));
    assert_eq!(of("Stopped", "ScannerAdfJam"), (ScannerActivity::Stopped, AdfState::Jam));
    assert_eq!(of("Down", "ScannerAdfHatchOpen"), (ScannerActivity::Stopped, AdfState::CoverOpen));
    assert_eq!(of("Stopped", "ScannerAdfDoorOpen"), (ScannerActivity::Stopped, AdfState::CoverOpen));
    assert_eq!(of("Stopped", "ScannerAdfMultipickDetected"), (ScannerActivity::Stopped, AdfState::Fault));
    assert_eq!(of("Stopped", "ScannerAdfSomethingNew"), (ScannerActivity::Stopped, AdfState::Fault));
    assert_eq!(status("<p:State>Idle</p:State>").unwrap().told().adf, None);
}

#[test]
fn a_state_that_escl_does_not_know_is_an_error_that_names_it() {
    assert_eq!(status(""), Err(WireError::Missing("State")));
    assert_eq!(status("<p:State>Dancing</p:State>"), Err(WireError::Value { field: "State", value: "Dancing".into() }));
}

#[test]
fn a_job_that_the_scanner_broke_off_is_told_from_one_that_is_done() {
    let job = |state: &str| {
        let jobs = format!(
            "<p:State>Idle</p:State><s:Jobs><s:JobInfo><p:JobUri>/eSCL/ScanJobs/7/</p:JobUri><p:JobState>{state}</p:JobState>\
             <p:JobStateReasons><p:JobStateReason>JobCanceledByUser</p:JobStateReason></p:JobStateReasons></s:JobInfo></s:Jobs>"
        );
        status(&jobs).unwrap().broken_off("/eSCL/ScanJobs/7")
    };
    assert_eq!(job("Completed"), None);
    assert_eq!(job("Canceled").as_deref(), Some("JobCanceledByUser"));
    assert_eq!(job("Aborted").as_deref(), Some("JobCanceledByUser"));
    assert_eq!(status("<p:State>Idle</p:State>").unwrap().broken_off("/eSCL/ScanJobs/7"), None);
}

proptest! {
    #[test]
    fn no_document_makes_it_panic(inner in ".{0,120}") {
        let _ = status(&inner);
    }

    #[test]
    fn a_changed_status_is_a_status_or_an_error(at in any::<prop::sample::Index>(), gone in 0..8_usize, with in proptest::collection::vec(any::<u8>(), 0..8)) {
        let good = "<s:ScannerStatus xmlns:s='x' xmlns:p='y'><p:State>Processing</p:State><s:AdfState>ScannerAdfLoaded</s:AdfState><s:Jobs><s:JobInfo><p:JobUri>/eSCL/ScanJobs/1</p:JobUri><p:JobState>Processing</p:JobState></s:JobInfo></s:Jobs></s:ScannerStatus>";
        let mut bytes = good.as_bytes().to_vec();
        let at = at.index(bytes.len());
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, with);
        if let Ok(status) = Status::parse(&bytes) {
            let _ = status.told();
        }
    }
}
