//! A libsane whose backend does what it should not (`tests/peers/bad_sane.c`), and the driver `sane` that finds it in the
//! place of the real one.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Peer, peer};
use crate::rig::programs;

/// How long the compiler may take.
const WITHIN: Duration = Duration::from_secs(300);

/// Builds the library into `folder`; returns a program there that is the driver with this library. What the backend does
/// wrong is its configuration, `config.conf`.
pub async fn driver_with_bad_backend(folder: &Path) -> PathBuf {
    let source = programs::source_tree().join("tests/peers/bad_sane.c");
    let library = folder.join("libsane.so.1");
    let cc = Peer::new(&peer("cc")).args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    cc.run(WITHIN).await.ok();
    let (run, program) = (folder.join("run"), programs::find("kiosk-driver-sane"));
    let script = format!("#!/bin/sh\nLD_LIBRARY_PATH={} exec {}\n", folder.display(), program.display());
    std::fs::write(&run, script).expect("the script can be written");
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o755)).expect("it can be made executable");
    run
}
