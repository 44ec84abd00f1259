//! The UPS as a USB device of the class for power devices ("Universal Serial Bus Usage Tables for HID Power Devices" 1.0,
//! pages 84H and 85H), laid out so that NUT's `usbhid-ups` (as a Back-UPS of APC) and UPower understand it. The battery is
//! the same as behind the NUT protocol.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::Inner;
use super::report::{self, Value};
use super::state::State;
use crate::usb::descriptor::{Class, Endpoint, Identity, Interface, Model, Speed};
use crate::usb::hub::HubError;
use crate::usb::io::Io;
use crate::usb::port::UsbPort;
use crate::usb::setup::{Answer, Setup};
use crate::usb::{Event, Options, UsbFunction, hid};

/// The ids of APC's Back-UPS.
const ID: (u16, u16) = (0x051d, 0x0002);
const IN: u8 = 0x81;
/// How often the battery is looked at for a change that the host is told of by itself.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// The power device.
#[derive(Debug)]
pub struct Function {
    inner: Arc<Inner>,
    identity: Identity,
    descriptor: Vec<u8>,
    /// The input reports as the host has them.
    told: Vec<Vec<u8>>,
}

/// Plugs a UPS in.
pub(super) fn plug(options: &Options, inner: &Arc<Inner>) -> Result<UsbPort<Function>, HubError> {
    // Drivers read model and firmware from this name.
    let name = "Back-UPS ES 700G FW:871.O4 .I USB FW:O4";
    let identity = options.identity(ID, 0x0106, "American Power Conversion", name);
    let function = Function { inner: Arc::clone(inner), identity, descriptor: report::descriptor(), told: Vec::new() };
    let port = UsbPort::new(function, Speed::Low, options, Arc::clone(&inner.exchanges));
    port.plug(None)?;
    Ok(port)
}

impl Function {
    fn with_state<T>(&self, now: Instant, use_it: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pass(now);
        use_it(&mut state)
    }

    fn report(&self, number: u8) -> Option<Vec<u8>> {
        let has_serial = self.identity.serial.is_some();
        self.with_state(Instant::now(), |state| report::bytes(number, |value| value_of(value, state, has_serial)))
    }

    fn set_report(&mut self, data: &[u8]) -> Answer {
        let Some((value, number)) = report::written(data) else { return Answer::Stall };
        self.inner.exchanges.received(data);
        self.with_state(Instant::now(), |state| match value {
            Value::CapacityLimit => state.charge_low = number.min(100),
            Value::ShutdownDelay => state.delay_shutdown = number,
            Value::Alarm => {
                state.beeper = match number {
                    1 => "disabled",
                    3 => "muted",
                    _ => "enabled",
                }
                .into();
            }
            _ => {}
        });
        Answer::Done
    }
}

/// A value as its report has it.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "rounded and within what `as` saturates to"
)]
fn value_of(value: Value, state: &State, has_serial: bool) -> u32 {
    let status = state.status();
    let has = |flag: &str| status.split(' ').any(|word| word == flag);
    let battery = &state.battery;
    match value {
        Value::MakerString => 1,
        Value::ProductString => 2,
        Value::SerialString => {
            if has_serial {
                3
            } else {
                0
            }
        }
        Value::ChemistryString => 4,
        Value::Rechargeable => 1,
        // Percent.
        Value::CapacityMode => 2,
        Value::Hundred => 100,
        Value::Charge => battery.charge.round() as u32,
        Value::Runtime => battery.runtime_seconds().min(65_535.0) as u32,
        Value::BatteryVoltage => (battery.volts() * 100.0).round() as u32,
        Value::Load => battery.load.round().min(255.0) as u32,
        Value::InputVoltage => {
            if state.is_on_battery() {
                0
            } else {
                230
            }
        }
        Value::CapacityLimit => state.charge_low,
        Value::ShutdownDelay => state.delay_shutdown,
        Value::Alarm => match state.beeper.as_str() {
            "disabled" => 1,
            "muted" => 3,
            _ => 2,
        },
        Value::AcPresent => has("OL").into(),
        Value::Charging => has("CHRG").into(),
        Value::Discharging => has("DISCHRG").into(),
        Value::BelowLimit => has("LB").into(),
        Value::NeedReplacement => has("RB").into(),
        Value::BatteryPresent => 1,
        Value::Overload => u32::from(battery.load > 100.0),
        Value::ShutdownImminent => has("FSD").into(),
    }
}

impl UsbFunction for Function {
    fn model(&self) -> Model {
        let interface = Interface {
            class: Class(3, 0, 0),
            association: None,
            extra: hid::descriptor(self.descriptor.len()),
            endpoints: vec![Endpoint::interrupt(IN, 8, 100)],
        };
        // Lead and acid: what "iDeviceChemistry" names.
        let strings = vec!["PbAc".to_owned()];
        Model { identity: self.identity.clone(), class: Class::BY_INTERFACE, interfaces: vec![interface], strings }
    }

    fn control(&mut self, setup: &Setup, data: &[u8], _io: &mut Io) -> Answer {
        if let Some(answer) = hid::request(setup, &self.descriptor) {
            return answer;
        }
        match (setup.request_type, setup.request, setup.value_high()) {
            (0xa1, hid::GET_REPORT, hid::FEATURE | hid::INPUT) => {
                self.report(setup.value_low()).map_or(Answer::Stall, Answer::Data)
            }
            (0x21, hid::SET_REPORT, hid::FEATURE) => self.set_report(data),
            _ => Answer::Stall,
        }
    }

    fn out(&mut self, _endpoint: u8, bytes: &[u8], _io: &mut Io) -> usize {
        bytes.len()
    }

    fn event(&mut self, event: Event, _io: &mut Io) {
        if event == Event::Plugged {
            self.told.clear();
        }
    }

    fn due(&mut self, now: Instant, io: &mut Io) -> Option<Instant> {
        if !io.is_configured() {
            return None;
        }
        for number in report::INPUTS {
            let Some(report) = self.report(*number) else { continue };
            let known = self.told.iter().position(|told| told[0] == report[0]);
            if known.is_some_and(|place| self.told[place] == report) || io.waiting(IN) <= io.queued(IN) {
                continue;
            }
            self.inner.exchanges.sent(&report);
            io.send(IN, report.clone());
            match known {
                Some(place) => self.told[place] = report,
                None => self.told.push(report),
            }
        }
        Some(now + LOOK_EVERY)
    }
}
