//! What several targets need: seeds, and inputs of several parts.

mod request;

use std::fs;
use std::path::Path;

pub use request::request;

/// Stands between the parts of an input.
pub const BETWEEN: &[u8] = b"\n=====\n";

/// The seeds of a target, which it makes itself when it runs for the first time. They stay, as what was found later may be
/// judged by them: many hold numbers that were drawn at random.
pub fn seeds(target: &str, make: impl FnOnce() -> Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let folder = Path::new("corpus").join(target);
    let path = |number: usize| folder.join(format!("seed-{number}"));
    if !path(0).exists() {
        fs::create_dir_all(&folder).expect("a folder for seeds");
        for (number, seed) in make().iter().enumerate().rev() {
            fs::write(path(number), seed).expect("a seed is written");
        }
    }
    (0..).map_while(|number| fs::read(path(number)).ok()).collect()
}

/// An input of several parts.
pub fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.join(BETWEEN)
}

/// The parts of an input.
pub fn parts(mut input: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some(end) = input.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        parts.push(&input[..end]);
        input = &input[end + BETWEEN.len()..];
    }
    parts.push(input);
    parts
}

/// Whether one holds the other.
pub fn holds(whole: &[u8], part: &[u8]) -> bool {
    whole.windows(part.len()).any(|window| window == part)
}
