//! A letter as the bytes that go to the server (RFC 5322, MIME).

#[cfg(test)]
mod tests;

use std::time::SystemTime;

use lettre::Message;
use lettre::message::header::{ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};

use crate::address::Recipient;
use crate::letter::{Letter, LetterError};
use crate::words::{self, Copy};

/// Tells machines not to answer: RFC 3834 section 5.
#[derive(Clone)]
struct AutoSubmitted;

/// Both languages are in it: RFC 3282.
#[derive(Clone)]
struct ContentLanguage;

macro_rules! fixed_header {
    ($header:ident, $name:literal, $value:literal) => {
        impl Header for $header {
            fn name() -> HeaderName {
                HeaderName::new_from_ascii_str($name)
            }

            fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
                Ok(Self)
            }

            fn display(&self) -> HeaderValue {
                HeaderValue::new(Self::name(), $value.to_owned())
            }
        }
    };
}

fixed_header!(AutoSubmitted, "Auto-Submitted", "auto-generated");
fixed_header!(ContentLanguage, "Content-Language", "vi, en");

/// Puts a checked letter together: lines that end in CR LF, the last one too; ASCII, but for an address that is not.
///
/// # Errors
/// [`LetterError::Message`].
pub(crate) fn of(letter: &Letter, from: &Recipient, from_name: &str, copy: Copy) -> Result<Vec<u8>, LetterError> {
    let head = Message::builder()
        .from(from.mailbox(Some(from_name)))
        .to(letter.to.mailbox(None))
        .subject(words::subject(letter))
        .date(SystemTime::now())
        .message_id(Some(format!("<{}@{}>", letter.key, from.domain())))
        .header(AutoSubmitted);
    let text =
        SinglePart::builder().header(ContentType::TEXT_PLAIN).header(ContentLanguage).body(words::text(letter, copy));
    let message = match (&letter.file, copy) {
        (Some(file), Copy::Attached) => {
            let pdf = ContentType::parse("application/pdf").map_err(|_| LetterError::Message)?;
            let file = Attachment::new(file.name.clone()).body(file.bytes.clone(), pdf);
            head.multipart(MultiPart::mixed().singlepart(text).singlepart(file))
        }
        _ => head.singlepart(text),
    };
    let mut bytes = message.map_err(|_| LetterError::Message)?.formatted();
    if !bytes.ends_with(b"\r\n") {
        bytes.extend_from_slice(b"\r\n");
    }
    Ok(bytes)
}

/// The next part of a message as it goes over the line: a dot that begins a line is doubled (RFC 5321 section 4.5.2).
pub(crate) fn stuffed(message: &[u8], start: usize, most: usize) -> Vec<u8> {
    let end = message.len().min(start.saturating_add(most));
    let mut part = Vec::with_capacity(end - start + 16);
    for place in start..end {
        let begins_line = place == 0 || message[place - 1] == b'\n';
        if begins_line && message[place] == b'.' {
            part.push(b'.');
        }
        part.push(message[place]);
    }
    part
}
