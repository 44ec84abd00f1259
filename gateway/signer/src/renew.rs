//! `kiosk-signer renew`: one more archive time stamp for a copy that is kept for long.

use std::path::Path;
use std::time::SystemTime;

use kiosk_pades::{add_document_timestamp, add_validation_data};
use kiosk_pades_http::{Http, HttpTimeStamper};

use crate::certificates::read_folder;
use crate::fault::with_causes;
use crate::settings::Settings;
use crate::signing::TOKEN_BYTES;

/// Longest file that is renewed, bytes.
const FILE_MAX: u64 = 256 << 20;

/// Adds fresh validation data for all that is in the file, and a time stamp over all of it; the file itself stays as it is, the
/// result goes elsewhere.
///
/// # Errors
/// A sentence with the reason and the next step.
pub fn renew(settings: &Settings, file: &Path, out: &Path) -> Result<(), String> {
    if out.exists() {
        return Err(format!("`{}` is there already: name a file that is not", out.display()));
    }
    let address = settings.signing.tsa.as_deref().ok_or("copies.signing.tsa is missing: it gives the time stamp")?;
    let roots = read_folder(&settings.signing.roots).map_err(|error| with_causes(&error))?;
    let length = std::fs::metadata(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?.len();
    if length > FILE_MAX {
        return Err(format!("`{}` has more than {} MiB", file.display(), FILE_MAX >> 20));
    }
    let pdf = std::fs::read(file).map_err(|error| format!("cannot read `{}`: {error}", file.display()))?;
    let http = Http::new();
    let pdf = add_validation_data(&pdf, &roots, SystemTime::now(), &http).map_err(|error| with_causes(&error))?;
    let authority = HttpTimeStamper::new(http, address, TOKEN_BYTES);
    let pdf = add_document_timestamp(&pdf, &authority).map_err(|error| with_causes(&error))?;
    std::fs::write(out, pdf).map_err(|error| format!("cannot write `{}`: {error}", out.display()))
}
