use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::fault::KNOBS;
use super::protocol::{Account, Answer, Conversation};
use super::state::State;
use super::{Options, Ups};
use crate::device::{Attach, Device};

fn account() -> Account {
    Account { ups: "kiosk".into(), user: "monitor".into(), password: "simulated".into() }
}

async fn ups() -> Ups {
    Ups::start(Options { attach: Attach::Tcp(0), account: account(), acceleration: 1.0, seed: 1 }).await.unwrap()
}

struct Client(BufReader<TcpStream>);

impl Client {
    async fn new(ups: &Ups) -> Self {
        Self(BufReader::new(TcpStream::connect(ups.plug().address()).await.unwrap()))
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).await.unwrap();
        line.trim_end().to_owned()
    }

    async fn ask(&mut self, question: &str) -> String {
        self.0.get_mut().write_all(format!("{question}\n").as_bytes()).await.unwrap();
        self.line().await
    }

    async fn list(&mut self, what: &str) -> Vec<String> {
        assert_eq!(self.ask(&format!("LIST {what}")).await, format!("BEGIN LIST {what}"));
        let mut lines = Vec::new();
        loop {
            let line = self.line().await;
            if line == format!("END LIST {what}") {
                return lines;
            }
            lines.push(line);
        }
    }
}

#[tokio::test]
async fn questions_get_the_answers_of_the_standard() {
    let ups = ups().await;
    let mut client = Client::new(&ups).await;
    assert_eq!(client.ask("GET VAR kiosk ups.status").await, "VAR kiosk ups.status \"OL\"");
    assert_eq!(client.ask("GET TYPE kiosk battery.charge.low").await, "TYPE kiosk battery.charge.low RW RANGE");
    assert_eq!(client.ask("GET DESC kiosk ups.load").await, "DESC kiosk ups.load \"Load on UPS (percent of full)\"");
    assert_eq!(client.ask("GET UPSDESC kiosk").await, "UPSDESC kiosk \"Kiosk UPS (simulated)\"");
    assert_eq!(
        client.ask("GET CMDDESC kiosk beeper.mute").await,
        "CMDDESC kiosk beeper.mute \"Temporarily mute the UPS beeper\""
    );
    assert_eq!(client.ask("NETVER").await, "1.3");
    assert!(client.ask("VER").await.starts_with("Network UPS Tools upsd 2.8.0"));
    assert!(client.ask("HELP").await.starts_with("Commands: HELP"));
    assert_eq!(client.list("UPS").await, ["UPS kiosk \"Kiosk UPS (simulated)\""]);
    assert!(client.list("VAR kiosk").await.contains(&"VAR kiosk battery.charge \"100\"".to_owned()));
    assert!(client.list("RW kiosk").await.contains(&"RW kiosk ups.id \"kiosk\"".to_owned()));
    assert!(client.list("CMD kiosk").await.contains(&"CMD kiosk beeper.mute".to_owned()));
    assert_eq!(client.list("RANGE kiosk battery.charge.low").await, ["RANGE kiosk battery.charge.low \"5\" \"95\""]);
    assert_eq!(client.list("ENUM kiosk ups.beeper.status").await.len(), 3);
    assert_eq!(client.ask("LOGOUT").await, "OK Goodbye");
    assert_eq!(client.line().await, "");
}

#[tokio::test]
async fn errors_have_the_words_of_the_standard() {
    let ups = ups().await;
    let mut client = Client::new(&ups).await;
    for (question, word) in [
        ("WHAT", "UNKNOWN-COMMAND"),
        ("GET", "INVALID-ARGUMENT"),
        ("GET VAR kiosk", "INVALID-ARGUMENT"),
        ("GET VAR other ups.status", "UNKNOWN-UPS"),
        ("GET VAR kiosk no.such", "VAR-NOT-SUPPORTED"),
        ("GET CMDDESC kiosk no.such", "CMD-NOT-SUPPORTED"),
        ("STARTTLS", "FEATURE-NOT-CONFIGURED"),
        ("LOGIN kiosk", "USERNAME-REQUIRED"),
        ("SET VAR kiosk ups.id x", "USERNAME-REQUIRED"),
        ("GET VAR kiosk \"open", "INVALID-ARGUMENT"),
    ] {
        assert_eq!(client.ask(question).await, format!("ERR {word}"), "{question}");
    }
    let long = "x".repeat(10_000);
    assert_eq!(client.ask(&long).await, "ERR TOO-LONG");
    assert_eq!(client.ask("NETVER").await, "1.3");
}

#[tokio::test]
async fn logins_are_checked_counted_and_end_with_the_connection() {
    let ups = ups().await;
    let mut client = Client::new(&ups).await;
    assert_eq!(client.ask("USERNAME monitor").await, "OK");
    assert_eq!(client.ask("USERNAME monitor").await, "ERR ALREADY-SET-USERNAME");
    assert_eq!(client.ask("LOGIN kiosk").await, "ERR PASSWORD-REQUIRED");
    assert_eq!(client.ask("PASSWORD simulated").await, "OK");
    assert_eq!(client.ask("LOGIN kiosk").await, "OK");
    assert_eq!(client.ask("LOGIN kiosk").await, "ERR ALREADY-LOGGED-IN");
    assert_eq!(client.ask("GET NUMLOGINS kiosk").await, "NUMLOGINS kiosk 1");
    assert_eq!(client.list("CLIENT kiosk").await, ["CLIENT kiosk 127.0.0.1"]);
    assert_eq!(client.ask("SET VAR kiosk ups.id \"ward 7\"").await, "OK");
    assert_eq!(client.ask("GET VAR kiosk ups.id").await, "VAR kiosk ups.id \"ward 7\"");
    assert_eq!(client.ask("SET VAR kiosk ups.status OB").await, "ERR READONLY");
    assert_eq!(client.ask("SET VAR kiosk battery.charge.low 1").await, "ERR INVALID-VALUE");
    assert_eq!(client.ask("INSTCMD kiosk beeper.mute").await, "OK");
    assert_eq!(client.ask("INSTCMD kiosk load.off").await, "ERR CMD-NOT-SUPPORTED");
    drop(client);
    ups.plug().wait_connections(|open| open == 0).await;
    assert_eq!(ups.state()["logins"], 0);

    let mut thief = Client::new(&ups).await;
    thief.ask("USERNAME monitor").await;
    assert_eq!(thief.ask("PASSWORD wrong").await, "OK");
    assert_eq!(thief.ask("LOGIN kiosk").await, "ERR ACCESS-DENIED");
}

#[tokio::test]
async fn knobs_show_in_the_status() {
    let ups = ups().await;
    let mut client = Client::new(&ups).await;
    ups.set(json!({ "mains": "off", "charge": 64.5, "load": 50 })).unwrap();
    assert_eq!(client.ask("GET VAR kiosk ups.status").await, "VAR kiosk ups.status \"OB DISCHRG\"");
    assert_eq!(client.ask("GET VAR kiosk battery.charge").await, "VAR kiosk battery.charge \"64\"");
    assert_eq!(client.ask("GET VAR kiosk ups.load").await, "VAR kiosk ups.load \"50\"");
    ups.set(json!({ "charge": 10 })).unwrap();
    assert_eq!(client.ask("GET VAR kiosk ups.status").await, "VAR kiosk ups.status \"OB DISCHRG LB\"");
    ups.set(json!({ "mains": true })).unwrap();
    assert_eq!(client.ask("GET VAR kiosk ups.status").await, "VAR kiosk ups.status \"OL CHRG LB\"");
    ups.set(json!({ "charge": 100 })).unwrap();
    ups.fault(json!({ "fault": "mains_off" })).unwrap();
    ups.fault(json!({ "fault": "low_battery" })).unwrap();
    ups.fault(json!({ "fault": "replace_battery" })).unwrap();
    assert_eq!(client.ask("GET VAR kiosk ups.status").await, "VAR kiosk ups.status \"OB DISCHRG LB RB\"");
    ups.clear(None);
    assert_eq!(client.ask("GET VAR kiosk ups.status").await, "VAR kiosk ups.status \"OL\"");
    for (fault, word) in [("stale", "DATA-STALE"), ("driver_dead", "DRIVER-NOT-CONNECTED")] {
        ups.fault(json!({ "fault": fault })).unwrap();
        for question in ["GET VAR kiosk ups.status", "LIST VAR kiosk"] {
            assert_eq!(client.ask(question).await, format!("ERR {word}"));
        }
        assert_eq!(client.list("UPS").await.len(), 1);
        ups.clear(Some(fault));
    }
    assert_eq!(KNOBS.len(), 8);
}

#[tokio::test]
async fn silence_garbage_slowness_and_a_pulled_cable_are_on_the_wire() {
    let ups = ups().await;
    let mut client = Client::new(&ups).await;
    ups.fault(json!({ "fault": "silence" })).unwrap();
    client.0.get_mut().write_all(b"NETVER\n").await.unwrap();
    while ups.state()["lines_answered"] == 0 {
        tokio::task::yield_now().await;
    }
    ups.clear(None);
    // The first answer there is belongs to the second question.
    assert_eq!(client.ask("GET NUMLOGINS kiosk").await, "NUMLOGINS kiosk 0");

    ups.fault(json!({ "fault": "garbage" })).unwrap();
    client.0.get_mut().write_all(b"NETVER\n").await.unwrap();
    let mut garbage = [0; 5];
    client.0.read_exact(&mut garbage).await.unwrap();
    assert_ne!(&garbage[..4], b"1.3\n");
    assert_eq!(garbage[4], b'\n');
    ups.clear(None);

    ups.fault(json!({ "fault": "slow", "bytes_per_second": 100 })).unwrap();
    let before = Instant::now();
    assert_eq!(client.ask("NETVER").await, "1.3");
    assert!(before.elapsed() >= Duration::from_millis(20));
    ups.clear(None);

    ups.plug().unplug().await;
    assert_eq!(client.0.read_u8().await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    ups.plug().insert().await;
    assert_eq!(Client::new(&ups).await.ask("NETVER").await, "1.3");
}

#[tokio::test]
async fn wrong_settings_are_refused_whole() {
    let ups = ups().await;
    for order in [
        json!({ "charge": 101 }),
        json!({ "mains": "maybe" }),
        json!({ "colour": 1 }),
        json!({ "load": -1 }),
        json!({ "mains": "off", "charge": -3 }),
    ] {
        assert!(ups.set(order).is_err());
    }
    assert_eq!(ups.state()["status"], "OL");
    assert!(ups.fault(json!({ "fault": "fire" })).unwrap_err().to_string().contains("replace_battery"));
}

#[test]
fn time_runs_faster_by_the_acceleration() {
    let start = Instant::now();
    let mut state = State::new(start);
    state.battery.mains = false;
    state.acceleration = 60.0;
    let runtime = state.battery.runtime_seconds();
    state.pass(start + Duration::from_secs(10));
    assert!((state.battery.runtime_seconds() - (runtime - 600.0)).abs() < 1.0);
    state.pass(start + Duration::from_secs(100_000));
    assert_eq!((state.battery.charge, state.status().as_str()), (0.0, "OB DISCHRG LB"));
}

proptest! {
    #[test]
    fn any_line_gets_one_answer(line in ".{0,200}") {
        let mut state = State::new(Instant::now());
        let mut conversation = Conversation::new(Ipv4Addr::LOCALHOST.into());
        match conversation.answer(&line, &account(), &mut state) {
            Answer::Lines(text) => prop_assert!(text.is_empty() || text.ends_with('\n')),
            Answer::Goodbye(text) => prop_assert_eq!(text, "OK Goodbye\n"),
        }
    }

    #[test]
    fn any_words_get_a_known_answer(
        verb in prop::sample::select(vec!["GET", "LIST", "SET", "USERNAME", "PASSWORD", "LOGIN", "FSD", "INSTCMD", "VER"]),
        words in prop::collection::vec(
            prop::sample::select(vec!["VAR", "TYPE", "UPS", "ENUM", "RANGE", "kiosk", "ups.id", "monitor", "simulated", "\"a b\""]),
            0..5),
    ) {
        let mut state = State::new(Instant::now());
        let mut conversation = Conversation::new(Ipv4Addr::LOCALHOST.into());
        let line = format!("{verb} {}", words.join(" "));
        let Answer::Lines(text) = conversation.answer(&line, &account(), &mut state) else { panic!("{line}") };
        prop_assert!(text.ends_with('\n') && text.len() < 4000, "{}", text);
    }
}
