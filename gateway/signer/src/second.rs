//! The second scan: the same paper once more, when the policy or an officer asks for it, so that nobody certifies what only one
//! look of the scanner says. It is kept with the case, certifies nothing itself, and is gone with the case.

use std::time::{Duration, Instant};

use kiosk_protocol::approval::Reason;
use kiosk_protocol::case::{AddPages, CaseView, SecondScanState};
use kiosk_protocol::ocr::DocumentText;
use kiosk_register::{CaseId, DocumentKey, State};
use sha2::{Digest, Sha256};

use crate::compare::{Differences, differences};
use crate::facts::{Facts, SecondFacts, hex};
use crate::fault::Fault;
use crate::intake::page_facts;
use crate::office::Office;
use crate::settings::SecondScan;
use crate::view::case_id;

/// The comparison is exact so long. (60 full pages of a few differences each take a hundredth of it.)
const COMPARED_WITHIN: Duration = Duration::from_secs(2);
/// The document with the differences.
const DIFFERENCES: &str = "second-differences";

/// A second scan as an officer gets it; the documents are to go as blobs.
pub(crate) struct SecondDossier {
    pub(crate) pages: Vec<(Vec<u8>, String)>,
    pub(crate) readings: Vec<Vec<u8>>,
    pub(crate) differences: Differences,
}

impl Office {
    /// Whether a second scan is asked for, or there.
    pub(crate) fn second_scan_state(&self, state: State, facts: &Facts) -> Option<SecondScanState> {
        use State::{Captured, Identified, Opened, Prepared, Recognised, SentBack};
        if facts.second.is_some() {
            return Some(SecondScanState::Done);
        }
        let may_come = matches!(state, Opened | Captured | Recognised | Identified | Prepared | SentBack);
        let asked = match self.settings.policy.second_scan {
            SecondScan::Never => false,
            SecondScan::Asked => facts.reason == Some(Reason::SecondScan),
            SecondScan::Always => true,
        };
        (may_come && asked).then_some(SecondScanState::Asked)
    }

    /// Keeps the pages of a second scan, what was read on them, and where that differs from the first reading.
    pub(crate) fn second_scan(
        &self,
        request: &AddPages,
        images: &[&[u8]],
        readings: &[DocumentText],
    ) -> Result<CaseView, Fault> {
        let case = case_id(&request.case)?;
        if self.settings.policy.second_scan == SecondScan::Never {
            return Err(Fault::not_now("the configuration takes no second scan: copies.policy.second_scan"));
        }
        let mut pages = page_facts(&request.pages, images)?;
        let lawful = [State::Recognised, State::Identified, State::Prepared, State::SentBack];
        let state = self.in_state(case, &lawful, "take a second scan")?;
        let (facts, key) = {
            let store = self.store();
            (Facts::load(&store, case)?, store.document_key(case)?)
        };
        if state == State::SentBack && facts.reason != Some(Reason::SecondScan) {
            return Err(Fault::not_now("the case was sent back for another reason: use case.pages first"));
        }
        if pages.len() != facts.pages.len() || readings.len() != pages.len() {
            let detail = format!("the case has {} pages: scan each of them again, in their order", facts.pages.len());
            return Err(Fault::field("pages", detail));
        }
        let mut known = facts.scanned.clone();
        if !pages.iter().all(|page| known.insert(page.blob.clone())) {
            return Err(Fault::field("pages", "the same picture twice says nothing: scan each page again"));
        }
        let first: Result<Vec<DocumentText>, Fault> =
            (1..=pages.len()).map(|number| self.reading(case, &key, number)).collect();
        let found = differences(first?.iter().zip(readings), Instant::now() + COMPARED_WITHIN);
        for (number, (page, (image, reading))) in (1..).zip(pages.iter_mut().zip(images.iter().zip(readings))) {
            page.size_px = Some([reading.width_px, reading.height_px]);
            let text = serde_json::to_vec(reading).expect("a reading is plain data");
            page.reading_sha256 = Some(hex(&Sha256::digest(&text)));
            self.vault.put(case, &key, &page_name(number), image)?;
            self.vault.put(case, &key, &reading_name(number), &text)?;
        }
        let found = serde_json::to_vec(&found).expect("differences are plain data");
        self.vault.put(case, &key, DIFFERENCES, &found)?;
        let differences_sha256 = hex(&Sha256::digest(&found));
        let second = SecondFacts { pages, differences_sha256 };
        Facts::change(&mut self.store(), case, |facts| {
            facts.second = Some(second);
            facts.scanned = known;
        })?;
        self.news_of(case);
        self.view(case)
    }

    /// What an officer gets of it.
    pub(crate) fn second_dossier(
        &self,
        case: CaseId,
        key: &DocumentKey,
        second: &SecondFacts,
    ) -> Result<SecondDossier, Fault> {
        // A power cut between a document and the facts would leave another one than these say.
        let get = |name: &str, sha256: Option<&str>| {
            let document = self.vault.get(case, key, name)?;
            let is_it = sha256 == Some(hex(&Sha256::digest(&document)).as_str());
            if is_it { Ok(document) } else { Err(Fault::Damaged { case, what: "pages of the second scan" }) }
        };
        let (mut pages, mut readings) = (Vec::new(), Vec::new());
        for (number, page) in (1..).zip(&second.pages) {
            pages.push((get(&page_name(number), Some(&page.sha256))?, page.media_type.clone()));
            readings.push(get(&reading_name(number), page.reading_sha256.as_deref())?);
        }
        let found = get(DIFFERENCES, Some(&second.differences_sha256))?;
        let differences = serde_json::from_slice(&found)
            .map_err(|_| Fault::Damaged { case, what: "differences of the second scan" })?;
        Ok(SecondDossier { pages, readings, differences })
    }
}

fn page_name(number: usize) -> String {
    format!("second-page-{number:03}")
}

fn reading_name(number: usize) -> String {
    format!("second-reading-{number:03}")
}
