//! The simulated scanner and eSCL clients that are not ours: sane-airscan under scanimage, and escl-scanner-cli.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::{Path, PathBuf};

use image::{DynamicImage, RgbImage};
use kiosk_tests::peers::{Peer, Ran, peer};
use kiosk_tests::rig::{PATIENCE, Simulators, process::Program, programs};
use serde_json::json;
use tempfile::TempDir;

/// SANE with one scanner, ours.
struct Sane {
    folder: TempDir,
    simulators: Simulators,
    _program: Program,
}

impl Sane {
    async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let (simulators, program) = Simulators::start(folder.path(), &[]).await;
        let scanner = &simulators.addresses().expect("there are simulators").scanner;
        let airscan = format!("[devices]\n\"Kiosk\" = {scanner}, eSCL\n[options]\ndiscovery = disable\n");
        std::fs::write(folder.path().join("airscan.conf"), airscan).expect("a temporary folder can be written");
        std::fs::write(folder.path().join("dll.conf"), "airscan\n").expect("a temporary folder can be written");
        Self { folder, simulators, _program: program }
    }

    async fn scanimage(&self, arguments: &[&str]) -> Ran {
        let scanimage = Peer::new(&peer("scanimage")).args(arguments);
        scanimage.env("SANE_CONFIG_DIR", self.folder.path()).run(PATIENCE).await
    }

    /// Scans; `arguments` beside device and format.
    async fn scan(&self, arguments: &[&str]) -> Ran {
        self.scanimage(&[&["-d", "airscan:e0:Kiosk", "--format=png"], arguments].concat()).await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn open(path: &Path) -> DynamicImage {
    image::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sample(name: &str) -> DynamicImage {
    open(&programs::samples().join(name))
}

/// The same picture as two JPEG decoders make it: the same size, and no part more than a little different.
fn assert_same(scanned: &RgbImage, sample: &RgbImage, what: &str) {
    assert_eq!(scanned.dimensions(), sample.dimensions(), "{what}");
    let (mut sum, mut most) = (0_u64, 0_u8);
    for (ours, theirs) in scanned.as_raw().iter().zip(sample.as_raw()) {
        let difference = ours.abs_diff(*theirs);
        sum += u64::from(difference);
        most = most.max(difference);
    }
    let samples = scanned.as_raw().len() as u64;
    assert!(sum * 4 <= samples, "{what}: a sample differs by more than a quarter on average: {sum} in {samples}");
    assert!(most <= 48, "{what}: a sample differs by {most}");
}

#[tokio::test]
async fn sane_finds_the_scanner_and_what_it_can_do() {
    let sane = Sane::start().await;
    let list = sane.scanimage(&["-L"]).await.ok();
    assert!(list.contains("device `airscan:e0:Kiosk' is a eSCL Kiosk"), "{list}");
    let options = sane.scanimage(&["-d", "airscan:e0:Kiosk", "-A"]).await.ok();
    for option in ["75|100|150|200|300|600dpi", "--mode Color|Gray", "Flatbed|ADF|ADF Duplex", "-x 0..209.973mm"] {
        assert!(options.contains(option), "{option} is missing in:\n{options}");
    }
}

#[tokio::test]
async fn sane_scans_the_glass_in_colour() {
    let sane = Sane::start().await;
    let file = sane.path("page.png");
    let wish = ["--source=Flatbed", "--mode=Color", "--resolution=300", "-o", file.to_str().unwrap()];
    sane.scan(&wish).await.ok();
    assert_same(&open(&file).to_rgb8(), &sample("birth-certificate.jpg").to_rgb8(), "the page on the glass");
}

#[tokio::test]
async fn sane_scans_a_region() {
    let sane = Sane::start().await;
    let file = sane.path("region.png");
    // 4 by 3 inches, one inch from the left and two from the top.
    let region = ["-l", "25.4", "-t", "50.8", "-x", "101.6", "-y", "76.2"];
    let wish = [&region[..], &["--mode=Color", "--resolution=300", "-o", file.to_str().unwrap()]].concat();
    sane.scan(&wish).await.ok();
    let (scanned, whole) = (open(&file).to_rgb8(), sample("birth-certificate.jpg").to_rgb8());
    assert_eq!(scanned.dimensions(), (1200, 900));
    let part = image::imageops::crop_imm(&whole, 300, 600, 1200, 900).to_image();
    // It was compressed once more; the place is right if hardly anything differs.
    let sum: u64 = scanned.as_raw().iter().zip(part.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let samples = u64::try_from(part.as_raw().len()).unwrap();
    assert!(sum <= samples * 2, "samples differ by {} on average", sum / samples);
}

#[tokio::test]
async fn sane_empties_the_feeder_in_grey() {
    let sane = Sane::start().await;
    let files = ["diploma.jpg", "residence-form.jpg", "marriage-status.jpg"];
    sane.simulators.load(json!({ "adf": files })).await;
    let pages = sane.path("page-%d.png");
    let batch = format!("--batch={}", pages.display());
    let log = sane.scan(&["--source=ADF", "--mode=Gray", "--resolution=150", &batch]).await;
    assert!(log.err.contains("Batch terminated, 3 pages scanned"), "{}", log.err);
    assert!(log.err.contains("Document feeder out of documents"), "{}", log.err);
    log.ok();
    for (page, file) in (1..).zip(files) {
        let scanned = open(&sane.path(&format!("page-{page}.png")));
        assert_eq!((scanned.color(), scanned.width(), scanned.height()), (image::ColorType::L8, 1240, 1754), "{file}");
        let nearest = files.iter().min_by_key(|file| difference(&scanned, &sample(file)));
        assert_eq!(nearest, Some(&file), "page {page} looks most like its own sample");
    }
}

/// How different two pictures are when looked at from afar.
fn difference(one: &DynamicImage, other: &DynamicImage) -> u64 {
    let afar = |image: &DynamicImage| image.to_luma8();
    let (one, other) = (afar(&one.thumbnail_exact(124, 175)), afar(&other.thumbnail_exact(124, 175)));
    one.as_raw().iter().zip(other.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
}

#[tokio::test]
async fn sane_says_what_is_wrong_with_the_feeder() {
    let sane = Sane::start().await;
    let batch = format!("--batch={}", sane.path("page-%d.png").display());
    let adf = ["--source=ADF", "--resolution=75", &batch];

    sane.simulators.fault("scanner", "jam", json!({ "page": 2 })).await;
    let jam = sane.scan(&adf).await.fails();
    assert!(jam.contains("Document feeder jammed") && jam.contains("1 page scanned"), "{jam}");
    sane.simulators.clear("scanner").await;

    sane.simulators.fault("scanner", "cover_open", json!({ "word": "door" })).await;
    let open = sane.scan(&adf).await.fails();
    assert!(open.contains("cover is open"), "{open}");
    sane.simulators.clear("scanner").await;

    sane.simulators.load(json!({ "adf": 0 })).await;
    let empty = sane.scan(&adf).await.fails();
    assert!(empty.contains("out of documents"), "{empty}");

    // A scanner that is busy for a moment is asked again.
    sane.simulators.fault("scanner", "busy", json!({ "times": 2 })).await;
    let file = sane.path("late.png");
    sane.scan(&["--resolution=75", "-o", file.to_str().unwrap()]).await.ok();
    assert_eq!(image::image_dimensions(&file).unwrap(), (620, 877));
}

#[tokio::test]
async fn another_client_gets_its_page_as_a_pdf_with_the_very_bytes_of_the_sample() {
    let sane = Sane::start().await;
    let scanner = &sane.simulators.addresses().unwrap().scanner;
    let port = scanner.strip_prefix("http://127.0.0.1:").and_then(|rest| rest.strip_suffix("/eSCL")).unwrap();
    sane.simulators.load(json!({ "adf": ["diploma.jpg"] })).await;
    // Its word for the glass, `Flatbed`, is none of the protocol's (chapter 7: `Platen`, `Feeder`, `Camera`).
    let file = sane.path("page.pdf");
    let wish = ["127.0.0.1", port, "-S", "feeder", "-r", "300", "-q", "-o"];
    Peer::script("escl_cli.py").args(wish).arg(&file).run(PATIENCE).await.ok();
    let pdf = std::fs::read(&file).unwrap();
    let jpeg = std::fs::read(programs::samples().join("diploma.jpg")).unwrap();
    assert!(pdf.starts_with(b"%PDF-"), "it is a PDF");
    assert!(pdf.windows(jpeg.len()).any(|part| part == jpeg), "the sample is in the PDF as it is");
}
