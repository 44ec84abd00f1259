//! An incremental update (ISO 32000-1, section 7.5.6): new and changed objects behind a file whose bytes stay as they are.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::file::number;
use super::object::hex;
use super::{Dict, Entry, Id, Object, Pdf, PdfError, View};

/// What is to be written behind a file.
pub(crate) struct Update<'p> {
    pub(crate) view: View<'p>,
    next: u32,
    objects: BTreeMap<Id, Vec<u8>>,
}

/// A file with its update.
pub(crate) struct Updated {
    pub(crate) bytes: Vec<u8>,
    /// Where the content of each object begins.
    pub(crate) places: BTreeMap<Id, usize>,
}

impl<'p> Update<'p> {
    pub(crate) fn new(pdf: &'p Pdf<'p>) -> Result<Self, PdfError> {
        let (view, end) = (pdf.now(), pdf.bytes.len());
        let is_behind = |entry: &Entry| matches!(entry, Entry::At(at, _) if *at >= end);
        if pdf.sections.iter().any(|section| section.entries.values().any(is_behind)) {
            // It would be whatever is written there.
            return Err(PdfError::Syntax { at: end, what: "an object is listed that lies behind the end" });
        }
        // What is referred to while nothing is there must not get a meaning.
        let used = view.reached(&Object::Dict(view.trailer().clone()), |_| false)?;
        let used = used.last_key_value().map(|(last, _)| last.saturating_add(1));
        let highest =
            pdf.sections.iter().filter_map(|section| section.entries.last_key_value()).map(|(last, _)| last + 1);
        let size = pdf.sections.iter().filter_map(|section| section.trailer.int("Size")?.try_into().ok());
        let next = highest.chain(size).chain(used).max().unwrap_or(1);
        // As many numbers as an update may need must be left.
        number(next as usize + 1_000_000)?;
        Ok(Self { view, next, objects: BTreeMap::new() })
    }

    /// A number for a new object.
    pub(crate) fn reserve(&mut self) -> Id {
        let id = Id::new(self.next);
        self.next += 1;
        id
    }

    /// What an object is now, with what was put in already.
    pub(crate) fn put(&mut self, id: Id, object: &Object) {
        let mut bytes = Vec::new();
        object.write(&mut bytes);
        self.put_bytes(id, bytes);
    }

    /// The same with the content as it is to be written.
    pub(crate) fn put_bytes(&mut self, id: Id, bytes: Vec<u8>) {
        self.objects.insert(id, bytes);
    }

    pub(crate) fn add(&mut self, object: &Object) -> Id {
        let id = self.reserve();
        self.put(id, object);
        id
    }

    pub(crate) fn add_stream(&mut self, mut dict: Dict, data: &[u8]) -> Id {
        dict.set("Length", Object::Int(i64::try_from(data.len()).unwrap_or(i64::MAX)));
        let mut bytes = Vec::with_capacity(data.len() + 128);
        dict.write(&mut bytes);
        bytes.extend_from_slice(b"\nstream\n");
        bytes.extend_from_slice(data);
        bytes.extend_from_slice(b"\nendstream");
        let id = self.reserve();
        self.put_bytes(id, bytes);
        id
    }

    /// Writes it, with cross references of the same kind as the newest ones of the file.
    pub(crate) fn finish(mut self) -> Updated {
        let pdf = self.view.pdf;
        let newest = &pdf.sections[0];
        let added: usize = self.objects.values().map(|bytes| bytes.len() + 64).sum();
        let mut bytes = Vec::with_capacity(pdf.bytes.len() + added + 512);
        bytes.extend_from_slice(pdf.bytes);
        if !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        let own = newest.is_stream.then(|| self.reserve());
        let mut places = BTreeMap::new();
        let mut at = BTreeMap::new();
        for (id, content) in &self.objects {
            at.insert(*id, bytes.len());
            bytes.extend_from_slice(format!("{} {} obj\n", id.number, id.generation).as_bytes());
            places.insert(*id, bytes.len());
            bytes.extend_from_slice(content);
            bytes.extend_from_slice(b"\nendobj\n");
        }
        let start = bytes.len();
        at.extend(own.map(|own| (own, start)));

        let mut trailer = Dict::default();
        trailer.set("Size", Object::Int(i64::from(self.next)));
        trailer.set("Prev", Object::Int(i64::try_from(newest.at).unwrap_or_default()));
        for name in ["Root", "Info"] {
            if let Some(value) = newest.trailer.get(name) {
                trailer.set(name, value.clone());
            }
        }
        let changed = Object::String(Sha256::digest(&bytes[pdf.bytes.len()..])[..16].to_vec());
        let first = newest.trailer.get("ID").and_then(Object::array).and_then(|both| both.first());
        trailer.set("ID", Object::Array(vec![first.unwrap_or(&changed).clone(), changed]));
        match own {
            Some(own) => write_stream(&mut bytes, own, trailer, &at),
            None => write_table(&mut bytes, &trailer, &at),
        }
        bytes.extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        Updated { bytes, places }
    }
}

/// Objects whose numbers follow each other.
fn runs(at: &BTreeMap<Id, usize>) -> Vec<Vec<(Id, usize)>> {
    let mut runs: Vec<Vec<(Id, usize)>> = Vec::new();
    for (id, at) in at {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(last, _)| last.number + 1 == id.number) => run.push((*id, *at)),
            _ => runs.push(vec![(*id, *at)]),
        }
    }
    runs
}

fn write_table(bytes: &mut Vec<u8>, trailer: &Dict, at: &BTreeMap<Id, usize>) {
    bytes.extend_from_slice(b"xref\n");
    for run in runs(at) {
        bytes.extend_from_slice(format!("{} {}\n", run[0].0.number, run.len()).as_bytes());
        for (id, at) in run {
            bytes.extend_from_slice(format!("{at:010} {:05} n \n", id.generation).as_bytes());
        }
    }
    bytes.extend_from_slice(b"trailer\n");
    trailer.write(bytes);
    bytes.push(b'\n');
}

fn write_stream(bytes: &mut Vec<u8>, own: Id, mut trailer: Dict, at: &BTreeMap<Id, usize>) {
    let mut index = Vec::new();
    let mut table = Vec::new();
    for run in runs(at) {
        index.push(Object::Int(i64::from(run[0].0.number)));
        index.push(Object::Int(i64::try_from(run.len()).unwrap_or_default()));
        for (id, at) in run {
            table.push(1);
            // The largest file that is read needs four bytes.
            table.extend_from_slice(&u32::try_from(at).unwrap_or(u32::MAX).to_be_bytes());
            table.extend_from_slice(&id.generation.to_be_bytes());
        }
    }
    trailer.set("Type", Object::name("XRef"));
    trailer.set("W", Object::Array([1, 4, 2].map(Object::Int).to_vec()));
    trailer.set("Index", Object::Array(index));
    trailer.set("Length", Object::Int(i64::try_from(table.len()).unwrap_or_default()));
    bytes.extend_from_slice(format!("{} 0 obj\n", own.number).as_bytes());
    trailer.write(bytes);
    bytes.extend_from_slice(b"\nstream\n");
    bytes.extend_from_slice(&table);
    bytes.extend_from_slice(b"\nendstream\nendobj\n");
}

/// A number with so many digits, and its place is known before it is.
pub(crate) const WIDTH: usize = 10;

/// Hexadecimal digits of a string that is filled later.
pub(crate) fn placeholder(bytes: usize) -> Vec<u8> {
    let mut text = vec![b'<'];
    text.resize(1 + 2 * bytes, b'0');
    text.push(b'>');
    text
}

/// Writes bytes into a placeholder that begins at a place.
pub(crate) fn fill(file: &mut [u8], at: usize, bytes: &[u8]) {
    file[at + 1..at + 1 + 2 * bytes.len()].copy_from_slice(&hex(bytes));
}
