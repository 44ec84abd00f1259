//! The one request that the program `kiosk-composer` works on, after it has locked itself in.

use std::io::{Read, Write};

use crate::compose::compose;
use crate::fonts::Fonts;
use crate::refusal::Refusal;
use crate::template::Template;
use crate::wire::{Answer, WireError, read_request, write_answer};

/// Address space of the process, MiB. The largest pictures (240 MB of noise) take 715, fonts and all; the largest JSON and
/// what it becomes would come to that (`tests/composer.rs`).
pub const MEMORY_MIB: u64 = 2048;
/// Time of the processor, seconds: more than twenty times what the largest pictures take in a debug build (11 s). The
/// deadline of who asks comes first as a rule; this one holds where nobody waits any more.
pub const PROCESSOR_S: u64 = 300;

/// Exit status of a process that cannot begin: fonts, template, or a lock that does not hold (`EX_USAGE` of sysexits.h, as
/// the gateway's other children say it).
pub const BAD_CONFIG: u8 = 64;

/// Reads a request, composes the copy, writes the answer.
///
/// # Errors
/// [`WireError`] if there is no request to answer, or nobody who takes the answer.
pub fn serve(from: &mut impl Read, to: &mut impl Write, template: &Template, fonts: &Fonts) -> Result<(), WireError> {
    let answer = match read_request(from) {
        Ok(request) => {
            compose(request, template, fonts).map_or_else(|error| Answer::Refused(Refusal::from(&error)), Answer::Copy)
        }
        Err(WireError::TooLarge) => Answer::Refused(Refusal::too_large()),
        Err(error) => return Err(error),
    };
    write_answer(to, &answer)
}
