//! Small files of two pages.

use std::fmt::Write;

/// How a file keeps its cross references.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Table,
    Stream,
}

/// Objects of a file of two pages: 1 catalog, 2 pages, 3 and 4 a page each, 5 and 6 their content, 7 information, 8
/// metadata, 9 an annotation.
const OBJECTS: [&str; 9] = [
    "<</Type /Catalog /Pages 2 0 R /Metadata 8 0 R>>",
    "<</Type /Pages /Count 2 /Kids [3 0 R 4 0 R]>>",
    "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources <<>> /Annots [9 0 R]>>",
    "<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 6 0 R /Resources <<>>>>",
    "<</Length 18>>\nstream\n0 0 100 100 re f\n%\nendstream",
    "<</Length 18>>\nstream\n0 0 200 200 re f\n%\nendstream",
    "<</Title (Copy) /Producer (test)>>",
    "<</Type /Metadata /Subtype /XML /Length 4>>\nstream\n<x/>\nendstream",
    "<</Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (note)>>",
];

/// A file.
pub fn file(kind: Kind) -> Vec<u8> {
    let objects: Vec<(u32, String)> = (1..).zip(OBJECTS.map(str::to_owned)).collect();
    let mut text = "%PDF-1.7\n%\u{e2}\u{e3}\n".as_bytes().to_vec();
    write(&mut text, &objects, kind, "/Root 1 0 R /Info 7 0 R /ID [<0102> <0102>]", 10);
    text
}

/// A file with an update behind it: objects by their numbers, and what else the trailer says. The file has a table.
pub fn appended(file: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let before = crate::pdf::newest_section(file).unwrap();
    let objects: Vec<(u32, String)> = objects.iter().map(|(number, text)| (*number, (*text).to_owned())).collect();
    let mut all = file.to_vec();
    let trailer = format!("/Prev {before} /ID [<0102> <0103>] {trailer}");
    write(&mut all, &objects, Kind::Table, &trailer, 900);
    all
}

/// The same file with its pages (2, 3 and 4) packed in object 20.
pub fn packed() -> Vec<u8> {
    let pages = [OBJECTS[1], OBJECTS[2], OBJECTS[3]];
    let mut file = "%PDF-1.7\n%\u{e2}\u{e3}\n".as_bytes().to_vec();
    let mut lines = [[0, 0, 0, 0]; 23];
    let stream = object_stream(&[(2, pages[0]), (3, pages[1]), (4, pages[2])]);
    let mut put = |file: &mut Vec<u8>, number: usize, text: &str| {
        let at = u16::try_from(file.len()).unwrap().to_be_bytes();
        lines[number] = [1, at[0], at[1], 0];
        file.extend_from_slice(format!("{number} 0 obj\n{text}\nendobj\n").as_bytes());
    };
    for number in [1, 5, 6, 7, 8, 9] {
        put(&mut file, number, OBJECTS[number - 1]);
    }
    put(&mut file, 20, &stream);
    let start = file.len();
    put(&mut file, 22, "");
    file.truncate(start);
    for (place, number) in (2..=4).enumerate() {
        lines[number] = [2, 0, 20, u8::try_from(place).unwrap()];
    }
    let table = lines.concat();
    let head = "22 0 obj\n<</Type /XRef /W [1 2 1] /Size 23 /Root 1 0 R /Info 7 0 R /ID [<0102> <0102>]";
    file.extend_from_slice(format!("{head} /Length {}>>\nstream\n", table.len()).as_bytes());
    file.extend_from_slice(&table);
    file.extend_from_slice(format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    file
}

/// The text of an object stream with these objects.
pub fn object_stream(objects: &[(u32, &str)]) -> String {
    let (mut index, mut data) = (String::new(), String::new());
    for (number, text) in objects {
        write!(index, "{number} {} ", data.len()).unwrap();
        write!(data, "{text} ").unwrap();
    }
    let all = format!("{index}{data}");
    let (count, first, length) = (objects.len(), index.len(), all.len());
    format!("<</Type /ObjStm /N {count} /First {first} /Length {length}>>\nstream\n{all}\nendstream")
}

fn write(file: &mut Vec<u8>, objects: &[(u32, String)], kind: Kind, trailer: &str, size: u32) {
    let mut places = Vec::new();
    for (number, text) in objects {
        places.push((*number, file.len()));
        file.extend_from_slice(format!("{number} 0 obj\n{text}\nendobj\n").as_bytes());
    }
    let start = file.len();
    let mut text = String::new();
    match kind {
        Kind::Table => {
            text.push_str("xref\n0 1\n0000000000 65535 f \n");
            for (number, at) in places {
                write!(text, "{number} 1\n{at:010} 00000 n \n").unwrap();
            }
            write!(text, "trailer\n<</Size {size} {trailer}>>\n").unwrap();
        }
        Kind::Stream => {
            places.push((size, start));
            let index: Vec<String> = places.iter().map(|(number, _)| format!("{number} 1")).collect();
            let digits: String = places.iter().map(|(_, at)| format!("01{at:06x}00")).collect();
            write!(
                text,
                "{size} 0 obj\n<</Type /XRef /W [1 3 1] /Index [{}] /Size {} {trailer} /Length {}>>\nstream\n",
                index.join(" "),
                size + 1,
                digits.len() / 2
            )
            .unwrap();
            file.extend_from_slice(text.as_bytes());
            file.extend((0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()));
            text = "\nendstream\nendobj\n".to_owned();
        }
    }
    write!(text, "startxref\n{start}\n%%EOF\n").unwrap();
    file.extend_from_slice(text.as_bytes());
}
