//! Reads values from bytes (ISO 32000-1, sections 7.2 and 7.3). What can be read in two ways is an error: two readers of a
//! signed file must not see two documents.

use std::ops::Range;

use super::PdfError;
use super::object::{Dict, Id, Object};

/// How deep arrays and dictionaries may lie in each other.
const DEEP: usize = 64;
/// Most bytes of a name or a number.
const TOKEN: usize = 4096;

pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How far it has looked.
    furthest: usize,
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl<'a> Parser<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        let at = at.min(bytes.len());
        Self { bytes, at, furthest: at }
    }

    /// How far it has looked, also where that led to nothing.
    pub(super) fn furthest(&self) -> usize {
        self.furthest.max(self.at)
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn jump(&mut self, to: usize) {
        self.at = to.min(self.bytes.len());
    }

    fn error(&self, what: &'static str) -> PdfError {
        PdfError::Syntax { at: self.at, what }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != 10 && byte != 13) {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
        self.furthest = self.furthest();
    }

    /// White space, but no comments.
    pub(super) fn skip_blank(&mut self) {
        while self.peek().is_some_and(is_space) {
            self.at += 1;
        }
        self.furthest = self.furthest();
    }

    /// The end of a line, with spaces before it.
    pub(super) fn end_line(&mut self) -> Result<(), PdfError> {
        while self.eat(b" ") {}
        if self.eat(b"\r\n") || self.eat(b"\n") || self.eat(b"\r") {
            return Ok(());
        }
        Err(self.error("a line does not end where it must"))
    }

    /// Takes these bytes, if they are next.
    fn eat(&mut self, what: &[u8]) -> bool {
        let is_next = self.bytes[self.at..].starts_with(what);
        if is_next {
            self.at += what.len();
        }
        is_next
    }

    /// A word of regular characters; may be empty.
    fn word(&mut self) -> Result<&'a [u8], PdfError> {
        let start = self.at;
        while self.peek().is_some_and(|byte| !is_space(byte) && !is_delimiter(byte)) {
            self.at += 1;
            if self.at - start > TOKEN {
                return Err(self.error("a word is too long"));
            }
        }
        Ok(&self.bytes[start..self.at])
    }

    /// Takes this word, if it is next.
    pub(crate) fn keyword(&mut self, word: &str) -> bool {
        let start = self.at;
        self.skip_space();
        if self.word().is_ok_and(|own| own == word.as_bytes()) {
            return true;
        }
        self.at = start;
        false
    }

    /// The same with white space before it, but no comments.
    pub(super) fn plain_keyword(&mut self, word: &str) -> bool {
        let start = self.at;
        self.skip_blank();
        if self.word().is_ok_and(|own| own == word.as_bytes()) {
            return true;
        }
        self.at = start;
        false
    }

    pub(crate) fn expect(&mut self, word: &'static str) -> Result<(), PdfError> {
        if self.keyword(word) { Ok(()) } else { Err(PdfError::Expected { at: self.at, word }) }
    }

    /// The number and the generation that an object begins with, right here: `1 0 obj`. Some readers look for it as text, so no
    /// comment stands in it.
    pub(super) fn header(&mut self) -> Result<(usize, usize), PdfError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.error("no object begins here"));
        }
        let (number, generation) = (self.plain_number()?, self.plain_number()?);
        if self.plain_keyword("obj") {
            Ok((number, generation))
        } else {
            Err(PdfError::Expected { at: self.at, word: "obj" })
        }
    }

    /// A whole number that is not negative, with white space before it, but no comments.
    pub(super) fn plain_number(&mut self) -> Result<usize, PdfError> {
        self.skip_blank();
        if self.peek() == Some(b'%') {
            return Err(self.error("a comment stands where a number must be"));
        }
        self.number()
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&mut self) -> Result<usize, PdfError> {
        self.skip_space();
        let start = self.at;
        let word = self.word()?;
        let number = std::str::from_utf8(word).ok().filter(|word| word.bytes().all(|digit| digit.is_ascii_digit()));
        number.and_then(|word| word.parse().ok()).ok_or(PdfError::Syntax { at: start, what: "a number is missing" })
    }

    pub(crate) fn object(&mut self) -> Result<Object, PdfError> {
        self.value(0)
    }

    fn value(&mut self, depth: usize) -> Result<Object, PdfError> {
        if depth > DEEP {
            return Err(self.error("arrays and dictionaries lie too deep in each other"));
        }
        self.skip_space();
        let byte = self.peek().ok_or_else(|| self.error("a value is missing"))?;
        match byte {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::String),
            b'[' => {
                self.at += 1;
                let mut array = Vec::new();
                loop {
                    self.skip_space();
                    if self.eat(b"]") {
                        return Ok(Object::Array(array));
                    }
                    array.push(self.value(depth + 1)?);
                }
            }
            b'<' if self.bytes[self.at..].starts_with(b"<<") => {
                let entries = self.entries(depth)?;
                Ok(Object::Dict(Dict(entries.into_iter().map(|(name, value, _)| (name, value)).collect())))
            }
            b'<' => self.hexadecimal().map(Object::String),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference(),
            _ => match self.word()? {
                b"null" => Ok(Object::Null),
                b"true" => Ok(Object::Bool(true)),
                b"false" => Ok(Object::Bool(false)),
                _ => Err(self.error("a word is no value")),
            },
        }
    }

    /// A dictionary's entries, and where each value is.
    #[expect(clippy::type_complexity, reason = "name, value, place")]
    pub(crate) fn entries(&mut self, depth: usize) -> Result<Vec<(Vec<u8>, Object, Range<usize>)>, PdfError> {
        self.skip_space();
        if !self.eat(b"<<") {
            return Err(self.error("a dictionary is missing"));
        }
        let mut entries: Vec<(Vec<u8>, Object, Range<usize>)> = Vec::new();
        let mut names = std::collections::HashSet::new();
        loop {
            self.skip_space();
            if self.eat(b">>") {
                return Ok(entries);
            }
            if self.peek() != Some(b'/') {
                return Err(self.error("a dictionary has a value without a name"));
            }
            let name = self.name()?;
            if !names.insert(name.clone()) {
                return Err(self.error("a dictionary has a name twice"));
            }
            self.skip_space();
            let start = self.at;
            let value = self.value(depth + 1)?;
            entries.push((name, value, start..self.at));
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, PdfError> {
        self.at += 1;
        let word = self.word()?;
        let mut name = Vec::with_capacity(word.len());
        let mut rest = word;
        while let Some((byte, behind)) = rest.split_first() {
            let escaped = match (byte, behind) {
                (b'#', [high, low, ..]) => digit(*high).zip(digit(*low)),
                _ => None,
            };
            match escaped {
                Some((high, low)) => {
                    name.push(high << 4 | low);
                    rest = &behind[2..];
                }
                None => {
                    name.push(*byte);
                    rest = behind;
                }
            }
        }
        Ok(name)
    }

    fn literal(&mut self) -> Result<Vec<u8>, PdfError> {
        let mut string = Vec::new();
        let mut open = 0_usize;
        loop {
            let byte = self.peek().ok_or_else(|| self.error("a string has no end"))?;
            self.at += 1;
            match byte {
                b'(' => {
                    open += 1;
                    if open > 1 {
                        string.push(byte);
                    }
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(string);
                    }
                    string.push(byte);
                }
                b'\\' => self.escape(&mut string)?,
                // Each end of a line is one line feed (section 7.3.4.2).
                13 => {
                    self.eat(b"\n");
                    string.push(10);
                }
                _ => string.push(byte),
            }
        }
    }

    fn escape(&mut self, string: &mut Vec<u8>) -> Result<(), PdfError> {
        let byte = self.peek().ok_or_else(|| self.error("a string has no end"))?;
        self.at += 1;
        match byte {
            b'n' => string.push(10),
            b'r' => string.push(13),
            b't' => string.push(9),
            b'b' => string.push(8),
            b'f' => string.push(12),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value << 3 | u32::from(digit - b'0');
                    self.at += 1;
                }
                string.push(u8::try_from(value & 0xFF).unwrap_or_default());
            }
            13 => {
                self.eat(b"\n");
            }
            10 => {}
            other => string.push(other),
        }
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<Vec<u8>, PdfError> {
        self.at += 1;
        let mut string = Vec::new();
        let mut half = None;
        loop {
            let byte = self.peek().ok_or_else(|| self.error("a string has no end"))?;
            self.at += 1;
            if byte == b'>' {
                string.extend(half.map(|high: u8| high << 4));
                return Ok(string);
            }
            if is_space(byte) {
                continue;
            }
            let value = digit(byte).ok_or_else(|| self.error("a string has a digit that is none"))?;
            match half.take() {
                None => half = Some(value),
                Some(high) => string.push(high << 4 | value),
            }
        }
    }

    fn number_or_reference(&mut self) -> Result<Object, PdfError> {
        let word = self.word()?;
        let text = std::str::from_utf8(word).map_err(|_| self.error("a number cannot be read"))?;
        let Ok(number) = text.parse::<i64>() else {
            return real(text).ok_or_else(|| self.error("a number cannot be read"));
        };
        let behind = self.at;
        if word.iter().all(u8::is_ascii_digit) {
            let generation = self.number().ok().and_then(|generation| u16::try_from(generation).ok());
            if let (Some(generation), Ok(number), true) = (generation, u32::try_from(number), self.keyword("R")) {
                return Ok(Object::Ref(Id { number, generation }));
            }
            self.at = behind;
        }
        Ok(Object::Int(number))
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A number with a point, in one way of the many to write it.
fn real(text: &str) -> Option<Object> {
    let is_negative = text.starts_with('-');
    let (whole, parts) = text.strip_prefix(['+', '-']).unwrap_or(text).split_once('.')?;
    let is_number =
        whole.bytes().chain(parts.bytes()).all(|digit| digit.is_ascii_digit()) && whole.len() + parts.len() > 0;
    let (whole, parts) = (whole.trim_start_matches('0'), parts.trim_end_matches('0'));
    let sign = if is_negative { "-" } else { "" };
    match (is_number, parts) {
        (false, _) => None,
        (true, "") => Some(Object::Int(format!("{sign}0{whole}").parse().ok()?)),
        (true, parts) => {
            Some(Object::Real(format!("{sign}{}.{parts}", if whole.is_empty() { "0" } else { whole }).into_bytes()))
        }
    }
}
