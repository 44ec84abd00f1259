//! `face.capture` and `face.live`: shows the camera's live pictures to the worker that looks at faces, one at a time and
//! always the newest, and tells the client what the person should do. The pictures never leave this machine's two
//! processes; a client that wants to show them looks at the camera by `pictures.start`.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::calls::{Call, LOOK};
use kiosk_protocol::device::{DeviceId, DeviceState, Kind};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::face::{
    CaptureId, CapturedFace, FaceGuidance, Guidance, LiveReport, LookFor, LookReport, LookRequest, NotLive, ProveLive,
};
use kiosk_protocol::message::{self, ServerMessage};
use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use super::follow::Work;
use super::{Hub, Session, lock, random_hex};
use crate::supervisor::{Attached, Job, Live, Picture, Progress, Ticket, View};

/// The worker has this long for one picture.
const LOOKED_WITHIN: Duration = Duration::from_secs(5);
/// A camera that sends nothing for so long: the person is told that there is no picture.
const PICTURE_WITHIN: Duration = Duration::from_secs(2);
/// Captures whose names a session keeps; the worker keeps fewer.
const CAPTURES_MAX: usize = 16;
/// The name of the picture among a look's attachments.
const FRAME: &str = "frame";

/// The camera and the worker of a command.
struct Looking {
    work: Work,
    camera: DeviceId,
    live: Live,
    worker: DeviceId,
}

/// Why looking ended without what was looked for.
enum Ended {
    Failed(Failure),
    OutOfTime,
    /// Out of time, and the last that was told is that there is no picture.
    NoPicture,
    Lost,
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Hub {
    /// Begins `face.capture` or `face.live`.
    pub(super) fn look_at_face(&self, work: Work, camera: Option<&DeviceId>, payload: &str) -> Result<(), Failure> {
        let camera = self.0.devices.find(camera, Some(Kind::Camera))?;
        self.check_lease(&camera, &work.session)?;
        let worker = self.0.devices.find(None, Some(Kind::FaceMatcher))?;
        let live = self.0.devices.live(&camera);
        let of = match work.call.name {
            "face.capture" => None,
            _ => {
                let request: ProveLive = message::read(payload)
                    .map_err(|error| Failure::invalid(format!("payload.{}", error.field), error.problem))?;
                Some(request.capture)
            }
        };
        work.enlist();
        // What it saw is gone with the session.
        self.renew_at_end(&work.session, worker.clone());
        work.session.push(|seq| super::commands::acknowledge(seq, work.id, 0));
        let looking = Looking { work, camera, live, worker };
        tokio::spawn(async move {
            let result = match of {
                None => looking.capture().await,
                Some(capture) => looking.prove_live(capture).await,
            };
            looking.work.complete(result);
        });
        Ok(())
    }
}

impl Session {
    fn remember_capture(&self, capture: &CaptureId) {
        let mut captures = lock(&self.captures);
        captures.push_back(capture.clone());
        if captures.len() > CAPTURES_MAX {
            captures.pop_front();
        }
    }

    /// Refuses a call with a face that was captured in another session.
    pub(super) fn check_capture(&self, call: &Call, payload: &str) -> Result<(), Failure> {
        #[derive(serde::Deserialize)]
        struct Of {
            #[serde(default)]
            capture: Option<CaptureId>,
        }
        if call.consent.is_none() {
            return Ok(());
        }
        match serde_json::from_str(payload) {
            Ok(Of { capture: Some(capture) }) if !lock(&self.captures).contains(&capture) => {
                let detail = "no face of this name was captured in this session; use face.capture first";
                Err(Failure { field: Some("payload.capture".into()), ..Failure::new(ErrorCode::NotFound, detail) })
            }
            // What is wrong with the payload, who reads it all says.
            _ => Ok(()),
        }
    }
}

impl Looking {
    async fn capture(&self) -> Result<Value, Failure> {
        let capture = CaptureId(random_hex::<16>()?);
        match self.look_for(LookFor::Capture, &capture, &mut self.live.join(), (0.0, 1.0)).await {
            Ok(LookReport { quality: Some(quality), doubts, .. }) => {
                self.work.session.remember_capture(&capture);
                value(&CapturedFace { capture, quality, doubts })
            }
            Ok(_) => Err(Failure::new(ErrorCode::DriverFault, "the worker captured a face without its quality")),
            Err(Ended::Failed(failure)) => Err(failure),
            Err(Ended::NoPicture | Ended::OutOfTime | Ended::Lost) => Err(Failure::new(
                ErrorCode::Timeout,
                "no good picture of one face came in time; `face.guidance` said what was missing: offer the way at the \
                 counter, or try again",
            )),
        }
    }

    async fn prove_live(&self, capture: CaptureId) -> Result<Value, Failure> {
        let mut dark = false;
        let mut first = [LookFor::TurnLeft, LookFor::TurnRight];
        if random_hex::<1>()?.as_str() < "80" {
            first.reverse();
        }
        let steps = [first[0], LookFor::Return, first[1], LookFor::Return];
        let (mut view, mut reason) = (self.live.join(), None);
        for (at, step) in (0_u8..).zip(steps) {
            let part = |at: u8| f32::from(at) / 4.0;
            match self.look_for(step, &capture, &mut view, (part(at), part(at + 1))).await {
                Ok(_) => {}
                Err(Ended::Failed(failure)) => return Err(failure),
                Err(Ended::NoPicture) => dark = true,
                Err(Ended::OutOfTime) => reason = Some(NotLive::NotMoved),
                Err(Ended::Lost) => reason = Some(NotLive::FaceChanged),
            }
            if dark {
                return Err(Failure::new(ErrorCode::Timeout, "the camera sent no picture; ask it for its status"));
            }
            if reason.is_some() {
                break;
            }
        }
        value(&LiveReport { live: reason.is_none(), reason })
    }

    /// Shows pictures until the worker has what it looks for; tells progress from `from` to `to`.
    async fn look_for(
        &self,
        look_for: LookFor,
        capture: &CaptureId,
        view: &mut View,
        (from, to): (f32, f32),
    ) -> Result<LookReport, Ended> {
        let mut dark = false;
        loop {
            let picture = tokio::select! {
                biased;
                end = self.end() => return Err(if dark && matches!(end, Ended::OutOfTime) { Ended::NoPicture } else { end }),
                picture = self.next_picture(view) => picture,
            };
            // Whoever may be looked at may change on the way.
            self.work.session.check_consent(self.work.call)?;
            self.work.hub.check_lease(&self.camera, &self.work.session)?;
            let picture = picture.filter(|picture| !picture.bytes.is_empty());
            dark = picture.is_none();
            if dark {
                self.camera_is_there()?;
            }
            let Some(picture) = picture else {
                self.tell(FaceGuidance { guidance: Guidance::NoPicture, face: None, progress: from });
                continue;
            };
            let frame = Bytes::copy_from_slice(&picture.bytes);
            let report =
                self.look(LookRequest { capture: capture.clone(), frame: BlobId(FRAME.into()), look_for }, frame);
            let report = report.await?;
            let progress = from + (to - from) * report.guidance.progress.clamp(0.0, 1.0);
            self.tell(FaceGuidance { progress, ..report.guidance });
            if report.lost {
                return Err(Ended::Lost);
            }
            if report.done {
                return Ok(report);
            }
        }
    }

    /// A camera that was unplugged, or waits for a person, shows nothing however long one waits.
    fn camera_is_there(&self) -> Result<(), Failure> {
        let snapshot = self.work.hub.0.devices.watch();
        let snapshot = snapshot.borrow();
        let Some(view) = snapshot.devices.get(&self.camera) else { return Ok(()) };
        match (view.state, &view.problem) {
            (DeviceState::Absent | DeviceState::Held, Some(problem)) => Err(problem.failure.clone()),
            (DeviceState::Absent, None) => Err(Failure::new(ErrorCode::DeviceAbsent, "the camera is not connected")),
            _ => Ok(()),
        }
    }

    /// The next picture, if one comes in time. While the client is away nobody is looked at: it may be another who stands there.
    async fn next_picture(&self, view: &mut View) -> Option<Arc<Picture>> {
        self.work.session.client_here().await;
        tokio::time::timeout(PICTURE_WITHIN, view.next()).await.ok()
    }

    async fn look(&self, request: LookRequest, frame: Bytes) -> Result<LookReport, Ended> {
        let (progress, mut answers) = mpsc::channel(1);
        let ticket = Ticket::default();
        let deadline = tokio::time::Instant::now() + LOOKED_WITHIN;
        let attachments = vec![Attached { blob: request.frame.clone(), bytes: frame }];
        let payload = value(&request)?;
        let job = Job { call: &LOOK, payload, attachments, deadline, ticket: ticket.clone(), progress };
        self.work.hub.0.devices.submit(&self.worker, job)?;
        let answer = tokio::select! {
            biased;
            end = self.end() => {
                ticket.cancel();
                return Err(end);
            }
            answer = answers.recv() => answer,
        };
        match answer {
            Some(Progress::Done(Ok(report))) => serde_json::from_value(report).map_err(|error| {
                Ended::Failed(Failure::new(ErrorCode::DriverFault, format!("the worker's report is wrong: {error}")))
            }),
            Some(Progress::Done(Err(failure))) => Err(Ended::Failed(failure)),
            _ => Err(Ended::Failed(Failure::new(ErrorCode::DriverFault, "the worker did not answer a look"))),
        }
    }

    /// Comes when the command is over for another reason.
    async fn end(&self) -> Ended {
        tokio::select! {
            () = self.work.ticket.cancelled() => {
                Ended::Failed(Failure::new(ErrorCode::Cancelled, "the command was cancelled"))
            }
            () = self.work.hub.stopping() => {
                Ended::Failed(Failure::new(ErrorCode::ShuttingDown, "the gateway is stopping"))
            }
            () = tokio::time::sleep_until(self.work.deadline) => Ended::OutOfTime,
        }
    }

    fn tell(&self, guidance: FaceGuidance) {
        let (id, payload) = (self.work.id, serde_json::to_value(guidance).expect("guidance is plain data"));
        self.work.session.push(|seq| ServerMessage::Event { seq, id, name: "face.guidance".into(), payload });
    }
}

fn value(of: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(of).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))
}
