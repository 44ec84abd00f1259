//! A command to a chip card and back, over the gateway and the driver, against a bare program on the same pcscd, reader and
//! card.

use std::ffi::CString;
use std::io::{BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout};
use std::time::{Duration, Instant};

use kiosk_protocol::seam::{Frame, FromChild, HEADER_BYTES, Header, Outcome, ToChild};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message, WebSocket};

use super::{median, micros, quantile};
use crate::rig::client::hello;
use crate::rig::pcscd::card::{Card, Heard, Reply};
use crate::rig::pcscd::{Pcscd, READERS};
use crate::rig::process::Program;
use crate::rig::{Order, Parts, Rig, RigOptions, programs};

const ROUNDS: usize = 7;
/// Transmits of one round.
const TRANSMITS: usize = 200;
const WITHIN: Duration = Duration::from_secs(120);
/// What a real chip takes for it, at the least.
const CHIP_TAKES: Duration = Duration::from_millis(5);
/// READ BINARY of 256 bytes.
const COMMAND: [u8; 5] = [0x00, 0xb0, 0x00, 0x00, 0x00];
const ATR: &[u8] = &[0x3b, 0x88, 0x80, 0x01, 0x80, 0x31, 0x80, 0x90, 0x00, 0xf1];

fn this() -> PathBuf {
    std::env::current_exe().expect("this program has a path")
}

/// The lines of the report, from a process of its own: it moves into namespaces, and the other benches should not.
pub async fn run() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut measuring = Program::start(&this(), &["apdu-inside".into()], &folder.path().join("apdu.log"));
    let said = measuring.lines().rest(WITHIN).await;
    let ended = measuring.end_within(WITHIN).await;
    assert!(ended.success(), "{}", measuring.log());
    said.lines().map(str::to_owned).collect()
}

/// That process (`kiosk-bench apdu-inside`).
pub async fn measure() -> Vec<String> {
    let pcscd = Pcscd::start().await;
    let answer: Vec<u8> = [vec![0x5a; 256], vec![0x90, 0x00]].concat();
    let address = format!("pcsc:{}", READERS[0]);
    let config = format!("[devices.card]\ndriver = \"pcsc\"\naddress = {address:?}\nconfig.allow_transmit = true\n");
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    let mut client = rig.client().await;
    client.wait_all_ready(crate::rig::READY_WITHIN).await;
    let mut driver = Driver::start(&rig.folder().join("driver.log"), &address);
    let mut page = Page::open(rig.address);
    let mut lines = vec![
        "256 bytes from a chip card, against a bare program on the same pcscd (p50, µs for each command)".to_owned(),
    ];
    for (card, commands) in [("no time", 1), ("no time", 16), ("5 ms", 1)] {
        let reply = if card == "no time" { None } else { Some(CHIP_TAKES) };
        let answer = answer.clone();
        let play = move |_: &Heard| match reply {
            None => Reply::Answer(answer.clone()),
            Some(takes) => Reply::Late(takes, answer.clone()),
        };
        pcscd.slot(0).eject();
        client.done(Order::new("card_reader.wait", json!({ "until": "removed" }))).await;
        pcscd.slot(0).insert(Card::new(ATR, play));
        client.done(Order::new("card_reader.wait", json!({ "until": "inserted" }))).await;
        let (mut ours, mut alone, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let own = each(commands, |payload| page.transmit(payload));
            let floor = by_the_bare_program(rig.folder().join("bare.log"), commands).await;
            alone.push(each(commands, |payload| driver.transmit(payload)));
            ours.push(own);
            bare.push(floor);
            ratios.push(own / floor);
        }
        lines.push(format!(
            "  card takes {card:>7}, {commands:>2} a transmit: {:>6.0}; the driver alone {:>6.0}; bare {:>6.0}; ratio {:.2}× (aim ≤ 1.3×)",
            median(&mut ours),
            median(&mut alone),
            median(&mut bare),
            median(&mut ratios)
        ));
    }
    lines
}

/// Microseconds for one command, in the median of the transmits.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn each(commands: usize, mut transmit: impl FnMut(&Value)) -> f64 {
    let command: String = COMMAND.iter().map(|byte| format!("{byte:02x}")).collect();
    let payload = json!({ "commands": vec![command; commands] });
    let mut times = Vec::with_capacity(TRANSMITS);
    for _ in 0..TRANSMITS {
        let since = Instant::now();
        transmit(&payload);
        times.push(micros(since.elapsed()) / commands as f64);
    }
    quantile(&mut times, 0.5)
}

/// A page's connection that waits on its own thread, as the bare program does.
struct Page {
    socket: WebSocket<TcpStream>,
    last_id: u64,
}

impl Page {
    fn open(at: SocketAddr) -> Self {
        let mut request = format!("ws://{at}/v1").into_client_request().expect("an address");
        request.headers_mut().insert("origin", format!("http://{at}").parse().expect("an origin"));
        let stream = TcpStream::connect(at).expect("a connection");
        stream.set_nodelay(true).expect("TCP_NODELAY");
        let (mut socket, _) = tungstenite::client(request, stream).expect("an upgrade");
        socket.send(Message::text(hello(None))).expect("the hello is sent");
        socket.read().expect("a welcome");
        Self { socket, last_id: 0 }
    }

    fn transmit(&mut self, payload: &Value) {
        self.last_id += 1;
        let command =
            json!({ "type": "command", "id": self.last_id, "name": "card_reader.transmit", "payload": payload });
        self.socket.send(Message::text(command.to_string())).expect("a command is sent");
        loop {
            let Message::Text(text) = self.socket.read().expect("an answer") else { continue };
            assert!(!text.contains("\"error\""), "{text}");
            if text.starts_with("{\"type\":\"completion\"") {
                return;
            }
        }
    }
}

/// The driver without a gateway: the seam on its own thread.
struct Driver {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    last_id: u64,
    _program: Program,
}

impl Driver {
    fn start(log: &Path, address: &str) -> Self {
        let mut program = Program::start(&programs::find("kiosk-driver-pcsc"), &[], log);
        let (stdin, stdout) = (program.stdin(), BufReader::new(program.stdout()));
        let mut driver = Self { stdin, stdout, last_id: 0, _program: program };
        let config = json!({ "allow_transmit": true });
        driver.say(ToChild::Start { address: address.to_owned(), config });
        while !matches!(driver.hear(), FromChild::Ready { .. }) {}
        driver
    }

    fn say(&mut self, message: ToChild) {
        let head = Frame::bare(message).head(0).expect("a small frame");
        self.stdin.write_all(&head).expect("the driver reads");
    }

    fn hear(&mut self) -> FromChild {
        let mut header = [0; HEADER_BYTES];
        self.stdout.read_exact(&mut header).expect("the driver speaks");
        let header = Header::parse(header, 0).expect("a frame");
        let mut json = vec![0; header.json as usize];
        self.stdout.read_exact(&mut json).expect("a whole frame");
        Frame::from_parts(&json, Vec::new()).expect("a message").message
    }

    fn transmit(&mut self, payload: &Value) {
        self.last_id += 1;
        let (id, name, payload) = (self.last_id, "card_reader.transmit".to_owned(), payload.clone());
        self.say(ToChild::Request { id, name, deadline_ms: 10_000, payload, attachments: Vec::new() });
        loop {
            match self.hear() {
                FromChild::Done { outcome: Outcome::Ok(_), .. } => return,
                FromChild::Done { outcome: Outcome::Error(failure), .. } => panic!("{failure}"),
                _ => {}
            }
        }
    }
}

async fn by_the_bare_program(log: PathBuf, commands: usize) -> f64 {
    let mut bare = Program::start(&this(), &["bare-apdu".into(), commands.to_string()], &log);
    let said = bare.lines().rest(WITHIN).await;
    said.trim().parse().unwrap_or_else(|_| panic!("{said:?}\n{}", bare.log()))
}

/// The bare program (`kiosk-bench bare-apdu COMMANDS`): the same figure for one transaction of so many commands.
#[expect(clippy::cast_precision_loss, reason = "a small number")]
pub fn bare(commands: usize) -> f64 {
    let context = pcsc::Context::establish(pcsc::Scope::System).expect("pcscd runs");
    let reader = CString::new(READERS[0]).expect("no zero in it");
    let mut card = context.connect(&reader, pcsc::ShareMode::Shared, pcsc::Protocols::ANY).expect("a card is in");
    let mut buffer = [0; 300];
    let mut times = Vec::with_capacity(TRANSMITS);
    for _ in 0..TRANSMITS {
        let since = Instant::now();
        let transaction = card.transaction().expect("nobody else speaks");
        for _ in 0..commands {
            let answer = transaction.transmit(&COMMAND, &mut buffer).expect("the card answers");
            assert_eq!(answer.len(), 258);
        }
        drop(transaction);
        times.push(micros(since.elapsed()) / commands as f64);
    }
    // Dropping it would reset the card under the other's hands.
    let _ = card.disconnect(pcsc::Disposition::LeaveCard);
    quantile(&mut times, 0.5)
}
