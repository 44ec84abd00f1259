//! One connection of a cable, counted as long as it lives.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::Shared;

/// One connection. Reset, not closed, when it ends because the cable was pulled or [`Wire::reset_when_done`] was called.
#[derive(Debug)]
pub struct Wire {
    // Before `_count`, so that the socket is closed before the count says so.
    stream: TcpStream,
    reset: bool,
    generation: u64,
    shared: Arc<Shared>,
    _count: Count,
}

impl Wire {
    pub(super) fn new(stream: TcpStream, shared: &Arc<Shared>, generation: u64) -> Self {
        // A device answers in small pieces; waiting for more would only be this host's habit.
        let _ = stream.set_nodelay(true);
        shared.accepted.send_modify(|count| *count += 1);
        let count = Count::new(shared);
        Self { stream, reset: false, generation, shared: Arc::clone(shared), _count: count }
    }

    /// The connection will be reset, not closed, when it ends.
    pub fn reset_when_done(&mut self) {
        self.reset = true;
    }

    /// The two directions, for use at the same time.
    pub fn split(&mut self) -> (tokio::net::tcp::ReadHalf<'_>, tokio::net::tcp::WriteHalf<'_>) {
        self.stream.split()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.reset || self.shared.wanted.borrow().generation != self.generation {
            let _ = self.stream.set_zero_linger();
        }
    }
}

/// Counts an open connection as long as it lives.
#[derive(Debug)]
struct Count(Arc<Shared>);

impl Count {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.open.send_modify(|open| *open += 1);
        Self(Arc::clone(shared))
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
