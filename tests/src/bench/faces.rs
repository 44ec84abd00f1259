//! Comparing faces: how often it is wrong on the one labelled set of faces that a registry has, how long each step takes,
//! and the same by OpenCV's own implementation of the same models.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, GrayImage, imageops};
use kiosk_gateway::pipeline::faces::thresholds::Thresholds;
use kiosk_gateway::pipeline::faces::{Faces, Template};
use kiosk_gateway::pipeline::page::{CapturedPage, Limits};
use serde_json::Value;

use super::median;
use crate::faces::face;
use crate::peers::script;
use crate::rig::programs;

const PERSONS: u8 = 40;
const PICTURES: u8 = 10;
/// Threads of both.
const THREADS: usize = 2;

/// A face of one person.
struct Known {
    person: u8,
    picture: u8,
    template: Template,
}

/// The lines of the report.
///
/// # Panics
/// If the models or faces are not there.
pub fn run() -> Vec<String> {
    let models = programs::source_tree().join("models");
    let faces = Faces::load(&models, Thresholds::built_in(), THREADS).expect("`make setup` fetches the models");
    let limits = faces.thresholds().matching;
    let mut lines = vec![format!(
        "comparing faces: {PERSONS} people, {PICTURES} pictures each (ORL; one studio, 1992 to 1994: no claim beyond it), \
         thresholds {}",
        faces.thresholds().name()
    )];
    let mut times = Times::default();
    let live = known(&faces, &mut times, clean);
    let card = known(&faces, &mut Times::default(), as_on_a_card);
    for (name, sides) in [("both as they are", &live), ("one as a worn card shows it", &card)] {
        let (same, other) = scores(&live, sides);
        for (word, threshold) in [("accepted", limits.accept), ("at least reviewed", limits.review)] {
            let wrong = other.iter().filter(|score| **score >= threshold).count();
            let missed = same.iter().filter(|score| **score < threshold).count();
            lines.push(format!(
                "  {name}, {word} (from {threshold:.2}): FMR {}, FNMR {}",
                share(wrong, other.len()),
                share(missed, same.len())
            ));
        }
    }
    let (find, see, template) = (median(&mut times.find), median(&mut times.see), median(&mut times.template));
    lines.push(format!(
        "  of one picture (p50, {THREADS} threads): found {find:.1} ms, quality with pose {see:.1} ms, template {template:.1} ms; \
         so {:.0} pictures a second with guidance",
        1_000.0 / (find + see)
    ));
    lines.push(against_opencv(&models, &live, find + template));
    lines
}

#[derive(Default)]
struct Times {
    find: Vec<f64>,
    see: Vec<f64>,
    template: Vec<f64>,
}

fn known(faces: &Faces, times: &mut Times, packed: fn(&GrayImage) -> Vec<u8>) -> Vec<Known> {
    let mut all = Vec::new();
    for person in 1..=PERSONS {
        for picture in 1..=PICTURES {
            let pixels = CapturedPage::decode(&packed(&face(person, picture)), Limits::default()).expect("a picture");
            let timed = Instant::now();
            let found = faces.find(&pixels).expect("the network runs");
            times.find.push(timed.elapsed().as_secs_f64() * 1e3);
            let Some(face) = found.first() else { continue };
            let timed = Instant::now();
            let seen = faces.see(&pixels, *face).expect("the network runs");
            times.see.push(timed.elapsed().as_secs_f64() * 1e3);
            let timed = Instant::now();
            let template = faces.template(&seen).expect("the network runs");
            times.template.push(timed.elapsed().as_secs_f64() * 1e3);
            all.push(Known { person, picture, template });
        }
    }
    all
}

fn clean(face: &GrayImage) -> Vec<u8> {
    packed(face, 95)
}

/// Small, washed out, blurred, packed hard: a portrait of a card that was carried for years and scanned.
fn as_on_a_card(face: &GrayImage) -> Vec<u8> {
    let small = imageops::resize(face, 60, 73, imageops::FilterType::Triangle);
    let back = imageops::resize(&small, 92, 112, imageops::FilterType::Triangle);
    let washed = imageops::colorops::brighten(&imageops::colorops::contrast(&back, -25.0), 30);
    packed(&imageops::blur(&washed, 0.6), 55)
}

fn packed(face: &GrayImage, quality: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let rgb = DynamicImage::ImageLuma8(face.clone()).to_rgb8();
    JpegEncoder::new_with_quality(&mut jpeg, quality).encode_image(&rgb).expect("a picture in memory");
    jpeg
}

/// Of different pictures: of the same person, of two.
fn scores(live: &[Known], other: &[Known]) -> (Vec<f32>, Vec<f32>) {
    let (mut same, mut different) = (Vec::new(), Vec::new());
    for a in live {
        for b in other {
            if (a.person, a.picture) == (b.person, b.picture) {
                continue;
            }
            let scores = if a.person == b.person { &mut same } else { &mut different };
            scores.push(a.template.nearness(&b.template));
        }
    }
    (same, different)
}

/// A share with the bounds of 95 % (Wilson). Pairs share people, so the true bounds are wider.
#[expect(clippy::cast_precision_loss, reason = "counts of pairs")]
pub(super) fn share(count: usize, of: usize) -> String {
    let (n, p, z) = (of as f64, count as f64 / of as f64, 1.96_f64);
    let middle = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    let (low, high) = ((middle - half).max(0.0) * 100.0, (middle + half) * 100.0);
    format!("{:.3} % ({count} of {of}; {low:.3} to {high:.3} %)", p * 100.0)
}

pub(super) const NO_OPENCV: &str = "  OpenCV is not there: tests/peers/opencv.sh fetches it";

/// The Python that has OpenCV.
pub(super) fn opencv() -> Option<PathBuf> {
    Some(programs::source_tree().join(".venv/opencv/bin/python")).filter(|python| python.is_file())
}

fn against_opencv(models: &Path, live: &[Known], ours: f64) -> String {
    let Some(python) = opencv() else { return NO_OPENCV.to_owned() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pictures: Vec<PathBuf> = live
        .iter()
        .map(|known| {
            let path = folder.path().join(format!("{}-{}.jpg", known.person, known.picture));
            std::fs::write(&path, clean(&face(known.person, known.picture))).expect("the folder is writable");
            path
        })
        .collect();
    #[expect(clippy::disallowed_methods, reason = "a peer, measured")]
    let output = Command::new(python).arg(script("opencv_faces.py")).arg(models).args(&pictures).output();
    let output = output.expect("OpenCV runs");
    let said: Value = serde_json::from_slice(&output.stdout).expect("it prints JSON");
    let templates: Vec<Option<Vec<f32>>> = serde_json::from_value(said["templates"].clone()).expect("templates");
    let cosine = |a: &[f32], b: &[f32]| {
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
    };
    let mut off = Vec::new();
    for (at, known) in live.iter().enumerate() {
        for (other, also) in live.iter().enumerate().skip(at + 1) {
            if let (Some(a), Some(b)) = (&templates[at], &templates[other]) {
                off.push(f64::from((cosine(a, b) - known.template.nearness(&also.template)).abs()));
            }
        }
    }
    let theirs = said["ms"].as_f64().expect("a time");
    let pairs = off.len();
    format!(
        "  found, aligned and made a template of: {ours:.1} ms, OpenCV {} in Python {theirs:.1} ms, ratio {:.2}; scores of {pairs} \
         pairs differ by {:.4} (p50), {:.4} (p99)",
        said["version"].as_str().unwrap_or_default(),
        ours / theirs,
        super::quantile(&mut off, 0.5),
        super::quantile(&mut off, 0.99)
    )
}
