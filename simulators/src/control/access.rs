//! Who may use the control port: programs on this machine, and web pages of one named origin.
//! The Host header is checked exactly, so that no name that was bent to 127.0.0.1 gets in.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, HOST, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};

use super::routes::problem;

/// The rules.
#[derive(Debug, Clone)]
pub(super) struct Access {
    hosts: [String; 2],
    origin: Option<String>,
}

impl Access {
    pub(super) fn new(port: u16, origin: Option<String>) -> Self {
        Self { hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")], origin }
    }
}

/// Puts the rules before every route.
pub(super) fn guard(router: Router, access: Access) -> Router {
    router.layer(middleware::from_fn_with_state(access, check))
}

/// Why a request with these headers is not let in.
fn refusal(access: &Access, headers: &HeaderMap) -> Option<Response> {
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    if !host.is_some_and(|host| access.hosts.iter().any(|known| known.as_bytes() == host)) {
        let hosts = access.hosts.join(" or ");
        return Some(problem(StatusCode::MISDIRECTED_REQUEST, format!("the Host must be {hosts}")));
    }
    // A page's request names its origin; one that is not allowed must not even turn a knob.
    let origin = headers.get(ORIGIN)?.as_bytes();
    if access.origin.as_ref().is_some_and(|known| known.as_bytes() == origin) {
        return None;
    }
    Some(problem(StatusCode::FORBIDDEN, "this origin is not allowed; start with --allow-origin ORIGIN".into()))
}

async fn check(State(access): State<Access>, request: Request, next: Next) -> Response {
    if let Some(refused) = refusal(&access, request.headers()) {
        return refused;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let mut response = if origin.is_some() && request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(VARY, HeaderValue::from_static("Origin"));
    }
    response
}
