//! What the control port sees of the cable: address, state, plug and unplug, and the faults of the bus.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::super::fault::{self, Fault, KNOBS};
use super::super::{UsbFunction, parse_id, standard};
use super::UsbPort;
use crate::device::{Cable, Knob, KnobError, read_fault};

/// What can be said with `plug`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct PlugOrder {
    port: Option<u8>,
}

impl<F: UsbFunction> Cable for UsbPort<F> {
    /// `usb:VVVV:PPPP`, with `?serial=` when it has one.
    fn address(&self) -> String {
        let core = self.0.core();
        let look = standard::look(core.function.model(), self.0.speed, &core.io);
        let identity = &look.model.identity;
        let serial = identity.serial.as_ref().map_or(String::new(), |serial| format!("?serial={serial}"));
        format!("usb:{:04x}:{:04x}{serial}", identity.vendor, identity.product)
    }

    fn is_in(&self) -> bool {
        self.0.core().link.is_some()
    }

    fn state(&self) -> Value {
        let core = self.0.core();
        let path = core.link.as_ref().and_then(|link| link.port).map(|port| self.0.hub.path(port));
        let (bytes_in, bytes_out) = core.io.counted();
        json!({
            "path": path, "configured": core.io.is_configured(), "speed": self.0.speed,
            "bytes_from_host": bytes_in, "bytes_to_host": bytes_out, "faults": core.io.faults.to_json(),
        })
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn fault(&self, mut order: Value) -> Result<(), KnobError> {
        if let Some(name) = order.get("fault").and_then(Value::as_str) {
            order["fault"] = Value::from(fault::canonical(name));
        }
        let fault: Fault = read_fault("USB", KNOBS, order)?;
        if let Fault::Descriptor { id: Some(id), .. } = &fault
            && parse_id(id).is_none()
        {
            let problem = format!("id is {id:?}; it must look like 04b8:0e15");
            return Err(KnobError::BadOrder { order: "descriptor".into(), problem });
        }
        self.with(|_, io| io.add_fault(fault));
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.with(|_, io| io.faults.clear(fault.map(fault::canonical)));
    }

    fn insert(&self, order: Value) -> BoxFuture<'_, Result<(), KnobError>> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            let bad = |problem: String| KnobError::BadOrder { order: "plug".into(), problem };
            let PlugOrder { port } = if order.is_null() {
                PlugOrder { port: None }
            } else {
                serde_json::from_value(order).map_err(|error| bad(error.to_string()))?
            };
            let plugged = tokio::task::spawn_blocking(move || shared.plug(port)).await;
            plugged
                .map_err(|error| bad(error.to_string()))?
                .map_err(|error| bad(format!("{:#}", anyhow::Error::from(error))))
        })
    }

    fn unplug(&self) -> BoxFuture<'_, ()> {
        let shared = Arc::clone(&self.0);
        Box::pin(async move {
            // It does not panic; if the runtime is ending, the cable is pulled by the drop.
            let _ = tokio::task::spawn_blocking(move || shared.pull()).await;
        })
    }
}
