//! `kiosk-signer check`, and what the gateway's `check` and `doctor` tell of it.

use std::os::unix::fs::PermissionsExt;

use kiosk_tests::copies::{Browser, Copies};
use kiosk_tests::peers::{Peer, Ran};
use kiosk_tests::rig::{PATIENCE, programs};
use serde_json::{Value, json};

/// What a program says on stdout that must fail.
fn refused(ran: Ran) -> String {
    assert!(!ran.status.success(), "{ran:?}");
    ran.out
}

#[tokio::test]
async fn check_says_what_is_missing_and_what_to_do() {
    let mut copies = Copies::start(&[], |_| {}).await;
    Browser::enrol(&mut copies, "nguyet").await;
    let said = copies.check(&["--token"]).await.ok();
    assert!(!said.contains("PROBLEM"), "{said}");
    for (what, place) in [("`nguyet` has a browser", "ok"), ("`hai` has no browser", "note"), ("seal` signs", "ok")] {
        let line = said.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("no {what} in {said}"));
        assert!(line.starts_with(place), "{line}");
    }
    assert!(said.contains("kiosk-signer invite hai"), "{said}");
    // The gateway tells the same.
    let config = copies.configuration();
    let gateway = |arguments: &[&str]| {
        let program = Peer::new(&programs::find("kiosk-gateway")).args(arguments).arg(&config);
        program.run(PATIENCE)
    };
    let said = gateway(&["check"]).await.ok();
    assert!(said.contains("`hai` has no browser yet"), "{said}");

    // Others may read its folder and the PIN.
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(copies.data(), open).unwrap();
    let pin = std::path::PathBuf::from(copies.settings()["signing"]["pin_file"].as_str().unwrap());
    std::fs::set_permissions(&pin, std::fs::Permissions::from_mode(0o644)).unwrap();
    let told = copies.check(&[]).await.fails();
    assert!(told.contains("certified yet"), "{told}");
    let findings = refused(gateway(&["doctor", "--json", "--config"]).await);
    let findings: Vec<Value> = serde_json::from_str(&findings).unwrap();
    for (about, run) in [("copies.data", "chmod 700"), ("copies.signing", "mend what is named")] {
        let fits = |it: &&Value| it["about"] == about && it["level"] == "problem";
        let found = findings.iter().find(fits).unwrap_or_else(|| panic!("no {about} in {findings:?}"));
        assert!(found["run"].as_str().unwrap().contains(run), "{found}");
    }
}

#[tokio::test]
async fn check_finds_a_certificate_that_does_not_hold_and_settings_that_cannot_be() {
    let mut copies = Copies::start(&["--officer", "expired"], |_| {}).await;
    let told = refused(copies.check(&["--token"]).await);
    assert!(told.lines().any(|line| line.starts_with("PROBLEM") && line.contains("officer-nguyet")), "{told}");
    copies.change(|settings| settings["policy"] = json!({ "card": ["genuine"] })).await;
    let config = copies.configuration();
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(&config, text.replace("host = ", "hast = ")).unwrap();
    let program = Peer::new(&programs::find("kiosk-signer")).arg("check").arg("--config").arg(&config);
    let told = program.run(PATIENCE).await.fails();
    assert!(told.contains("hast"), "{told}");
}
