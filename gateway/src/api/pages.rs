//! The pages that the gateway serves, from inside its own program: `web/` at `/`, the client package at `/client/`.

use axum::Extension;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::Api;
use super::door::{self, Origin};

#[derive(RustEmbed)]
#[folder = "web/"]
struct Web;

#[derive(RustEmbed)]
#[folder = "../protocol/client/"]
#[include = "*.js"]
#[include = "*.d.ts"]
#[exclude = "test/*"]
#[exclude = "testing/*"]
struct Client;

pub(super) async fn page(Extension(origin): Extension<Origin>, uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        "officer" => "officer.html",
        "verify" => "verify.html",
        path => path,
    };
    file(path, &origin)
}

/// A file of the pages or of the client package.
pub(super) fn file(path: &str, origin: &Origin) -> Response {
    let file = match path.strip_prefix("client/") {
        Some(path) => Client::get(path),
        None => Web::get(path),
    };
    let Some(file) = file else { return (StatusCode::NOT_FOUND, "there is no such page\n").into_response() };
    let media_type = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "text/plain; charset=utf-8",
    };
    let mut response =
        ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, "no-cache")], file.data).into_response();
    if path.starts_with("client/") {
        // A page of an allowed origin may load the client from here.
        response.headers_mut().extend(door::readable_by(origin));
    }
    response
}

/// Where the demo's simulators are; not found outside the demo.
pub(super) async fn demo(State(api): State<Api>) -> Response {
    match api.demo {
        Some(demo) => axum::Json(&*demo).into_response(),
        None => (StatusCode::NOT_FOUND, "this is not the demo\n").into_response(),
    }
}
