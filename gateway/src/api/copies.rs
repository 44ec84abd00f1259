//! What anybody may ask about certified copies: what the register says of a code, whether a file is genuine, the page for both, and
//! the transparency log (c2sp.org/tlog-tiles), whose files are served as they are.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use http_body_util::LengthLimitError;
use kiosk_pades_http::Http;
use kiosk_protocol::calls::{Call, VERIFY_FILE};
use kiosk_protocol::copy::{CopyStanding, FILE_STATES_MAX, VerifiedCode};
use kiosk_protocol::device::Kind;
use kiosk_protocol::error::{ErrorBody, ErrorCode, Failure};
use kiosk_protocol::personal::PersonalText;
use kiosk_verify::{
    Evidence, Printed, RegisterEntry, RegisterSays, RegisterState, Trust, claims_key, states, verify, verify_qr,
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::Api;
use super::door::Origin;
use super::pages;

/// The signer has this long to answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(10);
/// Longest path of a file of the log.
const PATH_MAX: usize = 128;
/// Longest file that is judged, bytes.
const FILE_MAX: usize = 64 << 20;
/// Longest text of a QR code, bytes: more than the largest one can hold (ISO/IEC 18004, version 40).
const QR_MAX: usize = 8 << 10;
/// A file must be here within this.
const SENT_WITHIN: Duration = Duration::from_secs(60);
/// So many files are taken at once, 512 MiB together.
const TAKEN_AT_ONCE: usize = 8;
/// How long all authorities together may take.
const AUTHORITIES_WITHIN: Duration = Duration::from_secs(20);

/// What is there of certified copies, beside the signer.
pub struct Copies {
    /// The folder of the transparency log.
    pub log: PathBuf,
    /// Whose signatures are trusted.
    pub trust: Arc<Trust>,
    /// So many files are taken at once: each takes memory.
    taking: Arc<Semaphore>,
    /// One file at a time is judged: it takes a processor.
    judging: Arc<Semaphore>,
}

impl Copies {
    /// With this log and trust.
    pub fn new(log: PathBuf, trust: Trust) -> Self {
        let (taking, judging) = (Semaphore::new(TAKEN_AT_ONCE), Semaphore::new(1));
        Self { log, trust: Arc::new(trust), taking: Arc::new(taking), judging: Arc::new(judging) }
    }
}

/// What may be known of a file beside itself.
#[derive(Deserialize)]
pub(super) struct Besides {
    /// The verification code on the copy.
    code: Option<String>,
}

/// `GET /v1/copies/CODE`: what the register says of a verification code.
pub(super) async fn of_code(State(api): State<Api>, Path(code): Path<String>) -> Response {
    let answer = match ask(&api, &code).await {
        Ok(found) => axum::Json(found).into_response(),
        Err(failure) => refused(status(&failure), failure),
    };
    ([(header::CACHE_CONTROL, "no-store")], answer).into_response()
}

async fn ask(api: &Api, code: &str) -> Result<Value, Failure> {
    let call = Call::find("copy.verify").expect("the call is in the table");
    api.hub.ask(Kind::Signer, call, json!({ "code": code }), ANSWERED_WITHIN).await
}

/// Asks the register about a file; `None` if it has no such copy, which may be another agency's, or cannot be asked now: that
/// nobody was asked whether the copy was withdrawn is then said with the verdict.
async fn ask_for_file(api: &Api, pdf: &Bytes) -> Option<VerifiedCode> {
    let pdf = pdf.clone();
    let states = tokio::task::spawn_blocking(move || states(&pdf)).await.unwrap_or_default();
    let states: Vec<String> = states.iter().take(FILE_STATES_MAX).map(hex).collect();
    let found = api.hub.ask(Kind::Signer, &VERIFY_FILE, json!({ "states": states }), ANSWERED_WITHIN).await;
    match found.and_then(understood) {
        Ok(found) => Some(found),
        Err(failure) if failure.code == ErrorCode::NotFound => None,
        Err(failure) => {
            tracing::warn!(%failure, "the register could not be asked about a file");
            None
        }
    }
}

/// Asks the register about a code; `None` if it has no such copy.
async fn ask_for_code(api: &Api, code: &str) -> Result<Option<VerifiedCode>, Failure> {
    match ask(api, code).await {
        Ok(found) => understood(found).map(Some),
        Err(failure) if failure.code == ErrorCode::NotFound => Ok(None),
        Err(failure) => Err(failure),
    }
}

fn understood(found: Value) -> Result<VerifiedCode, Failure> {
    serde_json::from_value(found)
        .map_err(|error| Failure::new(ErrorCode::DriverFault, format!("the signer's answer is wrong: {error}")))
}

/// `POST /v1/verify?code=CODE`: whether the file in the body is a genuine copy, in words, too. The register is asked for its code,
/// or else for the file itself, so that a copy that was withdrawn is known as such.
pub(super) async fn judge(State(api): State<Api>, Query(besides): Query<Besides>, body: Body) -> Response {
    let Some(copies) = api.copies.clone() else { return no_copies() };
    let busy = || {
        let failure = Failure::new(ErrorCode::Busy, "other files are being judged: try again in a moment");
        refused(StatusCode::TOO_MANY_REQUESTS, failure)
    };
    let Ok(place) = Arc::clone(&copies.taking).try_acquire_owned() else { return busy() };
    let pdf = match tokio::time::timeout(SENT_WITHIN, to_bytes(body, FILE_MAX)).await {
        Ok(Ok(pdf)) => pdf,
        Ok(Err(error)) if error.source().is_some_and(|source| source.is::<LengthLimitError>()) => {
            let detail = format!("the file has more than {} MiB", FILE_MAX >> 20);
            return refused(StatusCode::PAYLOAD_TOO_LARGE, Failure::new(ErrorCode::TooLarge, detail));
        }
        Ok(Err(_)) => {
            let failure = Failure::new(ErrorCode::InvalidRequest, "the file broke off: send it again");
            return refused(StatusCode::BAD_REQUEST, failure);
        }
        Err(_) => {
            let failure = Failure::new(ErrorCode::Timeout, "the file came too slowly: send it again");
            return refused(StatusCode::REQUEST_TIMEOUT, failure);
        }
    };
    // Who was sent first is judged first.
    let turn = tokio::time::timeout(SENT_WITHIN, Arc::clone(&copies.judging).acquire_owned()).await;
    let Ok(Ok(turn)) = turn else { return busy() };
    let asked = match &besides.code {
        Some(code) => ask_for_code(&api, code).await,
        None => Ok(ask_for_file(&api, &pdf).await),
    };
    let register = match asked {
        Ok(register) => register,
        Err(failure) => return refused(status(&failure), failure),
    };
    let judged = tokio::task::spawn_blocking(move || {
        let _held = (turn, place);
        let sha256: [u8; 32] = Sha256::digest(&pdf).into();
        let printed = besides.code.as_deref().map(Printed::Code);
        let says = match &register {
            // Without a signed file the register speaks for none.
            Some(found) if found.standing != CopyStanding::NotSignedYet => entry(found, sha256),
            _ if printed.is_some() => RegisterSays::NotFound,
            _ => RegisterSays::NotAsked,
        };
        let evidence = Evidence { pdf: &pdf, proofs: &[], revocations: None, printed, register: says };
        let http = Http::within(AUTHORITIES_WITHIN);
        let report = verify(&evidence, &copies.trust, SystemTime::now(), Some(&http));
        serde_json::to_value(report.answer())
    });
    match judged.await {
        Ok(Ok(report)) => ([(header::CACHE_CONTROL, "no-store")], axum::Json(report)).into_response(),
        _ => refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            Failure::new(
                ErrorCode::Internal,
                "the file could not be judged; this is a fault of the program: report it",
            ),
        ),
    }
}

/// `POST /v1/qr`: whether the agency has signed the QR code whose text is the body, in words, too. The page that was opened by one
/// knows it from `/c/` on, under whatever name the gateway is reached. Whether the copy was withdrawn, the register says, which is
/// asked for the code.
pub(super) async fn qr(State(api): State<Api>, body: Body) -> Response {
    let Some(copies) = api.copies.clone() else { return no_copies() };
    let sent = tokio::time::timeout(SENT_WITHIN, to_bytes(body, QR_MAX)).await.ok().and_then(Result::ok);
    let Some(text) = sent.and_then(|bytes| String::from_utf8(bytes.into()).ok()) else {
        let detail = format!("send the text of a QR code, at most {QR_MAX} bytes");
        return refused(StatusCode::BAD_REQUEST, Failure::new(ErrorCode::InvalidRequest, detail));
    };
    let mut trust = Trust::clone(&copies.trust);
    let key = tokio::fs::read(copies.log.join("claims.pem")).await.ok().and_then(|pem| claims_key(&pem).ok());
    trust.claims_keys.extend(key);
    let text = match &trust.host {
        Some(host) if text.starts_with("/c/") => format!("https://{host}{text}"),
        _ => text,
    };
    let report = verify_qr(&text, None, &trust, SystemTime::now());
    ([(header::CACHE_CONTROL, "no-store")], axum::Json(report.answer())).into_response()
}

fn refused(status: StatusCode, failure: Failure) -> Response {
    (status, axum::Json(json!({ "error": ErrorBody::from(failure) }))).into_response()
}

fn no_copies() -> Response {
    let detail = "this gateway has no certified copies ([copies])";
    refused(StatusCode::NOT_FOUND, Failure::new(ErrorCode::UnknownDevice, detail))
}

/// What the register says, as the judge takes it. Of a copy's files the one that was handed in counts, if it is one of them.
fn entry(found: &VerifiedCode, sha256: [u8; 32]) -> RegisterSays<'_> {
    let time = |ms: i64| UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0));
    let own = hex(&sha256);
    let known = found.file_sha256.iter().find(|file| **file == own).map(|_| sha256);
    let first = || found.file_sha256.first().and_then(|file| from_hex(file));
    RegisterSays::Entry(RegisterEntry {
        state: match found.standing {
            CopyStanding::Revoked => RegisterState::Revoked(found.revoked_ms.map(time)),
            CopyStanding::Valid | CopyStanding::NotSignedYet => RegisterState::Valid,
        },
        number: found.register_number,
        book: &found.book,
        certified_at: time(found.certified_ms),
        agency: &found.agency,
        pages: found.pages,
        masked_name: found.holder.as_ref().map(PersonalText::expose),
        file_sha256: known.or_else(first),
    })
}

fn hex(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

fn status(failure: &Failure) -> StatusCode {
    match failure.code {
        ErrorCode::InvalidRequest => StatusCode::BAD_REQUEST,
        ErrorCode::NotFound | ErrorCode::UnknownDevice => StatusCode::NOT_FOUND,
        ErrorCode::Busy => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::NotPermitted => StatusCode::FORBIDDEN,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// `GET /c/CODE`: the page that a QR code leads to; it asks about the code itself.
pub(super) async fn page(Extension(origin): Extension<Origin>) -> Response {
    pages::file("verify.html", &origin)
}

/// `GET /log/…`: a file of the log.
pub(super) async fn log(State(api): State<Api>, Path(file): Path<String>) -> Response {
    let none = || (StatusCode::NOT_FOUND, "the log has no such file\n").into_response();
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'/' || byte == b'.';
    let (Some(copies), true) = (&api.copies, file.len() <= PATH_MAX && file.bytes().all(plain) && !file.contains(".."))
    else {
        return none();
    };
    // Only what the log publishes: neither its lock nor a file that is just being written.
    let published = ["checkpoint", "status", "key", "claims.pem"].contains(&file.as_str()) || file.starts_with("tile/");
    if !published || file.ends_with("/new") {
        return none();
    }
    let Ok(bytes) = tokio::fs::read(copies.log.join(&file)).await else { return none() };
    let (media_type, cache) = match file.as_str() {
        "checkpoint" | "key" | "claims.pem" => ("text/plain; charset=utf-8", "no-cache"),
        "status" => ("application/statuslist+cwt", "no-cache"),
        // A full tile never changes, nor does a partial one of this width.
        _ => ("application/octet-stream", "public, max-age=31536000, immutable"),
    };
    ([(header::CONTENT_TYPE, media_type), (header::CACHE_CONTROL, cache)], bytes).into_response()
}
