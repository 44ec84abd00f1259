//! A 300 dpi A4 colour page from the scanner's wire to the gateway's blob, against `curl` fetching the same bytes.

use std::process::Command;
use std::time::Instant;

use serde_json::json;

use super::median;
use crate::rig::{Client, Order, Rig, RigOptions, http};

const ROUNDS: usize = 15;
/// A quick real scanner: a page in about a second.
const PACE: u64 = 700_000;

const SETTINGS: &str = r#"<?xml version="1.0"?><scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm"><pwg:Version>2.0</pwg:Version><pwg:InputSource>Platen</pwg:InputSource><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat><scan:ColorMode>RGB24</scan:ColorMode><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:ScanSettings>"#;

/// The lines of the report.
pub async fn run() -> Vec<String> {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let scanner = rig.simulators.addresses().expect("there are simulators").scanner.clone();
    let mut lines =
        vec!["scan of a 300 dpi A4 colour JPEG to the blob, against curl fetching the same bytes".to_owned()];
    for (what, rounds, pace) in [("as quick as it goes", ROUNDS, None), ("a scanner of 700 kB/s", 3, Some(PACE))] {
        if let Some(pace) = pace {
            rig.simulators.fault("scanner", "slow", json!({ "bytes_per_second": pace })).await;
        }
        let (mut ours, mut floor, mut ratios, mut first) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let bare = curl(&scanner);
            let (whole, first_byte) = scan(&rig, &mut client).await;
            floor.push(bare * 1e3);
            ours.push(whole * 1e3);
            ratios.push(whole / bare);
            first.push(first_byte * 1e3);
        }
        lines.push(format!(
            "  {what}: {:.1} ms; curl {:.1} ms; ratio {:.2}× (aim ≤ 1.2×); first byte at the client after {:.1} ms",
            median(&mut ours),
            median(&mut floor),
            median(&mut ratios),
            median(&mut first)
        ));
        client.done(Order::new("session.end", json!({}))).await;
        client = rig.client().await;
    }
    lines
}

/// Seconds until the page is complete, and until its first byte was fetched by the client.
async fn scan(rig: &Rig, client: &mut Client) -> (f64, f64) {
    let since = Instant::now();
    let id = client.start(Order::new("scanner.scan", json!({ "source": "flatbed" }))).await;
    let started = client.event(id, "scanner.page_started").await;
    let path = format!("/v1/blobs/{}", started["blob"].as_str().expect("a blob"));
    let (at, token) = (rig.address, client.token());
    let first = tokio::spawn(async move {
        let mut response = http::open(at, &path, Some(&token)).await;
        http::next_bytes(&mut response).await.expect("a first byte").expect("a first byte");
        since.elapsed().as_secs_f64()
    });
    client.event(id, "scanner.page").await;
    let whole = since.elapsed().as_secs_f64();
    client.finish(id).await.expect("the scan succeeds");
    (whole, first.await.expect("the fetch ends well"))
}

/// Seconds that curl takes for the job and its page, as it says itself (without its own start).
#[expect(clippy::disallowed_methods, reason = "the peer is a program")]
fn curl(scanner: &str) -> f64 {
    let run = |arguments: &[&str]| {
        let output = Command::new("curl")
            .args(["-sS", "-o", "/dev/null"])
            .args(arguments)
            .output()
            .expect("curl runs (make setup)");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("curl writes text")
    };
    let jobs = format!("{scanner}/ScanJobs");
    let post = run(&["-H", "Content-Type: text/xml", "-d", SETTINGS, "-w", "%{time_total} %header{location}", &jobs]);
    let (post_time, location) = post.split_once(' ').expect("time and location");
    let location = location.trim().trim_end_matches('/');
    let job = match location.strip_prefix('/') {
        Some(path) => format!("{}/{path}", scanner.trim_end_matches("/eSCL")),
        None => location.to_owned(),
    };
    let page = run(&["-w", "%{time_total}", &format!("{job}/NextDocument")]);
    run(&["-X", "DELETE", &job]);
    let seconds = |text: &str| text.trim().parse::<f64>().expect("curl's time");
    seconds(post_time) + seconds(&page)
}
