//! The listener: a bounded number of connections, each with a time limit for its first request, so that silent and slow
//! ones (as browsers leave behind when they block a page) cannot pile up.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// The head of a request must be there within this.
const HEAD_WITHIN: Duration = Duration::from_secs(5);
/// Longest head of a request, bytes.
const HEAD_MAX: usize = 8 * 1024;
/// Connections without a WebSocket (pages, blobs) that are let in beside the configured number.
const SPARE: usize = 16;

/// Serves until `stop`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    metrics: Metrics,
    stop: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(max_connections + SPARE));
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
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            tracing::warn!(max_connections, "refused a connection: there are too many");
            metrics.refused("connections");
            continue;
        };
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let service = TowerToHyperService::new(router.clone());
        let stop = stop.clone();
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
                () = stop.cancelled() => {}
            }
            drop(place);
        });
    }
}
