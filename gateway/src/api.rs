//! The only room that knows HTTP, WebSocket and JSON text: one loopback port for the WebSocket, blobs, pages, health and
//! metrics. Nothing here touches a device, and no `GET` has a side effect.

mod blobs;
mod copies;
mod door;
mod pages;
mod serve;
mod socket;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use kiosk_protocol::device::DeviceState;
use prometheus_client::encoding::text::encode;
use tokio::sync::Semaphore;

use crate::config::Server;
use crate::metrics::Metrics;
use crate::session::Hub;
pub use copies::Copies;
use door::Door;
pub use serve::serve;

/// What the handlers share.
#[derive(Clone)]
pub(crate) struct Api {
    hub: Hub,
    metrics: Metrics,
    door: Arc<Door>,
    /// Places for WebSockets.
    sockets: Arc<Semaphore>,
    /// `/demo.json`, in the demo only.
    demo: Option<Arc<Demo>>,
    /// What there is of certified copies beside the signer, if there is one.
    copies: Option<Arc<Copies>>,
}

/// What the demo page must know beside the protocol.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Demo {
    /// Where the simulators are controlled, for example `http://127.0.0.1:40123`.
    pub simulators: String,
}

/// All routes, behind the door. `address` is the one that is listened on; each WebSocket takes a place of `sockets`.
pub fn router(
    hub: Hub,
    metrics: Metrics,
    address: SocketAddr,
    server: &Server,
    sockets: Arc<Semaphore>,
    demo: Option<Demo>,
    copies: Option<Copies>,
) -> Router {
    let door = Arc::new(Door::new(address, &server.origins));
    let api = Api { hub, metrics, door, sockets, demo: demo.map(Arc::new), copies: copies.map(Arc::new) };
    Router::new()
        .route("/v1", get(socket::upgrade))
        .route("/v1/blobs", post(blobs::post).options(blobs::preflight))
        .route("/v1/blobs/{id}", get(blobs::get).delete(blobs::delete).options(blobs::preflight))
        .route("/v1/copies/{code}", get(copies::of_code))
        .route("/v1/verify", post(copies::judge))
        .route("/v1/qr", post(copies::qr))
        .route("/c/{code}", get(copies::page))
        .route("/log/{*file}", get(copies::log))
        .route("/healthz", get(health))
        .route("/metrics", get(metrics_text))
        .route("/demo.json", get(pages::demo))
        .fallback(get(pages::page))
        .layer(axum::middleware::from_fn_with_state(api.clone(), door::check))
        .with_state(api)
}

/// `200` and the states of the devices. Names and states only: nothing that identifies the kiosk or a person.
async fn health(State(api): State<Api>) -> impl IntoResponse {
    let view = api.hub.devices().watch().borrow().clone();
    let devices: std::collections::BTreeMap<_, _> =
        view.devices.iter().map(|(device, view)| (device.0.clone(), view.state)).collect();
    axum::Json(serde_json::json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "devices": devices }))
}

/// Prometheus text (OpenMetrics).
async fn metrics_text(State(api): State<Api>) -> impl IntoResponse {
    let mut registry = api.metrics.registry();
    let ready = prometheus_client::metrics::family::Family::<
        Vec<(String, String)>,
        prometheus_client::metrics::gauge::Gauge,
    >::default();
    for (device, view) in &api.hub.devices().watch().borrow().devices {
        let up = matches!(view.state, DeviceState::Ready | DeviceState::Busy);
        ready.get_or_create(&vec![("device".to_owned(), device.0.clone())]).set(i64::from(up));
    }
    registry.register("device_ready", "1 while the device takes commands", ready);
    let (memory, total) = api.hub.blobs().usage();
    for (name, help, bytes) in [
        ("blob_memory_bytes", "Bytes of blobs in memory", memory),
        ("blob_bytes", "Bytes of blobs in memory and spool", total),
    ] {
        let gauge = prometheus_client::metrics::gauge::Gauge::<i64>::default();
        gauge.set(i64::try_from(bytes).unwrap_or(i64::MAX));
        registry.register(name, help, gauge);
    }
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = encode(&mut text, &registry);
    ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
}
