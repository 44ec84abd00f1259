//! Adds what is needed to judge the signatures later and offline (level B-LT): certificates, OCSP responses, and lists of
//! revoked certificates, in the document security store.
//!
//! Document: ETSI EN 319 142-1, section 5.4.2.

use std::time::SystemTime;

use crate::algorithm::Hash;
use crate::certificate::{Certificate, CertificateError};
use crate::chain::{ChainError, Pool, Purpose, Roots};
use crate::fetch::Fetch;
use crate::judge::{self, Ask, Found, Known, Read, SignatureFault};
use crate::pdf::update::Update;
use crate::pdf::{Dict, Id, Object, Pdf, PdfError, hex};
use crate::revocation::{Item, Moment, Revocation, RevocationError};
use crate::timestamp::TimeStampError;

/// Why validation data was not added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValidationDataError {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Pdf(#[from] PdfError),
    /// A trusted root cannot be read.
    #[error("a trusted root cannot be read")]
    Root(#[source] CertificateError),
    /// There is no signature.
    #[error("the file has no signature")]
    NoSignature,
    /// A signature is not right.
    #[error("the signature in the field `{field}` is not right")]
    Fault {
        /// Which.
        field: String,
        /// Why.
        source: SignatureFault,
    },
    /// A time stamp of a signature is none.
    #[error("the time stamp of the signature in the field `{field}` is not right")]
    TimeStamp {
        /// Which.
        field: String,
        /// Why.
        source: TimeStampError,
    },
    /// A certificate is not trusted.
    #[error("a certificate is not trusted")]
    Chain(#[from] ChainError),
    /// A certificate was revoked.
    #[error("the certificate of `{subject}` was revoked")]
    Revoked {
        /// Whose.
        subject: String,
    },
    /// Nothing that counts says whether a certificate was revoked.
    #[error("nothing says whether the certificate of `{subject}` was revoked")]
    Unknown {
        /// Whose.
        subject: String,
        /// Why not, if anything came.
        source: Option<RevocationError>,
    },
}

/// What one signature needs.
struct Needed {
    /// The hash of its message, as the store names it.
    name: String,
    paths: Vec<Vec<Certificate>>,
}

/// Adds to a file what it lacks to judge all its signatures and time stamps, as of a time: now.
///
/// # Errors
/// [`ValidationDataError`]; also if something was not to be had, since a store with gaps is of no use later.
pub fn add_validation_data<'r>(
    pdf: &[u8],
    roots: impl Into<Roots<'r>>,
    at: SystemTime,
    online: &dyn Fetch,
) -> Result<Vec<u8>, ValidationDataError> {
    let pool = Pool::new(roots.into()).map_err(ValidationDataError::Root)?;
    let pdf = Pdf::read(pdf)?;
    let found = judge::find(&pdf)?;
    if found.is_empty() {
        return Err(ValidationDataError::NoSignature);
    }
    let mut known = Known::new(&pdf, pool, at, Some(online), Ask::IfUnknown)?;
    let mut all = Vec::new();
    for found in found.iter().rev() {
        all.push(needed(&pdf, found, &mut known, at)?);
    }
    all.reverse();
    pdf.budget.end().map_err(PdfError::from)?;
    Ok(write(&pdf, &all, &known)?)
}

fn needed(pdf: &Pdf<'_>, found: &Found, known: &mut Known<'_>, at: SystemTime) -> Result<Needed, ValidationDataError> {
    let field = || found.field.clone();
    let read = judge::read(pdf, found).map_err(|source| ValidationDataError::Fault { field: field(), source })?;
    let message = read.message();
    known.pool.add(&message.certificates);
    let mut paths = Vec::new();
    match &read {
        Read::TimeStamp(token) => {
            paths.push(path(known.of_time_stamp(token))?);
            known.prove(found, token.time);
        }
        Read::Signature(message) => {
            let fault = |source| ValidationDataError::TimeStamp { field: field(), source };
            let mut used = known.proven();
            if let Some(token) = judge::stamp_of(message).map_err(fault)? {
                known.pool.add(&token.message.certificates);
                paths.push(path(known.of_time_stamp(&token))?);
                used = Some(token.time);
            }
            let used = used.unwrap_or(at);
            paths.push(path(known.trust(
                &message.signer,
                Purpose::Documents,
                Moment { used, revoked_by: used, now: at },
            ))?);
        }
    }
    let name = String::from_utf8_lossy(&hex(&Hash::Sha1.of(&[&found.contents]))).into_owned();
    Ok(Needed { name, paths })
}

fn path(trusted: judge::Trusted) -> Result<Vec<Certificate>, ValidationDataError> {
    let path = trusted.path?;
    match trusted.revocation {
        Revocation::Good => Ok(path),
        Revocation::Revoked { subject, .. } => Err(ValidationDataError::Revoked { subject }),
        Revocation::Unknown { subject, reason } => Err(ValidationDataError::Unknown { subject, source: reason }),
    }
}

/// The store while it is written: what is in it, and under which number.
struct Store<'u, 'p> {
    update: &'u mut Update<'p>,
    certificates: Vec<(Vec<u8>, Id)>,
    responses: Vec<(Vec<u8>, Id)>,
    lists: Vec<(Vec<u8>, Id)>,
}

fn write(pdf: &Pdf<'_>, all: &[Needed], known: &Known<'_>) -> Result<Vec<u8>, PdfError> {
    let mut update = Update::new(pdf)?;
    let view = update.view;
    let (root, mut catalog) = view.catalog()?;
    let mut data = view.dict(&catalog, "DSS")?.unwrap_or_default();
    let mut each = view.dict(&data, "VRI")?.unwrap_or_default();
    let known_streams = |name| -> Result<Vec<(Vec<u8>, Id)>, PdfError> {
        let list = view.array(&data, name)?;
        let ids = list.iter().filter_map(Object::reference);
        ids.map(|id| Ok((view.unpacked(&view.get(id)?)?, id))).collect()
    };
    let (certificates, responses, lists) = (known_streams("Certs")?, known_streams("OCSPs")?, known_streams("CRLs")?);
    let mut store = Store { update: &mut update, certificates, responses, lists };
    for needed in all {
        store.add(needed, known, &mut each);
    }
    for (name, streams) in [("Certs", &store.certificates), ("OCSPs", &store.responses), ("CRLs", &store.lists)] {
        if !streams.is_empty() {
            data.set(name, Object::Array(streams.iter().map(|(_, id)| Object::Ref(*id)).collect()));
        }
    }
    data.set("Type", Object::name("DSS"));
    let owner = data.get("VRI").and_then(Object::reference);
    match owner {
        Some(owner) => update.put(owner, &Object::Dict(each)),
        None => data.set("VRI", Object::Dict(each)),
    }
    match catalog.get("DSS").and_then(Object::reference) {
        Some(own) => update.put(own, &Object::Dict(data)),
        None => {
            let own = update.add(&Object::Dict(data));
            catalog.set("DSS", Object::Ref(own));
            update.put(root, &Object::Dict(catalog));
        }
    }
    Ok(update.finish().bytes)
}

impl Store<'_, '_> {
    /// Adds what one signature needs. What the store says of it already stays.
    fn add(&mut self, needed: &Needed, known: &Known<'_>, each: &mut Dict) {
        let (mut certificates, mut responses, mut lists) = (Vec::new(), Vec::new(), Vec::new());
        for path in &needed.paths {
            for certificate in path {
                certificates.push(put(self.update, &mut self.certificates, &certificate.der));
            }
            for pair in path.windows(2) {
                for Item { der, is_list, .. } in known.about(&pair[0], &pair[1]) {
                    if is_list {
                        lists.push(put(self.update, &mut self.lists, &der));
                    } else {
                        responses.push(put(self.update, &mut self.responses, &der));
                    }
                }
            }
        }
        if each.get(&needed.name).is_some() {
            return;
        }
        let mut one = Dict::default();
        for (name, mut ids) in [("Cert", certificates), ("OCSP", responses), ("CRL", lists)] {
            ids.sort_unstable();
            ids.dedup();
            if !ids.is_empty() {
                one.set(name, Object::Array(ids.into_iter().map(Object::Ref).collect()));
            }
        }
        each.set(&needed.name, Object::Dict(one));
    }
}

fn put(update: &mut Update<'_>, streams: &mut Vec<(Vec<u8>, Id)>, der: &[u8]) -> Id {
    if let Some((_, id)) = streams.iter().find(|(own, _)| own == der) {
        return *id;
    }
    let id = update.add_stream(Dict::default(), der);
    streams.push((der.to_vec(), id));
    id
}
