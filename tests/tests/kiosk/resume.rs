//! A client that is killed and comes back: nothing is lost, nothing comes twice, nothing is done twice.

use std::collections::HashMap;

use kiosk_protocol::error::ErrorCode as E;
use kiosk_protocol::message::ServerMessage;
use kiosk_tests::rig::client::Ended;
use kiosk_tests::rig::{Client, Order, PATIENCE, Rig, RigOptions};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use serde_json::{Value, json};

use crate::support::{RECEIPT_TAKES_MINUTES, adf, blob, codes_on_paper, print, receipt, slow, with_reader};

/// A client that is killed after each message it hears. Now and then it has forgotten the last few and asks for them
/// again.
struct Mortal<'a> {
    rig: &'a Rig,
    client: Client,
    token: String,
    heard: Vec<ServerMessage>,
    random: TestRng,
    deaths: u32,
}

impl<'a> Mortal<'a> {
    fn new(rig: &'a Rig, client: Client) -> Self {
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, &[46; 32]);
        Self { rig, token: client.token(), heard: client.heard.clone(), client, random, deaths: 0 }
    }

    async fn next(&mut self) -> ServerMessage {
        let message = self.client.next_message(PATIENCE).await;
        assert_eq!(self.heard.len() as u64 + 1, self.client.cursor, "every message is heard once");
        self.heard.push(message.clone());
        self.die().await;
        message
    }

    /// Is killed and comes back.
    async fn die(&mut self) {
        let forgotten = usize::try_from(self.random.next_u32() % 4).unwrap().min(self.heard.len());
        let cursor = self.heard.len() - forgotten;
        let resumed = Client::resume(self.rig.address, &self.token, cursor as u64).await;
        std::mem::replace(&mut self.client, resumed).kill();
        assert!(self.client.welcome.resumed, "the session goes on");
        self.deaths += 1;
        for forgotten in &self.heard[cursor..] {
            let again = self.client.next_message(PATIENCE).await;
            assert_eq!(again, *forgotten, "what is sent again is what was sent");
        }
    }

    /// Sends a command, dies at once, and sends it again, for it cannot know whether it arrived.
    async fn call(&mut self, id: u64, order: Order) -> Value {
        self.client.start_as(id, order.clone()).await;
        self.die().await;
        self.client.start_as(id, order).await;
        loop {
            match self.next().await {
                ServerMessage::Completion { id: of, payload: Some(payload), .. } if of == id => return payload,
                ServerMessage::Completion { error: Some(error), .. } => panic!("{}", error.failure),
                ServerMessage::Acknowledge { error: Some(error), .. } => panic!("{}", error.failure),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn a_client_killed_at_each_message_of_the_longest_flow_loses_nothing_and_prints_once() {
    let (rig, client, _one) = with_reader().await;
    rig.simulators.load(json!({ "adf": 2 })).await;
    let mut mortal = Mortal::new(&rig, client);
    let report = mortal.call(1, adf()).await;
    let pages = report["pages"].as_array().unwrap().clone();
    assert_eq!(pages.len(), 2);
    assert!(!blob(&rig, &mortal.client, &pages[1]["blob"]).await.is_empty(), "images outlive a connection");
    let text = mortal.call(2, Order::new("ocr.read", json!({ "blob": pages[0]["blob"] }))).await;
    assert!(text["lines"].as_array().unwrap().len() > 10);
    let printed = mortal.call(3, print(receipt("mortal"), "printed-by-a-mortal")).await;
    assert_eq!(printed["outcome"], "printed");

    assert!(mortal.deaths > 15, "it died {} times", mortal.deaths);
    let mut ends: HashMap<u64, u32> = HashMap::new();
    for message in &mortal.heard {
        if let ServerMessage::Completion { id, .. } = message {
            *ends.entry(*id).or_default() += 1;
        }
    }
    assert_eq!(ends, HashMap::from([(1, 1), (2, 1), (3, 1)]), "one end for each command");
    let names = |id| {
        let of = mortal.heard.iter().filter_map(move |message| match message {
            ServerMessage::Event { id: of, name, .. } if *of == id => Some(name.as_str()),
            _ => None,
        });
        of.collect::<Vec<_>>()
    };
    assert_eq!(names(1), ["scanner.page_started", "scanner.page"].repeat(2), "events once and in order");
    assert_eq!(codes_on_paper(&rig).await, ["mortal"], "printed once");
    assert_eq!(rig.simulators.state("scanner").await["jobs_started"], 1, "scanned once");
}

#[tokio::test]
async fn a_command_sent_again_under_its_number_is_done_once() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let order = print(receipt("twice"), "sent-twice-1");
    client.start_as(1, order.clone()).await;
    client.start_as(1, order.clone()).await;
    client.finish(1).await.unwrap();
    client.start_as(1, order).await;
    client.done("ups.status").await;
    assert_eq!(codes_on_paper(&rig).await, ["twice"]);
}

#[tokio::test]
async fn a_number_used_for_something_else_is_refused() {
    let (_rig, mut client) = Rig::ready(RigOptions::default()).await;
    client.start_as(1, "ups.status").await;
    client.finish(1).await.unwrap();
    client.start_as(1, "scanner.status").await;
    loop {
        let message = client.next_message(PATIENCE).await;
        if let ServerMessage::Acknowledge { id: Some(1), error: Some(error), .. } = message {
            assert_eq!((error.failure.code, error.failure.field.as_deref()), (E::InvalidRequest, Some("id")));
            break;
        }
    }
}

#[tokio::test]
async fn the_same_key_from_another_session_gives_the_same_result_and_no_second_receipt() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    let order = print(receipt("keyed"), "one-key-two-sessions");
    slow(&rig, "printer", RECEIPT_TAKES_MINUTES).await;
    let id = client.start(order.clone()).await;
    client.event(id, "receipt_printer.progress").await;
    let mut other = rig.client().await;
    let meanwhile = other.start(order.clone()).await;
    other.taken(meanwhile).await.unwrap();
    assert!(!other.is_over(meanwhile), "it waits for the print that runs");
    rig.simulators.clear("printer").await;
    let result = client.finish(id).await.unwrap();
    assert_eq!(other.finish(meanwhile).await.unwrap(), result);
    assert_eq!(rig.client().await.done(order).await, result, "and afterwards");
    let clash = other.fails(print(receipt("another"), "one-key-two-sessions")).await;
    assert_eq!((clash.failure.code, clash.failure.field.as_deref()), (E::InvalidRequest, Some("key")));
    assert_eq!(codes_on_paper(&rig).await, ["keyed"]);
}

#[tokio::test]
async fn a_key_under_which_nothing_was_done_is_free_again() {
    let (rig, mut client) = Rig::ready(RigOptions::default()).await;
    rig.simulators.fault("printer", "paper_out", json!({})).await;
    let error = client.fails(print(receipt("later"), "key-of-a-failure")).await;
    assert_eq!(error.failure.code, E::PaperOut);
    rig.simulators.clear("printer").await;
    client.done(print(receipt("later"), "key-of-a-failure")).await;
    assert_eq!(codes_on_paper(&rig).await, ["later"]);
}

#[tokio::test]
async fn a_second_connection_takes_the_session_over_and_the_first_is_told() {
    let (rig, mut first) = Rig::ready(RigOptions::default()).await;
    let mut second = Client::resume(rig.address, &first.token(), first.cursor).await;
    assert!(second.welcome.resumed);
    assert_eq!(first.end(PATIENCE).await, Ended::Closed(4409));
    second.done("ups.status").await;
}

#[tokio::test]
async fn who_cannot_resume_gets_a_new_session_and_is_told_so() {
    let (rig, client) = Rig::ready(RigOptions::default()).await;
    let (token, cursor) = (client.token(), client.cursor);
    for (token, cursor) in [("0".repeat(52), 0), (token, cursor + 1_000)] {
        let mut other = Client::resume(rig.address, &token, cursor).await;
        assert!(!other.welcome.resumed && other.welcome.session != client.welcome.session);
        other.done("ups.status").await;
    }
}
