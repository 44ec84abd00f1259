use super::*;
use crate::pdf::{Dict, Id};
use crate::sign::{prepare, time_stamp_dictionary};
use crate::testing::{Holder, appended, object_stream, packed};

/// What is said of an update behind a signed file.
fn after(objects: &[(u32, &str)], trailer: &str) -> After {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLT, day(1));
    let changed = appended(&pdf, objects, trailer);
    let report = first(&changed, day(2));
    assert_eq!(report.intact, Ok(()), "the signed bytes are still there");
    assert!(!report.covers_all);
    let expected = if matches!(report.after, After::ContentChanged(_)) { Verdict::Invalid } else { Verdict::Valid };
    assert_eq!(report.verdict(), expected);
    report.after
}

const TRAILER: &str = "/Root 1 0 R /Info 7 0 R";
const PAGE: &str = "/Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources <<>>";

#[test]
fn what_comes_behind_a_signature_is_told_by_its_kind() {
    let plain = file(FileKind::Table);
    let bare = signed(&plain, "Officer", Level::BB, day(1));
    assert_eq!(first(&bare, day(1)).after, After::Nothing);
    let kept = signed(&plain, "Officer", Level::BLTA, day(1));
    assert_eq!(first(&kept, day(1)).after, After::ValidationData);
    let twice = signed(&kept, "Seal", Level::BLTA, day(1));
    let report = judged(&twice, day(1));
    let all: Vec<_> = report.signatures.iter().map(|one| one.after.clone()).collect();
    assert_eq!(all, [After::AnotherSignature, After::AnotherSignature, After::ValidationData, After::Nothing]);
}

#[test]
fn every_change_is_one_however_it_is_hidden() {
    let page = format!("<<{PAGE} /Contents 6 0 R>>");
    let moved = format!("<<{PAGE} /Contents 6 0 R /Annots [9 0 R]>>");
    let more = format!("<<{PAGE} /Contents 5 0 R /Annots [9 0 R 950 0 R]>>");
    let square = "<</Length 18>>\nstream\n0 0 300 300 re f\n%\nendstream";
    for (what, objects, trailer) in [
        ("content", &[(5, square)][..], TRAILER),
        ("a page's content", &[(3, moved.as_str())], TRAILER),
        ("a page more", &[(2, "<</Type /Pages /Count 3 /Kids [3 0 R 4 0 R 950 0 R]>>"), (950, &page)], TRAILER),
        ("pages in another order", &[(2, "<</Type /Pages /Count 2 /Kids [4 0 R 3 0 R]>>")], TRAILER),
        ("an annotation", &[(9, "<</Type /Annot /Subtype /Text /Rect [10 10 20 20] /Contents (paid)>>")], TRAILER),
        ("an annotation more", &[(3, &more), (950, "<</Type /Annot /Subtype /Square /Rect [0 0 9 9]>>")], TRAILER),
        ("the title", &[(7, "<</Title (Other) /Producer (test)>>")], TRAILER),
        ("the title elsewhere", &[(950, "<</Title (Other)>>")], "/Root 1 0 R /Info 950 0 R"),
        ("metadata", &[(8, "<</Type /Metadata /Subtype /XML /Length 4>>\nstream\n<y/>\nendstream")], TRAILER),
        ("another catalog", &[(950, "<</Type /Catalog /Pages 2 0 R>>")], "/Root 950 0 R /Info 7 0 R"),
        ("no form", &[(1, "<</Type /Catalog /Pages 2 0 R /Metadata 8 0 R>>")], TRAILER),
        ("an object nobody needs", &[(950, "(hidden)")], TRAILER),
    ] {
        let after = after(objects, trailer);
        assert!(matches!(after, After::ContentChanged(_)), "{what}: {after:?}");
    }
}

#[test]
fn who_wrote_the_file_last_is_no_content() {
    assert_eq!(after(&[(7, "<</Title (Copy) /Producer (other) /ModDate (D:2026)>>")], TRAILER), After::ValidationData);
    let metadata =
        |text: &str| format!("<</Type /Metadata /Subtype /XML /Length {}>>\nstream\n{text}\nendstream", text.len());
    let plain = appended(&file(FileKind::Table), &[(8, &metadata("<x:ModifyDate>1</x:ModifyDate><y>1</y>"))], TRAILER);
    let pdf = signed(&plain, "Officer", Level::BB, day(1));
    for (text, expected) in [
        ("<x:ModifyDate>22</x:ModifyDate><y>1</y>", true),
        ("<x:ModifyDate>1</x:ModifyDate><y>2</y>", false),
        ("<x:ModifyDate>1<z/></x:ModifyDate><y>1</y>", false),
        ("<x:ModifyDate", false),
        ("<x:ModifyDate>", false),
    ] {
        let report = first(&appended(&pdf, &[(8, &metadata(text))], TRAILER), day(1));
        assert_eq!(report.after == After::Nothing, expected, "{text}: {:?}", report.after);
    }
    assert_eq!(after(&[(6, "<</Length 18>>\nstream\n0 0 200 200 re f\n%\nendstream")], TRAILER), After::ValidationData);
}

/// The catalog and the form of a file that is signed, with something else in them.
fn with_catalog(change: impl Fn(&mut Dict, &mut Dict), more: &[(u32, &str)]) -> After {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLT, day(1));
    let read = Pdf::read(&pdf).unwrap();
    let view = read.now();
    let (_, mut catalog) = view.catalog().unwrap();
    let form_id = catalog.get("AcroForm").and_then(Object::reference).unwrap();
    let mut form = view.dict(&catalog, "AcroForm").unwrap().unwrap();
    change(&mut catalog, &mut form);
    let text = |dict: &Dict| {
        let mut bytes = Vec::new();
        dict.write(&mut bytes);
        String::from_utf8(bytes).unwrap()
    };
    let (catalog, form) = (text(&catalog), text(&form));
    let mut objects = vec![(1, catalog.as_str()), (form_id.number, form.as_str())];
    objects.extend(more);
    after(&objects, TRAILER)
}

#[test]
fn only_what_is_of_a_signature_may_be_added_to_the_form() {
    let field = |form: &mut Dict| {
        let mut fields = form.get("Fields").and_then(Object::array).unwrap().to_vec();
        fields.push(Object::Ref(Id::new(950)));
        form.set("Fields", Object::Array(fields));
    };
    let widget = "<</Type /Annot /Subtype /Widget /FT /Tx /T (x) /Rect [0 0 9 9]>>";
    assert!(matches!(with_catalog(|_, form| field(form), &[(950, widget)]), After::ContentChanged(_)));
    // Something that calls itself a signature, but signs nothing.
    let widget = "<</Type /Annot /Subtype /Widget /FT /Sig /T (x) /V 951 0 R /Rect [0 0 595 842]>>";
    let value = "<</Type /Sig /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <00>>>";
    assert!(matches!(with_catalog(|_, form| field(form), &[(950, widget), (951, value)]), After::ContentChanged(_)));
    let action = |catalog: &mut Dict, _: &mut Dict| {
        catalog.set("OpenAction", Object::Dict(Dict::from([("S", Object::name("JavaScript"))])));
    };
    assert!(matches!(with_catalog(action, &[]), After::ContentChanged(_)));
    let stripped = |catalog: &mut Dict, _: &mut Dict| {
        catalog.0.retain(|(name, _)| name != b"DSS");
    };
    assert!(matches!(with_catalog(stripped, &[]), After::ContentChanged(_)));
    let extended = |catalog: &mut Dict, _: &mut Dict| {
        catalog.set("Extensions", Object::Dict(Dict::from([("ESIC", Object::Int(1))])));
    };
    assert_eq!(with_catalog(extended, &[]), After::ValidationData);
}

#[test]
fn an_object_that_was_referred_to_but_missing_cannot_be_supplied_later() {
    // The page refers to an object that is not there when it is signed.
    let plain = file(FileKind::Table);
    let page = format!("<<{PAGE} /Contents [5 0 R 960 0 R] /Annots [9 0 R]>>");
    let dangling = appended(&plain, &[(3, &page)], TRAILER);
    let pdf = signed(&dangling, "Officer", Level::BB, day(1));
    assert_eq!(first(&pdf, day(1)).after, After::Nothing);
    let square = "<</Length 18>>\nstream\n0 0 300 300 re f\n%\nendstream";
    // Even as a certificate of the validation data.
    let read = Pdf::read(&pdf).unwrap();
    let (_, mut catalog) = read.now().catalog().unwrap();
    let list = Object::Array(vec![Object::Ref(Id::new(960))]);
    catalog.set("DSS", Object::Dict(Dict::from([("Certs", list)])));
    let mut bytes = Vec::new();
    catalog.write(&mut bytes);
    let changed = appended(&pdf, &[(1, std::str::from_utf8(&bytes).unwrap()), (960, square)], TRAILER);
    assert!(matches!(first(&changed, day(1)).after, After::ContentChanged(_)));
}

#[test]
fn a_signature_of_another_file_does_not_fit() {
    let plain = file(FileKind::Table);
    let own = signed(&plain, "Officer", Level::BB, day(1));
    let other = signed(&appended(&plain, &[(950, "(x)")], TRAILER), "Officer", Level::BB, day(1));
    let message = find(&Pdf::read(&other).unwrap()).unwrap().remove(0).contents;
    let place = own.windows(11).rposition(|window| window == b"/Contents <").unwrap() + 10;
    let mut replaced = own;
    crate::pdf::update::fill(&mut replaced, place, &message);
    assert_eq!(first(&replaced, day(1)).intact, Err(SignatureFault::Message(crate::CmsError::Changed)));
}

/// A file with a time stamp of the whole file, in which some text was another before it was stamped.
fn stamped(pdf: &[u8], field: &SignatureField, dictionary: Dict, texts: &[(&str, &str)]) -> Vec<u8> {
    let read = Pdf::read(pdf).unwrap();
    let mut prepared = prepare(&read, field, dictionary, 2048).unwrap();
    for (from, to) in texts {
        let to = format!("{to:width$}", width = from.len());
        assert_eq!(from.len(), to.len());
        let at = prepared.bytes.windows(from.len()).rposition(|text| text == from.as_bytes()).unwrap();
        prepared.bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    let token = crate::timestamp::get(&Authorities::at(day(1)), &prepared.hash()).unwrap();
    prepared.fill(&token).unwrap();
    prepared.bytes
}

fn shown_at(name: &str, page: usize) -> SignatureField {
    SignatureField { page, rect: Some([10.0, 20.0, 200.0, 100.5]), ..SignatureField::invisible(name, day(1)) }
}

/// Signs so that it can be judged offline.
fn signed_by(pdf: &[u8], field: &SignatureField, holder: &Holder) -> Vec<u8> {
    let authorities = Authorities::at(day(1));
    let signed = sign(pdf, field, &mut pki().signer(holder), Some(&authorities)).unwrap();
    add_validation_data(&signed, &pki().roots(), day(1), &authorities).unwrap_or(signed)
}

fn is_changed(pdf: &[u8], what: &str) {
    let report = first(pdf, day(1));
    assert_eq!(report.intact, Ok(()), "{what}");
    assert!(matches!(report.after, After::ContentChanged(_)), "{what}: {:?}", report.after);
    assert_eq!(report.verdict(), Verdict::Invalid, "{what}");
}

#[test]
fn a_time_stamp_draws_nothing_wherever_its_place_is_written() {
    let boxed = appended(&file(FileKind::Table), &[(950, "[10 20 200 100]")], TRAILER);
    let pdf = signed(&boxed, "Officer", Level::BT, day(1));
    let hidden = SignatureField::invisible("Stamp", day(1));
    assert_eq!(first(&stamped(&pdf, &hidden, time_stamp_dictionary(), &[]), day(1)).after, After::ValidationData);
    let field = shown_at("Stamp", 0);
    is_changed(&stamped(&pdf, &field, time_stamp_dictionary(), &[]), "four numbers");
    let indirect = [("/Rect [10 20 200 100.5]", "/Rect 950 0 R")];
    is_changed(&stamped(&pdf, &field, time_stamp_dictionary(), &indirect), "a reference");
}

#[test]
fn what_is_missing_behind_a_reference_of_another_generation_cannot_be_supplied_later() {
    // Some readers do not look at generations, and find 955 by way of 960, which is there as its first.
    let page = format!("<<{PAGE} /Contents [5 0 R 960 3 R] /Annots [9 0 R]>>");
    let plain = appended(&file(FileKind::Table), &[(3, &page), (960, "[955 0 R]")], TRAILER);
    let pdf = signed(&plain, "Officer", Level::BB, day(1));
    is_changed(&with_certificates(&pdf, &[955], &[(955, SQUARE)]), "supplied");
}

const SQUARE: &str = "<</Length 18>>\nstream\n0 0 300 300 re f\n%\nendstream";

/// Validation data behind a file that names these objects as certificates, and these objects.
fn with_certificates(pdf: &[u8], numbers: &[u32], objects: &[(u32, &str)]) -> Vec<u8> {
    let read = Pdf::read(pdf).unwrap();
    let (_, mut catalog) = read.now().catalog().unwrap();
    let list = Object::Array(numbers.iter().map(|number| Object::Ref(Id::new(*number))).collect());
    catalog.set("DSS", Object::Dict(Dict::from([("Certs", list)])));
    let mut bytes = Vec::new();
    catalog.write(&mut bytes);
    let mut all = vec![(1, std::str::from_utf8(&bytes).unwrap())];
    all.extend(objects);
    appended(pdf, &all, TRAILER)
}

#[test]
fn bytes_that_no_revision_accounts_for_are_a_change_also_between_revisions() {
    for kind in [FileKind::Table, FileKind::Stream] {
        let pdf = signed(&file(kind), "Officer", Level::BB, day(1));
        let end = pdf.windows(9).rposition(|bytes| bytes == b"startxref").unwrap();
        for rubbish in ["x", "% a note\n", "5 0 obj\n<<>>\nendobj\n", ""] {
            let between = [pdf.as_slice(), rubbish.as_bytes(), &pdf[end..]].concat();
            is_changed(&between, rubbish);
            is_changed(&signed(&between, "Seal", Level::BLTA, day(1)), rubbish);
        }
        let twice = signed(&[pdf.as_slice(), b"\r\n \n"].concat(), "Seal", Level::BLTA, day(1));
        assert_eq!(first(&twice, day(1)).after, After::AnotherSignature, "white space says nothing");
    }
}

#[test]
fn what_others_are_packed_in_is_not_changed_by_another_name() {
    let pdf = signed(&packed(), "Officer", Level::BB, day(1));
    assert_eq!(first(&pdf, day(1)).after, After::Nothing);
    let page = format!("<<{PAGE} /Contents 6 0 R>>");
    let pages = "<</Type /Pages /Count 2 /Kids [3 0 R 4 0 R]>>";
    let other = object_stream(&[(2, pages), (3, &page), (4, &page)]);
    is_changed(&with_certificates(&pdf, &[20], &[(20, &other)]), "a certificate that is the pages");
    // An object stream that is not called one is none.
    let nameless = other.replace("/ObjStm", "/Other");
    let changed = appended(&packed(), &[(20, &nameless)], TRAILER);
    assert!(Pdf::read(&changed).unwrap().now().pages().is_err());
}

#[test]
fn what_has_a_second_role_is_not_changed_by_what_is_allowed_in_the_first() {
    let page = |more: &str| format!("<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R {more}>>");
    // The information dictionary is a list of fonts, too.
    let fonts = page("/Resources <</Font 7 0 R>>");
    let info = |font: &str| format!("<</Title (Copy) /Producer {font} 0 R>>");
    let two = [(3, fonts.as_str()), (7, &info("11")), (11, "<</Type /Font>>"), (12, "<</Type /Font>>")];
    let pdf = signed(&appended(&file(FileKind::Table), &two, TRAILER), "Officer", Level::BB, day(1));
    is_changed(&appended(&pdf, &[(7, &info("12"))], TRAILER), "the information");
    // The metadata is drawn.
    let metadata = |text: &str| format!("<</Type /Metadata /Subtype /XML /Length 10>>\nstream\n{text}\nendstream");
    let drawn = page("").replace("5 0 R", "8 0 R");
    let two = [(3, drawn.as_str()), (8, &metadata(":Producer>"))];
    let pdf = signed(&appended(&file(FileKind::Table), &two, TRAILER), "Officer", Level::BB, day(1));
    let longer = "<</Type /Metadata /Subtype /XML /Length 11>>\nstream\n:Producer>f\nendstream";
    is_changed(&appended(&pdf, &[(8, longer)], TRAILER), "the metadata");
    // The form and the catalog are lists of properties.
    let properties = page("/Resources <</Properties 930 0 R>>");
    let form = "<</Fields []>>";
    let catalog = "<</Type /Catalog /Pages 2 0 R /Metadata 8 0 R /AcroForm 930 0 R>>";
    let plain = appended(&file(FileKind::Table), &[(1, catalog), (3, &properties), (930, form)], TRAILER);
    let pdf = signed(&plain, "Officer", Level::BB, day(1));
    is_changed(&signed(&pdf, "Seal", Level::BB, day(1)), "the form");
    let properties = page("/Resources <</Properties 1 0 R>>");
    let pdf = signed(&appended(&file(FileKind::Table), &[(3, &properties)], TRAILER), "Officer", Level::BB, day(1));
    let kept = add_validation_data(&pdf, &pki().roots(), day(1), &Authorities::at(day(1))).unwrap();
    is_changed(&kept, "the catalog");
    // A page's list of annotations is the list of its content, too.
    let lists = page("/Annots 940 0 R").replace("/Contents 5 0 R", "/Contents 940 0 R");
    let two = [(3, lists.as_str()), (940, "[5 0 R]")];
    let pdf = signed(&appended(&file(FileKind::Table), &two, TRAILER), "Officer", Level::BB, day(1));
    is_changed(&signed(&pdf, "Seal", Level::BB, day(1)), "the annotations");
}

#[test]
fn cross_references_behind_what_is_signed_are_none_of_it() {
    // The table that was signed has more entries at a place that is behind the end. They do not even list themselves.
    let plain = appended(&file(FileKind::Table), &[(950, "(x)")], &format!("{TRAILER} /XXefStm 20000"));
    let text = [("/XXefStm", "/XRefStm")];
    let mut pdf = stamped(&plain, &SignatureField::invisible("Officer", day(1)), time_stamp_dictionary(), &text);
    let end = pdf[pdf.windows(9).rposition(|bytes| bytes == b"startxref").unwrap()..].to_vec();
    assert!(Pdf::read(&pdf).is_err(), "they are not there yet");
    pdf.resize(20_000, b' ');
    let hidden =
        "960 0 obj\n<</Type /XRef /W [1 1 1] /Size 961 /Index [960 1] /Length 3>>\nstream\n\0\0\0\nendstream\nendobj\n";
    pdf.extend_from_slice(hidden.as_bytes());
    pdf.extend_from_slice(&end);
    assert_eq!(first(&pdf, day(1)).intact, Err(SignatureFault::Coverage));
}

#[test]
fn a_later_signature_that_draws_is_told_with_its_place() {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLT, day(1));
    let sealed = signed_by(&pdf, &shown_at("Seal", 1), &pki().seal);
    let report = first(&sealed, day(1));
    assert_eq!(report.after, After::ShownSignature);
    let shown = Shown { field: "Seal".to_owned(), page: 1, rect: [10.0, 20.0, 200.0, 100.5], is_valid: true };
    assert_eq!(report.shown, [shown]);
    assert_eq!(report.verdict(), Verdict::Valid, "somebody who is trusted answers for it");
    let sealed = judged(&sealed, day(1)).signatures.remove(1);
    assert_eq!((sealed.field.as_str(), sealed.shown.len()), ("Seal", 0));
    // Whoever nobody knows may not draw on what others have signed.
    let report = first(&signed_by(&pdf, &shown_at("Seal", 0), &pki().stranger), day(1));
    assert_eq!((report.after.clone(), report.verdict()), (After::ShownSignature, Verdict::Unproven), "{report:#?}");
    let report = first(&signed_by(&pdf, &SignatureField::invisible("Seal", day(1)), &pki().stranger), day(1));
    assert_eq!((report.after.clone(), report.verdict()), (After::AnotherSignature, Verdict::Valid));
}

#[test]
fn a_certified_file_takes_no_later_picture() {
    for (permission, hidden_is_change) in [(1, true), (2, false), (3, false)] {
        let parameters = Dict::from([("P", Object::Int(permission))]);
        let reference =
            Dict::from([("TransformMethod", Object::name("DocMDP")), ("TransformParams", Object::Dict(parameters))]);
        let mut dictionary = time_stamp_dictionary();
        dictionary.set("Reference", Object::Array(vec![Object::Dict(reference)]));
        let own = SignatureField::invisible("Officer", day(1));
        let pdf = stamped(&file(FileKind::Table), &own, dictionary, &[]);
        is_changed(&signed_by(&pdf, &shown_at("Seal", 0), &pki().seal), "a picture");
        let hidden = first(&signed(&pdf, "Seal", Level::BLT, day(1)), day(1));
        assert_eq!(matches!(hidden.after, After::ContentChanged(_)), hidden_is_change, "{permission}");
    }
}

#[test]
fn a_file_that_takes_too_much_work_is_an_error_and_no_verdict() {
    // An object of half a million bytes that is looked at for each revision.
    let large = format!("[{}]", "1 ".repeat(1 << 18));
    let page = format!("<<{PAGE} /Contents 5 0 R /Annots [9 0 R] /Other 950 0 R>>");
    let mut pdf = appended(&file(FileKind::Table), &[(3, &page), (950, &large)], TRAILER);
    pdf = signed(&pdf, "Officer", Level::BB, day(1));
    assert_eq!(first(&pdf, day(1)).after, After::Nothing);
    for _ in 0..80 {
        pdf = appended(&pdf, &[], TRAILER);
    }
    let report = judge(&pdf, &pki().roots(), day(1), None);
    assert_eq!(report, Err(JudgeError::Pdf(PdfError::TooMuch("objects that are read again"))));
}
