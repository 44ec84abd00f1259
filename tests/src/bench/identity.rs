//! A whole identity card over gateway and driver, against the bare exchange of the same commands on the same pcscd, reader
//! and card: what reading costs beside the chip's own time.

use std::ffi::CString;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::json;

use super::median;
use crate::rig::pcscd::card::{Card, Heard, Reply};
use crate::rig::pcscd::identity::{CAN, card, trusted};
use crate::rig::pcscd::{Pcscd, READERS, Slot};
use crate::rig::process::Program;
use crate::rig::{Order, Parts, Rig, RigOptions, wait};

const ROUNDS: usize = 5;
const WITHIN: Duration = Duration::from_secs(120);
/// What a real chip takes for a command, at the least.
const CHIP_TAKES: Duration = Duration::from_millis(5);

/// The lines of the report, from a process of its own: it moves into namespaces, and the other benches should not.
///
/// # Panics
/// If it fails.
pub async fn run() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let this = std::env::current_exe().expect("this program has a path");
    let mut measuring = Program::start(&this, &["identity-inside".into()], &folder.path().join("identity.log"));
    let said = measuring.lines().rest(WITHIN).await;
    let ended = measuring.end_within(WITHIN).await;
    assert!(ended.success(), "{}", measuring.log());
    said.lines().map(str::to_owned).collect()
}

/// What was said to the card, and what it answered.
type Record = Arc<Mutex<Vec<(Vec<u8>, Vec<u8>)>>>;

/// The card, recorded; each answer takes a while.
fn recorded(record: &Record) -> Card {
    let (mut inner, record, mut fresh) = (card(""), Arc::clone(record), true);
    let atr = inner.atr().to_vec();
    Card::new(&atr, move |heard| match (heard, inner.play(heard)) {
        (Heard::Command(command), Reply::Answer(answer)) => {
            let mut record = record.lock().expect("one thread at a time");
            // It is reset after a conversation, too, which is to be kept.
            if std::mem::take(&mut fresh) {
                record.clear();
            }
            record.push((command.clone(), answer.clone()));
            Reply::Late(CHIP_TAKES, answer)
        }
        (_, other) => {
            fresh = true;
            other
        }
    })
}

/// A card that gives those answers again, as slowly.
fn replaying(record: &Record) -> Card {
    let (record, mut at) = (Arc::clone(record), 0);
    Card::new(card("").atr(), move |heard| match heard {
        Heard::Command(_) => {
            at += 1;
            let record = record.lock().expect("one thread at a time");
            Reply::Late(CHIP_TAKES, record.get(at - 1).map_or_else(|| vec![0x6f, 0], |(_, answer)| answer.clone()))
        }
        _ => {
            at = 0;
            Reply::Never
        }
    })
}

/// That process (`kiosk-bench identity-inside`).
///
/// # Panics
/// If the card is not read.
pub async fn measure() -> Vec<String> {
    let pcscd = Pcscd::start().await;
    let folder = trusted();
    let config = format!(
        "[devices.card]\ndriver = \"pcsc\"\naddress = \"pcsc:{}\"\nconfig.trusted = {:?}\n",
        READERS[0],
        folder.path()
    );
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(crate::rig::READY_WITHIN).await;
    let record = Record::default();
    let (mut ours, mut ratios, mut commands) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        insert(pcscd.slot(0), recorded(&record), &mut client, "card_reader.wait").await;
        let begun = Instant::now();
        let read = Order::new("identity.read", json!({ "access": { "can": CAN } })).device("card");
        let identity = client.done(read.timeout_ms(60_000)).await;
        let took = begun.elapsed().as_secs_f64() * 1e3;
        assert_eq!(identity["verdict"], "genuine");
        pcscd.slot(1).insert(replaying(&record));
        let bare = wait::until("the other card", WITHIN, || bare(&record)).await;
        commands = record.lock().expect("one thread at a time").len();
        ours.push(took);
        ratios.push(took / bare);
    }
    vec![
        format!(
            "a whole identity card (PACE, chip and active authentication, DG1, DG2, DG13, SOD; {commands} commands, each \
             {} ms in the chip), against the bare exchange of the same commands",
            CHIP_TAKES.as_millis()
        ),
        format!("  {:.0} ms, ratio {:.2}", median(&mut ours), median(&mut ratios)),
    ]
}

async fn insert(slot: &Slot, card: Card, client: &mut crate::rig::Client, wait: &'static str) {
    slot.eject();
    client.done(Order::new(wait, json!({ "until": "removed" })).device("card").timeout_ms(60_000)).await;
    slot.insert(card);
    client.done(Order::new(wait, json!({ "until": "inserted" })).device("card").timeout_ms(60_000)).await;
}

/// Says the same commands to the card in the other reader; milliseconds, once the card is there.
fn bare(record: &Record) -> Option<f64> {
    let commands: Vec<Vec<u8>> =
        record.lock().expect("one thread at a time").iter().map(|(command, _)| command.clone()).collect();
    let context = pcsc::Context::establish(pcsc::Scope::System).ok()?;
    let name = CString::new(READERS[1]).ok()?;
    let card = context.connect(&name, pcsc::ShareMode::Exclusive, pcsc::Protocols::ANY).ok()?;
    let mut buffer = vec![0; pcsc::MAX_BUFFER_SIZE_EXTENDED];
    let begun = Instant::now();
    for command in &commands {
        card.transmit(command, &mut buffer).ok()?;
    }
    Some(begun.elapsed().as_secs_f64() * 1e3)
}
