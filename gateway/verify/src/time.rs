//! Times as citizens read them: Vietnam's, UTC+7 without summer time since 1975.

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Serialize, Serializer};

const ZONE_S: u64 = 7 * 3600;
const DAY_S: u64 = 86_400;
/// The end of the year 9999, in Vietnam, seconds since 1970.
const LAST: u64 = 253_402_300_799 - ZONE_S;

/// A time, in whole seconds; what lies outside of the years 1970 to 9999 is the nearest that does not. Written, also in JSON,
/// by ISO 8601 in Vietnam's zone: `2026-11-29T08:05:00+07:00`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(u64);

/// A day and a time of day.
struct Local {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Time {
    /// Takes seconds since 1970.
    pub fn of_seconds(seconds: u64) -> Self {
        Self(seconds.min(LAST))
    }

    /// Seconds since 1970.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// Reads `2026-11-29` (its beginning in Vietnam), `2026-11-29T08:05` with or without seconds, and with `Z` or a zone such as
    /// `+07:00` behind it; Vietnam's if there is none.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let mut parts = date.split('-').map(digits);
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let is_date = date.is_ascii() && date.as_bytes()[4] == b'-' && date.as_bytes()[7] == b'-';
        if !is_date || parts.next().is_some() || !(1970..=9999).contains(&year) {
            return None;
        }
        if !(1..=12).contains(&month) || !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        let (clock, behind) = match rest.strip_prefix(['T', ' ']) {
            Some(rest) => rest.split_at(rest.find(['Z', '+', '-']).unwrap_or(rest.len())),
            None if rest.is_empty() => ("00:00", ""),
            None => return None,
        };
        let clock = clock_of(clock)?;
        let (zone, is_east) = match behind {
            "" => (ZONE_S, true),
            "Z" => (0, true),
            _ => (clock_of(behind.get(1..)?).filter(|zone| zone % 60 == 0)?, behind.starts_with('+')),
        };
        let local = days_since_1970(year, month, day) * DAY_S + clock;
        let seconds = if is_east { local.checked_sub(zone)? } else { local + zone };
        (seconds <= LAST).then_some(Self(seconds))
    }

    fn local(self) -> Local {
        let seconds = self.0 + ZONE_S;
        let (days, clock) = (seconds / DAY_S, seconds % DAY_S);
        // By years of 365.2425 days, then one up if that was too few.
        let mut year = 1970 + days * 400 / 146_097;
        while days_since_1970(year + 1, 1, 1) <= days {
            year += 1;
        }
        while days_since_1970(year, 1, 1) > days {
            year -= 1;
        }
        let mut left = days - days_since_1970(year, 1, 1);
        let mut month = 1;
        while left >= days_of(year, month) {
            left -= days_of(year, month);
            month += 1;
        }
        Local { year, month, day: left + 1, hour: clock / 3600, minute: clock / 60 % 60, second: clock % 60 }
    }

    /// As Vietnamese write it.
    pub(crate) fn vietnamese(self) -> String {
        let Local { year, month, day, hour, minute, .. } = self.local();
        format!("{hour:02}:{minute:02} ngày {day:02}/{month:02}/{year}")
    }

    /// For readers of English.
    pub(crate) fn english(self) -> String {
        const MONTHS: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let Local { year, month, day, hour, minute, .. } = self.local();
        let month = usize::try_from(month - 1).ok().and_then(|place| MONTHS.get(place)).unwrap_or(&"");
        format!("{day} {month} {year} at {hour:02}:{minute:02}")
    }
}

impl From<SystemTime> for Time {
    fn from(time: SystemTime) -> Self {
        Self::of_seconds(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}

impl From<Time> for SystemTime {
    fn from(time: Time) -> Self {
        UNIX_EPOCH + Duration::from_secs(time.0)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Local { year, month, day, hour, minute, second } = self.local();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00")
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn digits(text: &str) -> Option<u64> {
    let are_digits = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| are_digits)
}

/// Seconds of `08:05` or `08:05:30`.
fn clock_of(text: &str) -> Option<u64> {
    let mut parts = text.split(':').map(|part| digits(part).filter(|_| part.len() == 2));
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    let is_clock = parts.next().is_none() && hour < 24 && minute < 60 && second < 60;
    is_clock.then_some(hour * 3600 + minute * 60 + second)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400)
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let before = year - 1;
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let years = (year - 1970) * 365 + leaps(before) - leaps(1969);
    years + (1..month).map(|month| days_of(year, month)).sum::<u64>() + day - 1
}
