//! The names below `/dev/kiosk` that the project's udev rules give to nodes, `ROLE-SERIAL` and `ROLE-PORT`, and whether one
//! still leads to the device that it names.
//!
//! udev can leave a name behind when a device comes and goes faster than udev runs (seen with udev 252): it leads nowhere,
//! or, as soon as the kernel has given the number of the node to another device, to that one.

use std::path::{Path, PathBuf};

use crate::usb::{UsbDevice, list};

/// Where the names are.
pub const NAMES: &str = "/dev/kiosk";

/// A name that leads to no device of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// There is no such name, or its node is gone.
    #[error("`{0}` is not there: its device is not attached")]
    Absent(PathBuf),
    /// The node is another device's.
    #[error(
        "`{name}` was left behind by udev: its device is not attached, and it leads to another device's `{node}` now; `rm {name}` and plug the device in"
    )]
    LeftBehind {
        /// The name.
        name: PathBuf,
        /// Where it leads now.
        node: PathBuf,
    },
}

/// The node that a name below [`NAMES`] means, without links. Any other path is given back as it is: whoever opens it sees
/// what it is. `root` is `/`, or a folder with a copy of `dev` and `sys`.
///
/// # Errors
/// [`NameError`] if the device that the name means is not attached.
pub fn node_named(root: &Path, name: &Path) -> Result<PathBuf, NameError> {
    if !name.starts_with(NAMES) {
        return Ok(name.to_owned());
    }
    let at = |path: &Path| root.join(path.strip_prefix("/").unwrap_or(path));
    let absent = || NameError::Absent(name.to_owned());
    let target = at(name).canonicalize().map_err(|_| absent())?;
    let root = root.canonicalize().map_err(|_| absent())?;
    let node = Path::new("/").join(target.strip_prefix(&root).map_err(|_| absent())?);
    let devices = list(&at(crate::SYS.as_ref()));
    let owner = devices.iter().filter(|device| device.has_node(&node)).max_by_key(|device| device.port.len());
    let text = name.file_name().unwrap_or_default().to_string_lossy();
    if owner.is_some_and(|device| is_of(&text, device)) {
        return Ok(node);
    }
    Err(NameError::LeftBehind { name: name.to_owned(), node })
}

/// `ROLE-SERIAL`, `ROLE-PORT`, each also with `-if01` and with the node's subsystem behind it.
fn is_of(name: &str, device: &UsbDevice) -> bool {
    let base = ["tty", "hidraw", "input", "video4linux", "usbmisc"]
        .iter()
        .find_map(|subsystem| name.strip_suffix(subsystem)?.strip_suffix('-'))
        .unwrap_or(name);
    let digits = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let whole = base.rsplit_once("-if").filter(|(_, number)| digits(number)).map_or(base, |(whole, _)| whole);
    // A role and a serial number can both have a hyphen.
    [name, base, whole].iter().any(|form| {
        let mut tails = form.match_indices('-').map(|(at, _)| &form[at + 1..]);
        let serial = device.serial.as_deref();
        tails.any(|tail| tail == device.port || serial.is_some_and(|serial| is_cleaned(tail, serial)))
    })
}

/// udev puts `_` in the place of what a name should not have, one for several spaces (udev(7), `SYMLINK`; its builtin
/// `usb_id`). Which it does to what is left to it; here runs of `_` count as one.
fn is_cleaned(tail: &str, serial: &str) -> bool {
    let plain = |text: &str| {
        let kept = |c: char| c.is_ascii_alphanumeric() || "#+-.:=@".contains(c);
        let parts: Vec<&str> = text.split(|c| !kept(c)).filter(|part| !part.is_empty()).collect();
        parts.join("_")
    };
    plain(tail) == plain(serial)
}
