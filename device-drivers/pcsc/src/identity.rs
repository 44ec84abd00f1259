//! What a reader says it is (PC/SC Workgroup, part 3, 3.1.1: reader attributes), asked without touching its card.

use std::ffi::{CStr, CString};

use kiosk_driver_sdk::protocol::device::Identity;
use pcsc::{Attribute, Card, Context, Disposition, MAX_BUFFER_SIZE, Protocols, ShareMode};

/// Longest text that is believed.
const TEXT_MAX: usize = 64;
/// The channel of a USB reader, in the upper half of `SCARD_ATTR_CHANNEL_ID` (part 3, 3.1.1); libccid's lower half is
/// the number of the bus and that of the device on it (its `ifdhandler.c`, `IFDHGetCapabilities`).
const CHANNEL_USB: u32 = 0x0020;

/// What the reader says it is; of a reader that says nothing, its name in PC/SC.
pub(crate) fn of(context: &Context, reader: &CStr) -> Identity {
    let asked = ask(context, reader, |card| {
        let version = number(card, Attribute::VendorIfdVersion);
        Identity {
            maker: text(card, Attribute::VendorName),
            model: text(card, Attribute::VendorIfdType),
            serial: text(card, Attribute::VendorIfdSerialNo),
            // 0xMMmmbbbb: major, minor, build.
            firmware: version.map(|it| format!("{}.{}.{}", it >> 24, it >> 16 & 0xff, it & 0xffff)),
        }
    });
    let mut identity = asked.unwrap_or_default();
    identity.model = identity.model.or_else(|| clean(reader.to_bytes()));
    identity
}

/// Bus and number of a reader's USB device.
pub(crate) fn usb_place(context: &Context, reader: &CString) -> Option<(u8, u8)> {
    let channel = ask(context, reader, |card| number(card, Attribute::ChannelId))??;
    let [_, _, bus, device] = channel.to_be_bytes();
    (channel >> 16 == CHANNEL_USB).then_some((bus, device))
}

/// Speaks to the reader; `None` if another program has it for itself.
fn ask<T>(context: &Context, reader: &CStr, question: impl FnOnce(&Card) -> T) -> Option<T> {
    let card = context.connect(reader, ShareMode::Direct, Protocols::UNDEFINED).ok()?;
    let answer = question(&card);
    // Dropping it would reset a card that another program may be speaking to.
    let _ = card.disconnect(Disposition::LeaveCard);
    Some(answer)
}

fn text(card: &Card, attribute: Attribute) -> Option<String> {
    let mut buffer = [0; MAX_BUFFER_SIZE];
    clean(card.get_attribute(attribute, &mut buffer).ok()?)
}

fn number(card: &Card, attribute: Attribute) -> Option<u32> {
    let mut buffer = [0; MAX_BUFFER_SIZE];
    let bytes = card.get_attribute(attribute, &mut buffer).ok()?;
    Some(u32::from_ne_bytes(*bytes.first_chunk()?))
}

/// Without the zero at its end and whatever else is no text.
fn clean(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text: String = text.chars().filter(|char| !char.is_control()).take(TEXT_MAX).collect();
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_a_reader_calls_itself_is_short_and_plain() {
        assert_eq!(clean(b"Kiosk Reader\0"), Some("Kiosk Reader".into()));
        assert_eq!(clean(b"\x1b[31mred\n"), Some("[31mred".into()));
        assert_eq!(clean(&[b'x'; 500]).map(|text| text.len()), Some(64));
        assert_eq!((clean(b"\0"), clean(b"")), (None, None));
    }
}
