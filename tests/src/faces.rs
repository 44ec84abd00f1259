//! The faces of the tests (`tests/faces/README.md`), and pictures of a camera that sees them.

use std::path::Path;
use std::time::Duration;

use image::{GrayImage, Luma, RgbImage, imageops};
use serde_json::Value;
use tempfile::TempDir;

use crate::rig::process::Program;
use crate::rig::programs;

/// A face that fills a camera's picture as it should stands so many times its size before it.
pub const NEAR: f32 = 3.0;
/// The camera may take so long to start.
const WITHIN: Duration = Duration::from_secs(60);

/// The picture of a person: persons 1 to 40, pictures 1 to 10.
///
/// # Panics
/// If `make setup` has not fetched it.
pub fn face(person: u8, picture: u8) -> GrayImage {
    let path = programs::source_tree().join(format!(".venv/faces/s{person}-{picture}.pgm"));
    let file = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; run `make setup`", path.display()));
    // Netpbm's P5: width, height and the largest value, each ended by white space, before the pixels.
    let pixels = file.len() - 92 * 112;
    assert!(file.starts_with(b"P5"), "{} is no grey picture", path.display());
    GrayImage::from_raw(92, 112, file[pixels..].to_vec()).expect("it has as many pixels as it says")
}

/// A portrait as on a card: the face alone.
///
/// # Panics
/// If it cannot be packed.
pub fn portrait(face: &GrayImage, path: &Path) {
    image::DynamicImage::ImageLuma8(face.clone()).to_rgb8().save(path).expect("the portrait can be written");
}

/// What a camera of 640 x 480 sees: the face in the middle, so many times its size, before a plain wall.
pub fn scene(face: Option<&GrayImage>, times: f32) -> RgbImage {
    let mut scene = GrayImage::from_pixel(640, 480, Luma([150]));
    if let Some(face) = face {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred pixels")]
        let side = |pixels: f32| (pixels * times) as u32;
        let face = imageops::resize(face, side(92.0), side(112.0), imageops::FilterType::CatmullRom);
        let left = (640 - i64::from(face.width())) / 2;
        let top = (480 - i64::from(face.height())) / 2;
        imageops::overlay(&mut scene, &face, left, top);
    }
    image::DynamicImage::ImageLuma8(scene).to_rgb8()
}

/// Four pictures of somebody who holds still.
pub fn still(face: &GrayImage) -> Vec<RgbImage> {
    vec![scene(Some(face), NEAR); 4]
}

/// Somebody who looks, turns to the own left, looks, turns to the right: `turned` is turned to the right, and mirrored to the
/// left.
pub fn turning(front: &GrayImage, turned: &GrayImage) -> Vec<RgbImage> {
    [still(front), still(&imageops::flip_horizontal(turned)), still(front), still(turned)].concat()
}

/// A network camera that shows pictures one after the other, again and again, ten a second.
pub struct FilmCamera {
    /// Its address, for the driver `mjpeg`.
    pub address: String,
    _program: Program,
    _folder: TempDir,
}

impl FilmCamera {
    /// Starts it.
    ///
    /// # Panics
    /// If it does not start.
    pub async fn start(scenes: &[RgbImage]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let pictures = folder.path().join("film");
        std::fs::create_dir(&pictures).expect("the folder is new");
        for (number, scene) in scenes.iter().enumerate() {
            scene.save(pictures.join(format!("{number:03}.jpg"))).expect("a picture can be written");
        }
        let words = ["camera", "--exit-with-stdin", "--fps", "10", "--folder"];
        let mut words: Vec<String> = words.map(str::to_owned).into();
        words.push(pictures.display().to_string());
        let mut program = Program::start(&programs::find("kiosk-simulate"), &words, &folder.path().join("camera.log"));
        let line = program.lines().next(WITHIN).await.unwrap_or_default();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", program.log()));
        let address = said["camera"].as_str().expect("it says its address").to_owned();
        Self { address, _program: program, _folder: folder }
    }

    /// The configuration of a kiosk with this camera, and of the worker that looks at faces.
    pub fn config(&self) -> String {
        let models = programs::source_tree().join("models");
        let address = &self.address;
        format!("[faces]\nmodels = {models:?}\n[devices.camera]\ndriver = \"mjpeg\"\naddress = {address:?}\n")
    }
}
