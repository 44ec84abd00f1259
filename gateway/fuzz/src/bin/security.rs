//! Lists of security information, public keys and what is signed with them: EF.CardAccess, data groups 14 and 15.
#![no_main]

use kiosk_emrtd::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzzing::security_infos(data));
