//! What the control port asks of every device and of every cable. The bytes on the wire are each device's own room.
//!
//! A device is registered by being an [`Arc<dyn Device>`](Device) in the list that the control port is given.

use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::exchange::ExchangeLog;

/// One fault that a device can be given, for `kiosk-simulate list` and for error messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Knob {
    /// The name, as in `{"fault": NAME}`.
    pub name: &'static str,
    /// Its parameters with their defaults, as `key=value` text; empty if it has none.
    pub parameters: &'static str,
    /// One line: what the device does then.
    pub what: &'static str,
}

/// Why a knob was not turned.
#[derive(Debug, thiserror::Error)]
pub enum KnobError {
    /// The body is not a JSON object that names a fault.
    #[error("the order must be a JSON object with a field \"fault\" that is one of: {}", .names.join(", "))]
    NoFault {
        /// Faults of this device.
        names: Vec<&'static str>,
    },
    /// The device has no such fault.
    #[error("{device} has no fault {given:?}; it has: {}", .names.join(", "))]
    UnknownFault {
        /// The device asked.
        device: String,
        /// The name given.
        given: String,
        /// Faults of this device.
        names: Vec<&'static str>,
    },
    /// A parameter is wrong.
    #[error("the order {order} does not fit: {problem}")]
    BadOrder {
        /// Which order (a fault's name, or `set`).
        order: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl KnobError {
    /// The same, naming all these faults: a device knows its own, not those of its cable.
    pub(crate) fn of(self, all: &[&'static str]) -> Self {
        match self {
            Self::NoFault { .. } => Self::NoFault { names: all.to_vec() },
            Self::UnknownFault { device, given, .. } => Self::UnknownFault { device, given, names: all.to_vec() },
            other @ Self::BadOrder { .. } => other,
        }
    }
}

/// An error with all its causes in one text.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What a device hangs on: a TCP port, a USB port.
pub trait Cable: Send + Sync + 'static {
    /// Where the other end is, such as `127.0.0.1:9100` or `usb:04b8:0e15`.
    fn address(&self) -> String;
    /// True while it is plugged in.
    fn is_in(&self) -> bool;
    /// What it counts, and its active faults as `faults`, if it can have any.
    fn state(&self) -> Value;
    /// Puts it in; answered when it is so. What may stand in the order is the cable's matter (USB: `port`).
    fn insert(&self, order: Value) -> BoxFuture<'_, Result<(), KnobError>>;
    /// Pulls it out; answered when it is so.
    fn unplug(&self) -> BoxFuture<'_, ()>;
    /// Faults of the cable itself, whatever hangs on it.
    fn knobs(&self) -> &'static [Knob] {
        &[]
    }
    /// As [`Device::fault`].
    ///
    /// # Errors
    /// When the fault is unknown or its parameters are wrong.
    fn fault(&self, order: Value) -> Result<(), KnobError> {
        read_fault::<Value>("this cable", self.knobs(), order).map(drop)
    }
    /// As [`Device::clear`].
    fn clear(&self, _fault: Option<&str>) {}
}

/// How a device that has both is reached.
#[derive(Debug, Clone)]
pub enum Attach {
    /// A port on 127.0.0.1; 0: any free one.
    Tcp(u16),
    /// A USB port.
    Usb(crate::usb::Options),
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq)]
pub enum Sight {
    /// Words and numbers.
    Facts(Value),
    /// A PNG file.
    Picture(Vec<u8>),
}

/// A device behind the control port.
pub trait Device: Send + Sync + 'static {
    /// The name in the control port's addresses.
    fn name(&self) -> &str;
    /// All faults it knows, besides its cable's.
    fn knobs(&self) -> &'static [Knob];
    /// Its cable.
    fn cable(&self) -> &dyn Cable;
    /// Where a driver finds it.
    fn address(&self) -> String {
        self.cable().address()
    }
    /// What is printed when it is started: the address, or an object where others must know more.
    fn announced(&self) -> Value {
        self.address().into()
    }
    /// What it exchanged.
    fn exchanges(&self) -> &ExchangeLog;
    /// Its state: active faults, counters and whatever the device has.
    fn state(&self) -> Value;
    /// Turns a fault on, `{"fault": NAME, …parameters}`. The same fault again replaces its parameters.
    ///
    /// # Errors
    /// When the fault is unknown or its parameters are wrong.
    fn fault(&self, order: Value) -> Result<(), KnobError>;
    /// Ends one fault by name, or all of them. A name that is not active is no error.
    fn clear(&self, fault: Option<&str>);
    /// Sets what is no fault: papers in the tray, the charge of a battery.
    ///
    /// # Errors
    /// When a key or value is not one of this device's.
    fn set(&self, order: Value) -> Result<(), KnobError>;
    /// The simulation ends: what it has on the disk goes.
    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
    /// What `GET /devices/NAME/WHAT` shows, such as `paper.png`; may take a while.
    fn look(&self, _what: &str) -> Option<Sight> {
        None
    }
}

/// Reads a fault order into the device's own enum (tagged by `fault`), with errors that name what would be right.
///
/// # Errors
/// See [`KnobError`].
pub fn read_fault<F: DeserializeOwned>(device: &str, knobs: &'static [Knob], order: Value) -> Result<F, KnobError> {
    let names = || knobs.iter().map(|knob| knob.name).collect();
    let given = match order.get("fault") {
        Some(Value::String(name)) => name.clone(),
        _ => return Err(KnobError::NoFault { names: names() }),
    };
    let Some(knob) = knobs.iter().find(|knob| knob.name == given) else {
        return Err(KnobError::UnknownFault { device: device.into(), given, names: names() });
    };
    serde_json::from_value(order).map_err(|error| KnobError::BadOrder {
        order: given,
        problem: match knob.parameters {
            "" => format!("{error}; it has no parameters"),
            parameters => format!("{error}; its parameters are {parameters}"),
        },
    })
}

/// Reads a `set` order into the device's own structure.
///
/// # Errors
/// When a key or a value does not fit.
pub fn read_set<S: DeserializeOwned>(order: Value) -> Result<S, KnobError> {
    let order = if order.is_null() { Value::Object(Map::new()) } else { order };
    serde_json::from_value(order)
        .map_err(|error| KnobError::BadOrder { order: "set".into(), problem: error.to_string() })
}

/// The faults that are active on a device, at most one of each name.
#[derive(Debug, Clone)]
pub struct Active<F>(Vec<F>);

impl<F> Default for Active<F> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<F: serde::Serialize> Active<F> {
    /// Adds a fault; one of the same name is replaced.
    pub fn add(&mut self, fault: F) {
        let name = name_of(&fault);
        self.0.retain(|other| name_of(other) != name);
        self.0.push(fault);
    }

    /// Takes one fault away by name, or all.
    pub fn clear(&mut self, name: Option<&str>) {
        self.0.retain(|fault| name.is_some_and(|name| name_of(fault).as_deref() != Some(name)));
    }

    /// The first active fault for which `pick` has an answer.
    pub fn find<T>(&self, pick: impl FnMut(&F) -> Option<T>) -> Option<T> {
        self.0.iter().find_map(pick)
    }

    /// The first active fault for which `pick` has an answer, to change it.
    pub fn find_mut<'a, T>(&'a mut self, pick: impl FnMut(&'a mut F) -> Option<T>) -> Option<T> {
        self.0.iter_mut().find_map(pick)
    }

    /// True when some active fault answers yes.
    pub fn any(&self, is: impl Fn(&F) -> bool) -> bool {
        self.0.iter().any(is)
    }

    /// The active faults as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        serde_json::to_value(&self.0).unwrap_or_default()
    }
}

fn name_of<F: serde::Serialize>(fault: &F) -> Option<String> {
    let value = serde_json::to_value(fault).ok()?;
    Some(value.get("fault")?.as_str()?.to_owned())
}
