//! The worker as the gateway sees it: a child of kind `face_matcher` that answers `face.look` and `face.match`.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::face::{
    CaptureId, FaceGuidance, FaceMatch, FaceMatcher, FaceMatcherCapabilities, FaceMatcherStatus, FaceReply,
    FaceRequest, Guidance, LookFor, LookReport, LookRequest, MatchFace,
};
use kiosk_driver_sdk::{Address, Cx, Driver, OpenError, Opened};
use kiosk_gateway::pipeline::faces::capture::Capture;
use kiosk_gateway::pipeline::faces::thresholds::Thresholds;
use kiosk_gateway::pipeline::faces::{FaceError, Faces};
use kiosk_gateway::pipeline::models::MODEL_FOLDER;
use kiosk_gateway::pipeline::page::{CapturedPage, Limits};
use kiosk_gateway::pipeline::{WORKER_MEMORY_MIB, worker_limits};
use serde::Deserialize;

/// Most captures that are kept; the oldest goes first.
const CAPTURES_MAX: usize = 4;
/// Threads of the networks: a kiosk has few cores, and its browser needs one.
pub(crate) const THREADS: usize = 2;
/// The largest picture of a face.
pub(crate) const PICTURE: Limits = Limits { width_px: 8_192, height_px: 8_192, pixels: 24_000_000 };

/// `[faces]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The folder of the models.
    #[serde(default = "model_folder")]
    models: PathBuf,
    /// Thresholds in the place of the built-in ones.
    thresholds: Option<PathBuf>,
    /// Their hash.
    thresholds_sha256: Option<String>,
}

fn model_folder() -> PathBuf {
    MODEL_FOLDER.into()
}

/// Holds the loaded models, and what it has seen in this session.
pub(crate) struct FaceWorker {
    faces: Faces,
    captures: VecDeque<(CaptureId, Capture)>,
    sandbox: Vec<String>,
}

impl Driver for FaceWorker {
    type Kind = FaceMatcher;
    type Config = Config;
    const NAME: &'static str = "kiosk-face-worker";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// Loads the models, then locks the process in. Takes an address like `worker:faces`.
    fn open(address: &Address, config: Config) -> Result<Opened<Self>, OpenError> {
        address.expect_scheme(&["worker"])?;
        // A missing or wrong file does not come right by trying again.
        let bad = |error: anyhow::Error| OpenError::BadConfig(format!("{error:#}"));
        let thresholds = match (&config.thresholds, &config.thresholds_sha256) {
            (None, None) => Thresholds::built_in(),
            (Some(path), Some(hash)) => Thresholds::load(path, hash).map_err(|error| bad(error.into()))?,
            _ => return Err(OpenError::BadConfig("[faces] wants both thresholds and thresholds_sha256".into())),
        };
        let faces = Faces::load(&config.models, thresholds, THREADS).map_err(|error| bad(error.into()))?;
        let sandbox = kiosk_sandbox::lock_in(kiosk_sandbox::Layers::All, worker_limits(WORKER_MEMORY_MIB))
            .map_err(|error| bad(error.into()))?;
        let (models, thresholds) = (Faces::models(), faces.thresholds().name());
        tracing::info!(sandbox = sandbox.join(", "), models, thresholds, "locked in and ready to look");
        let identity = Identity { model: Some("face matcher".into()), ..Identity::default() };
        let capabilities = FaceMatcherCapabilities { models, thresholds };
        let status = FaceMatcherStatus { sandbox: sandbox.clone() };
        let driver = Self { faces, captures: VecDeque::new(), sandbox };
        Ok(Opened { driver, identity, capabilities, status })
    }

    fn handle(&mut self, request: FaceRequest, cx: &mut Cx<FaceMatcher>) -> Result<FaceReply, Failure> {
        match request {
            FaceRequest::Look(request) => self.look(&request, cx).map(FaceReply::Look),
            FaceRequest::Match(request) => self.compare(&request, cx).map(FaceReply::Match),
        }
    }

    fn idle(&mut self) -> Result<FaceMatcherStatus, Failure> {
        Ok(FaceMatcherStatus { sandbox: self.sandbox.clone() })
    }

    fn idle_every(&self) -> Duration {
        Duration::from_secs(60)
    }
}

impl FaceWorker {
    fn look(&mut self, request: &LookRequest, cx: &Cx<FaceMatcher>) -> Result<LookReport, Failure> {
        // Cameras send a damaged picture now and then.
        let Ok(picture) = CapturedPage::decode(cx.attachment(&request.frame)?, PICTURE) else {
            let guidance = FaceGuidance { guidance: Guidance::NoPicture, face: None, progress: 0.0 };
            return Ok(LookReport { guidance, done: false, lost: false, quality: None, doubts: Vec::new() });
        };
        let known = self.captures.iter().find(|(id, _)| *id == request.capture);
        if request.look_for != LookFor::Capture && known.is_none_or(|(_, capture)| capture.template().is_none()) {
            return Err(not_captured());
        }
        if known.is_none() {
            if self.captures.len() >= CAPTURES_MAX {
                self.captures.pop_front();
            }
            self.captures.push_back((request.capture.clone(), Capture::default()));
        }
        let capture = self.captures.iter_mut().find(|(id, _)| *id == request.capture);
        let (_, capture) = capture.expect("it was put there");
        capture.look(&self.faces, &picture, request.look_for).map_err(failed)
    }

    fn compare(&self, request: &MatchFace, cx: &Cx<FaceMatcher>) -> Result<FaceMatch, Failure> {
        let captured = self.captures.iter().find(|(id, _)| *id == request.capture).map(|(_, capture)| capture);
        let Some((capture, template)) = captured.and_then(|capture| Some((capture, capture.template()?))) else {
            return Err(not_captured());
        };
        let unreadable = |why: String| Failure::new(ErrorCode::Unreadable, format!("the portrait: {why}"));
        let portrait = CapturedPage::decode(cx.attachment(&request.portrait)?, PICTURE)
            .map_err(|error| unreadable(error.to_string()))?;
        let found = self.faces.find(&portrait).map_err(failed)?;
        let face = *found.first().ok_or_else(|| unreadable("there is no face on it".into()))?;
        let mut seen = self.faces.see(&portrait, face).map_err(failed)?;
        self.faces.see_eyes(&portrait, &mut seen).map_err(failed)?;
        let other = self.faces.template(&seen).map_err(failed)?;
        let thresholds = self.faces.thresholds();
        let (decision, band) = thresholds.judge(template.nearness(&other));
        Ok(FaceMatch {
            decision,
            band,
            live: capture.is_live(),
            thresholds: thresholds.name(),
            models: Faces::models(),
            portrait_quality: seen.quality,
        })
    }
}

fn not_captured() -> Failure {
    let detail = "no face of this name was captured in this session, or it was lost since; use face.capture first";
    Failure { field: Some("payload.capture".into()), ..Failure::new(ErrorCode::NotFound, detail) }
}

fn failed(error: FaceError) -> Failure {
    Failure::new(ErrorCode::DeviceFault, format!("{:#}", anyhow::Error::from(error)))
}
