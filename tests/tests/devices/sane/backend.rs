//! Backends of SANE that break the standard: the driver believes nothing that cannot be, ends by itself what has no end,
//! and where its memory may be spoiled it ends its own process.

use std::os::unix::process::ExitStatusExt;

use kiosk_protocol::error::{ErrorCode as E, Failure, Retry};
use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use kiosk_tests::peers::sane::driver_with_bad_backend;
use kiosk_tests::rig::seam::DriverProgram;
use serde_json::json;
use tempfile::TempDir;

use super::WITHIN;

/// The driver with a backend that does this wrong, ready.
async fn driver(wrong: &str) -> (DriverProgram, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let run = driver_with_bad_backend(folder.path());
    let mut driver = DriverProgram::start(&run, folder.path());
    let config = json!({ "conf": wrong, "give_up_ms": 1000, "silence_ms": 1000, "poll_ms": 200 });
    driver.say(ToChild::Start { address: "sane:bad:0".into(), config }).await;
    driver.hear_until("ready", WITHIN, |said| matches!(said, FromChild::Ready { .. }).then_some(())).await;
    (driver, folder)
}

/// A scan that fails.
async fn fails(driver: &mut DriverProgram, source: &str) -> Failure {
    driver.request(1, "scanner.scan", json!({ "source": source, "resolution_dpi": 300 })).await;
    let Outcome::Error(failure) = driver.outcome(1, WITHIN).await else { panic!("there is no such page") };
    failure
}

fn pages(driver: &DriverProgram) -> usize {
    let page = |said: &&FromChild| matches!(said, FromChild::Event { name, .. } if name == "scanner.page");
    driver.heard.iter().filter(page).count()
}

#[tokio::test]
async fn sane_a_good_backend_gives_a_page() {
    let (mut driver, _folder) = driver("good").await;
    driver.request(1, "scanner.scan", json!({ "resolution_dpi": 300 })).await;
    let outcome = driver.outcome(1, WITHIN).await;
    assert!(matches!(outcome, Outcome::Ok(_)), "{outcome:?}");
    assert_eq!(pages(&driver), 1);
}

#[tokio::test]
async fn sane_a_process_in_which_no_thread_can_be_started_any_more_still_scans() {
    let (mut driver, _folder) = driver("locked").await;
    driver.request(1, "scanner.scan", json!({ "resolution_dpi": 300 })).await;
    let outcome = driver.outcome(1, WITHIN).await;
    assert!(matches!(outcome, Outcome::Ok(_)), "{outcome:?}");
    assert_eq!(pages(&driver), 1);
}

#[tokio::test]
async fn sane_a_page_without_end_is_stopped_at_the_limit() {
    let (mut driver, _folder) = driver("endless").await;
    let failure = fails(&mut driver, "flatbed").await;
    assert_eq!((failure.code, failure.retry, pages(&driver)), (E::TooLarge, Retry::Unsafe, 0), "{failure:?}");
}

#[tokio::test]
async fn sane_a_feeder_that_is_never_empty_ends_at_the_greatest_number_of_pages() {
    let (mut driver, _folder) = driver("pages").await;
    driver.request(1, "scanner.scan", json!({ "source": "adf", "resolution_dpi": 300 })).await;
    let Outcome::Ok(report) = driver.outcome(1, WITHIN).await else { panic!("{:?}", driver.heard.last()) };
    assert_eq!((pages(&driver), &report["ended"]), (500, &json!("page_limit")));
}

#[tokio::test]
async fn sane_a_page_of_which_no_byte_ever_comes_is_silence() {
    let (mut driver, _folder) = driver("nothing").await;
    let failure = fails(&mut driver, "flatbed").await;
    assert_eq!((failure.code, pages(&driver)), (E::DeviceSilent, 0), "{failure:?}");
}

#[tokio::test]
async fn sane_more_bytes_than_the_page_has_are_no_page() {
    let (mut driver, _folder) = driver("long").await;
    let failure = fails(&mut driver, "flatbed").await;
    assert_eq!((failure.code, pages(&driver)), (E::DeviceFault, 0), "{failure:?}");
    assert!(failure.detail.contains("more of page 1"), "{failure:?}");
}

#[tokio::test]
async fn sane_a_page_that_cannot_be_is_refused_before_anything_is_allocated_for_it() {
    let (mut driver, _folder) = driver("absurd").await;
    let failure = fails(&mut driver, "flatbed").await;
    assert_eq!(failure.code, E::TooLarge, "{failure:?}");
    assert!(failure.detail.contains("2147483647 pixels"), "{failure:?}");
}

#[tokio::test]
async fn sane_a_backend_whose_lengths_cannot_be_takes_its_process_with_it() {
    for wrong in ["negative", "beyond"] {
        let (mut driver, _folder) = driver(wrong).await;
        driver.request(1, "scanner.scan", json!({ "resolution_dpi": 300 })).await;
        assert_eq!(driver.end(WITHIN).await.signal(), Some(9), "{wrong}: {}", driver.log());
        assert!(driver.log().contains("memory cannot be trusted"), "{wrong}: {}", driver.log());
        assert_eq!(pages(&driver), 0);
    }
}

#[tokio::test]
async fn sane_a_backend_that_crashes_ends_no_more_than_its_own_process() {
    let (mut driver, _folder) = driver("crash").await;
    driver.request(1, "scanner.scan", json!({ "resolution_dpi": 300 })).await;
    assert_eq!(driver.end(WITHIN).await.signal(), Some(6), "{}", driver.log());
    assert_eq!(pages(&driver), 0);
}

#[tokio::test]
async fn sane_a_backend_that_does_not_come_back_is_answered_for_at_once_and_killed_after_its_time() {
    let (mut driver, _folder) = driver("hung").await;
    driver.request(1, "scanner.scan", json!({ "resolution_dpi": 300 })).await;
    let begun = |said: &FromChild| matches!(said, FromChild::Event { name, .. } if name == "scanner.page_started");
    driver.hear_until("the page begins", WITHIN, |said| begun(said).then_some(())).await;
    driver.say(ToChild::Cancel { id: 1 }).await;
    let Outcome::Error(failure) = driver.outcome(1, WITHIN).await else { panic!("there is no page") };
    assert_eq!(failure.code, E::Cancelled, "{failure:?}");
    assert_eq!(driver.end(WITHIN).await.signal(), Some(9), "{}", driver.log());
    assert!(driver.log().contains("the driver kills itself"), "and says so: {}", driver.log());
}
