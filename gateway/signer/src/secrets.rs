//! The signer's own keys, in files that only it may read: of the codes' index, of the transparency log, of the QR claims.
//! (The keys of officers and agency are on a token.) They are made when the register is; a register whose keys are lost is
//! not opened, since nothing that it issued could be verified any more.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use kiosk_proof::{ClaimsKey, CodeKey, NoteKey, NoteKind};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, SigningKey};

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// A file.
    #[error("cannot {what} `{}`", path.display())]
    File { what: &'static str, path: PathBuf, source: io::Error },
    /// Others could read it.
    #[error("`{}` has mode {mode:03o}; it is for its owner only: chmod go-rwx", path.display())]
    NotPrivate { path: PathBuf, mode: u32 },
    /// It is lost.
    #[error(
        "the key `{}` is lost: bring it back from its backup; a new one would make all codes and proofs of before worthless",
        path.display()
    )]
    Lost { path: PathBuf },
    /// It is no key.
    #[error("`{}` is no key: bring it back from its backup", path.display())]
    NoKey { path: PathBuf },
    /// The system has no random bytes.
    #[error("the system gives no random bytes")]
    Random,
}

/// The keys.
pub(crate) struct Secrets {
    /// Of the index that codes are found by.
    pub(crate) codes: CodeKey,
    claims: SigningKey,
    /// Its public half.
    pub(crate) claims_key: ClaimsKey,
    log: [u8; 32],
}

impl Secrets {
    /// Reads the keys of a folder; makes them if `may_make`.
    pub(crate) fn open(folder: &Path, may_make: bool) -> Result<Self, SecretError> {
        match std::fs::create_dir(folder) {
            Err(source) if source.kind() != io::ErrorKind::AlreadyExists => {
                return Err(SecretError::File { what: "make", path: folder.to_owned(), source });
            }
            _ => {}
        }
        let claims_file = folder.join("claims");
        let claims = SigningKey::from_slice(&key(&claims_file, may_make)?)
            .map_err(|_| SecretError::NoKey { path: claims_file.clone() })?;
        let point = claims.verifying_key().to_sec1_point(false);
        let claims_key = ClaimsKey::new(point.as_bytes()).map_err(|_| SecretError::NoKey { path: claims_file })?;
        Ok(Self {
            codes: CodeKey::new(key(&folder.join("codes"), may_make)?),
            claims,
            claims_key,
            log: key(&folder.join("log"), may_make)?,
        })
    }

    /// Signs claims.
    pub(crate) fn sign_claims(&self, hash: &[u8; 32]) -> Result<[u8; 64], String> {
        let signature: Signature = self.claims.sign_prehash(hash).map_err(|error| error.to_string())?;
        Ok(signature.to_bytes().into())
    }

    /// The public key of the claims: an uncompressed point, 65 bytes.
    pub(crate) fn claims_point(&self) -> Vec<u8> {
        self.claims.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    /// The log's key under its name.
    pub(crate) fn log_key(&self, origin: &str) -> Result<NoteKey, kiosk_proof::NoteError> {
        NoteKey::new(origin, NoteKind::Log, &self.log)
    }
}

fn key(path: &Path, may_make: bool) -> Result<[u8; 32], SecretError> {
    let failed = |what| move |source| SecretError::File { what, path: path.to_owned(), source };
    match File::open(path) {
        Ok(file) => {
            let bytes = read_private(path, file, 32)?;
            <[u8; 32]>::try_from(bytes).map_err(|_| SecretError::NoKey { path: path.to_owned() })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && may_make => {
            let mut key = [0; 32];
            getrandom::fill(&mut key).map_err(|_| SecretError::Random)?;
            let beside = path.with_extension("new");
            let _ = std::fs::remove_file(&beside);
            let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside);
            let mut file = made.map_err(failed("make"))?;
            file.write_all(&key).and_then(|()| file.sync_all()).map_err(failed("write"))?;
            std::fs::rename(&beside, path).map_err(failed("make"))?;
            let folder = path.parent().unwrap_or(path);
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed("keep"))?;
            Ok(key)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(SecretError::Lost { path: path.to_owned() }),
        Err(error) => Err(failed("open")(error)),
    }
}

/// Reads a small file that only its owner may read.
fn read_private(path: &Path, file: File, most: u64) -> Result<Vec<u8>, SecretError> {
    let failed = |what| move |source| SecretError::File { what, path: path.to_owned(), source };
    let mode = file.metadata().map_err(failed("look at"))?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretError::NotPrivate { path: path.to_owned(), mode });
    }
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(failed("read"))?;
    if bytes.len() as u64 > most { Err(SecretError::NoKey { path: path.to_owned() }) } else { Ok(bytes) }
}

/// The PIN of the token: from a file that only the signer may read, or from a systemd credential.
pub(crate) fn pin(signing: &crate::settings::Signing) -> Result<String, SecretError> {
    let path = match (&signing.pin_file, &signing.pin_credential) {
        (Some(file), _) => file.clone(),
        // systemd.exec(5): the folder is in the environment, and only the unit can read it.
        (None, Some(name)) => PathBuf::from(std::env::var_os("CREDENTIALS_DIRECTORY").unwrap_or_default()).join(name),
        (None, None) => PathBuf::new(),
    };
    let file = File::open(&path).map_err(|source| SecretError::File { what: "open", path: path.clone(), source })?;
    let bytes = read_private(&path, file, 256)?;
    let text = String::from_utf8(bytes).map_err(|_| SecretError::NoKey { path: path.clone() })?;
    let pin = text.trim_end_matches(['\r', '\n']);
    if pin.is_empty() { Err(SecretError::NoKey { path }) } else { Ok(pin.to_owned()) }
}
