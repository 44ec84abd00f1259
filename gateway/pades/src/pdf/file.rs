//! A file's sections of cross references, the newest first (ISO 32000-1, sections 7.5.4 to 7.5.8).

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::rc::Rc;

use super::PdfError;
use super::filter;
use super::object::{Dict, Id, Object};
use super::parser::Parser;
use super::view::{ObjectStream, View};
use crate::budget::Budget;

/// Largest file, bytes.
pub(super) const LARGEST: usize = 1 << 30;
/// Most sections of cross references.
const SECTIONS: usize = 1024;
/// Largest number of an object (ISO 32000-1, annex C.2).
const LARGEST_NUMBER: u32 = 8_388_607;
/// How far from the end `startxref` is looked for, bytes.
const TAIL: usize = 64;
/// A line of a table, bytes (section 7.5.4).
const LINE: usize = 20;
/// How many bytes a stream of cross references may have behind its last entry.
const SPARE: usize = 4096;

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
    /// What it takes of the file: itself, and the stream that a table has besides.
    pub(crate) parts: Vec<Range<usize>>,
}

/// An object stream that was read: where it begins, and, if its length is elsewhere, in which revision that was looked up.
pub(super) type StreamKey = (usize, Id, Option<usize>);

/// A file, with what is known of where its objects are.
pub(crate) struct Pdf<'a> {
    pub(crate) bytes: &'a [u8],
    /// The newest first.
    pub(crate) sections: Vec<Section>,
    /// All entries by their numbers, and then by their sections, the newest first.
    index: Vec<(u32, u32, Entry)>,
    pub(super) streams: RefCell<HashMap<StreamKey, Rc<ObjectStream>>>,
    pub(crate) budget: Budget,
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
        let (index, streams) = (Vec::new(), RefCell::default());
        let mut pdf = Self { bytes, sections: Vec::new(), index, streams, budget: Budget::default() };
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
        pdf.sort_entries();
        Ok(pdf)
    }

    /// Sorts the entries of all sections, so that one is found as quickly in the oldest as in the newest.
    pub(super) fn sort_entries(&mut self) {
        let sections = (0_u32..).zip(&self.sections);
        let entries =
            sections.flat_map(|(at, section)| section.entries.iter().map(move |(number, entry)| (*number, at, *entry)));
        self.index = entries.collect();
        self.index.sort_unstable_by_key(|(number, section, _)| (*number, *section));
    }

    /// Where an object is when this section is the newest.
    pub(super) fn entry(&self, number: u32, newest: usize) -> Option<Entry> {
        let newest = u32::try_from(newest).unwrap_or(u32::MAX);
        let place = self.index.partition_point(|(own, section, _)| (*own, *section) < (number, newest));
        self.index.get(place).filter(|(own, _, _)| *own == number).map(|(_, _, entry)| *entry)
    }

    /// The file as it is now.
    pub(crate) fn now(&self) -> View<'_> {
        self.revision(0, self.bytes.len())
    }

    /// The file as it was when this section was the newest, and it had so many bytes.
    pub(crate) fn revision(&self, newest: usize, bytes: usize) -> View<'_> {
        View { pdf: self, newest, end: bytes.min(self.bytes.len()) }
    }

    /// The parts of the file behind a place that the sections newer than this one account for, in their order: their objects,
    /// they themselves, and the ends of their revisions. What cannot be read is left out.
    pub(crate) fn parts_behind(&self, section: usize, end: usize) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        for (newest, own) in self.sections[..section].iter().enumerate() {
            let view = self.revision(newest, self.bytes.len());
            for (number, entry) in &own.entries {
                let Entry::At(at, generation) = *entry else { continue };
                let id = Id { number: *number, generation };
                if at >= end
                    && let Ok((_, behind)) = view.extent(at, id)
                {
                    parts.push(at..behind);
                }
            }
            parts.extend(own.parts.iter().cloned());
            let start = own.parts.first().map_or(own.at, |part| part.end);
            let mut parser = Parser::new(self.bytes, start);
            if parser.keyword("startxref") && parser.plain_number().ok() == Some(own.at) {
                parser.skip_blank();
                if self.bytes[parser.at()..].starts_with(b"%%EOF") {
                    parts.push(start..parser.at() + b"%%EOF".len());
                }
            }
        }
        parts.sort_by_key(|part| part.start);
        parts
    }

    fn section(&self, at: usize) -> Result<Section, PdfError> {
        let mut parser = Parser::new(self.bytes, at);
        if !parser.plain_keyword("xref") {
            return self.stream_section(at);
        }
        let mut entries = BTreeMap::new();
        self.table(&mut parser, &mut entries)?;
        let trailer = parser.object()?;
        self.budget.read(parser.furthest().saturating_sub(at))?;
        let Object::Dict(trailer) = trailer else { return Err(PdfError::Missing("a trailer")) };
        let mut parts: Vec<Range<usize>> = std::iter::once(at..parser.at()).collect();
        // What older readers are not to see (section 7.5.8.4).
        if let Some(hidden) = trailer.get("XRefStm") {
            let hidden = self.stream_section(offset(hidden).ok_or(PdfError::Missing("/XRefStm"))?)?;
            for (number, entry) in hidden.entries {
                let own = entries.entry(number).or_insert(entry);
                if *own == Entry::Free {
                    *own = entry;
                }
            }
            parts.extend(hidden.parts);
        }
        Ok(Section { at, entries, trailer, is_stream: false, parts })
    }

    /// The lines of a table, to behind the word `trailer`. Each has its 20 bytes: some readers go to a line by its number,
    /// others read word by word, and both must see the same.
    fn table(&self, parser: &mut Parser<'_>, entries: &mut BTreeMap<u32, Entry>) -> Result<(), PdfError> {
        let wrong = |at| PdfError::Syntax { at, what: "a line of cross references is not as it must be" };
        while !parser.plain_keyword("trailer") {
            let (first, count) = (parser.plain_number()?, parser.plain_number()?);
            self.budget.entries(count)?;
            parser.end_line()?;
            for place in 0..count {
                let number = number(first.saturating_add(place))?;
                let at = parser.at();
                let line: &[u8; LINE] =
                    self.bytes.get(at..).and_then(|rest| rest.first_chunk()).ok_or_else(|| wrong(at))?;
                let digits = |part: &[u8]| {
                    part.iter().try_fold(0_usize, |value, digit| {
                        digit.is_ascii_digit().then(|| value * 10 + usize::from(digit - b'0'))
                    })
                };
                let (place, generation) = digits(&line[..10]).zip(digits(&line[11..16])).ok_or_else(|| wrong(at))?;
                let is_right = line[10] == b' ' && line[16] == b' ';
                let entry = match (line[17], &line[18..]) {
                    (b'n', b" \n" | b" \r" | b"\r\n") if is_right => {
                        Entry::At(place, u16::try_from(generation).map_err(|_| PdfError::Missing("a generation"))?)
                    }
                    (b'f', b" \n" | b" \r" | b"\r\n") if is_right => Entry::Free,
                    _ => return Err(wrong(at)),
                };
                if entries.insert(number, entry).is_some() {
                    return Err(PdfError::Syntax { at, what: "a number is listed twice" });
                }
                parser.jump(at + LINE);
            }
        }
        Ok(())
    }

    fn stream_section(&self, at: usize) -> Result<Section, PdfError> {
        let mut parser = Parser::new(self.bytes, at);
        let own = number(parser.header()?.0)?;
        let trailer = parser.object()?;
        self.budget.read(parser.furthest().saturating_sub(at))?;
        let Object::Dict(trailer) = trailer else { return Err(PdfError::Missing("a section of cross references")) };
        if !trailer.is("Type", "XRef") {
            return Err(PdfError::Missing("a section of cross references"));
        }
        let length = trailer.get("Length").and_then(offset).ok_or(PdfError::Missing("/Length of cross references"))?;
        let data = super::view::stream_data(self.bytes, &mut parser, length)?;
        parser.expect("endobj")?;
        let parts = std::iter::once(at..parser.at()).collect();

        let widths = trailer.get("W").and_then(Object::array).ok_or(PdfError::Missing("/W of cross references"))?;
        let widths: Vec<usize> = widths.iter().filter_map(offset).filter(|width| *width <= 8).collect();
        let [kind, second, third] = widths[..] else { return Err(PdfError::Missing("/W of cross references")) };
        let size = trailer.get("Size").cloned().ok_or(PdfError::Missing("/Size of cross references"))?;
        let index = match trailer.get("Index") {
            Some(index) => index.array().unwrap_or_default().to_vec(),
            None => vec![Object::Int(0), size],
        };
        let width = kind + second + third;
        if width == 0 {
            return Err(PdfError::Missing("/W of cross references"));
        }
        // Before anything is unpacked: a few bytes may say that there are millions.
        let mut counts = index.chunks(2).map(|range| range.get(1).and_then(offset));
        let all = counts.try_fold(0_usize, |all, count| Some(all.saturating_add(count?)));
        let all = all.ok_or(PdfError::Missing("/Index of cross references"))?;
        self.budget.entries(all)?;
        // A line may have one byte more for how it is predicted, and the last one may be filled up.
        let table = filter::unpack(&trailer, &self.bytes[data], all * (width + 1) + SPARE, &self.budget)?;
        let mut lines = table.chunks_exact(width);
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
        Ok(Section { at, entries, trailer, is_stream: true, parts })
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
