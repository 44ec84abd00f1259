//! Scanners in HID POS mode, through hidraw.

pub(crate) mod report;

use std::collections::VecDeque;
use std::ffi::CString;
use std::fs::OpenOptions;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::{Duration, Instant};

use hidapi::{HidApi, HidDevice};
use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_hid_reports::Description;

use crate::Scanner;
use crate::code::Heard;
use report::{Layout, Reassembler};

/// Longest report that is read, with its number (Linux, `HID_MAX_BUFFER_SIZE`: 16 KiB; scanners have 64 bytes).
const REPORT_MAX: usize = 4_096;
/// Longest report descriptor (Linux, `HID_MAX_DESCRIPTOR_SIZE`).
const DESCRIPTOR_MAX: usize = 4_096;

/// A scanner at a hidraw node.
pub(crate) struct HidPos {
    device: HidDevice,
    reassembler: Reassembler,
}

impl HidPos {
    /// Opens the node; `None` if it is no scanner in POS mode.
    ///
    /// # Errors
    /// If there is no such node or this user may not open it.
    pub(crate) fn open(node: &Path, pause: Duration) -> Result<Option<Self>, OpenError> {
        // hidapi says of every failure only that it failed.
        openable(node)?;
        let fault = |error: hidapi::HidError| OpenError::Fault(format!("cannot open {}: {error}", node.display()));
        let path = CString::new(node.as_os_str().as_bytes())
            .map_err(|_| OpenError::BadConfig(format!("{} is no path", node.display())))?;
        // The node is known: no need to look for all devices.
        HidApi::disable_device_discovery();
        let device = HidApi::new().and_then(|api| api.open_path(&path)).map_err(fault)?;
        let mut buffer = [0; DESCRIPTOR_MAX];
        let length = device.get_report_descriptor(&mut buffer).map_err(fault)?;
        let description = Description::of(&buffer[..length.min(DESCRIPTOR_MAX)]);
        let Some(layout) = Layout::of(&description) else { return Ok(None) };
        Ok(Some(Self { device, reassembler: Reassembler::new(layout, pause) }))
    }

    /// It tells the kind of code.
    pub(crate) fn tells_symbology(&self) -> bool {
        self.reassembler.layout().tells_symbology()
    }
}

/// Why a node cannot be opened, if it cannot.
///
/// # Errors
/// Absent, or no permission.
pub(crate) fn openable(node: &Path) -> Result<(), OpenError> {
    use std::io::ErrorKind as K;
    let shown = node.display();
    OpenOptions::new().read(true).write(true).open(node).map(drop).map_err(|error| match error.kind() {
        K::PermissionDenied => OpenError::NoPermission(format!(
            "not permitted to open {shown}: install the udev rules, or add the gateway's user to the node's group"
        )),
        _ => OpenError::Absent(format!("cannot open {shown}: {error}")),
    })
}

impl Scanner for HidPos {
    fn listen(&mut self, within: Duration, heard: &mut VecDeque<Heard>) -> Result<bool, Failure> {
        let mut buffer = [0; REPORT_MAX];
        let within = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
        // hidapi's errors are texts; the only ones that reading has are those of a device that is gone.
        let gone = |error: hidapi::HidError| {
            Failure::new(ErrorCode::DeviceAbsent, format!("the scanner was unplugged: {error}"))
        };
        let count = self.device.read_timeout(&mut buffer, within).map_err(gone)?;
        let now = Instant::now();
        if count == 0 {
            self.reassembler.pass(now, heard);
            return Ok(false);
        }
        self.reassembler.take(&buffer[..count], now, heard);
        Ok(true)
    }

    fn forget(&mut self) {
        self.reassembler.forget();
    }
}
