//! Dates of PDF (ISO 32000-1, section 7.9.4).

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use x509_cert::der::DateTime;

/// The time zone of Vietnam, hours before UTC.
const HOURS: u64 = 7;

/// Writes a time, in whole seconds, with the time zone of Vietnam.
pub(crate) fn write(time: SystemTime) -> String {
    let local =
        time.checked_add(Duration::from_secs(HOURS * 3600)).and_then(|time| DateTime::from_system_time(time).ok());
    // Times before 1970 are no times of signatures.
    let local = local.unwrap_or(DateTime::INFINITY);
    let (year, month, day) = (local.year(), local.month(), local.day());
    format!(
        "D:{year:04}{month:02}{day:02}{:02}{:02}{:02}+{HOURS:02}'00'",
        local.hour(),
        local.minutes(),
        local.seconds()
    )
}

/// Reads a time; what is left out is the least that it can be, and a time zone that is left out is UTC.
pub(crate) fn read(text: &[u8]) -> Option<SystemTime> {
    let text = std::str::from_utf8(text).ok()?;
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(14);
    let (date, zone) = text.split_at(digits);
    let two = |at: usize, least: u8| date.get(at..at + 2).map_or(Some(least), |text| text.parse().ok());
    let year = date.get(..4)?.parse().ok()?;
    let time = DateTime::new(year, two(4, 1)?, two(6, 1)?, two(8, 0)?, two(10, 0)?, two(12, 0)?).ok()?.to_system_time();
    let mut numbers = zone.get(1..).unwrap_or_default().split('\'').map(|text| text.parse::<u64>().ok());
    let mut next = || numbers.next().flatten().unwrap_or_default();
    let seconds = Duration::from_secs(next().min(23) * 3600 + next().min(59) * 60);
    match zone.bytes().next() {
        Some(b'+') => time.checked_sub(seconds).filter(|time| *time >= UNIX_EPOCH),
        Some(b'-') => time.checked_add(seconds),
        _ => Some(time),
    }
}
