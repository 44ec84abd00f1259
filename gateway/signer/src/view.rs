//! Cases as others see them.

use kiosk_protocol::approval::ApprovalRow;
use kiosk_protocol::case::{
    CaseName, CaseState, CaseView, CopyView, DeliveryChannel, DeliveryState, DeliveryView, WaitsFor,
};
use kiosk_protocol::personal::PersonalText;
use kiosk_protocol::register::RegisterEntry;
use kiosk_register::{Case, CaseId, Channel, Copy, Delivery, Entry, Outcome, Progress, State, Store};

use crate::facts::Facts;
use crate::fault::Fault;
use crate::office::Office;

/// The case of a name.
pub(crate) fn case_id(name: &CaseName) -> Result<CaseId, Fault> {
    CaseId::from_hex(&name.0).ok_or_else(|| Fault::field("case", "a case's name has 32 hexadecimal digits"))
}

pub(crate) fn case_name(case: CaseId) -> CaseName {
    CaseName(case.to_string())
}

fn state(state: State) -> CaseState {
    match state {
        State::Opened => CaseState::Opened,
        State::Captured => CaseState::Captured,
        State::Recognised => CaseState::Recognised,
        State::Identified => CaseState::Identified,
        State::Prepared => CaseState::Prepared,
        State::AwaitingOfficer => CaseState::AwaitingOfficer,
        State::Approved => CaseState::Approved,
        State::Refused => CaseState::Refused,
        State::SentBack => CaseState::SentBack,
        State::Numbered => CaseState::Numbered,
        State::Logged => CaseState::Logged,
        State::Signed => CaseState::Signed,
        State::Delivered => CaseState::Delivered,
        // A purged case is told as unknown before this.
        State::Stored | State::Purged => CaseState::Stored,
    }
}

pub(crate) fn delivery(delivery: &Delivery) -> DeliveryView {
    DeliveryView {
        delivery: delivery.id.0,
        channel: match delivery.channel {
            Channel::Print => DeliveryChannel::Print,
            Channel::Mail => DeliveryChannel::Mail,
            Channel::Download => DeliveryChannel::Download,
        },
        state: match delivery.progress {
            Progress::Queued => DeliveryState::Queued,
            Progress::Started => DeliveryState::Started,
            Progress::Finished(Outcome::Done) => DeliveryState::Done,
            Progress::Finished(Outcome::NotDone) => DeliveryState::NotDone,
            Progress::Finished(Outcome::Unknown) => DeliveryState::Unknown,
        },
        reprint: delivery.copy == Copy::Reprint,
        attempts: delivery.attempts,
    }
}

/// `own`: it is of one of the officer's procedures.
pub(crate) fn entry(store: &Store, entry: &Entry, own: bool) -> Result<RegisterEntry, Fault> {
    let revocation = store.revocation(entry.case)?;
    Ok(RegisterEntry {
        entry: entry.id,
        case: own.then(|| case_name(entry.case)),
        number: entry.number.to_string(),
        volume: entry.number.book.volume,
        at_ms: entry.at_ms,
        officer: entry.officer.to_string(),
        procedure: entry.procedure.to_string(),
        pages: entry.pages,
        revoked: revocation.is_some(),
        revoked_ms: revocation.map(|record| record.at_ms),
    })
}

impl Office {
    /// A case as the kiosk sees it.
    pub(crate) fn view(&self, case: CaseId) -> Result<CaseView, Fault> {
        let store = self.store();
        let known = store.case(case)?;
        let facts = Facts::load(&store, case)?;
        let copy = self.copy_view(&store, &known, &facts)?;
        drop(store);
        Ok(CaseView {
            case: case_name(case),
            state: state(known.state),
            waits_for: self.waits_for(&known, &facts),
            reason: facts.reason.filter(|_| matches!(known.state, State::Refused | State::SentBack)),
            second_scan: self.second_scan_state(known.state, &facts),
            revoked: known.revoked,
            opened_ms: known.opened_ms,
            changed_ms: known.changed_ms,
            copy,
            deliveries: known.deliveries.values().map(delivery).collect(),
        })
    }

    /// A case in an officer's list.
    pub(crate) fn row(&self, known: &Case, facts: &Facts, officer: &str) -> ApprovalRow {
        let has_approved = facts.approvals.iter().any(|approval| approval.officer == officer);
        let may_certify =
            self.settings.officer(officer).is_some_and(|officer| officer.may_certify(known.procedure.as_str()));
        ApprovalRow {
            case: case_name(known.id),
            state: state(known.state),
            waits_for: self.waits_for(known, facts),
            procedure: known.procedure.to_string(),
            opened_ms: known.opened_ms,
            changed_ms: known.changed_ms,
            // The policy may have asked for more officers when he approved it: then he says it again.
            may_decide: known.state == State::AwaitingOfficer
                && may_certify
                && (!has_approved || self.is_approved(facts)),
            approved_by: facts.approvals.iter().map(|approval| approval.officer.clone()).collect(),
        }
    }

    /// As many officers have approved as must.
    pub(crate) fn is_approved(&self, facts: &Facts) -> bool {
        facts.approvals.len() >= usize::from(self.settings.policy.approvals)
    }

    fn waits_for(&self, known: &Case, facts: &Facts) -> Option<WaitsFor> {
        let unknown = |delivery: &Delivery| {
            delivery.channel == Channel::Print && delivery.progress == Progress::Finished(Outcome::Unknown)
        };
        if known.deliveries.values().any(unknown) {
            return Some(WaitsFor::Person);
        }
        match known.state {
            State::AwaitingOfficer if facts.approvals.is_empty() || self.is_approved(facts) => Some(WaitsFor::Officer),
            State::AwaitingOfficer => Some(WaitsFor::SecondOfficer),
            _ => self.waiting(known.id).map(|waiting| waiting.waits_for),
        }
    }

    /// What there is of a signed copy.
    pub(crate) fn copy_view(&self, store: &Store, known: &Case, facts: &Facts) -> Result<Option<CopyView>, Fault> {
        let (Some(file), Some(code), Some(qr)) = (facts.file(), &facts.code, &facts.qr) else { return Ok(None) };
        if known.file.is_none() {
            return Ok(None);
        }
        let Some(entry) = store.entry(known.id)? else { return Ok(None) };
        Ok(Some(CopyView {
            number: entry.number.to_string(),
            code: PersonalText::new(code),
            url: self.url(),
            qr: PersonalText::new(qr),
            file_sha256: file.sha256.clone(),
            level: file.level,
            pages: entry.pages,
        }))
    }

    /// Where codes are typed.
    pub(crate) fn url(&self) -> String {
        format!("https://{}/verify", self.settings.host)
    }
}
