//! Which reader is meant: the address taken apart, and compared with what pcscd has.

#[cfg(test)]
mod tests;

use std::ffi::CString;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use kiosk_attached::{SYS, UsbAddress, UsbDevice, list};
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::{Address, OpenError};
use pcsc::{Context, Error as Code, Scope};

use crate::identity;
use crate::trouble::Trouble;

/// How long pcscd may take to say which readers there are and what they are. A wedged reader does not answer that.
pub(crate) const FOUND_WITHIN: Duration = Duration::from_secs(5);
/// Readers may come between the two calls of a list, but not for ever.
const LIST_TRIES: usize = 5;

/// The reader that an address means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The only one.
    Any,
    /// By its name in PC/SC, or a part of it.
    Name(String),
    /// By its USB device.
    Usb(UsbAddress),
}

/// A reader that was found.
pub(crate) struct Found {
    /// Its name in PC/SC.
    pub(crate) name: CString,
    /// What it says it is.
    pub(crate) identity: Identity,
}

impl Wanted {
    /// Takes the address apart.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it should look.
    pub(crate) fn of(address: &Address) -> Result<Self, OpenError> {
        address.expect_scheme(&["pcsc", "usb"])?;
        if address.scheme == "usb" {
            let usb = UsbAddress::parse(&address.rest, &address.options);
            return usb.map(Self::Usb).map_err(|error| OpenError::BadConfig(error.to_string()));
        }
        // Names of readers hold blanks and brackets, and nothing forbids a question mark.
        let name = address.text.strip_prefix("pcsc:").unwrap_or_default().trim();
        match name {
            "" => Err(OpenError::BadConfig(format!(
                "address `{}` names no reader; write `pcsc:any`, or the name that `opensc-tool -l` shows, or a part of it",
                address.text
            ))),
            "any" => Ok(Self::Any),
            name => Ok(Self::Name(name.to_owned())),
        }
    }

    /// The one that is meant by name.
    pub(crate) fn choose(&self, readers: &[String]) -> Result<usize, Miss> {
        let fits: Vec<usize> = match self {
            Self::Any => (0..readers.len()).collect(),
            Self::Name(name) => match readers.iter().position(|reader| reader == name) {
                Some(exact) => vec![exact],
                None => {
                    let part = name.to_lowercase();
                    let holds = |at: &usize| readers[*at].to_lowercase().contains(&part);
                    (0..readers.len()).filter(holds).collect()
                }
            },
            Self::Usb(_) => Vec::new(),
        };
        match fits[..] {
            [one] => Ok(one),
            [] => Err(Miss::None { there_are: named(readers) }),
            _ => Err(Miss::Several { names: named(fits.iter().map(|at| &readers[*at])) }),
        }
    }
}

/// Why no reader is the one that is meant.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Miss {
    #[error("no such card reader is plugged in; pcscd has {there_are}")]
    None { there_are: String },
    /// pcscd 1.9 loses readers that come and go more quickly than it looks, or lists them and cannot reach them.
    #[error(
        "the card reader is attached, but pcscd cannot reach it; if that does not end by itself, plug it in again or \
         restart pcscd, which has {there_are}"
    )]
    Lost { there_are: String },
    #[error("several card readers fit: name one of them in the address: {names}")]
    Several { names: String },
}

fn named<'a>(readers: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<String> = readers.into_iter().map(|name| format!("`pcsc:{name}`")).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

impl From<Miss> for OpenError {
    fn from(miss: Miss) -> Self {
        match miss {
            Miss::None { .. } | Miss::Lost { .. } => Self::Absent(miss.to_string()),
            // A person's to mend, in the address or at the plug; the gateway looks again every minute.
            Miss::Several { .. } => Self::BadConfig(miss.to_string()),
        }
    }
}

/// Finds the reader, on a thread of its own: a reader that is wedged answers no question, and nothing can interrupt it.
///
/// # Errors
/// What kind of trouble it is decides what the gateway does next.
pub(crate) fn find_within(wanted: Wanted, within: Duration) -> Result<Found, OpenError> {
    let (sender, receiver) = sync_channel(1);
    std::thread::spawn(move || {
        // Nobody waits for it any more if it took too long.
        let _ = sender.send(find(&wanted));
    });
    receiver.recv_timeout(within).unwrap_or_else(|_| Err(Trouble::Wedged.into()))
}

fn find(wanted: &Wanted) -> Result<Found, OpenError> {
    let context = Context::establish(Scope::System).map_err(|code| Trouble::of("SCardEstablishContext", code))?;
    let mut readers = readers(&context).map_err(|code| Trouble::of("SCardListReaders", code))?;
    let at = match wanted {
        Wanted::Usb(usb) => {
            let attached = list(SYS.as_ref());
            let device = usb.find(&attached).map_err(|error| OpenError::Absent(error.to_string()))?;
            by_usb(&context, &readers, &device)?
        }
        by_name => {
            let names: Vec<String> = readers.iter().map(|name| name.to_string_lossy().into_owned()).collect();
            by_name.choose(&names)?
        }
    };
    let name = readers.swap_remove(at);
    let identity = identity::of(&context, &name);
    Ok(Found { name, identity })
}

fn readers(context: &Context) -> Result<Vec<CString>, Code> {
    for _ in 1..LIST_TRIES {
        match context.list_readers_owned() {
            // A reader came between the question how long the list is and the list.
            Err(Code::InsufficientBuffer) => {}
            Err(Code::NoReadersAvailable) => return Ok(Vec::new()),
            other => return other,
        }
    }
    context.list_readers_owned()
}

/// The reader that pcscd made of this device.
fn by_usb(context: &Context, readers: &[CString], device: &UsbDevice) -> Result<usize, OpenError> {
    let is_it = |name: &CString| identity::usb_place(context, name) == Some((device.bus, device.number));
    let fits: Vec<usize> = (0..readers.len()).filter(|at| is_it(&readers[*at])).collect();
    let texts =
        |which: &[usize]| which.iter().map(|at| readers[*at].to_string_lossy().into_owned()).collect::<Vec<_>>();
    match fits[..] {
        [one] => Ok(one),
        [] => {
            let all: Vec<usize> = (0..readers.len()).collect();
            Err(Miss::Lost { there_are: named(&texts(&all)) }.into())
        }
        _ => Err(Miss::Several { names: named(&texts(&fits)) }.into()),
    }
}
