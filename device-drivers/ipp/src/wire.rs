//! IPP as values: questions as bytes, answers as attributes. No I/O here; HTTP is in `http`, the order of things in `job`.
//!
//! Documents: RFC 8010 (encoding), RFC 8011 (model and semantics), PWG 5100.7 (`media-col`), PWG 5100.14 (IPP
//! Everywhere), each named where it is used. Encoding and decoding are the crate `ipp`'s.

pub(crate) mod job;
pub(crate) mod printer;
pub(crate) mod reasons;
#[cfg(test)]
mod tests;

use std::io::Cursor;

use bytes::Bytes;
use ipp::attribute::{IppAttribute, IppAttributeGroup, IppAttributes};
use ipp::model::{DelimiterTag, IppVersion, Operation};
use ipp::parser::IppParser;
use ipp::request::IppRequestResponse;
use ipp::value::IppValue;

use crate::place::Place;
use crate::trouble::Trouble;

/// Longest answer that is read, bytes. A printer that tells all of itself needs 10 to 100 KiB.
pub(crate) const ANSWER_MAX: usize = 1 << 20;
/// Deepest nesting of collections that is read; `media-col` has 2.
const DEPTH_MAX: usize = 16;
/// Who prints, as the printer's own list of jobs shows it.
const USER: &str = "kiosk";

/// Bytes that are no IPP answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    #[error("the printer's answer is not IPP: {0}")]
    NotIpp(String),
    #[error("the printer's answer has collections in collections, more than {DEPTH_MAX} deep")]
    Deep,
    #[error("the printer's answer has no `{0}`")]
    Missing(&'static str),
    #[error("the printer says that its {field} is {value}, which IPP does not know")]
    Value { field: &'static str, value: i32 },
}

/// A message to the printer.
pub(crate) struct Question(IppRequestResponse);

impl Question {
    /// An operation of the printer, or of one of its jobs.
    ///
    /// # Errors
    /// If the address is too long for IPP.
    pub(crate) fn new(operation: Operation, place: &Place, job: Option<i32>) -> Result<Self, Trouble> {
        let uri = place.uri().parse().map_err(|_| unsayable("printer-uri"))?;
        let request = IppRequestResponse::new(IppVersion::v1_1(), operation, Some(uri));
        let mut question = Self(request.map_err(|_| unsayable("printer-uri"))?);
        if let Some(id) = job {
            question.operation("job-id", IppValue::new_integer(id))?;
        }
        question.operation("requesting-user-name", name(USER)?)?;
        Ok(question)
    }

    /// Adds an operation attribute.
    pub(crate) fn operation(&mut self, key: &'static str, value: IppValue) -> Result<(), Trouble> {
        self.add(DelimiterTag::OperationAttributes, key, value)
    }

    /// Adds a job template attribute.
    pub(crate) fn template(&mut self, key: &'static str, value: IppValue) -> Result<(), Trouble> {
        self.add(DelimiterTag::JobAttributes, key, value)
    }

    fn add(&mut self, group: DelimiterTag, key: &'static str, value: IppValue) -> Result<(), Trouble> {
        let attribute = IppAttribute::with_name(key, value).map_err(|_| unsayable(key))?;
        self.0.attributes_mut().add(group, attribute);
        Ok(())
    }

    /// The bytes, with a document behind them.
    pub(crate) fn bytes(&self, document: &[u8]) -> Bytes {
        let head = self.0.to_bytes();
        if document.is_empty() { head } else { [&head[..], document].concat().into() }
    }
}

/// A value that cannot be said in IPP: too long for its type.
fn unsayable(key: &'static str) -> Trouble {
    Trouble::Unsupported(format!("the value of `{key}` is too long for IPP"))
}

/// A keyword.
pub(crate) fn keyword(word: &str) -> Result<IppValue, Trouble> {
    IppValue::new_keyword(word).map_err(|_| unsayable("keyword"))
}

/// A name.
pub(crate) fn name(text: &str) -> Result<IppValue, Trouble> {
    IppValue::new_name_without_language(text).map_err(|_| unsayable("name"))
}

/// An answer of the printer.
pub(crate) struct Answer {
    /// `status-code` (RFC 8011, appendix B).
    pub(crate) status: u16,
    attributes: IppAttributes,
}

impl Answer {
    /// Reads the bytes of an answer.
    ///
    /// # Errors
    /// If they are none.
    pub(crate) fn parse(bytes: Vec<u8>) -> Result<Self, WireError> {
        check(&bytes)?;
        let parsed = IppParser::new(ipp::reader::IppReader::new(Cursor::new(bytes))).parse();
        let parsed = parsed.map_err(|error| WireError::NotIpp(shown(&error.to_string())))?;
        let status = u16::from_ne_bytes(parsed.header().operation_or_status.to_ne_bytes());
        Ok(Self { status, attributes: parsed.attributes().clone() })
    }

    /// The same if the printer did what it was asked: `successful-…` (RFC 8011, appendix B.1.2).
    ///
    /// # Errors
    /// [`Trouble::Refused`].
    pub(crate) fn good(self, what: &'static str) -> Result<Self, Trouble> {
        if self.status < 0x0100 {
            return Ok(self);
        }
        let operation = self.group(DelimiterTag::OperationAttributes);
        let message = operation.and_then(|group| text(group, "status-message")).unwrap_or_default();
        Err(Trouble::Refused { what, status: self.status, word: status_word(self.status), message })
    }

    fn group(&self, tag: DelimiterTag) -> Option<&IppAttributeGroup> {
        self.attributes.first_of(tag)
    }

    /// What it says of the printer.
    pub(crate) fn printer(&self) -> Option<&IppAttributeGroup> {
        self.group(DelimiterTag::PrinterAttributes)
    }

    /// What it says of a job.
    pub(crate) fn job(&self) -> Option<&IppAttributeGroup> {
        self.group(DelimiterTag::JobAttributes)
    }
}

/// What the library would fall over: collections are read recursively, so their depth is seen to before (RFC 8010, section
/// 3.1.6: 34 begins, 37 ends), and texts with a language have lengths of their own, which it believes (section 3.9).
fn check(bytes: &[u8]) -> Result<(), WireError> {
    let (mut at, mut depth) = (8, 0_usize);
    while let Some(tag) = bytes.get(at) {
        at += 1;
        match tag {
            0x03 => break,
            0x00..=0x0F => continue,
            0x34 => depth += 1,
            0x37 => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return Err(WireError::Deep);
        }
        let Some(value) = counted(bytes, &mut at).and_then(|_name| counted(bytes, &mut at)) else { return Ok(()) };
        if matches!(tag, 0x35 | 0x36) {
            let mut inner = 0;
            if counted(value, &mut inner).and_then(|_language| counted(value, &mut inner)).is_none() {
                return Err(WireError::NotIpp("a text with a language is cut short".into()));
            }
        }
    }
    Ok(())
}

/// Bytes with their length before them.
fn counted<'a>(bytes: &'a [u8], at: &mut usize) -> Option<&'a [u8]> {
    let (length, rest) = bytes.get(*at..)?.split_first_chunk()?;
    let length = usize::from(u16::from_be_bytes(*length));
    *at += 2 + length;
    rest.get(..length)
}

/// The names of status codes that printers really send (RFC 8011, appendix B.1).
fn status_word(status: u16) -> String {
    let word = match status {
        0x0400 => "client-error-bad-request",
        0x0401 => "client-error-forbidden",
        0x0402 => "client-error-not-authenticated",
        0x0403 => "client-error-not-authorized",
        0x0404 => "client-error-not-possible",
        0x0405 => "client-error-timeout",
        0x0406 => "client-error-not-found",
        0x0408 => "client-error-request-entity-too-large",
        0x040A => "client-error-document-format-not-supported",
        0x040B => "client-error-attributes-or-values-not-supported",
        0x040E => "client-error-conflicting-attributes",
        0x0411 => "client-error-document-format-error",
        0x0500 => "server-error-internal-error",
        0x0501 => "server-error-operation-not-supported",
        0x0502 => "server-error-service-unavailable",
        0x0503 => "server-error-version-not-supported",
        0x0504 => "server-error-device-error",
        0x0505 => "server-error-temporary-error",
        0x0506 => "server-error-not-accepting-jobs",
        0x0507 => "server-error-busy",
        0x0508 => "server-error-job-canceled",
        other => return format!("IPP status 0x{other:04x}"),
    };
    word.to_owned()
}

/// The values of an attribute; none if it is not there.
fn values<'a>(group: &'a IppAttributeGroup, name: &str) -> &'a [IppValue] {
    match group.get(name).map(IppAttribute::value) {
        Some(IppValue::Array(values)) => values,
        Some(value) => std::slice::from_ref(value),
        None => &[],
    }
}

/// Values that are words of any kind.
fn texts(group: &IppAttributeGroup, name: &str) -> Vec<String> {
    values(group, name).iter().filter_map(as_text).collect()
}

fn text(group: &IppAttributeGroup, name: &str) -> Option<String> {
    values(group, name).iter().find_map(as_text)
}

fn as_text(value: &IppValue) -> Option<String> {
    let text = match value {
        IppValue::TextWithLanguage { text, .. } => text.to_string(),
        IppValue::NameWithLanguage { name, .. } => name.to_string(),
        IppValue::TextWithoutLanguage(_)
        | IppValue::NameWithoutLanguage(_)
        | IppValue::Keyword(_)
        | IppValue::MimeMediaType(_)
        | IppValue::Uri(_) => value.to_string(),
        IppValue::OctetString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        _ => return None,
    };
    Some(text.chars().filter(|c| !c.is_control()).take(1023).collect())
}

fn number(group: &IppAttributeGroup, name: &str) -> Option<i32> {
    numbers(group, name).into_iter().next()
}

fn numbers(group: &IppAttributeGroup, name: &str) -> Vec<i32> {
    let number = |value: &IppValue| match value {
        IppValue::Integer(number) | IppValue::Enum(number) => Some(*number),
        _ => None,
    };
    values(group, name).iter().filter_map(number).collect()
}

/// Text from the wire as it may stand in a message: short, without control characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(120).collect()
}
