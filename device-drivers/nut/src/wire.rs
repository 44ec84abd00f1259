//! The NUT network protocol as values: queries, lines, words, errors. No I/O here, and nothing about what a variable
//! means (that is `vars`).
//!
//! Document: Network UPS Tools, `docs/net-protocol.txt`, protocol version 1.3; the headings below are its own.
//! Only the `LIST` queries are spoken, because one answer is one consistent picture of the UPS.

#[cfg(test)]
mod tests;
pub(crate) mod vars;

use vars::Vars;

/// The port ("Network protocol information": assigned by IANA).
pub(crate) const PORT: u16 = 3493;

/// Longest line that is read, bytes. `upsd` itself makes lines of at most 1024.
pub(crate) const LINE_MAX: usize = 2048;

/// Most rows of one list that are read. A UPS has 30 to 120 variables, a large power strip some hundreds.
pub(crate) const ROWS_MAX: usize = 2048;

/// Longest UPS name that is taken.
pub(crate) const NAME_MAX: usize = 64;

/// Most UPS names that are kept for an error message.
const NAMES_KEPT: usize = 16;

/// An answer that the protocol does not allow, or an error that it does ("Error responses").
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum WireError {
    #[error("the NUT server sent a line longer than {LINE_MAX} bytes")]
    LineTooLong,
    #[error("the NUT server sent a list of more than {ROWS_MAX} rows")]
    TooManyRows,
    #[error("the NUT server sent a line that is not text")]
    NotText,
    #[error("the NUT server sent a line with an open quote or a lone backslash")]
    Unquoted,
    #[error("the NUT server sent `{got}` where `{expected}` belongs")]
    Unexpected { expected: String, got: String },
    #[error("the NUT server sent more than was asked")]
    Unasked,
    #[error("the NUT server refused the query: {0}")]
    Refused(Refusal),
}

/// What stands after `ERR`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// `DATA-STALE`: the server's driver has lost the UPS.
    DataStale,
    /// `DRIVER-NOT-CONNECTED`: the server has lost its driver.
    DriverNotConnected,
    /// `UNKNOWN-UPS`: no UPS has this name.
    UnknownUps,
    /// `ACCESS-DENIED`: this host may not ask.
    AccessDenied,
    /// Any other.
    Other(String),
}

impl Refusal {
    fn of(word: &str) -> Self {
        match word {
            "DATA-STALE" => Self::DataStale,
            "DRIVER-NOT-CONNECTED" => Self::DriverNotConnected,
            "UNKNOWN-UPS" => Self::UnknownUps,
            "ACCESS-DENIED" => Self::AccessDenied,
            other => Self::Other(shown(other)),
        }
    }

    /// The word itself, for the technician.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::DataStale => "DATA-STALE",
            Self::DriverNotConnected => "DRIVER-NOT-CONNECTED",
            Self::UnknownUps => "UNKNOWN-UPS",
            Self::AccessDenied => "ACCESS-DENIED",
            Self::Other(word) => word,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::DataStale => "its data is stale, the UPS does not answer it (check the cable to the UPS)",
            Self::DriverNotConnected => "its own driver for this UPS does not run (check `upsdrvctl start`)",
            Self::UnknownUps => "it has no UPS of this name",
            Self::AccessDenied => "this host may not ask it (check `LISTEN` in upsd.conf and the firewall)",
            Self::Other(word) => word,
        })
    }
}

/// A name as it stands in the server's `ups.conf`; safe to put into a query as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UpsName(String);

impl UpsName {
    /// Takes letters, digits, `-`, `_` and `.`, at most [`NAME_MAX`].
    pub(crate) fn new(name: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (!name.is_empty() && name.len() <= NAME_MAX && name.bytes().all(allowed)).then(|| Self(name.to_owned()))
    }

    /// The name itself.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A `LIST` query that knows its answer.
pub(crate) trait Query {
    /// What the rows add up to.
    type Answer: Default;
    /// What stands after `LIST`, and again in the frame around the rows.
    fn subject(&self) -> String;
    /// Takes one row, already split into words.
    fn row(&self, words: &[String], answer: &mut Self::Answer) -> Result<(), WireError>;

    /// The bytes to send.
    fn bytes(&self) -> Vec<u8> {
        format!("LIST {}\n", self.subject()).into_bytes()
    }
}

/// `LIST VAR <upsname>` ("LIST", "VAR").
pub(crate) struct ListVar<'a>(pub(crate) &'a UpsName);

impl Query for ListVar<'_> {
    type Answer = Vars;

    fn subject(&self) -> String {
        format!("VAR {}", self.0.as_str())
    }

    fn row(&self, words: &[String], answer: &mut Vars) -> Result<(), WireError> {
        match words {
            [kind, ups, name, value] if kind == "VAR" && ups == self.0.as_str() => {
                answer.take(name, value);
                Ok(())
            }
            words => Err(unexpected(&format!("VAR {} NAME \"VALUE\"", self.0.as_str()), words)),
        }
    }
}

/// `LIST UPS` ("LIST", "UPS"): the names that there are.
pub(crate) struct ListUps;

impl Query for ListUps {
    type Answer = Vec<String>;

    fn subject(&self) -> String {
        "UPS".into()
    }

    fn row(&self, words: &[String], answer: &mut Vec<String>) -> Result<(), WireError> {
        match words {
            [kind, name, ..] if kind == "UPS" => {
                if answer.len() < NAMES_KEPT {
                    answer.push(shown(name));
                }
                Ok(())
            }
            words => Err(unexpected("UPS NAME \"DESCRIPTION\"", words)),
        }
    }
}

/// An answer that is being read, line by line.
pub(crate) struct Reading<'q, Q: Query> {
    query: &'q Q,
    answer: Q::Answer,
    rows: Option<usize>,
}

impl<'q, Q: Query> Reading<'q, Q> {
    pub(crate) fn new(query: &'q Q) -> Self {
        Self { query, answer: Q::Answer::default(), rows: None }
    }

    /// Takes the next line, without its line feed; gives the answer with the last one.
    pub(crate) fn line(&mut self, line: &[u8]) -> Result<Option<Q::Answer>, WireError> {
        let words = words(line)?;
        if let Some(("ERR", rest)) = words.split_first().map(|(first, rest)| (first.as_str(), rest)) {
            return Err(WireError::Refused(Refusal::of(rest.first().map_or("", String::as_str))));
        }
        let said = words.join(" ");
        let subject = self.query.subject();
        let Some(rows) = &mut self.rows else {
            let expected = format!("BEGIN LIST {subject}");
            if said != expected {
                return Err(unexpected(&expected, &words));
            }
            self.rows = Some(0);
            return Ok(None);
        };
        if said == format!("END LIST {subject}") {
            return Ok(Some(std::mem::take(&mut self.answer)));
        }
        *rows += 1;
        if *rows > ROWS_MAX {
            return Err(WireError::TooManyRows);
        }
        self.query.row(&words, &mut self.answer)?;
        Ok(None)
    }
}

/// Splits a line into words ("Command reference": words with spaces stand in quotes; quotes and backslashes in them
/// have a backslash before them).
pub(crate) fn words(line: &[u8]) -> Result<Vec<String>, WireError> {
    if line.len() > LINE_MAX {
        return Err(WireError::LineTooLong);
    }
    let line = std::str::from_utf8(line).map_err(|_| WireError::NotText)?;
    let mut words = Vec::new();
    let mut chars = line.trim_end_matches('\r').chars().peekable();
    loop {
        while chars.next_if(|c| *c == ' ' || *c == '\t').is_some() {}
        if chars.peek().is_none() {
            return Ok(words);
        }
        let quoted = chars.next_if_eq(&'"').is_some();
        let mut word = String::new();
        loop {
            match chars.next() {
                Some('\\') => word.push(chars.next().ok_or(WireError::Unquoted)?),
                Some('"') if quoted => break,
                Some(' ' | '\t') | None if !quoted => break,
                Some(c) => word.push(c),
                None => return Err(WireError::Unquoted),
            }
        }
        words.push(word);
    }
}

fn unexpected(expected: &str, words: &[String]) -> WireError {
    WireError::Unexpected { expected: expected.to_owned(), got: shown(&words.join(" ")) }
}

/// Text from the wire as it may stand in a message: short, without control characters.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}
