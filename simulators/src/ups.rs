//! A UPS behind a server that speaks the NUT protocol (RFC 9271), as Debian's `upsd` does, with a battery that really
//! empties and fills. No TLS, no second UPS, no shutdown of anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::device::{Cable, Device, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;

pub mod battery;
pub mod fault;
pub mod protocol;
mod queries;
mod server;
pub mod state;
#[cfg(test)]
mod tests;
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
    /// Port on 127.0.0.1; 0: any.
    pub port: u16,
    /// The name of the UPS and who may log in.
    pub account: Account,
    /// Battery seconds in one second of ours.
    pub acceleration: f64,
    /// Seed of every random choice.
    pub seed: u64,
}

/// The UPS cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("the UPS cannot listen on port {port} of 127.0.0.1")]
pub struct StartError {
    /// The port asked for.
    pub port: u16,
    /// Why.
    pub source: std::io::Error,
}

#[derive(Debug)]
struct Inner {
    plug: Plug,
    exchanges: ExchangeLog,
    state: Mutex<State>,
    random: Mutex<Random>,
    account: Account,
}

/// A running UPS; dropping it ends it.
#[derive(Debug)]
pub struct Ups {
    inner: Arc<Inner>,
    _serving: Serving,
}

impl Ups {
    /// Starts a UPS; it listens when this returns.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { port, account, acceleration, seed } = options;
        let plug = Plug::bind(port).map_err(|source| StartError { port, source })?;
        let mut state = State::new(Instant::now());
        state.acceleration = acceleration;
        let inner = Arc::new(Inner {
            plug,
            exchanges: ExchangeLog::default(),
            state: Mutex::new(state),
            random: Mutex::new(Random::new(seed, NAME)),
            account,
        });
        let served = Arc::clone(&inner);
        let serving = inner.plug.serve(Clients::Many, move |wire| server::serve(Arc::clone(&served), wire));
        inner.plug.insert().await;
        Ok(Self { inner, _serving: serving })
    }

    /// Its address, `nut://127.0.0.1:PORT/NAME`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nut://{}/{}", self.inner.plug.address(), self.inner.account.ups)
    }

    #[cfg(test)]
    fn plug(&self) -> &Plug {
        &self.inner.plug
    }

    fn with_state<T>(&self, use_it: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.inner.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.pass(Instant::now());
        use_it(&mut state)
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
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.inner.plug
    }

    fn address(&self) -> String {
        self.url()
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        self.with_state(|state| state.to_json())
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault: Fault = read_fault(NAME, KNOBS, order)?;
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
