use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::tree::Tree;
use crate::{NameError, node_named};

/// A machine: sysfs, and `/dev` with nodes and names.
struct Machine {
    sys: Tree,
    root: tempfile::TempDir,
}

impl Machine {
    fn new() -> Self {
        let (sys, root) = (Tree::new(), tempfile::tempdir().unwrap());
        symlink(sys.path(), root.path().join("sys")).unwrap();
        fs::create_dir_all(root.path().join("dev/kiosk")).unwrap();
        Self { sys, root }
    }

    /// A device with a HID node.
    fn plug(&self, port: &str, serial: Option<&str>, node: &str) {
        self.sys.usb(port, 0x051d, 0x0002, serial);
        self.sys.node(port, &format!("{port}:1.0/0003:051D:0002.0001/hidraw/{node}"), "hidraw", node);
        fs::write(self.root.path().join("dev").join(node), "").unwrap();
    }

    fn name(&self, name: &str, node: &str) {
        symlink(format!("../{node}"), self.root.path().join("dev/kiosk").join(name)).unwrap();
    }

    fn means(&self, name: &str) -> Result<PathBuf, NameError> {
        node_named(self.root.path(), &Path::new("/dev/kiosk").join(name))
    }
}

#[test]
fn a_name_means_its_node_as_long_as_its_own_device_has_it() {
    let machine = Machine::new();
    machine.plug("1-1.2", Some("AS 12/B"), "hidraw3");
    for name in ["ups-AS_12_B", "ups-1-1.2", "ups-AS_12_B-if01", "ups-1-1.2-if01-input", "kiosk-ups-1-1.2"] {
        machine.name(name, "hidraw3");
        assert_eq!(machine.means(name).as_deref(), Ok(Path::new("/dev/hidraw3")), "{name}");
    }
}

#[test]
fn a_name_that_leads_nowhere_is_an_absent_device() {
    let machine = Machine::new();
    machine.name("ups-1-1", "hidraw0");
    for name in ["ups-1-1", "ups-1-2"] {
        let error = machine.means(name).unwrap_err();
        assert_eq!(error, NameError::Absent(Path::new("/dev/kiosk").join(name)));
        assert!(error.to_string().contains("its device is not attached"), "{error}");
    }
}

#[test]
fn a_name_that_was_left_behind_never_leads_to_another_device() {
    let machine = Machine::new();
    // Another device has got the number of the node: at another port, with another serial number, or with hardly another.
    machine.plug("1-2", Some("11"), "hidraw0");
    for name in ["ups-1-1", "ups-A", "ups-111", "ups-1_1", "ups-11-if0", "ups", "ups-", "ups-1-2.1"] {
        machine.name(name, "hidraw0");
        let error = machine.means(name).unwrap_err();
        assert!(
            matches!(&error, NameError::LeftBehind { node, .. } if node == Path::new("/dev/hidraw0")),
            "{name}: {error}"
        );
        assert!(error.to_string().contains(&format!("rm /dev/kiosk/{name}")), "{error}");
    }
    // A node of no USB device, and one that is none of the machine's.
    fs::write(machine.root.path().join("dev/null"), "").unwrap();
    machine.name("ups-B", "null");
    assert!(matches!(machine.means("ups-B"), Err(NameError::LeftBehind { .. })));
    symlink("/dev/null", machine.root.path().join("dev/kiosk/ups-C")).unwrap();
    assert!(machine.means("ups-C").is_err());
}

#[test]
fn other_paths_are_left_to_whoever_opens_them() {
    let machine = Machine::new();
    for path in ["/dev/hidraw7", "/dev/serial/by-id/usb-X", "relative"] {
        assert_eq!(node_named(machine.root.path(), path.as_ref()).as_deref(), Ok(Path::new(path)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_name_and_any_serial_number_are_looked_at_without_a_panic(name in "[^/\\x00]{1,40}", serial in "\\PC{1,40}") {
        prop_assume!(name != "." && name != "..");
        let machine = Machine::new();
        machine.plug("1-1", Some(&serial), "hidraw0");
        machine.name(&name, "hidraw0");
        let _ = machine.means(&name);
    }

    #[test]
    fn any_bytes_in_what_the_kernel_tells_of_a_node_are_no_panic(uevent in prop::collection::vec(any::<u8>(), 0..200)) {
        let machine = Machine::new();
        machine.plug("1-1", None, "hidraw0");
        machine.name("ups-1-1", "hidraw0");
        machine.sys.attribute("1-1", "1-1:1.0/0003:051D:0002.0001/hidraw/hidraw0/uevent", &uevent);
        if let Ok(node) = machine.means("ups-1-1") {
            prop_assert_eq!(node, Path::new("/dev/hidraw0"));
        }
    }
}
