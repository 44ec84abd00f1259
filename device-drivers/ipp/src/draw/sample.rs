//! PDFs for tests (those in `tests/`, too), object by object.

use std::fmt::Write;

/// A PDF of these objects; the first is the catalog.
pub(crate) fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let (mut out, mut table) = (b"%PDF-1.4\n".to_vec(), String::from("0000000000 65535 f \n"));
    for (object, number) in objects.iter().zip(1..) {
        writeln!(table, "{:010} 00000 n ", out.len()).unwrap();
        out.extend_from_slice(&[format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let (at, size) = (out.len(), objects.len() + 1);
    let end = format!("xref\n0 {size}\n{table}trailer << /Size {size} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n");
    out.extend_from_slice(end.as_bytes());
    out
}

/// An object that is a stream.
pub(crate) fn stream(more: &str, bytes: &[u8]) -> Vec<u8> {
    [format!("<< {more} /Length {} >>\nstream\n", bytes.len()).as_bytes(), bytes, b"\nendstream"].concat()
}

/// The objects of a document whose pages are this large, each with a red square at the lower left.
pub(crate) fn red(pages: usize, size: &str) -> Vec<Vec<u8>> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")).into_bytes(),
    ];
    for page in 0..pages {
        let content = 4 + 2 * page;
        objects.push(
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size}] /Contents {content} 0 R >>").into_bytes(),
        );
        objects.push(stream("", b"1 0 0 rg 0 0 100 100 re f"));
    }
    objects
}
