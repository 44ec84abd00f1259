//! Blobs over HTTP, each request with `Authorization: Bearer TOKEN`:
//! `GET /v1/blobs/{id}`: the bytes of a blob, also while it is still growing; `DELETE /v1/blobs/{id}`: throw it away
//! before the session ends; `POST /v1/blobs`: a document or picture of the page's own, to be printed or shown.

use std::task::Poll;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::ATTACHMENTS_MAX;
use kiosk_protocol::session::SessionToken;

use super::Api;
use super::door::{Origin, readable_by};
use crate::store::blobs::Writer;

/// A client must take the next bytes within this.
const TAKE_WITHIN: Duration = Duration::from_secs(30);
/// Longest blob that a client may send, bytes: what a request to a device may have attached.
const UPLOAD_MAX: u64 = ATTACHMENTS_MAX as u64;
/// The first bytes of what may be sent: ISO 32000-1, 7.5.2; ISO/IEC 10918-1, B.1.1.3 (SOI and a marker); W3C PNG, 5.2.
const MAGIC: [(&[u8], &str); 3] =
    [(b"%PDF-", "application/pdf"), (b"\xFF\xD8\xFF", "image/jpeg"), (b"\x89PNG\r\n\x1A\n", "image/png")];
/// So many bytes tell which.
const MAGIC_BYTES: usize = 8;
const NO_SUCH_BLOB: &str = "this session has no such blob\n";

pub(super) async fn preflight(Extension(origin): Extension<Origin>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(readable_by(&origin));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, DELETE"));
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization, Content-Type"));
    response
}

pub(super) async fn get(
    State(api): State<Api>,
    Extension(origin): Extension<Origin>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let token = match token(&api, &origin, &headers) {
        Ok(token) => token,
        Err(refused) => return *refused,
    };
    let id = BlobId(id);
    let Some(mut reader) = api.hub.open_blob(&token, &id) else {
        return answer(&origin, (StatusCode::NOT_FOUND, NO_SUCH_BLOB));
    };
    let mut response =
        Response::builder().header(header::CACHE_CONTROL, "no-store").header(header::CONTENT_TYPE, reader.media_type());
    if let Some(length) = reader.length() {
        response = response.header(header::CONTENT_LENGTH, length);
    }
    // Of one that still grows nobody knows the end. (A copy is whole before anybody hears of it.)
    let mut left = reader.length().unwrap_or(u64::MAX);
    let pieces = futures_util::stream::poll_fn({
        let (send, mut receive) = tokio::sync::mpsc::channel(2);
        tokio::spawn(async move {
            loop {
                let piece = reader.next().await.transpose();
                let Some(piece) = piece else { return };
                let broken = piece.is_err();
                // A client that takes nothing for so long has its connection cut.
                let taken = tokio::time::timeout(TAKE_WITHIN, send.send(piece)).await;
                if !matches!(taken, Ok(Ok(()))) || broken {
                    return;
                }
            }
        });
        move |cx| {
            let polled = receive.poll_recv(cx);
            if let Poll::Ready(Some(Ok(piece))) = &polled {
                left = left.saturating_sub(piece.len() as u64);
                if left == 0 {
                    api.hub.blob_was_taken(&token, &id);
                }
            }
            polled
        }
    });
    let mut response = response.body(Body::from_stream(pieces)).unwrap_or_else(|error| {
        tracing::error!(%error, "a blob has a media type that is not one");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    response.headers_mut().extend(readable_by(&origin));
    response
}

pub(super) async fn delete(
    State(api): State<Api>,
    Extension(origin): Extension<Origin>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match token(&api, &origin, &headers) {
        Ok(token) if api.hub.drop_blob(&token, &BlobId(id)) => answer(&origin, StatusCode::NO_CONTENT),
        Ok(_) => answer(&origin, (StatusCode::NOT_FOUND, NO_SUCH_BLOB)),
        Err(refused) => *refused,
    }
}

pub(super) async fn post(
    State(api): State<Api>,
    Extension(origin): Extension<Origin>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let token = match token(&api, &origin, &headers) {
        Ok(token) => token,
        Err(refused) => return *refused,
    };
    match store(&api, &token, body).await {
        Ok(blob) => answer(&origin, (StatusCode::CREATED, axum::Json(serde_json::json!({ "blob": blob })))),
        Err((status, failure)) => {
            let body = kiosk_protocol::error::ErrorBody::from(failure);
            answer(&origin, (status, axum::Json(serde_json::json!({ "error": body }))))
        }
    }
}

/// Puts a request's body into the store, if its first bytes are those of a kind of file that a device takes.
async fn store(api: &Api, token: &SessionToken, body: Body) -> Result<BlobId, (StatusCode, Failure)> {
    let refused = |failure: Failure| {
        let status = match failure.code {
            ErrorCode::NotPermitted => StatusCode::UNAUTHORIZED,
            ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::Unreadable => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            ErrorCode::Timeout => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        };
        (status, failure)
    };
    let (mut pieces, mut head, mut writer, mut bytes) = (body.into_data_stream(), Vec::new(), None, 0);
    loop {
        let late = |_| Failure::new(ErrorCode::Timeout, "the bytes of the blob came too slowly");
        let piece = tokio::time::timeout(TAKE_WITHIN, pieces.next()).await.map_err(late).map_err(refused)?;
        let Some(piece) = piece else { break };
        let broken = |_| Failure::invalid("body", "the body of the request broke off");
        let piece = piece.map_err(broken).map_err(refused)?;
        bytes += piece.len() as u64;
        if bytes > UPLOAD_MAX {
            let detail = format!("a blob may have {} MiB at most", UPLOAD_MAX >> 20);
            return Err(refused(Failure::new(ErrorCode::TooLarge, detail)));
        }
        head.extend_from_slice(&piece);
        if writer.is_none() && head.len() >= MAGIC_BYTES {
            writer = Some(begin(api, token, &head).map_err(refused)?);
        }
        if let Some(writer) = &writer {
            writer.append(std::mem::take(&mut head)).map_err(refused)?;
        }
    }
    let Some(writer) = writer else { return Err(refused(unknown_media())) };
    let blob = writer.id().clone();
    writer.finish();
    Ok(blob)
}

fn begin(api: &Api, token: &SessionToken, head: &[u8]) -> Result<Writer, Failure> {
    let known = MAGIC.iter().find(|(magic, _)| head.starts_with(magic));
    let (_, media_type) = known.ok_or_else(unknown_media)?;
    api.hub.create_blob(token, media_type)
}

fn unknown_media() -> Failure {
    Failure::new(ErrorCode::Unreadable, "this is no PDF, JPEG or PNG file")
}

/// The session's token, or the refusal of a request that has none.
fn token(api: &Api, origin: &Origin, headers: &HeaderMap) -> Result<SessionToken, Box<Response>> {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    token.map(|token| SessionToken(token.to_owned())).ok_or_else(|| {
        api.metrics.refused("blob_token");
        let refusal = (StatusCode::UNAUTHORIZED, "send the session's token as `Authorization: Bearer …`\n");
        Box::new(answer(origin, refusal))
    })
}

fn answer(origin: &Origin, response: impl IntoResponse) -> Response {
    let mut response = response.into_response();
    response.headers_mut().extend(readable_by(origin));
    response
}
