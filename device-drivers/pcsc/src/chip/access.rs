//! What a page sends to open a card, as the reader of chips wants it. It is personal: no error quotes it.

use kiosk_driver_sdk::protocol::error::Failure;
use kiosk_driver_sdk::protocol::identity::{CardAccess, PrintedAccess};
use kiosk_emrtd::{AccessKey, Mrz};

/// The keys to try, one after the other.
///
/// # Errors
/// `invalid_request`, naming the field.
pub(super) fn keys(access: &CardAccess) -> Result<Vec<AccessKey>, Failure> {
    let bad =
        |field: &str, why: &dyn std::fmt::Display| Failure::invalid(format!("payload.access.{field}"), why.to_string());
    match access {
        CardAccess::Can(number) => match AccessKey::can(number.expose().trim()) {
            Ok(key) => Ok(vec![key]),
            Err(error) => Err(bad("can", &error)),
        },
        CardAccess::Mrz(lines) => {
            let zone = Mrz::read(lines.expose()).map_err(|error| bad("mrz", &error))?;
            let key = AccessKey::mrz(&zone.document_number, &zone.date_of_birth, &zone.date_of_expiry);
            Ok(vec![key.map_err(|error| bad("mrz", &error))?])
        }
        CardAccess::Printed(printed) => Ok(vec![of_printed(printed).map_err(|error| bad("printed", &error))?]),
        CardAccess::Qr(text) => AccessKey::of_vietnamese_code(text.expose()).map_err(|error| bad("qr", &error)),
    }
}

fn of_printed(printed: &PrintedAccess) -> Result<AccessKey, kiosk_emrtd::AccessError> {
    let number = printed.document_number.expose().trim();
    // On a Vietnamese card: the citizen's number, of which the zone has the last nine digits.
    let citizen = number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = if citizen { &number[3..] } else { number };
    AccessKey::mrz(number, &in_zone(printed.date_of_birth.expose()), &in_zone(printed.date_of_expiry.expose()))
}

/// YYYY-MM-DD as YYMMDD; anything else as it is, to be judged where the key is made.
fn in_zone(date: &str) -> String {
    let parts: Vec<&str> = date.trim().split('-').collect();
    match parts[..] {
        [year, month, day] if year.len() == 4 && year.is_ascii() => format!("{}{month}{day}", &year[2..]),
        _ => date.trim().to_owned(),
    }
}
