//! A libsane whose backend does what it should not (`tests/peers/bad_sane.c`), and the driver `sane` that finds it in the
//! place of the real one.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::rig::programs;

/// Returns a program in `folder` that is the driver with this library. What the backend does wrong is its configuration,
/// `config.conf`.
pub fn driver_with_bad_backend(folder: &Path) -> PathBuf {
    let (run, program) = (folder.join("run"), programs::find("kiosk-driver-sane"));
    let script = format!("#!/bin/sh\nLD_LIBRARY_PATH={} exec {}\n", env!("BAD_SANE"), program.display());
    std::fs::write(&run, script).expect("the script can be written");
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    run
}
