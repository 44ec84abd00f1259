//! Asking a child for the gateway itself, without a client's command.

use std::time::Duration;

use kiosk_protocol::calls::Call;
use kiosk_protocol::device::{DeviceId, Kind};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::ATTACHMENTS_MAX;
use serde_json::Value;
use tokio::sync::mpsc;

use super::Hub;
use crate::supervisor::{Job, Progress, Ticket};

/// Events and chunks that may wait.
const PROGRESS_QUEUE: usize = 64;

impl Hub {
    /// Asks the child of a kind.
    ///
    /// # Errors
    /// `unknown_device` if there is none, and what the child refuses with.
    pub async fn ask(
        &self,
        kind: Kind,
        call: &'static Call,
        payload: Value,
        within: Duration,
    ) -> Result<Value, Failure> {
        let device = self.0.devices.find(None, Some(kind))?;
        self.ask_device(&device, call, payload, within).await.map(|(reply, _)| reply)
    }

    /// Asks a child; gives the reply and the bytes of the blob that it made, if it made one of at most 64 MiB.
    pub(super) async fn ask_device(
        &self,
        device: &DeviceId,
        call: &'static Call,
        payload: Value,
        within: Duration,
    ) -> Result<(Value, Vec<u8>), Failure> {
        let (progress, mut answers) = mpsc::channel(PROGRESS_QUEUE);
        let deadline = tokio::time::Instant::now() + within;
        let job = Job { call, payload, attachments: Vec::new(), deadline, ticket: Ticket::default(), progress };
        self.0.devices.submit(device, job)?;
        let (mut blob, mut is_too_large) = (Vec::new(), false);
        while let Some(progress) = answers.recv().await {
            match progress {
                Progress::Chunk { bytes, .. } if blob.len() + bytes.len() <= ATTACHMENTS_MAX as usize => {
                    blob.extend_from_slice(&bytes);
                }
                // Heard to its end: what the child has done by then is known.
                Progress::Chunk { .. } => is_too_large = true,
                Progress::Done(result) => return Ok((result?, if is_too_large { Vec::new() } else { blob })),
                Progress::Event { .. } => {}
            }
        }
        Err(Failure::new(ErrorCode::DriverFault, format!("`{device}` did not answer {}", call.name)))
    }
}
