//! Ways to change a file that is signed.

use std::time::SystemTime;

use kiosk_pades::{SignatureField, SoftwareSigner, sign};

/// Those after which a file is as good as before. What it was before its last update is a whole file, too.
pub(crate) const HARMLESS: [&str; 3] = ["untouched", "nothing-changed", "cut-before-time-stamp"];

/// A file of level B-LTA, changed in many ways.
pub(crate) fn all(pdf: &[u8], other: &[u8], stranger: &mut SoftwareSigner) -> Vec<(&'static str, Vec<u8>)> {
    let text = |number: u32| newest(pdf, number);
    let page = text(3);
    let catalog = text(1);
    let stripped = {
        let start = catalog.find("/DSS").unwrap();
        let behind = catalog[start..].find(" R").unwrap() + start + 2;
        [&catalog[..start], &catalog[behind..]].concat()
    };
    let square = "<</Length 23>>\nstream\n1 0 0 rg 0 0 99 99 re f\nendstream";
    let new_page = "<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 200]>>";
    let annotation = "<</Type /Annot /Subtype /Square /Rect [0 0 500 500]>>";
    let shown = SignatureField {
        rect: Some([50.0, 600.0, 400.0, 750.0]),
        image: Some(crate::document::seal()),
        ..SignatureField::invisible("Stranger", SystemTime::now())
    };
    let hidden = SignatureField::invisible("Stranger", SystemTime::now());
    let ends: Vec<usize> =
        pdf.windows(6).enumerate().filter(|(_, six)| six == b"%%EOF\n").map(|(at, _)| at + 6).collect();
    let replaced = {
        let (own, theirs) = (gap(pdf, 0), gap(other, 0));
        let mut changed = pdf.to_vec();
        changed[own.0 + 1..own.1 - 1].fill(b'0');
        let length = (own.1 - own.0).min(theirs.1 - theirs.0) - 2;
        changed[own.0 + 1..own.0 + 1 + length].copy_from_slice(&other[theirs.0 + 1..theirs.0 + 1 + length]);
        changed
    };
    let in_signature = {
        let (start, _) = gap(pdf, 0);
        // The signature's bytes come behind its algorithm's name, RSASSA-PSS; the last one is that of the signer.
        let digits = &pdf[start..gap(pdf, 0).1];
        let name = b"06092A864886F70D01010A";
        let at = digits.windows(name.len()).rposition(|own| own == name).unwrap() + start + 200;
        flipped(pdf, at)
    };
    let again = text(9);
    vec![
        ("untouched", pdf.to_vec()),
        ("nothing-changed", updated(pdf, &[(9, &again)])),
        ("bit-in-content", flipped(pdf, find(pdf, b"So tien: 100") + 9)),
        ("bit-in-signature", in_signature),
        ("title-in-place", flipped(pdf, find(pdf, b"(Ban sao)") + 1)),
        ("content-changed", updated(pdf, &[(5, square)])),
        (
            "content-appended",
            updated(pdf, &[(3, &page.replace("/Contents 5 0 R", "/Contents [5 0 R 950 0 R]")), (950, square)]),
        ),
        (
            "page-appended",
            updated(pdf, &[(2, "<</Type /Pages /Count 3 /Kids [3 0 R 4 0 R 950 0 R]>>"), (950, new_page)]),
        ),
        ("pages-swapped", updated(pdf, &[(2, "<</Type /Pages /Count 2 /Kids [4 0 R 3 0 R]>>")])),
        ("annotation-changed", updated(pdf, &[(9, &text(9).replace("30 30", "300 300"))])),
        ("annotation-added", updated(pdf, &[(3, &page.replace("[9 0 R", "[950 0 R 9 0 R")), (950, annotation)])),
        (
            "action-added",
            updated(
                pdf,
                &[(1, &format!("{}/OpenAction <</S /Named /N /Print>>>>", &catalog[..catalog.rfind(">>").unwrap()]))],
            ),
        ),
        ("signature-replaced", replaced),
        ("validation-data-stripped", updated(pdf, &[(1, &stripped)])),
        ("title-changed", updated(pdf, &[(7, "<</Title (Other) /Producer (test)>>")])),
        ("cut-before-time-stamp", pdf[..ends[ends.len() - 2]].to_vec()),
        ("cut-tail", pdf[..pdf.len() - 200].to_vec()),
        ("cut-half", pdf[..pdf.len() / 2].to_vec()),
        ("rubbish-behind", [pdf, b"rubbish"].concat()),
        (
            "rubbish-between",
            updated(
                &[pdf, b"5 0 obj\n(x)\nendobj\nstartxref\n", start_of(pdf).to_string().as_bytes(), b"\n%%EOF\n"]
                    .concat(),
                &[(9, &again)],
            ),
        ),
        ("picture-by-a-stranger", sign(pdf, &shown, stranger, None).unwrap()),
        ("signature-by-a-stranger", sign(pdf, &hidden, stranger, None).unwrap()),
    ]
}

/// Each message of a file's signatures, with the bytes that it covers.
pub(crate) fn messages(pdf: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let count = pdf.windows(11).filter(|text| text == b"/ByteRange ").count();
    let one = |which| {
        let (start, behind) = gap(pdf, which);
        let digits = std::str::from_utf8(&pdf[start + 1..behind - 1]).unwrap();
        let bytes: Vec<u8> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
        // An element says itself how long it is: its length has two bytes here.
        assert_eq!(bytes[..2], [0x30, 0x82]);
        let length = 4 + usize::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        (bytes[..length].to_vec(), [&pdf[..start], &pdf[behind..range(pdf, which)[2] + range(pdf, which)[3]]].concat())
    };
    (0..count).map(one).collect()
}

/// The numbers of a `ByteRange`.
fn range(pdf: &[u8], which: usize) -> [usize; 4] {
    let at = pdf.windows(12).enumerate().filter(|(_, text)| text == b"/ByteRange [").nth(which).unwrap().0 + 12;
    let end = at + find(&pdf[at..], b"]");
    let numbers: Vec<usize> =
        std::str::from_utf8(&pdf[at..end]).unwrap().split_whitespace().map(|one| one.parse().unwrap()).collect();
    numbers.try_into().unwrap()
}

/// Where a signature's message begins and ends.
fn gap(pdf: &[u8], which: usize) -> (usize, usize) {
    let range = range(pdf, which);
    (range[1], range[2])
}

fn find(bytes: &[u8], text: &[u8]) -> usize {
    bytes.windows(text.len()).position(|own| own == text).unwrap()
}

/// One hexadecimal digit or letter is another.
fn flipped(pdf: &[u8], at: usize) -> Vec<u8> {
    let mut changed = pdf.to_vec();
    changed[at] = if changed[at] == b'1' { b'2' } else { b'1' };
    changed
}

fn start_of(pdf: &[u8]) -> usize {
    let text = String::from_utf8_lossy(&pdf[pdf.len() - 40..]).into_owned();
    text[text.find("startxref").unwrap() + 9..].split_whitespace().next().unwrap().parse().unwrap()
}

/// What an object is now, as it is written.
fn newest(pdf: &[u8], number: u32) -> String {
    let head = format!("\n{number} 0 obj\n");
    let at = pdf.windows(head.len()).rposition(|text| text == head.as_bytes()).unwrap() + head.len();
    let end = at + find(&pdf[at..], b"endobj");
    String::from_utf8(pdf[at..end].to_vec()).unwrap()
}

/// The file with an update behind it.
fn updated(pdf: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let mut all = pdf.to_vec();
    let mut table = "xref\n".to_owned();
    for (number, text) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", all.len()));
        all.extend_from_slice(format!("{number} 0 obj\n{}\nendobj\n", text.trim_end()).as_bytes());
    }
    let (start, before) = (all.len(), start_of(pdf));
    let id = "[<0102030405060708> <0102030405060709>]";
    let trailer = format!("trailer\n<</Size 951 /Root 1 0 R /Info 7 0 R /Prev {before} /ID {id}>>\n");
    all.extend_from_slice(format!("{table}{trailer}startxref\n{start}\n%%EOF\n").as_bytes());
    all
}
