//! A driver program alone, without a gateway: the test speaks the seam with it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::seam::{
    ATTACHMENTS_MAX, Attachment, CHUNK_MAX, Frame, FromChild, HEADER_BYTES, Header, Outcome, ToChild,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{ChildStdin, ChildStdout};
use tokio::time::{Instant, timeout_at};

use super::PATIENCE;
use super::process::{Lines, Program, Signal};

/// A running driver program.
pub struct DriverProgram {
    program: Program,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
    /// Everything it said.
    pub heard: Vec<FromChild>,
    /// The blobs that it made, by request and name.
    pub blobs: BTreeMap<(u64, BlobId), Vec<u8>>,
}

impl DriverProgram {
    /// Starts a program; `folder` gets its log.
    pub fn start(path: &Path, folder: &Path) -> Self {
        Self::start_with(path, folder, &[])
    }

    /// The same with more variables in its environment.
    pub fn start_with(path: &Path, folder: &Path, variables: &[(&str, &str)]) -> Self {
        let mut program = Program::start_with(path, &[], &folder.join("driver.log"), variables);
        let stdin = ChildStdin::from_std(program.stdin()).expect("a pipe can be polled");
        let Lines(stdout) = program.lines();
        Self { stdin: Some(stdin), stdout, program, heard: Vec::new(), blobs: BTreeMap::new() }
    }

    /// Sends a message.
    pub async fn say(&mut self, message: ToChild) {
        let frame = Frame::bare(message);
        let head = frame.head(ATTACHMENTS_MAX).expect("a small frame");
        self.say_bytes(&head).await;
    }

    /// Sends a request with a deadline of two minutes and no attachments.
    pub async fn request(&mut self, id: u64, name: &str, payload: Value) {
        self.request_with(id, name, payload, &[]).await;
    }

    /// The same with the blobs that the payload names.
    pub async fn request_with(&mut self, id: u64, name: &str, payload: Value, attached: &[(&str, &[u8])]) {
        let (name, deadline_ms) = (name.to_owned(), 120_000);
        let attachment = |(blob, bytes): &(&str, &[u8])| Attachment {
            blob: BlobId((*blob).to_owned()),
            bytes: u32::try_from(bytes.len()).expect("a short document"),
        };
        let attachments = attached.iter().map(attachment).collect();
        let message = ToChild::Request { id, name, deadline_ms, payload, attachments };
        let blob = attached.iter().flat_map(|(_, bytes)| bytes.iter().copied()).collect();
        let frame = Frame { message, blob };
        let head = frame.head(ATTACHMENTS_MAX).expect("a small frame");
        self.say_bytes(&[head, frame.blob].concat()).await;
    }

    /// Sends bytes as they are. A program that is gone does not mind.
    pub async fn say_bytes(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().expect("its stdin is open");
        let written = tokio::time::timeout(PATIENCE, async {
            stdin.write_all(bytes).await?;
            stdin.flush().await
        });
        // A program that has ended cannot be written to; its end is what the test looks at.
        let _ = written.await.expect("the program reads its stdin");
    }

    /// The next message; `None` when it has closed its stdout.
    pub async fn hear(&mut self, deadline: Instant) -> Option<FromChild> {
        let heard = timeout_at(deadline, read_frame(&mut self.stdout)).await;
        let Frame { message, blob: bytes } =
            heard.unwrap_or_else(|_| panic!("it says nothing more; so far: {:#?}", self.heard))?;
        if let FromChild::Chunk { request, blob, .. } = &message {
            self.blobs.entry((*request, blob.clone())).or_default().extend_from_slice(&bytes);
        }
        self.heard.push(message.clone());
        Some(message)
    }

    /// Hears new messages until one fits. What was heard before is not looked at again: it is in [`Self::heard`].
    pub async fn hear_until<T>(
        &mut self,
        what: &str,
        within: Duration,
        mut fits: impl FnMut(&FromChild) -> Option<T>,
    ) -> T {
        let deadline = Instant::now() + within;
        loop {
            let message = self.hear(deadline).await;
            let message = message.unwrap_or_else(|| panic!("it ended before {what}: {:#?}", self.heard));
            if let Some(found) = fits(&message) {
                return found;
            }
        }
    }

    /// The end of a request; it may have been heard already, while something else was waited for.
    pub async fn outcome(&mut self, id: u64, within: Duration) -> Outcome {
        let of_it = |message: &FromChild| match message {
            FromChild::Done { id: of, outcome } if *of == id => Some(outcome.clone()),
            _ => None,
        };
        match self.heard.iter().find_map(of_it) {
            Some(outcome) => outcome,
            None => self.hear_until(&format!("the end of request {id}"), within, of_it).await,
        }
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.program.signal(signal);
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        self.program.pid()
    }

    /// Closes its stdin: it is to stop.
    pub fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Hears what it still says and waits for its end.
    pub async fn end(&mut self, within: Duration) -> ExitStatus {
        let deadline = Instant::now() + within;
        while self.hear(deadline).await.is_some() {}
        self.program.end_within(within).await
    }

    /// Its log.
    pub fn log(&self) -> String {
        self.program.log()
    }
}

async fn read_frame(stdout: &mut BufReader<ChildStdout>) -> Option<Frame<FromChild>> {
    let mut header = [0; HEADER_BYTES];
    stdout.read_exact(&mut header).await.ok()?;
    let header = Header::parse(header, CHUNK_MAX).unwrap_or_else(|error| panic!("a wrong frame: {error}"));
    let (mut json, mut blob) = (vec![0; header.json as usize], vec![0; header.blob as usize]);
    stdout.read_exact(&mut json).await.expect("frames are whole");
    stdout.read_exact(&mut blob).await.expect("frames are whole");
    Some(Frame::from_parts(&json, blob).unwrap_or_else(|error| panic!("a wrong frame: {error}")))
}
