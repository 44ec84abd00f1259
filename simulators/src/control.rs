//! The control port: a small HTTP server on 127.0.0.1 that turns the devices' knobs and tells their state, in JSON.
//! It is for tests, the demo page and `kiosk-simulate ctl`; no device speaks through it.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /devices` | all devices with their faults |
//! | `GET /devices/{name}` | state, active faults, counters |
//! | `POST /devices/{name}/fault` | `{"fault": NAME, …}` turns a fault on |
//! | `POST /devices/{name}/clear` | ends all faults, or `{"fault": NAME}` one |
//! | `POST /devices/{name}/unplug`, `/plug` | pulls the cable, puts it back (USB: `{"port": N}`); answered when it is so |
//! | `POST /devices/{name}/set` (scanner: also `/load`) | what is no fault: papers, charge, load |
//! | `GET /devices/{name}/exchanges` | what was said on the wire |
//! | `GET /devices/{name}/{what}` | what the device has to show: `paper.png`, `receipts`, `receipts/{n}.png` of a printer |

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::device::Device;

mod access;
pub mod client;
mod routes;
#[cfg(test)]
mod tests;

/// The devices behind a control port.
#[derive(Clone, Default)]
pub struct Devices(Vec<Arc<dyn Device>>);

impl Devices {
    /// These, in this order. Two of one name cannot both be reached.
    #[must_use]
    pub fn new(devices: Vec<Arc<dyn Device>>) -> Self {
        Self(devices)
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<dyn Device>> {
        self.0.iter()
    }

    /// One by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Arc<dyn Device>> {
        self.all().find(|device| device.name() == name).cloned()
    }
}

impl std::fmt::Debug for Devices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.all().map(|device| device.name())).finish()
    }
}

/// The control port cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("the control port cannot listen on port {port} of 127.0.0.1")]
pub struct StartError {
    /// The port asked for.
    pub port: u16,
    /// Why.
    pub source: std::io::Error,
}

/// A running control port; dropping it ends it.
#[derive(Debug)]
pub struct Control {
    address: std::net::SocketAddr,
    server: JoinHandle<()>,
}

impl Control {
    /// Opens the port. Web pages of `allowed_origin` may use it, and no others.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(port: u16, devices: Devices, allowed_origin: Option<String>) -> Result<Self, StartError> {
        let failed = |source| StartError { port, source };
        let listener = TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let access = access::Access::new(address.port(), allowed_origin);
        let router = access::guard(routes::router(devices), access);
        let server = tokio::spawn(async move {
            // It ends only when this task does.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, server })
    }

    /// Its address, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        self.server.abort();
    }
}
