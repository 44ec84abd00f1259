//! A webcam ("USB Device Class Definition for Video Devices", revision 1.0) that sends MJPEG and YUYV over a bulk endpoint,
//! from pictures of a folder, a video or a test picture that counts its frames. The kernel's `uvcvideo` makes a
//! `/dev/video*` of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};

use super::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use super::device::{Controlled, UsbDevice};
use super::hub::HubError;
use super::io::Io;
use super::setup::{Answer, Kind, Setup};
use super::{Event, Options, UsbFunction};
use crate::device::{Active, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;

pub mod controls;
pub mod descriptors;
pub mod fault;
pub mod format;
pub mod pictures;
pub mod probe;
#[cfg(test)]
mod tests;
pub mod video;

use controls::Controls;
use descriptors::{CONTROL_INTERFACE, IN, STREAMING_INTERFACE};
use fault::{Fault, KNOBS};
use format::{Choice, Format};
use pictures::{PictureError, Pictures, Shows};
use probe::Negotiation;

/// Kind of the device, and its name unless it gets another.
pub const NAME: &str = "camera";
/// The ids of a Logitech C270.
const ID: (u16, u16) = (0x046d, 0x0825);
/// Bytes of a payload with its header. The kernel splits bulk transfers into requests of 32 packets: one each.
pub const PAYLOAD_MAX: usize = 16_384;
/// Bits of a payload's header (UVC 1.0, section 2.4.3.3): which frame, its end, an error, end of the header.
const FRAME_ID: u8 = 0x01;
const END_OF_FRAME: u8 = 0x02;
const ERROR: u8 = 0x40;
const END_OF_HEADER: u8 = 0x80;
/// A frame that is later than this is not made up for.
const LATE_MAX: Duration = Duration::from_millis(50);

/// Why a camera does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No pictures.
    #[error("the camera has no pictures")]
    Pictures(#[from] PictureError),
    /// No USB.
    #[error("the camera cannot be plugged in")]
    Usb(#[from] HubError),
}

/// The camera.
#[derive(Debug)]
pub struct Function {
    identity: Identity,
    exchanges: Arc<ExchangeLog>,
    faults: Active<Fault>,
    controls: Controls,
    negotiation: Negotiation,
    pictures: Pictures,
    streaming: Option<Streaming>,
    /// Frames made since the start, sent or not.
    frame: u64,
    sent: u64,
    skipped: u64,
}

/// A stream that runs.
#[derive(Debug)]
struct Streaming {
    choice: Choice,
    next: Instant,
    frame_id: u8,
}

/// Plugs a camera in that sees this.
///
/// # Errors
/// When there are no pictures or the hub does not take it.
pub fn start(options: Options, shows: &Shows) -> Result<UsbDevice<Function>, StartError> {
    let exchanges = Arc::<ExchangeLog>::default();
    let pictures = Pictures::of(shows)?;
    let function = Function {
        identity: options.identity(ID, 0x0100, "Logitech", "HD Webcam C270"),
        exchanges: Arc::clone(&exchanges),
        faults: Active::default(),
        controls: Controls::default(),
        negotiation: Negotiation::default(),
        pictures,
        streaming: None,
        frame: 0,
        sent: 0,
        skipped: 0,
    };
    Ok(UsbDevice::plug(function, Speed::High, options, exchanges)?)
}

impl Function {
    fn begin(&mut self, choice: Choice, io: &mut Io) {
        self.exchanges.event(format!("streaming {choice}"));
        io.forget(IN);
        self.streaming = Some(Streaming { choice, next: Instant::now(), frame_id: 0 });
    }

    fn end(&mut self, io: &mut Io) {
        if self.streaming.take().is_some() {
            self.exchanges.event(format!("streaming ended after {} frames", self.sent));
            io.forget(IN);
        }
    }

    /// The next frame's bytes, with what the faults make of them.
    fn picture(&mut self, choice: Choice) -> Vec<u8> {
        let mut choice = choice;
        if self.faults.any(|fault| matches!(fault, Fault::WrongSize {})) {
            choice.size = format::other_size(choice.size);
        }
        let mut bytes = self.pictures.frame(self.frame, choice);
        let half = bytes.len() / 2;
        if self.faults.any(|fault| matches!(fault, Fault::ShortFrame {})) {
            bytes.truncate(half);
        }
        if choice.format == Format::Mjpeg && self.faults.any(|fault| matches!(fault, Fault::BadJpeg {})) {
            // Markers in the middle of the data that no decoder expects.
            bytes[half..].fill(0xff);
        }
        bytes
    }

    fn send_frame(&mut self, choice: Choice, frame_id: u8, io: &mut Io) {
        let picture = self.picture(choice);
        let error = if self.faults.any(|fault| matches!(fault, Fault::ErrorBit {})) { ERROR } else { 0 };
        let header = self.faults.find(|fault| match fault {
            Fault::BadHeader { length } => Some(*length),
            _ => None,
        });
        let endless = self.faults.any(|fault| matches!(fault, Fault::NoEnd {} | Fault::Endless {}));
        let mut pieces = picture.chunks(PAYLOAD_MAX - 2).peekable();
        while let Some(piece) = pieces.next() {
            let end = if pieces.peek().is_none() && !endless { END_OF_FRAME } else { 0 };
            let mut payload = vec![header.unwrap_or(2), END_OF_HEADER | error | end | frame_id];
            payload.extend(piece);
            io.send(IN, payload);
        }
        self.sent += 1;
    }
}

impl UsbFunction for Function {
    fn model(&self) -> Model {
        let control = Interface {
            class: Class(0x0e, 1, 0),
            association: Some((2, Class(0x0e, 3, 0))),
            extra: descriptors::control(),
            endpoints: Vec::new(),
        };
        let streaming = Interface {
            class: Class(0x0e, 2, 0),
            association: None,
            extra: descriptors::streaming(),
            endpoints: vec![Endpoint::bulk(IN)],
        };
        let (identity, interfaces) = (self.identity.clone(), vec![control, streaming]);
        Model { identity, class: Class::ASSOCIATED, interfaces, strings: Vec::new() }
    }

    fn control(&mut self, setup: &Setup, data: &[u8], io: &mut Io) -> Answer {
        match (setup.kind(), setup.index_low()) {
            (Kind::Class, CONTROL_INTERFACE) => self.controls.request(setup, data),
            (Kind::Class, STREAMING_INTERFACE) => {
                let answer = self.negotiation.request(setup, data);
                if let Some(choice) = self.negotiation.take_committed() {
                    self.begin(choice, io);
                }
                answer
            }
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], _io: &mut Io) -> usize {
        bytes.len()
    }

    fn event(&mut self, event: Event, io: &mut Io) {
        match event {
            // A stream over a bulk endpoint ends so: there is no alternate setting to go back to.
            Event::HaltCleared(IN) | Event::Interface(STREAMING_INTERFACE) | Event::Unplugged => self.end(io),
            _ => {}
        }
    }

    fn due(&mut self, now: Instant, io: &mut Io) -> Option<Instant> {
        let streaming = self.streaming.as_mut()?;
        if now < streaming.next {
            return Some(streaming.next);
        }
        let (choice, interval) = (streaming.choice, streaming.choice.interval());
        streaming.next = (streaming.next + interval).max(now.checked_sub(LATE_MAX).unwrap_or(now));
        let next = streaming.next;
        if self.faults.any(|fault| matches!(fault, Fault::Freeze {})) {
            return Some(next);
        }
        if !self.faults.any(|fault| matches!(fault, Fault::SamePicture {})) {
            self.frame += 1;
        }
        // The host still takes the last one: this one is lost, as in a camera with memory for one.
        if io.queued(IN) > 0 {
            self.skipped += 1;
            return Some(next);
        }
        if !self.faults.any(|fault| matches!(fault, Fault::Endless {})) {
            streaming.frame_id ^= FRAME_ID;
        }
        let frame_id = streaming.frame_id;
        self.send_frame(choice, frame_id, io);
        Some(next)
    }
}

/// What can be set on a camera.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// A folder of JPEG pictures, one after the other.
    folder: Option<PathBuf>,
    /// One JPEG picture.
    picture: Option<PathBuf>,
    /// A Motion JPEG file.
    video: Option<PathBuf>,
    /// Milliseconds that each picture of a folder or video stays.
    hold_ms: Option<u64>,
}

impl Controlled for Function {
    const KNOBS: &'static [Knob] = KNOBS;

    fn state(&self) -> Value {
        json!({
            "faults": self.faults.to_json(), "streaming": self.streaming.as_ref().map(|stream| stream.choice.to_string()),
            "frames_sent": self.sent, "frames_skipped": self.skipped, "pictures": self.pictures.names(),
            "controls": self.controls.to_json(),
        })
    }

    fn fault(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        self.faults.add(read_fault(NAME, KNOBS, order)?);
        Ok(())
    }

    fn clear(&mut self, fault: Option<&str>, _io: &mut Io) {
        self.faults.clear(fault);
    }

    fn set(&mut self, order: Value, _io: &mut Io) -> Result<(), KnobError> {
        let Settings { folder, picture, video, hold_ms } = read_set(order)?;
        let bad = |error: PictureError| KnobError::BadOrder {
            order: "set".into(),
            problem: format!("{:#}", anyhow::Error::from(error)),
        };
        if let Some(folder) = folder {
            self.pictures = Pictures::folder(&folder).map_err(bad)?;
        }
        if let Some(picture) = picture {
            self.pictures = Pictures::file(&picture).map_err(bad)?;
        }
        if let Some(video) = video {
            self.pictures = Pictures::video(&video, video::FPS).map_err(bad)?;
        }
        if let Some(hold) = hold_ms {
            self.pictures.hold = Duration::from_millis(hold);
        }
        Ok(())
    }
}
