//! The thread that reads the gateway's messages: answers pings, passes cancels on, hands the rest to the working thread.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::error::Failure;
use kiosk_protocol::seam::{
    ATTACHMENTS_MAX, Attachment, ExitMeaning, Frame, FromChild, HEADER_BYTES, Header, Outcome, STOP_WITHIN_MS, ToChild,
};

use super::{Request, Shared, Work};
use crate::cancel::CancelSignal;

/// Reads until stdin ends.
pub(super) fn read_gateway(shared: &Shared, work: &SyncSender<Work>) {
    let mut stdin = std::io::stdin().lock();
    loop {
        match read_frame(&mut stdin) {
            Ok(Some(frame)) => {
                if !dispatch(frame, shared, work) {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                tracing::error!(error, "the gateway sent something that is not a frame");
                std::process::exit(ExitMeaning::Fault.code().into());
            }
        }
    }
    // Told to stop, or the gateway is gone. The working thread gets a moment to leave the device safe.
    if let Some((_, cancel)) = &*shared.running.lock().unwrap_or_else(PoisonError::into_inner) {
        cancel.set();
    }
    // Closing the channel ends the working thread's loop. If it hangs, nobody is left to kill this process.
    #[expect(
        clippy::disallowed_methods,
        reason = "a watchdog: it waits for nothing, it limits how long stopping takes"
    )]
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_millis(STOP_WITHIN_MS));
        std::process::exit(ExitMeaning::Stopped.code().into());
    });
}

fn dispatch(frame: Frame<ToChild>, shared: &Shared, work: &SyncSender<Work>) -> bool {
    match frame.message {
        ToChild::Ping { seq } => {
            shared.upstream.send(Frame::bare(FromChild::Pong { seq, device_alive: shared.vitals.alive() }));
            true
        }
        ToChild::Cancel { id } => {
            let running = shared.running.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some((_, cancel)) = running.as_ref().filter(|(running, _)| *running == id) {
                cancel.set();
            }
            true
        }
        ToChild::Probe => {
            // One that waits does for all; the place in the channel is for it alone.
            shared.probe_waits.swap(true, Ordering::AcqRel) || work.send(Work::Probe).is_ok()
        }
        ToChild::Pictures { wanted } => {
            shared.pictures.set_wanted(wanted);
            true
        }
        ToChild::Start { address, config } => work.send(Work::Start { address, config }).is_ok(),
        ToChild::Request { id, name, deadline_ms, payload, attachments } => {
            let deadline = Instant::now() + Duration::from_millis(deadline_ms);
            let attachments = match split(&attachments, &frame.blob) {
                Ok(attachments) => attachments,
                Err(failure) => {
                    shared.upstream.send(Frame::bare(FromChild::Done { id, outcome: Outcome::Error(failure) }));
                    return true;
                }
            };
            *shared.running.lock().unwrap_or_else(PoisonError::into_inner) = Some((id, CancelSignal::new()));
            work.send(Work::Request(Request { id, name, deadline, payload, attachments })).is_ok()
        }
    }
}

fn split(attachments: &[Attachment], mut blob: &[u8]) -> Result<BTreeMap<BlobId, Vec<u8>>, Failure> {
    let mut all = BTreeMap::new();
    for attachment in attachments {
        let (bytes, rest) = blob.split_at_checked(attachment.bytes as usize).ok_or_else(|| {
            Failure::invalid("attachments", "the attachments are longer than the blob part of the frame")
        })?;
        all.insert(attachment.blob.clone(), bytes.to_vec());
        blob = rest;
    }
    Ok(all)
}

/// One frame; `None` at the end of stdin.
fn read_frame(stdin: &mut impl Read) -> Result<Option<Frame<ToChild>>, String> {
    let mut header = [0; HEADER_BYTES];
    if stdin.read_exact(&mut header).is_err() {
        return Ok(None);
    }
    let header = Header::parse(header, ATTACHMENTS_MAX).map_err(|error| error.to_string())?;
    let mut part = |length: u32| -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        let read = stdin.take(length.into()).read_to_end(&mut bytes).ok()?;
        (read == length as usize).then_some(bytes)
    };
    let (Some(json), Some(blob)) = (part(header.json), part(header.blob)) else { return Ok(None) };
    Frame::from_parts(&json, blob).map(Some).map_err(|error| error.to_string())
}
