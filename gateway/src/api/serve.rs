//! The listener: a bounded number of connections, each with a time limit for its first request, so that silent and slow
//! ones (as browsers leave behind when they block a page) cannot pile up.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// The head of a request must be there within this.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Longest head of a request, bytes.
const HEAD_MAX: usize = 8 * 1024;
/// Connections without a WebSocket (pages, blobs) that are let in beside the configured number.
const SPARE: usize = 16;

/// Where all places are taken, one is given up within this.
const PLACE_WITHIN: Duration = Duration::from_millis(100);

/// A connection that has not asked for anything yet.
struct Newcomer {
    /// Gone with its connection.
    asked: Weak<AtomicBool>,
    leave: CancellationToken,
}

impl Newcomer {
    fn is_one(&self) -> bool {
        self.asked.upgrade().is_some_and(|asked| !asked.load(Ordering::Relaxed))
    }
}

/// A place for a connection. Where there is none, the connection that has been silent for longest makes room: an honest
/// one asks for something as soon as it is there.
async fn place(places: &Arc<Semaphore>, newcomers: &mut VecDeque<Newcomer>) -> Option<OwnedSemaphorePermit> {
    if let Ok(place) = Arc::clone(places).try_acquire_owned() {
        return Some(place);
    }
    while let Some(oldest) = newcomers.pop_front() {
        if oldest.is_one() {
            oldest.leave.cancel();
            return timeout(PLACE_WITHIN, Arc::clone(places).acquire_owned()).await.ok()?.ok();
        }
    }
    None
}

/// Serves until `stop`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(max_connections + SPARE));
    let mut newcomers = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, or the client went away at once: neither ends the service.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
        };
        let Some(place) = place(&places, &mut newcomers).await else {
            tracing::warn!(max_connections, "refused a connection: there are too many");
            metrics.refused("connections");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let (asked, leave) = (Arc::new(AtomicBool::new(false)), stop.child_token());
        newcomers.push_back(Newcomer { asked: Arc::downgrade(&asked), leave: leave.clone() });
        newcomers.retain(Newcomer::is_one);
        let router = TowerToHyperService::new(router.clone());
        let service = service_fn(move |request| {
            asked.store(true, Ordering::Relaxed);
            router.call(request)
        });
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_WITHIN)
                .max_buf_size(HEAD_MAX)
                .serve_connection(TokioIo::new(stream), service)
                .with_upgrades();
            tokio::select! {
                // A broken connection is its client's business.
                _ = connection => {}
                () = leave.cancelled() => {}
            }
            drop(place);
        });
    }
}
