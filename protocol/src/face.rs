//! Comparing the face before a camera with the portrait on a card: one to one, never a search. Done by a worker process,
//! which the gateway supervises like a device; pictures and templates are in its memory only and gone with the session.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::blob::BlobId;
use crate::device::{DeviceKind, Kind};
use crate::ups::NoEvent;

/// The kind of the worker.
pub struct FaceMatcher;

impl DeviceKind for FaceMatcher {
    const KIND: Kind = Kind::FaceMatcher;
    type Request = FaceRequest;
    type Reply = FaceReply;
    type Event = NoEvent;
    type Status = FaceMatcherStatus;
    type Capabilities = FaceMatcherCapabilities;
}

/// What the worker may be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", content = "payload")]
pub enum FaceRequest {
    /// Look at one picture of the camera. From the gateway only.
    #[serde(rename = "face.look")]
    Look(LookRequest),
    /// Compare.
    #[serde(rename = "face.match")]
    Match(MatchFace),
}

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum FaceReply {
    /// To a look.
    Look(LookReport),
    /// To a match.
    Match(FaceMatch),
}

/// The name of a face that was captured, random, good in its session only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct CaptureId(pub String);

/// `face.capture`: choose the best picture of the one face before the camera, with guidance on the way. The picture stays
/// in the worker. Needs consent to `face_match`. The command's `device` names the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaptureFace {}

/// `face.live`: ask the person for movements that a picture cannot make, and see that it is the person who was captured.
/// Which movements, and in which order, the gateway chooses by chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProveLive {
    /// The face, from `face.capture`.
    pub capture: CaptureId,
}

/// `face.match`: is it the same person on the portrait as before the camera?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchFace {
    /// The face, from `face.capture`.
    pub capture: CaptureId,
    /// The portrait, a JPEG or PNG blob of this session, as from `identity.read`.
    pub portrait: BlobId,
}

/// What to tell the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Guidance {
    /// The camera shows nothing at the moment.
    NoPicture,
    /// There is nobody.
    NoFace,
    /// There is more than one.
    SeveralFaces,
    /// Come closer.
    Closer,
    /// Step back.
    Farther,
    /// Move to the middle of the picture.
    ToMiddle,
    /// Look into the camera.
    LookHere,
    /// Hold the head upright.
    HeadUpright,
    /// There is too little light.
    TooDark,
    /// There is too much light.
    TooBright,
    /// Hold still: the picture is not sharp.
    HoldStill,
    /// Uncover the face: mouth, nose and eyes must be seen.
    Uncover,
    /// Open the eyes. Whose eyes are narrow is captured all the same, after a while.
    OpenEyes,
    /// Turn the head to the own left.
    TurnLeft,
    /// Turn the head to the own right.
    TurnRight,
    /// All is well: stay like that.
    Stay,
}

/// Where the face is, as parts of the picture's width and height, from its top left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaceBox {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
}

/// `face.guidance`: what to tell the person now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaceGuidance {
    /// What to tell.
    pub guidance: Guidance,
    /// Where the face is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub face: Option<FaceBox>,
    /// How far it is, 0 to 1.
    pub progress: f32,
}

/// How good a picture of a face is, in the terms of ISO/IEC 29794-5.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaceQuality {
    /// From eye to eye, pixels.
    pub inter_eye_px: f32,
    /// The head turned to its own left (positive) or right, degrees, as the landmarks let one guess.
    pub yaw_deg: f32,
    /// The head raised (positive) or lowered, degrees, as the landmarks let one guess.
    pub pitch_deg: f32,
    /// The head tilted to its own left (positive) or right shoulder, degrees.
    pub roll_deg: f32,
    /// Sharpness of the face, 0 to 1.
    pub sharpness: f32,
    /// Mean brightness of the face, 0 (black) to 1 (white).
    pub brightness: f32,
    /// Spread of the brightness of the face, 0 to 1.
    pub contrast: f32,
    /// How sure the detector is that it sees a whole face, 0 to 1; less where it is covered.
    pub visibility: f32,
    /// How far the eyes are open, 0 (shut) to 1; narrow ones count as half shut. Absent if nobody looked at them: the picture
    /// was not good enough before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eyes_open: Option<f32>,
}

/// The reply to `face.capture`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapturedFace {
    /// Its name, for `face.live` and `face.match`.
    pub capture: CaptureId,
    /// How good the chosen picture is.
    pub quality: FaceQuality,
    /// What speaks against a living face.
    pub doubts: Vec<Doubt>,
}

/// What speaks against a living face in a picture. That nothing does proves nothing: ask for `face.live`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The face has the fine regular pattern of a print or a screen.
    Pattern,
}

/// The reply to `face.live`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LiveReport {
    /// All movements were made, by the person who was captured.
    pub live: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<NotLive>,
}

/// Why a person was not proven to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotLive {
    /// The movements were not made in time.
    NotMoved,
    /// The face was lost, or another came into its place.
    FaceChanged,
}

/// What a match comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// The same person.
    Match,
    /// Perhaps: an officer looks.
    Review,
    /// Not the same person, as far as this can tell: an officer looks.
    NoMatch,
}

/// How near the two faces are. The score itself is not told: it would help to come nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScoreBand {
    /// Far above what is accepted.
    Clear,
    /// Above what is accepted.
    Near,
    /// Between what is accepted and what is refused.
    Between,
    /// Below.
    Far,
}

/// The reply to `face.match`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FaceMatch {
    /// What it comes to.
    pub decision: Decision,
    /// How near the faces are.
    pub band: ScoreBand,
    /// `face.live` has proven for this capture that a person stood there.
    pub live: bool,
    /// Which thresholds it was judged by: version and hash.
    pub thresholds: String,
    /// Which models compared them: names and hashes.
    pub models: String,
    /// How good the portrait is.
    pub portrait_quality: FaceQuality,
}

/// What a look is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LookFor {
    /// A good picture.
    Capture,
    /// The head turned to its own left.
    TurnLeft,
    /// The head turned to its own right.
    TurnRight,
    /// The captured person, looking into the camera again.
    Return,
}

/// `face.look`: look at one picture of the camera. From the gateway to its worker; pages cannot send it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookRequest {
    /// Which capture; begins with the first look for it.
    pub capture: CaptureId,
    /// The picture.
    pub frame: BlobId,
    /// What for.
    pub look_for: LookFor,
}

/// The reply to `face.look`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LookReport {
    /// What to tell the person.
    pub guidance: FaceGuidance,
    /// What was looked for is there.
    pub done: bool,
    /// It cannot come any more: the face was lost, or another came into its place.
    pub lost: bool,
    /// Of a capture that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<FaceQuality>,
    /// Of a capture that is done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<Doubt>,
}

/// What the worker can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaceMatcherCapabilities {
    /// The models: names and hashes.
    pub models: String,
    /// The thresholds: version and hash.
    pub thresholds: String,
}

/// How the worker is locked in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FaceMatcherStatus {
    /// What its sandbox denies, for example `landlock` and `seccomp`.
    pub sandbox: Vec<String>,
}
