//! Dates as OpenSSL's program takes them and its lists of certificates have them.

use std::time::{SystemTime, UNIX_EPOCH};

/// `YYYYMMDDHHMMSSZ`.
pub(super) fn long(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // The year begins in March here, so that the day that comes and goes is its last; 719,468 days lie between
    // 0000-03-01 and 1970-01-01, 146,097 are 400 years.
    let day = days + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}{month:02}{day:02}{:02}{:02}{:02}Z", second / 3_600, second / 60 % 60, second % 60)
}

/// `YYMMDDHHMMSSZ`, for years to 2049.
pub(super) fn short(at: SystemTime) -> String {
    long(at).split_off(2)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{long, short};

    #[test]
    fn dates_are_those_of_the_calendar() {
        // By `date -u -d @SECONDS +%Y%m%d%H%M%SZ`.
        for (seconds, date) in [
            (0, "19700101000000Z"),
            (951_782_399, "20000228235959Z"),
            (951_782_400, "20000229000000Z"),
            (1_709_251_199, "20240229235959Z"),
            (1_735_689_599, "20241231235959Z"),
            (1_767_225_600, "20260101000000Z"),
            (4_107_542_400, "21000301000000Z"),
        ] {
            assert_eq!(long(UNIX_EPOCH + Duration::from_secs(seconds)), date);
            assert_eq!(short(UNIX_EPOCH + Duration::from_secs(seconds)), date[2..]);
        }
    }
}
