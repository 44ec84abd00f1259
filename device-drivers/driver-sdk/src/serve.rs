//! The `main` of every driver: reads the gateway's messages on one thread, works on another.
//!
//! The reading thread answers pings and passes cancels on at once, so that a slow device is never taken for a dead
//! driver; the working thread opens the device, does one request after the other, and probes the device in between.

mod reading;

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::device::DeviceKind;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{ExitMeaning, Frame, FromChild, Outcome, SEAM_VERSION};
use serde_json::Value;

use crate::address::Address;
use crate::cancel::CancelSignal;
use crate::cx::Cx;
use crate::driver::{Driver, OpenError, Opened};
use crate::pictures::Pictures;
use crate::published::Published;
use crate::upstream::Upstream;
use crate::vitals::Vitals;

/// Exit status of Rust programs that panicked.
const FELL: i32 = 101;

/// What the reading thread hands to the working one.
enum Work {
    Start { address: String, config: Value },
    Request(Request),
    Probe,
}

struct Request {
    id: u64,
    name: String,
    deadline: Instant,
    payload: Value,
    attachments: BTreeMap<BlobId, Vec<u8>>,
}

/// What both threads see.
struct Shared {
    upstream: Arc<Upstream>,
    vitals: Arc<Vitals>,
    pictures: Pictures,
    /// A wish to probe the device is in the channel.
    probe_waits: AtomicBool,
    /// The request in flight and its cancel signal.
    running: Mutex<Option<(u64, CancelSignal)>>,
}

/// Serves the driver on stdin and stdout until stdin ends; returns the exit status that says how it went.
pub fn serve<D: Driver>() -> ExitCode {
    if std::env::args_os().len() > 1 || std::io::stdin().is_terminal() {
        return introduce::<D>();
    }
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // The gateway's own log has the time.
        .without_time()
        .with_target(false)
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("KIOSK_LOG").unwrap_or_else(|_| "info".into()))
        .init();
    end_with_any_thread();
    let upstream = Arc::new(Upstream::new());
    let pictures = Pictures::new(Arc::clone(&upstream));
    let shared = Arc::new(Shared {
        upstream,
        vitals: Arc::new(Vitals::new()),
        pictures,
        probe_waits: AtomicBool::default(),
        running: Mutex::default(),
    });
    shared.upstream.send(Frame::bare(FromChild::Hello {
        protocol: SEAM_VERSION,
        driver: D::NAME.into(),
        version: D::VERSION.into(),
        kind: D::Kind::KIND,
    }));
    // One request is in flight at a time, `start` comes before the first, one probe may wait: three places are enough.
    let (sender, receiver) = sync_channel(3);
    let reader = Arc::clone(&shared);
    std::thread::spawn(move || reading::read_gateway(&reader, &sender));
    let meaning = work::<D>(&shared, &receiver);
    ExitCode::from(meaning.code())
}

/// A driver of which one thread fell is of no more use, whatever the others still answer; a new one is.
fn end_with_any_thread() {
    let (tell, own) = (std::panic::take_hook(), std::thread::current().id());
    std::panic::set_hook(Box::new(move |why| {
        tell(why);
        // This one unwinds to the end of `main`, and the device is left as it should be.
        if std::thread::current().id() != own {
            std::process::exit(FELL);
        }
    }));
}

fn introduce<D: Driver>() -> ExitCode {
    let wants_version = std::env::args().nth(1).is_some_and(|arg| arg == "--version" || arg == "-V");
    let text = if wants_version {
        format!("{} {}", D::NAME, D::VERSION)
    } else {
        format!(
            "{} {}: a device driver of Kiosk gateway.\n\nThe gateway starts it and speaks to it on stdin and stdout; it is not run by hand.\n\
             Name it in the gateway's configuration instead:\n\n    [devices.NAME]\n    driver = \"{}\"\n    address = \"…\"\n\n\
             KIOSK_LOG=debug in the gateway's environment makes it say more.",
            D::NAME,
            D::VERSION,
            D::NAME
        )
    };
    let asked = wants_version || std::env::args().nth(1).is_some_and(|arg| arg == "--help" || arg == "-h");
    #[expect(clippy::print_stdout, reason = "run by hand: a person reads this")]
    if asked {
        println!("{text}");
        return ExitCode::SUCCESS;
    }
    eprintln!("{text}");
    ExitCode::from(ExitMeaning::BadConfig.code())
}

/// The working thread.
fn work<D: Driver>(shared: &Shared, receiver: &Receiver<Work>) -> ExitMeaning {
    let (address, config) = match receiver.recv() {
        Ok(Work::Start { address, config }) => (address, config),
        // The reader only passes a request on after a start.
        Ok(Work::Request(_) | Work::Probe) | Err(_) => return ExitMeaning::Stopped,
    };
    let Opened { mut driver, identity, capabilities, status } = match open::<D>(&address, config) {
        Ok(opened) => opened,
        Err(error) => {
            tracing::debug!(address, error = %error, "cannot open the device");
            let code = match error.meaning() {
                ExitMeaning::DeviceAbsent => ErrorCode::DeviceAbsent,
                ExitMeaning::BadConfig | ExitMeaning::NoPermission => ErrorCode::DriverHeld,
                ExitMeaning::Stopped | ExitMeaning::Fault => ErrorCode::DeviceFault,
            };
            shared.upstream.send(Frame::bare(FromChild::Failed { failure: Failure::new(code, error.to_string()) }));
            return error.meaning();
        }
    };
    let capabilities = serde_json::to_value(capabilities).expect("capabilities are plain data");
    shared.upstream.send(Frame::bare(FromChild::Ready { identity, capabilities }));
    driver.pictures(shared.pictures.clone());
    let published = Arc::new(Published::<D::Kind>::new(Arc::clone(&shared.upstream)));
    published.publish(status);
    let mut probed = Instant::now();
    loop {
        shared.vitals.waiting();
        // Counted from the last probe: a client that asks all the time must not keep others from being told.
        let until_probe = driver.idle_every().saturating_sub(probed.elapsed());
        let absent = match receiver.recv_timeout(until_probe) {
            Ok(Work::Request(request)) => {
                shared.vitals.working(request.deadline);
                let (id, answered) = (request.id, Arc::<Mutex<bool>>::default());
                let outcome = run(&mut driver, shared, &published, request, &answered);
                let absent = matches!(&outcome, Outcome::Error(failure) if failure.code == ErrorCode::DeviceAbsent);
                // Unless it was given up, and that was its answer.
                let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
                if !std::mem::replace(&mut *answered, true) {
                    shared.upstream.send(Frame::bare(FromChild::Done { id, outcome }));
                }
                absent
            }
            Ok(Work::Start { .. }) => false,
            work @ (Ok(Work::Probe) | Err(RecvTimeoutError::Timeout)) => {
                if work.is_ok() {
                    shared.probe_waits.store(false, Ordering::Release);
                }
                shared.vitals.probing();
                let absent = probe(&mut driver, shared, &published);
                probed = Instant::now();
                absent
            }
            Err(RecvTimeoutError::Disconnected) => return ExitMeaning::Stopped,
        };
        if absent {
            return ExitMeaning::DeviceAbsent;
        }
        // By returning, so that the driver is dropped and leaves its device as it found it.
        if shared.upstream.is_gone() {
            return ExitMeaning::Stopped;
        }
    }
}

fn open<D: Driver>(address: &str, config: Value) -> Result<Opened<D>, OpenError> {
    let address = Address::parse(address)?;
    let config = serde_path_to_error::deserialize(config).map_err(|error| {
        let path = error.path().to_string();
        // "." is the whole of it.
        let field = if path == "." { "config".to_owned() } else { format!("config.{path}") };
        OpenError::BadConfig(format!("{field}: {}", error.inner()))
    })?;
    D::open(&address, config)
}

/// Asks the device how it is; `true` if it is gone.
fn probe<D: Driver>(driver: &mut D, shared: &Shared, published: &Published<D::Kind>) -> bool {
    match driver.idle() {
        Ok(status) => {
            if shared.vitals.set_stale(false) {
                shared.upstream.send(Frame::bare(FromChild::Fresh));
                published.forget();
            }
            published.publish(status);
            false
        }
        Err(failure) => {
            let absent = failure.code == ErrorCode::DeviceAbsent;
            if !absent && shared.vitals.set_stale(true) {
                shared.upstream.send(Frame::bare(FromChild::Stale { reason: failure.detail.clone() }));
            }
            if absent {
                tracing::warn!(error = %failure, "the device is gone");
                shared.upstream.send(Frame::bare(FromChild::Failed { failure }));
            }
            absent
        }
    }
}

fn run<D: Driver>(
    driver: &mut D,
    shared: &Shared,
    published: &Arc<Published<D::Kind>>,
    request: Request,
    answered: &Arc<Mutex<bool>>,
) -> Outcome {
    let Request { id, name, deadline, payload, attachments } = request;
    let request = serde_json::json!({ "name": name, "payload": payload });
    let request: <D::Kind as DeviceKind>::Request = match serde_path_to_error::deserialize(request) {
        Ok(request) => request,
        Err(error) => return Outcome::Error(Failure::invalid(error.path().to_string(), error.inner().to_string())),
    };
    let cancel = {
        let running = shared.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.as_ref().filter(|(running, _)| *running == id).map(|(_, cancel)| cancel.clone()).unwrap_or_default()
    };
    let mut cx = Cx {
        request: id,
        deadline,
        cancel,
        attachments,
        upstream: Arc::clone(&shared.upstream),
        published: Arc::clone(published),
        vitals: Arc::clone(&shared.vitals),
        answered: Arc::clone(answered),
        blobs: 0,
    };
    let result = driver.handle(request, &mut cx);
    // The next one may be here already, if this one was given up.
    shared.running.lock().unwrap_or_else(PoisonError::into_inner).take_if(|(running, _)| *running == id);
    match result {
        Ok(reply) => Outcome::Ok(serde_json::to_value(reply).expect("replies are plain data")),
        Err(failure) => Outcome::Error(failure),
    }
}
