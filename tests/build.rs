//! Builds the libsane of the tests' own (`peers/bad_sane.c`), which `kiosk_tests::peers::sane` hands out.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    for (source, library) in [("peers/bad_sane.c", "libsane.so.1"), ("peers/never.c", "never.so")] {
        println!("cargo::rerun-if-changed={source}");
        #[expect(clippy::disallowed_methods, reason = "a compiler")]
        let mut compiler = Command::new("cc");
        compiler.args(["-shared", "-fPIC", "-o"]).arg(out.join(library)).arg(source);
        let compiled = compiler.status().unwrap_or_else(|error| panic!("no C compiler: {error}; run `make setup`"));
        assert!(compiled.success(), "{source} cannot be compiled: {compiled}");
    }
    println!("cargo::rustc-env=BAD_SANE={}", out.display());
}
