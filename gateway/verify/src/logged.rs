//! Proofs of the log: was the copy logged before it was signed, is this the file that was logged, was it revoked?

use kiosk_proof::{CodeHash, Event, Opening, Sidecar, SidecarError};

use crate::evidence::{Evidence, MOST_PROOFS, RegisterSays};
use crate::file::Signed;
use crate::finding::{Finding, LogEvent, LogFinding, LogState};
use crate::name::{chain, detail};
use crate::printed::Known;
use crate::revisions::Revisions;
use crate::time::Time;
use crate::trust::Trust;

/// How far the clocks of signer, time stamp authority and log may be apart, seconds.
const CLOCKS: u64 = 300;

/// What is known from the log.
#[derive(Default)]
pub(crate) struct Logged {
    /// The entry of the final file, which has this file's hash or that of an earlier state.
    pub(crate) last: Option<(Opening, usize)>,
    /// The entry from before it was signed, and its place.
    pub(crate) first: Option<(Opening, u64)>,
    /// `first` is about the same copy as `last`.
    pub(crate) is_tied: bool,
    pub(crate) findings: Vec<Finding>,
}

/// What there is to hold proofs against.
pub(crate) struct Context<'a> {
    pub(crate) evidence: &'a Evidence<'a>,
    pub(crate) trust: &'a Trust,
    pub(crate) revisions: &'a Revisions,
    pub(crate) signed: &'a [Signed],
    pub(crate) printed: Option<&'a Known>,
}

struct Entry {
    opening: Opening,
    index: u64,
}

pub(crate) fn judge(context: &Context<'_>) -> Logged {
    let mut logged = Logged::default();
    let mut entries = Vec::new();
    for text in context.evidence.proofs.iter().take(MOST_PROOFS) {
        match open(text, context.trust) {
            Ok(entry) => entries.push(entry),
            Err(finding) => logged.findings.push(Finding::Log(*finding)),
        }
    }
    if context.evidence.proofs.len() > MOST_PROOFS {
        logged.findings.push(Finding::TooManyProofs);
    }
    let is = |event: Event| move |entry: &&Entry| entry.opening.event() == event;
    let whole = context.revisions.length();
    for entry in entries.iter().filter(is(Event::Final)) {
        let end = context.revisions.end_of(entry.opening.content());
        let state = match end {
            None => LogState::OtherCopy,
            Some(_) if !signed_by(context, &entry.opening) => LogState::OtherOfficer,
            Some(_) if logged.last.as_ref().is_some_and(|(last, _)| !same_copy(last, &entry.opening)) => {
                LogState::OtherCopy
            }
            Some(end) => {
                if logged.last.as_ref().is_none_or(|(_, known)| *known < end) {
                    logged.last = Some((entry.opening.clone(), end));
                }
                if end == whole { LogState::Proven } else { LogState::ProvenEarlier }
            }
        };
        logged.findings.push(told(entry, state));
    }
    let last_index = entries.iter().filter(is(Event::Final)).map(|entry| entry.index).min();
    for entry in entries.iter().filter(is(Event::Issue)) {
        let tied = logged.last.as_ref().map(|(last, _)| same_copy(last, &entry.opening));
        let state = if tied == Some(false) {
            LogState::OtherCopy
        } else if !signed_by(context, &entry.opening) {
            LogState::OtherOfficer
        } else if tied.is_some() && last_index.is_some_and(|last| last <= entry.index) || is_late(context, entry) {
            LogState::AfterSigning
        } else if tied.is_none() {
            LogState::NotTied
        } else {
            LogState::Proven
        };
        if matches!(state, LogState::Proven | LogState::NotTied) && logged.first.is_none() {
            logged.first = Some((entry.opening.clone(), entry.index));
            logged.is_tied = state == LogState::Proven;
        }
        logged.findings.push(told(entry, state));
    }
    for entry in entries.iter().filter(is(Event::Revoke)) {
        let state =
            if is_of_this_copy(context, &logged, &entry.opening) { LogState::Revoked } else { LogState::OtherCopy };
        logged.findings.push(told(entry, state));
    }
    logged
}

/// An entry that is in the log.
fn open(text: &str, trust: &Trust) -> Result<Entry, Box<LogFinding>> {
    let blank = |state| Box::new(LogFinding { event: None, number: None, book: None, time: None, index: None, state });
    let log = trust.log.as_ref().ok_or_else(|| blank(LogState::NoKey))?;
    let not_proven = |error: SidecarError| blank(LogState::NotProven { detail: chain(&error) });
    let sidecar = Sidecar::parse(text).map_err(not_proven)?;
    let (opening, _) = sidecar.verify(&log.key, &log.cosigners, log.quorum).map_err(not_proven)?;
    Ok(Entry { opening: opening.clone(), index: sidecar.index() })
}

fn told(entry: &Entry, state: LogState) -> Finding {
    let opening = &entry.opening;
    Finding::Log(LogFinding {
        event: Some(match opening.event() {
            Event::Issue => LogEvent::Issue,
            Event::Final => LogEvent::Final,
            Event::Revoke => LogEvent::Revoke,
        }),
        number: Some(opening.number()),
        book: Some(detail(opening.book())),
        time: Some(Time::of_seconds(opening.time())),
        index: Some(entry.index),
        state,
    })
}

fn same_copy(one: &Opening, other: &Opening) -> bool {
    one.code() == other.code()
        && one.number() == other.number()
        && one.book() == other.book()
        && one.officer() == other.officer()
}

fn signed_by(context: &Context<'_>, opening: &Opening) -> bool {
    context.signed.iter().any(|signed| signed.certificate == *opening.officer())
}

/// It was logged after the officer had signed.
fn is_late(context: &Context<'_>, entry: &Entry) -> bool {
    let mut own = context.signed.iter().filter(|signed| signed.certificate == *entry.opening.officer());
    own.any(|signed| signed.time.is_some_and(|time| entry.opening.time() > time.seconds().saturating_add(CLOCKS)))
}

/// By its code, or by its number, whoever of those that are believed knows that; or by the file's hash.
fn is_of_this_copy(context: &Context<'_>, logged: &Logged, opening: &Opening) -> bool {
    let is_code = |code: CodeHash| code == opening.code();
    let is_number = |number: u64, book: &str| (number, book) == (opening.number(), opening.book());
    let by_log = [logged.last.as_ref().map(|(own, _)| own), logged.first.as_ref().map(|(own, _)| own)];
    by_log.into_iter().flatten().any(|own| is_code(own.code()) || is_number(own.number(), own.book()))
        || context.printed.is_some_and(|known| {
            is_code(known.code) || known.claims.as_ref().is_some_and(|claims| is_number(claims.number, &claims.book))
        })
        || matches!(context.evidence.register, RegisterSays::Entry(entry) if is_number(entry.number, entry.book))
        || context.revisions.end_of(opening.content()).is_some()
}
