use std::io::ErrorKind;
use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::device::{Attach, Device};
use crate::printer::fault::KNOBS;
use crate::printer::font::DEFAULT_FONT;
use crate::printer::{Options, Printer, StartError, WIDTH_58_MM};

fn options() -> Options {
    Options { attach: Attach::Tcp(0), width: WIDTH_58_MM, buffer: 4096, font: DEFAULT_FONT.into(), seed: 1 }
}

async fn printer() -> Printer {
    Printer::start(options()).await.unwrap()
}

async fn connect(printer: &Printer) -> TcpStream {
    TcpStream::connect(printer.plug().address()).await.unwrap()
}

async fn answer<const N: usize>(client: &mut TcpStream, question: &[u8]) -> [u8; N] {
    client.write_all(question).await.unwrap();
    let mut bytes = [0; N];
    client.read_exact(&mut bytes).await.unwrap();
    bytes
}

fn fault(printer: &Printer, order: Value) {
    printer.fault(order).unwrap();
}

/// Ends when all before it is on paper.
const DONE: &[u8] = b"\x1d(H\x06\x0000done";

#[tokio::test]
async fn a_receipt_goes_from_bytes_to_png() {
    let printer = printer().await;
    let mut client = connect(&printer).await;
    let told: [u8; 7] =
        answer(&mut client, &[b"\x1b@Phi\xe9\x75\n\x1d(k\x05\x001P0ab\x1d(k\x03\x001Q0\x1dV\x00", DONE].concat()).await;
    assert_eq!(&told, b"\x37\x22done\x00");
    let receipts = printer.receipts();
    assert_eq!(receipts["receipts"][0]["qr"], json!(["ab"]));
    let png = image::load_from_memory(&printer.receipt_png(1).unwrap()).unwrap();
    assert_eq!(png.width(), WIDTH_58_MM);
    assert_eq!(u64::from(png.height()), receipts["receipts"][0]["rows"].as_u64().unwrap());
    assert_eq!(printer.paper_png(), printer.receipt_png(1).unwrap());
    assert!(printer.receipt_png(2).is_none());
    assert_eq!(printer.state()["cuts"], 1);
}

#[tokio::test]
async fn out_of_paper_bytes_wait_here_and_in_the_network_and_then_print() {
    let printer = printer().await;
    fault(&printer, json!({ "fault": "paper_out", "after_rows": 100 }));
    let mut client = connect(&printer).await;
    assert_eq!(answer::<4>(&mut client, b"\x1da\xff").await, [0x10, 0, 0, 0x0f]);
    let rows = 200_000;
    let picture: Vec<u8> = b"\x1dv0\x00\x01\x00\x01\x00\x81".repeat(rows);
    let (mut reader, mut writer) = client.split();
    let writing = async {
        writer.write_all(&picture).await.unwrap();
        writer.write_all(DONE).await.unwrap();
    };
    let helping = async {
        let mut asb = [0; 4];
        reader.read_exact(&mut asb).await.unwrap();
        assert_eq!(asb, [0x18, 0, 0x0f, 0x0f]);
        let state = printer.state();
        assert_eq!(state["rows_printed"], 100);
        assert!(state["buffered"].as_u64().unwrap() <= 4096);
        printer.clear(None);
        reader.read_exact(&mut asb).await.unwrap();
        assert_eq!(asb, [0x10, 0, 0, 0x0f]);
        let mut done = [0; 7];
        reader.read_exact(&mut done).await.unwrap();
        assert_eq!(&done, b"\x37\x22done\x00");
    };
    tokio::join!(writing, helping);
    assert_eq!(printer.state()["rows_printed"], rows);
}

#[tokio::test]
async fn real_time_status_is_answered_while_the_cover_is_open() {
    let printer = printer().await;
    fault(&printer, json!({ "fault": "cover_open" }));
    let mut client = connect(&printer).await;
    assert_eq!(answer(&mut client, b"text waits\n\x10\x04\x02").await, [0x16]);
    assert_eq!(printer.state()["rows_printed"], 0);
    printer.clear(Some("cover_open"));
    assert_eq!(answer::<7>(&mut client, DONE).await, *b"\x37\x22done\x00");
    assert_eq!(printer.state()["rows_printed"], 30);
}

#[tokio::test]
async fn the_second_client_waits_for_the_first() {
    let printer = printer().await;
    let mut first = connect(&printer).await;
    assert_eq!(answer(&mut first, b"\x10\x04\x01").await, [0x12]);
    let mut second = connect(&printer).await;
    second.write_all(b"\x10\x04\x01").await.unwrap();
    assert_eq!(printer.plug().connections(), (1, 1));
    drop(first);
    assert_eq!(second.read_u8().await.unwrap(), 0x12);
}

#[tokio::test]
async fn dropped_and_unplugged_connections_are_reset() {
    let printer = printer().await;
    let mut client = connect(&printer).await;
    fault(&printer, json!({ "fault": "drop_after", "bytes": 3 }));
    client.write_all(b"abcdef").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    let mut client = connect(&printer).await;
    assert_eq!(answer(&mut client, b"\x10\x04\x01").await, [0x12]);
    printer.plug().unplug().await;
    assert_eq!(client.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(TcpStream::connect(printer.plug().address()).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    printer.plug().insert().await;
    let mut client = connect(&printer).await;
    fault(&printer, json!({ "fault": "drop_after", "bytes": 1, "unplug": true }));
    client.write_all(b"x").await.unwrap();
    assert_eq!(client.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    printer.plug().wait_connections(|open| open == 0).await;
    assert!(TcpStream::connect(printer.plug().address()).await.is_err());
}

#[tokio::test]
async fn a_slow_printer_takes_its_bytes_one_by_one() {
    let printer = printer().await;
    fault(&printer, json!({ "fault": "slow", "bytes_per_second": 400 }));
    let mut client = connect(&printer).await;
    client.write_all(&[b'\n'; 40]).await.unwrap();
    // The first answer is there before the last byte is taken.
    let before = std::time::Instant::now();
    assert_eq!(answer(&mut client, b"\x10\x04\x01").await, [0x12]);
    assert!(before.elapsed() >= std::time::Duration::from_millis(80), "{:?}", before.elapsed());
}

#[tokio::test]
async fn every_knob_turns_and_unknown_ones_are_named() {
    let printer = printer().await;
    for knob in KNOBS {
        let mut order = json!({ "fault": knob.name });
        if knob.name == "drop_after" {
            assert!(printer.fault(order.clone()).unwrap_err().to_string().contains("bytes"));
            order["bytes"] = 5.into();
        }
        fault(&printer, order);
    }
    assert_eq!(printer.state()["faults"].as_array().unwrap().len(), KNOBS.len());
    assert!(printer.fault(json!({ "fault": "jam" })).unwrap_err().to_string().contains("paper_out"));
    assert!(printer.set(json!({})).is_err());
}

#[tokio::test]
async fn a_missing_font_is_an_error_that_says_what_to_install() {
    let options = Options { font: PathBuf::from("/nowhere/font.ttf"), ..options() };
    let error = Printer::start(options).await.unwrap_err();
    assert!(matches!(error, StartError::Font(_)));
    assert!(format!("{:#}", anyhow::Error::from(error)).contains("fonts-dejavu-core"));
}
