//! The code or QR code of the paper: is it right, and is it of this file?

use kiosk_proof::{Claims, ClaimsError, CodeError, CodeHash, QrError, VerificationCode, open_qr};

use crate::evidence::{Printed, RegisterSays};
use crate::finding::{CodeFinding, CodeState};
use crate::logged::Logged;
use crate::name::{chain, detail};
use crate::time::Time;
use crate::trust::Trust;

/// What the paper says, as far as it is believed.
pub(crate) struct Known {
    pub(crate) code: CodeHash,
    pub(crate) claims: Option<Claims>,
}

/// Reads what is printed.
pub(crate) fn read(printed: Printed<'_>, trust: &Trust) -> Result<Known, CodeFinding> {
    match printed {
        Printed::Code(typed) => {
            let prefix = trust.prefix.as_ref().ok_or_else(|| finding(false, None, CodeState::NoKey))?;
            let code = VerificationCode::read(typed, prefix);
            let code = code.map_err(|error| finding(false, None, state_of_code(&error)))?;
            Ok(Known { code: code.hash(), claims: None })
        }
        Printed::Qr(text) => {
            let (Some(host), Some(prefix), [_, ..]) = (&trust.host, &trust.prefix, &trust.claims_keys[..]) else {
                return Err(finding(true, None, CodeState::NoKey));
            };
            let opened = open_qr(text.trim(), host, prefix, &trust.claims_keys);
            let (code, claims) = opened.map_err(|error| {
                let state = match &error {
                    QrError::OtherHost => CodeState::Elsewhere,
                    QrError::Code(error) => state_of_code(error),
                    QrError::Form | QrError::Host | QrError::Claims(ClaimsError::Form) => CodeState::NoCode,
                    QrError::Claims(_) | QrError::OtherCode => CodeState::NotBelieved { detail: chain(&error) },
                };
                finding(true, None, state)
            })?;
            Ok(Known { code: code.hash(), claims: Some(claims) })
        }
    }
}

fn state_of_code(error: &CodeError) -> CodeState {
    match error {
        CodeError::CheckFailed { position } => CodeState::Mistyped { position: *position },
        CodeError::Sign { position } => CodeState::Mistyped { position: Some(*position) },
        CodeError::OtherAgency => CodeState::Elsewhere,
        CodeError::Length { .. } | CodeError::Prefix | CodeError::Random => CodeState::NoCode,
    }
}

fn finding(is_qr: bool, claims: Option<&Claims>, state: CodeState) -> CodeFinding {
    CodeFinding {
        is_qr,
        number: claims.map(|claims| claims.number),
        book: claims.map(|claims| detail(&claims.book)),
        pages: claims.map(|claims| claims.pages),
        issued_at: claims.map(|claims| Time::of_seconds(claims.issued_at)),
        state,
    }
}

/// What the paper says, where there is nothing to hold it against.
pub(crate) fn alone(known: &Known) -> CodeFinding {
    let claims = known.claims.as_ref();
    finding(claims.is_some(), claims, CodeState::Signed)
}

/// Holds what the paper says against log, register (whose entry has this file, or one that was it) and file.
pub(crate) fn compare(
    known: &Known,
    logged: &Logged,
    register: &RegisterSays<'_>,
    register_has_file: bool,
    pages: Option<usize>,
) -> CodeFinding {
    let claims = known.claims.as_ref();
    let mut is_other = false;
    for opening in [logged.last.as_ref().map(|(own, _)| own), logged.first.as_ref().map(|(own, _)| own)] {
        let Some(opening) = opening else { continue };
        is_other |= opening.code() != known.code;
        is_other |= claims.is_some_and(|own| (own.number, own.book.as_str()) != (opening.number(), opening.book()));
    }
    if let (Some(claims), Some((first, index))) = (claims, &logged.first) {
        is_other |= claims.content != *first.content() || claims.log_index != *index;
    }
    if let (Some(claims), RegisterSays::Entry(entry)) = (claims, register) {
        is_other |= (claims.number, claims.book.as_str()) != (entry.number, entry.book);
        is_other |= u32::from(claims.pages) != entry.pages;
    }
    let other_pages = claims.zip(pages).and_then(|(claims, found)| {
        // The attestation may have a page of its own.
        let paper = usize::from(claims.pages);
        (found != paper && found != paper + 1).then_some(found)
    });
    // The register was asked for what is printed, and has this file.
    let is_tied = logged.last.is_some() || register_has_file;
    let state = match (is_other, other_pages) {
        (true, _) => CodeState::OtherCopy,
        (_, Some(found)) => CodeState::OtherPages { found },
        _ if is_tied => CodeState::Matches,
        _ => CodeState::NotTied,
    };
    finding(claims.is_some(), claims, state)
}
