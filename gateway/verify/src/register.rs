//! What the register says: does it have this file, and does the copy hold?

use crate::evidence::{RegisterEntry, RegisterSays, RegisterState};
use crate::finding::{RegisterFinding, RegisterFit};
use crate::logged::Logged;
use crate::name::detail;
use crate::printed::Known;
use crate::revisions::Revisions;
use crate::time::Time;

/// How many bytes the file had when it was as the register has it.
pub(crate) fn end(says: &RegisterSays<'_>, revisions: &Revisions) -> Option<usize> {
    match says {
        RegisterSays::Entry(entry) => revisions.end_of(&entry.file_sha256?),
        RegisterSays::NotAsked | RegisterSays::NotFound => None,
    }
}

pub(crate) fn judge(
    says: &RegisterSays<'_>,
    revisions: &Revisions,
    logged: &Logged,
    printed: Option<&Known>,
) -> Option<RegisterFinding> {
    match says {
        RegisterSays::NotAsked => None,
        RegisterSays::NotFound => Some(RegisterFinding {
            number: None,
            book: None,
            certified_at: None,
            agency: None,
            pages: None,
            masked_name: None,
            state: RegisterFit::NotFound,
        }),
        RegisterSays::Entry(entry) => Some(RegisterFinding {
            number: Some(entry.number),
            book: Some(detail(entry.book)),
            certified_at: Some(entry.certified_at.into()),
            agency: Some(detail(entry.agency)),
            pages: Some(entry.pages),
            masked_name: entry.masked_name.map(detail),
            state: fit(entry, end(says, revisions), revisions.length(), logged, printed),
        }),
    }
}

fn fit(
    entry: &RegisterEntry<'_>,
    end: Option<usize>,
    whole: usize,
    logged: &Logged,
    printed: Option<&Known>,
) -> RegisterFit {
    let claims = printed.and_then(|known| known.claims.as_ref());
    let others = logged.last.iter().map(|(own, _)| (own.number(), own.book()));
    let mut others = others.chain(claims.map(|claims| (claims.number, claims.book.as_str())));
    let is_other_number = others.any(|other| other != (entry.number, entry.book));
    match (entry.state, entry.file_sha256) {
        (RegisterState::Revoked(since), _) => RegisterFit::Revoked { since: since.map(Time::from) },
        (_, None) => RegisterFit::NoFile,
        (_, Some(_)) if end.is_none() => RegisterFit::OtherFile,
        _ if is_other_number => RegisterFit::OtherNumber,
        _ if end == Some(whole) => RegisterFit::Matches,
        _ => RegisterFit::MatchesEarlier,
    }
}
