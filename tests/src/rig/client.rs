//! A typed client of the front-end protocol. It keeps everything it hears, and holds the gateway to the rules that are
//! true of every conversation: numbers without gap or repetition, one completion for a command, none after a refusal.

mod order;
mod rules;
mod socket;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use kiosk_protocol::device::{DeviceId, DeviceState, DeviceView};
use kiosk_protocol::error::ErrorBody;
use kiosk_protocol::message::ServerMessage;
use kiosk_protocol::pictures::PictureHeader;
use kiosk_protocol::session::Welcome;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};

use super::PATIENCE;
pub use order::Order;
pub use socket::{Ended, Socket};

/// A client with a session.
pub struct Client {
    socket: Socket,
    /// What the gateway said to `session.hello`.
    pub welcome: Welcome,
    /// The devices as far as the client knows.
    pub devices: BTreeMap<DeviceId, DeviceView>,
    /// The number of the last message.
    pub cursor: u64,
    /// All messages after the welcome.
    pub heard: Vec<ServerMessage>,
    completions: HashMap<u64, Result<Value, ErrorBody>>,
    acknowledged: HashMap<u64, u16>,
    refused: HashSet<u64>,
    /// Events that [`Client::event`] has given out.
    taken: HashSet<usize>,
    last_id: u64,
}

impl Client {
    /// A new session.
    pub async fn connect(at: SocketAddr) -> Self {
        Self::greet(at, None).await
    }

    /// Goes on with an earlier session; whether the gateway agreed is in `welcome.resumed`.
    pub async fn resume(at: SocketAddr, token: &str, cursor: u64) -> Self {
        Self::greet(at, Some(json!({ "token": token, "cursor": cursor }))).await
    }

    async fn greet(at: SocketAddr, resume: Option<Value>) -> Self {
        let mut socket = Socket::open(at).await;
        socket.send(&hello(resume)).await;
        let message = match socket.next(Instant::now() + PATIENCE).await {
            Ok(message) => message,
            Err(ended) => panic!("no welcome: {ended:?}"),
        };
        let ServerMessage::Completion { seq: None, id: 0, payload: Some(payload), .. } = message else {
            panic!("not a welcome: {message:?}");
        };
        let welcome: Welcome = serde_json::from_value(payload).expect("the welcome has its shape");
        Self {
            socket,
            devices: welcome.devices.iter().map(|view| (view.device.clone(), view.clone())).collect(),
            cursor: welcome.cursor,
            welcome,
            heard: Vec::new(),
            completions: HashMap::new(),
            acknowledged: HashMap::new(),
            refused: HashSet::new(),
            taken: HashSet::new(),
            last_id: 0,
        }
    }

    /// The session's secret.
    pub fn token(&self) -> String {
        self.welcome.token.0.clone()
    }

    /// Sends a command under a new number.
    pub async fn start(&mut self, order: impl Into<Order>) -> u64 {
        self.last_id += 1;
        let id = self.last_id;
        self.start_as(id, order).await;
        id
    }

    /// Sends a command under this number.
    pub async fn start_as(&mut self, id: u64, order: impl Into<Order>) {
        self.last_id = self.last_id.max(id);
        self.socket.send(&order.into().text(id)).await;
    }

    /// Sends a command and waits for its reply, refusal or failure.
    pub async fn call(&mut self, order: impl Into<Order>) -> Result<Value, ErrorBody> {
        let id = self.start(order).await;
        self.finish(id).await
    }

    /// The same for a command that must go well.
    pub async fn done(&mut self, order: impl Into<Order>) -> Value {
        let order = order.into();
        let name = order.name;
        self.call(order).await.unwrap_or_else(|error| panic!("{name} failed: {}", error.failure))
    }

    /// The same for a command that must not go well.
    pub async fn fails(&mut self, order: impl Into<Order>) -> ErrorBody {
        let order = order.into();
        let name = order.name;
        self.call(order).await.expect_err(&format!("{name} should not go well"))
    }

    /// Waits for a command's end.
    pub async fn finish(&mut self, id: u64) -> Result<Value, ErrorBody> {
        self.finish_within(id, PATIENCE).await
    }

    /// Waits for a command's end, not long.
    pub async fn finish_within(&mut self, id: u64, within: Duration) -> Result<Value, ErrorBody> {
        let deadline = Instant::now() + within;
        while !self.completions.contains_key(&id) {
            self.hear(deadline, &format!("the end of command {id} within {within:?}")).await;
        }
        self.completions[&id].clone()
    }

    /// Waits until a command was taken; returns how many are before it.
    ///
    /// # Errors
    /// The refusal.
    pub async fn taken(&mut self, id: u64) -> Result<u16, ErrorBody> {
        let deadline = Instant::now() + PATIENCE;
        while !self.acknowledged.contains_key(&id) && !self.refused.contains(&id) {
            self.hear(deadline, &format!("the acknowledgement of command {id}")).await;
        }
        if self.refused.contains(&id) {
            return Err(self.completions[&id].clone().expect_err("a refusal is an error"));
        }
        Ok(self.acknowledged[&id])
    }

    /// The command was refused, not begun.
    pub fn was_refused(&self, id: u64) -> bool {
        self.refused.contains(&id)
    }

    /// The command is over, as far as the client knows.
    pub fn is_over(&self, id: u64) -> bool {
        self.completions.contains_key(&id)
    }

    /// The next event of this name of a command that has not been given out yet.
    pub async fn event(&mut self, id: u64, name: &str) -> Value {
        let deadline = Instant::now() + PATIENCE;
        let mut from = 0;
        loop {
            for (at, message) in self.heard.iter().enumerate().skip(from) {
                if let ServerMessage::Event { id: of, name: event, payload, .. } = message
                    && (*of, event.as_str()) == (id, name)
                    && self.taken.insert(at)
                {
                    return payload.clone();
                }
            }
            from = self.heard.len();
            if let Some(over) = self.completions.get(&id) {
                panic!("command {id} is over without the event {name}: {over:?}");
            }
            self.hear(deadline, &format!("the event {name} of command {id}")).await;
        }
    }

    /// All events of a command so far: name and payload.
    pub fn events(&self, id: u64) -> Vec<(&str, &Value)> {
        let of = |message| match message {
            &ServerMessage::Event { id: of, ref name, ref payload, .. } if of == id => Some((name.as_str(), payload)),
            _ => None,
        };
        self.heard.iter().filter_map(of).collect()
    }

    /// The next live picture, of any stream: its head and its bytes.
    pub async fn picture(&mut self, within: Duration) -> (PictureHeader, Vec<u8>) {
        let next = self.socket.next_picture(Instant::now() + within).await;
        let (message, before) = next.unwrap_or_else(|ended| panic!("{ended:?} while waiting for a live picture"));
        before.into_iter().for_each(|message| self.note(message));
        let (header, picture) = PictureHeader::split(&message).expect("a binary message has a head");
        (header, picture.to_vec())
    }

    /// Gives a command up.
    pub async fn cancel(&mut self, id: u64) {
        self.socket.send(&json!({ "type": "cancel", "id": id }).to_string()).await;
    }

    /// Waits for a notice of this name.
    pub async fn notice(&mut self, name: &str, within: Duration) -> Value {
        let deadline = Instant::now() + within;
        loop {
            let message = self.hear(deadline, &format!("the notice {name} within {within:?}")).await;
            if let ServerMessage::Notice { name: notice, payload, .. } = message
                && notice == name
            {
                return payload;
            }
        }
    }

    /// Waits until a device is as it should be.
    pub async fn wait_device(
        &mut self,
        device: &str,
        within: Duration,
        right: impl Fn(&DeviceView) -> bool,
    ) -> DeviceView {
        let deadline = Instant::now() + within;
        let device = DeviceId(device.into());
        loop {
            let view = self.devices.get(&device).unwrap_or_else(|| panic!("there is no device `{device}`"));
            if right(view) {
                return view.clone();
            }
            let what = format!("the right state of a device within {within:?}; it is {view:?}");
            self.hear(deadline, &what).await;
        }
    }

    /// Waits until a device is in this state.
    pub async fn wait_state(&mut self, device: &str, state: DeviceState, within: Duration) -> DeviceView {
        self.wait_device(device, within, |view| view.state == state).await
    }

    /// Waits until all devices are ready.
    pub async fn wait_all_ready(&mut self, within: Duration) {
        let names: Vec<String> = self.devices.keys().map(|device| device.0.clone()).collect();
        for name in names {
            self.wait_state(&name, DeviceState::Ready, within).await;
        }
    }

    /// Hears the next message.
    pub async fn next_message(&mut self, within: Duration) -> ServerMessage {
        self.hear(Instant::now() + within, "a message").await
    }

    /// Hears messages until the gateway ends the connection; returns how.
    pub async fn end(&mut self, within: Duration) -> Ended {
        let deadline = Instant::now() + within;
        loop {
            match self.socket.next(deadline).await {
                Ok(message) => self.note(message),
                Err(ended) => return ended,
            }
        }
    }

    /// Sends any text.
    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(text).await;
    }

    /// The connection itself, for what no good client does.
    pub fn socket(&mut self) -> &mut Socket {
        &mut self.socket
    }

    /// Ends the connection without a word, as a killed client does.
    pub fn kill(self) {
        self.socket.reset();
    }

    async fn hear(&mut self, deadline: Instant, what: &str) -> ServerMessage {
        let next = timeout_at(deadline, self.socket.next(deadline)).await.unwrap_or(Err(Ended::Late));
        let message = next.unwrap_or_else(|ended| panic!("{ended:?} while waiting for {what}"));
        self.note(message.clone());
        message
    }
}

/// The text of `session.hello`.
pub fn hello(resume: Option<Value>) -> String {
    let mut payload =
        json!({ "versions": { "min": 1, "max": 1 }, "client": { "name": "kiosk-tests", "version": "1" } });
    if let Some(resume) = resume {
        payload["resume"] = resume;
    }
    json!({ "type": "command", "id": 0, "name": "session.hello", "payload": payload }).to_string()
}
