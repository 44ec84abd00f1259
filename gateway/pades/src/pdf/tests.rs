use proptest::prelude::*;

use super::parser::Parser;
use super::update::Update;
use super::*;
use crate::budget::Budget;
use crate::testing::{Kind, appended, file, packed};

fn parsed(text: &str) -> Result<Object, PdfError> {
    Parser::new(text.as_bytes(), 0).object()
}

#[test]
fn values_are_read_however_they_are_written() {
    let string = |text: &str| Object::String(text.as_bytes().to_vec());
    assert_eq!(parsed("(a\\(b\\)(c)\\n\\101\\\r\n)"), Ok(string("a(b)(c)\nA")));
    assert_eq!(parsed("<48 65 6C6c 7>"), Ok(string("Hellp")));
    assert_eq!(parsed("/A#20B#"), Ok(Object::Name(b"A B#".to_vec())));
    assert_eq!(
        parsed("[1 0 R 2 3 -4 +5 %note\n.5]"),
        Ok(Object::Array(vec![
            Object::Ref(Id::new(1)),
            Object::Int(2),
            Object::Int(3),
            Object::Int(-4),
            Object::Int(5),
            Object::Real(b"0.5".to_vec()),
        ]))
    );
    for (text, same) in [("827.0", "827"), ("+0.50", ".5"), ("-00.", "0"), ("<</A 1/B[2 .0]>>", "<</B[2.0 0]/A 1.>>")] {
        assert_eq!(parsed(text), parsed(same), "{text}");
    }
    assert_eq!(parsed("<</A null/B true/C<</D/E>>>>").unwrap().dict().unwrap().0.len(), 3);
    assert_eq!(Object::text("Số").shown().as_deref(), Some("Số"));
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    for text in ["<</A 1/A 2>>", "<</A 1", "(a", "<0g>", "1.2.3", "--1", "word", "", "<<1 2>>", "]"] {
        assert!(parsed(text).is_err(), "{text}");
    }
    assert!(parsed(&"[".repeat(100_000)).is_err());
}

#[test]
fn objects_of_both_kinds_of_files_are_found() {
    for kind in [Kind::Table, Kind::Stream] {
        let bytes = file(kind);
        let pdf = Pdf::read(&bytes).unwrap();
        let view = pdf.now();
        assert_eq!(view.pages().unwrap().iter().map(|(id, _)| id.number).collect::<Vec<_>>(), [3, 4]);
        let content = view.numbered(5).unwrap();
        assert_eq!(view.unpacked(&content).unwrap(), b"0 0 100 100 re f\n%");
        assert_eq!(view.get(Id { number: 5, generation: 1 }), Ok(Object::Null));
        assert_eq!(view.numbered(99), Ok(Object::Null));
    }
}

#[test]
fn an_update_changes_what_it_says_and_nothing_else() {
    for kind in [Kind::Table, Kind::Stream] {
        let bytes = file(kind);
        let pdf = Pdf::read(&bytes).unwrap();
        let mut update = Update::new(&pdf).unwrap();
        let added = update.add(&Object::text("(new)"));
        update.put(Id::new(9), &Object::Int(1));
        let updated = update.finish().bytes;
        assert!(updated.starts_with(&bytes));
        let pdf = Pdf::read(&updated).unwrap();
        assert_eq!(pdf.now().get(added), Ok(Object::String(b"(new)".to_vec())));
        assert_eq!(pdf.now().numbered(9), Ok(Object::Int(1)));
        let old = pdf.revision(1, bytes.len());
        assert_eq!(old.get(added), Ok(Object::Null));
        assert!(old.numbered(9).unwrap().dict().is_some());
        let id = |section: usize| pdf.sections[section].trailer.get("ID").and_then(Object::array).unwrap().to_vec();
        assert!(id(0)[0] == id(1)[0] && id(0)[1] != id(1)[1]);
    }
}

#[test]
fn files_that_lead_nowhere_are_refused() {
    let bytes = file(Kind::Table);
    let circle = String::from_utf8_lossy(&bytes).replace("/Root 1 0 R", "/Prev 00000 /Root 1 0 R");
    let at = newest_section(&bytes).unwrap();
    // The same number of bytes as the zeros.
    let circle = circle.replace("/Prev 00000", &format!("/Prev {at:05}"));
    let in_circle = Pdf::read(circle.as_bytes()).err();
    assert!(matches!(in_circle, Some(PdfError::Syntax { what, .. }) if what.contains("circle")), "{in_circle:?}");
    let encrypted = appended(&bytes, &[], "/Root 1 0 R /Encrypt 7 0 R");
    assert_eq!(Pdf::read(&encrypted).err(), Some(PdfError::Encrypted));
    let twice = appended(&bytes, &[(2, "<</Type /Pages /Count 2 /Kids [3 0 R 3 0 R]>>")], "/Root 1 0 R");
    assert!(matches!(Pdf::read(&twice).unwrap().now().pages(), Err(PdfError::TooMuch(_))));
    let own = appended(&bytes, &[(2, "2 0 R")], "/Root 1 0 R");
    assert!(Pdf::read(&own).unwrap().now().resolve(&Object::Ref(Id::new(2))).is_err());
    let long = appended(&bytes, &[(5, "<</Length 99999>>\nstream\nx\nendstream")], "/Root 1 0 R");
    assert!(Pdf::read(&long).unwrap().now().numbered(5).is_err());
}

#[test]
fn what_two_readers_find_in_two_places_is_refused() {
    let right = file(Kind::Table);
    let text = String::from_utf8_lossy(&right).into_owned();
    let line = |text: &str| text.find("65535 f \n").unwrap() + 7;
    // A line of 19 bytes, one with other white space, and a comment among them.
    for (from, to) in [(" \n", "\n"), (" \n", "\t\n"), (" \n", "%\n")] {
        let at = line(&text);
        let loose = [&text[..at], to, &text[at + from.len()..]].concat();
        // What comes behind does not move where it is looked for.
        assert!(matches!(Pdf::read(loose.as_bytes()), Err(PdfError::Syntax { .. })), "{to:?}");
    }
    let broken = |from: &str, to: &str| {
        let changed = appended(right.as_slice(), &[(5, from)], "/Root 1 0 R");
        let ok = Pdf::read(&changed).unwrap().now().numbered(5);
        assert!(ok.is_ok(), "{from} {ok:?}");
        let changed = appended(right.as_slice(), &[(5, to)], "/Root 1 0 R");
        let read = Pdf::read(&changed).unwrap().now().numbered(5);
        assert!(read.is_err(), "{to} {read:?}");
    };
    let stream = "<</Length 1>>\nstream\nx\nendstream";
    broken(stream, "<</Length 1>>\nstream\nx\n% endstream endobj\nendstream");
    broken(stream, "<</Length 1>>\nstream\nx \nendstream");
    broken(stream, "<</Length 1>> % stream\nstream\nx\nendstream");
    // An object whose head has a comment in it, or that begins behind its place.
    for head in ["5 %\n0 obj", "5 0 %\nobj", "\n5 0 obj"] {
        let changed = appended(right.as_slice(), &[(5, stream)], "/Root 1 0 R");
        let at = changed.windows(7).rposition(|text| text == b"5 0 obj").unwrap();
        let odd = [&changed[..at], head.as_bytes(), &changed[at + 7..]].concat();
        let start = newest_section(&changed).unwrap();
        let moved = start + head.len() - 7;
        let odd =
            String::from_utf8_lossy(&odd).replace(&format!("startxref\n{start}\n%"), &format!("startxref\n{moved}\n%"));
        // Lossy text has other bytes only in the comment at the beginning, which is as long.
        let odd = [&changed[..15], &odd.as_bytes()[odd.len() - (changed.len() + head.len() - 7 - 15)..]].concat();
        let read = Pdf::read(&odd).unwrap().now().numbered(5);
        assert!(read.is_err(), "{head} {read:?}");
    }
}

#[test]
fn a_stream_whose_length_is_another_in_another_revision_is_another() {
    let data = "30 0 (a\nendstream\nendobj\n) ";
    let stream = format!("<</Type /ObjStm /N 1 /First 5 /Length 31 0 R>>\nstream\n{data}\nendstream");
    let bytes = appended(&packed(), &[(20, &stream), (31, "7")], "/Root 1 0 R");
    let bytes = appended(&bytes, &[(31, &data.len().to_string())], "/Root 1 0 R");
    let mut pdf = Pdf::read(&bytes).unwrap();
    for section in &mut pdf.sections {
        section.entries.insert(30, Entry::In(20, 0));
    }
    pdf.sort_entries();
    assert_eq!(pdf.now().numbered(30), Ok(Object::String(b"a\nendstream\nendobj\n".to_vec())));
    assert!(pdf.revision(1, bytes.len()).numbered(30).is_err(), "the string has no end there");
}

#[test]
fn a_few_bytes_that_say_that_they_are_millions_of_entries_are_refused() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![0; 3 * 8_000_000]).unwrap();
    let packed = encoder.finish().unwrap();
    let head = "1 0 obj\n<</Type /XRef /W [1 1 1] /Size 8000000 /Root 1 0 R /Filter /FlateDecode";
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend_from_slice(format!("{head} /Length {}>>\nstream\n", packed.len()).as_bytes());
    bytes.extend_from_slice(&packed);
    bytes.extend_from_slice(b"\nendstream\nendobj\nstartxref\n9\n%%EOF\n");
    assert_eq!(Pdf::read(&bytes).err(), Some(PdfError::TooMuch("entries of cross references")));
}

#[test]
fn what_leads_to_nothing_is_work_too() {
    // Each object is an array without an end, which is looked at again from another place.
    let text = "[".to_owned() + &"1 ".repeat(1 << 19);
    let bytes = appended(&file(Kind::Table), &[(5, &text)], "/Root 1 0 R");
    let pdf = Pdf::read(&bytes).unwrap();
    let errors: Vec<_> = (0..40).map(|_| pdf.now().numbered(5).unwrap_err()).collect();
    assert!(matches!(errors[0], PdfError::Syntax { .. }), "{:?}", errors[0]);
    assert_eq!(errors[39], PdfError::TooMuch("objects that are read again"));
    // And so is white space behind which nothing is.
    let text = "1 ".to_owned() + &" ".repeat(1 << 20) + "x";
    let bytes = appended(&file(Kind::Table), &[(5, &text)], "/Root 1 0 R");
    let pdf = Pdf::read(&bytes).unwrap();
    let errors: Vec<_> = (0..40).map(|_| pdf.now().numbered(5).unwrap_err()).collect();
    assert_eq!(errors[39], PdfError::TooMuch("objects that are read again"));
}

#[test]
fn a_stream_that_unpacks_without_end_is_refused() {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..70 {
        encoder.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let dict = Dict::from([("Filter", Object::name("FlateDecode"))]);
    assert_eq!(
        filter::unpack(&dict, &encoder.finish().unwrap(), filter::UNPACKED, &Budget::default()),
        Err(PdfError::TooMuch("packed streams"))
    );
}

#[test]
fn predictions_of_png_are_taken_out() {
    let parameters = Dict::from([("Predictor", Object::Int(15)), ("Columns", Object::Int(3))]);
    let dict = Dict::from([("DecodeParms", Object::Dict(parameters))]);
    let lines = [[0, 1, 2, 3], [1, 1, 1, 1], [2, 1, 1, 1], [3, 1, 1, 1], [4, 1, 1, 1]].concat();
    let expected = [[1, 2, 3], [1, 2, 3], [2, 3, 4], [2, 3, 4], [3, 4, 5]].concat();
    assert_eq!(filter::unpack(&dict, &lines, 99, &Budget::default()), Ok(expected));
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(bytes in proptest::collection::vec(any::<u8>(), 0..40), number in any::<i64>()) {
        let value = Object::Array(vec![
            Object::String(bytes.clone()),
            Object::Name(bytes.iter().copied().filter(|byte| *byte != 0).collect()),
            Object::Dict(Dict::from([("K", Object::Int(number)), ("R", Object::Ref(Id::new(7)))])),
            Object::Null,
        ]);
        let mut written = Vec::new();
        value.write(&mut written);
        prop_assert_eq!(Parser::new(&written, 0).object(), Ok(value));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Parser::new(&bytes, 0).object();
        let text = String::from_utf8_lossy(&bytes);
        let pdf = appended(&file(Kind::Table), &[(3, &text), (1, &text)], "/Root 1 0 R");
        if let Ok(pdf) = Pdf::read(&pdf) {
            let _ = pdf.now().pages();
            let _ = pdf.now().reached(&Object::Ref(Id::new(1)), |_| false);
        }
    }
}
