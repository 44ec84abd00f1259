//! Data group 2, and the record in it. What is in the record is not decoded here.
#![no_main]

use kiosk_emrtd::Portrait;
use kiosk_emrtd::fuzzing::element;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = Portrait::of_group(data);
    let template = element(0x7F60, &element(0x5F2E, data));
    let _ = Portrait::of_group(&element(0x75, &element(0x7F61, &template)));
});
