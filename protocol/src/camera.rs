//! Cameras: one picture on request, and a live picture stream for as long as somebody looks ([`crate::pictures`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::session::Empty;
use crate::ups::NoEvent;

/// The camera kind.
pub struct Camera;

impl DeviceKind for Camera {
    const KIND: Kind = Kind::Camera;
    type Request = CameraRequest;
    type Reply = CameraReply;
    type Event = NoEvent;
    type Status = CameraStatus;
    type Capabilities = CameraCapabilities;
}

/// What a camera may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum CameraRequest {
    /// Take one picture.
    #[serde(rename = "camera.capture")]
    Capture(CaptureRequest),
    /// Set focus, exposure, light.
    #[serde(rename = "camera.set_controls")]
    SetControls(CameraControls),
    /// Ask the device for its status now.
    #[serde(rename = "camera.status")]
    Status(Empty),
}

/// What a camera answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum CameraReply {
    /// To a capture.
    Capture(CapturedPicture),
    /// To a status request, and to new controls.
    Status(CameraStatus),
}

/// `camera.capture`: take one picture, as a JPEG blob; a camera that makes JPEG itself has it passed on byte for byte.
///
/// The picture is one that was taken after the command arrived, never an old one from a buffer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureRequest {
    /// The width, pixels; one of the sizes in the capabilities. Absent, with the height: the largest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 16_384))]
    pub width: Option<u32>,
    /// The height, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 16, max = 16_384))]
    pub height: Option<u32>,
}

/// The reply to `camera.capture`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CapturedPicture {
    /// The picture, `image/jpeg`.
    pub blob: BlobId,
    /// Its width, pixels.
    pub width: u32,
    /// Its height, pixels.
    pub height: u32,
    /// Its length, bytes.
    pub bytes: u64,
}

/// What can be set on a camera, each from 0 to 1000 of what the device can (so that a page need not know the maker's
/// numbers). Absent: left as it is. A control that the device does not have is refused with `unsupported`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CameraControls {
    /// The camera focuses by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub autofocus: Option<bool>,
    /// Focus, 0 (its lowest value) to 1000; switches the automatic off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1000))]
    pub focus: Option<u16>,
    /// The camera exposes by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_exposure: Option<bool>,
    /// Exposure time, 0 (shortest) to 1000 (longest); switches the automatic off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1000))]
    pub exposure: Option<u16>,
    /// Brightness, 0 to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1000))]
    pub brightness: Option<u16>,
    /// The camera's own light, 0 (off) to 1000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1000))]
    pub light: Option<u16>,
}

/// How a camera is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CameraStatus {
    /// It sends pictures at this moment, because somebody looks.
    pub streaming: bool,
    /// The controls as they are; those that the device does not have are absent.
    pub controls: CameraControls,
}

/// A size that a camera offers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CameraSize {
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// Most pictures a second at this size; absent where the device does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fps: Option<f32>,
    /// The device makes JPEG itself at this size: its bytes pass through unchanged.
    pub jpeg: bool,
}

/// What a camera can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CameraCapabilities {
    /// Its sizes, smallest first.
    pub sizes: Vec<CameraSize>,
    /// The size of its live pictures.
    pub preview: CameraSize,
}
