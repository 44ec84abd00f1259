//! One person before the camera, picture by picture: what to tell, and when what is looked for is there.
//!
//! ```text
//! Capture:   ── good picture of the same face, so often as wanted ──► captured (the best of them)
//! Turn…:     ── the face turns, without being lost ──────────────────► done
//! Return:    ── it looks into the camera, and is the captured one ───► done
//!            └─ another face, or none for a while ──────────────────► lost
//! ```

use kiosk_protocol::face::{Doubt, FaceBox, FaceGuidance, FaceQuality, Guidance, LookFor, LookReport};

use super::thresholds::Thresholds;
use super::{Face, FaceError, Faces, Pattern, Seen, Template};
use crate::pipeline::page::CapturedPage;

/// One capture. It and its templates are gone when it is dropped.
#[derive(Default)]
pub struct Capture {
    good: Vec<Good>,
    captured: Option<Good>,
    last: Option<Face>,
    missing: u32,
    turned: u32,
    /// Good pictures with shut eyes, one after the other.
    shut: u32,
    /// What was looked for last, and the turns that were made since the face was captured.
    looked_for: Option<LookFor>,
    turns: Vec<LookFor>,
    live: bool,
    /// Once lost, whoever comes may be another.
    lost: bool,
}

struct Good {
    template: Template,
    quality: FaceQuality,
    pattern: Pattern,
}

/// So many pictures of a turned head, one after the other: one could be a landmark gone astray.
const TURNED: u32 = 2;
/// A face that is narrower than this part of the largest one is somebody's who waits behind.
const BEHIND: f32 = 0.5;

impl Capture {
    /// The template of the face, when it is captured and since then not lost.
    pub fn template(&self) -> Option<&Template> {
        self.captured.as_ref().filter(|_| !self.lost).map(|good| &good.template)
    }

    /// The captured person has turned the head to both sides, and looked into the camera again.
    pub fn is_live(&self) -> bool {
        self.live && !self.lost
    }

    /// Looks at the next picture.
    ///
    /// # Errors
    /// [`FaceError`]
    pub fn look(&mut self, faces: &Faces, picture: &CapturedPage, look_for: LookFor) -> Result<LookReport, FaceError> {
        let mut found = faces.find(picture)?;
        let widest = found.iter().map(|face| face.width).fold(0.0, f32::max);
        found.retain(|face| face.width >= widest * BEHIND);
        let limits = faces.thresholds();
        if self.looked_for.replace(look_for) != Some(look_for) {
            self.turned = 0;
        }
        let [face] = found[..] else {
            return Ok(self.without_one_face(&found, picture, limits));
        };
        let same_place = self.last.is_none_or(|last| !has_jumped(&last, &face, limits.live.moved));
        (self.last, self.missing) = (Some(face), 0);
        let mut seen = faces.see(picture, face)?;
        match look_for {
            LookFor::Capture => {
                if !same_place {
                    self.start_again();
                }
                self.capture(faces, picture, &mut seen)
            }
            LookFor::TurnLeft | LookFor::TurnRight if !same_place => Ok(self.lose(&seen, picture)),
            LookFor::TurnLeft => self.turn(faces, picture, &seen, (seen.quality.yaw_deg, Guidance::TurnLeft)),
            LookFor::TurnRight => self.turn(faces, picture, &seen, (-seen.quality.yaw_deg, Guidance::TurnRight)),
            LookFor::Return => self.see_again(faces, picture, &seen, same_place),
        }
    }

    /// Who comes now may be another.
    fn start_again(&mut self) {
        self.good.clear();
        self.shut = 0;
    }

    fn without_one_face(&mut self, found: &[Face], picture: &CapturedPage, limits: &Thresholds) -> LookReport {
        self.start_again();
        self.missing += 1;
        self.turned = 0;
        let guidance = if found.is_empty() { Guidance::NoFace } else { Guidance::SeveralFaces };
        // Before a capture there is nobody to lose.
        self.lost |= self.captured.is_some() && self.missing > limits.live.missing;
        let report = report(guidance, None, picture, 0.0);
        LookReport { lost: self.lost, ..report }
    }

    fn capture(&mut self, faces: &Faces, picture: &CapturedPage, seen: &mut Seen) -> Result<LookReport, FaceError> {
        let limits = faces.thresholds();
        let wanted = limits.capture.pictures;
        let mut guidance = judge(seen, picture, limits);
        if guidance == Guidance::Stay {
            faces.see_eyes(picture, seen)?;
            guidance = judge(seen, picture, limits);
            self.shut = if guidance == Guidance::OpenEyes { self.shut + 1 } else { 0 };
            // Some eyes are narrow: nobody is turned away for it.
            if self.shut > limits.capture.eyes_wait {
                guidance = Guidance::Stay;
            }
        }
        if guidance == Guidance::Stay {
            let good = Good { template: faces.template(seen)?, quality: seen.quality, pattern: seen.pattern };
            // Two persons never make one capture.
            if self.good.first().is_some_and(|first| first.template.nearness(&good.template) < limits.matching.accept) {
                self.good.clear();
            }
            self.good.push(good);
        } else {
            self.good.clear();
        }
        let have = u32::try_from(self.good.len()).unwrap_or(u32::MAX);
        let report = report(guidance, Some(&seen.face), picture, share(have, wanted));
        if have < wanted {
            return Ok(report);
        }
        let pattern = self.good.iter().map(|good| good.pattern).fold(Pattern::default(), Pattern::max);
        let best = self.good.drain(..).max_by(|a, b| worth(&a.quality).total_cmp(&worth(&b.quality)));
        let quality = best.as_ref().map(|best| best.quality);
        self.captured = best;
        (self.live, self.turns) = (false, Vec::new());
        let doubts = if pattern.is_doubtful(&limits.live) { vec![Doubt::Pattern] } else { Vec::new() };
        Ok(LookReport { done: true, quality, doubts, ..report })
    }

    fn turn(
        &mut self,
        faces: &Faces,
        picture: &CapturedPage,
        seen: &Seen,
        (degrees, guidance): (f32, Guidance),
    ) -> Result<LookReport, FaceError> {
        let limits = faces.thresholds();
        let wanted = limits.live.turned_deg;
        let report = report(guidance, Some(&seen.face), picture, (degrees / wanted).clamp(0.0, 1.0));
        let Some(captured) = self.template().filter(|_| !self.lost) else {
            return Ok(LookReport { lost: true, ..report });
        };
        if degrees < wanted {
            self.turned = 0;
            return Ok(report);
        }
        // Turned, it is still the captured face.
        self.lost = captured.nearness(&faces.template(seen)?) < limits.matching.review;
        self.turned += 1;
        let done = self.turned >= TURNED && !self.lost;
        if done {
            self.turned = 0;
            self.turns.extend(self.looked_for);
        }
        Ok(LookReport { done, lost: self.lost, ..report })
    }

    fn see_again(
        &mut self,
        faces: &Faces,
        picture: &CapturedPage,
        seen: &Seen,
        same_place: bool,
    ) -> Result<LookReport, FaceError> {
        let limits = faces.thresholds();
        if !same_place {
            return Ok(self.lose(seen, picture));
        }
        let guidance = judge(seen, picture, limits);
        let report = report(guidance, Some(&seen.face), picture, 0.5);
        let Some(captured) = self.template().filter(|_| !self.lost) else {
            return Ok(LookReport { lost: true, ..report });
        };
        if guidance != Guidance::Stay {
            return Ok(report);
        }
        let nearness = captured.nearness(&faces.template(seen)?);
        self.lost = nearness < limits.matching.review;
        let done = nearness >= limits.matching.accept;
        self.live |= done && [LookFor::TurnLeft, LookFor::TurnRight].iter().all(|turn| self.turns.contains(turn));
        Ok(LookReport { done, lost: self.lost, ..report })
    }

    fn lose(&mut self, seen: &Seen, picture: &CapturedPage) -> LookReport {
        self.lost = self.captured.is_some();
        LookReport { lost: true, ..report(Guidance::LookHere, Some(&seen.face), picture, 0.0) }
    }
}

/// Has the face moved farther than a person does from one picture to the next?
fn has_jumped(last: &Face, now: &Face, most: f32) -> bool {
    let middle = |face: &Face| (face.x + face.width / 2.0, face.y + face.height / 2.0);
    let ((x, y), (last_x, last_y)) = (middle(now), middle(last));
    (x - last_x).hypot(y - last_y) > most * last.width.max(now.width)
}

/// What to tell the person, the most important first.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
pub fn judge(seen: &Seen, picture: &CapturedPage, thresholds: &Thresholds) -> Guidance {
    let (limits, quality, face) = (&thresholds.capture, &seen.quality, &seen.face);
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let off = |middle: f32, side: f32| (middle / side - 0.5).abs();
    let is_off = off(face.x + face.width / 2.0, width) > limits.off_middle
        || off(face.y + face.height / 2.0, height) > limits.off_middle;
    if quality.inter_eye_px < limits.inter_eye_px {
        Guidance::Closer
    } else if face.height > limits.height_most * height {
        Guidance::Farther
    } else if is_off {
        Guidance::ToMiddle
    } else if quality.brightness < limits.brightness_least {
        Guidance::TooDark
    } else if quality.brightness > limits.brightness_most || quality.contrast < limits.contrast {
        Guidance::TooBright
    } else if quality.roll_deg.abs() > limits.roll_deg {
        Guidance::HeadUpright
    } else if quality.yaw_deg.abs() > limits.yaw_deg || quality.pitch_deg.abs() > limits.pitch_deg {
        Guidance::LookHere
    } else if quality.visibility < limits.visibility {
        Guidance::Uncover
    } else if quality.sharpness < limits.sharpness {
        Guidance::HoldStill
    } else if quality.eyes_open.is_some_and(|open| open < limits.eyes_open) {
        Guidance::OpenEyes
    } else {
        Guidance::Stay
    }
}

/// Which of two good pictures is better.
fn worth(quality: &FaceQuality) -> f32 {
    let straight = 1.0 - (quality.yaw_deg.abs() + quality.pitch_deg.abs() + quality.roll_deg.abs()) / 90.0;
    quality.sharpness + straight + quality.visibility + quality.eyes_open.unwrap_or_default()
}

#[expect(clippy::cast_precision_loss, reason = "a few pictures")]
fn share(have: u32, wanted: u32) -> f32 {
    (have as f32 / wanted as f32).min(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
fn report(guidance: Guidance, face: Option<&Face>, picture: &CapturedPage, progress: f32) -> LookReport {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    let face = face.map(|face| FaceBox {
        x: face.x / width,
        y: face.y / height,
        width: face.width / width,
        height: face.height / height,
    });
    let guidance = FaceGuidance { guidance, face, progress };
    LookReport { guidance, done: false, lost: false, quality: None, doubts: Vec::new() }
}
