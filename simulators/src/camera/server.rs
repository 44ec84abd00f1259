//! The camera's side of a connection: HTTP/1.1 as small cameras speak it, by hand, so that it can also be wrong.
//!
//! Documents: RFC 9112 (HTTP/1.1), RFC 7617 (Basic), RFC 2046, section 5.1 (parts); `multipart/x-mixed-replace` is
//! Netscape's "An Exploration of Dynamic Documents" of 1995, which cameras follow to this day.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::fault::{Fault, Garbage};
use super::{Inner, Settings};
use crate::pace::Pace;
use crate::plug::Wire;

/// Longest head of a request, bytes.
const HEAD_MAX: usize = 8 << 10;
/// Bytes of a picture that never ends, at a time.
const ENDLESS: usize = 64 << 10;

/// Serves one connection: one request.
pub(super) async fn serve(inner: Arc<Inner>, mut wire: Wire) {
    let Some(head) = head(&mut wire).await else { return };
    let first = head.lines().next().unwrap_or_default().to_owned();
    inner.exchanges.received(first.as_bytes());
    if inner.has(|fault| matches!(fault, Fault::Silence {})) {
        inner.until(|faults| !faults.any(|fault| matches!(fault, Fault::Silence {}))).await;
        return;
    }
    // Errors of the wire are the client's going.
    let _ = answer(&inner, &head, &first, &mut wire).await;
    let _ = wire.shutdown().await;
}

async fn head(wire: &mut Wire) -> Option<String> {
    let (mut head, mut bytes) = (Vec::new(), [0; 1024]);
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let count = wire.read(&mut bytes).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&bytes[..count]);
        if head.len() > HEAD_MAX {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

async fn answer(inner: &Inner, head: &str, first: &str, wire: &mut Wire) -> std::io::Result<()> {
    if inner.has(|fault| matches!(fault, Fault::Garbage { of: Garbage::Http })) {
        return wire.write_all(&inner.noise(600)).await;
    }
    let refuse = inner.find(|fault| match fault {
        Fault::Refuse { status } => Some(*status),
        _ => None,
    });
    if let Some(status) = refuse {
        return status_only(wire, status, "").await;
    }
    let authorized = inner.login.as_ref().is_none_or(|login| {
        let sent = head.lines().filter_map(|line| line.split_once(':'));
        let mut sent = sent.filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
        sent.any(|(_, value)| value.trim() == format!("Basic {}", base64(login.as_bytes())))
    });
    if !authorized {
        return status_only(wire, 401, "WWW-Authenticate: Basic realm=\"camera\"\r\n").await;
    }
    match first.split(' ').collect::<Vec<_>>()[..] {
        ["GET", "/stream", _] => stream(inner, wire).await,
        ["GET", "/snapshot", _] => snapshot(inner, wire).await,
        ["GET", ..] => status_only(wire, 404, "").await,
        _ => status_only(wire, 405, "").await,
    }
}

async fn status_only(wire: &mut Wire, status: u16, headers: &str) -> std::io::Result<()> {
    let head = format!("HTTP/1.1 {status} No\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n");
    wire.write_all(head.as_bytes()).await
}

async fn snapshot(inner: &Inner, wire: &mut Wire) -> std::io::Result<()> {
    let picture = spoilt(inner, inner.picture());
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        picture.len()
    );
    wire.write_all(head.as_bytes()).await?;
    pace(inner).write(wire, &picture).await
}

async fn stream(inner: &Inner, wire: &mut Wire) -> std::io::Result<()> {
    let Settings { boundary, quoted, .. } = inner.settings();
    let quote = if quoted { "\"" } else { "" };
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary={quote}{boundary}{quote}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n\r\n"
    );
    wire.write_all(head.as_bytes()).await?;
    let mut next = tokio::time::Instant::now();
    for sent in 0u32.. {
        inner.until(|faults| !faults.any(|fault| matches!(fault, Fault::Freeze {}))).await;
        let Settings { fps, lengths, .. } = inner.settings();
        let picture = inner.picture();
        let dropped = inner.find(|fault| match fault {
            Fault::Drop { after } if sent >= *after => Some(()),
            _ => None,
        });
        if dropped.is_some() {
            return wire.write_all(&part(&boundary, None, &picture[..picture.len() / 2])).await;
        }
        let bytes = if inner.has(|fault| matches!(fault, Fault::Garbage { of: Garbage::Stream })) {
            inner.noise(picture.len())
        } else {
            let wrong = inner.find(|fault| match fault {
                Fault::WrongLength { by } => Some(*by),
                _ => None,
            });
            let body = spoilt(inner, picture);
            let length = i64::try_from(body.len()).unwrap_or(i64::MAX).saturating_add(wrong.unwrap_or(0));
            part(&boundary, lengths.then_some(length), &body)
        };
        pace(inner).write(wire, &bytes).await?;
        inner.exchanges.event(format!("sent a picture, {} bytes", bytes.len()));
        while inner.has(|fault| matches!(fault, Fault::Endless {})) {
            pace(inner).write(wire, &inner.noise(ENDLESS)).await?;
        }
        next = (next + Duration::from_secs(1) / u32::from(fps.max(1))).max(tokio::time::Instant::now());
        tokio::time::sleep_until(next).await;
    }
    Ok(())
}

/// A part with its boundary before it, as most cameras send it, and a line end behind it.
fn part(boundary: &str, length: Option<i64>, body: &[u8]) -> Vec<u8> {
    let length = length.map(|length| format!("Content-Length: {length}\r\n")).unwrap_or_default();
    let head = format!("--{boundary}\r\nContent-Type: image/jpeg\r\n{length}\r\n");
    [head.as_bytes(), body, b"\r\n"].concat()
}

fn spoilt(inner: &Inner, mut picture: Vec<u8>) -> Vec<u8> {
    if inner.has(|fault| matches!(fault, Fault::Garbage { of: Garbage::Picture })) {
        return inner.noise(picture.len());
    }
    let cut = inner.has(|fault| matches!(fault, Fault::CutFrame {} | Fault::Endless {}));
    picture.truncate(if cut { picture.len() / 2 } else { picture.len() });
    picture
}

fn pace(inner: &Inner) -> Pace {
    let slow = inner.find(|fault| match fault {
        Fault::Slow { bytes_per_second } => Some(Pace::BytesPerSecond(*bytes_per_second)),
        _ => None,
    });
    slow.unwrap_or_default()
}

impl Inner {
    fn noise(&self, count: usize) -> Vec<u8> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).bytes(count)
    }
}

/// RFC 4648, section 4.
pub(super) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().chain([&0; 2]).take(3).fold(0usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..4 {
            let letter = char::from(ALPHABET[bits >> (18 - 6 * place) & 63]);
            text.push(if place > group.len() { '=' } else { letter });
        }
    }
    text
}
