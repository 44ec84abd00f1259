//! May the gateway open the nodes? The group `kiosk`, the udev rules, and the nodes of each device.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use kiosk_attached::NAMES;

use super::configured::{node_of, usb_device};
use super::{Finding, Patient};
use crate::registry::udev::{GROUP, RULES_FILE, rules};

/// Where a package puts its rules.
const PACKAGED_RULES: &str = "/usr/lib/udev/rules.d/60-kiosk-gateway.rules";
/// Reading and writing for the group, and for everybody.
const GROUP_OPENS: u32 = 0o060;
const ALL_OPEN: u32 = 0o006;

const INSTALL_RULES: &str = "kiosk-gateway udev-rules > /etc/udev/rules.d/60-kiosk-gateway.rules && udevadm control --reload && udevadm trigger --settle";

pub(super) fn findings(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let wanted = wanted(patient);
    let for_usb = wanted.iter().any(|node| node.by_rules);
    let group = patient.system.groups().contains_key(GROUP);
    if !group && !wanted.is_empty() {
        let what = format!("there is no group `{GROUP}`, so no node can belong to it");
        findings.push(Finding::problem("machine", what, format!("groupadd --system {GROUP}")));
    }
    findings.extend(of_rules(patient, for_usb));
    for node in &wanted {
        findings.push(of_node(patient, node));
    }
    findings
}

/// A node that a driver opens.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Wanted {
    about: String,
    node: PathBuf,
    /// The rules care for it.
    by_rules: bool,
}

/// The nodes of the configured devices, and of attached ones whose ids a driver knows.
fn wanted(patient: &Patient<'_>) -> BTreeSet<Wanted> {
    let mut all = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for (name, device) in &patient.config.devices {
        let named = node_of(device).and_then(|name| Some((name, patient.system.node_named(name).ok()?)));
        if let Some((named, _)) = named.filter(|(_, node)| patient.system.has(node)) {
            let (node, by_rules) = (named.to_owned(), named.starts_with(NAMES));
            all.insert(Wanted { about: name.clone(), node, by_rules });
        }
        let Some(Ok(usb)) = usb_device(patient, device) else { continue };
        seen.insert(usb.port.clone());
        let Some(found) = patient.survey.usb.iter().find(|found| found.port == usb.port) else { continue };
        let fit = found.drivers.iter().find(|fit| fit.driver == device.driver);
        for node in fit.iter().flat_map(|fit| &fit.opens).flat_map(|kind| kind.of(&usb)) {
            all.insert(Wanted { about: name.clone(), node, by_rules: true });
        }
    }
    for found in patient.survey.usb.iter().filter(|found| !seen.contains(&found.port)) {
        let Some(fit) = found.drivers.first().filter(|fit| fit.known) else { continue };
        for node in fit.opens.iter().flat_map(|kind| kind.of(&found.device)) {
            all.insert(Wanted { about: format!("port {}", found.port), node, by_rules: true });
        }
    }
    all
}

fn of_rules(patient: &Patient<'_>, needed: bool) -> Option<Finding> {
    let made = rules(patient.registry);
    let read = |path: &str| std::fs::read_to_string(patient.system.path(path)).ok();
    // A file in /etc replaces one of the same name of a package (udev(7)).
    let installed = [RULES_FILE, PACKAGED_RULES].into_iter().find_map(|path| Some((path, read(path)?)));
    Some(match installed {
        Some((path, text)) if text == made => {
            Finding::ok("udev", format!("{path} has the rules of the installed drivers"))
        }
        Some((path, _)) => Finding::note("udev", format!("{path} is not what the installed drivers' driver.toml say"))
            .with(INSTALL_RULES),
        None if needed => Finding::problem(
            "udev",
            "the rules that give devices their group and names are not installed",
            INSTALL_RULES,
        ),
        None => return None,
    })
}

fn of_node(patient: &Patient<'_>, wanted: &Wanted) -> Finding {
    let node = wanted.node.display();
    let Some(access) = patient.system.access(&wanted.node) else {
        let what = format!("{node} is not there, although the device is attached");
        return Finding::problem(&wanted.about, what, "udevadm trigger --settle    # and run doctor again");
    };
    let group = access.group.clone().unwrap_or_else(|| access.gid.to_string());
    if access.group.as_deref() == Some(GROUP) && access.mode & GROUP_OPENS == GROUP_OPENS {
        return Finding::ok(&wanted.about, format!("{node} may be opened by the group {GROUP}"));
    }
    if access.mode & ALL_OPEN == ALL_OPEN {
        let what = format!("{node} may be opened by everybody (mode {:04o}), also by the kiosk's browser", access.mode);
        return Finding::note(&wanted.about, what).with(if wanted.by_rules {
            INSTALL_RULES.into()
        } else {
            format!("chmod 0660 {node}")
        });
    }
    let what = format!(
        "{node} belongs to the group {group} with mode {:04o}, so the group {GROUP} may not open it",
        access.mode
    );
    let run = if wanted.by_rules {
        INSTALL_RULES.to_owned()
    } else if access.mode & GROUP_OPENS == GROUP_OPENS && access.gid != 0 {
        format!("usermod --append --groups {group} {GROUP}    # then restart the gateway")
    } else {
        let name = Path::new(&wanted.node).file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("add to a file in /etc/udev/rules.d: KERNEL==\"{name}\", GROUP=\"{GROUP}\", MODE=\"0660\"")
    };
    Finding::problem(&wanted.about, what, run)
}
