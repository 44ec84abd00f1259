//! `udev/60-kiosk-gateway.rules` is what the drivers' `driver.toml` say; `UPDATE=1 cargo test -p kiosk-gateway --test
//! udev_rules` writes it anew.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use kiosk_gateway::config::Drivers;
use kiosk_gateway::registry::{Registry, udev};

#[test]
fn the_udev_rules_are_what_the_drivers_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let drivers = Drivers { dirs: vec![root.join("device-drivers")], programs: None };
    let made = udev::rules(&Registry::load(&drivers).unwrap());
    let path = root.join("udev/60-kiosk-gateway.rules");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "udev/60-kiosk-gateway.rules is not what the driver.toml say; run `UPDATE=1 cargo test -p kiosk-gateway --test udev_rules`"
    );
}
