//! Live pictures of the virtual webcam, in the lab: driver, gateway and one client against `ustreamer` and one client on the
//! same camera, MJPEG passed through. Runs alternate. What counts is the processor's time that the servers take for each
//! picture that the client gets (both clients do the same, and are not counted), how many it gets, and how old they are.
//!
//! The guest's processor is emulated: only the ratios say anything.

mod viewer;

use std::path::Path;
use std::time::{Duration, Instant};

use kiosk_protocol::device::DeviceState;

use super::{median, quantile};
use crate::lab::plugged::Plugged;
use crate::lab::{self, usb};
use crate::peers::{Peer, free_port, peer};
use crate::rig::process::{self, Program};
use crate::rig::{Parts, Rig, RigOptions, programs, wait};
use viewer::Viewer;

const ROUNDS: usize = 5;
/// How long one run is looked at.
const LOOK: Duration = Duration::from_secs(8);
/// Pictures that go by first.
const SETTLE: usize = 15;
const WITHIN: Duration = Duration::from_secs(1200);
/// The sizes that are measured.
const SIZES: [(u32, u32); 2] = [(640, 480), (1280, 720)];

/// The lines of the report, from the guest.
pub async fn run() -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let lab = programs::source_tree().join("tests/lab/lab.sh");
    let missing =
        Program::start(&lab, &["--missing".into()], &folder.path().join("missing.log")).lines().rest(WITHIN).await;
    if !missing.is_empty() {
        return vec![format!("camera: skipped, the lab cannot run here: {}", missing.trim())];
    }
    let this = std::env::current_exe().expect("this program has a path").display().to_string();
    let seconds = WITHIN.as_secs().to_string();
    let arguments = ["-m", "vhci_hcd", "-t", &seconds, "--", &this, "camera-inside"].map(str::to_owned);
    let mut guest = Program::start(&lab, &arguments, &folder.path().join("lab.log"));
    let said = guest.lines().rest(WITHIN).await;
    let ended = guest.end_within(WITHIN).await;
    assert!(ended.success(), "{said}{}", guest.log());
    said.lines().map(str::to_owned).collect()
}

/// What one run showed.
struct Look {
    fps: f64,
    /// Of the pictures that the camera took meanwhile.
    share: f64,
    cpu_ms: f64,
    ages_ms: Vec<f64>,
}

/// In the guest (`kiosk-bench camera-inside`).
pub async fn measure() -> Vec<String> {
    let plugged = Plugged::start(&["camera,serial=BENCH"]).await;
    let node = usb::node("video4linux", &plugged.device("camera").await).await;
    let mut lines = vec![
        "live pictures of a webcam (MJPEG) in the lab: driver, gateway and one client, against ustreamer and one client"
            .to_owned(),
    ];
    for (width, height) in SIZES {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            theirs.push(of_ustreamer(&node, width, height).await);
            ours.push(of_gateway(plugged.address("camera"), width, height).await);
        }
        lines.extend(told(&format!("{width}x{height}"), &mut ours, &mut theirs));
    }
    lines
}

fn told(what: &str, ours: &mut [Look], theirs: &mut [Look]) -> [String; 3] {
    let of = |looks: &[Look], value: fn(&Look) -> f64| median(&mut looks.iter().map(value).collect::<Vec<_>>());
    let ratio = |value: fn(&Look) -> f64| {
        let pairs = ours.iter().zip(theirs.iter());
        median(&mut pairs.map(|(own, their)| value(own) / value(their)).collect::<Vec<_>>())
    };
    let (frames, cpu) = (ratio(|look| look.fps), ratio(|look| look.cpu_ms));
    let line = |who: &str, looks: &[Look]| {
        let mut ages: Vec<f64> = looks.iter().flat_map(|look| look.ages_ms.iter().copied()).collect();
        format!(
            "    {who}: {:.1} pictures a second ({:.0} % of the camera's), {:.2} ms of the processor each, {:.1} ms old at p50, {:.1} ms at p99",
            of(looks, |look| look.fps),
            of(looks, |look| look.share) * 100.0,
            of(looks, |look| look.cpu_ms),
            quantile(&mut ages, 0.5),
            quantile(&mut ages, 0.99)
        )
    };
    [
        format!("  {what}: pictures {frames:.2}× (aim ≥ 1.0×), processor {cpu:.2}× (aim ≤ 1.0×)"),
        line("ours", ours),
        line("ustreamer", theirs),
    ]
}

async fn of_gateway(address: &str, width: u32, height: u32) -> Look {
    let config = format!(
        "[devices.camera]\ndriver = \"v4l\"\naddress = {address:?}\nconfig.preview = \"{width}x{height}\"\nconfig.fps = 30\n"
    );
    let rig = Rig::start(RigOptions { parts: Parts::GatewayOnly, config, ..RigOptions::default() }).await;
    rig.client().await.wait_state("camera", DeviceState::Ready, lab::WITHIN).await;
    let mut servers: Vec<i32> = process::descendants_of(rig.gateway_pid()).iter().map(|child| child.pid).collect();
    servers.push(rig.gateway_pid());
    let at = rig.address;
    look(servers, move || Viewer::of_gateway(at)).await
}

async fn of_ustreamer(node: &Path, width: u32, height: u32) -> Look {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port().to_string();
    let peer = Peer::new(&peer("ustreamer")).arg("-d").arg(node).args(["--format", "MJPEG", "--encoder", "HW"]);
    let peer = peer.args(["--resolution", &format!("{width}x{height}"), "--tcp-nodelay", "--port", &port]);
    let server = peer.start(folder.path(), "ustreamer");
    let at = format!("127.0.0.1:{port}").parse().expect("an address");
    wait::until("ustreamer listens", lab::WITHIN, || std::net::TcpStream::connect(at).ok()).await;
    // env(1), which starts it, has become it.
    look(vec![server.pid()], move || Viewer::of_ustreamer(at)).await
}

/// Looks for a while, on a thread that only reads.
async fn look(servers: Vec<i32>, viewer: impl FnOnce() -> Viewer + Send + 'static) -> Look {
    let read = move || {
        let mut viewer = viewer();
        // The first pictures of ustreamer are of its own making.
        let mut first = (0..SETTLE).map(|_| viewer.next()).last().expect("some went by");
        let (begun, cpu) = (Instant::now(), cpu_ms(&servers));
        let (from, mut ages_ms) = (first.frame, Vec::new());
        while begun.elapsed() < LOOK {
            first = viewer.next();
            ages_ms.push(first.age_ms);
        }
        let (count, seconds) = (ages_ms.len() as f64, begun.elapsed().as_secs_f64());
        Look {
            fps: count / seconds,
            share: count / (first.frame - from) as f64,
            cpu_ms: (cpu_ms(&servers) - cpu) / count,
            ages_ms,
        }
    };
    tokio::task::spawn_blocking(read).await.expect("the viewer sees pictures")
}

/// The processor's time that all threads of these processes took so far, milliseconds: fields 14 and 15 of
/// proc_pid_stat(5), in ticks of 10 ms.
fn cpu_ms(processes: &[i32]) -> f64 {
    processes.iter().map(|pid| process::cpu_ticks(*pid) as f64 * 10.0).sum()
}
