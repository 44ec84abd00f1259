//! A file's sections of cross references, the newest first (ISO 32000-1, sections 7.5.4 to 7.5.8).

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;

use super::filter;
use super::object::{Dict, Object};
use super::parser::Parser;
use super::view::{ObjectStream, View};
use super::{PdfError, filter::UNPACKED};

/// Largest file, bytes.
pub(super) const LARGEST: usize = 1 << 30;
/// Most sections of cross references.
const SECTIONS: usize = 1024;
/// Most objects that are looked at on the way to others.
const PASSED: usize = 4_000_000;
/// Largest number of an object (ISO 32000-1, annex C.2).
const LARGEST_NUMBER: u32 = 8_388_607;
/// How far from the end `startxref` is looked for, bytes.
const TAIL: usize = 64;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    Free,
    /// At this byte of the file, with this generation.
    At(usize, u16),
    /// In an object stream: its number, and the place in it.
    In(u32, usize),
}

/// What one revision says of cross references.
pub(crate) struct Section {
    /// Where it begins, bytes.
    pub(crate) at: usize,
    pub(crate) entries: BTreeMap<u32, Entry>,
    pub(crate) trailer: Dict,
    /// It is a stream, not a table.
    pub(crate) is_stream: bool,
}

/// A file, with what is known of where its objects are.
pub(crate) struct Pdf<'a> {
    pub(crate) bytes: &'a [u8],
    /// The newest first.
    pub(crate) sections: Vec<Section>,
    pub(super) streams: RefCell<HashMap<usize, Rc<ObjectStream>>>,
    pub(super) unpacked: Cell<usize>,
    /// Objects that were looked at on the way to others.
    passed: Cell<usize>,
}

impl<'a> Pdf<'a> {
    /// Reads the sections.
    pub(crate) fn read(bytes: &'a [u8]) -> Result<Self, PdfError> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(PdfError::NoPdf);
        }
        if bytes.len() > LARGEST {
            return Err(PdfError::TooLarge(bytes.len()));
        }
        let mut pdf = Self {
            bytes,
            sections: Vec::new(),
            streams: RefCell::default(),
            unpacked: Cell::new(0),
            passed: Cell::new(0),
        };
        let mut next = Some(newest_section(bytes).ok_or(PdfError::NoEnd)?);
        let mut seen = HashSet::new();
        while let Some(at) = next {
            if !seen.insert(at) {
                return Err(PdfError::Syntax { at, what: "the sections of cross references run in a circle" });
            }
            if pdf.sections.len() == SECTIONS {
                return Err(PdfError::TooMuch("revisions"));
            }
            let section = pdf.section(at)?;
            next = match section.trailer.get("Prev") {
                None => None,
                Some(before) => Some(offset(before).ok_or(PdfError::Missing("/Prev of a trailer"))?),
            };
            pdf.sections.push(section);
        }
        if pdf.sections.iter().any(|section| section.trailer.get("Encrypt").is_some()) {
            return Err(PdfError::Encrypted);
        }
        Ok(pdf)
    }

    /// The file as it is now.
    pub(crate) fn now(&self) -> View<'_> {
        self.revision(0, self.bytes.len())
    }

    /// The file as it was when this section was the newest, and it had so many bytes.
    pub(crate) fn revision(&self, newest: usize, bytes: usize) -> View<'_> {
        View { pdf: self, newest, end: bytes.min(self.bytes.len()) }
    }

    /// Counts bytes that were unpacked, of which there is an end.
    pub(super) fn count(&self, bytes: usize) -> Result<(), PdfError> {
        self.unpacked.set(self.unpacked.get().saturating_add(bytes));
        if self.unpacked.get() > 4 * UNPACKED { Err(PdfError::TooMuch("packed streams")) } else { Ok(()) }
    }

    /// Counts an object on the way to others, of which there is an end: revisions are walked through one by one.
    pub(super) fn pass(&self) -> Result<(), PdfError> {
        self.passed.set(self.passed.get() + 1);
        if self.passed.get() > PASSED { Err(PdfError::TooMuch("objects")) } else { Ok(()) }
    }

    fn section(&self, at: usize) -> Result<Section, PdfError> {
        let mut parser = Parser::new(self.bytes, at);
        if !parser.keyword("xref") {
            return self.stream_section(at);
        }
        let mut entries = BTreeMap::new();
        while !parser.keyword("trailer") {
            let first = parser.number()?;
            for place in 0..parser.number()? {
                let number = number(first.saturating_add(place))?;
                let at = parser.number()?;
                let generation = parser.number()?;
                let entry = if parser.keyword("n") {
                    Entry::At(at, u16::try_from(generation).map_err(|_| PdfError::Missing("a generation"))?)
                } else {
                    parser.expect("f")?;
                    Entry::Free
                };
                if entries.insert(number, entry).is_some() {
                    return Err(PdfError::Syntax { at: parser.at(), what: "a number is listed twice" });
                }
            }
        }
        let Object::Dict(trailer) = parser.object()? else { return Err(PdfError::Missing("a trailer")) };
        // What older readers are not to see (section 7.5.8.4).
        if let Some(hidden) = trailer.get("XRefStm") {
            let hidden = self.stream_section(offset(hidden).ok_or(PdfError::Missing("/XRefStm"))?)?;
            for (number, entry) in hidden.entries {
                let own = entries.entry(number).or_insert(entry);
                if *own == Entry::Free {
                    *own = entry;
                }
            }
        }
        Ok(Section { at, entries, trailer, is_stream: false })
    }

    fn stream_section(&self, at: usize) -> Result<Section, PdfError> {
        let mut parser = Parser::new(self.bytes, at);
        let own = number(parser.number()?)?;
        parser.number()?;
        parser.expect("obj")?;
        let Object::Dict(trailer) = parser.object()? else {
            return Err(PdfError::Missing("a section of cross references"));
        };
        if !trailer.is("Type", "XRef") {
            return Err(PdfError::Missing("a section of cross references"));
        }
        let length = trailer.get("Length").and_then(offset).ok_or(PdfError::Missing("/Length of cross references"))?;
        let data = super::view::stream_data(self.bytes, &mut parser, length)?;
        let table = filter::unpack(&trailer, &self.bytes[data])?;
        self.count(table.len())?;

        let widths = trailer.get("W").and_then(Object::array).ok_or(PdfError::Missing("/W of cross references"))?;
        let widths: Vec<usize> = widths.iter().filter_map(offset).filter(|width| *width <= 8).collect();
        let [kind, second, third] = widths[..] else { return Err(PdfError::Missing("/W of cross references")) };
        let size = trailer.get("Size").cloned().ok_or(PdfError::Missing("/Size of cross references"))?;
        let index = match trailer.get("Index") {
            Some(index) => index.array().unwrap_or_default().to_vec(),
            None => vec![Object::Int(0), size],
        };
        if kind + second + third == 0 {
            return Err(PdfError::Missing("/W of cross references"));
        }
        let mut lines = table.chunks_exact(kind + second + third);
        let mut entries = BTreeMap::new();
        for range in index.chunks(2) {
            let range: Vec<usize> = range.iter().filter_map(offset).collect();
            let [first, count] = range[..] else { return Err(PdfError::Missing("/Index of cross references")) };
            for place in 0..count {
                let line = lines.next().ok_or(PdfError::Missing("an entry of cross references"))?;
                let number = number(first.saturating_add(place))?;
                let read = |from: usize, width: usize| {
                    let value =
                        line[from..from + width].iter().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
                    usize::try_from(value).unwrap_or(usize::MAX)
                };
                let (two, three) = (read(kind, second), read(kind + second, third));
                let entry = match if kind == 0 { 1 } else { read(0, kind) } {
                    0 => Entry::Free,
                    1 => Entry::At(two, u16::try_from(three).map_err(|_| PdfError::Missing("a generation"))?),
                    2 => Entry::In(super::file::number(two)?, three),
                    _ => return Err(PdfError::Missing("an entry of cross references")),
                };
                if entries.insert(number, entry).is_some() {
                    return Err(PdfError::Syntax { at, what: "a number is listed twice" });
                }
            }
        }
        // A section may leave itself out.
        entries.entry(own).or_insert(Entry::At(at, 0));
        Ok(Section { at, entries, trailer, is_stream: true })
    }
}

/// Where the newest section of these bytes begins: they must end with `startxref`, its place, and `%%EOF`.
pub(crate) fn newest_section(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.trim_ascii_end().strip_suffix(b"%%EOF")?;
    let start = bytes.len().saturating_sub(TAIL);
    let word = b"startxref";
    let found = bytes[start..].windows(word.len()).rposition(|window| window == word)?;
    let text = std::str::from_utf8(&bytes[start + found + word.len()..]).ok()?;
    text.trim().parse().ok()
}

pub(super) fn offset(object: &Object) -> Option<usize> {
    object.int().and_then(|number| usize::try_from(number).ok())
}

pub(super) fn number(number: usize) -> Result<u32, PdfError> {
    let number = u32::try_from(number).ok().filter(|number| *number <= LARGEST_NUMBER);
    number.ok_or(PdfError::TooMuch("numbers of objects"))
}
