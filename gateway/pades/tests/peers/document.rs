//! Documents to sign.

use std::fmt::Write;
use std::path::Path;

use crate::programs::run;

/// Documents of two pages.
pub(crate) struct Plain {
    /// With a table of cross references.
    pub(crate) tables: Vec<u8>,
    /// The same with streams.
    pub(crate) streams: Vec<u8>,
    /// Another document.
    pub(crate) other: Vec<u8>,
}

/// The title of the documents, and of the other one.
const TITLES: [&str; 2] = ["Ban sao", "Ban khac"];

pub(crate) fn plain(folder: &Path) -> Plain {
    let [tables, other] = TITLES.map(written);
    let [from, to] = ["plain-tables.pdf", "plain-streams.pdf"].map(|name| folder.join(name));
    std::fs::write(&from, &tables).unwrap();
    let [from, out] = [&from, &to].map(|path| path.display().to_string());
    run("qpdf", &["--object-streams=generate", &from, &out]).ok();
    Plain { tables, streams: std::fs::read(to).unwrap(), other }
}

/// Objects: 1 catalog, 2 pages, 3 and 4 a page each, 5 and 6 their content, 7 information, 8 metadata, 9 an annotation, 10 a
/// font.
fn written(title: &str) -> Vec<u8> {
    let stream = |dict: &str, data: &str| format!("<<{dict} /Length {}>>\nstream\n{data}\nendstream", data.len());
    let content = |text: &str| stream("", &format!("BT /F1 24 Tf 72 700 Td ({text}) Tj ET"));
    let page = |content: u32, more: &str| {
        let resources = "/Resources <</Font <</F1 10 0 R>>>>";
        format!("<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R {resources} {more}>>")
    };
    let metadata = "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/></x:xmpmeta>";
    let objects = [
        "<</Type /Catalog /Pages 2 0 R /Metadata 8 0 R>>".to_owned(),
        "<</Type /Pages /Count 2 /Kids [3 0 R 4 0 R]>>".to_owned(),
        page(5, "/Annots [9 0 R]"),
        page(6, ""),
        content("So tien: 100 dong"),
        content("Trang hai"),
        format!("<</Title ({title}) /Producer (test)>>"),
        stream("/Type /Metadata /Subtype /XML", metadata),
        "<</Type /Annot /Subtype /Text /Rect [10 10 30 30] /Contents (note) /P 3 0 R>>".to_owned(),
        "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>".to_owned(),
    ];
    let mut text = "%PDF-1.7\n%aeiou\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (number, object) in (1..).zip(&objects) {
        writeln!(table, "{:010} 00000 n ", text.len()).unwrap();
        write!(text, "{number} 0 obj\n{object}\nendobj\n").unwrap();
    }
    let size = objects.len() + 1;
    let (start, id) = (text.len(), "[<0102030405060708> <0102030405060708>]");
    write!(
        text,
        "xref\n0 {size}\n{table}trailer\n<</Size {size} /Root 1 0 R /Info 7 0 R /ID {id}>>\nstartxref\n{start}\n%%EOF\n"
    )
    .unwrap();
    text.into_bytes()
}

/// A red seal, PNG.
pub(crate) fn seal() -> Vec<u8> {
    let picture = image::RgbaImage::from_fn(32, 32, |x, y| {
        let (x, y) = (i64::from(x) - 16, i64::from(y) - 16);
        let is_ring = (100..200).contains(&(x * x + y * y));
        image::Rgba([200, 0, 0, if is_ring { 255 } else { 0 }])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}
