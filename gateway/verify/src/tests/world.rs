//! One certified copy with all that goes with it, in memory. Also for the test of the command line, so it knows no more than
//! `kiosk-pades` and `kiosk-proof`.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use kiosk_pades::Level;
use kiosk_pades::testing::{Kind, day, file, pki, signed};
use kiosk_proof::{
    AgencyPrefix, Claims, ClaimsKey, CodeHash, CopyType, Event, Log, Memory, NoteKey, NoteKind, NoteSigner,
    NoteVerifier, Opening, Status, StatusList, VerificationCode, qr_text,
};
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256};

pub(crate) const HOST: &str = "chungthuc.example.vn";
pub(crate) const URL: &str = "https://chungthuc.example.vn/revocations";
pub(crate) const BOOK: &str = "01-SCTĐT/BS";
pub(crate) const NUMBER: u64 = 48_215;

pub(crate) struct World {
    /// Two pages, signed by officer and seal on day 1, with validation data and an archive time stamp.
    pub(crate) pdf: Vec<u8>,
    pub(crate) code: VerificationCode,
    pub(crate) claims: Claims,
    pub(crate) qr: String,
    /// Proofs of the log.
    pub(crate) issue: String,
    pub(crate) last: String,
    pub(crate) revoke: String,
    pub(crate) log_key: NoteVerifier,
}

pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// A copy as it is when both have signed.
pub(crate) fn copy(level: Level) -> Vec<u8> {
    let by_officer = signed(&file(Kind::Table), "Officer", level.min(Level::BT), day(1));
    signed(&by_officer, "Seal", level, day(1))
}

fn secret() -> SigningKey {
    SigningKey::from_slice(&[77; 32]).unwrap()
}

/// The agency's key for claims, SEC 1.
pub(crate) fn point() -> Vec<u8> {
    secret().verifying_key().to_sec1_point(false).as_bytes().to_vec()
}

pub(crate) fn claims_key() -> ClaimsKey {
    ClaimsKey::new(&point()).unwrap()
}

pub(crate) fn sign(hash: &[u8; 32]) -> Result<[u8; 64], String> {
    let signature: p256::ecdsa::Signature = secret().sign_prehash(hash).map_err(|error| error.to_string())?;
    Ok(signature.to_bytes().into())
}

pub(crate) fn prefix() -> AgencyPrefix {
    AgencyPrefix::new("HN1").unwrap()
}

/// The text of a QR code.
pub(crate) fn qr(code: &VerificationCode, claims: &Claims) -> String {
    qr_text(HOST, code, claims, &claims_key(), &mut sign).unwrap()
}

pub(crate) fn content() -> [u8; 32] {
    sha256(b"pages and attestation")
}

/// An entry about a copy by the officer of the tests.
pub(crate) fn opening(event: Event, code: CodeHash, content: [u8; 32], time: SystemTime) -> Opening {
    let officer = sha256(&pki().officer.certificate);
    Opening::new(event, NUMBER, BOOK, code, content, officer, seconds(time)).unwrap()
}

pub(crate) fn log_signer() -> Box<NoteKey> {
    Box::new(NoteKey::new("log.example.vn/copies", NoteKind::Log, &[5; 32]).unwrap())
}

/// Proofs of entries, in a log that has others before them.
pub(crate) fn proofs(openings: &[Opening]) -> Vec<String> {
    let mut log = Log::create(Memory::default(), log_signer()).unwrap();
    let other = |number| opening(Event::Issue, CodeHash::from_bytes([number; 16]), [number; 32], day(0)).entry();
    log.append(&[other(1), other(2), other(3)]).unwrap();
    let entries: Vec<_> = openings.iter().map(Opening::entry).collect();
    let places = log.append(&entries).unwrap();
    let proof =
        |(index, opening): (u64, &Opening)| log.sidecar(opening.clone(), index, log.checkpoint()).unwrap().to_string();
    places.zip(openings).map(proof).collect()
}

/// The signed list of revocations; the copy has place 3.
pub(crate) fn list(status: Status, entries: u64, good_until: SystemTime) -> Vec<u8> {
    let mut list = StatusList::new(entries).unwrap();
    if entries > 3 {
        list.set(3, status).unwrap();
    }
    list.sign(URL, seconds(day(1)), seconds(good_until), &claims_key(), &mut sign).unwrap()
}

pub(crate) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let pdf = copy(Level::BLTA);
        let code = VerificationCode::draw(&prefix()).unwrap();
        let claims = Claims {
            issuer: "HN1".to_owned(),
            issued_at: seconds(day(1)),
            code: code.hash(),
            number: NUMBER,
            book: BOOK.to_owned(),
            copy_type: CopyType::OfOriginal,
            pages: 2,
            content: content(),
            log_index: 3,
        };
        let openings = [
            opening(Event::Issue, code.hash(), content(), day(1)),
            opening(Event::Final, code.hash(), sha256(&pdf), day(1)),
            opening(Event::Revoke, code.hash(), content(), day(5)),
        ];
        let [issue, last, revoke] = proofs(&openings).try_into().unwrap();
        let log_key = log_signer().verifier().clone();
        World { qr: qr(&code, &claims), pdf, code, claims, issue, last, revoke, log_key }
    })
}
