//! A line's words with placeholders, and what these stand for.

use crate::fonts::composed;
use crate::request::{Request, Verification};
use crate::template::TemplateError;
use crate::time::LocalTime;

/// What a placeholder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Number,
    Book,
    Volume,
    BookYear,
    Day,
    Month,
    Year,
    CertifiedIso,
    CertifiedAt,
    ConvertedIso,
    ConvertedAt,
    ConvertedAtEn,
    OfficerTitle,
    Officer,
    Agency,
    Place,
    FormOfCopy,
    Pages,
    Url,
    Code,
}

impl Field {
    const ALL: [(Self, &'static str); 20] = [
        (Self::Number, "number"),
        (Self::Book, "book"),
        (Self::Volume, "volume"),
        (Self::BookYear, "book_year"),
        (Self::Day, "day"),
        (Self::Month, "month"),
        (Self::Year, "year"),
        (Self::CertifiedIso, "certified_iso"),
        (Self::CertifiedAt, "certified_at"),
        (Self::ConvertedIso, "converted_iso"),
        (Self::ConvertedAt, "converted_at"),
        (Self::ConvertedAtEn, "converted_at_en"),
        (Self::OfficerTitle, "officer_title"),
        (Self::Officer, "officer"),
        (Self::Agency, "agency"),
        (Self::Place, "place"),
        (Self::FormOfCopy, "form_of_copy"),
        (Self::Pages, "pages"),
        (Self::Url, "url"),
        (Self::Code, "code"),
    ];

    /// All names, for messages.
    pub(crate) fn names() -> String {
        Self::ALL.map(|(_, name)| name).join(", ")
    }

    /// A field as a template writes it.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name)
    }
}

/// Stands for two digits in a preview. In letters of Times's widths that are not italic it is as wide as these, so that
/// what stands in a line with them stays where it is.
const TWO_DIGITS: &str = "…";
/// Stands for a year, and for what has no usual length.
const UNKNOWN: &str = "……";

/// What all placeholders of one copy stand for.
pub(crate) struct Values<'a> {
    pub(crate) request: &'a Request,
    /// The request's own, or in a preview what is reckoned with instead.
    pub(crate) verification: Option<&'a Verification>,
}

impl<'a> Values<'a> {
    /// What is said in a copy.
    pub(crate) fn of(request: &'a Request) -> Self {
        Self { request, verification: request.verification.as_ref() }
    }

    fn get(&self, field: Field) -> String {
        let Request { pages, facts, .. } = self.request;
        match field {
            Field::Number => facts.number.map_or_else(|| UNKNOWN.to_owned(), |number| number.to_string()),
            Field::Book => format!("{:02}/{}-SCTĐT/BS", facts.book.volume, facts.book.year),
            Field::Volume => format!("{:02}", facts.book.volume),
            Field::BookYear => facts.book.year.to_string(),
            Field::Day | Field::Month | Field::Year | Field::CertifiedIso | Field::CertifiedAt => {
                facts.certified_at.map_or_else(|| dots(field), |certified| date(field, certified))
            }
            Field::ConvertedIso => facts.converted_at.iso(),
            Field::ConvertedAt => facts.converted_at.words(),
            Field::ConvertedAtEn => facts.converted_at.english(),
            Field::OfficerTitle => composed(&facts.officer_title),
            Field::Officer => composed(&facts.officer),
            Field::Agency => composed(&facts.agency),
            Field::Place => composed(&facts.place),
            Field::FormOfCopy => composed(&facts.form_of_copy),
            Field::Pages => format!("{:02}", pages.len()),
            Field::Url => self.verification.map_or_else(|| UNKNOWN.to_owned(), |it| composed(&it.url)),
            Field::Code => self.verification.map_or_else(|| UNKNOWN.to_owned(), |it| composed(&it.code)),
        }
    }
}

/// A part of the time of certification.
fn date(field: Field, certified: LocalTime) -> String {
    match field {
        Field::Day => format!("{:02}", certified.day),
        // Offices write a 0 before January and February, and before no other month.
        Field::Month if certified.month <= 2 => format!("{:02}", certified.month),
        Field::Month => certified.month.to_string(),
        Field::Year => certified.year.to_string(),
        Field::CertifiedAt => certified.words(),
        _ => certified.iso(),
    }
}

/// The same before the copy is certified: a day's words with dots in the places of its digits.
fn dots(field: Field) -> String {
    match field {
        Field::Day | Field::Month => TWO_DIGITS.to_owned(),
        Field::Year => UNKNOWN.to_owned(),
        _ => {
            let day = LocalTime { year: 2000, month: 10, day: 10, hour: 10, minute: 10, second: 10 };
            let words = if field == Field::CertifiedAt { day.words() } else { day.iso() };
            // The time zone is known.
            let (day, zone) = words.split_at(words.find('+').unwrap_or(words.len()));
            day.replace("2000", UNKNOWN).replace("10", TWO_DIGITS) + zone
        }
    }
}

/// A line's words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Text(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Words(String),
    /// In capitals, if its name is.
    Field(Field, bool),
}

impl Text {
    /// Reads `words {placeholder} words`; `{PLACEHOLDER}` is in capitals; `{{` and `}}` are braces.
    pub(crate) fn read(text: &str, line: usize) -> Result<Self, TemplateError> {
        let text = composed(text);
        let (mut pieces, mut words) = (Vec::new(), String::new());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            words.push_str(&rest[..at]);
            let brace = &rest[at..];
            if let Some(after) = brace.strip_prefix("{{").or_else(|| brace.strip_prefix("}}")) {
                words.push_str(&brace[..1]);
                rest = after;
                continue;
            }
            let inner = brace.strip_prefix('{').ok_or(TemplateError::Brace { line })?;
            let end = inner.find('}').ok_or(TemplateError::Brace { line })?;
            let name = &inner[..end];
            let small = name.to_lowercase();
            let known = Field::ALL.iter().find(|(_, known)| *known == small);
            // Either all small or all capital: no third way of writing.
            let known = known.filter(|_| name == small || name == name.to_uppercase());
            let unknown = || TemplateError::UnknownPlaceholder { line, name: name.to_owned() };
            let field = known.ok_or_else(unknown)?.0;
            if !words.is_empty() {
                pieces.push(Piece::Words(std::mem::take(&mut words)));
            }
            pieces.push(Piece::Field(field, name != small));
            rest = &inner[end + 1..];
        }
        words.push_str(rest);
        if !words.is_empty() {
            pieces.push(Piece::Words(words));
        }
        Ok(Self(pieces))
    }

    /// The words of one copy.
    pub(crate) fn fill(&self, values: &Values<'_>) -> String {
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Words(words) => filled.push_str(words),
                Piece::Field(field, false) => filled.push_str(&values.get(*field)),
                Piece::Field(field, true) => filled.push_str(&values.get(*field).to_uppercase()),
            }
        }
        filled
    }

    /// Whether it has a placeholder.
    pub(crate) fn has(&self, field: Field) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Field(own, _) if *own == field))
    }

    /// Whether it has these words, however they are written; `words` are small.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Words(own) if own.to_lowercase().contains(words)))
    }
}
