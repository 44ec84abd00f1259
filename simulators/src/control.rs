//! The control port: a small HTTP server on 127.0.0.1 that turns the devices' knobs and tells their state, in JSON.
//! It is for tests, the demo page and `kiosk-simulate ctl`; no device speaks through it.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /devices` | all devices with their faults |
//! | `GET /devices/{name}` | state, active faults, counters |
//! | `POST /devices/{name}/fault` | `{"fault": NAME, …}` turns a fault on |
//! | `POST /devices/{name}/clear` | ends all faults, or `{"fault": NAME}` one |
//! | `POST /devices/{name}/unplug`, `/plug` | pulls the cable, puts it back; answered when it is so |
//! | `POST /devices/{name}/set` (scanner: also `/load`) | what is no fault: papers, charge, load |
//! | `GET /devices/{name}/exchanges` | what was said on the wire |
//! | `GET /devices/printer/paper.png` | the paper in the printer, or the last receipt |
//! | `GET /devices/printer/receipts`, `…/receipts/{n}.png` | the receipts |

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::device::Device;
use crate::printer::Printer;
use crate::scanner::Scanner;
use crate::ups::Ups;

mod access;
pub mod client;
mod routes;
#[cfg(test)]
mod tests;

/// The devices behind a control port.
#[derive(Debug, Clone, Default)]
pub struct Devices {
    /// The scanner, if there is one.
    pub scanner: Option<Arc<Scanner>>,
    /// The printer, if there is one.
    pub printer: Option<Arc<Printer>>,
    /// The UPS, if there is one.
    pub ups: Option<Arc<Ups>>,
}

impl Devices {
    /// All of them, as what they have in common.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<dyn Device>> {
        let mut all: Vec<Arc<dyn Device>> = Vec::new();
        if let Some(scanner) = &self.scanner {
            all.push(Arc::clone(scanner) as Arc<dyn Device>);
        }
        if let Some(printer) = &self.printer {
            all.push(Arc::clone(printer) as Arc<dyn Device>);
        }
        if let Some(ups) = &self.ups {
            all.push(Arc::clone(ups) as Arc<dyn Device>);
        }
        all
    }

    /// One by its name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Arc<dyn Device>> {
        self.all().into_iter().find(|device| device.name() == name)
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
