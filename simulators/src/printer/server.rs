//! The printer's port, and the motor that works the buffer off whether a client is there or not.

use std::sync::{Arc, PoisonError};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::Inner;
use super::machine::{Taken, Work};
use crate::plug::{Plug, Wire};

/// Bytes read at once.
const READ: usize = 4096;

/// Works the buffer off for as long as the printer lives.
pub(super) async fn motor(inner: Arc<Inner>) {
    loop {
        let work = inner.machine().work();
        inner.port.notify_one();
        match work {
            Work::More => tokio::task::yield_now().await,
            Work::Waiting => inner.motor.notified().await,
        }
    }
}

/// Serves one client; the next waits.
pub(super) async fn serve(inner: Arc<Inner>, plug: Plug, mut wire: Wire) {
    inner.exchanges.event("client connected");
    let guard = Gone(Arc::clone(&inner));
    if talk(&inner, &plug, &mut wire).await {
        wire.reset_when_done();
        inner.exchanges.event("connection dropped");
    }
    drop(guard);
}

/// Tells the machine when the client is gone, also when the cable was pulled and the task just ends.
struct Gone(Arc<Inner>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.machine().client_gone();
        self.0.exchanges.event("client gone");
        self.0.motor.notify_one();
    }
}

/// True when the connection is to be reset.
async fn talk(inner: &Arc<Inner>, plug: &Plug, wire: &mut Wire) -> bool {
    let (mut reader, mut writer) = wire.split();
    let mut bytes = [0; READ];
    loop {
        let (replies, room, pace) = {
            let mut machine = inner.machine();
            (machine.take_replies(), machine.room(), machine.pace())
        };
        if !replies.is_empty() {
            inner.exchanges.sent(&replies);
            if pace.write(&mut writer, &replies).await.is_err() {
                return false;
            }
        }
        let (most, pause) = pace.piece().map_or((READ, None), |(size, pause)| (size, Some(pause)));
        tokio::select! {
            read = reader.read(&mut bytes[..room.min(most).min(READ)]), if room > 0 => {
                let Ok(count @ 1..) = read else { return false };
                inner.exchanges.received(&bytes[..count]);
                let taken = inner.machine().receive(&bytes[..count]);
                inner.motor.notify_one();
                if let Taken::Dropped(unplug) = taken {
                    // What was answered to bytes before the drop may still go out; nobody counts on it.
                    let replies = inner.machine().take_replies();
                    let _ = writer.write_all(&replies).await;
                    if unplug {
                        plug.unplug_now();
                        // The cable ends this connection, after the listener.
                        std::future::pending::<()>().await;
                    }
                    return true;
                }
                if let Some(pause) = pause {
                    tokio::time::sleep(pause).await;
                }
            }
            () = inner.port.notified() => {}
        }
    }
}

impl Inner {
    pub(super) fn machine(&self) -> std::sync::MutexGuard<'_, super::machine::Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
