//! Certified copies in the demo: the simulated authority's keys, an agency that does not exist, and its officers.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use toml::Value;

use crate::host;
use crate::registry::program_dir;

/// The procedure of the demo: certification of electronic copies from originals.
pub(in crate::run) const PROCEDURE: &str = "tthc-2.000815";

/// The authority, as the simulators tell of it.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::run) struct Authority {
    /// Where its time stamps are.
    pub(in crate::run) address: String,
    /// The certificate that is trusted, DER.
    pub(in crate::run) root: PathBuf,
    issuing: PathBuf,
    module: PathBuf,
    softhsm_conf: String,
    token: String,
    pin_file: PathBuf,
    officers: Vec<OfficerKey>,
    seal: String,
}

#[derive(Clone, Debug, Deserialize)]
struct OfficerKey {
    key: String,
    name: String,
}

/// The names of the demo's officers in its register, in the order of the authority's keys.
pub(in crate::run) const OFFICERS: [&str; 2] = ["nguyet", "hai"];

/// `[copies]` of the demo, with all that it keeps in `folder`.
pub(super) fn settings(authority: &Authority, samples: &Path, folder: &Path) -> anyhow::Result<toml::Table> {
    let text = |path: &Path| Value::String(path.display().to_string());
    let trusted = |name: &str, certificate: &Path| -> anyhow::Result<Value> {
        let own = folder.join(name);
        std::fs::create_dir_all(&own)
            .and_then(|()| std::fs::copy(certificate, own.join("simulated.cer")))
            .with_context(|| format!("cannot keep the authority's certificate in `{}`", own.display()))?;
        Ok(text(&own))
    };
    let officers: Vec<Value> = OFFICERS
        .iter()
        .zip(&authority.officers)
        .map(|(code, key)| {
            let picture = text(&samples.join("marks/signature.png"));
            table([
                ("code", (*code).into()),
                ("name", key.name.clone().into()),
                ("title", "Chủ tịch".into()),
                ("key", key.key.clone().into()),
                ("picture", picture),
            ])
        })
        .collect();
    let agency = table([
        ("prefix", "HN1".into()),
        ("code", "hn-hong-mai".into()),
        ("name", "Ủy ban nhân dân phường Hồng Mai, thành phố Hà Nội".into()),
        ("place", "Hồng Mai".into()),
    ]);
    let signing = table([
        ("module", text(&authority.module)),
        ("token", authority.token.clone().into()),
        ("pin_file", text(&authority.pin_file)),
        ("roots", trusted("roots", &authority.root)?),
        ("authorities", trusted("authorities", &authority.issuing)?),
        ("tsa", format!("{}/tsa", authority.address).into()),
        ("seal", authority.seal.clone().into()),
        ("seal_picture", text(&samples.join("marks/seal.png"))),
    ]);
    let Value::Table(copies) = table([
        ("data", text(&folder.join("copies"))),
        ("host", "chungthuc.example.vn".into()),
        ("procedures", Value::Array(vec![PROCEDURE.into()])),
        ("clock", "trusted".into()),
        ("agency", agency),
        ("signing", signing),
        ("officers", Value::Array(officers)),
        ("environment", table([("SOFTHSM2_CONF", authority.softhsm_conf.clone().into())])),
    ]) else {
        anyhow::bail!("this is a table");
    };
    Ok(copies)
}

fn table<const COUNT: usize>(entries: [(&str, Value); COUNT]) -> Value {
    Value::Table(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// A one-time code for an officer's browser, as the operator makes it.
pub(super) async fn invitation(copies: &toml::Table, officer: &str, folder: &Path) -> anyhow::Result<String> {
    let config = folder.join("gateway.toml");
    let whole = toml::Table::from_iter([("copies".to_owned(), Value::Table(copies.clone()))]);
    std::fs::write(&config, whole.to_string()).context("cannot write the demo's configuration")?;
    let arguments = ["invite", officer, "--config"].map(String::from);
    let arguments = [arguments.as_slice(), &[config.display().to_string()]].concat();
    let done = host::spawn_tool(&program_dir().join("kiosk-signer"), &arguments)?.wait_with_output().await?;
    anyhow::ensure!(done.status.success(), "`kiosk-signer invite` failed: {}", done.status);
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    said.lines().next().map(str::to_owned).context("`kiosk-signer invite` said nothing")
}

/// What the terminal tells of the officers.
pub(super) async fn announcement(copies: &toml::Table, address: SocketAddr, folder: &Path) -> anyhow::Result<String> {
    let mut text = format!("  The officers:       http://{address}/officer\n");
    for officer in OFFICERS {
        let code = invitation(copies, officer, folder).await?;
        text += &format!("                      {officer}, one-time code {code}\n");
    }
    let folder = folder.display();
    Ok(text
        + &format!(
            "  Verify a copy:      http://{address}/verify\n                      \
             kiosk-gateway verify FILE --roots {folder}/roots\n  \
             The operator's:     kiosk-signer check --config {folder}/gateway.toml\n"
        ))
}
