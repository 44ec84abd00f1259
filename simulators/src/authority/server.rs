//! The authority's HTTP side: which request is which. The answers are OpenSSL's.
//!
//! Documents: RFC 3161, section 3.4 (stamps over HTTP); RFC 6960, appendix A (OCSP over HTTP); RFC 5280, section 4.2.1.13
//! (lists) and RFC 2585, section 4 (media types of lists and certificates).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, server::conn::http1};
use hyper_util::rt::{TokioIo, TokioTimer};

use super::fault::{Does, Fault};
use super::openssl::OpenSslError;
use super::{Inner, TSA};
use crate::exchange::Direction;
use crate::plug::Wire;

/// Largest request taken, bytes; one for a stamp has about 70, one for a certificate about 100.
const REQUEST_MAX: usize = 64 << 10;
/// A request that is not whole by then is refused.
const WHOLE_WITHIN: Duration = Duration::from_secs(10);
/// Random bytes of a broken answer.
const NOISE: usize = 300;
/// `TimeStampResp` without a stamp: rejection (2), `systemFailure` (25) (RFC 3161, section 2.4.2).
const REJECTION: &[u8] = &[0x30, 0x0c, 0x30, 0x0a, 0x02, 0x01, 0x02, 0x03, 0x05, 0x06, 0x00, 0x00, 0x00, 0x40];
/// `OCSPResponse` of one status (RFC 6960, section 4.2.1).
const MALFORMED: &[u8] = &[0x30, 0x03, 0x0a, 0x01, 0x01];
const INTERNAL_ERROR: &[u8] = &[0x30, 0x03, 0x0a, 0x01, 0x02];
const TRY_LATER: &[u8] = &[0x30, 0x03, 0x0a, 0x01, 0x03];

type Answer = Response<Full<Bytes>>;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Stamp,
    Status,
    /// Of the root or of the issuing authority.
    List(&'static str),
}

impl Service {
    /// Media types of question and answer.
    fn types(self) -> (&'static str, &'static str) {
        match self {
            Self::Stamp => ("application/timestamp-query", "application/timestamp-reply"),
            Self::Status => ("application/ocsp-request", "application/ocsp-response"),
            Self::List(_) => ("", "application/pkix-crl"),
        }
    }

    fn is_hit_by(self, fault: Fault) -> Option<Does> {
        match (self, fault) {
            (Self::Stamp, Fault::Tsa { does })
            | (Self::Status, Fault::Ocsp { does })
            | (Self::List(_), Fault::Crl { does }) => Some(does),
            _ => None,
        }
    }
}

/// Serves one connection.
pub(super) async fn serve(inner: Arc<Inner>, wire: Wire) {
    let service = service_fn(move |request| answer(Arc::clone(&inner), request));
    // Errors here are the client's going.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(WHOLE_WITHIN)
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

async fn answer(inner: Arc<Inner>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    inner.exchanges.note(Direction::In, 0, format!("{method} {path}"));
    let answer = route(&inner, request).await;
    inner.exchanges.note(Direction::Out, 0, format!("{} to {method} {path}", answer.status()));
    Ok(answer)
}

async fn route(inner: &Arc<Inner>, request: Request<Incoming>) -> Answer {
    let service = match (request.method(), request.uri().path()) {
        (&Method::POST, "/tsa") => Service::Stamp,
        (&Method::POST, "/ocsp") => Service::Status,
        (&Method::GET, "/root.crl") => Service::List("root"),
        (&Method::GET, "/issuing.crl") => Service::List("issuing"),
        (&Method::GET, path @ ("/root.cer" | "/issuing.cer")) => {
            return match std::fs::read(inner.folder.at(path.trim_start_matches('/'))) {
                Ok(der) => whole("application/pkix-cert", der),
                Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, format!("no certificate: {error}")),
            };
        }
        (_, "/tsa" | "/ocsp" | "/root.crl" | "/issuing.crl" | "/root.cer" | "/issuing.cer") => {
            return text(StatusCode::METHOD_NOT_ALLOWED, "POST to /tsa and /ocsp, GET of lists and certificates");
        }
        _ => {
            return text(
                StatusCode::NOT_FOUND,
                "there are /tsa, /ocsp, /root.crl, /issuing.crl, /root.cer, /issuing.cer",
            );
        }
    };
    let (question, media_type) = service.types();
    let body = match request.method() {
        &Method::POST => match body(request, question).await {
            Ok(body) => body,
            Err(refusal) => return *refusal,
        },
        _ => Bytes::new(),
    };
    let does = |inner: &Inner| inner.faults.borrow().find(|fault| service.is_hit_by(*fault));
    if does(inner) == Some(Does::Silent) {
        let mut faults = inner.faults.subscribe();
        // The sender lives in `inner`, so this cannot fail.
        let _ = faults.wait_for(|faults| faults.find(|fault| service.is_hit_by(*fault)) != Some(Does::Silent)).await;
    }
    let made = match (does(inner), service) {
        (Some(Does::Broken), _) => Ok(inner.noise(NOISE)),
        (Some(Does::Refuse), Service::Stamp) => Ok(REJECTION.to_vec()),
        (Some(Does::Refuse), Service::Status) => Ok(TRY_LATER.to_vec()),
        (Some(Does::Refuse), Service::List(_)) => {
            return text(StatusCode::SERVICE_UNAVAILABLE, "there is no list now");
        }
        (_, Service::Stamp) => stamp(inner, &body).await,
        (_, Service::Status) => status(inner, &body).await,
        (_, Service::List(of)) => list(inner, of).await,
    };
    made.map_or_else(
        |error| text(StatusCode::INTERNAL_SERVER_ERROR, problem(inner, error)),
        |der| whole(media_type, der),
    )
}

/// The whole body, of the type that the service wants.
async fn body(request: Request<Incoming>, wanted: &str) -> Result<Bytes, Box<Answer>> {
    let refuse = |status, why: String| Err(Box::new(text(status, why)));
    let given = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !given.eq_ignore_ascii_case(wanted.as_bytes()) {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("the request's type must be {wanted}"));
    }
    let body = Limited::new(request.into_body(), REQUEST_MAX).collect();
    match tokio::time::timeout(WHOLE_WITHIN, body).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => refuse(StatusCode::PAYLOAD_TOO_LARGE, format!("requests have at most {REQUEST_MAX} bytes")),
        Err(_) => refuse(StatusCode::REQUEST_TIMEOUT, "the request did not come in time".into()),
    }
}

/// What it answers to a request that makes no sense is OpenSSL's, too.
async fn stamp(inner: &Inner, request: &[u8]) -> Result<Vec<u8>, OpenSslError> {
    // OpenSSL reads the number of the stamp before and writes the next one. The file is only this stamp's, so that several
    // can be made at a time, and one that is broken off spoils nothing.
    let number = inner.folder.next_stamp()?;
    let serial = format!("private/{TSA}-{number}.serial");
    inner.folder.write(&serial, format!("{:016X}\n", number - 1).as_bytes())?;
    let _gone = Gone(inner.folder.at(&serial));
    inner.openssl.run_with_serial(&["ts", "-reply", "-queryfile", "/dev/stdin"], request, &serial).await
}

/// A file that goes with its use, also when the client does.
struct Gone(std::path::PathBuf);

impl Drop for Gone {
    fn drop(&mut self) {
        // It may never have been there.
        let _ = std::fs::remove_file(&self.0);
    }
}

async fn status(inner: &Inner, request: &[u8]) -> Result<Vec<u8>, OpenSslError> {
    let list = ["ocsp", "-index", "issuing.index", "-CA", "issuing.pem", "-ndays", "1"];
    let signer = ["-rsigner", "ocsp.pem", "-rkey", "private/ocsp.key", "-reqin", "-", "-respout", "-"];
    match inner.openssl.run(&[&list[..], &signer[..]].concat(), request).await {
        Err(OpenSslError::Failed { said, .. }) if said.contains("Error reading OCSP request") => Ok(MALFORMED.to_vec()),
        Err(error) => {
            problem(inner, error);
            Ok(INTERNAL_ERROR.to_vec())
        }
        made => made,
    }
}

async fn list(inner: &Arc<Inner>, of: &'static str) -> Result<Vec<u8>, OpenSslError> {
    let inner = Arc::clone(inner);
    // Made to its end, also if who has asked goes away: OpenSSL writes down the list's number in two steps, and one that is
    // killed between them leaves an authority that makes no list any more.
    let made = tokio::spawn(async move {
        let _one = inner.lists.lock().await;
        let pem = inner.openssl.run(&["ca", "-gencrl", "-name", of], b"").await?;
        inner.openssl.run(&["crl", "-outform", "DER"], &pem).await
    });
    made.await.unwrap_or_else(|error| Err(OpenSslError::Io(std::io::Error::other(error))))
}

/// The whole chain of an error of ours, also for the log.
fn problem(inner: &Inner, error: OpenSslError) -> String {
    let said = format!("{:#}", anyhow::Error::from(error));
    inner.exchanges.event(said.clone());
    said
}

fn whole(media_type: &'static str, content: Vec<u8>) -> Answer {
    let mut answer = Response::new(Full::new(content.into()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn text(status: StatusCode, why: impl Into<String>) -> Answer {
    let mut answer = whole("text/plain; charset=utf-8", why.into().into_bytes());
    *answer.status_mut() = status;
    answer
}
