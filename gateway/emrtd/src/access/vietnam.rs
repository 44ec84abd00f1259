//! What opens a Vietnamese identity card, from the QR code printed on it.
//!
//! ```text
//! number of 12 digits | old number | full name | birth DDMMYYYY | sex | residence | issue DDMMYYYY [| …]
//! ```
//!
//! No document of the code or of the chip's access data is published. The form of the code is what scanners read from cards.
//! That the document's number in the machine readable zone is the last nine digits of the citizen's number, and the card
//! access number its last six, is what readers of others use. The date of expiry is not in the code: it follows from the
//! law, so what it can be is tried in turn.
//!
//! Law: Law on Identification, 26/2023/QH15, article 21: a card is renewed at the ages of 14, 25, 40 and 60; one that was
//! issued in the two years before holds until the next of these ages.

use zeroize::Zeroizing;

use super::{AccessError, AccessKey};
use crate::mrz::Date;

/// The ages at which a card is renewed.
const AGES: [u16; 4] = [14, 25, 40, 60];
/// Within so many years before such an age a new card is good for the one after.
const EARLY: u16 = 2;
/// Longest text of a code, bytes.
const TEXT_MAX: usize = 2_048;

impl AccessKey {
    /// What may open a Vietnamese identity card with this QR code, the likeliest first; at least one.
    ///
    /// # Errors
    /// [`AccessError::Code`], if it is no such code.
    pub fn of_vietnamese_code(text: &str) -> Result<Vec<Self>, AccessError> {
        let mut fields = text.trim().split('|');
        let mut field = |at| fields.nth(at).ok_or(AccessError::Code);
        let number = field(0)?;
        // Behind the old number and the name; behind the sex and the residence.
        let (birth, issue) = (field(2)?, field(2)?);
        let is_number = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
        let (Some(birth), Some(issue)) = (Date::written(birth), Date::written(issue)) else {
            return Err(AccessError::Code);
        };
        if text.len() > TEXT_MAX || !is_number || issue < birth {
            return Err(AccessError::Code);
        }
        let in_zone = Zeroizing::new(birth.in_zone());
        let ends: Vec<Date> = AGES.iter().map(|age| birth.years_later(*age)).collect();
        let end_after = |date: Date| ends.iter().copied().find(|end| *end > date);
        let (lawful, next) = (end_after(issue.years_later(EARLY)), end_after(issue));
        let mut expiries = vec![lawful];
        if next != lawful {
            expiries.push(next);
        }
        // One that never expires.
        let written = |end: Option<Date>| end.map_or_else(|| "991231".to_owned(), Date::in_zone);
        let mut keys = expiries
            .into_iter()
            .map(|end| Self::mrz(&number[3..], &in_zone, &written(end)))
            .collect::<Result<Vec<_>, _>>()?;
        keys.push(Self::can(&number[6..])?);
        Ok(keys)
    }
}
