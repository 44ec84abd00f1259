//! The live pictures that a session looks at: the newest of each device, ready for its connection. A connection that is
//! slow misses pictures; while there is no connection, nobody looks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use kiosk_protocol::device::DeviceId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::pictures::{PICTURE_HEADER_BYTES, PictureHeader};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{Session, lock};
use crate::supervisor::{Live, Picture};

/// Most devices that one session looks at.
const STREAMS_MAX: usize = 4;

/// What a session looks at.
#[derive(Default)]
pub(super) struct Pictures {
    streams: Mutex<Streams>,
    /// Wakes the connection.
    ready: Notify,
}

#[derive(Default)]
struct Streams {
    last: u32,
    open: BTreeMap<DeviceId, Stream>,
    /// Streams that ended, whose place on the page is to be blanked.
    ended: Vec<u32>,
}

struct Stream {
    number: u32,
    stop: CancellationToken,
    newest: Option<Arc<Picture>>,
}

impl Pictures {
    /// Comes when there is a picture to send.
    pub(super) async fn ready(&self) {
        self.ready.notified().await;
    }

    /// The binary messages to send now: the newest picture of each stream that has a new one.
    pub(super) fn take(&self) -> Vec<Bytes> {
        let mut streams = lock(&self.streams);
        let blank = Arc::<Picture>::default();
        let ended: Vec<_> = streams.ended.drain(..).map(|number| message(number, &blank)).collect();
        let open = streams.open.values_mut();
        let newest = open.filter_map(|stream| stream.newest.take().map(|picture| message(stream.number, &picture)));
        ended.into_iter().chain(newest).collect()
    }

    /// Looks no more; `false` if it did not look.
    pub(super) fn stop(&self, device: &DeviceId) -> bool {
        let mut streams = lock(&self.streams);
        let Some(stream) = streams.open.remove(device) else { return false };
        stream.stop.cancel();
        streams.ended.push(stream.number);
        drop(streams);
        self.ready.notify_one();
        true
    }

    fn put(&self, device: &DeviceId, number: u32, picture: Arc<Picture>) {
        if let Some(stream) = lock(&self.streams).open.get_mut(device).filter(|stream| stream.number == number) {
            stream.newest = Some(picture);
            self.ready.notify_one();
        }
    }
}

fn message(stream: u32, picture: &Picture) -> Bytes {
    let header = PictureHeader { stream, number: picture.number, taken_us: picture.taken_us };
    let mut message = Vec::with_capacity(PICTURE_HEADER_BYTES + picture.bytes.len());
    message.extend_from_slice(&header.to_bytes());
    message.extend_from_slice(&picture.bytes);
    message.into()
}

impl Session {
    /// Begins to look at a device and says under which number; the same number again if it looks already.
    pub(super) fn look(self: &Arc<Self>, device: DeviceId, live: Live) -> Result<u32, Failure> {
        let mut streams = lock(&self.pictures.streams);
        if let Some(stream) = streams.open.get(&device) {
            return Ok(stream.number);
        }
        if streams.open.len() >= STREAMS_MAX {
            let detail = format!("this session looks at {STREAMS_MAX} devices already; end one with pictures.stop");
            return Err(Failure::new(ErrorCode::Busy, detail));
        }
        streams.last += 1;
        let (number, stop) = (streams.last, CancellationToken::new());
        streams.open.insert(device.clone(), Stream { number, stop: stop.clone(), newest: None });
        drop(streams);
        let session = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = session.show(&device, number, &live) => {}
                () = stop.cancelled() => {}
                () = session.over() => {}
            }
        });
        Ok(number)
    }

    async fn show(&self, device: &DeviceId, number: u32, live: &Live) {
        loop {
            self.client_here().await;
            let mut view = live.join();
            let gone = self.client_gone();
            tokio::pin!(gone);
            loop {
                tokio::select! {
                    picture = view.next() => self.pictures.put(device, number, picture),
                    () = &mut gone => break,
                }
            }
        }
    }
}
