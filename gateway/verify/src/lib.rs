//! Judges a certified copy: is it genuine, unchanged, and not withdrawn?
//!
//! Values in, values out: nothing here opens a file or asks the network (who calls gives [`Fetch`](kiosk_pades::Fetch), or
//! nothing), and nothing here panics or fails: whatever is given, there is a [`Report`]. Signatures are `kiosk-pades`'s matter,
//! proofs and codes `kiosk-proof`'s; here is what they mean together.
//!
//! ```text
//!            Evidence: the file ─► file ──────┐             signatures, time stamps, what came behind
//!   code or QR code of the paper ─► printed ──┤
//!            proofs of the log ─► logged ─────┼─► Finding … ─► Verdict ─► words: sentences for citizens
//!     signed list of revocations ─► withdrawn ┤
//!         what the register says ─► register ─┘
//! ```
//!
//! | verdict | when | exit status of the command line |
//! |---|---|---|
//! | [`Verdict::Genuine`] | as many people as expected signed it, all signatures hold, nothing that was given speaks against it | 0 |
//! | [`Verdict::GenuineUpdated`] | the same, and something that changes nothing came behind: proofs, time stamps, signatures | 0 |
//! | [`Verdict::Altered`] | what was signed is not what is there | 1 |
//! | [`Verdict::Revoked`] | the copy was withdrawn, or a signer's certificate before it signed | 1 |
//! | [`Verdict::NotProven`] | nothing speaks against it, but not all is proven: [`Reason`] | 1 |
//! | [`Verdict::NoCertifiedCopy`] | no PDF file, or one that nobody signed | 1 |
//! | [`Verdict::Issued`] | only a QR code was judged ([`verify_qr`]): the agency signed it | 0 |
//!
//! The worst of all findings is the verdict, in the order altered, revoked, not proven. What is not given is not looked at and
//! speaks neither for nor against; that nobody was asked whether the copy was withdrawn is said ([`Finding::NotAskedWithdrawn`]).
//!
//! What is *issued* is known from the log or the register, which have the hash of the final file; what stands behind that is a
//! later update. Where neither is given, it is what stands behind the signatures that a copy has, so that a fresh copy with
//! validation data and an archive time stamp is [`Verdict::GenuineUpdated`], too.
//!
//! What no judge of a file can see: that the roots are the right ones for *certified copies*. Anybody with a certificate from
//! them can sign a PDF file; the words say whose signatures there are, and log, register or QR code tie the file to its agency.
//!
//! Circular 15/2025/TT-BKHCN asks programs that check signatures to say in Vietnamese who signed, when, and whether it is
//! intact: [`Report::words`].

mod evidence;
mod file;
mod finding;
mod logged;
mod name;
mod printed;
mod register;
mod report;
mod revisions;
#[cfg(test)]
mod tests;
mod time;
mod trust;
mod verify;
mod withdrawn;
mod words;

pub use evidence::{Evidence, MOST_PROOFS, Printed, RegisterEntry, RegisterSays, RegisterState};
pub use finding::{
    CodeFinding, CodeState, Drawing, Finding, Holds, LogEvent, LogFinding, LogState, RegisterFinding, RegisterFit,
    SignatureFinding, SignatureLevel, TimeStampFinding, Weight, WithdrawnFinding, WithdrawnState,
};
pub use report::{Answer, Reason, Report, Since, Update, Verdict, Withdrawn};
pub use time::Time;
pub use trust::{LogTrust, Trust, TrustError, certificates, claims_key};
pub use verify::{LARGEST, states, verify, verify_qr};
pub use words::{Language, Sentence, Words};
