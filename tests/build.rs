//! Builds what the tests have in C: a libsane of their own, for `kiosk_tests::peers::sane`, and a chip and a terminal on
//! OpenPACE, for `kiosk_tests::peers::openpace`.

use std::path::PathBuf;
use std::process::Command;

fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let library = ["-shared", "-fPIC"].as_slice();
    for (source, built, options) in [
        ("peers/bad_sane.c", "libsane.so.1", library),
        ("peers/never.c", "never.so", library),
        ("peers/openpace_card.c", "openpace-card", &[]),
        ("peers/openpace_terminal.c", "openpace-terminal", &[]),
    ] {
        println!("cargo::rerun-if-changed={source}");
        #[expect(clippy::disallowed_methods, reason = "a compiler")]
        let mut compiler = Command::new("cc");
        compiler.args(options).arg("-o").arg(out.join(built)).arg(source);
        if built.starts_with("openpace") {
            compiler.args(["-leac", "-lcrypto"]);
        }
        let compiled = compiler.status().unwrap_or_else(|error| panic!("no C compiler: {error}; run `make setup`"));
        assert!(compiled.success(), "{source} cannot be compiled: {compiled}");
    }
    println!("cargo::rerun-if-changed=peers/openpace.h");
    println!("cargo::rustc-env=BAD_SANE={}", out.display());
    println!("cargo::rustc-env=OPENPACE_CARD={}", out.join("openpace-card").display());
    println!("cargo::rustc-env=OPENPACE_TERMINAL={}", out.join("openpace-terminal").display());
}
