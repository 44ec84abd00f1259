//! The scanner's HTTP side: which request is which, and which status answers what (eSCL 2.97, chapter 8).

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use futures_util::StreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, Limited, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LOCATION, CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt;

use super::fault::{Fault, Garbage};
use super::job::JobState;
use super::settings::{MAX_SETTINGS_BYTES, Settings, SettingsError};
use super::state::Refusal;
use super::{Inner, body, documents, page};
use crate::exchange::Direction;
use crate::plug::Wire;

/// Bytes that HTTP may hold back before the wire; little, so that a page that breaks off loses little more.
const BUFFER: usize = 32 * 1024;

type Body = BoxBody<Bytes, std::io::Error>;

/// The request gets no answer; its connection ends.
#[derive(Debug, thiserror::Error)]
#[error("the scanner does not answer")]
struct NoAnswer;

/// Serves one connection.
pub(super) async fn serve(inner: Arc<Inner>, mut wire: Wire) {
    if inner.is_garbage(Garbage::Http) {
        let noise = inner.random.lock().unwrap_or_else(PoisonError::into_inner).bytes(512);
        inner.exchanges.sent(&noise);
        // The client may be gone; that is its matter.
        let _ = wire.write_all(&noise).await;
        let _ = wire.shutdown().await;
        return;
    }
    let service = service_fn(move |request| answer(Arc::clone(&inner), request));
    // Errors here are the client's going, or a fault's doing, and both are in the exchange log already.
    let _ = http1::Builder::new()
        .title_case_headers(true)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

async fn answer(inner: Arc<Inner>, request: Request<Incoming>) -> Result<Response<Body>, NoAnswer> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    inner.exchanges.note(Direction::In, 0, format!("{method} {path}"));
    if inner.is_silent() {
        inner.until_silence_ends().await;
        return Err(NoAnswer);
    }
    if inner.is_garbage(Garbage::Http) {
        return Err(NoAnswer);
    }
    let response = route(&inner, request).await;
    inner.exchanges.note(Direction::Out, 0, format!("{} to {method} {path}", response.status()));
    Ok(response)
}

async fn route(inner: &Arc<Inner>, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let Some(path) = path.strip_prefix("/eSCL/") else { return empty(StatusCode::NOT_FOUND) };
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::GET, ["ScannerCapabilities"]) => xml(inner, documents::capabilities(&inner.serial, &inner.uuid)),
        (&Method::GET, ["ScannerStatus"]) => {
            let status = documents::status(&inner.state.borrow(), Instant::now());
            xml(inner, status)
        }
        (&Method::POST, ["ScanJobs"]) => start(inner, request).await,
        (&Method::GET, ["ScanJobs", uuid, "NextDocument"]) => next_document(inner, uuid).await,
        (&Method::GET, ["ScanJobs", uuid, "ScanImageInfo"]) => image_info(inner, uuid),
        (&Method::DELETE, ["ScanJobs", uuid]) => {
            let mut result = Ok(());
            inner.state.send_modify(|state| result = state.cancel(uuid));
            result.map_or_else(|refusal| refuse(inner, refusal, true), |()| empty(StatusCode::OK))
        }
        (_, ["ScannerCapabilities" | "ScannerStatus" | "ScanJobs"] | ["ScanJobs", ..]) => {
            empty(StatusCode::METHOD_NOT_ALLOWED)
        }
        _ => empty(StatusCode::NOT_FOUND),
    }
}

async fn start(inner: &Arc<Inner>, request: Request<Incoming>) -> Response<Body> {
    let Ok(body) = Limited::new(request.into_body(), MAX_SETTINGS_BYTES).collect().await else {
        return text(StatusCode::PAYLOAD_TOO_LARGE, format!("ScanSettings are at most {MAX_SETTINGS_BYTES} bytes"));
    };
    let body = body.to_bytes();
    inner.exchanges.received(&body);
    let settings = match Settings::read(&body) {
        Ok(settings) => settings,
        Err(error @ SettingsError::Malformed(_)) => return text(StatusCode::BAD_REQUEST, error.to_string()),
        Err(error @ SettingsError::Unsupported { .. }) => return text(StatusCode::CONFLICT, error.to_string()),
    };
    let uuid = inner.random.lock().unwrap_or_else(PoisonError::into_inner).uuid();
    let mut result = Ok(());
    inner.state.send_modify(|state| result = state.start_job(uuid.clone(), settings, Instant::now()));
    match result {
        Err(refusal) => refuse(inner, refusal, false),
        Ok(()) => {
            let mut response = empty(StatusCode::CREATED);
            let location = format!("http://{}/eSCL/ScanJobs/{uuid}", inner.plug.address());
            response.headers_mut().insert(LOCATION, header(&location));
            response
        }
    }
}

async fn next_document(inner: &Arc<Inner>, uuid: &str) -> Response<Body> {
    let mut taken = Err(Refusal::Gone);
    inner.state.send_modify(|state| taken = state.take_page(uuid, Instant::now()));
    let (side, settings) = match taken {
        Ok(taken) => taken,
        Err(refusal) => return refuse(inner, refusal, true),
    };
    // From here on the job is told how its page ended, also when the client goes while it is made.
    let wire = body::OnTheWire::new(inner, uuid);
    let media_type = settings.format.media_type();
    let made = tokio::task::spawn_blocking(move || page::render(&side, &settings)).await;
    let page = match made {
        Ok(Ok(page)) => page,
        other => {
            let problem = match other {
                Ok(Err(error)) => format!("{:#}", anyhow::Error::from(error)),
                _ => "the page could not be made".into(),
            };
            inner.exchanges.event(problem.clone());
            return text(StatusCode::INTERNAL_SERVER_ERROR, problem);
        }
    };
    let mut number = 0;
    inner.state.send_modify(|state| {
        state.page_made(uuid, &page);
        number = state.jobs.iter().find(|job| job.uuid == uuid).map_or(1, |job| job.images_completed + 1);
    });
    let garbage = inner.is_garbage(Garbage::Page);
    let plan = {
        let state = inner.state.borrow();
        let mut random = inner.random.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = if garbage {
            random.bytes(page.bytes.len()).into()
        } else if state.faults.any(|fault| matches!(fault, Fault::BadJpeg {})) {
            body::spoil(&page.bytes, &mut random)
        } else {
            page.bytes
        };
        body::Plan::new(bytes, &state.faults)
    };
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(body::page(wire, plan))));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_LOCATION, header(&format!("/eSCL/ScanJobs/{uuid}/NextDocument/{number}")));
    response
}

fn image_info(inner: &Arc<Inner>, uuid: &str) -> Response<Body> {
    let document = {
        let state = inner.state.borrow();
        let job = state.jobs.iter().find(|job| job.uuid == uuid);
        job.filter(|job| job.state != JobState::Canceled)
            .and_then(|job| job.last.map(|size| documents::image_info(job, size)))
    };
    document.map_or_else(|| empty(StatusCode::NOT_FOUND), |document| xml(inner, document))
}

/// The status of a refusal: 503 while busy, 409 when a person must act, 404 when nothing more is to come. An empty
/// feeder is a conflict for a new job and simply the end for a running one.
fn refuse(inner: &Arc<Inner>, refusal: Refusal, running: bool) -> Response<Body> {
    inner.exchanges.event(refusal.to_string());
    let status = match refusal {
        Refusal::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Empty if running => StatusCode::NOT_FOUND,
        Refusal::Stopped(_) | Refusal::Empty => StatusCode::CONFLICT,
        Refusal::Gone => StatusCode::NOT_FOUND,
    };
    let mut response = text(status, refusal.to_string());
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

fn xml(inner: &Arc<Inner>, mut document: String) -> Response<Body> {
    if inner.is_garbage(Garbage::Xml) {
        document.truncate(document.len() * 2 / 3);
        document.push_str("<scan:&broken");
    }
    let pace = body::pace(&inner.state.borrow().faults);
    let mut response = match pace.piece() {
        None => full(document.into()),
        Some((size, pause)) => {
            let pieces: Vec<Bytes> = document.as_bytes().chunks(size).map(Bytes::copy_from_slice).collect();
            let stream = futures_util::stream::iter(pieces).then(move |piece| async move {
                tokio::time::sleep(pause).await;
                Ok(Frame::data(piece))
            });
            Response::new(BodyExt::boxed(StreamBody::new(stream)))
        }
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}

fn text(status: StatusCode, message: String) -> Response<Body> {
    let mut response = full(message.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = full(Bytes::new());
    *response.status_mut() = status;
    response
}

fn full(bytes: Bytes) -> Response<Body> {
    Response::new(Full::new(bytes).map_err(|never: Infallible| match never {}).boxed())
}

fn header(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).expect("addresses and identifiers here are plain ASCII")
}
