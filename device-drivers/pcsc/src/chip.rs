//! Reading the chip of an identity card (`identity.read`). The whole conversation with it stays in this process: its
//! commands and keys never leave it, and what a hostile chip could break is this driver alone.

mod access;
mod report;
#[cfg(test)]
mod tests;
mod trust;

use std::time::SystemTime;

use kiosk_driver_sdk::Cx;
use kiosk_driver_sdk::protocol::card::{CardEvent, CardReader};
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure, Retry};
use kiosk_driver_sdk::protocol::identity::{ChipIdentity, ChipPortrait, ChipProgress, ChipStage, ReadIdentity};
use kiosk_emrtd::passive::TrustList;
use kiosk_emrtd::{AccessKey, ChipError, GroupError, Identity, PortraitFormat, Progress as Reading, read};

use crate::talk::{Conversation, Progress, Talk};
pub(crate) use trust::trusted;

/// Reads the card in the reader.
pub(crate) fn read_identity(
    talk: &mut Talk,
    trusted: &TrustList,
    request: &ReadIdentity,
    progress: &Progress,
    cx: &mut Cx<CardReader>,
) -> Result<ChipIdentity, Failure> {
    let keys = access::keys(&request.access)?;
    let now = SystemTime::now();
    let (outcome, broken) = talk.converse(progress, |card| open_with_any(card, &keys, trusted, now, cx))?;
    let identity = match (outcome, broken) {
        (Ok(identity), _) => identity,
        (Err(ChipError::Transport(_)), Some(failure)) => return Err(failure.retry(Retry::Safe)),
        (Err(error), _) => return Err(failure_of(&error)),
    };
    let mut report = report::of(&identity, now);
    // A JPEG 2000 that nobody has signed is not decoded: it may ask for any amount of memory.
    let vouched = identity.proofs.passive.has_passed();
    let shown = identity.portrait.and_then(|portrait| match portrait.format {
        PortraitFormat::Jpeg2000 if !vouched => Err(GroupError::Portrait("is a JPEG 2000 that nobody has vouched for")),
        _ => portrait.shown(),
    });
    match shown {
        Ok(shown) => {
            let mut blob = cx.blob("image/jpeg");
            blob.write(&shown.jpeg);
            report.portrait = Some(ChipPortrait { blob: blob.id(), width_px: shown.width, height_px: shown.height });
            blob.finish();
        }
        Err(error) => tracing::warn!(%error, "the portrait of a card cannot be shown"),
    }
    Ok(report)
}

/// A QR code says what may open its card, not what does.
fn open_with_any(
    card: &mut Conversation<'_>,
    keys: &[AccessKey],
    trusted: &TrustList,
    now: SystemTime,
    cx: &mut Cx<CardReader>,
) -> Result<Identity, ChipError> {
    let mut refused = None;
    for key in keys {
        let outcome = read(&mut *card, key, trusted, now, &mut |reading| cx.emit(CardEvent::Progress(told(reading))));
        match outcome {
            // Some chips refuse a kind of access data before they look at it.
            Err(error @ (ChipError::WrongKey | ChipError::NoWay(_) | ChipError::Refused { .. })) => {
                // That one of them is wrong says more than that another cannot be tried.
                if refused.is_none() || error == ChipError::WrongKey {
                    refused = Some(error);
                }
            }
            outcome => return outcome,
        }
    }
    Err(refused.unwrap_or(ChipError::WrongKey))
}

fn told(reading: Reading) -> ChipProgress {
    let bytes = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    match reading {
        Reading::Opened(_) => ChipProgress { stage: ChipStage::Opened, file: None, got_bytes: 0, total_bytes: 0 },
        Reading::Reading { file, got, of } => ChipProgress {
            stage: ChipStage::Reading,
            file: Some(file.name().to_owned()),
            got_bytes: bytes(got),
            total_bytes: bytes(of),
        },
    }
}

fn failure_of(error: &ChipError) -> Failure {
    let code = match error {
        ChipError::WrongKey => ErrorCode::WrongAccessData,
        ChipError::NoWay(_) => ErrorCode::Unsupported,
        _ => ErrorCode::CardFault,
    };
    Failure::new(code, error.to_string())
}
