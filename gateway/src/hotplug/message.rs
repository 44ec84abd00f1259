//! The two forms of a uevent, as values. No I/O. Everything is compared before it is used: only root can send to the
//! groups, but what stands in a message is partly chosen by the device.
//!
//! The kernel's: `action@devpath\0KEY=value\0…` (Linux, `lib/kobject_uevent.c`). udev's: a header, then `KEY=value\0…`
//! (systemd, `src/libsystemd/sd-device/device-monitor.c`, `monitor_netlink_header`).

/// Who sent a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// The kernel, before any rule ran.
    Kernel,
    /// udev, after its rules ran: the node has its group and its links.
    Udev,
}

/// What a message means for a kiosk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A device or node came.
    Arrival,
    /// A device or node went.
    Removal,
    /// Messages were lost.
    Anything,
}

/// A message that cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum MessageError {
    /// Not from root.
    #[error("it was sent by user {0}; only root's are believed")]
    NotRoot(u32),
    /// Not sent to a group, or by somebody who claims to be the kernel.
    #[error("it does not come from the kernel or udev")]
    Stranger,
    /// udev's header is not as it should be.
    #[error("its header is not udev's")]
    Header,
    /// It has no action or no subsystem.
    #[error("it says nothing of {0}")]
    Without(&'static str),
}

/// "libudev" with its NUL.
const PREFIX: [u8; 8] = *b"libudev\0";
/// In network order, whatever the machine.
const MAGIC: u32 = 0xfeed_cafe;
/// Prefix, magic, header_size, properties_off, properties_len: what is needed of the header.
const HEADER_BYTES: usize = 24;

/// Subsystems whose devices a kiosk can have. Of `usb`, whole devices only.
const SUBSYSTEMS: [&str; 6] = ["tty", "hidraw", "input", "video4linux", "usbmisc", "usb"];

/// What a message means; `None` if it is of no interest here.
///
/// # Errors
/// [`MessageError`] if it is not a uevent.
pub(super) fn change(sender: Sender, bytes: &[u8]) -> Result<Option<Change>, MessageError> {
    let properties = match sender {
        Sender::Kernel => {
            let end = bytes.iter().position(|byte| *byte == 0).ok_or(MessageError::Without("its action"))?;
            &bytes[end + 1..]
        }
        Sender::Udev => properties_of(bytes).ok_or(MessageError::Header)?,
    };
    let (mut action, mut subsystem, mut devtype) = (None, None, None);
    for property in properties.split(|byte| *byte == 0) {
        let Some(equals) = property.iter().position(|byte| *byte == b'=') else { continue };
        let (name, value) = (&property[..equals], &property[equals + 1..]);
        match name {
            b"ACTION" => action = Some(value),
            b"SUBSYSTEM" => subsystem = Some(value),
            b"DEVTYPE" => devtype = Some(value),
            _ => {}
        }
    }
    let action = action.ok_or(MessageError::Without("its action"))?;
    let subsystem = subsystem.ok_or(MessageError::Without("its subsystem"))?;
    let known = SUBSYSTEMS.iter().any(|known| known.as_bytes() == subsystem);
    if !known || (subsystem == b"usb" && devtype != Some(b"usb_device")) {
        return Ok(None);
    }
    Ok(match action {
        b"add" => Some(Change::Arrival),
        b"remove" => Some(Change::Removal),
        _ => None,
    })
}

/// The part behind udev's header.
fn properties_of(bytes: &[u8]) -> Option<&[u8]> {
    let header = bytes.get(..HEADER_BYTES)?;
    let word = |at: usize| <[u8; 4]>::try_from(&header[at..at + 4]).expect("four bytes of twenty-four");
    if header[..8] != PREFIX || u32::from_be_bytes(word(8)) != MAGIC {
        return None;
    }
    let start = usize::try_from(u32::from_ne_bytes(word(16))).ok()?;
    let length = usize::try_from(u32::from_ne_bytes(word(20))).ok()?;
    bytes.get(start..start.checked_add(length)?)
}
