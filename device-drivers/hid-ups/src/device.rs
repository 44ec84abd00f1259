//! The HID device: reports asked for, and reports that it sends.

use std::ffi::CString;
use std::path::{Path, PathBuf};

use hidapi::{HidApi, HidDevice};
use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};

/// Longest report descriptor (Linux, `HID_MAX_DESCRIPTOR_SIZE`), bytes.
const DESCRIPTOR_MAX: usize = 4096;
/// Longest report that is taken, bytes.
const REPORT_MAX: usize = 1024;

/// An opened HID device.
pub(crate) struct Device {
    hid: HidDevice,
    node: PathBuf,
}

/// Why a device did not answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeviceError {
    /// It was pulled out.
    #[error("the UPS at `{0}` was unplugged")]
    Gone(PathBuf),
    /// It does not answer, or something else is wrong.
    #[error("the UPS does not answer as it should: {0}")]
    Broken(String),
}

impl DeviceError {
    /// Its reports are not as its own descriptor says.
    pub(crate) fn nonsense() -> Self {
        Self::Broken("its reports are not as its own description says".into())
    }

    /// For the client.
    pub(crate) fn failure(self) -> Failure {
        let code = match self {
            Self::Gone(_) => ErrorCode::DeviceAbsent,
            Self::Broken(_) => ErrorCode::DeviceSilent,
        };
        Failure::new(code, self.to_string())
    }
}

impl Device {
    /// Opens a node and reads its report descriptor.
    pub(crate) fn open(node: &Path) -> Result<(Self, Vec<u8>), OpenError> {
        let name = CString::new(node.as_os_str().as_encoded_bytes())
            .map_err(|_| OpenError::BadConfig("a node's name has no zero byte".into()))?;
        // hidapi has one error text for everything; the system says more.
        if let Err(error) = std::fs::OpenOptions::new().read(true).write(true).open(node) {
            let at = node.display();
            return Err(match error.kind() {
                std::io::ErrorKind::NotFound => OpenError::Absent(format!("there is no `{at}`")),
                std::io::ErrorKind::PermissionDenied => OpenError::NoPermission(format!(
                    "may not open `{at}`: install the gateway's udev rules and add its user to the group `kiosk`"
                )),
                _ => OpenError::Fault(format!("cannot open `{at}`: {error}")),
            });
        }
        let fault = |error: hidapi::HidError| OpenError::Fault(format!("cannot open `{}`: {error}", node.display()));
        // The node is known: no need to look for all devices.
        HidApi::disable_device_discovery();
        let api = HidApi::new().map_err(fault)?;
        let hid = api.open_path(&name).map_err(fault)?;
        let mut descriptor = vec![0; DESCRIPTOR_MAX];
        let length = hid.get_report_descriptor(&mut descriptor).map_err(fault)?;
        descriptor.truncate(length);
        Ok((Self { hid, node: node.to_owned() }, descriptor))
    }

    /// Asks for a report; its number is the first byte of the answer.
    pub(crate) fn ask(&self, id: u8, bytes: usize) -> Result<Vec<u8>, DeviceError> {
        // One more than the descriptor says, for the number before it: 0 for unnumbered reports.
        let mut report = vec![0; (bytes + 1).min(REPORT_MAX)];
        report[0] = id;
        let length = self.hid.get_feature_report(&mut report).map_err(|error| self.why(&error))?;
        report.truncate(length.min(REPORT_MAX));
        Ok(report)
    }

    /// The next report that it sent by itself, if there is one; its number is the first byte. The kernel puts none before
    /// unnumbered reports, so it is 0 here (Linux, `hidraw.rst`, read()).
    pub(crate) fn sent(&self, numbered: bool) -> Result<Option<Vec<u8>>, DeviceError> {
        let before = usize::from(!numbered);
        let mut report = vec![0; REPORT_MAX + before];
        let length = self.hid.read_timeout(&mut report[before..], 0).map_err(|error| self.why(&error))?;
        report.truncate(before + length);
        Ok((length > 0).then_some(report))
    }

    /// hidapi's errors are texts; whether the node is still there tells more.
    fn why(&self, error: &hidapi::HidError) -> DeviceError {
        let text = error.to_string();
        // The node's number may be another device's already.
        let gone = ["disconnected", "No such device", "ENODEV"].iter().any(|word| text.contains(word));
        if gone || !self.node.exists() {
            return DeviceError::Gone(self.node.clone());
        }
        DeviceError::Broken(text)
    }
}
