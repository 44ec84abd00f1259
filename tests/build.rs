//! Builds the libsane of the tests' own (`peers/bad_sane.c`), which `kiosk_tests::peers::sane` hands out.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=peers/bad_sane.c");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    #[expect(clippy::disallowed_methods, reason = "a compiler")]
    let mut compiler = Command::new("cc");
    let library = out.join("libsane.so.1");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library).arg("peers/bad_sane.c");
    let compiled = compiler.status().unwrap_or_else(|error| panic!("no C compiler: {error}; run `make setup`"));
    assert!(compiled.success(), "peers/bad_sane.c cannot be compiled: {compiled}");
    println!("cargo::rustc-env=BAD_SANE={}", out.display());
}
