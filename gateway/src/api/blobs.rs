//! `GET /v1/blobs/{id}` with `Authorization: Bearer TOKEN`: the bytes of a blob, also while it is still growing.

use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::session::SessionToken;

use super::Api;
use super::door::{Origin, readable_by};

/// A client must take the next bytes within this.
const TAKE_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn preflight(Extension(origin): Extension<Origin>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    response.headers_mut().extend(readable_by(&origin));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET"));
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Authorization"));
    response
}

pub(super) async fn get(
    State(api): State<Api>,
    Extension(origin): Extension<Origin>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(|token| SessionToken(token.to_owned()));
    let Some(token) = token else {
        api.metrics.refused("blob_token");
        let mut response =
            (StatusCode::UNAUTHORIZED, "send the session's token as `Authorization: Bearer …`\n").into_response();
        response.headers_mut().extend(readable_by(&origin));
        return response;
    };
    let Some(mut reader) = api.hub.open_blob(&token, &BlobId(id)) else {
        let mut response = (StatusCode::NOT_FOUND, "this session has no such blob\n").into_response();
        response.headers_mut().extend(readable_by(&origin));
        return response;
    };
    let mut response =
        Response::builder().header(header::CACHE_CONTROL, "no-store").header(header::CONTENT_TYPE, reader.media_type());
    if let Some(length) = reader.length() {
        response = response.header(header::CONTENT_LENGTH, length);
    }
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
        move |cx| receive.poll_recv(cx)
    });
    let mut response = response.body(Body::from_stream(pieces)).unwrap_or_else(|error| {
        tracing::error!(%error, "a blob has a media type that is not one");
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    });
    response.headers_mut().extend(readable_by(&origin));
    response
}
