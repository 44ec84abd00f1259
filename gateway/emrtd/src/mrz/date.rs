//! The dates of the machine readable zone: two digits for the year, and who reads must know the century.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::SystemTime;

use x509_cert::der::DateTime;

use super::Mrz;

/// What stands for "never" on Vietnamese cards.
const NEVER: &str = "991231";
/// Years from here on are those of the last century: no document of then is read any more, none holds so long.
const LAST_CENTURY: u16 = 70;

/// A date; of a birth, month and day may be unknown. It prints as YYYY-MM-DD, without the parts that are not known.
/// Personal: its `Debug` shows nothing of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: Option<u8>,
    day: Option<u8>,
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Date(…)")
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.year)?;
        let Some(month) = self.month else { return Ok(()) };
        write!(f, "-{month:02}")?;
        self.day.map_or(Ok(()), |day| write!(f, "-{day:02}"))
    }
}

impl Date {
    /// The date of a moment, in UTC.
    ///
    /// `None` before 1970 and after 9999.
    pub fn of(moment: SystemTime) -> Option<Self> {
        let date = DateTime::from_system_time(moment).ok()?;
        Some(Self { year: date.year(), month: Some(date.month()), day: Some(date.day()) })
    }

    /// As on a Vietnamese card: DD/MM/YYYY. Also without the strokes, as in its QR code.
    pub fn written(text: &str) -> Option<Self> {
        let digits: String = text.chars().filter(|one| *one != '/').collect();
        if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Self::full(digits[4..].parse().ok()?, digits[2..4].parse().ok()?, digits[..2].parse().ok()?)
    }

    /// From YYYYMMDD; a month or day that is `00` is not known (9303-10, section 4.7.11).
    pub(crate) fn of_digits(digits: &str) -> Option<Self> {
        if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with("0000") {
            return None;
        }
        let part = |text: &str| text.parse().ok().filter(|part| *part > 0);
        let (year, month, day) = (digits[..4].parse().ok()?, part(&digits[4..6]), part(&digits[6..]));
        Self::full(year, month.unwrap_or(1), day.unwrap_or(1))?;
        Some(Self { year, month, day: day.filter(|_| month.is_some()) })
    }

    /// The birthday of this age. One that falls on 29 February is kept on 28 February in other years.
    #[must_use]
    pub fn years_later(self, years: u16) -> Self {
        let year = self.year + years;
        let day = if (self.month, self.day) == (Some(2), Some(29)) && !is_leap(year) { Some(28) } else { self.day };
        Self { year, day, ..self }
    }

    /// As in the machine readable zone: YYMMDD.
    pub fn in_zone(self) -> String {
        let part = |part: Option<u8>| part.map_or("<<".to_owned(), |part| format!("{part:02}"));
        format!("{:02}{}{}", self.year % 100, part(self.month), part(self.day))
    }

    fn full(year: u16, month: u8, day: u8) -> Option<Self> {
        let days = match month {
            2 if is_leap(year) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => return None,
        };
        (1..=days).contains(&day).then_some(Self { year, month: Some(month), day: Some(day) })
    }

    /// From YYMMDD; the century is chosen with the two digits of the year.
    fn of_zone(text: &str, century: impl Fn(u16) -> u16) -> Option<Self> {
        let (year, rest) = text.split_at_checked(2)?;
        let (month, day) = rest.split_at_checked(2)?;
        let year: u16 = year.parse().ok()?;
        let part = |text: &str| if text.contains('<') { Some(None) } else { text.parse().ok().map(Some) };
        let (month, day) = (part(month)?, part(day)?);
        // A month or day that is not known is taken as the first, to see whether the others can be.
        let year = century(year) + year;
        Self::full(year, month.unwrap_or(1), day.unwrap_or(1))?;
        Some(Self { year, month, day: day.filter(|_| month.is_some()) })
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

impl Mrz {
    /// The date of birth: the last that is not in the future. `None` if it is no date.
    pub fn born(&self, now: SystemTime) -> Option<Date> {
        let today = Date::of(now)?;
        let in_this_century = Date::of_zone(&self.date_of_birth, |_| 2000);
        in_this_century.filter(|date| *date <= today).or_else(|| Date::of_zone(&self.date_of_birth, |_| 1900))
    }

    /// The date of expiry; `None` if it never expires, or it is no date.
    pub fn expires(&self) -> Option<Date> {
        if self.date_of_expiry == NEVER {
            return None;
        }
        Date::of_zone(&self.date_of_expiry, |year| if year >= LAST_CENTURY { 1900 } else { 2000 })
    }
}
