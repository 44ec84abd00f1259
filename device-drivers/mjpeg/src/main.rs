//! Network cameras that send Motion JPEG over HTTP (`multipart/x-mixed-replace`), at `http://HOST[:PORT]/PATH`.
//!
//! One thread speaks with the camera ([`viewer`]); the driver's working thread gives it orders. It is connected only
//! while somebody looks or wants a picture; in between it is looked whether the camera is there. Pictures go on byte for
//! byte.
//!
//! What is not here: finding cameras on the network, moving them, and encrypted connections.

mod config;
mod http;
mod multipart;
mod place;
mod trouble;
mod viewer;

use std::process::ExitCode;
use std::time::Duration;

use config::Config;
use http::{Came, Source};
use kiosk_driver_sdk::protocol::camera::{
    Camera, CameraCapabilities, CameraReply, CameraRequest, CameraSize, CameraStatus, CaptureRequest, CapturedPicture,
};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened, Pictures};
use place::Place;
use tokio::runtime::Builder;
use tokio::task::LocalSet;
use tokio::time::timeout;
use trouble::Trouble;
use viewer::{Habits, Orders, Viewer};

/// How long opening may take; the gateway allows 10 s.
const OPEN_WITHIN: Duration = Duration::from_secs(8);

type Size = (u32, u32);

struct Mjpeg {
    orders: Orders,
    stream: Size,
    snapshot: Option<Size>,
    poll: Duration,
}

impl Driver for Mjpeg {
    type Kind = Camera;
    type Config = Config;
    const NAME: &'static str = "mjpeg";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        config.check()?;
        address.expect_scheme(&["http"])?;
        let authorization = config.authorization()?;
        let source =
            |what, url: &str| Place::of(what, url).map(|place| Source { place, authorization: authorization.clone() });
        let stream = source("address", &address.text)?;
        let snapshot = config.snapshot.as_deref().map(|url| source("config.snapshot", url)).transpose()?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| OpenError::Fault(format!("cannot wait for the network: {error}")))?;
        let looked = runtime.block_on(async {
            timeout(OPEN_WITHIN, first_look(&stream, snapshot.as_ref()))
                .await
                .unwrap_or(Err(Trouble::Silent(OPEN_WITHIN)))
        });
        let (stream_size, snapshot_size) = looked.map_err(|trouble| trouble.open_error())?;
        let model = Some(format!("network camera at {}", stream.place.authority));
        let (orders, receiver, woken) = Orders::new();
        let habits = Habits { stall: config.stall(), fps: config.fps };
        let work = move || {
            let viewer = Viewer::new(stream, snapshot, habits, receiver, woken);
            LocalSet::new().block_on(&runtime, viewer.run());
        };
        std::thread::Builder::new().name("camera".into()).spawn(work).expect("a process can have two threads");
        let mut sizes: Vec<Size> = [Some(stream_size), snapshot_size].into_iter().flatten().collect();
        sizes.sort_by_key(|(width, height)| u64::from(*width) * u64::from(*height));
        sizes.dedup();
        Ok(Opened {
            identity: Identity { model, ..Identity::default() },
            capabilities: CameraCapabilities {
                sizes: sizes.into_iter().map(told).collect(),
                preview: told(stream_size),
            },
            status: CameraStatus {
                streaming: false,
                controls: kiosk_driver_sdk::protocol::camera::CameraControls::default(),
            },
            driver: Self { orders, stream: stream_size, snapshot: snapshot_size, poll: config.poll() },
        })
    }

    fn handle(&mut self, request: CameraRequest, cx: &mut Cx<Camera>) -> Result<CameraReply, Failure> {
        match request {
            CameraRequest::Capture(request) => self.capture(request, cx).map(CameraReply::Capture),
            CameraRequest::SetControls(_) => {
                Err(Trouble::Unsupported("a network camera has no controls here; set it on its own web page".into()))
            }
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

impl Mjpeg {
    fn capture(&self, request: CaptureRequest, cx: &mut Cx<Camera>) -> Result<CapturedPicture, Trouble> {
        let wanted = match (request.width, request.height) {
            (Some(width), Some(height)) => Some((width, height)),
            (None, None) => None,
            (Some(_), None) => return Err(half("payload.height")),
            (None, Some(_)) => return Err(half("payload.width")),
        };
        let area = |(width, height): Size| u64::from(width) * u64::from(height);
        let single = self.snapshot.filter(|size| match wanted {
            Some(wanted) => *size == wanted,
            None => area(*size) >= area(self.stream),
        });
        let picture = if single.is_some() {
            self.orders.snapshot(wanted, cx.until())?
        } else if wanted.is_none_or(|wanted| wanted == self.stream) {
            self.orders.capture(wanted, cx.until())?
        } else {
            return Err(self.no_such_size(wanted.unwrap_or(self.stream)));
        };
        // It was whole when it came.
        let bytes = kiosk_jpeg::check(&picture.bytes).map(|picture| picture.complete());
        let bytes = bytes.map_err(|error| Trouble::Damaged { dropped: 1, last: error.to_string() })?;
        let mut blob = cx.blob("image/jpeg");
        blob.write(&bytes);
        let id = blob.id();
        Ok(CapturedPicture { blob: id, width: picture.width, height: picture.height, bytes: blob.finish() })
    }

    fn no_such_size(&self, (width, height): Size) -> Trouble {
        let sizes: Vec<String> =
            [Some(self.stream), self.snapshot].into_iter().flatten().map(|(w, h)| format!("{w}x{h}")).collect();
        Trouble::Unsupported(format!("the camera has no pictures of {width}x{height}; it has {}", sizes.join(", ")))
    }
}

fn half(field: &'static str) -> Trouble {
    Trouble::Invalid { field, problem: "a size is width and height: say both or none".into() }
}

fn told((width, height): Size) -> CameraSize {
    CameraSize { width, height, fps: None, jpeg: true }
}

/// One picture of each source, which tells that they are what they should be, and how large.
async fn first_look(stream: &Source, snapshot: Option<&Source>) -> Result<(Size, Option<Size>), Trouble> {
    let mut pictures = stream.stream().await?;
    let mut dropped = 0;
    let size = loop {
        match pictures.next().await? {
            Came::Newest(newest) => break (newest.picture.width, newest.picture.height),
            Came::Damaged(last) => {
                dropped += 1;
                if dropped >= 10 {
                    return Err(Trouble::Damaged { dropped, last });
                }
            }
        }
    };
    drop(pictures);
    let single = match snapshot {
        Some(snapshot) => Some(snapshot.snapshot().await?),
        None => None,
    };
    Ok((size, single.map(|picture| (picture.width, picture.height))))
}

fn main() -> ExitCode {
    kiosk_driver_sdk::serve::<Mjpeg>()
}
