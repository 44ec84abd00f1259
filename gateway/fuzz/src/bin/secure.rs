//! Responses under secure messaging: such as come, and such as come from a chip that knows the keys.
#![no_main]

use kiosk_emrtd::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzzing::secure_response(data));
