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

    /// Asks a child; gives the reply and the bytes of the blob that it made, if it made one.
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
        let mut blob = Vec::new();
        while let Some(progress) = answers.recv().await {
            match progress {
                Progress::Chunk { bytes, .. } if blob.len() + bytes.len() <= ATTACHMENTS_MAX as usize => {
                    blob.extend_from_slice(&bytes);
                }
                Progress::Chunk { .. } => {
                    return Err(Failure::new(ErrorCode::TooLarge, "the child sent more than 64 MiB"));
                }
                Progress::Done(result) => return Ok((result?, blob)),
                Progress::Event { .. } => {}
            }
        }
        Err(Failure::new(ErrorCode::DriverFault, format!("`{device}` did not answer {}", call.name)))
    }
}
