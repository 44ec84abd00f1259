use kiosk_protocol::card::{CardReader, CardReaderStatus, CardState};
use kiosk_protocol::error::ErrorCode;
use kiosk_protocol::receipt::{PrintProgress, PrinterEvent, ReceiptPrinter};

use super::*;

#[test]
fn a_test_sees_events_and_blobs_as_the_gateway_would() {
    let bench = Bench::new().attach(BlobId("logo".into()), *b"png");
    let mut cx = bench.cx::<ReceiptPrinter>();
    assert_eq!(cx.attachment(&BlobId("logo".into())).unwrap(), b"png");
    assert_eq!(cx.attachment(&BlobId("other".into())).unwrap_err().code, ErrorCode::NotFound);
    cx.emit(PrinterEvent::Progress(PrintProgress { sent_bytes: 1, total_bytes: 2 }));
    let mut whole = cx.blob("image/jpeg");
    let mut half = cx.blob("image/png");
    half.write(b"ha");
    whole.write(&vec![7; 2_500_000]);
    let (whole, half) = ((whole.id(), whole.finish()), half.id());
    let said = bench.said();
    assert_eq!(said.events[0].0, "receipt_printer.progress");
    assert_eq!(said.blobs[&whole.0].bytes.len() as u64, whole.1);
    assert!(said.blobs[&whole.0].finished && !said.blobs[&half].finished);
    assert_eq!(said.blobs[&half].media_type, "image/png");
    assert_eq!(bench.said(), Said::default());
}

#[test]
fn a_status_is_told_while_a_request_runs_and_only_if_it_is_news() {
    let bench = Bench::new();
    let cx = bench.cx::<CardReader>();
    for card in [CardState::Absent, CardState::Absent, CardState::Mute, CardState::Absent] {
        cx.publish(CardReaderStatus { card, atr: None });
    }
    let said = bench.said();
    let cards: Vec<_> = said.statuses.iter().map(|status| status["card"].as_str().unwrap()).collect();
    assert_eq!(cards, ["absent", "mute", "absent"]);
    assert_eq!(said.events, []);
}

#[test]
fn a_cancel_of_what_nothing_can_interrupt_is_answered_once_and_at_once() {
    let bench = Bench::new();
    let cx = bench.cx::<CardReader>();
    cx.answer_cancel_with(|| Failure::new(ErrorCode::Cancelled, "the card is at it still"));
    assert_eq!(bench.said().given_up, None);
    bench.cancel_signal().set();
    assert_eq!(bench.said().given_up.unwrap().detail, "the card is at it still");
    cx.answer_cancel_with(|| Failure::new(ErrorCode::Cancelled, "again"));
    assert_eq!(bench.said(), Said::default());
}

#[test]
fn a_test_can_cancel_and_set_the_time() {
    let bench = Bench::new();
    let cx = bench.cx::<ReceiptPrinter>();
    cx.check().unwrap();
    bench.cancel_signal().set();
    assert_eq!(cx.check().unwrap_err().code, ErrorCode::Cancelled);
    let late = Bench::new().within(Duration::ZERO);
    assert_eq!(late.cx::<ReceiptPrinter>().check().unwrap_err().code, ErrorCode::Timeout);
}
