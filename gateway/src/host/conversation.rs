//! Frames to and from a child, each direction with a task of its own and a bounded queue.

use bytes::BufMut;
use kiosk_protocol::seam::{ATTACHMENTS_MAX, CHUNK_MAX, Frame, FrameError, FromChild, HEADER_BYTES, Header, ToChild};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;

/// Frames that wait to be looked at; then the child's pipe fills and it has to wait.
const HEARD_QUEUE: usize = 64;
/// Frames that wait to be written; a child that does not read for so long is not answering pings either.
const SPOKEN_QUEUE: usize = 32;

/// Bytes that are read ahead: most messages whole, but little of a blob, whose bytes go straight to their place.
const READ_AHEAD: usize = 512;

/// Something that came from a child.
#[derive(Debug)]
pub enum Heard {
    /// A message.
    Frame(Frame<FromChild>),
    /// Something that is not a message; nothing more is read.
    Nonsense(FrameError),
}

/// The way to speak to a child. Dropping it ends the child's stdin, which tells it to stop.
#[derive(Debug)]
pub struct Voice(mpsc::Sender<Frame<ToChild>>);

/// A child's queue is full: it does not read.
#[derive(Debug, PartialEq, Eq)]
pub struct Deaf;

impl Voice {
    /// Queues a frame.
    ///
    /// # Errors
    /// If the queue is full or the child is gone.
    pub fn say(&self, frame: Frame<ToChild>) -> Result<(), Deaf> {
        self.0.try_send(frame).map_err(|_| Deaf)
    }
}

/// The two directions.
pub struct Conversation {
    /// What the child says; ends when it closes its stdout or says nonsense.
    pub heard: mpsc::Receiver<Heard>,
    /// The way to speak to it.
    pub voice: Voice,
}

impl Conversation {
    /// Speaks over any pair of pipes.
    pub fn over(
        from_child: impl AsyncRead + Unpin + Send + 'static,
        to_child: impl AsyncWrite + Unpin + Send + 'static,
    ) -> Self {
        let (say, spoken) = mpsc::channel(SPOKEN_QUEUE);
        let (hear, heard) = mpsc::channel(HEARD_QUEUE);
        tokio::spawn(read_all(BufReader::with_capacity(READ_AHEAD, from_child), hear));
        tokio::spawn(write_all(to_child, spoken));
        Self { heard, voice: Voice(say) }
    }
}

async fn read_all(mut pipe: impl AsyncRead + Unpin, hear: mpsc::Sender<Heard>) {
    loop {
        let heard = match read_frame(&mut pipe).await {
            Ok(Some(frame)) => Heard::Frame(frame),
            Ok(None) => return,
            Err(error) => Heard::Nonsense(error),
        };
        let over = matches!(heard, Heard::Nonsense(_));
        if hear.send(heard).await.is_err() || over {
            return;
        }
    }
}

/// One frame; `None` when the pipe ends, even in the middle of a frame (the exit status tells why).
async fn read_frame(pipe: &mut (impl AsyncRead + Unpin)) -> Result<Option<Frame<FromChild>>, FrameError> {
    let mut header = [0; HEADER_BYTES];
    if pipe.read_exact(&mut header).await.is_err() {
        return Ok(None);
    }
    let header = Header::parse(header, CHUNK_MAX)?;
    // Both lengths are within their caps now: 1 MiB each.
    let (Some(json), Some(blob)) = (read(pipe, header.json).await, read(pipe, header.blob).await) else {
        return Ok(None);
    };
    Frame::from_parts(&json, blob).map(Some)
}

/// So many bytes; `None` if the pipe ends before.
async fn read(pipe: &mut (impl AsyncRead + Unpin), length: u32) -> Option<Vec<u8>> {
    let length = length as usize;
    // Not filled with zeros first: a camera's pictures are many.
    let mut bytes = Vec::with_capacity(length).limit(length);
    while bytes.has_remaining_mut() {
        pipe.read_buf(&mut bytes).await.ok().filter(|count| *count > 0)?;
    }
    Some(bytes.into_inner())
}

async fn write_all(mut pipe: impl AsyncWrite + Unpin, mut spoken: mpsc::Receiver<Frame<ToChild>>) {
    while let Some(frame) = spoken.recv().await {
        let head = match frame.head(ATTACHMENTS_MAX) {
            Ok(head) => head,
            Err(error) => {
                tracing::error!(%error, "a frame to a child is not well formed");
                return;
            }
        };
        let written = async {
            pipe.write_all(&head).await?;
            pipe.write_all(&frame.blob).await?;
            pipe.flush().await
        };
        if written.await.is_err() {
            return;
        }
    }
}
