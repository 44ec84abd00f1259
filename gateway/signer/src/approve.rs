//! What officers do: look at prepared copies, decide, settle what nobody knew. Each decision is a statement that the officer's
//! own key has signed over this case and this very content; it is kept with the case.

use std::collections::HashSet;

use kiosk_protocol::approval::{
    ApprovalDecision, ApprovalList, ApprovalRow, Decide, Enrol, Pass, Reason, Settle, SignIn, SignedIn,
};
use kiosk_protocol::case::DeliveryView;
use kiosk_protocol::error::PrintOutcome;
use kiosk_protocol::ocr::DocumentText;
use kiosk_register::{Case, CaseId, Channel, Code, DeliveryId, Outcome, Progress, State, Step, Store};
use sha2::{Digest, Sha256};

use crate::facts::{Approval, Facts, hex};
use crate::fault::Fault;
use crate::intake::{self, PREVIEW, now_ms, page_name, reading_name};
use crate::office::{Office, needs_person};
use crate::officers::OfficerError;
use crate::second::SecondDossier;
use crate::settings::SecondScan;
use crate::view::{self, case_id};

/// Most cases of a state that a list is chosen from.
const LOOKED_AT_MOST: usize = 1000;
/// Most cases of a list.
const LISTED_MOST: usize = 200;

/// All of a case that an officer looks at; the documents are to go as blobs.
pub(crate) struct Dossier {
    pub(crate) row: ApprovalRow,
    pub(crate) content: Option<String>,
    pub(crate) pages: Vec<(Vec<u8>, String)>,
    pub(crate) readings: Vec<Vec<u8>>,
    pub(crate) doubts: Vec<kiosk_protocol::approval::ApprovalDoubt>,
    pub(crate) second: Option<SecondDossier>,
    pub(crate) preview: Option<Vec<u8>>,
    pub(crate) identity: Option<kiosk_protocol::case::IdentityEvidence>,
    pub(crate) copy: Option<kiosk_protocol::case::CopyView>,
    pub(crate) deliveries: Vec<DeliveryView>,
}

impl Office {
    pub(crate) fn enrol(&self, request: &Enrol) -> Result<(), Fault> {
        if self.settings.officer(&request.officer).is_none() {
            return Err(OfficerError::Unknown.into());
        }
        Ok(self.officers().enrol(request)?)
    }

    pub(crate) fn sign_in(&self, request: &SignIn) -> Result<SignedIn, Fault> {
        let officer = self.settings.officer(&request.officer).ok_or(OfficerError::Unknown)?;
        let pass = self.officers().sign_in(request)?;
        let procedures =
            self.settings.procedures.iter().filter(|procedure| officer.may_certify(procedure)).cloned().collect();
        Ok(SignedIn {
            pass,
            name: officer.name.clone(),
            title: officer.title.clone(),
            procedures,
            reasons: Reason::ALL.to_vec(),
            second_scan: self.settings.policy.second_scan != SecondScan::Never,
        })
    }

    /// Whose pass it is; he must still be in the configuration.
    pub(crate) fn officer(&self, pass: &Pass) -> Result<String, Fault> {
        let officer = self.officers().of_pass(pass)?;
        if self.settings.officer(&officer).is_none() {
            return Err(OfficerError::Unknown.into());
        }
        Ok(officer)
    }

    pub(crate) fn serves(&self, officer: &str, procedure: &Code) -> bool {
        self.settings.officer(officer).is_some_and(|officer| officer.may_certify(procedure.as_str()))
    }

    /// Makes sure that a procedure is one of the officer's: of others he sees the register's entries only.
    pub(crate) fn must_serve(&self, officer: &str, procedure: &Code) -> Result<(), Fault> {
        if self.serves(officer, procedure) {
            return Ok(());
        }
        Err(Fault::not_now(format!("`{procedure}` is not among this officer's procedures: see [[copies.officers]]")))
    }

    /// The cases that need a person.
    pub(crate) fn list(&self, pass: &Pass) -> Result<ApprovalList, Fault> {
        let officer = self.officer(pass)?;
        let store = self.store();
        let mut known = store.waiting(State::AwaitingOfficer, LOOKED_AT_MOST)?;
        for todo in store.resume()?.into_iter().filter(|it| needs_person(it.todo)) {
            // A parked one cannot be read; the signer's log and status tell of it.
            known.extend(store.case(todo.case).ok());
        }
        for state in [State::Approved, State::Numbered, State::Logged] {
            known.extend(store.waiting(state, LOOKED_AT_MOST)?);
        }
        let mut listed = HashSet::new();
        known.retain(|case| self.serves(&officer, &case.procedure) && listed.insert(case.id));
        // What was withdrawn on its way is not signed any more; but somebody must know of what cannot be logged.
        let is_over = |case: &Case| case.revoked && matches!(case.state, State::Numbered | State::Logged);
        known.retain(|case| !is_over(case) || self.waiting(case.id).is_some());
        known.sort_by_key(|case| case.opened_ms);
        known.truncate(LISTED_MOST);
        // One that is damaged must not hide the others; who opens it is told.
        let known: Vec<(Case, Facts)> =
            known.into_iter().filter_map(|case| Facts::load(&store, case.id).ok().map(|facts| (case, facts))).collect();
        drop(store);
        Ok(ApprovalList { cases: known.iter().map(|(case, facts)| self.row(case, facts, &officer)).collect() })
    }

    /// All of one case.
    pub(crate) fn dossier(&self, pass: &Pass, case: CaseId) -> Result<Dossier, Fault> {
        let officer = self.officer(pass)?;
        let content;
        let (known, facts, key, evidence, copy) = {
            let store = self.store();
            let (known, facts) = (store.case(case)?, Facts::load(&store, case)?);
            self.must_serve(&officer, &known.procedure)?;
            let copy = self.copy_view(&store, &known, &facts)?;
            content = seen(&store, &known, &facts)?;
            (known, facts, store.document_key(case)?, intake::evidence(&store, case)?, copy)
        };
        let mut pages = Vec::new();
        let (mut readings, mut texts): (Vec<Vec<u8>>, Vec<DocumentText>) = (Vec::new(), Vec::new());
        for (number, page) in (1..).zip(&facts.pages) {
            pages.push((self.vault.get(case, &key, &page_name(number))?, page.media_type.clone()));
            if let Some(text) = self.vault.find(case, &key, &reading_name(number))? {
                texts.push(serde_json::from_slice(&text).map_err(|_| Fault::Damaged { case, what: "readings" })?);
                readings.push(text);
            }
        }
        Ok(Dossier {
            row: self.row(&known, &facts, &officer),
            content,
            pages,
            doubts: intake::doubts(&texts, evidence.as_ref()),
            second: facts.second.as_ref().map(|second| self.second_dossier(case, &key, second)).transpose()?,
            readings,
            preview: self.vault.find(case, &key, PREVIEW)?,
            identity: evidence,
            copy,
            deliveries: known.deliveries.values().map(view::delivery).collect(),
        })
    }

    /// Takes a decision, if the officer may decide and has signed it.
    pub(crate) fn decide(&self, request: &Decide) -> Result<ApprovalRow, Fault> {
        let officer = self.officer(&request.pass)?;
        let case = case_id(&request.case)?;
        if request.reason.is_none() && request.decision != ApprovalDecision::Approve {
            return Err(Fault::field("reason", "a refusal has a reason: choose one"));
        }
        let asks = request.reason == Some(Reason::SecondScan);
        let may_ask = self.settings.policy.second_scan != SecondScan::Never;
        if asks && (request.decision != ApprovalDecision::SendBack || !may_ask) {
            return Err(Fault::field("reason", "a second scan is asked for by sending back, if the policy takes one"));
        }
        let signed = self.officers().signed(&officer, request.statement(), &request.signature)?;
        let who = Code::new(&officer).map_err(|error| Fault::Setup(error.to_string()))?;
        let (known, facts) = {
            let mut store = self.store();
            let known = store.case(case)?;
            let mut facts = Facts::load(&store, case)?;
            let content = seen(&store, &known, &facts)?;
            self.may_decide(&known, &facts, &officer, request, content.as_deref())?;
            self.note(&signed)?;
            match request.decision {
                ApprovalDecision::Approve => {
                    if facts.approvals.iter().all(|approval| approval.officer != officer) {
                        facts.approvals.push(Approval { officer: officer.clone(), at_ms: now_ms() });
                    }
                    facts.reason = None;
                    match self.is_approved(&facts) {
                        true => facts.save_and_advance(&mut store, case, &Step::Approved { officer: who })?,
                        false => facts.save(&mut store, case)?,
                    }
                }
                ApprovalDecision::Refuse | ApprovalDecision::SendBack => {
                    let reason = request.reason.unwrap_or(Reason::ShowOriginal);
                    facts.reason = Some(reason);
                    facts.approvals.clear();
                    if asks {
                        // Another one, if he has seen one already.
                        facts.second = None;
                    }
                    let reason = intake::reason_code(reason);
                    let step = match request.decision {
                        ApprovalDecision::Refuse => Step::Refused { officer: who, reason },
                        _ => Step::SentBack { officer: who, reason },
                    };
                    facts.save_and_advance(&mut store, case, &step)?;
                }
            }
            (store.case(case)?, facts)
        };
        tracing::info!(?case, officer, decision = request.decision.as_str(), "an officer has decided");
        self.news_of(case);
        Ok(self.row(&known, &facts, &officer))
    }

    fn may_decide(
        &self,
        known: &Case,
        facts: &Facts,
        officer: &str,
        request: &Decide,
        content: Option<&str>,
    ) -> Result<(), Fault> {
        if known.state != State::AwaitingOfficer {
            return Err(Fault::not_now(format!("the case is {} and waits for no decision", known.state)));
        }
        if content != Some(request.content.as_str()) {
            return Err(Fault::not_now("the case has other content than what was decided about: look at it again"));
        }
        self.must_serve(officer, &known.procedure)?;
        let approved_already = facts.approvals.iter().any(|approval| approval.officer == officer);
        if request.decision == ApprovalDecision::Approve && approved_already && !self.is_approved(facts) {
            return Err(Fault::not_now("this officer has approved it already; another one must, too"));
        }
        let needs_second = self.settings.policy.second_scan == SecondScan::Always && facts.second.is_none();
        if request.decision == ApprovalDecision::Approve && needs_second {
            return Err(Fault::not_now("the policy asks for a second scan: send the case back for it"));
        }
        Ok(())
    }

    /// Notes what an officer found out about a print.
    pub(crate) fn settle(&self, request: &Settle) -> Result<DeliveryView, Fault> {
        let officer = self.officer(&request.pass)?;
        let outcome = match request.outcome {
            PrintOutcome::Printed => Outcome::Done,
            PrintOutcome::NotPrinted => Outcome::NotDone,
            PrintOutcome::Unknown => {
                return Err(Fault::field("outcome", "say whether there is paper: `printed` or `not_printed`"));
            }
        };
        let signed = self.officers().signed(&officer, request.statement(), &request.signature)?;
        let who = Code::new(&officer).map_err(|error| Fault::Setup(error.to_string()))?;
        let mut store = self.store();
        let delivery = store.delivery(DeliveryId(request.delivery))?;
        self.must_serve(&officer, &store.case(delivery.case)?.procedure)?;
        let is_this = delivery.channel == Channel::Print && delivery.attempts == request.attempts;
        if !is_this || delivery.progress != Progress::Finished(Outcome::Unknown) {
            return Err(Fault::not_now("of this delivery more is known, or it is under way: nothing to settle"));
        }
        self.note(&signed)?;
        let settled = store.settle(DeliveryId(request.delivery), &who, outcome)?;
        drop(store);
        self.news_of(settled.case);
        Ok(view::delivery(&settled))
    }
}

/// The hash of all that an officer sees of a case: what is certified, what was read, a second scan and its differences, who the
/// person is, and which round it is, so that a decision is about nothing else and is good once. `None` before it is composed.
fn seen(store: &Store, known: &Case, facts: &Facts) -> Result<Option<String>, Fault> {
    let Some(content) = known.content else { return Ok(None) };
    let evidence = store.personal(known.id, &intake::evidence_name())?.map_or(Vec::new(), |value| value.0);
    let mut hasher = Sha256::new();
    let mut field = |bytes: &[u8]| {
        hasher.update((bytes.len() as u64).to_be_bytes());
        hasher.update(bytes);
    };
    field(b"kiosk-gateway seen 1");
    field(&content.0);
    field(&known.last.to_be_bytes());
    field(&evidence);
    for page in &facts.pages {
        field(page.reading_sha256.as_deref().unwrap_or_default().as_bytes());
    }
    if let Some(second) = &facts.second {
        field(b"second scan");
        for page in &second.pages {
            field(page.sha256.as_bytes());
            field(page.reading_sha256.as_deref().unwrap_or_default().as_bytes());
        }
        field(second.differences_sha256.as_bytes());
    }
    Ok(Some(hex(&hasher.finalize())))
}
