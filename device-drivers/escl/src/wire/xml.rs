//! A small XML document as a tree. Prefixes are dropped: scanners differ in them, and in eSCL no two elements of
//! different namespaces share a name and a place.

#[cfg(test)]
mod tests;

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesStart, Event};

use super::{WireError, shown};

/// Longest document that is read, bytes.
pub(crate) const XML_MAX: usize = 1 << 20;
/// Deepest nesting that is read.
const DEPTH_MAX: usize = 32;
/// Most elements that are read.
const ELEMENTS_MAX: usize = 20_000;

/// An element with all that is in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// Its name without the prefix.
    pub(crate) name: String,
    /// Its text, without that of its children, trimmed.
    pub(crate) text: String,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document whose root must have this name.
    pub(crate) fn parse(bytes: &[u8], root: &'static str) -> Result<Self, WireError> {
        let document = parse(bytes)?;
        if document.name == root {
            Ok(document)
        } else {
            Err(WireError::Root { expected: root, got: shown(&document.name) })
        }
    }

    /// The children with this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first child with this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first child of this name that is not empty, as text.
    pub(crate) fn text_of(&self, name: &str) -> Option<&str> {
        self.child(name).map(|child| child.text.as_str()).filter(|text| !text.is_empty())
    }

    /// The first child of this name as a number.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.text_of(name)?.parse().ok()
    }

    /// An attribute, without its prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn parse(bytes: &[u8]) -> Result<Element, WireError> {
    if bytes.len() > XML_MAX {
        return Err(WireError::TooMuch { limit: XML_MAX, what: "bytes" });
    }
    let not_xml = |why: &str| WireError::NotXml(shown(why));
    let text = String::from_utf8_lossy(bytes);
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    // The elements that are open, and below them a place for the root.
    let mut open = vec![Element::default()];
    let mut count = 0;
    loop {
        let top = open.len() - 1;
        match reader.read_event().map_err(|error| not_xml(&error.to_string()))? {
            Event::Start(start) => {
                count += 1;
                if top >= DEPTH_MAX {
                    return Err(WireError::TooMuch { limit: DEPTH_MAX, what: "levels" });
                }
                open.push(element(&start));
            }
            Event::Empty(start) => {
                count += 1;
                open[top].children.push(element(&start));
            }
            Event::End(_) => {
                let mut done = open.pop().filter(|_| top > 0).ok_or_else(|| not_xml("an end without a beginning"))?;
                done.text = done.text.trim().to_owned();
                open[top - 1].children.push(done);
            }
            Event::Text(text) => open[top].text.push_str(&text),
            Event::CData(text) => open[top].text.push_str(&text),
            Event::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(c)) => open[top].text.push(c),
                // Entities of a document's own are not expanded: eSCL has none, and they can be a trap.
                _ => open[top].text.push_str(resolve_xml_entity(&entity).unwrap_or_default()),
            },
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
        if count > ELEMENTS_MAX {
            return Err(WireError::TooMuch { limit: ELEMENTS_MAX, what: "elements" });
        }
    }
    if open.len() > 1 {
        return Err(not_xml("it ends before its last element does"));
    }
    let root = open.pop().and_then(|mut place| (!place.children.is_empty()).then(|| place.children.remove(0)));
    root.ok_or_else(|| not_xml("it has no element"))
}

fn element(start: &BytesStart<'_>) -> Element {
    let attributes = start
        .attributes()
        .filter_map(Result::ok)
        .map(|attribute| (attribute.key.local_name().as_ref().to_owned(), attribute.value.into_owned()))
        .collect();
    Element { name: start.local_name().as_ref().to_owned(), attributes, ..Element::default() }
}
