//! The control port's requests, each a few lines: what they mean is the devices' matter.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};

use super::Devices;
use crate::device::{Device, Knob, KnobError, Sight};

/// Largest body of an order.
const BODY_MAX: usize = 256 * 1024;

pub(super) fn router(devices: Devices) -> Router {
    Router::new()
        .route("/devices", get(list))
        .route("/devices/{name}", get(state))
        .route("/devices/{name}/{what}", get(look).post(act))
        .route("/devices/{name}/{what}/{part}", get(look_at_part))
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "there is no such address".into()) })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(devices)
}

/// An error as JSON: `{"error": TEXT}`.
pub(super) fn problem(status: StatusCode, text: String) -> Response {
    (status, Json(json!({ "error": text }))).into_response()
}

fn no_device(devices: &Devices, name: &str) -> Response {
    let names: Vec<&str> = devices.all().map(|device| device.name()).collect();
    problem(StatusCode::NOT_FOUND, format!("there is no device {name:?}; there are: {}", names.join(", ")))
}

fn described(device: &dyn Device) -> Value {
    let cable = device.cable();
    let mut state = device.state();
    if let (Value::Object(fields), Value::Object(of_cable)) = (&mut state, cable.state()) {
        fields.insert("name".into(), device.name().into());
        fields.insert("address".into(), cable.address().into());
        fields.insert("plugged".into(), cable.is_in().into());
        for (key, value) in of_cable {
            match (fields.get_mut(&key), value) {
                (Some(Value::Array(faults)), Value::Array(more)) => faults.extend(more),
                (_, value) => drop(fields.insert(key, value)),
            }
        }
    }
    state
}

fn knobs(device: &dyn Device) -> impl Iterator<Item = &'static Knob> {
    device.knobs().iter().chain(device.cable().knobs())
}

async fn list(State(devices): State<Devices>) -> Response {
    let all: Vec<Value> = devices
        .all()
        .map(|device| {
            json!({
                "name": device.name(), "address": device.cable().address(), "plugged": device.cable().is_in(),
                "faults": knobs(&**device).collect::<Vec<_>>(),
            })
        })
        .collect();
    Json(json!({ "devices": all })).into_response()
}

async fn state(State(devices): State<Devices>, Path(name): Path<String>) -> Response {
    match devices.named(&name) {
        Some(device) => Json(described(&*device)).into_response(),
        None => no_device(&devices, &name),
    }
}

async fn look(State(devices): State<Devices>, Path((name, what)): Path<(String, String)>) -> Response {
    match devices.named(&name) {
        Some(device) if what == "exchanges" => Json(json!({ "exchanges": device.exchanges().list() })).into_response(),
        Some(device) => seen(device, what).await,
        None => no_device(&devices, &name),
    }
}

async fn look_at_part(
    State(devices): State<Devices>,
    Path((name, what, part)): Path<(String, String, String)>,
) -> Response {
    match devices.named(&name) {
        Some(device) => seen(device, format!("{what}/{part}")).await,
        None => no_device(&devices, &name),
    }
}

/// Pictures of long receipts take a while to pack; not on a thread that others wait for.
async fn seen(device: Arc<dyn Device>, what: String) -> Response {
    let asked = what.clone();
    match tokio::task::spawn_blocking(move || device.look(&asked)).await {
        Ok(Some(Sight::Facts(facts))) => Json(facts).into_response(),
        Ok(Some(Sight::Picture(file))) => {
            let png = (CONTENT_TYPE, HeaderValue::from_static("image/png"));
            ([png, (CACHE_CONTROL, HeaderValue::from_static("no-store"))], file).into_response()
        }
        _ => problem(StatusCode::NOT_FOUND, format!("the device has nothing to show that is called {what:?}")),
    }
}

async fn act(State(devices): State<Devices>, Path((name, action)): Path<(String, String)>, body: Bytes) -> Response {
    let Some(device) = devices.named(&name) else { return no_device(&devices, &name) };
    let order: Value = match serde_json::from_slice(if body.is_empty() { b"null" } else { &body }) {
        Ok(order) => order,
        Err(error) => return problem(StatusCode::BAD_REQUEST, format!("the body is not JSON: {error}")),
    };
    device.exchanges().event(format!("control: {action} {order}"));
    match carry_out(&*device, &action, order).await {
        Ok(()) => Json(described(&*device)).into_response(),
        Err(Problem::NoAction) => problem(
            StatusCode::NOT_FOUND,
            format!("there is no action {action:?}; there are: fault, clear, set, load, unplug, plug, replug"),
        ),
        Err(Problem::Knob(error)) => {
            let all: Vec<&str> = knobs(&*device).map(|knob| knob.name).collect();
            let body = json!({ "error": error.of(&all).to_string(), "faults": all });
            (StatusCode::BAD_REQUEST, Json(body)).into_response()
        }
    }
}

enum Problem {
    NoAction,
    Knob(KnobError),
}

async fn carry_out(device: &dyn Device, action: &str, mut order: Value) -> Result<(), Problem> {
    let (cable, named) = (device.cable(), order.get("fault").and_then(Value::as_str).map(str::to_owned));
    let action = match (action, named.as_deref()) {
        ("fault", Some(fault @ ("unplug" | "plug" | "replug"))) => fault.to_owned(),
        ("clear", Some("unplug")) => "plug".to_owned(),
        (action, _) => action.to_owned(),
    };
    if matches!(action.as_str(), "plug" | "replug")
        && let Value::Object(fields) = &mut order
    {
        fields.remove("fault");
    }
    match action.as_str() {
        "unplug" => cable.unplug().await,
        "plug" => cable.insert(order).await.map_err(Problem::Knob)?,
        "replug" => {
            cable.unplug().await;
            cable.insert(order).await.map_err(Problem::Knob)?;
        }
        "fault" if named.as_deref().is_some_and(|name| is_of_cable(device, name)) => {
            cable.fault(order).map_err(Problem::Knob)?;
        }
        "fault" => device.fault(order).map_err(Problem::Knob)?,
        "clear" => {
            device.clear(named.as_deref());
            cable.clear(named.as_deref());
        }
        "set" | "load" => device.set(order).map_err(Problem::Knob)?,
        _ => return Err(Problem::NoAction),
    }
    Ok(())
}

/// A device's own fault goes before one of its cable; a name that neither has is the device's to refuse, unless the cable
/// knows it by another name.
fn is_of_cable(device: &dyn Device, fault: &str) -> bool {
    let known = |knobs: &[Knob], name: &str| knobs.iter().any(|knob| knob.name == name);
    let of_cable = device.cable().knobs();
    !known(device.knobs(), fault) && known(of_cable, crate::usb::fault::canonical(fault))
}
