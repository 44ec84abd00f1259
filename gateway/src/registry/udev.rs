//! The udev rules for the devices that the drivers know: the gateway's group may open their nodes, and `/dev/kiosk/…`
//! has names for each that stay through replug and restart. `udev/60-kiosk-gateway.rules` is this text for the drivers
//! of the source tree (a test compares); `kiosk-gateway udev-rules` prints it for those that are installed.
//!
//! What the keys mean: udev(7). What is not here: installing the file (the package, or a person that `doctor` tells how).

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{NodeKind, Registry, UsbEntry};

/// The group that may open the devices' nodes.
pub const GROUP: &str = "kiosk";

/// Where the rules belong on a machine.
pub const RULES_FILE: &str = "/etc/udev/rules.d/60-kiosk-gateway.rules";

/// What every device goes through before the rules of the drivers.
const HEAD: &str = r#"# Made from the [[usb]] sections of the drivers' driver.toml; change them there and run
#   UPDATE=1 cargo test -p kiosk-gateway --test udev_rules        (kiosk-gateway udev-rules prints those of installed drivers)
#
# Each known device's nodes belong to the group "kiosk" and have names below /dev/kiosk that stay: ROLE-SERIAL, where the
# device has a serial number, and ROLE-PORT (the port as in the address usb:…?port=1-1.2), which also tells those apart
# that have none or all the same. There is no "uaccess" here: whoever sits at a kiosk runs its browser, and that must not
# reach a device past the gateway.

ACTION=="remove", GOTO="kiosk_end"
SUBSYSTEM!="usb|tty|hidraw|input|video4linux|usbmisc", GOTO="kiosk_end"
SUBSYSTEM=="usb", ENV{DEVTYPE}!="usb_device", GOTO="kiosk_end"

# The USB device that this is or belongs to. usb_id cleans the serial number, which the device itself chooses.
IMPORT{builtin}="usb_id"
SUBSYSTEMS=="usb", ATTRS{devnum}=="?*", ATTRS{idVendor}=="?*", ENV{.KIOSK_PORT}="$id", ENV{.KIOSK_IDS}="$attr{idVendor}:$attr{idProduct}"
ENV{.KIOSK_PORT}!="?*", GOTO="kiosk_end"
ENV{.KIOSK_NAME}="$env{.KIOSK_PORT}"
ENV{ID_SERIAL_SHORT}=="?*", ENV{.KIOSK_NAME}="$env{ID_SERIAL_SHORT}"
SUBSYSTEM!="usb", ENV{ID_USB_INTERFACE_NUM}=="?*", ENV{ID_USB_INTERFACE_NUM}!="00", ENV{.KIOSK_NAME}="$env{.KIOSK_NAME}-if$env{ID_USB_INTERFACE_NUM}", ENV{.KIOSK_PORT}="$env{.KIOSK_PORT}-if$env{ID_USB_INTERFACE_NUM}"
"#;

/// The rules for all devices of these drivers, the better known ones first.
pub fn rules(registry: &Registry) -> String {
    let mut entries: Vec<(&str, &UsbEntry)> = Vec::new();
    for driver in registry.iter() {
        entries.extend(driver.manifest.usb.iter().map(|entry| (driver.manifest.name.as_str(), entry)));
    }
    entries.sort_by_key(|(driver, entry)| (entry.vendor.is_none(), entry.product.is_none(), *driver));
    let mut text = HEAD.to_owned();
    let mut written = BTreeSet::new();
    for (driver, entry) in entries {
        let lines: Vec<String> = lines_of(entry).into_iter().filter(|line| written.insert(line.clone())).collect();
        if lines.is_empty() {
            continue;
        }
        let name = entry.name.as_deref().unwrap_or(&entry.role);
        // A name is one line of text; whatever else stands in it must not become a rule.
        let name: String = name.chars().filter(|c| !c.is_control()).collect();
        writeln!(text, "\n# {driver}: {name}").expect("a String takes everything");
        for line in lines {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.push_str("\nLABEL=\"kiosk_end\"\n");
    text
}

fn lines_of(entry: &UsbEntry) -> Vec<String> {
    let mut lines = Vec::new();
    for (place, node) in entry.nodes.iter().enumerate() {
        let which = conditions(entry, *node);
        // What a scanner types is for its driver alone, also before that has taken it or while none runs (libinput,
        // "Ignoring specific devices").
        let ignored = if *node == NodeKind::Input { ", ENV{LIBINPUT_IGNORE_DEVICE}=\"1\"" } else { "" };
        lines.push(format!("{which}, GROUP=\"{GROUP}\", MODE=\"0660\", TAG+=\"systemd\"{ignored}"));
        // A second node of the same device needs a name of its own.
        let suffix = if place == 0 { String::new() } else { format!("-{}", node.subsystem()) };
        // Devices that a maker's id names are not given a second name by their class.
        let (known, mark) = match entry.vendor {
            Some(_) => ("", ", ENV{.KIOSK_KNOWN}=\"1\""),
            // The library behind a property may know one of several functions.
            None if entry.property.is_some() => ("", ""),
            None => (", ENV{.KIOSK_KNOWN}!=\"1\"", ""),
        };
        let only = match node {
            // The nodes after the first carry no pictures but data about them (Linux, uvcvideo).
            NodeKind::Video4linux => ", ATTR{index}==\"0\"",
            // A keyboard has more event nodes, for its power key and the like.
            NodeKind::Input => ", ENV{ID_INPUT_KEYBOARD}==\"1\"",
            _ => "",
        };
        lines.push(format!(
            "{which}{only}{known}, SYMLINK+=\"kiosk/{role}-$env{{.KIOSK_NAME}}{suffix} kiosk/{role}-$env{{.KIOSK_PORT}}{suffix}\"{mark}",
            role = entry.role
        ));
    }
    if entry.nodes.contains(&NodeKind::Tty) {
        // ModemManager would greet it with AT commands (ModemManager reference, udev tags).
        lines.push(format!("{}, ENV{{ID_MM_PORT_IGNORE}}=\"1\"", conditions(entry, NodeKind::Tty)));
        lines.push(format!("{}, ENV{{ID_MM_DEVICE_IGNORE}}=\"1\"", conditions(entry, NodeKind::Usb)));
    }
    lines
}

/// What a node must be to be meant by an entry.
fn conditions(entry: &UsbEntry, node: NodeKind) -> String {
    let mut all = vec![format!("SUBSYSTEM==\"{}\"", node.subsystem())];
    if node == NodeKind::Input {
        all.push("KERNEL==\"event*\"".into());
    }
    if let Some(vendor) = entry.vendor {
        let product = entry.product.map_or_else(|| "*".to_owned(), |product| format!("{product:04x}"));
        all.push(format!("ENV{{.KIOSK_IDS}}==\"{vendor:04x}:{product}\""));
    }
    if let Some((name, value)) = entry.property.as_deref().and_then(|property| property.split_once('=')) {
        all.push(format!("ENV{{{name}}}==\"{value}\""));
    }
    let class = [entry.class, entry.subclass, entry.protocol];
    if class[0].is_some() {
        if node == NodeKind::Usb {
            let code: String =
                class.iter().map(|part| part.map_or_else(|| "??".to_owned(), |byte| format!("{byte:02x}"))).collect();
            all.push(format!("ENV{{ID_USB_INTERFACES}}==\"*:{code}:*\""));
        } else {
            all.push("SUBSYSTEMS==\"usb\"".into());
            let names = ["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"];
            for (name, byte) in names.iter().zip(class).filter_map(|(name, part)| Some((name, part?))) {
                all.push(format!("ATTRS{{{name}}}==\"{byte:02x}\""));
            }
        }
    }
    all.join(", ")
}
