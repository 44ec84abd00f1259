//! A child's stderr, line by line, into the gateway's log. A child cannot flood it: lines are cut, and what comes too
//! quickly is counted instead of written.

use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// Longest line that is logged, bytes.
const LINE_MAX: usize = 1024;
/// Most lines in one [`WINDOW`].
const LINES_MAX: u32 = 50;
const WINDOW: Duration = Duration::from_secs(1);

pub(super) async fn forward(stderr: impl AsyncRead + Unpin, child: String) {
    let mut lines = BufReader::with_capacity(8 * 1024, stderr);
    let (mut window, mut count, mut dropped) = (Instant::now(), 0, 0_u64);
    let mut line = Vec::new();
    loop {
        let (used, ended) = match lines.fill_buf().await {
            Ok([]) | Err(_) => break,
            Ok(buffer) => {
                let end = buffer.iter().position(|byte| *byte == b'\n');
                let part = &buffer[..end.unwrap_or(buffer.len())];
                let room = LINE_MAX.saturating_sub(line.len());
                line.extend_from_slice(&part[..part.len().min(room)]);
                (part.len() + usize::from(end.is_some()), end.is_some())
            }
        };
        lines.consume(used);
        if !ended {
            continue;
        }
        if window.elapsed() >= WINDOW {
            if dropped > 0 {
                tracing::warn!(%child, dropped, "a child writes too much; lines were dropped");
            }
            (window, count, dropped) = (Instant::now(), 0, 0);
        }
        count += 1;
        if count <= LINES_MAX {
            tracing::info!(%child, line = %String::from_utf8_lossy(&line).trim_end(), "a child says");
        } else {
            dropped += 1;
        }
        line.clear();
    }
}
