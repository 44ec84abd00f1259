//! The configuration for what is attached, to paste into `gateway.toml`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::sane::Setting;
use super::{Fit, Found, Survey};

/// One `[devices.NAME]` for each device that a driver knows; where several drivers fit, the others as comments.
pub(super) fn configuration(survey: &Survey) -> String {
    let known: Vec<(&Found, &Fit)> =
        survey.usb.iter().filter_map(|found| Some((found, found.drivers.first()?))).collect();
    if known.is_empty() {
        return "No driver knows any of it. `kiosk-gateway drivers` lists the drivers; devices in the network are not looked for."
            .into();
    }
    let mut text = "# For /etc/kiosk-gateway/gateway.toml; the names are yours.\n".to_owned();
    let mut names = BTreeSet::new();
    for (found, fit) in known {
        let mut name = fit.role.clone();
        let mut number = 1;
        while !names.insert(name.clone()) {
            number += 1;
            name = format!("{}-{number}", fit.role);
        }
        entry(&mut text, &name, found, fit).expect("a String takes everything");
    }
    text
}

fn entry(text: &mut String, name: &str, found: &Found, fit: &Fit) -> std::fmt::Result {
    let words = [found.maker.as_deref(), found.model.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let words = if words.is_empty() { format!("USB device {}", found.ids) } else { words };
    writeln!(text, "\n# {words}, at port {}", found.port)?;
    if !fit.known {
        let taken_for = fit.name.as_deref().unwrap_or(&fit.role);
        writeln!(
            text,
            "# Only its class is known ({taken_for}): whether it speaks what `{}` speaks its manual tells.",
            fit.driver
        )?;
    }
    writeln!(text, "[devices.{name}]\ndriver = {}\naddress = {}", quoted(&fit.driver), quoted(&fit.address))?;
    if let Some(setting) = &fit.setting {
        backend(text, setting)?;
    }
    for other in &found.drivers[1..] {
        // What another service opens it can offer to several drivers at once.
        let both = other.kind != fit.kind && other.opens.is_empty() && fit.opens.is_empty();
        let word = if both { "another device" } else { "or" };
        writeln!(text, "# {word}: driver = {}, address = {}", quoted(&other.driver), quoted(&other.address))?;
    }
    Ok(())
}

/// The backend of SANE, or how to find it out.
fn backend(text: &mut String, setting: &Setting) -> std::fmt::Result {
    match &setting.backends[..] {
        [] => writeln!(
            text,
            "# Add `config = {{ backend = \"NAME\" }}`; NAME is what stands before the first colon of what `scanimage -L` lists."
        ),
        [first, others @ ..] => {
            writeln!(text, "config = {{ backend = {} }}", quoted(first))?;
            others.iter().try_for_each(|other| writeln!(text, "# or: backend = {}", quoted(other)))
        }
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
