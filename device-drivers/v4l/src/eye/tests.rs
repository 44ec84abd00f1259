//! One picture on request, from a camera that does what a test says. Live pictures need a gateway: `tests/tests/lab`.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use kiosk_driver_sdk::protocol::camera::CameraControls;
use kiosk_driver_sdk::{CancelSignal, Until};
use rustix::io::Errno;

use super::*;
use crate::config::Size;
use crate::mode::Pixels;
use crate::node::Layout;
use crate::stream::{Frame, Next, now_us};

const LONG: Duration = Duration::from_secs(60);
const WIDTH: u32 = 16;
const HEIGHT: u32 = 8;

/// What a camera does next; when nothing is left, it sends good pictures.
#[derive(Clone, Debug)]
enum Act {
    Good,
    Old,
    Marked,
    AllMarked,
    Silent,
    Fails(Trouble),
}

#[derive(Default)]
struct Script {
    /// What happens at the next starts; when nothing is left, they go well.
    starts: VecDeque<Trouble>,
    acts: VecDeque<Act>,
    /// Silence ends with one of these.
    until: Option<&'static str>,
    calls: Vec<&'static str>,
}

#[derive(Clone, Default)]
struct Fake(Arc<(Mutex<Script>, Condvar)>, Option<Mode>, Vec<u8>, u32);

impl Fake {
    fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let fake = Self::default();
        fake.0.0.lock().unwrap().acts.extend(acts);
        fake
    }

    fn note(&self, call: &'static str) {
        let mut script = self.0.0.lock().unwrap();
        script.calls.push(call);
        if script.until == Some(call) {
            (script.until, script.acts) = (None, VecDeque::new());
        }
    }

    fn calls(&self) -> Vec<&'static str> {
        self.0.0.lock().unwrap().calls.clone()
    }
}

impl Camera for Fake {
    fn start(&mut self, mode: &Mode) -> Result<(), Trouble> {
        self.note("start");
        let fails = self.0.0.lock().unwrap().starts.pop_front();
        self.1 = fails.is_none().then_some(*mode);
        fails.map_or(Ok(()), Err)
    }

    fn stop(&mut self) {
        if self.1.take().is_some() {
            self.note("stop");
        }
    }

    fn restart(&mut self) -> Result<(), Trouble> {
        self.note("restart");
        Ok(())
    }

    fn reopen(&mut self) -> Result<(), Trouble> {
        self.note("reopen");
        Ok(())
    }

    fn next(&mut self, wait: Duration) -> Result<Next<'_>, Trouble> {
        let act = self.0.0.lock().unwrap().acts.pop_front().unwrap_or(Act::Good);
        let (script, changed) = &*self.0;
        match act {
            Act::Fails(trouble) => return Err(trouble),
            Act::Silent | Act::AllMarked => {
                // It stays so until what the test waits for is done.
                let mut script = script.lock().unwrap();
                script.acts.push_front(act.clone());
                drop(changed.wait_timeout(script, wait.min(Duration::from_millis(20))).unwrap());
                if matches!(act, Act::Silent) {
                    return Ok(Next::Nothing);
                }
            }
            _ => {}
        }
        self.2 = vec![128; (WIDTH * HEIGHT) as usize];
        self.3 += 1;
        let layout = Layout { mode: self.1.unwrap(), bytes_per_line: WIDTH, full_range: true };
        let taken_us = if matches!(act, Act::Old) { 1 } else { now_us() };
        let damaged = matches!(act, Act::Marked | Act::AllMarked);
        Ok(Next::Frame(Frame { layout, bytes: &self.2, taken_us, taken_at_start: true, sequence: self.3, damaged }))
    }

    fn controls(&mut self) -> Result<CameraControls, Trouble> {
        Ok(CameraControls::default())
    }

    fn set_controls(&mut self, _: &CameraControls) -> Result<(), Trouble> {
        Ok(())
    }
}

fn mode() -> Mode {
    let size = Size { width: WIDTH, height: HEIGHT };
    Mode { fourcc: u32::from_le_bytes(*b"GREY"), pixels: Pixels::Grey, size, interval: None }
}

fn begin(fake: &Fake, settle_frames: u16) -> Orders {
    let wake = Wake::new().unwrap();
    let (orders, receiver) = Orders::new(wake.clone());
    let habits = Habits { preview: mode(), fps: 30, settle_frames, quality: 80, stall: Duration::from_millis(100) };
    let eye = Eye::new(fake.clone(), habits, receiver, wake);
    std::thread::spawn(|| eye.run());
    orders
}

fn capture(orders: &Orders, within: Duration) -> Result<Shot, Trouble> {
    orders.capture(mode(), Until::within(within))
}

fn refused() -> Trouble {
    Trouble::Refused { what: "a buffer", error: Errno::IO }
}

#[test]
fn a_picture_is_taken_after_the_light_has_settled_and_the_camera_rests_then() {
    let fake = Fake::new([]);
    let orders = begin(&fake, 4);
    let shot = capture(&orders, LONG).unwrap();
    assert_eq!((shot.width, shot.height), (WIDTH, HEIGHT));
    assert_eq!(kiosk_jpeg::check(&shot.jpeg).unwrap().width, WIDTH);
    assert!(!orders.status().unwrap().streaming);
    assert_eq!(fake.calls(), ["start", "stop"]);
}

#[test]
fn an_old_picture_is_never_the_one() {
    let fake = Fake::new([Act::Old, Act::Old, Act::Old]);
    capture(&begin(&fake, 0), LONG).unwrap();
    assert!(fake.0.0.lock().unwrap().acts.is_empty());
}

#[test]
fn damaged_pictures_are_left_out_and_do_not_count_as_settling() {
    let fake = Fake::new([Act::Marked, Act::Good, Act::Marked, Act::Marked, Act::Good, Act::Marked]);
    capture(&begin(&fake, 2), LONG).unwrap();
    assert!(fake.0.0.lock().unwrap().acts.is_empty());
}

#[test]
fn a_stalled_camera_is_started_anew_and_the_picture_taken() {
    let fake = Fake::new([Act::Good, Act::Silent]);
    fake.0.0.lock().unwrap().until = Some("restart");
    capture(&begin(&fake, 1), LONG).unwrap();
    assert_eq!(fake.calls(), ["start", "restart", "stop"]);
}

#[test]
fn a_camera_that_stays_silent_is_opened_anew_and_the_picture_taken() {
    let fake = Fake::new([Act::Silent]);
    fake.0.0.lock().unwrap().until = Some("reopen");
    capture(&begin(&fake, 0), LONG).unwrap();
    assert_eq!(fake.calls(), ["start", "restart", "reopen", "start", "stop"]);
}

#[test]
fn a_camera_that_never_sends_is_silent_not_slow() {
    let fake = Fake::new([Act::Silent]);
    let orders = begin(&fake, 0);
    let trouble = capture(&orders, Duration::from_secs(2)).unwrap_err();
    assert!(matches!(trouble, Trouble::Stalled(_)), "{trouble}");
    assert!(!orders.status().unwrap().streaming, "it rests after that");
}

#[test]
fn a_camera_that_sends_only_damaged_pictures_is_told_so() {
    let fake = Fake::new([Act::AllMarked]);
    let trouble = capture(&begin(&fake, 0), Duration::from_secs(1)).unwrap_err();
    assert!(matches!(trouble, Trouble::Damaged { pictures: 2.., .. }), "{trouble}");
}

#[test]
fn cancel_ends_a_wait_at_once() {
    let fake = Fake::new([Act::Silent]);
    let orders = begin(&fake, 0);
    let cancel = CancelSignal::new();
    let until = Until { deadline: Instant::now() + LONG, cancel: Some(cancel.clone()) };
    let waiting = std::thread::spawn(move || orders.capture(mode(), until));
    while fake.calls().is_empty() {
        std::thread::yield_now();
    }
    cancel.set();
    assert_eq!(waiting.join().unwrap(), Err(Trouble::Cancelled));
}

#[test]
fn a_camera_that_is_gone_is_told_to_the_client_and_at_the_next_status() {
    let gone = Trouble::Gone("/dev/video0".into());
    let fake = Fake::new([Act::Good, Act::Fails(gone.clone())]);
    let orders = begin(&fake, 3);
    assert_eq!(capture(&orders, LONG).unwrap_err(), gone);
    assert_eq!(orders.status().unwrap_err(), gone);
}

#[test]
fn a_camera_that_another_program_has_is_told_at_once_and_free_later() {
    let fake = Fake::new([]);
    fake.0.0.lock().unwrap().starts.push_back(Trouble::InUse("/dev/video0".into()));
    let orders = begin(&fake, 0);
    let trouble = capture(&orders, LONG).unwrap_err();
    assert!(matches!(trouble, Trouble::InUse(_)) && trouble.to_string().contains("fuser"), "{trouble}");
    assert_eq!(fake.calls(), ["start"]);
    orders.status().unwrap();
    capture(&orders, LONG).unwrap();
}

#[test]
fn a_camera_that_refuses_is_opened_anew_and_not_for_ever() {
    let fake = Fake::new([Act::Good, Act::Fails(refused())]);
    fake.0.0.lock().unwrap().starts.push_back(refused());
    let orders = begin(&fake, 2);
    capture(&orders, LONG).unwrap();
    assert_eq!(fake.calls(), ["start", "reopen", "start", "stop", "reopen", "start", "stop"]);

    let fake = Fake::new([]);
    fake.0.0.lock().unwrap().starts.extend([refused(), refused(), refused(), refused()]);
    assert_eq!(capture(&begin(&fake, 2), LONG).unwrap_err(), refused());
}

#[test]
fn the_thread_ends_when_nobody_gives_orders() {
    let fake = Fake::new([]);
    drop(begin(&fake, 0));
    let begun = Instant::now();
    while Arc::strong_count(&fake.0) > 1 {
        assert!(begun.elapsed() < LONG);
        std::thread::yield_now();
    }
}
