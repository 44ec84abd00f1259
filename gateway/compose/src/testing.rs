//! Pictures that tests and the example draw for themselves: a signature, a seal, a page. All are invented.

#![allow(dead_code, reason = "each program that takes this file in needs another part of it")]
#![allow(clippy::cast_possible_truncation, reason = "small pictures")]
#![allow(clippy::unwrap_used, reason = "packing a picture into memory does not fail")]

/// A PNG file of red, green, blue, alpha for each pixel.
pub(crate) fn png_of(size: [u32; 2], pixel: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
    let mut rgba = Vec::new();
    for y in 0..size[1] {
        for x in 0..size[0] {
            rgba.extend(pixel(x, y));
        }
    }
    packed(size, png::ColorType::Rgba, png::BitDepth::Eight, &rgba)
}

/// A PNG file of samples.
pub(crate) fn packed(size: [u32; 2], color: png::ColorType, depth: png::BitDepth, samples: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, size[0], size[1]);
    encoder.set_color(color);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(samples).unwrap();
    writer.finish().unwrap();
    file
}

/// How far a point is from a stroke between two others.
fn distance([x, y]: [f32; 2], [ax, ay]: [f32; 2], [bx, by]: [f32; 2]) -> f32 {
    let (dx, dy) = (bx - ax, by - ay);
    let along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - ax - along * dx).hypot(y - ay - along * dy)
}

/// A blue scrawl of 40 × 18 mm.
pub(crate) fn signature_png() -> Vec<u8> {
    let point = |step: u16| {
        let t = f32::from(step) / 150.0;
        let wave = (t * 31.0).sin() * (1.0 - t) * 70.0 + (t * 11.0).cos() * 26.0;
        [30.0 + t * 400.0 + (t * 31.0).cos() * 22.0, 108.0 + wave - t * 10.0]
    };
    let points: Vec<[f32; 2]> = (0..=150).map(point).collect();
    png_of([472, 212], |x, y| {
        let at = [x as f32, y as f32];
        let nearest = points.windows(2).map(|two| distance(at, two[0], two[1])).fold(f32::MAX, f32::min);
        [18, 40, 150, ((3.2 - nearest).clamp(0.0, 1.0) * 255.0) as u8]
    })
}

/// A red seal of 36 × 36 mm: two rings and a star.
pub(crate) fn seal_png() -> Vec<u8> {
    let corner = |number: u16| {
        let angle = f32::from(number) * std::f32::consts::PI / 5.0;
        let radius = if number.is_multiple_of(2) { 70.0 } else { 27.0 };
        [212.5 + angle.sin() * radius, 212.5 - angle.cos() * radius]
    };
    let star: Vec<[f32; 2]> = (0..=10).map(corner).collect();
    png_of([425, 425], |x, y| {
        let at = [x as f32, y as f32];
        let radius = (at[0] - 212.5).hypot(at[1] - 212.5);
        let ring = |middle: f32, half: f32| (half - (radius - middle).abs() + 0.5).clamp(0.0, 1.0);
        let dashes = if (at[1] - 212.5).atan2(at[0] - 212.5).mul_add(18.0, 0.0).sin() > -0.2 { 1.0 } else { 0.0 };
        // Inside of the star if a line to the right crosses its edge an odd number of times.
        let crossings = star.windows(2).filter(|two| {
            let ([ax, ay], [bx, by]) = (two[0], two[1]);
            (ay > at[1]) != (by > at[1]) && at[0] < (bx - ax) * (at[1] - ay) / (by - ay) + ax
        });
        let inside = if crossings.count() % 2 == 1 { 1.0 } else { 0.0 };
        let cover = ring(207.0, 3.0).max(ring(196.0, 1.0)).max(ring(120.0, 1.2)).max(ring(158.0, 18.0) * dashes * 0.9);
        [205, 20, 30, (cover.max(inside) * 235.0) as u8]
    })
}
