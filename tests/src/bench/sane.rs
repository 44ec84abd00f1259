//! Ten pages of 300 dpi in colour from the feeder of SANE's `test` backend to the gateway's blobs, against
//! `scanimage --batch` writing the same pages as JPEG of the same quality (75, which scanimage always uses).

use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::median;
use crate::peers::{Peer, peer};
use crate::rig::{Client, Order, Parts, READY_WITHIN, Rig, RigOptions};

const ROUNDS: usize = 7;
const PAGES: usize = 10;
const WITHIN: std::time::Duration = std::time::Duration::from_secs(300);

/// The lines of the report.
pub async fn run() -> Vec<String> {
    let mut lines = vec![format!("SANE: {PAGES} pages of 300 dpi colour from the feeder, against scanimage --batch")];
    // A page like a form, one with much detail everywhere, and a scanner that takes its time.
    for (what, rounds, options, arguments) in [
        ("lines and white, as quick as it goes", ROUNDS, "test-picture = \"Grid\"", &["--test-picture=Grid"][..]),
        ("noise, as quick as it goes", ROUNDS, "test-picture = \"Color pattern\"", &["--test-picture=Color pattern"]),
        (
            "a scanner that takes 1 s a page",
            1,
            "test-picture = \"Grid\", read-delay = true, read-delay-duration = 120000",
            &["--test-picture=Grid", "--read-delay=yes", "--read-delay-duration=120000"],
        ),
    ] {
        let config = format!(
            "[devices.scanner]\ndriver = \"sane\"\naddress = \"sane:test:0\"\nconfig.jpeg_quality = 75\nconfig.options = {{ {options} }}\n"
        );
        let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
        let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let mut client = rig.client().await;
            client.wait_all_ready(READY_WITHIN).await;
            let floor = scanimage(arguments).await;
            let own = scan(&mut client).await;
            ours.push(own * 1e3);
            theirs.push(floor * 1e3);
            ratios.push(own / floor);
            // Its blobs would fill the store.
            client.done(Order::new("session.end", json!({}))).await;
        }
        lines.push(format!(
            "  {what}: {:.0} ms; scanimage {:.0} ms; ratio {:.2}× (aim ≤ 1.05×)",
            median(&mut ours),
            median(&mut theirs),
            median(&mut ratios)
        ));
    }
    lines
}

/// Seconds from the command to the last page.
async fn scan(client: &mut Client) -> f64 {
    let since = Instant::now();
    let order = json!({ "source": "adf", "resolution_dpi": 300, "color": "color" });
    let report = client.done(Order::new("scanner.scan", order).timeout_ms(300_000)).await;
    assert_eq!(report["pages"].as_array().map(Vec::len), Some(PAGES), "{report}");
    since.elapsed().as_secs_f64()
}

/// Seconds that scanimage takes, its start included.
async fn scanimage(arguments: &[&str]) -> f64 {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let write = |name: &str, text: &[u8]| std::fs::write(folder.path().join(name), text).expect("it can be written");
    write("dll.conf", b"test\n");
    write("test.conf", &std::fs::read(Path::new("/etc/sane.d/test.conf")).unwrap_or_default());
    let batch = format!("--batch={}", folder.path().join("page-%d.jpg").display());
    let usual = ["-d", "test:0", "--source=Automatic Document Feeder", "--mode=Color", "--resolution=300"];
    let scanimage = Peer::new(&peer("scanimage")).args(usual).args(["-x", "200", "-y", "200", "--format=jpeg", &batch]);
    let scanimage = scanimage.args(arguments).env("SANE_CONFIG_DIR", folder.path());
    let since = Instant::now();
    let ran = scanimage.run(WITHIN).await;
    let seconds = since.elapsed().as_secs_f64();
    assert!(ran.err.contains(&format!("{PAGES} pages scanned")), "{}", ran.err);
    seconds
}
