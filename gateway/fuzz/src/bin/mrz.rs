//! Machine readable zones, access data and QR codes of Vietnamese cards.
#![no_main]

use std::time::{Duration, SystemTime};

use kiosk_emrtd::{AccessKey, Date, Mrz};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_456_000);
    if let Ok(zone) = Mrz::read(text) {
        let _ = (zone.born(now), zone.expires());
        let _ = AccessKey::mrz(&zone.document_number, &zone.date_of_birth, &zone.date_of_expiry);
    }
    let _ = (Date::written(text), AccessKey::can(text), AccessKey::of_vietnamese_code(text));
    let mut parts = text.splitn(3, '|').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let _ = AccessKey::mrz(&part(), &part(), &part());
});
