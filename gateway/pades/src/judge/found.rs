//! The signatures of a file, and what each covers.
//!
//! A signature covers a file but for one gap. That the gap is exactly the signature's own message, and that the rest is one
//! whole revision, must be checked to the byte: else something unsigned hides in it.

use std::collections::HashSet;
use std::ops::Range;

use super::report::{Kind, SignatureFault};
use crate::algorithm::Hash;
use crate::pdf::{Dict, Entry, Id, Object, Pdf, PdfError, Section, View, newest_section};
use crate::sign::TIME_STAMP_FILTER;

/// Most fields of a form, and most signatures.
const FIELDS: usize = 10_000;
const SIGNATURES: usize = 64;

/// A signature in a file.
pub(crate) struct Found {
    pub(crate) field: String,
    pub(crate) kind: Kind,
    pub(crate) filter: String,
    pub(crate) dictionary: Dict,
    /// The object of its dictionary.
    pub(crate) id: Option<Id>,
    /// Its message, with the zeros behind it.
    pub(crate) contents: Vec<u8>,
    pub(crate) allows: Allows,
    pub(crate) covered: Result<Covered, SignatureFault>,
}

/// Which other signatures one allows behind it (ISO 32000-1, section 12.8.2.2: `DocMDP`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Allows {
    /// `/P 1`.
    Nothing,
    /// Another `/P`: forms may be filled in, but nobody who certifies a file means new pictures on its pages by that.
    HiddenSignatures,
    /// It does not say.
    Signatures,
}

/// What a signature covers.
#[derive(Clone, Debug)]
pub(crate) struct Covered {
    gap: Range<usize>,
    /// How many bytes the file had.
    pub(crate) end: usize,
    /// The place of the section that was the newest.
    pub(crate) section: usize,
}

impl Covered {
    pub(crate) fn hash(&self, bytes: &[u8], hash: Hash) -> Vec<u8> {
        hash.of(&[&bytes[..self.gap.start], &bytes[self.gap.end..self.end]])
    }
}

/// Finds all signatures of a file's form, the oldest first; also those that a later revision has taken away.
pub(crate) fn find(pdf: &Pdf<'_>) -> Result<Vec<Found>, PdfError> {
    let mut search = Search { found: Vec::new(), seen: HashSet::new(), looked_at: 0 };
    search.form(pdf.now())?;
    for section in 1..pdf.sections.len() {
        // A revision alone need not be a file: that of the first part of one that is made for the web is none.
        let before = pdf.revision(section, pdf.bytes.len());
        if let Err(error @ PdfError::TooMuch(_)) = search.form(before) {
            return Err(error);
        }
    }
    // What covers nothing comes first.
    let mut found = search.found;
    found.sort_by_key(|found| found.covered.as_ref().map(|covered| covered.end).ok());
    Ok(found)
}

struct Search {
    found: Vec<Found>,
    /// Values of fields: what each is called, and where it is.
    seen: HashSet<(Id, Entry)>,
    looked_at: usize,
}

impl Search {
    fn form(&mut self, view: View<'_>) -> Result<(), PdfError> {
        let (_, catalog) = view.catalog()?;
        let form = view.dict(&catalog, "AcroForm")?.unwrap_or_default();
        let fields = view.array(&form, "Fields")?;
        let mut open: Vec<(Object, bool, String)> =
            fields.into_iter().rev().map(|field| (field, false, String::new())).collect();
        let mut passed = HashSet::new();
        while let Some((field, inherited, above)) = open.pop() {
            self.looked_at += 1;
            if self.looked_at > FIELDS || self.found.len() > SIGNATURES {
                return Err(PdfError::TooMuch("fields of the form"));
            }
            if field.reference().is_some_and(|id| !passed.insert(id)) {
                continue;
            }
            let Object::Dict(field) = view.resolve(&field)? else { continue };
            let own = field.get("T").map(|name| view.resolve(name)).transpose()?.and_then(|name| name.shown());
            let name = match own {
                Some(own) if above.is_empty() => own,
                Some(own) => format!("{above}.{own}"),
                None => above,
            };
            let is_signature = field.get("FT").map_or(inherited, |kind| kind.is_name("Sig"));
            for kid in view.array(&field, "Kids")?.into_iter().rev() {
                open.push((kid, is_signature, name.clone()));
            }
            let Some(value) = field.get("V").filter(|value| is_signature && **value != Object::Null) else { continue };
            let is_first = value.reference().is_none_or(|id| self.seen.insert((id, view.entry(id.number))));
            if is_first {
                self.found.push(signature(view, name, value)?);
            }
        }
        Ok(())
    }
}

fn signature(view: View<'_>, field: String, value: &Object) -> Result<Found, PdfError> {
    let id = value.reference();
    let dictionary = view.resolve(value)?.dict().cloned().unwrap_or_default();
    let name = |key| match dictionary.get(key) {
        Some(Object::Name(name)) => String::from_utf8_lossy(name).into_owned(),
        _ => String::new(),
    };
    let filter = name("SubFilter");
    let kind = if filter == TIME_STAMP_FILTER { Kind::DocumentTimeStamp } else { Kind::Signature };
    let contents = dictionary.get("Contents").and_then(Object::string).unwrap_or_default().to_vec();
    let covered = match id {
        Some(id) => covered(view, id, &dictionary),
        None => Err(SignatureFault::Dictionary("it is no object of its own")),
    };
    let mut allows = Allows::Signatures;
    for reference in view.array(&dictionary, "Reference")?.iter().take(SIGNATURES) {
        let reference = view.resolve(reference)?;
        let Some(reference) = reference.dict() else { continue };
        let entry = |of: &Dict, name: &str| of.get(name).map_or(Ok(Object::Null), |value| view.resolve(value));
        if !entry(reference, "TransformMethod")?.is_name("DocMDP") {
            continue;
        }
        let parameters = view.dict(reference, "TransformParams")?.unwrap_or_default();
        let is_none = entry(&parameters, "P")? == Object::Int(1);
        allows = allows.min(if is_none { Allows::Nothing } else { Allows::HiddenSignatures });
    }
    Ok(Found { allows, field, kind, filter, dictionary, id, contents, covered })
}

fn covered(view: View<'_>, id: Id, dictionary: &Dict) -> Result<Covered, SignatureFault> {
    let pdf = view.pdf;
    let range = dictionary.get("ByteRange").and_then(Object::array).unwrap_or_default();
    let range: Vec<usize> = range.iter().filter_map(|number| usize::try_from(number.int()?).ok()).collect();
    let [0, before, behind, rest] = range[..] else { return Err(SignatureFault::Dictionary("its ByteRange is none")) };
    let place = view.place(id, "Contents").map_err(|_| SignatureFault::Dictionary("its Contents cannot be found"))?;
    let end = behind.checked_add(rest).filter(|end| *end <= pdf.bytes.len()).ok_or(SignatureFault::Coverage)?;
    // In the gap are digits and nothing else: a space is none of the signature's.
    let digits = pdf.bytes.get(place.start + 1..place.end - 1).unwrap_or_default();
    if place != (before..behind) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(SignatureFault::Coverage);
    }
    let section = newest_section(&pdf.bytes[..end]).ok_or(SignatureFault::Coverage)?;
    let section = pdf.sections.iter().position(|own| own.at == section).ok_or(SignatureFault::Coverage)?;
    // The revision must not know of anything behind it, and everything newer must lie behind it.
    let (newer, own) = pdf.sections.split_at(section);
    let is_before = |entry: &Entry| !matches!(entry, Entry::At(at, _) if *at >= end);
    let is_within = |section: &Section| section.parts.iter().all(|part| part.end <= end);
    let is_whole = own.iter().all(|section| is_within(section) && section.entries.values().all(is_before));
    let is_behind = newer.iter().all(|section| section.parts.iter().all(|part| part.start >= end));
    let same = pdf.revision(section, end).entry(id.number) == view.entry(id.number);
    if is_whole && is_behind && same { Ok(Covered { gap: place, end, section }) } else { Err(SignatureFault::Coverage) }
}
