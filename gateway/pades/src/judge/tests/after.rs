use super::*;
use crate::testing::appended;

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
fn with_catalog(change: impl Fn(&mut crate::pdf::Dict, &mut crate::pdf::Dict), more: &[(u32, &str)]) -> After {
    let pdf = signed(&file(FileKind::Table), "Officer", Level::BLT, day(1));
    let read = Pdf::read(&pdf).unwrap();
    let view = read.now();
    let (_, mut catalog) = view.catalog().unwrap();
    let form_id = catalog.get("AcroForm").and_then(Object::reference).unwrap();
    let mut form = view.dict(&catalog, "AcroForm").unwrap().unwrap();
    change(&mut catalog, &mut form);
    let text = |dict: &crate::pdf::Dict| {
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
    use crate::pdf::Id;
    let field = |form: &mut crate::pdf::Dict| {
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
    let action = |catalog: &mut crate::pdf::Dict, _: &mut crate::pdf::Dict| {
        catalog.set("OpenAction", Object::Dict(crate::pdf::Dict::from([("S", Object::name("JavaScript"))])));
    };
    assert!(matches!(with_catalog(action, &[]), After::ContentChanged(_)));
    let stripped = |catalog: &mut crate::pdf::Dict, _: &mut crate::pdf::Dict| {
        catalog.0.retain(|(name, _)| name != b"DSS");
    };
    assert!(matches!(with_catalog(stripped, &[]), After::ContentChanged(_)));
    let extended = |catalog: &mut crate::pdf::Dict, _: &mut crate::pdf::Dict| {
        catalog.set("Extensions", Object::Dict(crate::pdf::Dict::from([("ESIC", Object::Int(1))])));
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
    let list = Object::Array(vec![Object::Ref(crate::pdf::Id::new(960))]);
    catalog.set("DSS", Object::Dict(crate::pdf::Dict::from([("Certs", list)])));
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
