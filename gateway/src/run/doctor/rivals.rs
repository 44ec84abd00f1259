//! Who else wants a device: kernel drivers, and services that hold one which a driver of ours is to open.

use kiosk_attached::UsbDevice;
use kiosk_protocol::device::Kind;

use super::super::discover::system::Process;
use super::configured::{node_of, usb_device};
use super::{Finding, Patient};
use crate::registry::NodeKind;

/// Names as `/proc/pid/comm` has them: at most 15 characters (proc(5)).
const NUT_DRIVERS: [&str; 4] = ["usbhid-ups", "nutdrv_qx", "blazer_usb", "tripplite_usb"];
/// Ids of serial adapters that brltty takes for Braille displays (its udev rules; Debian bug 990819).
const BRLTTY_TAKES: [(u16, u16); 3] = [(0x1a86, 0x7523), (0x10c4, 0xea60), (0x0403, 0x6001)];

pub(super) fn findings(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, device) in &patient.config.devices {
        let Some(Ok(usb)) = usb_device(patient, device) else { continue };
        let opens_usb = patient.survey.usb.iter().find(|found| found.port == usb.port).is_some_and(|found| {
            found.drivers.iter().any(|fit| fit.driver == device.driver && fit.opens.contains(&NodeKind::Usb))
        });
        if opens_usb {
            findings.extend(kernel_drivers(name, &usb));
            findings.extend(ipp_usb(patient, name, &usb));
            findings.extend(cups(patient, name, &usb));
        }
    }
    findings.extend(upses(patient));
    findings.extend(serial_adapters(patient));
    findings.extend(holders(patient));
    findings
}

fn kernel_drivers(name: &str, usb: &UsbDevice) -> Vec<Finding> {
    let holds =
        usb.interfaces.iter().filter_map(|interface| interface.driver.as_deref()).filter(|driver| *driver == "usblp");
    holds
        .map(|driver| {
            let what = format!(
                "the kernel's {driver} has it now; that does no harm: the driver takes it over and hands it back"
            );
            Finding::note(name, what)
        })
        .collect()
}

fn ipp_usb(patient: &Patient<'_>, name: &str, usb: &UsbDevice) -> Option<Finding> {
    let ipp =
        usb.interfaces.iter().any(|interface| (interface.class, interface.subclass, interface.protocol) == (7, 1, 4));
    let process = patient.system.running(&["ipp-usb"]).filter(|_| ipp)?;
    let what = format!("the service ipp-usb (process {}) holds it, so no driver can open it", process.pid);
    Some(Finding::problem(
        name,
        what,
        "use the driver `escl` or `ipp` at http://localhost:60000/, or: systemctl disable --now ipp-usb",
    ))
}

fn cups(patient: &Patient<'_>, name: &str, usb: &UsbDevice) -> Option<Finding> {
    let process = patient.system.running(&["cupsd"]).filter(|_| usb.has_class(7))?;
    let what = format!("CUPS runs too (process {}); while it prints on this printer the driver cannot", process.pid);
    Some(Finding::note(name, what).with("lpstat -v    # if a queue has this printer: lpadmin -x QUEUE"))
}

/// One UPS has one master.
fn upses(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let system = patient.system;
    let is_ups = |driver: &str| driver_kind(patient, driver) == Some(Kind::Ups);
    let attached: Vec<&str> = patient
        .survey
        .usb
        .iter()
        .filter(|found| found.drivers.iter().any(|fit| fit.kind == Kind::Ups))
        .map(|found| found.port.as_str())
        .collect();
    let direct: Vec<&str> = patient
        .config
        .devices
        .iter()
        .filter(|(_, device)| is_ups(&device.driver))
        .map(|(name, _)| name.as_str())
        .collect();
    if attached.is_empty() && direct.is_empty() {
        return findings;
    }
    let nut = system.running(&NUT_DRIVERS);
    let upower = system.running(&["upowerd"]);
    let about = direct.first().map_or_else(|| format!("port {}", attached[0]), |name| (*name).to_owned());
    let shown = |process: &Process| format!("{} (process {})", process.name, process.pid);
    if let (Some(nut), Some(upower)) = (&nut, &upower)
        && !attached.is_empty()
    {
        let what = format!(
            "{} and {} both watch UPSes; NUT takes the device from the kernel, and UPower then says that there is none, never that it does not know",
            shown(nut),
            shown(upower)
        );
        findings.push(Finding::problem(
            &about,
            what,
            "systemctl mask --now upower    # or: systemctl disable --now nut-driver.target",
        ));
    }
    for (driver, rival) in [("hid-ups", &nut), ("upower", &nut)] {
        for ((name, _), rival) in patient.devices_of(driver).zip(rival.iter().cycle()) {
            let what = format!("{} holds the UPS, so the driver `{driver}` does not see it", shown(rival));
            findings.push(Finding::problem(
                name,
                what,
                "use the driver `nut`, or: systemctl disable --now nut-driver.target nut-server",
            ));
        }
    }
    if let Some((name, _)) = patient.devices_of("nut").find(|(_, device)| is_here(&device.address))
        && system.running(&["upsd"]).is_none()
    {
        let what = "its server upsd does not run on this machine";
        findings.push(Finding::problem(
            name,
            what,
            "systemctl enable --now nut-server    # after ups.conf names the UPS",
        ));
    }
    if let Some((name, _)) = patient.devices_of("upower").next()
        && upower.is_none()
    {
        findings.push(
            Finding::note(name, "upowerd does not run now; D-Bus starts it where it is installed")
                .with("apt-get install upower"),
        );
    }
    findings
}

fn serial_adapters(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let brltty = patient.system.has("/usr/lib/udev/rules.d/85-brltty.rules")
        || patient.system.has("/lib/udev/rules.d/85-brltty.rules");
    let modems = patient.system.running(&["ModemManager"]);
    for found in &patient.survey.usb {
        let about = format!("port {}", found.port);
        if brltty && BRLTTY_TAKES.contains(&(found.device.vendor, found.device.product)) {
            let what = "brltty is installed and takes this serial adapter for a Braille display: its /dev/ttyUSB goes away again";
            findings.push(Finding::problem(&about, what, "apt-get remove brltty"));
        }
        let known = found.drivers.iter().any(|fit| fit.opens.contains(&NodeKind::Tty));
        if let Some(process) = modems.as_ref().filter(|_| !known && !found.device.nodes("tty").is_empty()) {
            let what = format!(
                "ModemManager (process {}) tries whether this serial device is a modem; a device there is sent AT commands",
                process.pid
            );
            let (vendor, product) = (found.device.vendor, found.device.product);
            let rule = format!(
                "if it is none, add to a file in /etc/udev/rules.d: ATTRS{{idVendor}}==\"{vendor:04x}\", ATTRS{{idProduct}}==\"{product:04x}\", ENV{{ID_MM_DEVICE_IGNORE}}=\"1\""
            );
            findings.push(Finding::note(&about, what).with(rule));
        }
    }
    findings
}

/// Other processes that have a configured device's node open.
fn holders(patient: &Patient<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, device) in &patient.config.devices {
        let mut nodes = Vec::new();
        if let Some(Ok(usb)) = usb_device(patient, device) {
            let found = patient.survey.usb.iter().find(|found| found.port == usb.port);
            let fit = found.and_then(|found| found.drivers.iter().find(|fit| fit.driver == device.driver));
            nodes.extend(fit.iter().flat_map(|fit| &fit.opens).flat_map(|kind| kind.of(&usb)));
        }
        // A link's target is what a process has open.
        nodes.extend(node_of(device).and_then(|node| patient.system.path(node).canonicalize().ok()));
        for node in nodes {
            for process in
                patient.system.holders(&node).into_iter().filter(|process| !process.name.starts_with("kiosk-"))
            {
                let what = format!("{} (process {}) has {} open", process.name, process.pid, node.display());
                findings.push(Finding::problem(
                    name,
                    what,
                    format!("end that program, for example: kill {}", process.pid),
                ));
            }
        }
    }
    findings
}

fn driver_kind(patient: &Patient<'_>, driver: &str) -> Option<Kind> {
    patient.registry.iter().find(|entry| entry.manifest.name == driver).map(|entry| entry.manifest.kind)
}

/// The host of `nut://HOST…` is this machine.
fn is_here(address: &str) -> bool {
    let host = address.strip_prefix("nut://").unwrap_or(address);
    ["localhost", "127.", "[::1]"].iter().any(|own| host.starts_with(own))
}
