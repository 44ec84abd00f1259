//! A UPS behind a server that speaks the NUT protocol (RFC 9271), as Debian's `upsd` does, or as a USB device; with a
//! battery that really empties and fills. No TLS, no second UPS, no shutdown of anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::device::{Attach, Cable, Device, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;
use crate::usb::hub::HubError;
use crate::usb::port::UsbPort;

pub mod battery;
pub mod fault;
pub mod protocol;
mod queries;
pub mod report;
mod server;
pub mod state;
#[cfg(test)]
mod tests;
pub mod usb;
pub mod variables;
pub mod words;

use fault::{Fault, KNOBS};
use protocol::Account;
use state::State;

/// The name in the control port's addresses.
pub const NAME: &str = "ups";

/// What a UPS is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// TCP or USB.
    pub attach: Attach,
    /// The name of the UPS and who may log in.
    pub account: Account,
    /// Battery seconds in one second of ours.
    pub acceleration: f64,
    /// Seed of every random choice.
    pub seed: u64,
}

/// Why a UPS does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No port.
    #[error("the UPS cannot listen on port {port} of 127.0.0.1")]
    Listen {
        /// The port asked for.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// No USB.
    #[error("the UPS cannot be plugged in")]
    Usb(#[from] HubError),
}

#[derive(Debug)]
struct Inner {
    exchanges: Arc<ExchangeLog>,
    state: Mutex<State>,
    random: Mutex<Random>,
    account: Account,
}

/// What the UPS hangs on.
#[derive(Debug)]
enum Hanging {
    Tcp { plug: Plug, _serving: Serving },
    Usb(UsbPort<usb::Function>),
}

/// A running UPS; dropping it ends it.
#[derive(Debug)]
pub struct Ups {
    name: String,
    inner: Arc<Inner>,
    hanging: Hanging,
}

impl Ups {
    /// Starts a UPS; it listens, or is plugged in, when this returns.
    ///
    /// # Errors
    /// When the port is taken or there is no USB hub.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { attach, account, acceleration, seed } = options;
        let mut state = State::new(Instant::now());
        state.acceleration = acceleration;
        let inner = Arc::new(Inner {
            exchanges: Arc::default(),
            state: Mutex::new(state),
            random: Mutex::new(Random::new(seed, NAME)),
            account,
        });
        let (name, hanging) = match attach {
            Attach::Tcp(port) => {
                let plug = Plug::bind(port).map_err(|source| StartError::Listen { port, source })?;
                let served = Arc::clone(&inner);
                let serving = plug.serve(Clients::Many, move |wire| server::serve(Arc::clone(&served), wire));
                plug.insert().await;
                (NAME.to_owned(), Hanging::Tcp { plug, _serving: serving })
            }
            Attach::Usb(options) => {
                let port = usb::plug(&options, &inner)?;
                (options.name, Hanging::Usb(port))
            }
        };
        Ok(Self { name, inner, hanging })
    }

    #[cfg(test)]
    fn plug(&self) -> &Plug {
        match &self.hanging {
            Hanging::Tcp { plug, .. } => plug,
            Hanging::Usb(_) => panic!("this UPS hangs on USB"),
        }
    }

    fn with_state<T>(&self, use_it: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pass(Instant::now());
        let result = use_it(&mut state);
        drop(state);
        if let Hanging::Usb(port) = &self.hanging {
            // It tells the host at once what has changed.
            port.with(|_, _| ());
        }
        result
    }
}

/// What can be set on a UPS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    /// `on`, `off`, or a boolean.
    #[serde(default, deserialize_with = "on_or_off")]
    mains: Option<bool>,
    /// Percent.
    charge: Option<f64>,
    /// Percent.
    load: Option<f64>,
    /// Watt hours.
    capacity_wh: Option<f64>,
    /// Percent below which the status has LB.
    charge_low: Option<f64>,
    /// Battery seconds in one second.
    acceleration: Option<f64>,
}

fn on_or_off<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Bool(on) => Ok(Some(on)),
        Value::String(word) if word == "on" => Ok(Some(true)),
        Value::String(word) if word == "off" => Ok(Some(false)),
        other => Err(serde::de::Error::custom(format!("mains is \"on\" or \"off\", not {other}"))),
    }
}

fn within(name: &str, value: Option<f64>, low: f64, high: f64) -> Result<Option<f64>, KnobError> {
    match value {
        Some(value) if !(low..=high).contains(&value) => Err(KnobError::BadOrder {
            order: "set".into(),
            problem: format!("{name} is {value}; it must be {low} to {high}"),
        }),
        value => Ok(value),
    }
}

impl Device for Ups {
    fn name(&self) -> &str {
        &self.name
    }

    fn knobs(&self) -> &'static [Knob] {
        match &self.hanging {
            Hanging::Tcp { .. } => KNOBS,
            Hanging::Usb(_) => &KNOBS[..fault::OF_BATTERY],
        }
    }

    fn cable(&self) -> &dyn Cable {
        match &self.hanging {
            Hanging::Tcp { plug, .. } => plug,
            Hanging::Usb(port) => port,
        }
    }

    /// `nut://127.0.0.1:PORT/NAME`, or its USB address.
    fn address(&self) -> String {
        match &self.hanging {
            Hanging::Tcp { plug, .. } => format!("nut://{}/{}", plug.address(), self.inner.account.ups),
            Hanging::Usb(port) => port.address(),
        }
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        self.with_state(|state| state.to_json())
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault: Fault = read_fault(NAME, self.knobs(), order)?;
        self.with_state(|state| state.faults.add(fault));
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.with_state(|state| state.faults.clear(fault));
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "percent within 0 to 100")]
    fn set(&self, order: Value) -> Result<(), KnobError> {
        let settings: Settings = read_set(order)?;
        let charge = within("charge", settings.charge, 0.0, 100.0)?;
        let load = within("load", settings.load, 0.0, 200.0)?;
        let capacity = within("capacity_wh", settings.capacity_wh, 0.1, 1e6)?;
        let charge_low = within("charge_low", settings.charge_low, 0.0, 100.0)?;
        let acceleration = within("acceleration", settings.acceleration, 0.0, 1e6)?;
        self.with_state(|state| {
            if settings.mains == Some(true) {
                state.faults.clear(Some("mains_off"));
            }
            let battery = &mut state.battery;
            battery.mains = settings.mains.unwrap_or(battery.mains);
            battery.charge = charge.unwrap_or(battery.charge);
            battery.load = load.unwrap_or(battery.load);
            battery.capacity_wh = capacity.unwrap_or(battery.capacity_wh);
            state.charge_low = charge_low.map_or(state.charge_low, |low| low as u32);
            state.acceleration = acceleration.unwrap_or(state.acceleration);
        });
        Ok(())
    }
}
