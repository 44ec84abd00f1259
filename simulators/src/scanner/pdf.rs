//! A page as a PDF file: one JPEG picture on one sheet (ISO 32000-1, sections 7.5 and 8.9). Nothing else of PDF.

/// Points of an inch.
const POINTS: u32 = 72;

/// Wraps a JPEG picture of this many pixels and dots an inch; `samples` is 1 for grey, 3 for colour.
#[must_use]
pub fn wrap(jpeg: &[u8], size: (u32, u32), dpi: (u32, u32), samples: u32) -> Vec<u8> {
    let (width, height) = size;
    let points = |pixels: u32, dpi: u32| f64::from(pixels) * f64::from(POINTS) / f64::from(dpi);
    let (across, down) = (points(width, dpi.0), points(height, dpi.1));
    let colors = if samples == 1 { "/DeviceGray" } else { "/DeviceRGB" };
    let draw = format!("q {across:.2} 0 0 {down:.2} 0 0 cm /Page Do Q");
    let picture = format!(
        "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace {colors} /BitsPerComponent 8 \
         /Filter /DCTDecode /Length {} >>\nstream\n",
        jpeg.len()
    );
    let objects: [Vec<u8>; 5] = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {across:.2} {down:.2}] /Contents 4 0 R \
             /Resources << /XObject << /Page 5 0 R >> >> >>"
        )
        .into_bytes(),
        format!("<< /Length {} >>\nstream\n{draw}\nendstream", draw.len()).into_bytes(),
        [picture.as_bytes(), jpeg, b"\nendstream"].concat(),
    ];
    let mut file = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let start = file.len();
    file.extend_from_slice(table.as_bytes());
    let trailer = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    file.extend_from_slice(trailer.as_bytes());
    file
}
