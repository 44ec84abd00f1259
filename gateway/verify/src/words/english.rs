//! English.

use crate::finding::{
    CodeFinding, CodeState, Drawing, Finding, Holds, LogEvent, LogFinding, LogState, RegisterFinding, RegisterFit,
    SignatureFinding, TimeStampFinding, WithdrawnFinding, WithdrawnState,
};
use crate::report::{Since, Update, Verdict, Withdrawn};
use crate::time::Time;

pub(super) fn headline(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Genuine => "This copy is genuine and unaltered.".to_owned(),
        Verdict::GenuineUpdated { since, updates } => {
            let since = match since {
                Since::Issue => "it was issued",
                Since::Signing => "it was signed",
            };
            let draws = updates.iter().any(|update| matches!(update, Update::Signature { draws: true, .. }));
            let end = if draws {
                "One of them draws something on a page: look at what it covers."
            } else {
                "What it says is unchanged."
            };
            format!("This copy is genuine. Since {since}, only these were added: {}. {end}", all(updates))
        }
        Verdict::Altered => "This file was changed after it was signed.".to_owned(),
        Verdict::Revoked { what: Withdrawn::Copy } => "This copy has been withdrawn by the agency.".to_owned(),
        Verdict::Revoked { what: Withdrawn::Certificate } => {
            "This copy was signed with a certificate that had been withdrawn.".to_owned()
        }
        Verdict::NotProven { .. } => "It could not be proven that this copy is genuine.".to_owned(),
        Verdict::NoCertifiedCopy => "This is no certified electronic copy: nobody has signed it.".to_owned(),
        Verdict::Issued => "This QR code is the agency's: it has issued such a copy.".to_owned(),
    }
}

fn all(updates: &[Update]) -> String {
    let update = |update: &Update| match update {
        Update::ValidationData => "proofs that the signatures hold".to_owned(),
        Update::ArchiveTimeStamp { authority, time: Some(time) } => {
            format!("a time stamp by {authority} of {}", time.english())
        }
        Update::ArchiveTimeStamp { authority, time: None } => format!("a time stamp by {authority}"),
        Update::Signature { signer, .. } => format!("a signature by {signer}"),
    };
    updates.iter().map(update).collect::<Vec<_>>().join(", ")
}

pub(super) fn advice(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Genuine | Verdict::GenuineUpdated { .. } => {
            "Look at who signed below: it should be the agency that you expect."
        }
        Verdict::Altered => "Do not rely on it. Ask the holder for the file as it was issued.",
        Verdict::Revoked { .. } => "Do not rely on it. Ask the agency for the reason, or for a new copy.",
        Verdict::NotProven { .. } => {
            "Do not rely on it yet. What is missing is told below; try again online, or ask the agency."
        }
        Verdict::NoCertifiedCopy => {
            "A scan or a photograph of a copy cannot be verified by itself. Ask for the PDF file, or type the code on the paper."
        }
        Verdict::Issued => {
            "Compare number, date and pages with the paper. Whether its text is right, only the file shows: ask for it, or compare with the agency."
        }
    }
}

pub(super) fn sentence(finding: &Finding) -> String {
    match finding {
        Finding::Unreadable { is_pdf: false, .. } => "The file is no PDF file.".to_owned(),
        Finding::Unreadable { is_pdf: true, .. } => {
            "The file cannot be read to its end: it is damaged, incomplete, locked or too large. Fetch it again.".to_owned()
        }
        Finding::Signature(one) => signature(one),
        Finding::TimeStamp(one) => time_stamp(one),
        Finding::Drawing(Drawing { signer, page, is_trusted: true, .. }) => {
            format!("The signature of {signer} shows a picture on page {page}. Look at what it covers.")
        }
        Finding::Drawing(Drawing { page, .. }) => {
            format!("A picture of somebody who is not trusted lies on page {page}. It may cover what was there.")
        }
        Finding::Signers { found, expected } => format!(
            "{found} of {expected} signatures that a certified copy needs are there and hold: that of the officer and the agency's."
        ),
        Finding::TooManyProofs => "There are more proof files than a copy has. Give those of this copy only.".to_owned(),
        Finding::Log(one) => log(one),
        Finding::Withdrawn(one) => withdrawn(one),
        Finding::Register(one) => register(one),
        Finding::Printed(one) => printed(one),
        Finding::NotAskedWithdrawn => {
            "Nobody was asked whether the agency has withdrawn this copy since. Type its code on the agency's page to know."
                .to_owned()
        }
    }
}

fn at(claimed: Option<Time>, proven: Option<Time>) -> String {
    match (claimed, proven) {
        (Some(claimed), Some(proven)) => {
            format!("on {}; a time stamp proves that it was there by {}", claimed.english(), proven.english())
        }
        (None, Some(proven)) => format!("by {}, as a time stamp proves", proven.english()),
        (Some(claimed), None) => format!("on {}, as the signer says", claimed.english()),
        (None, None) => "at a time that is not known".to_owned(),
    }
}

fn signature(one: &SignatureFinding) -> String {
    let (name, who) = match one.signer.as_str() {
        "" => ("somebody who is not named", "Somebody who is not named".to_owned()),
        name if one.is_certifying_officer => (name, format!("The certifying officer, {name},")),
        name => (name, name.to_owned()),
    };
    match &one.holds {
        Holds::Intact => format!("{who} signed this {}. What was signed is intact.", at(one.claimed, one.proven)),
        Holds::Altered { .. } if one.signer.is_empty() => {
            "There is a signature, but what was signed was changed, or the signature itself was.".to_owned()
        }
        Holds::Altered { .. } => {
            format!("There is a signature of {name}, but what was signed was changed, or the signature itself was.")
        }
        Holds::CertificateRevoked { subject, since } => format!(
            "There is a signature of {name}, but the certificate of {subject} was withdrawn on {}.",
            since.english()
        ),
        Holds::Untrusted { .. } => format!(
            "There is a signature that says it is by “{name}”, but nobody who is trusted here has confirmed that."
        ),
        Holds::RevocationUnknown { subject, .. } => format!(
            "{who} signed this {}. What was signed is intact, but nobody could say whether the certificate of {subject} still held.",
            at(one.claimed, one.proven)
        ),
        Holds::Unsupported { .. } => "There is a signature of a kind that cannot be judged here.".to_owned(),
        Holds::DrawnOver => format!(
            "{who} signed this {}. What was signed is intact, but a picture of somebody who is not trusted lies over it.",
            at(one.claimed, one.proven)
        ),
    }
}

fn time_stamp(one: &TimeStampFinding) -> String {
    let (who, when) = (&one.authority, one.time.map_or_else(|| "an unknown time".to_owned(), Time::english));
    match &one.holds {
        Holds::Intact => format!("{who} has confirmed that the file was there like this on {when}."),
        Holds::Altered { .. } => "There is a time stamp over the file, but the file was changed since.".to_owned(),
        Holds::CertificateRevoked { since, .. } => {
            format!("There is a time stamp of {who}, but its certificate was withdrawn on {}.", since.english())
        }
        Holds::RevocationUnknown { .. } => {
            format!("There is a time stamp of {who}, but nobody could say whether its certificate still held.")
        }
        Holds::Untrusted { .. } | Holds::Unsupported { .. } | Holds::DrawnOver => {
            "There is a time stamp of somebody who is not trusted here.".to_owned()
        }
    }
}

fn log(one: &LogFinding) -> String {
    let number =
        one.number.zip(one.book.as_ref()).map_or_else(String::new, |(number, book)| format!(" {number}, book {book}"));
    let when = one.time.map_or_else(String::new, |time| format!(" on {}", time.english()));
    match (&one.state, one.event) {
        (LogState::Proven, Some(LogEvent::Issue)) => {
            format!("The public log has this copy{number}, entered{when}, before it was signed.")
        }
        (LogState::Proven, _) => format!("The public log has exactly this file{number}, entered{when}."),
        (LogState::ProvenEarlier, _) => {
            format!("The public log has this file{number} as it was issued{when}, before what was added later.")
        }
        (LogState::NotTied, _) => {
            format!(
                "The public log has a copy{number}, but whether it is this file the proof does not say. Give the proof of the final file, too."
            )
        }
        (LogState::OtherCopy, _) => format!("The proof of the public log is about another file or copy{number}."),
        (LogState::OtherOfficer, _) => {
            format!("The officer whom the public log names for the copy{number} has not signed this file.")
        }
        (LogState::AfterSigning, _) => {
            format!("The copy{number} was entered in the public log only after it was signed.")
        }
        (LogState::Revoked, _) => format!("The public log says that this copy{number} was withdrawn{when}."),
        (LogState::NotProven { .. }, _) => {
            "The proof file of the public log proves nothing: it is damaged, or of another log.".to_owned()
        }
        (LogState::NoKey, _) => "The proof of the public log was not judged: no key of a log is known here.".to_owned(),
    }
}

fn withdrawn(one: &WithdrawnFinding) -> String {
    let issued = one.issued_at.map_or_else(String::new, |time| format!(" of {}", time.english()));
    match &one.state {
        WithdrawnState::Valid => format!("The agency's list of withdrawn copies{issued} does not have this copy."),
        WithdrawnState::Revoked => format!("The agency's list{issued} says that this copy was withdrawn."),
        WithdrawnState::Suspended => format!("The agency's list{issued} says that this copy is not to be relied on for now."),
        WithdrawnState::TooOld { good_until } => format!(
            "The agency's list of withdrawn copies was good until {}. Fetch a new one.",
            good_until.english()
        ),
        WithdrawnState::NoPlace => format!("The agency's list of withdrawn copies{issued} is older than this copy. Fetch a new one."),
        WithdrawnState::PlaceUnknown => {
            "Which place in the list of withdrawn copies is this copy's is not known. Give its QR code or its proof, too.".to_owned()
        }
        WithdrawnState::NotBelieved { .. } => "The list of withdrawn copies cannot be believed: it is damaged, or not the agency's.".to_owned(),
        WithdrawnState::NoKey => "The list of withdrawn copies was not judged: the agency's key or address is not known here.".to_owned(),
    }
}

fn register(one: &RegisterFinding) -> String {
    let number = one
        .number
        .zip(one.book.as_ref())
        .map_or_else(String::new, |(number, book)| format!(" under number {number}, book {book}"));
    let agency = one.agency.as_ref().map_or_else(|| "the agency".to_owned(), Clone::clone);
    let person = one.masked_name.as_ref().map_or_else(String::new, |name| format!(", for {name}"));
    let when = one.certified_at.map_or_else(String::new, |time| format!(", certified on {}", time.english()));
    match &one.state {
        RegisterFit::Matches => format!("The register of {agency} has exactly this file{number}{when}{person}."),
        RegisterFit::MatchesEarlier => {
            format!(
                "The register of {agency} has this file{number}{when}{person}, as it was before what was added later."
            )
        }
        RegisterFit::Revoked { since } => {
            let since = since.map_or_else(String::new, |time| format!(" on {}", time.english()));
            format!("The register of {agency} says that the copy{number} was withdrawn{since}.")
        }
        RegisterFit::OtherFile => format!("The register of {agency} has another file{number}."),
        RegisterFit::OtherNumber => {
            format!("The register of {agency} has this file{number}, but the log or the QR code says another.")
        }
        RegisterFit::NoFile => format!("The register of {agency} has a copy{number}, but no finished file."),
        RegisterFit::NotFound => "The agency's register has no such copy.".to_owned(),
    }
}

fn printed(one: &CodeFinding) -> String {
    let what = if one.is_qr { "QR code" } else { "code" };
    let number = one
        .number
        .zip(one.book.as_ref())
        .map_or_else(String::new, |(number, book)| format!(" (number {number}, book {book})"));
    match &one.state {
        CodeState::Matches => format!("The {what}{number} is this copy's."),
        CodeState::NotTied => {
            format!(
                "The {what}{number} is right, but whether it is this file's cannot be told from it alone. Compare the number with the one in the file."
            )
        }
        CodeState::Signed => {
            let pages = one.pages.unwrap_or_default();
            let day = one.issued_at.map_or_else(String::new, |time| format!(" on {}", time.english()));
            format!("The agency has signed this {what}{number}{day}; the paper that was copied has {pages} page(s).")
        }
        CodeState::OtherCopy => format!("The {what}{number} is another copy's."),
        CodeState::OtherPages { found } => {
            let pages = one.pages.unwrap_or_default();
            format!("The {what}{number} is of a copy of {pages} pages, but the file has {found}.")
        }
        CodeState::Mistyped { position: Some(position) } => {
            format!("The {what} was mistyped; look at sign {position} first. Compare it with the paper.")
        }
        CodeState::Mistyped { position: None } => format!("The {what} was mistyped. Compare it with the paper."),
        CodeState::Elsewhere => {
            format!("The {what} is another agency's, or leads elsewhere. Do not open it; ask that agency.")
        }
        CodeState::NoCode => format!("This is no whole {what} of a certified copy."),
        CodeState::NotBelieved { .. } => format!("The {what} is forged, or signed with a key that is not known here."),
        CodeState::NoKey => format!("The {what} was not judged: the agency's prefix, host or key is not known here."),
    }
}
