//! A portrait as JPEG 2000. A fall of the decoder costs the portrait and is no find; memory and time are.
#![no_main]

use kiosk_emrtd::{Portrait, PortraitFormat};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    // What is caught does not end it.
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| {
        let _ = Portrait { format: PortraitFormat::Jpeg2000, picture: data.to_vec() }.shown();
    }
);
