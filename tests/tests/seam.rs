//! The contract of the seam, held against every driver program there is and the skeleton: one table, the same tests.

#[path = "seam/subject.rs"]
mod subject;

use kiosk_protocol::error::ErrorCode;
use kiosk_protocol::seam::{FromChild, Outcome, SEAM_VERSION, ToChild};
use kiosk_tests::rig::PATIENCE;
use kiosk_tests::rig::seam::DriverProgram;
use serde_json::json;
use tokio::time::Instant;

use subject::{SUBJECTS, Subject, Surroundings};

/// Runs a test against each of them, all at the same time.
async fn each(test: impl AsyncFn(&Subject, &Surroundings)) {
    let surroundings = Surroundings::new().await;
    let all = SUBJECTS.iter().map(|subject| test(subject, &surroundings));
    futures_util::future::join_all(all).await;
}

async fn ready(subject: &Subject, surroundings: &Surroundings) -> DriverProgram {
    let mut driver = subject.start(surroundings);
    driver.say(ToChild::Start { address: subject.address(surroundings), config: json!({}) }).await;
    driver.hear_until("ready", PATIENCE, |message| matches!(message, FromChild::Ready { .. }).then_some(())).await;
    driver
}

async fn pong(driver: &mut DriverProgram, seq: u64) -> bool {
    driver.say(ToChild::Ping { seq }).await;
    driver
        .hear_until("a pong", PATIENCE, |message| match message {
            FromChild::Pong { seq: of, device_alive } if *of == seq => Some(*device_alive),
            _ => None,
        })
        .await
}

#[tokio::test]
async fn seam_hello_comes_first_and_is_what_driver_toml_says() {
    each(async |subject, surroundings| {
        let mut driver = subject.start(surroundings);
        let first = driver.hear(Instant::now() + PATIENCE).await;
        let manifest = subject.manifest();
        let Some(FromChild::Hello { protocol, driver: name, version, kind }) = first else {
            panic!("{}: {first:?}", subject.name)
        };
        assert_eq!((protocol, name.as_str()), (SEAM_VERSION, subject.name));
        assert_eq!(json!(kind).as_str(), manifest["kind"].as_str(), "{}", subject.name);
        assert!(!version.is_empty());
    })
    .await;
}

#[tokio::test]
async fn seam_a_wrong_configuration_or_address_is_said_and_exits_64() {
    each(async |subject, surroundings| {
        for (address, config, word) in [
            (subject.address(surroundings), json!({ "colour": "red" }), "colour"),
            (subject.address(surroundings), json!({ "poll_ms": "often" }), "poll_ms"),
            (subject.address(surroundings), json!({ "poll_ms": 1 }), "poll_ms"),
            ("nonsense".into(), json!({}), "nonsense"),
            ("carrier-pigeon:7".into(), json!({}), "carrier-pigeon"),
        ] {
            let mut driver = subject.start(surroundings);
            driver.say(ToChild::Start { address: address.clone(), config: config.clone() }).await;
            let failure = driver
                .hear_until("a failure", PATIENCE, |message| match message {
                    FromChild::Failed { failure } => Some(failure.clone()),
                    FromChild::Ready { .. } => panic!("{} takes {address} {config}", subject.name),
                    _ => None,
                })
                .await;
            assert!(failure.detail.contains(word), "{} {address} {config}: {failure:?}", subject.name);
            assert_eq!(driver.end(PATIENCE).await.code(), Some(64), "{} {address} {config}", subject.name);
        }
    })
    .await;
}

#[tokio::test]
async fn seam_a_device_that_is_not_there_exits_69() {
    each(async |subject, surroundings| {
        let mut driver = subject.start(surroundings);
        driver.say(ToChild::Start { address: subject.address_of_nothing(), config: json!({}) }).await;
        assert_eq!(driver.end(PATIENCE).await.code(), Some(69), "{}: {}", subject.name, driver.log());
        let failed = driver.heard.iter().any(|message| matches!(message, FromChild::Failed { .. }));
        assert!(failed, "{} says why: {:?}", subject.name, driver.heard);
    })
    .await;
}

#[tokio::test]
async fn seam_ready_is_followed_by_the_status_and_pings_are_answered_while_idle() {
    each(async |subject, surroundings| {
        let mut driver = ready(subject, surroundings).await;
        let is_status = |message: &FromChild| match message {
            FromChild::Event { request: None, name, payload } if name == "status" => Some(payload.clone()),
            _ => None,
        };
        let status = driver.hear_until("its status", PATIENCE, is_status).await;
        assert!(status.is_object(), "{}: {status}", subject.name);
        for seq in [1, 7, u64::MAX] {
            assert!(pong(&mut driver, seq).await, "{} lives", subject.name);
        }
    })
    .await;
}

#[tokio::test]
async fn seam_pings_are_answered_while_a_request_runs_and_a_cancel_ends_it() {
    each(async |subject, surroundings| {
        let mut driver = ready(subject, surroundings).await;
        subject.make_slow(surroundings).await;
        let (name, payload) = subject.long_request();
        driver.request(5, name, payload).await;
        assert!(pong(&mut driver, 1).await, "{} lives while it works", subject.name);
        driver.say(ToChild::Cancel { id: 5 }).await;
        let outcome = driver.outcome(5, PATIENCE).await;
        if subject.has_long_requests() {
            let Outcome::Error(failure) = outcome else { panic!("{}: {outcome:?}", subject.name) };
            assert_eq!(failure.code, ErrorCode::Cancelled, "{}: {failure:?}", subject.name);
        }
        subject.make_quick(surroundings).await;
        driver.request(6, subject.status_call, json!({})).await;
        let outcome = driver.outcome(6, PATIENCE).await;
        assert!(matches!(outcome, Outcome::Ok(_)), "{} works after a cancel: {outcome:?}", subject.name);
        let ends = driver.heard.iter().filter(|message| matches!(message, FromChild::Done { id: 5, .. })).count();
        assert_eq!(ends, 1, "{}: one end for a request", subject.name);
    })
    .await;
}

#[tokio::test]
async fn seam_a_request_that_the_kind_does_not_have_is_refused_and_a_cancel_of_nothing_ignored() {
    each(async |subject, surroundings| {
        let mut driver = ready(subject, surroundings).await;
        driver.say(ToChild::Cancel { id: 99 }).await;
        let wrong = [
            ("toaster.toast", json!({})),
            (subject.status_call, json!({ "colour": 1 })),
            (subject.status_call, json!(7)),
        ];
        for (id, (name, payload)) in (10..).zip(wrong) {
            driver.request(id, name, payload.clone()).await;
            let outcome = driver.outcome(id, PATIENCE).await;
            let Outcome::Error(failure) = outcome else { panic!("{} {name} {payload}: {outcome:?}", subject.name) };
            assert_eq!(failure.code, ErrorCode::InvalidRequest, "{} {name} {payload}", subject.name);
        }
        driver.request(20, subject.status_call, json!({})).await;
        let outcome = driver.outcome(20, PATIENCE).await;
        assert!(matches!(outcome, Outcome::Ok(_)), "{}: {outcome:?}", subject.name);
    })
    .await;
}

#[tokio::test]
async fn seam_the_end_of_stdin_is_the_end_at_any_time() {
    each(async |subject, surroundings| {
        let mut before_start = subject.start(surroundings);
        before_start.close_stdin();
        assert_eq!(before_start.end(PATIENCE).await.code(), Some(0), "{} before start", subject.name);
        let mut idle = ready(subject, surroundings).await;
        idle.close_stdin();
        assert_eq!(idle.end(PATIENCE).await.code(), Some(0), "{} idle", subject.name);
        let mut busy = ready(subject, surroundings).await;
        subject.make_slow(surroundings).await;
        let (name, payload) = subject.long_request();
        busy.request(5, name, payload).await;
        assert!(pong(&mut busy, 1).await, "the request has arrived");
        busy.close_stdin();
        assert_eq!(busy.end(PATIENCE).await.code(), Some(0), "{} busy", subject.name);
        subject.make_quick(surroundings).await;
    })
    .await;
}

#[tokio::test]
async fn seam_nonsense_on_stdin_is_a_fault_and_no_hang() {
    each(async |subject, surroundings| {
        let frames: [&[u8]; 6] = [
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
            &[0xFF; 64],
            &[0; 8],
            b"\0\0\0\x03\0\0\0\0abc",
            b"\0\0\0\x11\0\0\0\0{\"type\":\"dance\"} ",
            b"\0\0\0\x02\xFF\xFF\xFF\xFF{}",
        ];
        for frame in frames {
            let mut driver = subject.start(surroundings);
            driver.hear(Instant::now() + PATIENCE).await;
            driver.say_bytes(frame).await;
            let code = driver.end(PATIENCE).await.code();
            assert_eq!(code, Some(70), "{} after {}", subject.name, frame.escape_ascii());
            assert!(driver.log().contains("not a frame"), "{} says so: {}", subject.name, driver.log());
        }
        let mut cut = subject.start(surroundings);
        cut.say_bytes(&[0, 0, 1, 0, 0, 0]).await;
        cut.close_stdin();
        assert_eq!(cut.end(PATIENCE).await.code(), Some(0), "{}: a frame that breaks off is an end", subject.name);
    })
    .await;
}

#[tokio::test]
async fn seam_a_person_who_runs_a_driver_is_told_what_it_is() {
    for subject in SUBJECTS {
        let version = subject.run_by_hand(&["--version"]).await;
        assert!(version.0.success() && version.1.starts_with(subject.name), "{}: {version:?}", subject.name);
        let help = subject.run_by_hand(&["--help"]).await;
        assert!(help.0.success() && help.1.contains("driver = "), "{}: {help:?}", subject.name);
        let wrong = subject.run_by_hand(&["--dance"]).await;
        assert_eq!(wrong.0.code(), Some(64), "{}: {wrong:?}", subject.name);
    }
}
