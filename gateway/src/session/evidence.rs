//! What the gateway has itself seen in a session: readings of pages, the card, the face. It goes along with `case.recognise`,
//! `case.second_scan` and `case.identify`, so that a case holds what the kiosk's devices said and not what a page claims. Gone with the session.

use std::collections::VecDeque;

use kiosk_protocol::blob::BlobId;
use kiosk_protocol::calls::Call;
use kiosk_protocol::case::{AddPages, CasePage, IdentityEvidence, RecogniseCase, SignedCopy};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::face::{FaceMatch, MatchFace};
use kiosk_protocol::identity::ChipIdentity;
use kiosk_protocol::scanner::ScannedPage;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{Session, lock};
use crate::supervisor::Attached;

/// The names under which the signer looks for it (`kiosk_signer::READINGS`, `EVIDENCE`).
const READINGS: &str = "readings";
const EVIDENCE: &str = "evidence";
/// Readings that are kept: the pages of one case, scanned twice.
const READINGS_MAX: usize = 120;
/// Copies that are waited for to be taken.
const COPIES_MAX: usize = 32;
/// Scanned pages that are known: those of several cases.
const SCANNED_MAX: usize = 300;

/// What was seen.
#[derive(Default)]
pub(super) struct Evidence {
    /// Pages that a scanner of this kiosk has made, with their dots per inch, the oldest first.
    scanned: VecDeque<(BlobId, u16)>,
    /// Readings by the page's blob, the oldest first; JSON.
    readings: VecDeque<(BlobId, Box<RawValue>)>,
    identity: Option<ChipIdentity>,
    /// The match, if it was with the portrait of `identity`.
    face: Option<FaceMatch>,
    /// Files of copies that the page has not taken yet, with their deliveries, the oldest first.
    copies: VecDeque<(BlobId, i64)>,
}

/// What a command will have shown when it ends well.
#[derive(Clone, Debug)]
pub(super) enum Shows {
    /// The text of a page.
    Text(BlobId),
    /// Who the card is for.
    Identity,
    /// Whether the face is the portrait's.
    Face(BlobId),
    /// A signed copy.
    Copy,
}

impl Shows {
    /// Of a command, if it shows something.
    pub(super) fn of(call: &Call, payload: &str) -> Option<Self> {
        match call.name {
            "ocr.read" => (call.attachments)(payload).pop().map(Self::Text),
            "identity.read" => Some(Self::Identity),
            "case.copy" | "copy.fetch" => Some(Self::Copy),
            "face.match" => serde_json::from_str::<MatchFace>(payload).ok().map(|it| Self::Face(it.portrait)),
            _ => None,
        }
    }
}

impl Session {
    /// Remembers what a command has shown.
    pub(super) fn remember(&self, shows: Shows, reply: &Value) {
        let mut evidence = lock(&self.evidence);
        match shows {
            Shows::Text(page) => {
                let Ok(text) = serde_json::value::to_raw_value(reply) else { return };
                evidence.readings.retain(|(read, _)| *read != page);
                if evidence.readings.len() >= READINGS_MAX {
                    evidence.readings.pop_front();
                }
                evidence.readings.push_back((page, text));
            }
            Shows::Identity => {
                evidence.face = None;
                evidence.identity = serde_json::from_value(reply.clone()).ok();
            }
            Shows::Face(portrait) => {
                let own = evidence.identity.as_ref().and_then(|identity| identity.portrait.as_ref());
                let is_own = own.is_some_and(|own| own.blob == portrait);
                evidence.face = is_own.then(|| serde_json::from_value(reply.clone()).ok()).flatten();
            }
            Shows::Copy => {
                let Ok(SignedCopy { file, delivery: Some(delivery), .. }) = serde_json::from_value(reply.clone())
                else {
                    return;
                };
                if evidence.copies.len() >= COPIES_MAX {
                    evidence.copies.pop_front();
                }
                evidence.copies.push_back((file.blob, delivery));
            }
        }
    }

    /// Remembers a page that a scanner has made.
    pub(super) fn remember_page(&self, page: &Value) {
        let Ok(page) = serde_json::from_value::<ScannedPage>(page.clone()) else { return };
        let mut evidence = lock(&self.evidence);
        if evidence.scanned.len() >= SCANNED_MAX {
            evidence.scanned.pop_front();
        }
        evidence.scanned.push_back((page.blob, page.resolution_dpi));
    }

    /// The delivery that a file is, if it is a copy that was not taken yet.
    pub(super) fn take_copy(&self, file: &BlobId) -> Option<i64> {
        let mut evidence = lock(&self.evidence);
        let place = evidence.copies.iter().position(|(known, _)| known == file)?;
        evidence.copies.remove(place).map(|(_, delivery)| delivery)
    }

    /// The face was not to be looked at, after all.
    pub(super) fn forget_face(&self) {
        lock(&self.evidence).face = None;
    }

    /// Refuses pages of a case that no scanner of this kiosk has made in this session, or not with these dots per inch: what a page
    /// has uploaded is not what lay on the glass.
    pub(super) fn check_pages(&self, call: &Call, payload: &str) -> Result<(), Failure> {
        if !matches!(call.name, "case.pages" | "case.second_scan") {
            return Ok(());
        }
        let request: AddPages = read(payload)?;
        let evidence = lock(&self.evidence);
        let is_scanned = |page: &CasePage| evidence.scanned.contains(&(page.image.clone(), page.resolution_dpi));
        if request.pages.iter().all(is_scanned) {
            return Ok(());
        }
        let detail = "a page was not scanned in this session, or not with these dots per inch: use scanner.scan, and \
                      resolution_dpi as its page has it";
        Err(Failure { field: Some("payload.pages".into()), ..Failure::new(ErrorCode::NotPermitted, detail) })
    }

    /// What goes along with a call, beside the blobs that it names.
    pub(super) fn testimony(&self, call: &Call, payload: &str) -> Result<Option<Attached>, Failure> {
        match call.name {
            "case.recognise" => self.readings(&read::<RecogniseCase>(payload)?.pages).map(Some),
            "case.second_scan" => self.readings(&read::<AddPages>(payload)?.blobs()).map(Some),
            "case.identify" => self.identity().map(Some),
            _ => Ok(None),
        }
    }

    fn readings(&self, pages: &[BlobId]) -> Result<Attached, Failure> {
        let evidence = lock(&self.evidence);
        let mut readings = Vec::new();
        for page in pages {
            let reading = evidence.readings.iter().find(|(read, _)| read == page).map(|(_, reading)| reading);
            readings.push(reading.ok_or_else(|| {
                let detail = "a page was not read in this session: use ocr.read for each page first";
                Failure { field: Some("payload.pages".into()), ..Failure::new(ErrorCode::NotFound, detail) }
            })?);
        }
        attached(READINGS, &readings)
    }

    fn identity(&self) -> Result<Attached, Failure> {
        let evidence = lock(&self.evidence);
        let Some(mut identity) = evidence.identity.clone() else {
            let detail = "no identity card was read in this session: use identity.read first";
            return Err(Failure::new(ErrorCode::NotPermitted, detail));
        };
        // The picture stays in the session.
        identity.portrait = None;
        attached(EVIDENCE, &IdentityEvidence { identity, face: evidence.face.clone() })
    }
}

fn read<T: serde::de::DeserializeOwned>(payload: &str) -> Result<T, Failure> {
    serde_json::from_str(payload).map_err(|_| Failure::invalid("payload", "it is none"))
}

fn attached(name: &str, of: &impl serde::Serialize) -> Result<Attached, Failure> {
    let bytes = serde_json::to_vec(of).map_err(|error| Failure::new(ErrorCode::Internal, error.to_string()))?;
    Ok(Attached { blob: BlobId(name.to_owned()), bytes: bytes.into() })
}
