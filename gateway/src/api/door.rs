//! The door: before anything else, who is asking? `Host` must be exactly one of this gateway's names, `Origin` exactly
//! one of the allowed ones. No wildcard, no prefix, no suffix, no case folding. A refusal says why in the log.

use std::net::SocketAddr;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Api;

/// The names and origins that are let in.
#[derive(Debug)]
pub(crate) struct Door {
    hosts: Vec<String>,
    origins: Vec<String>,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No `Host`, several, or not one of ours.
    Host,
    /// Several `Origin`s, one that is not allowed, or none where one is needed.
    Origin,
}

impl Door {
    /// Lets in pages of this gateway and of the configured origins.
    pub(crate) fn new(address: SocketAddr, origins: &[String]) -> Self {
        let port = address.port();
        let hosts = vec![format!("127.0.0.1:{port}"), format!("localhost:{port}"), format!("[::1]:{port}")];
        let own = hosts.iter().map(|host| format!("http://{host}"));
        Self { origins: own.chain(origins.iter().cloned()).collect(), hosts }
    }

    /// Checks `Host`, and `Origin` where there is one.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
        let host = only(headers, header::HOST).map_err(|()| Refusal::Host)?.ok_or(Refusal::Host)?;
        if !self.hosts.iter().any(|ours| ours.as_bytes() == host.as_bytes()) {
            return Err(Refusal::Host);
        }
        let origin = only(headers, header::ORIGIN).map_err(|()| Refusal::Origin)?;
        match origin {
            Some(origin) if !self.origins.iter().any(|ours| ours.as_bytes() == origin.as_bytes()) => {
                Err(Refusal::Origin)
            }
            origin => Ok(origin.cloned()),
        }
    }
}

/// The only value of a header; an error if there are several.
fn only(headers: &HeaderMap, name: header::HeaderName) -> Result<Option<&HeaderValue>, ()> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() { Err(()) } else { Ok(first) }
}

/// The origin of a request that was let in, for handlers that need one.
#[derive(Clone)]
pub(crate) struct Origin(pub(crate) Option<HeaderValue>);

/// Headers with which a page of an allowed origin that is not our own may read the answer.
pub(crate) fn readable_by(origin: &Origin) -> Vec<(HeaderName, HeaderValue)> {
    let Some(origin) = &origin.0 else { return Vec::new() };
    vec![
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone()),
        (header::VARY, HeaderValue::from_static("Origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin")),
    ]
}

/// Runs before every handler.
pub(crate) async fn check(State(api): State<Api>, mut request: Request, next: Next) -> Response {
    // An absolute-form target names a host of its own, which nobody checked.
    if request.uri().authority().is_some() {
        return refuse(&api, Refusal::Host, &request);
    }
    match api.door.admit(request.headers()) {
        Ok(origin) => {
            request.extensions_mut().insert(Origin(origin));
            let mut response = next.run(request).await;
            harden(&api, response.headers_mut());
            response
        }
        Err(refusal) => refuse(&api, refusal, &request),
    }
}

fn refuse(api: &Api, refusal: Refusal, request: &Request) -> Response {
    let text = |name| {
        request
            .headers()
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).chars().take(200).collect::<String>())
            .collect::<Vec<_>>()
    };
    let (host, origin) = (text(header::HOST), text(header::ORIGIN));
    match refusal {
        Refusal::Host => {
            tracing::warn!(?host, ?origin, allowed = ?api.door.hosts, "refused a request: its Host is not one of this gateway's names");
            api.metrics.refused("host");
            (StatusCode::MISDIRECTED_REQUEST, "this is not a name of this gateway\n").into_response()
        }
        Refusal::Origin => {
            tracing::warn!(?host, ?origin, allowed = ?api.door.origins, "refused a request: its Origin is not allowed; add it to server.origins if it should be");
            api.metrics.refused("origin");
            (StatusCode::FORBIDDEN, "this origin is not allowed to use this gateway\n").into_response()
        }
    }
}

/// Headers of every answer.
fn harden(api: &Api, headers: &mut HeaderMap) {
    let sources = api.demo.as_ref().map(|demo| format!(" {}", demo.simulators)).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:{sources}; \
         connect-src 'self'{sources}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry("cross-origin-resource-policy").or_insert(HeaderValue::from_static("same-origin"));
}
