//! Data groups 1, 11, 12, 13 and 16, whole and with the right tag around anything.
#![no_main]

use kiosk_emrtd::fuzzing::element;
use kiosk_emrtd::{DocumentDetails, PersonToNotify, PersonalDetails, VietnameseFields, zone};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = zone(data);
    for file in [element(0x6B, data), data.to_vec()] {
        if let Ok(holder) = PersonalDetails::of_group(&file) {
            let _ = (holder.full_name(), holder.surname(), holder.other_names(), holder.date_of_birth());
            let _ = (holder.address(), holder.place_of_birth(), holder.telephone(), format!("{holder:?}"));
        }
    }
    for file in [element(0x6C, data), data.to_vec()] {
        if let Ok(document) = DocumentDetails::of_group(&file) {
            let _ = (document.date_of_issue(), document.date_of_personalization(), document.other_persons());
        }
    }
    for file in [element(0x6D, data), data.to_vec()] {
        let _ = VietnameseFields::of_group(&file).map(|fields| fields.family().len());
    }
    for file in [element(0x70, data), element(0x70, &element(0xA1, data)), data.to_vec()] {
        let _ = PersonToNotify::of_group(&file).map(|persons| persons.iter().filter_map(PersonToNotify::name).count());
    }
});
