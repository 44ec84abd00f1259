//! A receipt from the request to the bytes for the printer, and the packing of its dots alone: against python-escpos, which
//! packs the same picture, and against copying as many bytes.

use std::time::{Duration, Instant};

use kiosk_driver_escpos::Press;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::receipt::PrintRequest;
use serde_json::json;

use super::{median, micros, quantile};
use crate::peers::{Peer, python, script};
use crate::rig::programs;

const ROUNDS: usize = 7;
/// Receipts of one round.
const RECEIPTS: usize = 20;
/// Pictures of one round.
const PICTURES: usize = 200;
/// Rows of the picture: 15 cm of paper, 576 dots wide.
const ROWS: usize = 1_200;
const ROW_BYTES: usize = 72;
const WITHIN: Duration = Duration::from_secs(120);

/// What a citizen gets: heading, twelve rows, a picture and a code.
fn request() -> PrintRequest {
    let row = |row| json!({ "type": "columns", "left": format!("Giấy tờ số {row}"), "right": "sao y bản chính" });
    let mut elements = vec![
        json!({ "type": "text", "text": "Phường Cửa Nam, Hà Nội", "align": "center", "size": "large", "weight": "bold" }),
        json!({ "type": "image", "blob": "b1", "width_mm": 50 }),
        json!({ "type": "rule" }),
    ];
    elements.extend((1..=12).map(row));
    elements.push(json!({ "type": "qr", "data": "https://kiosk.example.vn/v?c=7K4Q-9TXM", "width_mm": 35 }));
    serde_json::from_value(json!({ "elements": elements })).expect("it is a receipt")
}

/// Dots of text and pictures: neither white nor noise.
fn dots() -> Vec<u8> {
    let byte =
        |at: usize| if at / ROW_BYTES % 24 < 16 { [0x00, 0x3C, 0x66, 0x18, 0x00, 0xFF, 0x81][at % 7] } else { 0 };
    (0..ROWS * ROW_BYTES).map(byte).collect()
}

/// Microseconds of each, in the median.
fn each<T>(count: usize, mut once: impl FnMut() -> T) -> f64 {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let since = Instant::now();
        std::hint::black_box(once());
        times.push(micros(since.elapsed()));
    }
    quantile(&mut times, 0.5)
}

/// The lines of the report.
pub async fn run() -> Vec<String> {
    let press = Press::new().expect("the fonts are installed");
    let picture = std::fs::read(programs::samples().join("diploma.jpg")).expect("the samples are in the source tree");
    let (request, dots) = (request(), dots());
    let blob = |_: &BlobId| Some(picture.as_slice());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("dots");
    std::fs::write(&file, &dots).expect("the folder takes a file");
    let (mut whole, mut packing, mut copying, mut peers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut per_peer, mut per_copy) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        whole.push(each(RECEIPTS, || press.receipt(&request, &blob).expect("it can be drawn")));
        let own = each(PICTURES, || press.raster(&dots));
        let copy = each(PICTURES, || dots.clone());
        let peer = Peer::new(&python()).arg(script("pack_raster.py")).arg(&file).arg(PICTURES.to_string());
        let peer: f64 = peer.run(WITHIN).await.ok().trim().parse().expect("it says microseconds");
        packing.push(own);
        copying.push(copy);
        peers.push(peer);
        per_peer.push(own / peer);
        per_copy.push(own / copy);
    }
    vec![
        "receipts for the printer".to_owned(),
        format!("  heading, picture, 12 rows, code: laid out and packed in {:.1} ms", median(&mut whole) / 1e3),
        format!(
            "  576 x {ROWS} dots packed in {:.0} µs; python-escpos {:.0} µs, ratio {:.2}× (aim ≤ 1×); copying {:.1} µs, ratio {:.1}×",
            median(&mut packing),
            median(&mut peers),
            median(&mut per_peer),
            median(&mut copying),
            median(&mut per_copy)
        ),
    ]
}
