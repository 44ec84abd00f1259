//! Which interface of a device is used, and which of its endpoints. No I/O here.

use rusb::{ConfigDescriptor, Direction, TransferType};

/// Printers (USB-IF, Defined Class Codes, base class 07h).
const PRINTER: u8 = 0x07;
/// Defined by the maker (base class FFh): how some receipt printers offer the same two endpoints.
const VENDOR: u8 = 0xFF;
/// bInterfaceProtocol of printers ("USB Device Class Definition for Printing Devices" 1.1, 4.4): one way only,
/// both ways. The others (1284.4 packets, IPP) are not a stream of bytes.
const UNIDIRECTIONAL: u8 = 1;
const BIDIRECTIONAL: u8 = 2;

/// A bulk endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pipe {
    /// bEndpointAddress.
    pub(super) endpoint: u8,
}

/// One alternate setting of one interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) interface: u8,
    pub(super) alternate: u8,
    pub(super) class: u8,
    pub(super) protocol: u8,
    /// The first bulk endpoint in each direction.
    pub(super) out: Option<Pipe>,
    pub(super) input: Option<Pipe>,
}

/// What is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) interface: u8,
    pub(super) alternate: u8,
    /// The interface has several settings, so that this one must be asked for.
    pub(super) needs_setting: bool,
    pub(super) out: Pipe,
    pub(super) input: Option<Pipe>,
    pub(super) is_printer: bool,
}

/// Why there is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ChoiceError {
    #[error("the device has no printer interface and no other that takes a stream of bytes; this driver cannot use it")]
    None,
    #[error("the device has no interface {asked} that takes a stream of bytes; it has {}", words(.there))]
    NotThat { asked: u8, there: Vec<u8> },
}

fn words(interfaces: &[u8]) -> String {
    match interfaces {
        [] => "none at all".into(),
        some => some.iter().map(|number| format!("`interface={number}`")).collect::<Vec<_>>().join(", "),
    }
}

/// All settings of all interfaces.
pub(super) fn candidates(descriptor: &ConfigDescriptor) -> Vec<Candidate> {
    let settings = descriptor.interfaces().flat_map(|interface| interface.descriptors().collect::<Vec<_>>());
    settings
        .map(|setting| {
            let bulk = |direction| {
                let mut endpoints = setting.endpoint_descriptors();
                let fits = |e: &rusb::EndpointDescriptor<'_>| {
                    e.transfer_type() == TransferType::Bulk && e.direction() == direction
                };
                endpoints.find(fits).map(|endpoint| Pipe { endpoint: endpoint.address() })
            };
            Candidate {
                interface: setting.interface_number(),
                alternate: setting.setting_number(),
                class: setting.class_code(),
                protocol: setting.protocol_code(),
                out: bulk(Direction::Out),
                input: bulk(Direction::In),
            }
        })
        .collect()
}

/// The best of them: a printer that answers, a printer that does not, a maker's own pair of endpoints.
pub(super) fn choose(candidates: &[Candidate], asked: Option<u8>) -> Result<Choice, ChoiceError> {
    let rank = |candidate: &Candidate| match (candidate.class, candidate.protocol, candidate.out, candidate.input) {
        (_, _, None, _) => None,
        (PRINTER, BIDIRECTIONAL, ..) => Some(0),
        (PRINTER, UNIDIRECTIONAL, ..) => Some(1),
        (VENDOR, _, _, Some(_)) => Some(2),
        _ => None,
    };
    let usable = || candidates.iter().filter(|candidate| rank(candidate).is_some());
    let best = usable()
        .filter(|candidate| asked.is_none_or(|asked| candidate.interface == asked))
        .min_by_key(|candidate| (rank(candidate), candidate.interface, candidate.alternate));
    let Some(Candidate { interface, alternate, class, protocol, out: Some(out), input, .. }) = best.copied() else {
        let mut there: Vec<u8> = usable().map(|candidate| candidate.interface).collect();
        there.dedup();
        return Err(asked.map_or(ChoiceError::None, |asked| ChoiceError::NotThat { asked, there }));
    };
    let settings = candidates.iter().filter(|candidate| candidate.interface == interface).count();
    // A printer that calls itself one-way may have an endpoint that answers nothing; it is not listened to.
    let input = input.filter(|_| (class, protocol) != (PRINTER, UNIDIRECTIONAL));
    Ok(Choice { interface, alternate, needs_setting: settings > 1, out, input, is_printer: class == PRINTER })
}
