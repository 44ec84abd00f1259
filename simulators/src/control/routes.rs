//! The control port's requests, each a few lines: what they mean is the devices' matter.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Devices;
use crate::device::{Device, KnobError};

/// Largest body of an order.
const BODY_MAX: usize = 256 * 1024;

pub(super) fn router(devices: Devices) -> Router {
    Router::new()
        .route("/devices", get(list))
        .route("/devices/printer/paper.png", get(paper))
        .route("/devices/printer/receipts", get(receipts))
        .route("/devices/printer/receipts/{file}", get(receipt))
        .route("/devices/{name}", get(state))
        .route("/devices/{name}/exchanges", get(exchanges))
        .route("/devices/{name}/{action}", post(act))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is no such address".into()) })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(devices)
}

/// An error as JSON: `{"error": TEXT}`.
pub(super) fn problem(status: StatusCode, text: String) -> Response {
    (status, Json(json!({ "error": text }))).into_response()
}

fn no_device(devices: &Devices, name: &str) -> Response {
    let names: Vec<&str> = devices.all().iter().map(|device| device.name()).collect();
    problem(StatusCode::NOT_FOUND, format!("there is no device {name:?}; there are: {}", names.join(", ")))
}

fn described(device: &Arc<dyn Device>) -> Value {
    let (open, accepted) = device.plug().connections();
    let mut state = device.state();
    if let Value::Object(fields) = &mut state {
        fields.insert("name".into(), device.name().into());
        fields.insert("address".into(), device.plug().address().to_string().into());
        fields.insert("plugged".into(), device.plug().is_in().into());
        fields.insert("connections".into(), json!({ "open": open, "accepted": accepted }));
    }
    state
}

async fn list(State(devices): State<Devices>) -> Response {
    let all: Vec<Value> = devices
        .all()
        .iter()
        .map(|device| {
            json!({
                "name": device.name(), "address": device.plug().address().to_string(),
                "plugged": device.plug().is_in(), "faults": device.knobs(),
            })
        })
        .collect();
    Json(json!({ "devices": all })).into_response()
}

async fn state(State(devices): State<Devices>, Path(name): Path<String>) -> Response {
    match devices.named(&name) {
        Some(device) => Json(described(&device)).into_response(),
        None => no_device(&devices, &name),
    }
}

async fn exchanges(State(devices): State<Devices>, Path(name): Path<String>) -> Response {
    match devices.named(&name) {
        Some(device) => Json(json!({ "exchanges": device.exchanges().list() })).into_response(),
        None => no_device(&devices, &name),
    }
}

async fn act(State(devices): State<Devices>, Path((name, action)): Path<(String, String)>, body: Bytes) -> Response {
    let Some(device) = devices.named(&name) else { return no_device(&devices, &name) };
    let order: Value = match serde_json::from_slice(if body.is_empty() { b"null" } else { &body }) {
        Ok(order) => order,
        Err(error) => return problem(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}")),
    };
    device.exchanges().event(format!("control: {action} {order}"));
    match carry_out(&device, &action, order).await {
        Ok(()) => Json(described(&device)).into_response(),
        Err(Problem::NoAction) => problem(
            StatusCode::NOT_FOUND,
            format!("there is no action {action:?}; there are: fault, clear, set, load, unplug, plug"),
        ),
        Err(Problem::Knob(error)) => {
            let names: Vec<&str> = device.knobs().iter().map(|knob| knob.name).collect();
            let body = json!({ "error": error.to_string(), "faults": names });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

enum Problem {
    NoAction,
    Knob(KnobError),
}

async fn carry_out(device: &Arc<dyn Device>, action: &str, order: Value) -> Result<(), Problem> {
    let named = order.get("fault").and_then(Value::as_str).map(str::to_owned);
    match (action, named.as_deref()) {
        ("unplug", _) | ("fault", Some("unplug")) => device.plug().unplug().await,
        ("plug", _) | ("fault", Some("plug")) | ("clear", Some("unplug")) => device.plug().insert().await,
        ("fault", _) => device.fault(order).map_err(Problem::Knob)?,
        ("clear", which) => device.clear(which),
        ("set" | "load", _) => device.set(order).map_err(Problem::Knob)?,
        _ => return Err(Problem::NoAction),
    }
    Ok(())
}

fn png(file: Vec<u8>) -> Response {
    let headers =
        [(CONTENT_TYPE, HeaderValue::from_static("image/png")), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (headers, file).into_response()
}

/// Pictures of long receipts take a while to pack; not on a thread that others wait for.
async fn packed(work: impl FnOnce() -> Option<Vec<u8>> + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(Some(file)) => png(file),
        _ => {
            problem(StatusCode::NOT_FOUND, "there is no such receipt; GET /devices/printer/receipts lists them".into())
        }
    }
}

async fn paper(State(devices): State<Devices>) -> Response {
    match devices.printer.clone() {
        Some(printer) => packed(move || Some(printer.paper_png())).await,
        None => no_device(&devices, "printer"),
    }
}

async fn receipts(State(devices): State<Devices>) -> Response {
    match &devices.printer {
        Some(printer) => Json(printer.receipts()).into_response(),
        None => no_device(&devices, "printer"),
    }
}

async fn receipt(State(devices): State<Devices>, Path(file): Path<String>) -> Response {
    let Some(printer) = devices.printer.clone() else { return no_device(&devices, "printer") };
    let number = file.strip_suffix(".png").and_then(|number| number.parse().ok());
    packed(move || printer.receipt_png(number?)).await
}
