//! The contract of the seam, as a driver program keeps it with some device behind it: who serves a device tries it on
//! every driver there is. What the devices are, the tests say.

use std::net::SocketAddr;
use std::process::ExitStatus;

use kiosk_protocol::error::ErrorCode;
use kiosk_protocol::seam::{FromChild, Outcome, SEAM_VERSION, ToChild};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::rig::process::Program;
use crate::rig::seam::DriverProgram;
use crate::rig::{PATIENCE, http, programs};

/// A driver program and its device.
pub struct Subject {
    /// Its name, and that of its folder.
    pub name: &'static str,
    /// The status call of its kind.
    pub status_call: &'static str,
    /// Where its device is.
    pub address: String,
    /// Where no device is.
    pub nothing: String,
    /// The settings that it cannot do without.
    pub config: Value,
    /// A request that takes a while, where one does.
    pub long_request: Request,
    /// That one is still running when it is cancelled.
    pub is_cancelled: bool,
    /// What makes its device slow.
    pub slow: Option<Slow>,
    /// Of the logs.
    pub folder: TempDir,
}

/// A request.
pub struct Request {
    /// The call.
    pub name: &'static str,
    /// Its payload.
    pub payload: Value,
    /// The blobs that the payload names.
    pub attached: Vec<(&'static str, &'static [u8])>,
}

/// A fault at a control port of the simulators.
pub struct Slow {
    /// The control port.
    pub control: SocketAddr,
    /// The device there.
    pub device: &'static str,
    /// The fault with its parameters.
    pub fault: Value,
}

impl Slow {
    async fn order(&self, action: &str, order: &Value) {
        let answer = http::post(self.control, &format!("/devices/{}/{action}", self.device), order).await;
        assert_eq!(answer.status, 200, "{action} {order}: {}", answer.text());
    }
}

impl Subject {
    fn manifest(&self) -> toml::Table {
        let path = programs::source_tree().join("device-drivers").join(self.name).join("driver.toml");
        let text = std::fs::read_to_string(&path).expect("every driver has a driver.toml");
        text.parse().expect("a driver.toml is TOML")
    }

    fn program(&self) -> std::path::PathBuf {
        programs::find(self.manifest()["program"].as_str().expect("a driver.toml names its program"))
    }

    fn start(&self) -> DriverProgram {
        let own = tempfile::tempdir_in(self.folder.path()).expect("a temporary folder can be made");
        // It goes with the subject's.
        DriverProgram::start(&self.program(), &own.keep())
    }

    async fn begin_long_request(&self, id: u64, driver: &mut DriverProgram) {
        let Request { name, payload, attached } = &self.long_request;
        driver.request_with(id, name, payload.clone(), attached).await;
    }

    async fn make_slow(&self) {
        if let Some(slow) = &self.slow {
            slow.order("fault", &slow.fault).await;
        }
    }

    async fn make_quick(&self) {
        if let Some(slow) = &self.slow {
            slow.order("clear", &json!({})).await;
        }
    }

    /// Runs it with arguments; its exit status and stdout.
    async fn run_by_hand(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let mut program = Program::start(&self.program(), &arguments, &self.folder.path().join("by-hand.log"));
        let said = program.lines().rest(PATIENCE).await;
        (program.end_within(PATIENCE).await, said)
    }
}

async fn ready(subject: &Subject) -> DriverProgram {
    let mut driver = subject.start();
    driver.say(ToChild::Start { address: subject.address.clone(), config: subject.config.clone() }).await;
    driver.hear_until("ready", PATIENCE, |message| matches!(message, FromChild::Ready { .. }).then_some(())).await;
    driver
}

/// Settings, with these in addition.
fn with(mut config: Value, more: Value) -> Value {
    if let (Value::Object(config), Value::Object(more)) = (&mut config, more) {
        config.extend(more);
    }
    config
}

async fn pong(driver: &mut DriverProgram, seq: u64) -> bool {
    driver.say(ToChild::Ping { seq }).await;
    driver
        .hear_until("a pong", PATIENCE, |message| match message {
            FromChild::Pong { seq: of, device_alive } if *of == seq => Some(*device_alive),
            _ => None,
        })
        .await
}

/// Hello comes first and is what `driver.toml` says.
pub async fn hello(subject: &Subject) {
    let mut driver = subject.start();
    let first = driver.hear(Instant::now() + PATIENCE).await;
    let manifest = subject.manifest();
    let Some(FromChild::Hello { protocol, driver: name, version, kind }) = first else {
        panic!("{}: {first:?}", subject.name)
    };
    assert_eq!((protocol, name.as_str()), (SEAM_VERSION, subject.name));
    assert_eq!(json!(kind).as_str(), manifest["kind"].as_str(), "{}", subject.name);
    assert!(!version.is_empty());
}

/// A wrong configuration or address is said, and exits 64.
pub async fn wrong_configuration(subject: &Subject) {
    for (address, config, word) in [
        (subject.address.clone(), json!({ "colour": "red" }), "colour"),
        (subject.address.clone(), json!({ "poll_ms": "often" }), "poll_ms"),
        (subject.address.clone(), json!({ "poll_ms": 1 }), "poll_ms"),
        ("nonsense".into(), json!({}), "nonsense"),
        ("carrier-pigeon:7".into(), json!({}), "carrier-pigeon"),
    ] {
        let mut driver = subject.start();
        let config = with(subject.config.clone(), config);
        driver.say(ToChild::Start { address: address.clone(), config: config.clone() }).await;
        let failure = driver
            .hear_until("a failure", PATIENCE, |message| match message {
                FromChild::Failed { failure } => Some(failure.clone()),
                FromChild::Ready { .. } => panic!("{} takes {address} {config}", subject.name),
                _ => None,
            })
            .await;
        assert!(failure.detail.contains(word), "{} {address} {config}: {failure:?}", subject.name);
        assert_eq!(driver.end(PATIENCE).await.code(), Some(64), "{} {address} {config}", subject.name);
    }
}

/// A device that is not there exits 69.
pub async fn absent(subject: &Subject) {
    let mut driver = subject.start();
    driver.say(ToChild::Start { address: subject.nothing.clone(), config: subject.config.clone() }).await;
    assert_eq!(driver.end(PATIENCE).await.code(), Some(69), "{}: {}", subject.name, driver.log());
    let failed = driver.heard.iter().any(|message| matches!(message, FromChild::Failed { .. }));
    assert!(failed, "{} says why: {:?}", subject.name, driver.heard);
}

/// Ready is followed by the status, and pings are answered while idle.
pub async fn ready_and_idle(subject: &Subject) {
    let mut driver = ready(subject).await;
    let is_status = |message: &FromChild| match message {
        FromChild::Event { request: None, name, payload } if name == "status" => Some(payload.clone()),
        _ => None,
    };
    let status = driver.hear_until("its status", PATIENCE, is_status).await;
    assert!(status.is_object(), "{}: {status}", subject.name);
    for seq in [1, 7, u64::MAX] {
        assert!(pong(&mut driver, seq).await, "{} lives", subject.name);
    }
}

/// Pings are answered while a request runs, and a cancel ends it.
pub async fn busy_and_cancelled(subject: &Subject) {
    let mut driver = ready(subject).await;
    subject.make_slow().await;
    subject.begin_long_request(5, &mut driver).await;
    assert!(pong(&mut driver, 1).await, "{} lives while it works", subject.name);
    driver.say(ToChild::Cancel { id: 5 }).await;
    let outcome = driver.outcome(5, PATIENCE).await;
    if subject.is_cancelled {
        let Outcome::Error(failure) = outcome else { panic!("{}: {outcome:?}", subject.name) };
        assert_eq!(failure.code, ErrorCode::Cancelled, "{}: {failure:?}", subject.name);
    }
    subject.make_quick().await;
    driver.request(6, subject.status_call, json!({})).await;
    let outcome = driver.outcome(6, PATIENCE).await;
    assert!(matches!(outcome, Outcome::Ok(_)), "{} works after a cancel: {outcome:?}", subject.name);
    let ends = driver.heard.iter().filter(|message| matches!(message, FromChild::Done { id: 5, .. })).count();
    assert_eq!(ends, 1, "{}: one end for a request", subject.name);
}

/// A request that the kind does not have is refused, and a cancel of nothing ignored.
pub async fn unknown_requests(subject: &Subject) {
    let mut driver = ready(subject).await;
    driver.say(ToChild::Cancel { id: 99 }).await;
    let wrong =
        [("toaster.toast", json!({})), (subject.status_call, json!({ "colour": 1 })), (subject.status_call, json!(7))];
    for (id, (name, payload)) in (10..).zip(wrong) {
        driver.request(id, name, payload.clone()).await;
        let outcome = driver.outcome(id, PATIENCE).await;
        let Outcome::Error(failure) = outcome else { panic!("{} {name} {payload}: {outcome:?}", subject.name) };
        assert_eq!(failure.code, ErrorCode::InvalidRequest, "{} {name} {payload}", subject.name);
    }
    driver.request(20, subject.status_call, json!({})).await;
    let outcome = driver.outcome(20, PATIENCE).await;
    assert!(matches!(outcome, Outcome::Ok(_)), "{}: {outcome:?}", subject.name);
}

/// The end of stdin is the end, at any time.
pub async fn end_of_stdin(subject: &Subject) {
    let mut before_start = subject.start();
    before_start.close_stdin();
    assert_eq!(before_start.end(PATIENCE).await.code(), Some(0), "{} before start", subject.name);
    let mut idle = ready(subject).await;
    idle.close_stdin();
    assert_eq!(idle.end(PATIENCE).await.code(), Some(0), "{} idle", subject.name);
    let mut busy = ready(subject).await;
    subject.make_slow().await;
    subject.begin_long_request(5, &mut busy).await;
    assert!(pong(&mut busy, 1).await, "the request has arrived");
    busy.close_stdin();
    assert_eq!(busy.end(PATIENCE).await.code(), Some(0), "{} busy", subject.name);
    subject.make_quick().await;
}

/// Messages of an unknown type are passed over, at any time.
pub async fn unknown_messages(subject: &Subject) {
    let dance = br#"{"type":"dance","partners":[1,{"type":"start"}],"slow":true}"#;
    let length = u32::try_from(dance.len()).expect("a short message").to_be_bytes();
    let frame = [&length[..], &[0, 0, 0, 3], dance, b"abc"].concat();
    let mut driver = subject.start();
    driver.say_bytes(&frame).await;
    driver.say(ToChild::Start { address: subject.address.clone(), config: subject.config.clone() }).await;
    driver.say_bytes(&frame).await;
    driver.hear_until("ready", PATIENCE, |message| matches!(message, FromChild::Ready { .. }).then_some(())).await;
    driver.say_bytes(&frame).await;
    assert!(pong(&mut driver, 3).await, "{} lives", subject.name);
    driver.request(4, subject.status_call, json!({})).await;
    driver.say_bytes(&frame).await;
    let outcome = driver.outcome(4, PATIENCE).await;
    assert!(matches!(outcome, Outcome::Ok(_)), "{}: {outcome:?}", subject.name);
}

/// Nonsense on stdin is a fault, and no hang.
pub async fn nonsense(subject: &Subject) {
    let frames: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        &[0xFF; 64],
        &[0; 8],
        b"\0\0\0\x03\0\0\0\0abc",
        b"\0\0\0\x0f\0\0\0\0{\"name\":\"ping\"}",
        b"\0\0\0\x0f\0\0\0\0{\"type\":\"ping\"}",
        b"\0\0\0\x02\xFF\xFF\xFF\xFF{}",
    ];
    for frame in frames {
        let mut driver = subject.start();
        driver.hear(Instant::now() + PATIENCE).await;
        driver.say_bytes(frame).await;
        let code = driver.end(PATIENCE).await.code();
        assert_eq!(code, Some(70), "{} after {}", subject.name, frame.escape_ascii());
        assert!(driver.log().contains("not a frame"), "{} says so: {}", subject.name, driver.log());
    }
    let mut cut = subject.start();
    cut.say_bytes(&[0, 0, 1, 0, 0, 0]).await;
    cut.close_stdin();
    assert_eq!(cut.end(PATIENCE).await.code(), Some(0), "{}: a frame that breaks off is an end", subject.name);
}

/// A person who runs a driver is told what it is.
pub async fn by_hand(subject: &Subject) {
    let version = subject.run_by_hand(&["--version"]).await;
    assert!(version.0.success() && version.1.starts_with(subject.name), "{}: {version:?}", subject.name);
    let help = subject.run_by_hand(&["--help"]).await;
    assert!(help.0.success() && help.1.contains("driver = "), "{}: {help:?}", subject.name);
    let wrong = subject.run_by_hand(&["--dance"]).await;
    assert_eq!(wrong.0.code(), Some(64), "{}: {wrong:?}", subject.name);
}
