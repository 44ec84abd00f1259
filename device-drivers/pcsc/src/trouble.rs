//! What goes wrong between the driver and pcscd, as the gateway's closed list of failures. The codes of PC/SC are those of
//! the PC/SC Workgroup's part 5, 3.1.2; what pcsc-lite means by them is in its `winscard.c`.

use kiosk_driver_sdk::OpenError;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, Retry};
use pcsc::Error as Code;

/// Trouble with the service or the reader, not with a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    /// There is no pcscd.
    #[error(
        "pcscd, the service for card readers, is not running: install and start it (`systemctl enable --now pcscd.socket`)"
    )]
    NoService {
        /// It is waited for no longer.
        for_good: bool,
    },
    /// pcscd does not have the reader.
    #[error("pcscd does not have the card reader any more: it was unplugged or switched off")]
    NoReader {
        /// It is waited for no longer.
        for_good: bool,
    },
    /// pcscd has not looked at the slot yet.
    #[error("pcscd does not know yet what is in the card reader")]
    Unsettled,
    /// A policy of the machine.
    #[error(
        "this user may not speak to pcscd: allow `org.debian.pcsc-lite.access_pcsc` and `…access_card` to the gateway's user in a rule of polkit"
    )]
    Denied,
    /// A command that went into the reader does not come back.
    #[error("the card reader does not answer pcscd: unplug it and plug it in again, or restart pcscd")]
    Wedged,
    /// Anything else.
    #[error("pcscd refused `{doing}`: {code}")]
    Other {
        /// What was asked of it.
        doing: &'static str,
        /// Its answer.
        code: Code,
    },
}

/// The service is gone, and with it all that was open.
pub(crate) fn is_service_lost(code: Code) -> bool {
    use Code as C;
    matches!(code, C::NoService | C::ServiceStopped | C::CommError | C::InvalidHandle | C::Shutdown)
}

/// pcscd has no such reader.
pub(crate) fn is_reader_lost(code: Code) -> bool {
    matches!(code, Code::UnknownReader | Code::NoReadersAvailable | Code::ReaderUnavailable)
}

impl Trouble {
    /// What an answer to `doing` means when nothing was open before.
    pub(crate) fn of(doing: &'static str, code: Code) -> Self {
        match code {
            code if is_service_lost(code) => Self::NoService { for_good: true },
            code if is_reader_lost(code) => Self::NoReader { for_good: true },
            Code::SecurityViolation => Self::Denied,
            code => Self::Other { doing, code },
        }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        let code = match trouble {
            Trouble::NoService { for_good: true } | Trouble::NoReader { for_good: true } => ErrorCode::DeviceAbsent,
            Trouble::NoService { .. } | Trouble::NoReader { .. } | Trouble::Unsettled | Trouble::Wedged => {
                ErrorCode::DeviceSilent
            }
            Trouble::Denied | Trouble::Other { .. } => ErrorCode::DeviceFault,
        };
        // Looking at a slot changes nothing.
        let failure = Self::new(code, trouble.to_string()).retry(Retry::Safe);
        match trouble {
            Trouble::Other { code, .. } => failure.device_code(number(code)),
            _ => failure,
        }
    }
}

impl From<Trouble> for OpenError {
    fn from(trouble: Trouble) -> Self {
        let text = trouble.to_string();
        match trouble {
            Trouble::NoService { .. } | Trouble::NoReader { .. } => Self::Absent(text),
            Trouble::Denied => Self::NoPermission(text),
            Trouble::Unsettled | Trouble::Wedged | Trouble::Other { .. } => Self::Fault(text),
        }
    }
}

/// What an error means that came while a card was spoken to.
pub(crate) fn of_card(doing: &'static str, code: Code) -> Failure {
    use Code as C;
    let (kind, detail) = match code {
        C::NoSmartcard => (ErrorCode::NoCard, "there is no card in the reader"),
        C::RemovedCard => (ErrorCode::CardRemoved, "the card was taken out on the way"),
        C::UnresponsiveCard | C::UnpoweredCard | C::InvalidAtr => {
            (ErrorCode::CardFault, "the card does not answer: take it out, clean it, and put it in the right way round")
        }
        C::UnsupportedCard | C::CardUnsupported | C::ProtoMismatch => {
            (ErrorCode::CardFault, "the reader cannot speak to this kind of card")
        }
        C::ResetCard => (ErrorCode::CardFault, "another program has reset the card on the way: begin again"),
        C::SharingViolation => (ErrorCode::Busy, "another program has the card for itself"),
        C::SecurityViolation => return Trouble::Denied.into(),
        code if is_service_lost(code) => (ErrorCode::DeviceSilent, "pcscd was stopped on the way"),
        code if is_reader_lost(code) => (ErrorCode::DeviceAbsent, "the card reader was unplugged"),
        code => {
            let detail = format!("the card did not take part in `{doing}`: {code}");
            return Failure::new(ErrorCode::CardFault, detail).device_code(number(code));
        }
    };
    Failure::new(kind, detail).device_code(number(code))
}

/// The number that technicians know, for example `0x80100069`.
fn number(code: Code) -> String {
    format!("{:#010x}", code as u32)
}

#[cfg(test)]
mod tests {
    use super::{Code, ErrorCode, Failure, OpenError, Retry, Trouble, of_card};

    #[test]
    fn a_missing_service_is_absent_with_the_way_to_start_it() {
        let trouble = Trouble::of("SCardEstablishContext", Code::NoService);
        assert!(matches!(OpenError::from(trouble), OpenError::Absent(text) if text.contains("systemctl")));
        assert_eq!(Failure::from(trouble).code, ErrorCode::DeviceAbsent);
        let still_waited_for = Failure::from(Trouble::NoService { for_good: false });
        assert_eq!((still_waited_for.code, still_waited_for.retry), (ErrorCode::DeviceSilent, Retry::Safe));
    }

    #[test]
    fn trouble_with_a_card_is_told_from_trouble_with_its_reader() {
        for (code, kind) in [
            (Code::NoSmartcard, ErrorCode::NoCard),
            (Code::RemovedCard, ErrorCode::CardRemoved),
            (Code::UnresponsiveCard, ErrorCode::CardFault),
            (Code::NotTransacted, ErrorCode::CardFault),
            (Code::SharingViolation, ErrorCode::Busy),
            (Code::ReaderUnavailable, ErrorCode::DeviceAbsent),
            (Code::CommError, ErrorCode::DeviceSilent),
        ] {
            assert_eq!(of_card("SCardTransmit", code).code, kind, "{code:?}");
        }
        assert_eq!(of_card("SCardTransmit", Code::RemovedCard).device_code.as_deref(), Some("0x80100069"));
    }
}
