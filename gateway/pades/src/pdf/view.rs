//! The objects of a file as they were in one of its revisions.

use std::collections::HashSet;
use std::ops::Range;
use std::rc::Rc;

use super::file::offset;
use super::object::{Dict, Id, Object};
use super::parser::Parser;
use super::{Entry, Pdf, PdfError, filter};

/// How many references one may lead to the next.
const LONGEST_WAY: usize = 16;

/// A revision of a file.
#[derive(Clone, Copy)]
pub(crate) struct View<'p> {
    pub(crate) pdf: &'p Pdf<'p>,
    /// The place of its newest section.
    pub(super) newest: usize,
    /// No object of it ends behind this byte.
    pub(super) end: usize,
}

/// Objects that are packed together (section 7.5.7): numbers, and where each begins.
pub(super) struct ObjectStream {
    bytes: Vec<u8>,
    /// Where in the file it ends.
    end: usize,
    places: Vec<(usize, usize)>,
}

impl<'p> View<'p> {
    /// Where an object is.
    pub(crate) fn entry(&self, number: u32) -> Entry {
        self.pdf.entry(number, self.newest).unwrap_or(Entry::Free)
    }

    pub(crate) fn trailer(&self) -> &'p Dict {
        &self.pdf.sections[self.newest].trailer
    }

    /// Reads an object; one that is not there is null (section 7.3.10).
    pub(crate) fn get(&self, id: Id) -> Result<Object, PdfError> {
        match self.entry(id.number) {
            Entry::Free => Ok(Object::Null),
            Entry::At(_, generation) if generation != id.generation => Ok(Object::Null),
            Entry::In(..) if id.generation != 0 => Ok(Object::Null),
            Entry::At(at, _) => self.at(at, id),
            Entry::In(stream, place) => self.inside(stream, place, id.number),
        }
    }

    /// The same by its number, whatever its generation.
    pub(crate) fn numbered(&self, number: u32) -> Result<Object, PdfError> {
        self.get(self.id(number))
    }

    pub(crate) fn id(&self, number: u32) -> Id {
        let generation = if let Entry::At(_, generation) = self.entry(number) { generation } else { 0 };
        Id { number, generation }
    }

    /// What a value means: itself, or the object that it refers to.
    pub(crate) fn resolve(&self, object: &Object) -> Result<Object, PdfError> {
        let mut object = object.clone();
        for _ in 0..LONGEST_WAY {
            let Object::Ref(id) = object else { return Ok(object) };
            object = self.get(id)?;
        }
        Err(PdfError::TooMuch("references in a row"))
    }

    /// A dictionary under a name of another; none is an empty one.
    pub(crate) fn dict(&self, of: &Dict, name: &str) -> Result<Option<Dict>, PdfError> {
        match of.get(name).map(|value| self.resolve(value)).transpose()? {
            None | Some(Object::Null) => Ok(None),
            Some(Object::Dict(dict)) => Ok(Some(dict)),
            Some(_) => Err(PdfError::Missing("a dictionary")),
        }
    }

    /// An array under a name; none is an empty one.
    pub(crate) fn array(&self, of: &Dict, name: &str) -> Result<Vec<Object>, PdfError> {
        match of.get(name).map(|value| self.resolve(value)).transpose()? {
            None | Some(Object::Null) => Ok(Vec::new()),
            Some(Object::Array(array)) => Ok(array),
            Some(_) => Err(PdfError::Missing("an array")),
        }
    }

    /// The catalog, and what it is called.
    pub(crate) fn catalog(&self) -> Result<(Id, Dict), PdfError> {
        let id =
            self.trailer().get("Root").and_then(Object::reference).ok_or(PdfError::Missing("/Root of the trailer"))?;
        match self.get(id)? {
            Object::Dict(dict) => Ok((id, dict)),
            _ => Err(PdfError::Missing("the catalog")),
        }
    }

    /// The bytes of a stream as they are in the file.
    pub(crate) fn data(&self, range: &Range<usize>) -> &'p [u8] {
        self.pdf.bytes.get(range.clone()).unwrap_or_default()
    }

    /// What a stream holds, unpacked.
    pub(crate) fn unpacked(&self, object: &Object) -> Result<Vec<u8>, PdfError> {
        let Object::Stream(dict, range) = object else { return Err(PdfError::Missing("a stream")) };
        filter::unpack(dict, self.data(range), filter::UNPACKED, &self.pdf.budget)
    }

    /// Whether two objects of this file are the same, a stream also by its bytes.
    pub(crate) fn same(&self, one: &Object, other: &Object) -> bool {
        match (one, other) {
            (Object::Stream(one, at), Object::Stream(other, there)) => {
                one == other && self.data(at) == self.data(there)
            }
            _ => one == other,
        }
    }

    /// Begins to read the object at a place, which must be the one with this number.
    pub(super) fn begin(&self, at: usize, id: Id) -> Result<Parser<'p>, PdfError> {
        if at >= self.end {
            return Err(PdfError::Syntax { at, what: "an object lies behind the end" });
        }
        let mut parser = Parser::new(&self.pdf.bytes[..self.end], at);
        let header = parser.header();
        self.count(&parser, at)?;
        let (number, generation) = header?;
        let right = number == id.number as usize && generation == usize::from(id.generation);
        if right { Ok(parser) } else { Err(PdfError::Syntax { at, what: "another object is here" }) }
    }

    /// Counts what was read from a place on, also if it was nothing in the end.
    fn count(&self, parser: &Parser<'_>, from: usize) -> Result<(), PdfError> {
        Ok(self.pdf.budget.read(parser.furthest().saturating_sub(from))?)
    }

    /// Where in the file the value under a name of a dictionary is, which must be an object that is not packed.
    pub(crate) fn place(&self, id: Id, name: &str) -> Result<Range<usize>, PdfError> {
        let Entry::At(at, _) = self.entry(id.number) else { return Err(PdfError::Missing("an object")) };
        let mut parser = self.begin(at, id)?;
        let entries = parser.entries(0);
        self.count(&parser, at)?;
        let found = entries?.into_iter().find(|(own, _, _)| own == name.as_bytes());
        found.map(|(_, _, place)| place).ok_or(PdfError::Missing("an entry"))
    }

    fn at(&self, at: usize, id: Id) -> Result<Object, PdfError> {
        self.extent(at, id).map(|(object, _)| object)
    }

    /// The object at a place, and where it ends.
    pub(crate) fn extent(&self, at: usize, id: Id) -> Result<(Object, usize), PdfError> {
        let mut parser = self.begin(at, id)?;
        let object = parser.object();
        let is_whole = object.is_ok() && parser.keyword("endobj");
        self.count(&parser, at)?;
        let object = object?;
        if is_whole {
            return Ok((object, parser.at()));
        }
        let Object::Dict(dict) = object else { return Err(PdfError::Expected { at: parser.at(), word: "endobj" }) };
        let length = match dict.get("Length") {
            Some(Object::Ref(other)) if other.number != id.number => match self.entry(other.number) {
                // One that is itself a stream, or packed in one, would make a circle possible.
                Entry::At(at, _) => {
                    let mut parser = self.begin(at, *other)?;
                    let length = parser.object();
                    self.count(&parser, at)?;
                    length?
                }
                _ => Object::Null,
            },
            Some(length) => length.clone(),
            None => Object::Null,
        };
        let length = offset(&length).ok_or(PdfError::Missing("/Length of a stream"))?;
        let data = stream_data(&self.pdf.bytes[..self.end], &mut parser, length)?;
        parser.expect("endobj")?;
        Ok((Object::Stream(dict, data), parser.at()))
    }

    fn inside(&self, stream: u32, place: usize, number: u32) -> Result<Object, PdfError> {
        let Entry::At(at, generation) = self.entry(stream) else { return Err(PdfError::Missing("an object stream")) };
        let id = Id { number: stream, generation };
        let known = {
            let streams = self.pdf.streams.borrow();
            streams.get(&(at, id, None)).or_else(|| streams.get(&(at, id, Some(self.newest)))).cloned()
        };
        let objects = match known {
            Some(objects) => objects,
            None => {
                let (objects, is_closed) = self.object_stream(at, id)?;
                let objects = Rc::new(objects);
                // A length elsewhere may be another in another revision.
                let key = (at, id, if is_closed { None } else { Some(self.newest) });
                self.pdf.streams.borrow_mut().insert(key, Rc::clone(&objects));
                objects
            }
        };
        if objects.end > self.end {
            return Err(PdfError::Syntax { at, what: "an object lies behind the end" });
        }
        let (own, at) = *objects.places.get(place).ok_or(PdfError::Missing("an object of an object stream"))?;
        if own != number as usize {
            return Err(PdfError::Missing("an object of an object stream"));
        }
        let mut parser = Parser::new(&objects.bytes, at);
        let object = parser.object();
        self.count(&parser, at)?;
        object
    }

    /// Reads an object stream, and tells whether its length is in it itself.
    fn object_stream(&self, at: usize, id: Id) -> Result<(ObjectStream, bool), PdfError> {
        let Object::Stream(dict, data) = self.at(at, id)? else { return Err(PdfError::Missing("an object stream")) };
        if !dict.is("Type", "ObjStm") {
            return Err(PdfError::Missing("an object stream"));
        }
        let count = dict.get("N").and_then(offset).ok_or(PdfError::Missing("/N of an object stream"))?;
        let first = dict.get("First").and_then(offset).ok_or(PdfError::Missing("/First of an object stream"))?;
        let bytes = filter::unpack(&dict, self.data(&data), filter::UNPACKED, &self.pdf.budget)?;
        let mut parser = Parser::new(&bytes, 0);
        let mut places = Vec::new();
        let mut numbers = HashSet::new();
        for _ in 0..count {
            let number = parser.number()?;
            if !numbers.insert(number) {
                return Err(PdfError::Syntax { at, what: "a number is listed twice" });
            }
            places.push((number, first.saturating_add(parser.number()?)));
        }
        let is_closed = dict.int("Length").is_some();
        Ok((ObjectStream { bytes, end: data.end, places }, is_closed))
    }
}

/// Where a stream's bytes are; the parser is behind its dictionary, and will be behind `endstream`. Readers that look for that
/// word must find the one that the length leads to, so that before it stands the end of a line, or nothing.
pub(super) fn stream_data(bytes: &[u8], parser: &mut Parser<'_>, length: usize) -> Result<Range<usize>, PdfError> {
    if !parser.plain_keyword("stream") {
        return Err(PdfError::Expected { at: parser.at(), word: "stream" });
    }
    let at = parser.at();
    let start = match bytes.get(at..) {
        Some([13, 10, ..]) => at + 2,
        Some([10, ..]) => at + 1,
        _ => return Err(PdfError::Syntax { at, what: "a stream does not begin on its own line" }),
    };
    let end = start.checked_add(length).filter(|end| *end <= bytes.len());
    let end = end.ok_or(PdfError::Syntax { at, what: "a stream is longer than the file" })?;
    let line = match &bytes[end..] {
        [13, 10, ..] => 2,
        [10 | 13, ..] => 1,
        _ => 0,
    };
    parser.jump(end + line);
    if !bytes[end + line..].starts_with(b"endstream") || !parser.plain_keyword("endstream") {
        return Err(PdfError::Expected { at: end, word: "endstream" });
    }
    Ok(start..end)
}
