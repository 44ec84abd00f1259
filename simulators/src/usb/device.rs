//! A device that is USB and nothing else, behind the control port: what a function has to say for itself, and the rest.

use std::sync::Arc;

use serde_json::Value;

use super::hub::HubError;
use super::io::Io;
use super::port::{Feeding, UsbPort};
use super::{Options, UsbFunction, descriptor::Speed};
use crate::device::{Cable, Device, Knob, KnobError, Sight};
use crate::exchange::ExchangeLog;

/// A function with knobs of its own.
pub trait Controlled: UsbFunction {
    /// Its faults.
    const KNOBS: &'static [Knob];
    /// Its state, with its active faults as `faults`.
    fn state(&self) -> Value;
    /// As [`Device::fault`].
    ///
    /// # Errors
    /// When the fault is unknown or its parameters are wrong.
    fn fault(&mut self, order: Value, io: &mut Io) -> Result<(), KnobError>;
    /// As [`Device::clear`].
    fn clear(&mut self, fault: Option<&str>, io: &mut Io);
    /// As [`Device::set`].
    ///
    /// # Errors
    /// When a key or value is not one of this device's.
    fn set(&mut self, order: Value, io: &mut Io) -> Result<(), KnobError>;
    /// As [`Device::look`].
    fn look(&self, _what: &str) -> Option<Sight> {
        None
    }
}

/// A USB device with its name; dropping it pulls its cable.
#[derive(Debug)]
pub struct UsbDevice<F: Controlled> {
    name: String,
    exchanges: Arc<ExchangeLog>,
    port: UsbPort<F>,
    feeding: Vec<Feeding>,
}

impl<F: Controlled> UsbDevice<F> {
    /// Plugs a function in, of this speed unless the options say otherwise.
    ///
    /// # Errors
    /// When the hub does not take it.
    pub fn plug(function: F, speed: Speed, options: Options, exchanges: Arc<ExchangeLog>) -> Result<Self, HubError> {
        let port = UsbPort::new(function, speed, &options, Arc::clone(&exchanges));
        port.plug(None)?;
        Ok(Self { name: options.name, exchanges, port, feeding: Vec::new() })
    }

    /// Its port, for direct use.
    #[must_use]
    pub fn port(&self) -> &UsbPort<F> {
        &self.port
    }

    /// Keeps a task for as long as the device lives.
    pub fn keep(&mut self, feeding: Feeding) {
        self.feeding.push(feeding);
    }
}

impl<F: Controlled> Device for UsbDevice<F> {
    fn name(&self) -> &str {
        &self.name
    }

    fn knobs(&self) -> &'static [Knob] {
        F::KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.port
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.exchanges
    }

    fn state(&self) -> Value {
        self.port.with(|function, _| function.state())
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        self.port.with(|function, io| function.fault(order, io))
    }

    fn clear(&self, fault: Option<&str>) {
        self.port.with(|function, io| function.clear(fault, io));
    }

    fn set(&self, order: Value) -> Result<(), KnobError> {
        self.port.with(|function, io| function.set(order, io))
    }

    fn look(&self, what: &str) -> Option<Sight> {
        self.port.with(|function, _| function.look(what))
    }
}
