//! A key on a PKCS#11 token: a USB token, a smart card, a hardware security module.
//!
//! The session stays open and the key's handle is looked up once: with most tokens this takes longer than to sign. The
//! maker's library is loaded when the program runs, so what a token does to a process it does to the one that signs.
//!
//! Document: OASIS PKCS #11 version 2.40.

mod ffi;
mod find;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

use crate::algorithm::{Algorithm, SALT};
use crate::certificate::Certificate;
use crate::signer::{Signer, SignerError};

/// Which key of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// By its label (`CKA_LABEL`), or by that of its certificate.
    Label(String),
    /// By its identifier (`CKA_ID`), which its certificate has too. Some makers' libraries find keys only by this.
    Id(Vec<u8>),
}

/// Where a key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The maker's PKCS#11 library.
    pub module: PathBuf,
    /// The token's label, as it shows it.
    pub token: String,
    /// The key.
    pub key: KeyName,
}

/// A key on a token, with its session.
pub struct Token {
    library: Pkcs11,
    place: TokenPlace,
    /// Taken away when the token refuses it, so that it is not tried until the token locks.
    pin: Option<AuthPin>,
    open: Option<Open>,
    chain: Vec<Vec<u8>>,
    algorithm: Algorithm,
}

struct Open {
    session: Session,
    key: ObjectHandle,
    /// The key asks for the PIN before each signature (`CKA_ALWAYS_AUTHENTICATE`).
    always_asks: bool,
}

/// What is known of a PIN before a session is opened with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pin {
    /// The token has taken it before.
    Proven,
    /// Nothing: the token must be asked.
    New,
}

/// One login at a time: to prove a PIN, all sessions of the process are logged out for a moment.
static LOGINS: Mutex<()> = Mutex::new(());

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Token").field("place", &self.place).finish_non_exhaustive()
    }
}

impl From<Error> for SignerError {
    fn from(error: Error) -> Self {
        match error {
            Error::Pkcs11(RvError::DeviceRemoved | RvError::TokenNotPresent | RvError::SlotIdInvalid, _) => {
                Self::Removed
            }
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => Self::PinWrong,
            Error::Pkcs11(RvError::PinLocked, _) => Self::PinLocked,
            Error::Pkcs11(
                RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::ObjectHandleInvalid
                | RvError::KeyHandleInvalid
                | RvError::DeviceError,
                _,
            ) => Self::SessionLost,
            other => Self::Other(other.to_string()),
        }
    }
}

/// Loads a library. A process loads the same one only once.
fn library(module: &Path) -> Result<Pkcs11, SignerError> {
    let library = Pkcs11::new(module)?;
    match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(library),
        Err(error) => Err(error.into()),
    }
}

impl Token {
    /// Opens a session with a PIN, and finds the key and its certificate. The token checks the PIN also if another session of
    /// this process is logged in: that one is logged out for it, and opened again when it signs next. The certificates of its
    /// authorities (DER, the one that issued it first) are often not on the token.
    ///
    /// # Errors
    /// [`SignerError`]. A PIN that is wrong is not tried again.
    pub fn open(place: TokenPlace, pin: &str, authorities: Vec<Vec<u8>>) -> Result<Self, SignerError> {
        let library = library(&place.module)?;
        let pin = AuthPin::new(pin.into());
        let session = session(&library, &place, &pin, Pin::New)?;
        let (open, certificate) = find(session, &place)?;
        let read = Certificate::read(&certificate).map_err(|error| SignerError::Other(error.to_string()))?;
        let (algorithm, _) = read
            .key
            .signs()
            .ok_or_else(|| SignerError::Other("the key is of a kind that is not used here".to_owned()))?;
        let chain = std::iter::once(certificate).chain(authorities).collect();
        Ok(Self { library, place, pin: Some(pin), open: Some(open), chain, algorithm })
    }

    /// Ends the maker's library in this process: the next [`Token::open`] begins anew with it. Some libraries do not come by
    /// themselves out of an error that is over. All tokens of this library that are open are lost; drop them before.
    pub fn unload(module: &Path) {
        // One that cannot be ended has nothing to begin anew.
        drop(Pkcs11::new(module).and_then(Pkcs11::finalize));
    }

    /// Signs in the session that is open; opens one, if there is none.
    fn try_sign(&mut self, hash: &[u8; 32]) -> Result<Vec<u8>, SignerError> {
        if self.open.is_none() {
            let pin = self.pin.as_ref().ok_or(SignerError::PinWrong)?;
            let session = match session(&self.library, &self.place, pin, Pin::Proven) {
                Err(error @ (SignerError::PinWrong | SignerError::PinLocked)) => {
                    self.pin = None;
                    return Err(error);
                }
                other => other?,
            };
            let (open, certificate) = find(session, &self.place)?;
            // Another token of the same name.
            if self.chain.first() != Some(&certificate) {
                return Err(SignerError::Removed);
            }
            self.open = Some(open);
        }
        let open = self.open.as_ref().ok_or(SignerError::SessionLost)?;
        let pss = PkcsPssParams {
            hash_alg: MechanismType::SHA256,
            mgf: PkcsMgfType::MGF1_SHA256,
            s_len: cryptoki::types::Ulong::from(u64::from(SALT)),
        };
        let mechanism = match self.algorithm {
            Algorithm::RsaPssSha256 => Mechanism::RsaPkcsPss(pss),
            Algorithm::EcdsaP256Sha256 => Mechanism::Ecdsa,
        };
        if !open.always_asks {
            return Ok(open.session.sign(&mechanism, open.key, hash)?);
        }
        let pin = self.pin.as_ref().ok_or(SignerError::PinWrong)?;
        let direct = ffi::Direct::open(&self.place.module)?;
        open.session.sign_init(&mechanism, open.key)?;
        if let Err(error) = open.session.login(UserType::ContextSpecific, Some(pin)).map_err(SignerError::from) {
            if matches!(error, SignerError::PinWrong | SignerError::PinLocked) {
                self.pin = None;
            }
            // With the session ends the signature that was begun.
            self.open = None;
            return Err(error);
        }
        direct.sign(&open.session, hash)
    }
}

/// Finds the key of a session.
fn find(session: Session, place: &TokenPlace) -> Result<(Open, Vec<u8>), SignerError> {
    let (key, certificate) = find::key(&session, &place.key)?;
    let always_asks = find::always_asks(&session, key);
    Ok((Open { session, key, always_asks }, certificate))
}

/// Opens a session with the token of this label.
fn session(library: &Pkcs11, place: &TokenPlace, pin: &AuthPin, known: Pin) -> Result<Session, SignerError> {
    let mut slots = Vec::new();
    for slot in library.get_slots_with_initialized_token()? {
        // One that is taken away meanwhile is none.
        if library.get_token_info(slot).is_ok_and(|info| info.label().trim_end() == place.token) {
            slots.push(slot);
        }
    }
    let slot = match slots[..] {
        [slot] => slot,
        [] => return Err(SignerError::Removed),
        _ => return Err(SignerError::NotOne { what: "tokens", found: slots.len() }),
    };
    let session = library.open_ro_session(slot)?;
    let _one = LOGINS.lock().unwrap_or_else(PoisonError::into_inner);
    match session.login(UserType::User, Some(pin)) {
        // Another session of this process has logged in, with whatever PIN: this one was not even looked at.
        Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => match known {
            Pin::Proven => {}
            Pin::New => {
                session.logout()?;
                session.login(UserType::User, Some(pin))?;
            }
        },
        other => other?,
    }
    Ok(session)
}

impl Signer for Token {
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }

    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    fn sign(&mut self, hash: &[u8; 32]) -> Result<Vec<u8>, SignerError> {
        let first = self.try_sign(hash);
        if !matches!(first, Err(SignerError::SessionLost | SignerError::Removed)) {
            return first;
        }
        // Once: it may have been taken out and put in again.
        self.open = None;
        let second = self.try_sign(hash);
        if second.is_err() {
            self.open = None;
        }
        second
    }
}
