//! Elements, whatever they are of.
#![no_main]

use kiosk_emrtd::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzzing::elements(data));
