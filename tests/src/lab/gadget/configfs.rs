//! A printer gadget in configfs: made, bound to one of `dummy_hcd`'s ports, removed. See the kernel's
//! Documentation/usb/gadget_configfs.rst and Documentation/ABI/testing/configfs-usb-gadget-printer.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::Options;

const GADGETS: &str = "/sys/kernel/config/usb_gadget";
/// US English.
const STRINGS: &str = "strings/0x409";
const FUNCTION: &str = "functions/printer.kiosk";
const CONFIGURATION: &str = "configs/c.1";

/// A gadget's folder.
pub(super) struct Gadget {
    folder: PathBuf,
}

impl Gadget {
    /// Makes it; nothing is plugged in yet.
    pub(super) fn new(options: &Options) -> Self {
        let gadget = Self { folder: Path::new(GADGETS).join(format!("printer-{}", options.serial)) };
        gadget.make_folder("");
        gadget.write("idVendor", &format!("{:#06x}", options.vendor));
        gadget.write("idProduct", &format!("{:#06x}", options.product));
        gadget.make_folder(STRINGS);
        gadget.write(&format!("{STRINGS}/serialnumber"), &options.serial);
        gadget.write(&format!("{STRINGS}/manufacturer"), "Linux");
        gadget.write(&format!("{STRINGS}/product"), "printer gadget");
        gadget.make_folder(CONFIGURATION);
        gadget.make_folder(FUNCTION);
        // printer_func_setup() of Linux 6.1 forgets the two bytes of the length in what it says and sends, so two
        // characters are lost; with two more both are right.
        gadget.write(&format!("{FUNCTION}/pnp_string"), &format!("{}  ", options.device_id));
        let link = gadget.folder.join(CONFIGURATION).join("printer");
        symlink(gadget.folder.join(FUNCTION), link).expect("a function can be put into a configuration");
        gadget
    }

    /// Plugs it into the first free port.
    pub(super) fn bind(&self) {
        let ports = fs::read_dir("/sys/class/udc").expect("dummy_hcd is loaded");
        let mut ports: Vec<String> = ports.filter_map(|port| port.ok()?.file_name().into_string().ok()).collect();
        ports.sort();
        for port in &ports {
            match fs::write(self.folder.join("UDC"), port) {
                Ok(()) => return,
                Err(error) if error.kind() == ErrorKind::ResourceBusy => {}
                Err(error) => panic!("cannot plug {} into {port}: {error}", self.folder.display()),
            }
        }
        panic!("all ports are taken: {ports:?}");
    }

    /// Pulls the cable. Its device file must be closed: see [`super::paper::Paper`].
    pub(super) fn unbind(&self) {
        self.write("UDC", "\n");
    }

    fn make_folder(&self, name: &str) {
        let path = self.folder.join(name);
        fs::create_dir(&path).unwrap_or_else(|error| panic!("cannot make {}: {error}", path.display()));
    }

    fn write(&self, name: &str, value: &str) {
        let path = self.folder.join(name);
        fs::write(&path, value).unwrap_or_else(|error| panic!("cannot write {value:?} to {}: {error}", path.display()));
    }
}

impl Drop for Gadget {
    fn drop(&mut self) {
        // It may not be plugged in; and whatever stays makes the next test fail at once, which names the folder.
        let _ = fs::write(self.folder.join("UDC"), "\n");
        let _ = fs::remove_file(self.folder.join(CONFIGURATION).join("printer"));
        for name in [CONFIGURATION, FUNCTION, STRINGS, ""] {
            let _ = fs::remove_dir(self.folder.join(name));
        }
    }
}
