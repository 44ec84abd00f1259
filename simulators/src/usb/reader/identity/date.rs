//! Dates as they stand on a card.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A date, `DD/MM/YYYY`, or none: `Không thời hạn`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Date {
    /// A day.
    Day {
        /// From 1.
        day: u8,
        /// From 1.
        month: u8,
        /// Four digits.
        year: u16,
    },
    /// Without end.
    Never,
}

const NEVER: &str = "Không thời hạn";

/// A text that is no date.
#[derive(Debug, thiserror::Error)]
#[error("{given:?} is no date: it looks like 31/12/2030, or is {NEVER:?}")]
pub struct NoDate {
    given: String,
}

impl TryFrom<String> for Date {
    type Error = NoDate;

    fn try_from(given: String) -> Result<Self, NoDate> {
        if given == NEVER {
            return Ok(Self::Never);
        }
        let parts: Vec<&str> = given.split('/').collect();
        let [day, month, year] = parts.as_slice() else { return Err(NoDate { given }) };
        match (day.parse(), month.parse(), year.parse()) {
            (Ok(day @ 1..=31), Ok(month @ 1..=12), Ok(year @ 1000..=9999)) => Ok(Self::Day { day, month, year }),
            _ => Err(NoDate { given }),
        }
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        date.to_string()
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day { day, month, year } => write!(f, "{day:02}/{month:02}/{year:04}"),
            Self::Never => f.write_str(NEVER),
        }
    }
}

impl Date {
    /// YYMMDD (ICAO Doc 9303-3, section 4.8). A card without end has the last day of 99, as Vietnamese cards do.
    pub(super) fn mrz(self) -> String {
        match self {
            Self::Day { day, month, year } => format!("{:02}{month:02}{day:02}", year % 100),
            Self::Never => "991231".into(),
        }
    }
}
