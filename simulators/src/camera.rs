//! A network camera: Motion JPEG over HTTP at `/stream`, single pictures at `/snapshot`, from a folder of JPEG files, a
//! video or a test picture that counts its frames (as the camera at a USB port has them). No TLS, no RTSP, no Digest login.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::device::{Active, Cable, Device, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;
use crate::people::{Before, FaceError, People};
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;
use crate::usb::camera::format::{Choice, Format, Size, ticks};
use crate::usb::camera::pictures::{PictureError, Pictures, Shows};

pub mod fault;
mod server;
#[cfg(test)]
mod tests;

use fault::{Fault, KNOBS};

/// The name in the control port's addresses.
pub const NAME: &str = "camera";
/// How long people hold still before they turn.
const SCENE: Duration = Duration::from_secs(2);

/// What a camera is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port on 127.0.0.1; 0: any.
    pub port: u16,
    /// What it sees.
    pub shows: Shows,
    /// The size of the pictures, pixels; files of another size are scaled.
    pub size: (u16, u16),
    /// Pictures a second.
    pub fps: u16,
    /// The people who may stand before it; the holder of the card does at first, whatever `shows` says.
    pub people: Option<People>,
    /// `user:password`, if one is wanted.
    pub login: Option<String>,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Why a camera does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No pictures.
    #[error("the camera has no pictures")]
    Pictures(#[from] PictureError),
    /// No people.
    #[error("nobody can stand before the camera")]
    People(#[from] FaceError),
    /// The port is taken.
    #[error("the camera cannot listen on port {port} of 127.0.0.1")]
    Listen {
        /// The port asked for.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
}

/// What can be set.
#[derive(Debug, Clone, Serialize)]
struct Settings {
    fps: u16,
    /// Parts tell their length.
    lengths: bool,
    boundary: String,
    /// The boundary stands in quotes where it is announced.
    quoted: bool,
    size: (u16, u16),
    /// Who stands before it, of those who may.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Before>,
}

/// An order to set some of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    fps: Option<u16>,
    lengths: Option<bool>,
    boundary: Option<String>,
    quoted: Option<bool>,
    size: Option<(u16, u16)>,
    before: Option<Before>,
}

#[derive(Debug)]
struct Inner {
    plug: Plug,
    exchanges: ExchangeLog,
    faults: watch::Sender<Active<Fault>>,
    settings: Mutex<Settings>,
    pictures: Mutex<(Pictures, u64)>,
    random: Mutex<Random>,
    people: Option<People>,
    login: Option<String>,
}

impl Inner {
    fn has(&self, is: impl Fn(&Fault) -> bool) -> bool {
        self.faults.borrow().any(is)
    }

    fn find<T>(&self, pick: impl FnMut(&Fault) -> Option<T>) -> Option<T> {
        self.faults.borrow().find(pick)
    }

    async fn until(&self, holds: impl FnMut(&Active<Fault>) -> bool) {
        // The sender lives in self, so this cannot fail.
        let _ = self.faults.subscribe().wait_for(holds).await.map(drop);
    }

    fn settings(&self) -> Settings {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The next picture; each request and each place in a stream has its own number.
    fn picture(&self) -> Vec<u8> {
        let Settings { size: (width, height), fps, .. } = self.settings();
        let choice = Choice { format: Format::Mjpeg, size: Size { width, height }, ticks: ticks(fps.max(1).into()) };
        let mut pictures = self.pictures.lock().unwrap_or_else(PoisonError::into_inner);
        pictures.1 += 1;
        let number = pictures.1;
        pictures.0.frame(number, choice)
    }
}

fn scenes(people: &People, before: Before) -> Result<Pictures, FaceError> {
    Ok(Pictures::scenes(people.before(before)?, SCENE))
}

/// A running camera; dropping it ends it.
#[derive(Debug)]
pub struct Camera {
    inner: Arc<Inner>,
    _serving: Serving,
}

impl Camera {
    /// Starts a camera; it listens when this returns.
    ///
    /// # Errors
    /// When there are no pictures or the port is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { port, shows, size, fps, people, login, seed } = options;
        let before = people.as_ref().map(|_| Before::default());
        let pictures = match &people {
            Some(people) => scenes(people, Before::default())?,
            None => Pictures::of(&shows)?,
        };
        let plug = Plug::bind(port).map_err(|source| StartError::Listen { port, source })?;
        let inner = Arc::new(Inner {
            plug,
            exchanges: ExchangeLog::default(),
            faults: watch::Sender::default(),
            settings: Mutex::new(Settings {
                fps,
                lengths: true,
                boundary: "frame".into(),
                quoted: false,
                size,
                before,
            }),
            pictures: Mutex::new((pictures, 0)),
            random: Mutex::new(Random::new(seed, NAME)),
            people,
            login,
        });
        let served = Arc::clone(&inner);
        let serving = inner.plug.serve(Clients::Many, move |wire| server::serve(Arc::clone(&served), wire));
        inner.plug.insert().await;
        Ok(Self { inner, _serving: serving })
    }
}

impl Device for Camera {
    fn name(&self) -> &str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.inner.plug
    }

    fn address(&self) -> String {
        format!("http://{}/stream", self.inner.plug.address())
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        let pictures = self.inner.pictures.lock().unwrap_or_else(PoisonError::into_inner).1;
        json!({ "faults": self.inner.faults.borrow().to_json(), "settings": self.inner.settings(), "pictures": pictures })
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault = read_fault(NAME, KNOBS, order)?;
        self.inner.faults.send_modify(|faults| faults.add(fault));
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.inner.faults.send_modify(|faults| faults.clear(fault));
    }

    fn set(&self, order: Value) -> Result<(), KnobError> {
        let order: Order = read_set(order)?;
        let wrong = |problem: &str| KnobError::BadOrder { order: "set".into(), problem: problem.into() };
        if order.fps.is_some_and(|fps| !(1..=120).contains(&fps)) {
            return Err(wrong("fps is 1 to 120"));
        }
        if order.size.is_some_and(|(width, height)| !(16..=4096).contains(&width) || !(16..=4096).contains(&height)) {
            return Err(wrong("size is [WIDTH, HEIGHT], each 16 to 4096"));
        }
        if order
            .boundary
            .as_ref()
            .is_some_and(|text| text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()))
        {
            return Err(wrong("boundary is made of visible ASCII"));
        }
        if let Some(before) = order.before {
            let people = self.inner.people.as_ref().ok_or_else(|| wrong("no people may stand before it (--faces)"))?;
            let scenes = scenes(people, before).map_err(|error| wrong(&error.to_string()))?;
            self.inner.pictures.lock().unwrap_or_else(PoisonError::into_inner).0 = scenes;
        }
        let mut settings = self.inner.settings.lock().unwrap_or_else(PoisonError::into_inner);
        settings.fps = order.fps.unwrap_or(settings.fps);
        settings.lengths = order.lengths.unwrap_or(settings.lengths);
        settings.quoted = order.quoted.unwrap_or(settings.quoted);
        settings.size = order.size.unwrap_or(settings.size);
        settings.before = order.before.or(settings.before);
        if let Some(boundary) = order.boundary {
            settings.boundary = boundary;
        }
        Ok(())
    }
}
