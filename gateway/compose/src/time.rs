//! Days and hours in Vietnam.

/// Vietnam's time is seven hours ahead of UTC the whole year.
const AHEAD_S: i64 = 7 * 3600;
/// The first second of the year 10000 in Vietnam, seconds since 1970.
const YEAR_10000: i64 = 253_402_300_800 - AHEAD_S;

/// Years of the Gregorian calendar in cycles of 400 years, which have so many days.
const CYCLE_DAYS: i64 = 146_097;
/// From the first of March of the year 0 to 1970, days.
const MARCH_0_TO_1970: i64 = 719_468;

/// A second in Vietnam's time (+07:00). Serialised as seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(into = "i64", try_from = "i64")]
pub struct LocalTime {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl LocalTime {
    /// Of seconds since 1970 in UTC; `None` before 1970 and after 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        if !(0..YEAR_10000).contains(&seconds) {
            return None;
        }
        let local = seconds + AHEAD_S;
        let (days, rest) = (local / 86_400, local % 86_400);
        // Years of the Gregorian calendar that begin in March, in cycles of 400 years (146,097 days): leap days come last.
        let days = days + MARCH_0_TO_1970;
        let (cycle, day_of_cycle) = (days / CYCLE_DAYS, days % CYCLE_DAYS);
        let year = (day_of_cycle - day_of_cycle / 1460 + day_of_cycle / 36_524 - day_of_cycle / 146_096) / 365;
        let day_of_year = day_of_cycle - (365 * year + year / 4 - year / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * march_month + 2) / 5 + 1;
        let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
        let year = cycle * 400 + year + i64::from(month <= 2);
        let small = |value: i64| u8::try_from(value).ok();
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: small(month)?,
            day: small(day)?,
            hour: small(rest / 3600)?,
            minute: small(rest / 60 % 60)?,
            second: small(rest % 60)?,
        })
    }

    /// Seconds since 1970 in UTC.
    pub fn unix(self) -> i64 {
        let Self { year, month, day, hour, minute, second } = self;
        let march_year = i64::from(year) - i64::from(month <= 2);
        let march_month = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * march_month + 2) / 5 + i64::from(day) - 1;
        let (cycle, year) = (march_year / 400, march_year % 400);
        let days = cycle * CYCLE_DAYS + 365 * year + year / 4 - year / 100 + day_of_year - MARCH_0_TO_1970;
        days * 86_400 + i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second) - AHEAD_S
    }

    /// As ISO 8601 writes it, with the time zone: `2026-11-28T10:15:30+07:00`.
    pub fn iso(self) -> String {
        let Self { year, month, day, hour, minute, second } = self;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+07:00")
    }

    /// As a sentence says it: `10 giờ 15 phút 30 giây ngày 28/11/2026`.
    pub fn words(self) -> String {
        let Self { year, month, day, hour, minute, second } = self;
        format!("{hour:02} giờ {minute:02} phút {second:02} giây ngày {day:02}/{month:02}/{year}")
    }

    /// As an English sentence says it: `10:15:30 (UTC+7) on 28/11/2026`.
    pub fn english(self) -> String {
        let Self { year, month, day, hour, minute, second } = self;
        format!("{hour:02}:{minute:02}:{second:02} (UTC+7) on {day:02}/{month:02}/{year}")
    }
}

impl From<LocalTime> for i64 {
    fn from(time: LocalTime) -> Self {
        time.unix()
    }
}

impl TryFrom<i64> for LocalTime {
    type Error = &'static str;

    fn try_from(seconds: i64) -> Result<Self, Self::Error> {
        Self::from_unix(seconds).ok_or("the time is not between 1970 and 9999")
    }
}

#[cfg(test)]
mod tests;
