//! The printer: its machine alone, and over real sockets.

mod machine;
mod print;
mod wire;

use std::path::Path;

use super::font::{DEFAULT_FONT, Font};
use super::machine::{Machine, Work};
use super::{BUFFER, WIDTH_80_MM};
use crate::random::Random;

fn machine() -> Machine {
    machine_with(BUFFER)
}

fn machine_with(buffer: usize) -> Machine {
    Machine::new(Font::open(Path::new(DEFAULT_FONT)).unwrap(), WIDTH_80_MM, buffer, Random::new(1, "test"))
}

/// Hands all bytes in as there is room, working in between.
fn feed(machine: &mut Machine, bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        let now = machine.room().min(rest.len());
        assert!(now > 0, "the printer is stuck with {} bytes to go", rest.len());
        machine.receive(&rest[..now]);
        rest = &rest[now..];
        work(machine);
    }
}

fn work(machine: &mut Machine) {
    while machine.work() == Work::More {}
}

/// A picture of the paper: (x, y) is black.
fn picture(png: &[u8]) -> image::GrayImage {
    image::load_from_memory(png).unwrap().into_luma8()
}

/// The smallest box around all black dots: left, top, right, bottom.
fn black_box(image: &image::GrayImage) -> Option<(u32, u32, u32, u32)> {
    let black = || image.enumerate_pixels().filter(|(_, _, pixel)| pixel[0] == 0);
    Some((
        black().map(|(x, _, _)| x).min()?,
        black().map(|(_, y, _)| y).min()?,
        black().map(|(x, _, _)| x).max()?,
        black().map(|(_, y, _)| y).max()?,
    ))
}
