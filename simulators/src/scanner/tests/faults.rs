use http_body_util::BodyExt;
use hyper::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Rig, feeder, flatbed};
use crate::device::{Device, KnobError};
use crate::scanner::fault::KNOBS;

#[tokio::test]
async fn every_knob_turns_with_its_defaults_and_clears() {
    let rig = Rig::new(1).await;
    for knob in KNOBS {
        rig.fault(json!({ "fault": knob.name }));
    }
    assert_eq!(rig.scanner.state()["faults"].as_array().unwrap().len(), KNOBS.len());
    rig.scanner.clear(Some("jam"));
    assert_eq!(rig.scanner.state()["faults"].as_array().unwrap().len(), KNOBS.len() - 1);
    rig.scanner.clear(None);
    assert_eq!(rig.scanner.state()["faults"], json!([]));
}

#[tokio::test]
async fn wrong_orders_say_what_would_be_right() {
    let rig = Rig::new(1).await;
    let wrong = |order| rig.scanner.fault(order).unwrap_err();
    assert!(matches!(wrong(json!({ "fault": "fire" })), KnobError::UnknownFault { .. }));
    assert!(wrong(json!({ "fault": "fire" })).to_string().contains("jam, adf_empty"));
    assert!(matches!(wrong(json!(7)), KnobError::NoFault { .. }));
    assert!(wrong(json!({ "fault": "jam", "page": 0 })).to_string().contains("page=1"));
    assert!(wrong(json!({ "fault": "adf_empty", "page": 1 })).to_string().contains("no parameters"));
    assert!(rig.scanner.set(json!({ "adf": ["nothing.jpg"] })).unwrap_err().to_string().contains("nothing.jpg"));
    assert!(rig.scanner.set(json!({ "adf": 51 })).is_err());
    assert!(rig.scanner.set(json!({ "tray": 1 })).is_err());
}

#[tokio::test]
async fn a_jam_stops_the_job_at_its_page_until_it_is_cleared() {
    let rig = Rig::new(3).await;
    rig.fault(json!({ "fault": "jam", "page": 2 }));
    let job = rig.job(&feeder()).await;
    assert_eq!(rig.next(&job).await.0, StatusCode::OK);
    assert_eq!(rig.next(&job).await.0, StatusCode::CONFLICT);
    assert_eq!(rig.status("AdfState").await, "ScannerAdfJam");
    assert_eq!(rig.status("State").await, "Stopped");
    assert_eq!(rig.status("JobState").await, "Aborted");
    assert_eq!(rig.job_refused(&feeder()).await, StatusCode::CONFLICT);
    rig.scanner.clear(None);
    let job = rig.job(&feeder()).await;
    assert_eq!(rig.next(&job).await.1.as_ref(), rig.file("page1.jpg"));
}

#[tokio::test]
async fn an_empty_feeder_and_an_open_cover_refuse_jobs() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "adf_empty" }));
    assert_eq!(rig.status("AdfState").await, "ScannerAdfEmpty");
    assert_eq!(rig.job_refused(&feeder()).await, StatusCode::CONFLICT);
    rig.scanner.clear(None);
    for (order, word) in [
        (json!({ "fault": "cover_open" }), "ScannerAdfHatchOpen"),
        (json!({ "fault": "cover_open", "word": "door" }), "ScannerAdfDoorOpen"),
    ] {
        rig.fault(order);
        assert_eq!(rig.status("AdfState").await, word);
        assert_eq!(rig.job_refused(&flatbed()).await, StatusCode::CONFLICT);
    }
    rig.scanner.clear(None);
    let job = rig.job(&feeder()).await;
    rig.fault(json!({ "fault": "cover_open" }));
    assert_eq!(rig.next(&job).await.0, StatusCode::CONFLICT);
    assert_eq!(rig.status("JobState").await, "Aborted");
}

#[tokio::test]
async fn a_busy_scanner_refuses_so_often_as_it_was_told() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "busy", "times": 2 }));
    assert_eq!(rig.status("State").await, "Processing");
    for _ in 0..2 {
        let response = rig.request(Method::POST, "/eSCL/ScanJobs", &flatbed()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(response.headers().contains_key("retry-after"));
    }
    rig.job(&flatbed()).await;
}

#[tokio::test]
async fn silence_takes_requests_and_drops_them_when_it_ends() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "silence" }));
    let mut client = rig.connect().await;
    let request = client.send(Method::GET, "/eSCL/ScannerStatus", "");
    tokio::pin!(request);
    let mut open = rig.scanner.inner.state.subscribe();
    open.mark_unchanged();
    tokio::select! {
        biased;
        _ = &mut request => panic!("a silent scanner answered"),
        () = async { while !rig.scanner.exchanges().list().iter().any(|line| line.text.contains("ScannerStatus")) {
            tokio::task::yield_now().await;
        } } => {}
    }
    rig.scanner.clear(Some("silence"));
    assert!(request.await.is_err());
    assert_eq!(rig.status("State").await, "Idle");
}

#[tokio::test]
async fn a_page_that_stalls_stays_open_after_its_bytes() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "silence", "after": 100 }));
    let mut page = rig.open_page(&rig.job(&flatbed()).await).await;
    assert_eq!(page.frame().await.unwrap().unwrap().into_data().unwrap().len(), 100);
    assert_eq!(rig.status("JobState").await, "Processing");
    rig.scanner.clear(None);
    assert!(page.collect().await.is_err());
    assert_eq!(rig.status("JobState").await, "Aborted");
}

#[tokio::test]
async fn a_slow_page_begins_long_before_it_ends() {
    let rig = Rig::new(1).await;
    let file = rig.file("page0.jpg");
    rig.fault(json!({ "fault": "slow", "bytes_per_second": file.len() * 10 }));
    let mut page = rig.open_page(&rig.job(&flatbed()).await).await;
    let first = page.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.len() < file.len() / 2, "{} of {}", first.len(), file.len());
    assert_eq!(rig.scanner.state()["jobs"][0]["on_the_wire"], true);
    let rest = page.collect().await.unwrap().to_bytes();
    assert_eq!([first, rest].concat(), file);
}

#[tokio::test]
async fn garbage_is_broken_xml_or_no_http_or_no_picture() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "garbage" }));
    let (status, body) = rig.get("/eSCL/ScannerStatus").await;
    assert_eq!(status, StatusCode::OK);
    assert!(roxmltree::Document::parse(&String::from_utf8_lossy(&body)).is_err());
    rig.fault(json!({ "fault": "garbage", "of": "page" }));
    let (_, page) = rig.next(&rig.job(&flatbed()).await).await;
    assert!(page.len() > 1000 && image::guess_format(&page).is_err());
    rig.fault(json!({ "fault": "garbage", "of": "http" }));
    let mut stream = TcpStream::connect(rig.scanner.plug().address()).await.unwrap();
    // It may be closed already; the point is what comes back.
    let _ = stream.write_all(b"GET /eSCL/ScannerStatus HTTP/1.1\r\n\r\n").await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));
    assert!(rig.request(Method::GET, "/eSCL/ScannerStatus", "").await.is_err());
}

#[tokio::test]
async fn a_page_cut_short_ends_as_it_was_told() {
    let rig = Rig::new(1).await;
    let file = rig.file("page0.jpg");
    rig.fault(json!({ "fault": "truncate" }));
    assert!(rig.open_page(&rig.job(&flatbed()).await).await.collect().await.is_err());
    assert_eq!(rig.status("JobState").await, "Aborted");

    rig.fault(json!({ "fault": "truncate", "after": 1234, "ending": "clean" }));
    let (_, page) = rig.next(&rig.job(&flatbed()).await).await;
    assert_eq!(page.as_ref(), &file[..1234]);
    assert_eq!(rig.status("JobState").await, "Completed");

    rig.fault(json!({ "fault": "truncate", "after": 1234, "ending": "unplug" }));
    assert!(rig.open_page(&rig.job(&flatbed()).await).await.collect().await.is_err());
    rig.scanner.plug().wait_connections(|open| open == 0).await;
    assert!(TcpStream::connect(rig.scanner.plug().address()).await.is_err());
    rig.scanner.plug().insert().await;
    assert_eq!(rig.status("JobState").await, "Aborted");
}

#[tokio::test]
async fn a_bad_jpeg_looks_like_one_and_is_none() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "bad_jpeg" }));
    let (status, page) = rig.next(&rig.job(&flatbed()).await).await;
    assert_eq!((status, page.len()), (StatusCode::OK, rig.file("page0.jpg").len()));
    assert!(page.starts_with(&[0xff, 0xd8]) && image::load_from_memory(&page).is_err());
}

#[tokio::test]
async fn an_endless_page_goes_on_until_the_client_goes() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "endless" }));
    let mut page = rig.open_page(&rig.job(&flatbed()).await).await;
    let (mut seen, enough) = (0, rig.file("page0.jpg").len() * 5);
    while seen < enough {
        seen += page.frame().await.unwrap().unwrap().into_data().unwrap().len();
    }
    drop(page);
    rig.until_job("Aborted").await;
    rig.scanner.clear(None);
    assert_eq!(rig.next(&rig.job(&flatbed()).await).await.0, StatusCode::OK);
}

#[tokio::test]
async fn unplugged_in_the_middle_of_a_page_the_job_is_aborted_and_the_port_comes_back() {
    let rig = Rig::new(1).await;
    rig.fault(json!({ "fault": "silence", "after": 64 }));
    let mut page = rig.open_page(&rig.job(&flatbed()).await).await;
    page.frame().await.unwrap().unwrap();
    rig.scanner.plug().unplug().await;
    assert!(page.collect().await.is_err());
    rig.until_job("Aborted").await;
    rig.scanner.clear(None);
    rig.scanner.plug().insert().await;
    assert_eq!(rig.next(&rig.job(&flatbed()).await).await.0, StatusCode::OK);
}
