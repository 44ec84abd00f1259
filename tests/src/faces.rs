//! The faces of the tests (`tests/faces/README.md`), and pictures of a camera that sees them.

use std::path::Path;
use std::time::Duration;

use image::{GrayImage, RgbImage};
pub use kiosk_simulators::people::{FRONT, HOLDER, NEAR, ON_CARD, People, TURNED, jpeg_of, scene, turning};
use serde_json::Value;
use tempfile::TempDir;

use crate::rig::process::Program;
use crate::rig::programs;

/// The camera may take so long to start.
const WITHIN: Duration = Duration::from_secs(60);

/// How often each scene is a picture of the film.
const HELD: usize = 4;

/// The people of the tests.
pub fn people() -> People {
    People::of(&programs::source_tree().join(".venv/faces"))
}

/// The picture of a person: persons 1 to 40, pictures 1 to 10.
///
/// # Panics
/// If `make setup` has not fetched it.
pub fn face(person: u8, picture: u8) -> GrayImage {
    people().face(person, picture).unwrap_or_else(|error| panic!("{error}"))
}

/// A portrait as on a card: the face alone.
///
/// # Panics
/// If it cannot be written.
pub fn portrait(face: &GrayImage, path: &Path) {
    std::fs::write(path, jpeg_of(face)).expect("the portrait can be written");
}

/// Somebody who holds still.
pub fn still(face: &GrayImage) -> Vec<RgbImage> {
    vec![scene(Some(face), NEAR)]
}

/// A network camera that shows scenes one after the other, again and again.
pub struct FilmCamera {
    /// Its address, for the driver `mjpeg`.
    pub address: String,
    program: Option<Program>,
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
        let film = scenes.iter().flat_map(|scene| std::iter::repeat_n(scene, HELD));
        for (number, scene) in film.enumerate() {
            scene.save(pictures.join(format!("{number:03}.jpg"))).expect("a picture can be written");
        }
        let words = ["camera", "--exit-with-stdin", "--fps", "10", "--folder"];
        let mut words: Vec<String> = words.map(str::to_owned).into();
        words.push(pictures.display().to_string());
        let mut program = Program::start(&programs::find("kiosk-simulate"), &words, &folder.path().join("camera.log"));
        let line = program.lines().next(WITHIN).await.unwrap_or_default();
        let said: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line:?}: {}", program.log()));
        let address = said["camera"].as_str().expect("it says its address").to_owned();
        Self { address, program: Some(program), _folder: folder }
    }

    /// It is pulled out.
    pub fn unplug(&mut self) {
        self.program = None;
    }

    /// The configuration of a kiosk with this camera, and of the worker that looks at faces.
    pub fn config(&self) -> String {
        let models = programs::source_tree().join("models");
        let address = &self.address;
        format!("[faces]\nmodels = {models:?}\n[devices.camera]\ndriver = \"mjpeg\"\naddress = {address:?}\n")
    }
}
