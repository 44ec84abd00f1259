//! Certified copies: what `kiosk-signer check` finds, which knows what it needs.

use std::path::Path;

use super::Finding;
use crate::config::Config;
use crate::run::signer_check;

pub(super) fn findings(config: &Config, file: Option<&Path>) -> Vec<Finding> {
    let Some(file) = file.filter(|_| config.copies.is_some()) else { return Vec::new() };
    let said = match signer_check(file, &["--json"]) {
        Ok(said) => said,
        Err(error) => {
            return vec![Finding::problem("copies", error.to_string(), "install kiosk-gateway's package anew")];
        }
    };
    serde_json::from_slice(&said.stdout).unwrap_or_else(|_| {
        // It could not even read its settings.
        let why = String::from_utf8_lossy(&said.stderr).trim_end().to_owned();
        vec![Finding::problem("copies", why, format!("mend [copies] in {}", file.display()))]
    })
}
