//! The class-specific descriptors (UVC 1.0, section 3): a camera, a unit that processes its picture, a stream; and the
//! formats, from the tables of [`super::format`].

use super::controls::{CAMERA, PROCESSING};
use super::format::{FORMATS, Format, SIZES, Size, rates, ticks};

/// The number of the interface for controls.
pub const CONTROL_INTERFACE: u8 = 0;
/// The number of the interface for the stream.
pub const STREAMING_INTERFACE: u8 = 1;
/// The stream's endpoint.
pub const IN: u8 = 0x81;
/// The terminal where the stream leaves.
const OUTPUT_TERMINAL: u8 = 3;

/// CS_INTERFACE
const CLASS_SPECIFIC: u8 = 0x24;
/// bDescriptorSubtype values of the control interface (UVC 1.0, table A-5).
const VC_HEADER: u8 = 1;
const VC_INPUT_TERMINAL: u8 = 2;
const VC_OUTPUT_TERMINAL: u8 = 3;
const VC_PROCESSING_UNIT: u8 = 5;
/// Those of the streaming interface (UVC 1.0, table A-6).
const VS_INPUT_HEADER: u8 = 1;
const VS_FORMAT_UNCOMPRESSED: u8 = 4;
const VS_FRAME_UNCOMPRESSED: u8 = 5;
const VS_FORMAT_MJPEG: u8 = 6;
const VS_FRAME_MJPEG: u8 = 7;
const VS_COLOR_FORMAT: u8 = 13;
/// Terminal types (UVC 1.0, tables B-1 and B-2): camera sensor, streaming.
const ITT_CAMERA: [u8; 2] = [0x01, 0x02];
const TT_STREAMING: [u8; 2] = [0x01, 0x01];
/// bmControls of the camera: exposure mode, exposure time, focus, focus by itself (UVC 1.0, table 3-6).
const CAMERA_CONTROLS: [u8; 3] = [0b0010_1010, 0, 0b10];
/// bmControls of the processing unit: brightness, contrast (UVC 1.0, table 3-8).
const PROCESSING_CONTROLS: [u8; 2] = [0b11, 0];
/// The name of YUY2 as a GUID ("Uncompressed Payload" 1.0, section 2.2).
const YUY2: [u8; 16] = [b'Y', b'U', b'Y', b'2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

/// A descriptor with its length in front.
fn descriptor(out: &mut Vec<u8>, subtype: u8, parts: &[&[u8]]) {
    let body = parts.concat();
    out.extend([u8::try_from(body.len() + 3).unwrap_or(u8::MAX), CLASS_SPECIFIC, subtype]);
    out.extend(body);
}

fn total(head: usize, body: &[u8]) -> [u8; 2] {
    u16::try_from(head + body.len()).unwrap_or(u16::MAX).to_le_bytes()
}

/// Those of the control interface.
#[must_use]
pub fn control() -> Vec<u8> {
    let mut body = Vec::new();
    descriptor(&mut body, VC_INPUT_TERMINAL, &[&[CAMERA], &ITT_CAMERA, &[0, 0, 0, 0, 0, 0, 0, 0, 3], &CAMERA_CONTROLS]);
    let processing = [&[PROCESSING, CAMERA, 0, 0, 2][..], &PROCESSING_CONTROLS, &[0]];
    descriptor(&mut body, VC_PROCESSING_UNIT, &processing);
    descriptor(&mut body, VC_OUTPUT_TERMINAL, &[&[OUTPUT_TERMINAL], &TT_STREAMING, &[0, PROCESSING, 0]]);
    let mut out = Vec::new();
    let clock = 48_000_000_u32.to_le_bytes();
    let head = [&[0x00, 0x01][..], &total(13, &body), &clock, &[1, STREAMING_INTERFACE]];
    descriptor(&mut out, VC_HEADER, &head);
    out.extend(body);
    out
}

/// Those of the streaming interface.
#[must_use]
pub fn streaming() -> Vec<u8> {
    let mut body = Vec::new();
    let (formats, sizes) = (to_u8(FORMATS.len()), to_u8(SIZES.len()));
    for (index, format) in (1..).zip(FORMATS) {
        let frame = match format {
            Format::Mjpeg => {
                descriptor(&mut body, VS_FORMAT_MJPEG, &[&[index, sizes, 0, 1, 0, 0, 0, 0]]);
                VS_FRAME_MJPEG
            }
            Format::Yuyv => {
                descriptor(&mut body, VS_FORMAT_UNCOMPRESSED, &[&[index, sizes], &YUY2, &[16, 1, 0, 0, 0, 0]]);
                VS_FRAME_UNCOMPRESSED
            }
        };
        for (index, size) in (1..).zip(SIZES) {
            frame_descriptor(&mut body, frame, index, format, size);
        }
        // Colours as in sRGB, matrix of SMPTE 170M (UVC 1.0, table 3-18).
        descriptor(&mut body, VS_COLOR_FORMAT, &[&[1, 1, 4]]);
    }
    let mut out = Vec::new();
    let head = 13 + FORMATS.len();
    let links = [IN, 0, OUTPUT_TERMINAL, 0, 0, 0, 1];
    descriptor(&mut out, VS_INPUT_HEADER, &[&[formats], &total(head, &body), &links, &[0; FORMATS.len()]]);
    out.extend(body);
    out
}

fn frame_descriptor(out: &mut Vec<u8>, subtype: u8, index: u8, format: Format, size: Size) {
    let rates = rates(format, size);
    let bits = |rate: u32| (size.bytes() * 8).saturating_mul(rate).to_le_bytes();
    let intervals: Vec<u8> = rates.iter().flat_map(|rate| ticks(*rate).to_le_bytes()).collect();
    descriptor(
        out,
        subtype,
        &[
            &[index, 0],
            &size.width.to_le_bytes(),
            &size.height.to_le_bytes(),
            &bits(rates[rates.len() - 1]),
            &bits(rates[0]),
            &size.bytes().to_le_bytes(),
            &ticks(rates[0]).to_le_bytes(),
            &[to_u8(rates.len())],
            &intervals,
        ],
    );
}

fn to_u8(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}
