//! A page on its way out: in pieces, at the wire's pace, with whatever is wrong with it.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use hyper::body::Frame;

use super::Inner;
use super::fault::{Ending, Fault};
use crate::pace::Pace;

/// Bytes of one piece on a fast wire.
const PIECE: usize = 16 * 1024;

/// What follows the page's last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The end of the body.
    End,
    /// The connection closes in the middle.
    Close,
    /// The cable is pulled.
    Unplug,
    /// Nothing, for as long as the client waits.
    Silence,
    /// The page's second half again, for ever.
    Again,
}

/// How a page goes out. At which pace is looked at for each piece, so that the knob also works in the middle of one.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    bytes: Bytes,
    after: After,
}

impl Plan {
    /// The plan for a page with these faults.
    pub(super) fn new(page: Bytes, faults: &crate::device::Active<Fault>) -> Self {
        let half = page.len() / 2;
        let cut = |after: Option<u64>| {
            let length = after.and_then(|after| usize::try_from(after).ok()).unwrap_or(half);
            page.slice(..length.min(page.len()))
        };
        let plan = faults.find(|fault| match fault {
            Fault::Silence { after: after @ Some(_) } => Some((cut(*after), After::Silence)),
            Fault::Truncate { after, ending } => {
                let then = match ending {
                    Ending::Close => After::Close,
                    Ending::Clean => After::End,
                    Ending::Unplug => After::Unplug,
                };
                Some((cut(*after), then))
            }
            Fault::Endless {} => Some((page.slice(..page.len().saturating_sub(2)), After::Again)),
            _ => None,
        });
        let (bytes, after) = plan.unwrap_or_else(|| (page.clone(), After::End));
        Self { bytes, after }
    }
}

/// The wire's pace with these faults.
pub(super) fn pace(faults: &crate::device::Active<Fault>) -> Pace {
    let slow = faults.find(|fault| match fault {
        Fault::Slow { bytes_per_second } => Some(Pace::BytesPerSecond(*bytes_per_second)),
        _ => None,
    });
    slow.unwrap_or_default()
}

/// Tells the state how the page ended, also when the client is gone and the body is simply dropped.
pub(super) struct OnTheWire {
    inner: Arc<Inner>,
    uuid: String,
    sent: usize,
    whole: bool,
}

impl OnTheWire {
    pub(super) fn new(inner: &Arc<Inner>, uuid: &str) -> Self {
        Self { inner: Arc::clone(inner), uuid: uuid.to_owned(), sent: 0, whole: false }
    }
}

impl Drop for OnTheWire {
    fn drop(&mut self) {
        let (whole, uuid, sent) = (self.whole, &self.uuid, self.sent);
        self.inner.state.send_modify(|state| state.page_done(uuid, whole, Instant::now()));
        let end = if whole { "whole" } else { "broken off" };
        self.inner.exchanges.event(format!("page of job {uuid} {end} after {sent} bytes"));
    }
}

/// The body of a page. Ends early when its job is cancelled.
pub(super) fn page(
    wire: OnTheWire,
    plan: Plan,
) -> impl Stream<Item = io::Result<Frame<Bytes>>> + Send + Sync + 'static {
    stream::unfold(Some((wire, plan, 0usize)), |progress| async move {
        let (mut wire, plan, offset) = progress?;
        if !wire.inner.state.borrow().is_running(&wire.uuid) {
            return broken("the job was cancelled");
        }
        if offset == plan.bytes.len() {
            if plan.after != After::End {
                // A body that fails at once takes its last pieces with it; a pause lets them out.
                tokio::task::yield_now().await;
            }
            return match plan.after {
                After::End => {
                    wire.whole = true;
                    None
                }
                After::Close => broken("the page breaks off here"),
                After::Unplug => {
                    wire.inner.plug.unplug_now();
                    // The cable ends this connection, after the listener.
                    std::future::pending().await
                }
                After::Silence => {
                    wire.inner.until_stall_ends(&wire.uuid).await;
                    broken("the silence is over")
                }
                After::Again => {
                    let again = plan.bytes.len() / 2;
                    next(wire, plan, again).await
                }
            };
        }
        next(wire, plan, offset).await
    })
}

type Progress = Option<(OnTheWire, Plan, usize)>;
type Step = Option<(io::Result<Frame<Bytes>>, Progress)>;

async fn next(mut wire: OnTheWire, plan: Plan, offset: usize) -> Step {
    let pace = pace(&wire.inner.state.borrow().faults);
    let size = match pace.piece() {
        None => PIECE,
        Some((size, pause)) => {
            if offset > 0 {
                tokio::time::sleep(pause).await;
            }
            size
        }
    };
    let end = (offset + size).min(plan.bytes.len());
    let piece = plan.bytes.slice(offset..end);
    wire.sent += piece.len();
    Some((Ok(Frame::data(piece)), Some((wire, plan, end))))
}

fn broken(why: &'static str) -> Step {
    Some((Err(io::Error::new(io::ErrorKind::ConnectionAborted, why)), None))
}

/// Spoils a JPEG's tables so that no decoder takes it, but leaves its first marker.
pub(super) fn spoil(page: &Bytes, random: &mut crate::random::Random) -> Bytes {
    let mut bytes = page.to_vec();
    let end = bytes.len().min(2048);
    if end > 2 {
        let noise = random.bytes(end - 2);
        bytes[2..end].copy_from_slice(&noise);
    }
    bytes.into()
}
