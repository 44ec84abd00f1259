//! Speaking to cards: what the card says reaches the page as it is, and nothing else does.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use kiosk_protocol::error::{ErrorCode, Retry};
use kiosk_tests::rig::pcscd::card::{Card, Heard, Reply};
use kiosk_tests::rig::pcscd::{Pcscd, READERS};
use serde_json::json;

use super::{ATR, WITHIN, kiosk, put_in, ready, speak, transmit};

/// A card with one file, which can be read once it is selected; power and reset unselect it.
fn one_file() -> Card {
    let mut selected = false;
    Card::new(ATR, move |heard| {
        let answer: &[u8] = match heard {
            Heard::Command(command) if command.starts_with(&[0x00, 0xa4]) => {
                selected = true;
                &[0x90, 0x00]
            }
            Heard::Command(_) if selected => &[0x01, 0x02, 0x03, 0x90, 0x00],
            Heard::Command(_) => &[0x69, 0x86],
            Heard::PowerOff | Heard::PowerOn | Heard::Reset => {
                selected = false;
                &[]
            }
        };
        Reply::Answer(answer.to_vec())
    })
}

const SELECT: &str = "00a4020c02011e";
const READ: &str = "00b0000000";

#[tokio::test]
async fn speaking_to_cards_is_off_unless_the_configuration_allows_it() {
    let pcscd = Pcscd::start().await;
    let rig = kiosk("").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    put_in(&pcscd, &mut client, one_file()).await;
    let error = client.fails(speak(&[SELECT])).await;
    assert_eq!(error.failure.code, ErrorCode::NotPermitted);
    assert!(error.failure.detail.contains("allow_transmit"), "{error:?}");
    assert_eq!(pcscd.slot(0).commands(), Vec::<Vec<u8>>::new());
}

#[tokio::test]
async fn answers_come_in_the_order_of_the_commands_and_the_next_transmit_finds_the_card_as_it_was() {
    let (pcscd, _rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, one_file()).await;
    assert_eq!(client.done(speak(&[READ, SELECT, READ])).await["responses"], json!(["6986", "9000", "0102039000"]));
    assert_eq!(client.done(speak(&[READ])).await["responses"], json!(["0102039000"]));
    let afresh = transmit(json!({ "commands": [READ, SELECT], "reset": true }));
    assert_eq!(client.done(afresh).await["responses"], json!(["6986", "9000"]));
    let strictly = transmit(json!({ "commands": [READ, "00b0", SELECT], "stop_on_error": true }));
    assert_eq!(client.fails(strictly).await.failure.field.as_deref(), Some("payload.commands[1]"));
    let strictly = transmit(json!({ "commands": [SELECT, READ, READ], "stop_on_error": true, "reset": true }));
    assert_eq!(client.done(strictly).await["responses"], json!(["9000", "0102039000", "0102039000"]));
    let strictly = transmit(json!({ "commands": [READ, SELECT], "stop_on_error": true, "reset": true }));
    assert_eq!(client.done(strictly).await["responses"], json!(["6986"]));
}

#[tokio::test]
async fn a_card_that_nobody_speaks_to_any_more_is_reset() {
    let pcscd = Pcscd::start().await;
    let rig = kiosk("config.allow_transmit = true\nconfig.reset_after_ms = 100").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    put_in(&pcscd, &mut client, one_file()).await;
    client.done(speak(&[SELECT])).await;
    let is_reset = || {
        let heard = pcscd.slot(0).heard();
        let last = heard.iter().rposition(|heard| matches!(heard, Heard::Command(_)));
        last.filter(|last| heard[last + 1..].iter().any(|heard| *heard != Heard::PowerOff)).map(drop)
    };
    kiosk_tests::rig::wait::until("the card to be reset", WITHIN, is_reset).await;
    assert_eq!(client.done(speak(&[READ])).await["responses"], json!(["6986"]));
}

#[tokio::test]
async fn the_next_session_finds_a_card_reset() {
    let (pcscd, rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, one_file()).await;
    client.done(speak(&[SELECT])).await;
    client.done("session.end").await;
    let mut next = rig.client().await;
    next.wait_all_ready(WITHIN).await;
    assert_eq!(next.done(speak(&[READ])).await["responses"], json!(["6986"]));
}

#[tokio::test]
async fn the_next_driver_finds_a_card_reset_whatever_ended_the_one_before() {
    let (pcscd, rig, mut client) = ready().await;
    put_in(&pcscd, &mut client, one_file()).await;
    client.done(speak(&[SELECT])).await;
    drop(rig);
    let rig = kiosk("config.allow_transmit = true").await;
    let mut client = rig.client().await;
    client.wait_all_ready(WITHIN).await;
    assert_eq!(client.done(speak(&[READ])).await["responses"], json!(["6986"]));
}

#[tokio::test]
async fn status_words_that_ask_for_another_command_are_passed_on_as_they_are() {
    let (pcscd, _rig, mut client) = ready().await;
    // T=0 (its TD1 is absent), where readers could be tempted to fetch the rest themselves.
    let card = Card::new(super::OTHER_ATR, |heard| {
        Reply::Answer(match heard {
            Heard::Command(command) if command[1] == 0xc0 => vec![0xab, 0x90, 0x00],
            Heard::Command(command) if command[4..] == [0x05] => vec![0x6c, 0x01],
            _ => vec![0x61, 0x01],
        })
    });
    put_in(&pcscd, &mut client, card).await;
    let answers = client.done(speak(&["00a4040000", "00b0000005", "00c0000001"])).await;
    assert_eq!(answers["responses"], json!(["6101", "6c01", "ab9000"]));
    assert_eq!(pcscd.slot(0).commands().len(), 3, "nobody sent a command of his own");
}

#[tokio::test]
async fn a_card_that_always_has_more_to_say_is_asked_as_often_as_the_page_asked() {
    let (pcscd, _rig, mut client) = ready().await;
    let more = [vec![0x5a; 256], vec![0x61, 0x00]].concat();
    put_in(&pcscd, &mut client, Card::constant(super::OTHER_ATR, &more)).await;
    let answers = client.done(speak(&["00c0000000"; 64])).await;
    let answers = answers["responses"].as_array().unwrap();
    assert!(answers.len() == 64 && answers.iter().all(|answer| answer.as_str().unwrap().ends_with("6100")));
    assert_eq!(pcscd.slot(0).commands().len(), 64, "nobody went on by himself");
    let error = client.fails(speak(&["00c0000000"; 65])).await;
    assert_eq!(error.failure.code, ErrorCode::InvalidRequest);
}

#[tokio::test]
async fn extended_commands_of_32_000_bytes_and_answers_of_64_kib_go_through_whole() {
    let (pcscd, _rig, mut client) = ready().await;
    // vpcd's own limit is 65,535 bytes for a message.
    let long: Vec<u8> = (0..65_533_u32).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let answer = [&long[..], &[0x90, 0x00]].concat();
    put_in(&pcscd, &mut client, Card::constant(ATR, &answer)).await;
    let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    // The longest that one message of a page holds: seven bytes of head, and 0x7cf9 of data.
    let command = [&[0x00, 0xd6, 0x00, 0x00, 0x00, 0x7c, 0xf9][..], &long[..0x7cf9]].concat();
    assert_eq!(command.len(), 32_000);
    let answers = client.done(speak(&[&digits(&command), &digits(&command[..300])])).await;
    assert_eq!(answers["responses"], json!([digits(&answer), digits(&answer)]));
    assert!(pcscd.slot(0).commands() == [&command[..], &command[..300]], "the card heard both, byte for byte");
    // A digit pair more is refused with the limit in words, and the connection lives.
    let error = client.fails(speak(&[&(digits(&command) + "00")])).await;
    assert_eq!((error.failure.code, error.failure.retry), (ErrorCode::InvalidRequest, Retry::Unsafe));
    assert!(error.failure.detail.contains("32000 bytes"), "{error:?}");
    // More than one reply can hold.
    let error = client.fails(speak(&["00b00000"; 8])).await;
    assert_eq!((error.failure.code, error.failure.retry), (ErrorCode::TooLarge, Retry::Unsafe));
    assert_eq!(client.done(speak(&["00b00000"; 7])).await["responses"].as_array().unwrap().len(), 7);
}

#[tokio::test]
async fn nobody_speaks_to_the_card_between_two_commands() {
    let (pcscd, _rig, mut client) = ready().await;
    let other_waits = Arc::new(AtomicBool::new(false));
    let sees = Arc::clone(&other_waits);
    let slow = Card::new(ATR, move |heard| match heard {
        Heard::Command(command) if command[1] == 0x01 => {
            sees.store(true, SeqCst);
            Reply::Late(Duration::from_millis(700), vec![0x90, 0x00])
        }
        _ => Reply::Answer(vec![0x90, 0x00]),
    });
    put_in(&pcscd, &mut client, slow).await;
    let id = client.start(speak(&["00010000", "00020000", "00030000"])).await;
    kiosk_tests::rig::wait::until("the first command", WITHIN, || other_waits.load(SeqCst).then_some(())).await;
    // In this thread: it is the one that sees the test's own pcscd.
    let context = pcsc::Context::establish(pcsc::Scope::System).unwrap();
    let reader = CString::new(READERS[0]).unwrap();
    let mut card = context.connect(&reader, pcsc::ShareMode::Shared, pcsc::Protocols::ANY).unwrap();
    let transaction = card.transaction().unwrap();
    transaction.transmit(&[0x00, 0x99, 0x00, 0x00], &mut [0; 300]).unwrap();
    drop(transaction);
    client.finish(id).await.unwrap();
    let heard: Vec<u8> = pcscd.slot(0).commands().iter().map(|command| command[1]).collect();
    assert_eq!(heard, [0x01, 0x02, 0x03, 0x99]);
}

#[tokio::test]
async fn nothing_that_is_said_to_or_by_a_card_is_in_a_log() {
    let (pcscd, rig, mut client) = ready().await;
    let mut number = 0;
    let card = Card::new(ATR, move |heard| match heard {
        Heard::Command(_) if number == 2 => Reply::Leave,
        Heard::Command(_) => {
            number += 1;
            Reply::Answer(vec![0xde, 0xad, 0xbe, 0xef, 0x90, 0x00])
        }
        _ => Reply::Never,
    });
    put_in(&pcscd, &mut client, card).await;
    client.done(speak(&["00200001043132333435"])).await;
    client.fails(speak(&["00200001043132333435", "00200001043132333435", "0020000104313233343"])).await;
    client.fails(speak(&["00200001043132333435", "00200001043132333435"])).await;
    let log = rig.log().to_lowercase();
    assert!(log.contains("kiosk"), "there is a log");
    for said in ["3132333435", "deadbeef", "00200001"] {
        assert!(!log.contains(said), "{log}");
    }
}
