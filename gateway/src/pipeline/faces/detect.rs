//! Finds faces with five landmarks: YuNet (OpenCV Zoo, `face_detection_yunet`), run by rten.
//!
//! For each of three grids over the picture (a cell every 8, 16 and 32 pixels) the network answers with twelve lists: how
//! sure it is of a face (`cls`, `obj`), its box (`bbox`: centre from the cell's corner and logarithm of the sides, in cells)
//! and its landmarks (`kps`, from the cell's corner, in cells). Whoever wants the numbers: `FaceDetectorYN` of OpenCV reads
//! them the same way.

use kiosk_protocol::ocr::Point;
use rten::NodeId;
use rten_tensor::prelude::*;
use rten_tensor::{NdTensor, Tensor};

use super::FaceError;
use super::align::Sampler;
use crate::pipeline::network::Network;
use crate::pipeline::page::CapturedPage;
use crate::pipeline::page::reduce::reduce;

const WHAT: &str = "face detection";
/// The side of the picture that the network sees, pixels: faces from about 1/20 of it are found.
const LONGER_SIDE: usize = 320;
/// The file says that the picture has 640 x 640 pixels; nothing in the network depends on it, and a quarter of the time is
/// enough for faces that are to be compared. These bytes say it (protobuf: a dimension, field 1 of 3 bytes, `dim_value`).
const SIDE_IN_FILE: [u8; 5] = [0x0A, 0x03, 0x08, 0x80, 0x05];
const SIDE_WANTED: [u8; 5] = [0x0A, 0x03, 0x08, 0xC0, 0x02];
/// The cells' sides, pixels.
const STRIDES: [usize; 3] = [8, 16, 32];
/// Less sure than this is no face. OpenCV's demo uses 0.9; a covered or turned face must still be seen to be told so.
const SURE: f32 = 0.6;
/// Two boxes that overlap by more are one face.
const SAME_FACE: f32 = 0.3;
/// Most faces that are told of.
const FACES_MAX: usize = 16;

/// The five landmarks, in pixels of the picture, named by the person's own sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Landmarks {
    /// The middle of the right eye.
    pub right_eye: Point,
    /// The middle of the left eye.
    pub left_eye: Point,
    /// The tip of the nose.
    pub nose: Point,
    /// The right corner of the mouth.
    pub right_mouth: Point,
    /// The left corner of the mouth.
    pub left_mouth: Point,
}

impl Landmarks {
    /// The points in the middle between these and those.
    pub(super) fn between(&self, other: &Self) -> Self {
        let middle = |a: Point, b: Point| Point { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 };
        Self {
            right_eye: middle(self.right_eye, other.right_eye),
            left_eye: middle(self.left_eye, other.left_eye),
            nose: middle(self.nose, other.nose),
            right_mouth: middle(self.right_mouth, other.right_mouth),
            left_mouth: middle(self.left_mouth, other.left_mouth),
        }
    }
}

/// A face in a picture, in its pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// How sure the network is, 0 to 1.
    pub score: f32,
    /// Its landmarks.
    pub landmarks: Landmarks,
}

impl Face {
    /// The one among `others` that is the same face.
    pub(super) fn same_in<'a>(&self, others: &'a [Self]) -> Option<&'a Self> {
        let near = |other: &&Self| self.overlap(other) > SAME_FACE;
        others.iter().filter(near).max_by(|a, b| self.overlap(a).total_cmp(&self.overlap(b)))
    }

    /// As it is in the picture that a mirror of so many pixels' width shows.
    fn mirrored(self, width: f32) -> Self {
        let point = |point: Point| Point { x: width - 1.0 - point.x, ..point };
        let marks = self.landmarks;
        let landmarks = Landmarks {
            right_eye: point(marks.left_eye),
            left_eye: point(marks.right_eye),
            nose: point(marks.nose),
            right_mouth: point(marks.left_mouth),
            left_mouth: point(marks.right_mouth),
        };
        Self { x: width - self.x - self.width, landmarks, ..self }
    }

    fn overlap(&self, other: &Self) -> f32 {
        let side = |from: f32, length: f32, other_from: f32, other_length: f32| {
            ((from + length).min(other_from + other_length) - from.max(other_from)).max(0.0)
        };
        let both = side(self.x, self.width, other.x, other.width) * side(self.y, self.height, other.y, other.height);
        both / (self.width * self.height + other.width * other.height - both).max(f32::EPSILON)
    }
}

/// The network.
pub(super) struct Detector {
    network: Network,
    /// The lists, by grid: `cls`, `obj`, `bbox`, `kps`.
    outputs: Vec<NodeId>,
}

impl Detector {
    pub(super) fn load(mut onnx: Vec<u8>, threads: usize) -> Result<Self, rten::LoadError> {
        while let Some(at) = onnx.windows(SIDE_IN_FILE.len()).position(|bytes| bytes == SIDE_IN_FILE) {
            onnx[at..at + SIDE_WANTED.len()].copy_from_slice(&SIDE_WANTED);
        }
        let network = Network::load(onnx, threads)?;
        let names =
            STRIDES.iter().flat_map(|stride| ["cls", "obj", "bbox", "kps"].map(|list| format!("{list}_{stride}")));
        let outputs = network.outputs(names);
        Ok(Self { network, outputs })
    }

    /// The faces in `picture`, the largest first; looked for in its mirror image if `in_mirror`, where the network does not
    /// see quite the same.
    pub(super) fn detect(&self, picture: &CapturedPage, in_mirror: bool) -> Result<Vec<Face>, FaceError> {
        let (pixels, width, height, shrunk_by) = small(picture);
        // BGR, planes, 0 to 255; the rest is black.
        let mut input = NdTensor::<f32, 4>::zeros([1, 3, LONGER_SIDE, LONGER_SIDE]);
        for y in 0..height {
            for x in 0..width {
                for channel in 0..3 {
                    let to = if in_mirror { width - 1 - x } else { x };
                    input[[0, 2 - channel, y, to]] = f32::from(pixels[(y * width + x) * 3 + channel]);
                }
            }
        }
        if self.outputs.len() != STRIDES.len() * 4 {
            return Err(FaceError::Shape { what: WHAT });
        }
        let lists = self.network.run(&input, &self.outputs).map_err(|source| FaceError::Run { what: WHAT, source })?;
        let lists: Vec<Tensor<f32>> = lists
            .into_iter()
            .map(|list| list.try_into().map_err(|_| FaceError::Shape { what: WHAT }))
            .collect::<Result<_, _>>()?;
        let mut faces = Vec::new();
        for (stride, lists) in STRIDES.into_iter().zip(lists.chunks_exact(4)) {
            let grid = Grid { stride, columns: LONGER_SIDE / stride, rows: LONGER_SIDE / stride };
            grid.read(lists, &mut faces)?;
        }
        let mut faces = distinct(faces);
        for face in &mut faces {
            if in_mirror {
                #[expect(clippy::cast_precision_loss, reason = "at most 320 pixels")]
                let width = width as f32;
                *face = face.mirrored(width);
            }
            scale(face, shrunk_by);
        }
        faces.sort_by(|a, b| (b.width * b.height).total_cmp(&(a.width * a.height)));
        Ok(faces)
    }
}

/// The picture as the network sees it: reduced by areas, or a small one enlarged, for faces smaller than the finest cell's
/// reach are not found.
#[expect(clippy::cast_precision_loss, reason = "sides of a picture")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a side of at most 320 pixels")]
fn small(picture: &CapturedPage) -> (Vec<u8>, usize, usize, f32) {
    let longer = picture.width().max(picture.height());
    if longer >= LONGER_SIDE {
        let small = reduce(picture, LONGER_SIDE);
        return (small.rgb, small.width, small.height, small.shrunk_by);
    }
    let shrunk_by = longer as f32 / LONGER_SIDE as f32;
    let side = |pixels: usize| ((pixels as f32 / shrunk_by).round() as usize).clamp(1, LONGER_SIDE);
    let (width, height) = (side(picture.width()), side(picture.height()));
    let sampler = Sampler::enlarging(shrunk_by);
    (sampler.sample(picture, width, height), width, height, shrunk_by)
}

fn scale(face: &mut Face, by: f32) {
    let marks = &mut face.landmarks;
    for point in
        [&mut marks.right_eye, &mut marks.left_eye, &mut marks.nose, &mut marks.right_mouth, &mut marks.left_mouth]
    {
        point.x *= by;
        point.y *= by;
    }
    for length in [&mut face.x, &mut face.y, &mut face.width, &mut face.height] {
        *length *= by;
    }
}

/// One of the three grids.
struct Grid {
    stride: usize,
    columns: usize,
    rows: usize,
}

impl Grid {
    #[expect(clippy::cast_precision_loss, reason = "cells of a picture of 320 pixels")]
    fn read(&self, lists: &[Tensor<f32>], faces: &mut Vec<Face>) -> Result<(), FaceError> {
        let cells = self.columns * self.rows;
        let list = |at: usize, numbers: usize| {
            let data = lists[at].to_vec();
            if data.len() == cells * numbers { Ok(data) } else { Err(FaceError::Shape { what: WHAT }) }
        };
        let (cls, obj, bbox, kps) = (list(0, 1)?, list(1, 1)?, list(2, 4)?, list(3, 10)?);
        let stride = self.stride as f32;
        for cell in 0..cells {
            let score = (cls[cell].clamp(0.0, 1.0) * obj[cell].clamp(0.0, 1.0)).sqrt();
            // Also where the network says something that is no number.
            if score.is_nan() || score < SURE {
                continue;
            }
            let (column, row) = ((cell % self.columns) as f32, (cell / self.columns) as f32);
            let numbers = &bbox[cell * 4..][..4];
            let (width, height) = (numbers[2].exp() * stride, numbers[3].exp() * stride);
            let (x, y) = ((column + numbers[0]) * stride - width / 2.0, (row + numbers[1]) * stride - height / 2.0);
            let mark = |at: usize| Point {
                x: (column + kps[cell * 10 + at * 2]) * stride,
                y: (row + kps[cell * 10 + at * 2 + 1]) * stride,
            };
            let landmarks = Landmarks {
                right_eye: mark(0),
                left_eye: mark(1),
                nose: mark(2),
                right_mouth: mark(3),
                left_mouth: mark(4),
            };
            let face = Face { x, y, width, height, score, landmarks };
            if [x, y, width, height].iter().all(|number| number.is_finite()) {
                faces.push(face);
            }
        }
        Ok(())
    }
}

/// The surest of each heap of boxes.
fn distinct(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.len() < FACES_MAX && kept.iter().all(|other| other.overlap(&face) <= SAME_FACE) {
            kept.push(face);
        }
    }
    kept
}
