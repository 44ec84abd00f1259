//! The configured devices: is the driver there, and is something attached where the address says?

use std::collections::BTreeMap;
use std::path::Path;

use kiosk_attached::{FindError, NameError, UsbAddress, UsbDevice};

use super::{Finding, Patient};
use crate::config::Device;

pub(super) fn findings(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut places: BTreeMap<String, &str> = BTreeMap::new();
    for (name, device) in &patient.config.devices {
        match patient.registry.driver_for(name, &device.driver) {
            Err(error) => {
                findings.push(Finding::problem(
                    name,
                    error.to_string(),
                    "kiosk-gateway drivers    # lists those that are installed",
                ));
                continue;
            }
            Ok(entry) if !entry.program.is_file() => {
                let what = format!("the program of its driver, `{}`, is not there", entry.program.display());
                findings.push(Finding::problem(
                    name,
                    what,
                    "install the driver's package, or name its folder in [drivers] programs",
                ));
            }
            Ok(_) => {}
        }
        if let Some(first) = places.insert(place(patient, device), name) {
            let what = format!("`{first}` and `{name}` are one and the same device; each takes it from the other");
            findings.push(Finding::problem(name, what, "remove one of the two from the configuration"));
        }
        findings.extend(attached(patient, name, device));
    }
    findings
}

/// What an address means, so that two addresses of one device are seen to be that.
fn place(patient: &Patient<'_>, device: &Device) -> String {
    match usb_device(patient, device) {
        Some(Ok(found)) => format!("usb {}", found.port),
        _ => match node_of(device).and_then(|node| patient.system.path(node).canonicalize().ok()) {
            Some(node) => node.display().to_string(),
            None => device.address.clone(),
        },
    }
}

fn attached(patient: &Patient<'_>, name: &str, device: &Device) -> Option<Finding> {
    if let Some(found) = usb_device(patient, device) {
        return Some(match found {
            Ok(found) => {
                let model = found.model.unwrap_or_else(|| "a device".into());
                Finding::ok(name, format!("{model} is attached at port {}", found.port))
            }
            Err(Wrong::Address(what)) => {
                Finding::problem(name, what, "kiosk-gateway discover    # shows the addresses")
            }
            Err(Wrong::Find(error @ FindError::Absent { .. })) => Finding::problem(
                name,
                error.to_string(),
                "plug it in, or: kiosk-gateway discover    # shows what is attached",
            ),
            Err(Wrong::Find(error @ FindError::Ambiguous { .. })) => {
                Finding::problem(name, error.to_string(), "write one of these addresses into the configuration")
            }
        });
    }
    let node = node_of(device)?;
    let next = "plug the device in, or: kiosk-gateway discover    # shows what is attached";
    Some(match patient.system.node_named(node) {
        Err(error @ NameError::LeftBehind { .. }) => {
            let run = format!("rm {}    # and plug the device in", node.display());
            Finding::problem(name, error.to_string(), run)
        }
        Ok(meant) if patient.system.has(&meant) => Finding::ok(name, format!("{} is there", node.display())),
        Ok(_) | Err(NameError::Absent(_)) => Finding::problem(name, format!("there is no {}", node.display()), next),
    })
}

pub(super) enum Wrong {
    Address(String),
    Find(FindError),
}

/// The attached device that an address of the form `usb:…` or `serial:usb:…` means; `None` for other addresses.
pub(super) fn usb_device(patient: &Patient<'_>, device: &Device) -> Option<Result<UsbDevice, Wrong>> {
    let rest = device.address.strip_prefix("serial:").unwrap_or(&device.address).strip_prefix("usb:")?;
    let (ids, options) = rest.split_once('?').unwrap_or((rest, ""));
    // Drivers may have options of their own; which they take they say themselves.
    let ours = options
        .split('&')
        .filter_map(|option| option.split_once('='))
        .filter(|(name, _)| ["serial", "port"].contains(name));
    let address = match UsbAddress::parse(ids, ours) {
        Ok(address) => address,
        Err(error) => return Some(Err(Wrong::Address(error.to_string()))),
    };
    let attached: Vec<UsbDevice> = patient.survey.usb.iter().map(|found| found.device.clone()).collect();
    Some(address.find(&attached).map_err(Wrong::Find))
}

/// The node that an address names, as in `serial:/dev/ttyUSB0?baud=9600`.
pub(super) fn node_of(device: &Device) -> Option<&Path> {
    let rest = device.address.split_once(':')?.1;
    let node = rest.split_once('?').map_or(rest, |(node, _)| node);
    node.starts_with("/dev/").then(|| Path::new(node))
}
