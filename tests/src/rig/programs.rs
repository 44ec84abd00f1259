//! Where the workspace's programs and files are.

use std::path::{Path, PathBuf};

/// A program of the workspace, beside the folder of the test's own executable.
pub fn find(name: &str) -> PathBuf {
    let own = std::env::current_exe().expect("the test's own executable has a path");
    // target/debug/deps/TEST-HASH, or target/debug/PROGRAM
    let mut folders = own.ancestors().skip(1).take(2);
    folders.find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file())).unwrap_or_else(|| {
        panic!("the program `{name}` is not built: run `cargo build --workspace --bins` first (looked beside {own:?})")
    })
}

/// The root of the source tree.
pub fn source_tree() -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the tests are in a folder of the source tree").to_owned()
}

/// The folder of sample documents.
pub fn samples() -> PathBuf {
    source_tree().join("simulators/samples")
}
