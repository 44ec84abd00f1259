//! A page printer that takes every job and never gets to its end, until the job is cancelled. What it says is IPP
//! (RFC 8010, 3.1) in HTTP, as short as a printer may be.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What it prints.
pub(super) const DOCUMENT: &[u8] = b"%PDF-1.4\n%%EOF\n";

/// Operations (RFC 8011, 5.4.15).
const CANCEL: u16 = 8;
const ABOUT: u16 = 11;

/// `job-state` (RFC 8011, 5.3.7).
const PROCESSING: i32 = 5;
const CANCELED: i32 = 7;

/// Starts it; returns its address.
pub(super) async fn start() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = format!("ipp://{}/ipp/print", listener.local_addr().expect("it listens"));
    tokio::spawn(async move {
        let cancelled = Arc::new(AtomicBool::new(false));
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&cancelled)));
        }
    });
    address
}

/// One question; whoever hangs up before its end is not answered.
async fn serve(mut stream: TcpStream, cancelled: Arc<AtomicBool>) -> Option<()> {
    let mut got = Vec::new();
    loop {
        if stream.read_buf(&mut got).await.ok()? == 0 {
            return None;
        }
        let Some(head) = got.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&got[..head]).to_lowercase();
        let length =
            text.lines().find_map(|line| line.strip_prefix("content-length:"))?.trim().parse::<usize>().ok()?;
        let body = &got[head + 4..];
        if body.len() < length {
            continue;
        }
        let operation = u16::from_be_bytes([*body.get(2)?, *body.get(3)?]);
        let said = answer(operation, &cancelled);
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: {}\r\n\r\n", said.len());
        return stream.write_all(&[head.as_bytes(), &said].concat()).await.ok();
    }
}

fn answer(operation: u16, cancelled: &AtomicBool) -> Vec<u8> {
    match operation {
        ABOUT => {
            let about = [
                attribute(0x23, "printer-state", &3_i32.to_be_bytes()),
                attribute(0x44, "printer-state-reasons", b"none"),
                attribute(0x49, "document-format-supported", b"application/pdf"),
                attribute(0x23, "operations-supported", &5_i32.to_be_bytes()),
                attribute(0x23, "", &6_i32.to_be_bytes()),
            ];
            message(4, &about)
        }
        CANCEL => {
            cancelled.store(true, SeqCst);
            message(1, &[])
        }
        _ => {
            let state = if cancelled.load(SeqCst) { CANCELED } else { PROCESSING };
            let job =
                [attribute(0x21, "job-id", &7_i32.to_be_bytes()), attribute(0x23, "job-state", &state.to_be_bytes())];
            message(2, &job)
        }
    }
}

fn message(group: u8, attributes: &[Vec<u8>]) -> Vec<u8> {
    [&[1, 1, 0, 0, 0, 0, 0, 1, group][..], &attributes.concat(), &[3]].concat()
}

fn attribute(tag: u8, name: &str, value: &[u8]) -> Vec<u8> {
    let length = |length: usize| u16::try_from(length).expect("a short text").to_be_bytes();
    [&[tag][..], &length(name.len()), name.as_bytes(), &length(value.len()), value].concat()
}
