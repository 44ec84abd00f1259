//! The requests that every device understands (USB 2.0, section 9.4), and the keyboard that a fault adds.

use super::descriptor::{CONFIGURATION, DEVICE, Model, OTHER_SPEED, QUALIFIER, STRING, Speed};
use super::fault::{Broken, Fault};
use super::io::Io;
use super::setup::{Answer, Kind, Recipient, Setup};
use super::{Event, UsbFunction};

/// bRequest values (USB 2.0, table 9-4).
const GET_STATUS: u8 = 0;
const CLEAR_FEATURE: u8 = 1;
const SET_FEATURE: u8 = 3;
const SET_ADDRESS: u8 = 5;
const GET_DESCRIPTOR: u8 = 6;
const GET_CONFIGURATION: u8 = 8;
const SET_CONFIGURATION: u8 = 9;
const GET_INTERFACE: u8 = 10;
const SET_INTERFACE: u8 = 11;

/// How a plugged device looks: fixed from plug to unplug.
#[derive(Debug)]
pub(super) struct Look {
    pub(super) model: Model,
    pub(super) speed: Speed,
    /// The interface and the endpoint of the keyboard that a fault added.
    pub(super) keyboard: Option<(u8, u8)>,
    pub(super) broken: Option<Broken>,
}

/// Answers a control transfer; the second value says whether class or maker define it.
pub(super) fn control(
    setup: &Setup,
    data: &[u8],
    look: &Look,
    function: &mut dyn UsbFunction,
    io: &mut Io,
) -> (Answer, bool) {
    let keyboard = look.keyboard.map(|(interface, _)| interface);
    if setup.recipient() == Recipient::Interface && keyboard == Some(setup.index_low()) {
        return (super::keyboard::extra(setup), false);
    }
    if setup.kind() == Kind::Standard {
        if let Some(answer) = standard(setup, look, function, io) {
            return (answer, false);
        }
        let answer = function.control(setup, data, io);
        return match answer {
            Answer::Data(bytes) if look.broken == Some(Broken::Class) => {
                (Answer::Data(io.random.bytes(bytes.len())), false)
            }
            answer => (answer, false),
        };
    }
    (function.control(setup, data, io), true)
}

fn standard(setup: &Setup, look: &Look, function: &mut dyn UsbFunction, io: &mut Io) -> Option<Answer> {
    let endpoint = setup.index_low();
    let known = endpoint & 0x7f == 0 || io.has(endpoint);
    let answer = match (setup.request, setup.recipient(), setup.is_in()) {
        (GET_DESCRIPTOR, Recipient::Device, true) => descriptor(setup, look),
        (SET_ADDRESS, Recipient::Device, false) => Answer::Done,
        (GET_CONFIGURATION, Recipient::Device, true) => Answer::Data(vec![u8::from(io.configured)]),
        (SET_CONFIGURATION, Recipient::Device, false) if setup.value <= 1 => {
            io.configured = setup.value == 1;
            io.unhalt_all();
            if io.configured {
                function.event(Event::Configured, io);
            }
            Answer::Done
        }
        (GET_INTERFACE, Recipient::Interface, true) => Answer::Data(vec![0]),
        (SET_INTERFACE, Recipient::Interface, false) if setup.value == 0 => {
            function.event(Event::Interface(setup.index_low()), io);
            Answer::Done
        }
        (GET_STATUS, Recipient::Device | Recipient::Interface, true) => Answer::Data(vec![0, 0]),
        (GET_STATUS, Recipient::Endpoint, true) if known => Answer::Data(vec![u8::from(io.is_halted(endpoint)), 0]),
        // ENDPOINT_HALT is feature 0.
        (CLEAR_FEATURE, Recipient::Endpoint, false) if known && setup.value == 0 => {
            io.clear_halt(endpoint);
            function.event(Event::HaltCleared(endpoint), io);
            Answer::Done
        }
        (SET_FEATURE, Recipient::Endpoint, false) if known && setup.value == 0 => {
            if endpoint & 0x7f != 0 {
                io.halt(endpoint);
            }
            Answer::Done
        }
        // Remote wake-up may be asked for; nothing here sleeps.
        (CLEAR_FEATURE | SET_FEATURE, Recipient::Device, false) => Answer::Done,
        (_, Recipient::Interface, _) => return None,
        _ => Answer::Stall,
    };
    Some(answer)
}

fn descriptor(setup: &Setup, look: &Look) -> Answer {
    let Look { model, speed, broken, .. } = look;
    let bytes = match setup.value_high() {
        DEVICE => {
            let mut bytes = model.device(*speed);
            if *broken == Some(Broken::Device) {
                bytes.truncate(8);
            }
            Some(bytes)
        }
        CONFIGURATION if setup.value_low() == 0 => {
            let mut bytes = model.configuration(*speed);
            if *broken == Some(Broken::Configuration) {
                spoil_configuration(&mut bytes);
            }
            Some(bytes)
        }
        STRING if *broken != Some(Broken::Strings) => model.string(setup.value_low()),
        QUALIFIER => model.qualifier(*speed),
        OTHER_SPEED if *speed == Speed::High && setup.value_low() == 0 => {
            let mut bytes = model.configuration(Speed::Full);
            bytes[1] = OTHER_SPEED;
            Some(bytes)
        }
        _ => None,
    };
    bytes.map_or(Answer::Stall, Answer::Data)
}

/// Says that it is longer than it is, and gives its last descriptor no length.
fn spoil_configuration(bytes: &mut [u8]) {
    let mut at = 0;
    while at + usize::from(bytes[at]) < bytes.len() && bytes[at] > 0 {
        at += usize::from(bytes[at]);
    }
    bytes[at] = 0;
    bytes[2] = bytes[2].wrapping_add(100);
}

/// The model as the faults have it.
pub(super) fn look(mut model: Model, speed: Speed, io: &Io) -> Look {
    let changes = io.faults.find(|fault| match fault {
        Fault::Descriptor { serial, name, maker, id } => {
            Some((serial.clone(), name.clone(), maker.clone(), id.as_deref().and_then(super::parse_id)))
        }
        _ => None,
    });
    if let Some((serial, name, maker, id)) = changes {
        let identity = &mut model.identity;
        if let Some(serial) = serial {
            identity.serial = (!serial.is_empty()).then_some(serial);
        }
        identity.name = name.unwrap_or(std::mem::take(&mut identity.name));
        identity.maker = maker.unwrap_or(std::mem::take(&mut identity.maker));
        if let Some((vendor, product)) = id {
            (identity.vendor, identity.product) = (vendor, product);
        }
    }
    let extra = io.faults.any(|fault| matches!(fault, Fault::ExtraKeyboard { .. }));
    let keyboard = extra.then(|| {
        let used: Vec<u8> = model.endpoints().map(|endpoint| endpoint.address).collect();
        let free = (1..16).rev().map(|number| number | super::io::IN).find(|address| !used.contains(address));
        let endpoint = free.unwrap_or(0x8f);
        model.interfaces.push(super::keyboard::interface(endpoint));
        (u8::try_from(model.interfaces.len() - 1).unwrap_or(u8::MAX), endpoint)
    });
    let broken = io.faults.find(|fault| match fault {
        Fault::BadDescriptor { of } => Some(*of),
        _ => None,
    });
    Look { model, speed, keyboard, broken }
}
