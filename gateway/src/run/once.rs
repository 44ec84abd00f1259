//! The main job without a browser, as a client of the running gateway over its real WebSocket: scan, read, print, the card
//! and the face of its holder, the certified copy, and the UPS on battery and back. Leaves what it saw, with the time of each step; fails if any of it is wrong.

mod certified;
mod client;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use kiosk_protocol::camera::CapturedPicture;
use kiosk_protocol::device::{DeviceState, Facts, Kind};
use kiosk_protocol::identity::{CardAccess, ChipIdentity, ChipVerdict};
use kiosk_protocol::ocr::{DocumentText, FoundCardAccess};
use kiosk_protocol::scanner::ScanReport;
use kiosk_protocol::ups::PowerSource;
use serde_json::{Value, json};

use super::announce;
use super::demo::Simulators;
use client::{Client, fetch, post};

/// The devices of the demo must be ready within this; the reader loads its models first.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// What of the document's words must have been read for the reading to count as right.
const WORDS_RIGHT: f64 = 0.95;
/// The verification code on the demo's receipt.
const CODE: &str = "https://kiosk.example.vn/verify?code=DEMO-0990-0001";

/// Pictures of the card that are looked at.
const LOOKS: u32 = 10;

struct Steps(BTreeMap<&'static str, u128>);

impl Steps {
    fn done(&mut self, step: &'static str, since: Instant, what: &str) {
        let ms = since.elapsed().as_millis();
        announce(&format!("  {step:<8} {ms:>6} ms   {what}"));
        self.0.insert(step, ms);
    }
}

/// Runs the job once; `invitation`: the one-time code of an officer, if copies can be certified.
pub(super) async fn run(
    gateway: SocketAddr,
    simulators: &Simulators,
    samples: &Path,
    out: &Path,
    invitation: Option<String>,
) -> anyhow::Result<()> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make the folder `{}`", out.display()))?;
    let (begin, mut steps) = (Instant::now(), Steps(BTreeMap::new()));

    let mut client = Client::connect(gateway).await?;
    client
        .wait_for(READY_WITHIN, "all devices ready", |devices| {
            // The second screen is a page that nobody has opened.
            let mut devices = devices.values().filter(|device| device.facts.kind() != Kind::QrDisplay);
            devices.all(|device| device.state == DeviceState::Ready)
        })
        .await?;
    steps.done("ready", begin, &format!("{} devices", client.count()));

    let since = Instant::now();
    let scan = client.call("scanner.scan", json!({ "source": "flatbed", "resolution_dpi": 300 }), None).await?;
    let scan: ScanReport = serde_json::from_value(scan).context("the scan's reply")?;
    ensure!(scan.pages.len() == 1, "the flatbed gave {} pages", scan.pages.len());
    let page = &scan.pages[0];
    let image = fetch(gateway, &format!("/v1/blobs/{}", page.blob), Some(client.token())).await?;
    ensure!(image.len() as u64 == page.bytes, "the page has {} bytes, its event said {}", image.len(), page.bytes);
    std::fs::write(out.join("scan.jpg"), &image)?;
    let document = sample_of(&image, samples).context("the page is not byte for byte one of the sample documents")?;
    steps.done(
        "scan",
        since,
        &format!("{} × {} pixels, {} bytes, unchanged from the scanner", page.width_px, page.height_px, page.bytes),
    );

    let since = Instant::now();
    let text = client.call("ocr.read", json!({ "blob": page.blob }), None).await?;
    let text: DocumentText = serde_json::from_value(text).context("the reading's reply")?;
    let lines: Vec<&str> = text.lines.iter().map(|line| line.text.expose()).collect();
    std::fs::write(out.join("text.txt"), lines.join("\n") + "\n")?;
    let right = words_right(&document.truth, &lines);
    steps.done("read", since, &format!("{} lines, {:.1} % of the words right", lines.len(), right * 100.0));
    ensure!(right >= WORDS_RIGHT, "only {:.1} % of the document's words were read right", right * 100.0);

    let since = Instant::now();
    let printed =
        client.call("receipt_printer.print", receipt(&document.name, lines.len()), Some("demo-once-receipt")).await?;
    ensure!(printed["outcome"] == "printed", "the printer's outcome is {}", printed["outcome"]);
    let again =
        client.call("receipt_printer.print", receipt(&document.name, lines.len()), Some("demo-once-receipt")).await?;
    ensure!(printed == again, "the same key gave another result");
    let control = client::authority(&simulators.control)?;
    let paper = fetch(control, "/devices/printer/paper.png", None).await?;
    ensure!(paper.starts_with(b"\x89PNG\r\n\x1a\n"), "the printer's paper is not a PNG");
    std::fs::write(out.join("receipt.png"), &paper)?;
    let codes = qr_codes(&paper).context("the printer's paper")?;
    ensure!(codes == [CODE], "the QR codes on the paper are {codes:?}");
    let receipts: Value = serde_json::from_slice(&fetch(control, "/devices/printer/receipts", None).await?)?;
    ensure!(
        receipts["receipts"].as_array().is_some_and(|list| list.len() == 1),
        "there is not one receipt: {receipts}"
    );
    steps.done("print", since, "one receipt with its QR, confirmed by the printer");

    let since = Instant::now();
    let photo = client.call("camera.capture", json!({}), None).await?;
    let photo: CapturedPicture = serde_json::from_value(photo).context("the camera's reply")?;
    let image = fetch(gateway, &format!("/v1/blobs/{}", photo.blob), Some(client.token())).await?;
    ensure!(image.starts_with(&[0xFF, 0xD8]) && image.ends_with(&[0xFF, 0xD9]), "the photo is not a whole JPEG");
    std::fs::write(out.join("photo.jpg"), &image)?;
    steps.done("photo", since, &format!("{} × {} pixels from the camera", photo.width, photo.height));

    if client.has(Kind::CardReader) && client.has(Kind::FaceMatcher) {
        person(gateway, control, &mut client, &mut steps, out).await?;
        match invitation {
            Some(invitation) => {
                certified::certify(gateway, control, &mut client, &mut steps, out, page, invitation).await?;
                if let Some(authority) = &simulators.authority {
                    certified::keep_trust(gateway, &authority.root, out).await?;
                }
            }
            None => announce("  copy     left out: there is no simulated authority"),
        }
    } else {
        announce("  person   left out, as --without-person says");
    }

    let since = Instant::now();
    post(control, "/devices/ups/set", json!({ "mains": "off" })).await?;
    client
        .wait_for(Duration::from_secs(5), "the UPS on battery", |devices| power(devices) == Some(PowerSource::Battery))
        .await?;
    steps.done("battery", since, "the UPS on battery, seen by the page");
    post(control, "/devices/ups/set", json!({ "mains": "on" })).await?;
    client
        .wait_for(Duration::from_secs(5), "the UPS on mains", |devices| power(devices) == Some(PowerSource::Mains))
        .await?;
    client.call("session.end", json!({}), None).await?;

    let summary = json!({
        "document": document.name,
        "page": page,
        "lines": lines.len(),
        "words_right": right,
        "steps_ms": steps.0,
        "total_ms": begin.elapsed().as_millis(),
    });
    std::fs::write(out.join("summary.json"), serde_json::to_string_pretty(&summary)? + "\n")?;
    announce(&format!("  all right; see {}", out.display()));
    Ok(())
}

/// The card's chip is read and proven, and the face before the camera compared with the portrait on it.
async fn person(
    gateway: SocketAddr,
    control: SocketAddr,
    client: &mut Client,
    steps: &mut Steps,
    out: &Path,
) -> anyhow::Result<()> {
    let since = Instant::now();
    post(control, "/devices/camera/set", json!({ "before": "card" })).await?;
    let access = shown_card(client).await?;
    post(control, "/devices/camera/set", json!({ "before": "holder" })).await?;
    steps.done("zone", since, "the machine readable zone of the card before the camera");

    let since = Instant::now();
    let identity = client.call("identity.read", json!({ "access": access }), None).await?;
    let identity: ChipIdentity = serde_json::from_value(identity).context("the card's reply")?;
    ensure!(identity.verdict == ChipVerdict::Genuine, "the card is not genuine: {:?}", identity.proofs);
    let portrait = identity.portrait.context("the card has no portrait")?;
    let image = fetch(gateway, &format!("/v1/blobs/{}", portrait.blob), Some(client.token())).await?;
    std::fs::write(out.join("portrait.jpg"), &image)?;
    steps.done("card", since, "genuine: signed by the state, and no copy");

    let since = Instant::now();
    let consent = json!({ "purpose": "face_match", "given": true, "text_version": "demo", "language": "vi" });
    client.call("consent.record", consent, None).await?;
    let captured = client.call("face.capture", json!({}), None).await?;
    let capture = json!({ "capture": captured["capture"] });
    client.call("face.live", capture, None).await?;
    let compared = json!({ "capture": captured["capture"], "portrait": portrait.blob });
    let compared = client.call("face.match", compared, None).await?;
    ensure!(compared["decision"] == "match" && compared["live"] == true, "the face does not match: {compared}");
    steps.done("face", since, "the holder of the card, who turned the head as asked");
    Ok(())
}

/// What opens the card that is held before the camera; the first pictures may still show what was there before.
async fn shown_card(client: &mut Client) -> anyhow::Result<CardAccess> {
    for _ in 0..LOOKS {
        let photo = client.call("camera.capture", json!({}), None).await?;
        let found = client.call("ocr.card_access", json!({ "blob": photo["blob"] }), None).await?;
        let found: FoundCardAccess = serde_json::from_value(found).context("the reader's reply")?;
        if let Some(access) = found.access {
            return Ok(access);
        }
    }
    bail!("the zone of the card was not read in {LOOKS} pictures")
}

fn power(devices: &client::Devices) -> Option<PowerSource> {
    devices.values().find_map(|device| match &device.facts {
        Facts::Ups { status, .. } => status.as_ref().map(|status| status.power),
        _ => None,
    })
}

/// What the QR codes on a piece of paper say.
fn qr_codes(paper: &[u8]) -> anyhow::Result<Vec<String>> {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(paper));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut pixels = vec![0; reader.output_buffer_size().context("too large")?];
    let info = reader.next_frame(&mut pixels)?;
    let (width, step) = (info.width as usize, info.color_type.samples());
    let grey = |x: usize, y: usize| pixels[y * info.line_size + x * step];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, info.height as usize, grey);
    Ok(image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect())
}

/// A sample document and what is printed on it.
struct Sample {
    name: String,
    truth: String,
}

/// The sample that these bytes are.
fn sample_of(image: &[u8], samples: &Path) -> anyhow::Result<Sample> {
    for entry in std::fs::read_dir(samples)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "jpg") && std::fs::read(&path)? == image {
            let truth = std::fs::read_to_string(path.with_extension("txt"))?;
            let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            return Ok(Sample { name, truth });
        }
    }
    bail!("none of the files in `{}` is the same", samples.display())
}

/// Which part of the true words is among the words that were read, each counted once.
fn words_right(truth: &str, lines: &[&str]) -> f64 {
    let mut read: BTreeMap<&str, usize> = BTreeMap::new();
    for word in lines.iter().flat_map(|line| line.split_whitespace()) {
        *read.entry(word).or_default() += 1;
    }
    let (mut all, mut right) = (0_u32, 0_u32);
    for word in truth.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)) {
        all += 1;
        if let Some(count) = read.get_mut(word).filter(|count| **count > 0) {
            *count -= 1;
            right += 1;
        }
    }
    if all == 0 { 0.0 } else { f64::from(right) / f64::from(all) }
}

fn receipt(document: &str, lines: usize) -> Value {
    json!({ "elements": [
        { "type": "text", "text": "KI-ỐT DỊCH VỤ CÔNG", "align": "center", "size": "large", "weight": "bold" },
        { "type": "text", "text": "Phường Cửa Nam, Hà Nội", "align": "center" },
        { "type": "rule" },
        { "type": "columns", "left": "Giấy tờ", "right": document },
        { "type": "columns", "left": "Số dòng đã đọc", "right": lines.to_string() },
        { "type": "rule", "style": "dashed" },
        { "type": "text", "text": "Quét mã để tra cứu bản sao", "align": "center" },
        { "type": "qr", "data": CODE },
        { "type": "text", "text": "MẪU – SAMPLE", "align": "center", "size": "small" },
    ] })
}
