//! Cameras that the kernel knows, at `video:/dev/video0` (or a link to such a node) or `usb:046d:0825?serial=…`.
//!
//! One thread owns the camera ([`eye`]); the driver's working thread gives it orders. The camera takes pictures only
//! while somebody looks at them or wants one. Its own JPEG goes on byte for byte, raw pictures are packed once.
//!
//! What is not here: finding out which camera is meant for what (the configuration says it), and what is in the pictures.

mod camera;
mod config;
mod controls;
mod eye;
mod ffi;
mod mode;
mod node;
mod picture;
mod place;
mod stream;
mod trouble;

use std::process::ExitCode;
use std::time::Duration;

use camera::{Camera, Device, Wake};
use config::Config;
use eye::{Eye, Habits, Orders};
use kiosk_driver_sdk::protocol::camera::{
    Camera as CameraKind, CameraCapabilities, CameraReply, CameraRequest, CameraStatus, CaptureRequest, CapturedPicture,
};
use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened, Pictures};
use mode::Offers;
use node::Node;
use place::Place;
use trouble::Trouble;

struct V4l {
    orders: Orders,
    offers: Offers,
    poll: Duration,
}

impl Driver for V4l {
    type Kind = CameraKind;
    type Config = Config;
    const NAME: &'static str = "v4l";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        config.check()?;
        let place = Place::of(address)?;
        opened(place, &config).map_err(|trouble| trouble.open_error())
    }

    fn handle(&mut self, request: CameraRequest, cx: &mut Cx<CameraKind>) -> Result<CameraReply, Failure> {
        match request {
            CameraRequest::Capture(request) => self.capture(request, cx).map(CameraReply::Capture),
            CameraRequest::SetControls(wanted) => self.orders.set_controls(wanted).map(CameraReply::Status),
            CameraRequest::Status(_) => self.orders.status().map(CameraReply::Status),
        }
        .map_err(|trouble| trouble.failure())
    }

    fn idle(&mut self) -> Result<CameraStatus, Failure> {
        self.orders.status().map_err(|trouble| trouble.failure())
    }

    fn pictures(&mut self, pictures: Pictures) {
        self.orders.clone().show(pictures);
    }

    fn idle_every(&self) -> Duration {
        self.poll
    }
}

impl V4l {
    fn capture(&self, request: CaptureRequest, cx: &mut Cx<CameraKind>) -> Result<CapturedPicture, Trouble> {
        let mode = self.offers.capture(request.width, request.height)?;
        let shot = self.orders.capture(mode, cx.until())?;
        let mut blob = cx.blob("image/jpeg");
        blob.write(&shot.jpeg);
        let id = blob.id();
        Ok(CapturedPicture { blob: id, width: shot.width, height: shot.height, bytes: blob.finish() })
    }
}

/// Finds the camera, asks what it offers, and gives it to its thread.
fn opened(place: Place, config: &Config) -> Result<Opened<V4l>, Trouble> {
    let node = Node::open_one(&place.nodes()?)?;
    let offers = Offers::new(node.offers()?, config.format)?;
    let preview = offers.preview(config.preview, config.fps)?;
    let identity = Place::identity(node.path(), node.card().to_owned());
    let wake = Wake::new().map_err(|error| node.trouble(error, "a way to be woken"))?;
    let mut device = Device::new(place, node, wake.clone());
    if let Some(controls) = &config.controls {
        device.set_controls(controls).map_err(|trouble| match trouble {
            Trouble::Unsupported(why) => Trouble::Config(format!("config.controls: {why}")),
            Trouble::Invalid { field, problem } => Trouble::Config(format!("config.controls ({field}): {problem}")),
            other => other,
        })?;
    }
    let status = CameraStatus { streaming: false, controls: device.controls()? };
    let habits = Habits {
        preview,
        fps: config.fps,
        settle_frames: config.settle_frames,
        quality: config.quality,
        stall: config.stall(),
    };
    let (orders, receiver) = Orders::new(wake.clone());
    let eye = Eye::new(device, habits, receiver, wake);
    std::thread::Builder::new().name("camera".into()).spawn(|| eye.run()).expect("a process can have two threads");
    let capabilities = CameraCapabilities { sizes: offers.sizes(), preview: preview.told() };
    Ok(Opened { driver: V4l { orders, offers, poll: config.poll() }, identity, capabilities, status })
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<V4l>()
}
