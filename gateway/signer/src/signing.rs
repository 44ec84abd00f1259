//! The keys of officers and agency, and how a composed copy is signed with them. Only the clerk has this: there is no call that
//! signs what somebody hands in.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use kiosk_compose::{Area, ComposedCopy};
use kiosk_pades::{
    CheckError, Fetch, FetchError, KeyName, SignError, SignatureField, Signer, SignerError, TimeStamper, Token,
    TokenPlace, ValidationDataError, add_document_timestamp, add_validation_data, check_certificate, sign,
};
use kiosk_pades_http::{Http, HttpTimeStamper};
use kiosk_protocol::case::SignatureLevel;

use crate::certificates::{FolderError, read_folder};
use crate::facts::from_hex;
use crate::fault::Fault;
use crate::secrets::{self, SecretError};
use crate::settings::{Officer, Settings, WhenAway};

/// Most bytes of a time stamp token.
pub(crate) const TOKEN_BYTES: usize = 10 * 1024;

/// So many days before a certificate runs out it is told.
const WARNED_DAYS: [u64; 4] = [0, 1, 7, 30];

/// An authority that is not asked: whether a certificate runs out stands in itself.
struct Nobody;

impl Fetch for Nobody {
    fn ocsp(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, FetchError> {
        Err(FetchError("nobody is asked".to_owned()))
    }

    fn list(&self, _: &str) -> Result<Vec<u8>, FetchError> {
        Err(FetchError("nobody is asked".to_owned()))
    }
}

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeysError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("cannot read the picture `{}`", path.display())]
    Picture { path: std::path::PathBuf, source: std::io::Error },
}

/// The keys on the token, with all that belongs to signing.
pub(crate) struct Keys {
    settings: Settings,
    pin: String,
    roots: Vec<Vec<u8>>,
    authorities: Vec<Vec<u8>>,
    pictures: HashMap<String, Vec<u8>>,
    open: HashMap<String, Token>,
    /// The token has refused the PIN: it is not tried again, or the token locks itself.
    refused: Option<SignerError>,
    http: Http,
}

impl Keys {
    /// Reads what is in files. The token is opened when it is needed first.
    pub(crate) fn new(settings: &Settings) -> Result<Self, KeysError> {
        let signing = &settings.signing;
        let mut pictures = HashMap::new();
        let own = settings.officers.iter().map(|officer| (&officer.key, &officer.picture));
        for (key, picture) in own.chain([(&signing.seal, &signing.seal_picture)]) {
            if let Some(path) = picture {
                let bytes = std::fs::read(path).map_err(|source| KeysError::Picture { path: path.clone(), source })?;
                pictures.insert(key.clone(), bytes);
            }
        }
        Ok(Self {
            settings: settings.clone(),
            pin: secrets::pin(signing)?,
            roots: read_folder(&signing.roots)?,
            authorities: signing.authorities.as_deref().map(read_folder).transpose()?.unwrap_or_default(),
            pictures,
            open: HashMap::new(),
            refused: None,
            http: Http::new(),
        })
    }

    /// The certificate of a key, DER.
    pub(crate) fn certificate(&mut self, key: &str) -> Result<Vec<u8>, Fault> {
        let chain = self.token(key)?.chain();
        Ok(chain.first().cloned().ok_or(SignError::NoCertificate)?)
    }

    fn token(&mut self, key: &str) -> Result<&mut Token, Fault> {
        if let Some(error) = &self.refused {
            return Err(error.clone().into());
        }
        if !self.open.contains_key(key) {
            let signing = &self.settings.signing;
            let name = match key.strip_prefix("id:") {
                Some(id) => KeyName::Id(
                    from_hex(id)
                        .ok_or_else(|| Fault::Setup(format!("`{key}` is no CKA_ID: use hexadecimal digits")))?,
                ),
                None => KeyName::Label(key.to_owned()),
            };
            let place = TokenPlace { module: signing.module.clone(), token: signing.token.clone(), key: name };
            let opened = Token::open(place, &self.pin, self.authorities.clone());
            if let Err(error) = &opened {
                self.failed(error);
            }
            self.open.insert(key.to_owned(), opened?);
        }
        self.open.get_mut(key).ok_or_else(|| SignerError::SessionLost.into())
    }

    /// A token that has failed is begun anew with at the next try, but for one that refuses the PIN: it would lock itself.
    fn failed(&mut self, error: &SignerError) {
        if matches!(error, SignerError::PinWrong | SignerError::PinLocked) {
            tracing::error!(%error, "the token refuses the PIN; it is not tried again before the signer is started anew");
            self.refused = Some(error.clone());
            return;
        }
        self.open.clear();
        Token::unload(&self.settings.signing.module);
    }

    fn authority(&self) -> Option<HttpTimeStamper> {
        let wanted = self.settings.policy.level > SignatureLevel::B;
        let address = self.settings.signing.tsa.as_deref().filter(|_| wanted)?;
        Some(HttpTimeStamper::new(self.http.clone(), address, TOKEN_BYTES))
    }

    fn may_go_on(&self) -> bool {
        self.settings.policy.when_away == WhenAway::GoOn
    }

    /// Signs a copy: the officer, then the agency; with time stamps and validation data as far as the policy asks. Gives the
    /// file and the level that was reached.
    pub(crate) fn sign(
        &mut self,
        copy: &ComposedCopy,
        officer: &Officer,
        now: SystemTime,
    ) -> Result<(Vec<u8>, SignatureLevel), Fault> {
        let seal = self.settings.signing.seal.clone();
        self.check(&officer.key, now)?;
        self.check(&seal, now)?;
        let (pdf, officer_stamped) = self.sign_in_field(
            &copy.pdf,
            "Officer",
            &officer.key,
            copy.signature,
            "Chứng thực bản sao đúng với bản chính",
            now,
        )?;
        let (pdf, seal_stamped) = self.sign_in_field(&pdf, "Seal", &seal, copy.seal, "Dấu của cơ quan", now)?;
        match officer_stamped && seal_stamped {
            true => self.complete(pdf, SignatureLevel::T, now),
            false => Ok((pdf, SignatureLevel::B)),
        }
    }

    /// Adds validation data and a time stamp over all, as far as the policy asks and the authorities answer. Gives the file and
    /// the level that was reached; the same file, if nothing was to be had and the policy goes on.
    pub(crate) fn complete(
        &self,
        pdf: Vec<u8>,
        level: SignatureLevel,
        now: SystemTime,
    ) -> Result<(Vec<u8>, SignatureLevel), Fault> {
        let aim = self.settings.policy.level;
        if aim <= level {
            return Ok((pdf, level));
        }
        if aim == SignatureLevel::T {
            // It was signed without time stamps; one over the whole file proves as much.
            let Some(authority) = self.authority() else { return Ok((pdf, level)) };
            return match add_document_timestamp(&pdf, &authority) {
                Ok(stamped) => Ok((stamped, SignatureLevel::T)),
                Err(SignError::TimeStamp(_)) if self.may_go_on() => Ok((pdf, level)),
                Err(error) => Err(error.into()),
            };
        }
        let with_data = match add_validation_data(&pdf, &self.roots, now, &self.http) {
            Ok(with_data) => with_data,
            Err(ValidationDataError::Unknown { .. }) if self.may_go_on() => return Ok((pdf, level)),
            Err(error) => return Err(error.into()),
        };
        let Some(authority) = self.authority().filter(|_| aim == SignatureLevel::Lta) else {
            return Ok((with_data, SignatureLevel::Lt));
        };
        match add_document_timestamp(&with_data, &authority) {
            Ok(stamped) => Ok((stamped, SignatureLevel::Lta)),
            Err(SignError::TimeStamp(_)) if self.may_go_on() => Ok((with_data, SignatureLevel::Lt)),
            Err(error) => Err(error.into()),
        }
    }

    /// Checks a key's certificate before anything is signed with it (Circular 15/2025/TT-BKHCN).
    pub(crate) fn check(&mut self, key: &str, now: SystemTime) -> Result<(), Fault> {
        let chain = self.token(key)?.chain().to_vec();
        match check_certificate(&chain, &self.roots, now, &self.http) {
            Err(CheckError::Unknown { .. }) if self.may_go_on() => Ok(()),
            checked => checked.map_err(|source| Fault::Certificate { key: key.to_owned(), source }),
        }
    }

    /// The keys whose certificates run out within these days: key and days, the shortest that fits.
    pub(crate) fn expiring(&mut self, now: SystemTime) -> Vec<(String, u64)> {
        let own = self.settings.officers.iter().map(|officer| officer.key.clone());
        let keys: Vec<String> = own.chain([self.settings.signing.seal.clone()]).collect();
        let mut expiring = Vec::new();
        for key in keys {
            let Ok(token) = self.token(&key) else { continue };
            let chain = token.chain().to_vec();
            let runs_out = |days: &u64| {
                let then = now + Duration::from_secs(days * 24 * 3600);
                matches!(check_certificate(&chain, &self.roots, then, &Nobody), Err(CheckError::Expired(_)))
            };
            expiring.extend(WARNED_DAYS.into_iter().find(runs_out).map(|days| (key, days)));
        }
        expiring
    }

    /// Signs in a field of its own; tells whether with a time stamp.
    fn sign_in_field(
        &mut self,
        pdf: &[u8],
        name: &str,
        key: &str,
        area: Area,
        reason: &str,
        now: SystemTime,
    ) -> Result<(Vec<u8>, bool), Fault> {
        let field = SignatureField {
            name: name.to_owned(),
            page: area.page,
            rect: Some(area.rect),
            image: self.pictures.get(key).cloned(),
            reason: Some(reason.to_owned()),
            location: Some(self.settings.agency.place.clone()),
            time: now,
        };
        let (authority, may_go_on) = (self.authority(), self.may_go_on());
        let token = self.token(key)?;
        let stamper = authority.as_ref().map(|authority| authority as &dyn TimeStamper);
        match sign(pdf, &field, token, stamper) {
            Ok(signed) => Ok((signed, stamper.is_some())),
            Err(SignError::TimeStamp(error)) if may_go_on => {
                tracing::warn!(%error, "signed without a time stamp, to be completed later");
                Ok((sign(pdf, &field, token, None)?, false))
            }
            Err(error) => {
                if let SignError::Signer(failed) = &error {
                    self.failed(failed);
                }
                Err(error.into())
            }
        }
    }
}
