//! The driver `sane` under the real libsane: its `test` backend, which plays a scanner and its faults, and sane-airscan
//! speaking to our eSCL simulator. `scanimage` scans the same pages.

#[path = "sane/backend.rs"]
mod backend;
#[path = "sane/faults.rs"]
mod faults;

use std::path::Path;
use std::time::Duration;

use image::DynamicImage;
use kiosk_protocol::device::{DeviceView, Facts};
use kiosk_protocol::scanner::ScanSource;
use kiosk_tests::peers::{Peer, peer};
use kiosk_tests::rig::{Client, Order, Parts, Rig, RigOptions, Simulators, http, programs};
use serde_json::{Value, json};
use tempfile::TempDir;

/// What takes a moment may take this long on a loaded machine.
const WITHIN: Duration = Duration::from_secs(60);

/// A kiosk whose scanner is a device of SANE; `more` are lines of its section.
async fn kiosk(address: &str, more: &str) -> (Rig, Client) {
    let config = format!("[devices.scanner]\ndriver = \"sane\"\naddress = {address:?}\nconfig.poll_ms = 200\n{more}\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    (rig, client)
}

/// The same with the `test` backend and these options of it.
async fn test_backend(options: &str) -> (Rig, Client) {
    kiosk("sane:test:0", &format!("config.options = {{ {options} }}")).await
}

fn scan(payload: Value) -> Order {
    Order::new("scanner.scan", payload)
}

async fn pictures(rig: &Rig, client: &mut Client, payload: Value) -> Vec<DynamicImage> {
    let report = client.done(scan(payload)).await;
    let mut pictures = Vec::new();
    for page in report["pages"].as_array().unwrap() {
        let path = format!("/v1/blobs/{}", page["blob"].as_str().unwrap());
        let answer = http::get(rig.address, &path, Some(&client.token())).await;
        assert_eq!(answer.body.len() as u64, page["bytes"].as_u64().unwrap());
        let picture = image::load_from_memory(&answer.body).expect("a page is a picture");
        assert_eq!(json!([picture.width(), picture.height()]), json!([page["width_px"], page["height_px"]]));
        pictures.push(picture);
    }
    pictures
}

/// What scanimage makes of the same scanner.
async fn scanimage(arguments: &[&str]) -> DynamicImage {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("dll.conf"), "test\n").unwrap();
    std::fs::copy("/etc/sane.d/test.conf", folder.path().join("test.conf")).unwrap();
    let file = folder.path().join("page.png");
    let usual = ["-d", "test:0", "--format=png", "-o", file.to_str().unwrap()];
    let scanimage = Peer::new(&peer("scanimage")).args(usual).args(arguments);
    scanimage.env("SANE_CONFIG_DIR", folder.path()).run(WITHIN).await.ok();
    image::open(&file).unwrap()
}

/// How much samples differ on average.
fn difference(one: &DynamicImage, other: &DynamicImage) -> f64 {
    assert_eq!((one.width(), one.height()), (other.width(), other.height()));
    assert_eq!(one.color().has_color(), other.color().has_color());
    let (one, other) = (one.to_rgb8(), other.to_rgb8());
    let sum: u64 = one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    #[expect(clippy::cast_precision_loss, reason = "a mean")]
    let mean = sum as f64 / one.as_raw().len() as f64;
    mean
}

fn capabilities(view: &DeviceView) -> Vec<ScanSource> {
    let Facts::Scanner { capabilities, .. } = &view.facts else { panic!("{view:?} is no scanner") };
    capabilities.as_ref().unwrap().sources.iter().map(|source| source.source).collect()
}

#[tokio::test]
async fn sane_pages_are_those_of_scanimage() {
    // The colour pattern has single coloured columns, of which a JPEG keeps the brightness only: it is looked at from
    // a little further away.
    for (picture, shrink, limit) in [("Grid", 1, 1.5), ("Solid white", 1, 1.0), ("Color pattern", 8, 8.0)] {
        let (rig, mut client) = test_backend(&format!("test-picture = {picture:?}")).await;
        for (color, mode, dpi) in [("color", "Color", 150), ("gray", "Gray", 100), ("color", "Color", 75)] {
            let ours = pictures(&rig, &mut client, json!({ "color": color, "resolution_dpi": dpi })).await;
            let whole =
                ["--mode", mode, "--resolution", &dpi.to_string(), "-x", "200", "-y", "200", "--test-picture", picture];
            let theirs = scanimage(&whole).await;
            let afar = |picture: &DynamicImage| match shrink {
                1 => picture.clone(),
                shrink => picture.thumbnail_exact(picture.width() / shrink, picture.height() / shrink),
            };
            let difference = difference(&afar(&ours[0]), &afar(&theirs));
            assert!(difference <= limit, "{picture} {mode} {dpi} dpi: samples differ by {difference}");
        }
    }
}

#[tokio::test]
async fn sane_scans_the_area_that_scanimage_scans() {
    let (rig, mut client) = test_backend("test-picture = \"Grid\"").await;
    let area = json!({ "x_mm": 13.0, "y_mm": 27.0, "width_mm": 80.0, "height_mm": 55.0 });
    let ours = pictures(&rig, &mut client, json!({ "resolution_dpi": 200, "area": area })).await;
    let part =
        ["--mode=Color", "--resolution=200", "-l", "13", "-t", "27", "-x", "80", "-y", "55", "--test-picture=Grid"];
    assert!(difference(&ours[0], &scanimage(&part).await) <= 1.5);
}

#[tokio::test]
async fn sane_empties_the_feeder_of_ten_pages() {
    let (rig, mut client) = test_backend("test-picture = \"Grid\"").await;
    let view = client.devices.values().next().unwrap();
    assert_eq!(capabilities(view), [ScanSource::Flatbed, ScanSource::Adf]);
    let pages = pictures(&rig, &mut client, json!({ "source": "adf", "resolution_dpi": 75 })).await;
    assert_eq!(pages.len(), 10);
    let two = json!({ "source": "adf", "resolution_dpi": 75, "max_pages": 2 });
    assert_eq!(pictures(&rig, &mut client, two).await.len(), 2);
}

#[tokio::test]
async fn sane_takes_lines_however_the_backend_sends_them() {
    let theirs = scanimage(&["--mode=Color", "--resolution=75", "-x", "200", "-y", "200", "--test-picture=Grid"]).await;
    for options in [
        "ppl-loss = 37",
        "fuzzy-parameters = true",
        "read-limit = true, read-limit-size = 1021",
        "depth = 16",
        "non-blocking = true, select-fd = true",
        "enable-test-options = true, int = 5, string = \"xin chào\", bool-soft-select-soft-detect = true, fixed = 1.5",
    ] {
        let (rig, mut client) = test_backend(&format!("test-picture = \"Grid\", {options}")).await;
        let ours = pictures(&rig, &mut client, json!({ "resolution_dpi": 75 })).await;
        if options.starts_with("ppl") {
            // The backend takes the lost pixels from the line.
            assert_eq!(ours[0].width(), theirs.width() - 37, "{options}");
        } else {
            let difference = difference(&ours[0], &theirs);
            assert!(difference <= 1.5, "{options}: {difference}");
        }
    }
}

#[tokio::test]
async fn sane_scans_with_a_hand_scanner_whose_page_has_no_known_height() {
    let (rig, mut client) = test_backend("test-picture = \"Grid\", hand-scanner = true").await;
    let ours = pictures(&rig, &mut client, json!({ "resolution_dpi": 100, "color": "gray" })).await;
    // The backend's hand scanner sees 11 by 17 cm.
    let theirs = ["--mode=Gray", "--resolution=100", "-x", "110", "-y", "170", "--test-picture=Grid"];
    let theirs = scanimage(&theirs).await;
    assert!(difference(&ours[0], &theirs) <= 1.5);
}

#[tokio::test]
async fn sane_turns_one_bit_into_grey() {
    let (rig, mut client) = test_backend("test-picture = \"Grid\", depth = 1").await;
    let ours = pictures(&rig, &mut client, json!({ "resolution_dpi": 100, "color": "gray" })).await;
    let theirs =
        scanimage(&["--depth=1", "--mode=Gray", "--resolution=100", "-x", "200", "-y", "200", "--test-picture=Grid"])
            .await;
    assert!(difference(&ours[0], &theirs) <= 1.5);
}

/// sane-airscan in front of the simulated eSCL scanner.
async fn airscan() -> (Rig, Client, Simulators, TempDir, kiosk_tests::rig::process::Program) {
    let folder = tempfile::tempdir().unwrap();
    let (simulators, program) = Simulators::start(folder.path(), &[]).await;
    let scanner = &simulators.addresses().unwrap().scanner;
    let conf = format!("[devices]\n\"Kiosk\" = {scanner}, eSCL\n[options]\ndiscovery = disable\n");
    let (rig, client) = kiosk("sane:airscan", &format!("config.conf = '''\n{conf}'''")).await;
    (rig, client, simulators, folder, program)
}

fn sample(name: &str) -> DynamicImage {
    image::open(Path::new(&programs::samples()).join(name)).unwrap()
}

#[tokio::test]
async fn sane_scans_with_a_network_scanner_through_sane_airscan() {
    let (rig, mut client, simulators, _folder, _program) = airscan().await;
    let view = client.devices.values().next().unwrap();
    assert_eq!(capabilities(view), [ScanSource::Flatbed, ScanSource::Adf, ScanSource::AdfDuplex]);
    let ours = pictures(&rig, &mut client, json!({ "source": "flatbed" })).await;
    let sample = sample("birth-certificate.jpg");
    assert!(difference(&ours[0], &sample) <= 4.0, "compressed once more");
    simulators.load(json!({ "adf": 3 })).await;
    let three = pictures(&rig, &mut client, json!({ "source": "adf", "resolution_dpi": 75 })).await;
    assert_eq!(three.len(), 3);
}
