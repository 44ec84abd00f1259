//! What the kiosk does with a case until an officer has it: open, pages, readings, the person, the composed copy.

use std::time::Duration;

use kiosk_protocol::approval::{ApprovalDoubt, Reason};
use kiosk_protocol::case::{
    AddPages, CasePage, CaseView, IdentityEvidence, OfCase, OpenCase, PrepareCase, RecogniseCase, SecondScanState,
};
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::face;
use kiosk_protocol::ocr::DocumentText;
use kiosk_register::{CaseId, Code, Hash, Personal, Purge, State, Step, Store};
use sha2::{Digest, Sha256};

use crate::copy::{self, Material};
use crate::facts::{Facts, PageFacts, hex};
use crate::fault::Fault;
use crate::office::Office;
use crate::view::case_id;

/// Most pages of a case.
const PAGES_MOST: usize = 60;
/// The states of a case that no officer has decided about.
pub(crate) const UNDECIDED: [State; 7] = [
    State::Opened,
    State::Captured,
    State::Recognised,
    State::Identified,
    State::Prepared,
    State::AwaitingOfficer,
    State::SentBack,
];
/// So many of them, and no other is opened: a kiosk has one at a time, and officers a day's.
const UNDECIDED_MOST: usize = 2000;
/// A line that was read with less confidence is one that an officer should look at.
const SURE: f32 = 0.8;
/// Most doubts that are told of a case.
const DOUBTS_MOST: usize = 500;

/// The name of the person's proofs among a case's personal values.
pub(crate) fn evidence_name() -> Code {
    Code::new("evidence").expect("this is a code")
}

impl Office {
    pub(crate) fn open_case(&self, request: &OpenCase) -> Result<CaseView, Fault> {
        if !self.settings.procedures.contains(&request.procedure) {
            return Err(Fault::field(
                "procedure",
                "the configuration has no such procedure; see the signer's capabilities",
            ));
        }
        let procedure = Code::new(&request.procedure).map_err(|error| Fault::field("procedure", error.to_string()))?;
        let case = {
            let mut store = self.store();
            if store.count(&UNDECIDED)? >= UNDECIDED_MOST {
                let detail = format!("{UNDECIDED_MOST} cases are open: withdraw those that nobody goes on with");
                return Err(Fault::Refused(Failure::new(ErrorCode::Busy, detail)));
            }
            let case = store.open_case(&procedure)?;
            Facts { language: request.language, ..Facts::default() }.save(&mut store, case)?;
            case
        };
        self.news_of(case);
        self.view(case)
    }

    /// Keeps the pages. `images`: their bytes, in the same order.
    pub(crate) fn add_pages(&self, request: &AddPages, images: &[&[u8]]) -> Result<CaseView, Fault> {
        let case = case_id(&request.case)?;
        let pages = page_facts(&request.pages, images)?;
        let state = self.in_state(case, &[State::Opened, State::Captured, State::SentBack], "take pages")?;
        let key = self.store().document_key(case)?;
        for (number, image) in (1..).zip(images) {
            self.vault.put(case, &key, &page_name(number), image)?;
        }
        {
            let mut store = self.store();
            let mut facts = Facts::load(&store, case)?;
            facts.scanned.extend(pages.iter().map(|page| page.blob.clone()));
            facts.pages = pages;
            facts.second = None;
            // It stands in what is certified.
            facts.converted_ms = store.now()?;
            facts.approvals.clear();
            match state {
                State::Captured => facts.save(&mut store, case)?,
                _ => facts.save_and_advance(&mut store, case, &Step::Captured)?,
            }
        }
        self.news_of(case);
        self.view(case)
    }

    /// Keeps what was read on the pages, in their order.
    pub(crate) fn recognise(&self, request: &RecogniseCase, readings: &[DocumentText]) -> Result<CaseView, Fault> {
        let case = case_id(&request.case)?;
        self.in_state(case, &[State::Captured], "take readings")?;
        let (mut facts, key) = {
            let store = self.store();
            (Facts::load(&store, case)?, store.document_key(case)?)
        };
        if readings.len() != facts.pages.len() {
            let detail = format!("the case has {} pages; read each of them with ocr.read", facts.pages.len());
            return Err(Fault::field("pages", detail));
        }
        if request.pages.iter().zip(&facts.pages).any(|(read, page)| read.0 != page.blob) {
            return Err(Fault::field("pages", "these are not the pages of the case, in their order"));
        }
        for (number, (page, reading)) in (1..).zip(facts.pages.iter_mut().zip(readings)) {
            page.size_px = Some([reading.width_px, reading.height_px]);
            let text = serde_json::to_vec(reading).expect("a reading is plain data");
            page.reading_sha256 = Some(hex(&Sha256::digest(&text)));
            self.vault.put(case, &key, &reading_name(number), &text)?;
        }
        {
            let mut store = self.store();
            facts.save_and_advance(&mut store, case, &Step::Recognised)?;
        }
        self.news_of(case);
        self.view(case)
    }

    /// Keeps who the person is, if the policy takes it.
    pub(crate) fn identify(&self, request: &OfCase, evidence: &IdentityEvidence) -> Result<CaseView, Fault> {
        let case = case_id(&request.case)?;
        self.in_state(case, &[State::Recognised], "take a person's proofs")?;
        let policy = &self.settings.policy;
        if !policy.card.contains(&evidence.identity.verdict) {
            let detail = "the card was not proven genuine, as the policy asks: offer the way at the counter";
            return Err(Fault::not_now(detail));
        }
        if policy.face_must_match && !is_same(evidence) {
            return Err(Fault::not_now(
                "the face was not compared, is not surely the card's, or not proven alive: offer the way at the counter",
            ));
        }
        {
            let mut store = self.store();
            let text = serde_json::to_vec(evidence).expect("proofs are plain data");
            store.advance_with(case, &evidence_name(), &Personal(text), &Step::Identified)?;
        }
        self.news_of(case);
        self.view(case)
    }

    /// Composes the copy as it will be, and hands it to the officers.
    pub(crate) fn prepare(&self, request: &PrepareCase, within: Duration) -> Result<CaseView, Fault> {
        let case = case_id(&request.case)?;
        let state = self.in_state(case, &[State::Identified, State::Prepared, State::SentBack], "be prepared")?;
        let material = self.material(case)?;
        if self.second_scan_state(state, &material.facts) == Some(SecondScanState::Asked) {
            return Err(Fault::not_now("the pages are to be scanned a second time: use case.second_scan first"));
        }
        // Its pages are good still if only that was asked for.
        if state == State::SentBack && material.facts.reason != Some(Reason::SecondScan) {
            return Err(Fault::not_now("the case was sent back: use case.pages first"));
        }
        let content = copy::content(&self.settings, &material);
        if state == State::Prepared && material.known.content != Some(Hash(content)) {
            return Err(Fault::not_now(
                "the configuration was changed since it was prepared: withdraw it, and begin anew",
            ));
        }
        let preview = self.compose(copy::request(&self.settings, &material, None)?, within)?;
        self.vault.put(case, &material.key, PREVIEW, &preview.pdf)?;
        {
            let mut store = self.store();
            if state != State::Prepared {
                store.advance(case, &Step::Prepared { content: Hash(content) })?;
            }
            store.advance(case, &Step::AwaitingOfficer)?;
        }
        self.news_of(case);
        self.view(case)
    }

    /// Gives a case up.
    pub(crate) fn withdraw(&self, request: &OfCase) -> Result<(), Fault> {
        let case = case_id(&request.case)?;
        self.in_state(case, &UNDECIDED, "be given up")?;
        let by = Code::new("citizen").expect("this is a code");
        self.store().purge(case, &Purge::Decision { by })?;
        self.forget_documents(case);
        self.news_of(case);
        Ok(())
    }

    /// The documents of a case whose key is destroyed.
    pub(crate) fn forget_documents(&self, case: CaseId) {
        if let Err(error) = self.vault.remove(case) {
            // Without their key they say nothing; the next start tries again.
            tracing::warn!(?case, %error, "the documents of a purged case could not be removed");
        }
    }

    /// The case's state, which must be one of these.
    pub(crate) fn in_state(&self, case: CaseId, lawful: &[State], what: &str) -> Result<State, Fault> {
        let state = self.store().case(case)?.state;
        if lawful.contains(&state) {
            return Ok(state);
        }
        let next = match state {
            State::Opened => "give it its pages with case.pages first",
            State::Captured => "have its pages read (ocr.read) and use case.recognise first",
            State::Recognised => "have the card read (identity.read) and use case.identify first",
            State::Identified => "use case.prepare",
            _ => "ask for its status",
        };
        Err(Fault::not_now(format!("the case is {state} and cannot {what} now: {next}")))
    }

    /// All that the copy is made of.
    pub(crate) fn material(&self, case: CaseId) -> Result<Material, Fault> {
        let (known, facts, key) = {
            let store = self.store();
            (store.case(case)?, Facts::load(&store, case)?, store.document_key(case)?)
        };
        let mut images = Vec::new();
        let mut readings = Vec::new();
        for (number, page) in (1..).zip(&facts.pages) {
            let image = self.vault.get(case, &key, &page_name(number))?;
            if hex(&Sha256::digest(&image)) != page.sha256 {
                return Err(Fault::Damaged { case, what: "pages" });
            }
            images.push(image);
            readings.push(self.reading(case, &key, number)?);
        }
        Ok(Material { known, facts, key, images, readings })
    }

    /// What was read on a page.
    pub(crate) fn reading(
        &self,
        case: CaseId,
        key: &kiosk_register::DocumentKey,
        number: usize,
    ) -> Result<DocumentText, Fault> {
        let text = self.vault.get(case, key, &reading_name(number))?;
        serde_json::from_slice(&text).map_err(|_| Fault::Damaged { case, what: "readings" })
    }
}

/// The composed copy without number and code.
pub(crate) const PREVIEW: &str = "preview.pdf";

pub(crate) fn page_name(number: usize) -> String {
    format!("page-{number:03}")
}

pub(crate) fn reading_name(number: usize) -> String {
    format!("reading-{number:03}")
}

pub(crate) fn evidence(store: &Store, case: CaseId) -> Result<Option<IdentityEvidence>, Fault> {
    let Some(value) = store.personal(case, &evidence_name())? else { return Ok(None) };
    serde_json::from_slice(&value.0).map(Some).map_err(|_| Fault::Damaged { case, what: "proofs of the person" })
}

/// What is noted of pages. `images`: their bytes, in the same order.
pub(crate) fn page_facts(pages: &[CasePage], images: &[&[u8]]) -> Result<Vec<PageFacts>, Fault> {
    if !(1..=PAGES_MOST).contains(&images.len()) {
        let detail = format!("a case has 1 to {PAGES_MOST} pages; copy longer papers in parts");
        return Err(Fault::field("pages", detail));
    }
    let mut facts = Vec::new();
    for (page, image) in pages.iter().zip(images) {
        if !(200..=1200).contains(&page.resolution_dpi) {
            return Err(Fault::field("pages.resolution_dpi", "pages are scanned with 200 to 1200 dots per inch"));
        }
        let media_type = match image {
            [0xFF, 0xD8, 0xFF, ..] => "image/jpeg",
            [0x89, b'P', b'N', b'G', ..] => "image/png",
            _ => return Err(Fault::field("pages.image", "a page is a JPEG or PNG file")),
        };
        facts.push(PageFacts {
            sha256: hex(&Sha256::digest(image)),
            bytes: image.len() as u64,
            media_type: media_type.to_owned(),
            resolution_dpi: page.resolution_dpi,
            blob: page.image.0.clone(),
            size_px: None,
            reading_sha256: None,
        });
    }
    Ok(facts)
}

fn is_same(evidence: &IdentityEvidence) -> bool {
    evidence.face.as_ref().is_some_and(|face| face.decision == face::Decision::Match && face.live)
}

/// What an officer should look at.
pub(crate) fn doubts(readings: &[DocumentText], evidence: Option<&IdentityEvidence>) -> Vec<ApprovalDoubt> {
    let mut doubts = Vec::new();
    if let Some(evidence) = evidence {
        if evidence.identity.verdict != kiosk_protocol::identity::ChipVerdict::Genuine {
            doubts.push(ApprovalDoubt::Chip);
        }
        if evidence.identity.document.expired {
            doubts.push(ApprovalDoubt::Expired);
        }
        if !is_same(evidence) {
            doubts.push(ApprovalDoubt::Face);
        }
    }
    for (page, reading) in (1..).zip(readings) {
        if reading.lines.is_empty() {
            doubts.push(ApprovalDoubt::NothingRead { page });
        }
        for (line, read) in (0..).zip(&reading.lines) {
            if read.confidence < SURE {
                doubts.push(ApprovalDoubt::Line { page, line, confidence: read.confidence });
            }
        }
    }
    doubts.truncate(DOUBTS_MOST);
    doubts
}

/// The time as the system says it: for what is only told, never for what is certified.
pub(crate) fn now_ms() -> i64 {
    let passed = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(passed.as_millis()).unwrap_or(i64::MAX)
}

/// A reason as the journal keeps it.
pub(crate) fn reason_code(reason: Reason) -> Code {
    Code::new(reason.as_str()).expect("reasons are codes")
}
