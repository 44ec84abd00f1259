//! Who officers are: keys of their browsers, one-time codes by which these are bound to them, and passes.
//!
//! ```text
//! kiosk-signer invite ─► DATA/invitations/SHA-256-of-code ─┐
//! challenge ─► nonce, signed by the browser ───────────────┼─► enrol ─► DATA/officers/CODE
//!                                                          └─► sign_in ─► pass
//! ```

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kiosk_protocol::approval::{Enrol, Pass, SignIn};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::decisions::Decision;

/// How long a challenge may be answered.
const CHALLENGE: Duration = Duration::from_secs(120);
/// How long a pass is good.
const PASS: Duration = Duration::from_secs(8 * 3600);
/// How long an invitation is good.
pub(crate) const INVITATION: Duration = Duration::from_secs(24 * 3600);
/// Most challenges and passes at a time; the oldest go first.
const KEPT: usize = 64;
/// Signatures that do not fit, in a minute; then nobody signs in for the rest of it.
const WRONG_A_MINUTE: u32 = 20;
/// The letters of invitations: none that another could be taken for (Crockford's base 32).
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Why somebody is not who he says.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OfficerError {
    #[error("there is no officer of this name in the configuration")]
    Unknown,
    #[error("this officer has no key yet: enrol with a one-time code from `kiosk-signer invite`")]
    NotEnrolled,
    #[error("the one-time code is wrong, used or too old: ask the operator for a new one")]
    Invitation,
    #[error("the challenge is unknown, used or too old: ask for a new one")]
    Challenge,
    #[error("the signature does not fit: it was made by another key, or over another text")]
    Signature,
    #[error("the public key is no point of P-256: 65 bytes, base64url without padding")]
    Key,
    #[error("another officer has this key: each officer has a browser of his own")]
    Anothers,
    #[error("the pass is no longer good: sign in again")]
    Pass,
    #[error("too many signatures did not fit: wait a minute")]
    TooMany,
    #[error("the system gives no random bytes")]
    Random,
    #[error("cannot keep or read an officer's key")]
    Disk(#[source] std::io::Error),
}

/// A key of an officer, as a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Enrolled {
    public_key: String,
    enrolled_ms: u64,
}

/// An invitation, as a file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitation {
    officer: String,
    good_until_ms: u64,
}

/// All that is known of who is there.
pub(crate) struct Officers {
    keys: PathBuf,
    invitations: PathBuf,
    challenges: HashMap<String, Instant>,
    passes: HashMap<String, (String, Instant)>,
    wrong: (Instant, u32),
}

impl Officers {
    /// Opens the folders of keys and invitations below `data`.
    pub(crate) fn open(data: &Path) -> std::io::Result<Self> {
        let (keys, invitations) = (data.join("officers"), data.join("invitations"));
        for folder in [&keys, &invitations] {
            make_private(folder)?;
        }
        Ok(Self { keys, invitations, challenges: HashMap::new(), passes: HashMap::new(), wrong: (Instant::now(), 0) })
    }

    /// Something to sign.
    pub(crate) fn challenge(&mut self) -> Result<String, OfficerError> {
        let nonce = random_hex()?;
        self.challenges.retain(|_, since| since.elapsed() < CHALLENGE);
        make_room(&mut self.challenges, |since| *since);
        self.challenges.insert(nonce.clone(), Instant::now());
        Ok(nonce)
    }

    /// Binds a key to an officer; the invitation is used up.
    pub(crate) fn enrol(&mut self, request: &Enrol) -> Result<(), OfficerError> {
        self.must_be_calm()?;
        self.use_challenge(&request.nonce)?;
        let key = read_key(&request.public_key)?;
        self.fits(&key, &request.statement(), &request.signature)?;
        let file = self.invitations.join(name_of(request.invitation.expose()));
        let invitation = std::fs::read(&file).ok().and_then(|text| serde_json::from_slice::<Invitation>(&text).ok());
        let good = invitation
            .is_some_and(|invitation| invitation.officer == request.officer && invitation.good_until_ms > now_ms());
        if !good {
            self.count_wrong();
            return Err(OfficerError::Invitation);
        }
        if self.is_anothers(&request.public_key, &request.officer)? {
            return Err(OfficerError::Anothers);
        }
        // Used before the key counts: a code never binds two keys.
        std::fs::remove_file(&file)
            .and_then(|()| std::fs::File::open(&self.invitations)?.sync_all())
            .map_err(OfficerError::Disk)?;
        let enrolled = Enrolled { public_key: request.public_key.clone(), enrolled_ms: now_ms() };
        let text = serde_json::to_vec(&enrolled).expect("a key is plain data");
        write_private(&self.keys.join(&request.officer), &text).map_err(OfficerError::Disk)?;
        // Whoever had another key before is out.
        self.passes.retain(|_, (officer, _)| *officer != request.officer);
        tracing::info!(officer = request.officer, "the key of an officer's browser was enrolled");
        Ok(())
    }

    /// Gives a pass to who signs a challenge with the officer's key.
    pub(crate) fn sign_in(&mut self, request: &SignIn) -> Result<Pass, OfficerError> {
        self.must_be_calm()?;
        self.use_challenge(&request.nonce)?;
        let key = self.key_of(&request.officer)?;
        self.fits(&key, &request.statement(), &request.signature)?;
        let pass = random_hex()?;
        self.passes.retain(|_, (_, since)| since.elapsed() < PASS);
        make_room(&mut self.passes, |(_, since)| *since);
        self.passes.insert(pass.clone(), (request.officer.clone(), Instant::now()));
        tracing::info!(officer = request.officer, "an officer has signed in");
        Ok(Pass(pass))
    }

    /// Whose pass it is.
    pub(crate) fn of_pass(&self, pass: &Pass) -> Result<String, OfficerError> {
        let known = self.passes.get(&pass.0).filter(|(_, since)| since.elapsed() < PASS);
        known.map(|(officer, _)| officer.clone()).ok_or(OfficerError::Pass)
    }

    /// Makes sure that an officer has signed a statement.
    pub(crate) fn signed(
        &mut self,
        officer: &str,
        statement: String,
        signature: &str,
    ) -> Result<Decision, OfficerError> {
        // Who has a pass is no stranger: guesses of others do not keep him from his work.
        let key = self.key_of(officer)?;
        self.fits(&key, &statement, signature)?;
        let public_key = URL_SAFE_NO_PAD.encode(key.to_sec1_point(false).as_bytes());
        Ok(Decision { officer: officer.to_owned(), public_key, statement, signature: signature.to_owned() })
    }

    /// Whether another officer has this very key: four eyes are of two browsers.
    fn is_anothers(&self, public_key: &str, officer: &str) -> Result<bool, OfficerError> {
        for entry in std::fs::read_dir(&self.keys).map_err(OfficerError::Disk)? {
            let path = entry.map_err(OfficerError::Disk)?.path();
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
                // One that a power cut has left behind.
                continue;
            }
            let text = std::fs::read(&path).map_err(OfficerError::Disk)?;
            let same = serde_json::from_slice::<Enrolled>(&text).is_ok_and(|it| it.public_key == public_key);
            if same && path.file_name().is_none_or(|name| name != officer) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn key_of(&self, officer: &str) -> Result<VerifyingKey, OfficerError> {
        // A code from the configuration or of a pass: it has no separators of paths.
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if officer.is_empty() || officer.starts_with('.') || !officer.bytes().all(plain) {
            return Err(OfficerError::Unknown);
        }
        match std::fs::read(self.keys.join(officer)) {
            Ok(text) => {
                let enrolled: Enrolled = serde_json::from_slice(&text).map_err(|_| OfficerError::NotEnrolled)?;
                read_key(&enrolled.public_key)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(OfficerError::NotEnrolled),
            Err(error) => Err(OfficerError::Disk(error)),
        }
    }

    /// Makes sure that a challenge is fresh; it is used up.
    pub(crate) fn use_challenge(&mut self, nonce: &str) -> Result<(), OfficerError> {
        let since = self.challenges.remove(nonce).ok_or(OfficerError::Challenge)?;
        if since.elapsed() < CHALLENGE { Ok(()) } else { Err(OfficerError::Challenge) }
    }

    fn fits(&mut self, key: &VerifyingKey, statement: &str, signature: &str) -> Result<(), OfficerError> {
        let bytes = URL_SAFE_NO_PAD.decode(signature).ok();
        let signature = bytes.and_then(|bytes| Signature::from_slice(&bytes).ok());
        let fits = signature.is_some_and(|signature| key.verify(statement.as_bytes(), &signature).is_ok());
        if fits {
            return Ok(());
        }
        self.count_wrong();
        Err(OfficerError::Signature)
    }

    fn count_wrong(&mut self) {
        if self.wrong.0.elapsed() > Duration::from_secs(60) {
            self.wrong = (Instant::now(), 0);
        }
        self.wrong.1 += 1;
    }

    fn must_be_calm(&self) -> Result<(), OfficerError> {
        let (since, wrong) = self.wrong;
        if wrong >= WRONG_A_MINUTE && since.elapsed() <= Duration::from_secs(60) {
            return Err(OfficerError::TooMany);
        }
        Ok(())
    }
}

/// Makes an invitation: gives the code, of which only a hash is kept.
pub(crate) fn invite(data: &Path, officer: &str) -> Result<String, OfficerError> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| OfficerError::Random)?;
    let mut code = String::new();
    for (place, byte) in random.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(LETTERS[usize::from(byte & 31)]));
    }
    let good_until_ms = now_ms() + u64::try_from(INVITATION.as_millis()).unwrap_or(0);
    let invitation = Invitation { officer: officer.to_owned(), good_until_ms };
    let folder = data.join("invitations");
    make_private(&folder).map_err(OfficerError::Disk)?;
    let text = serde_json::to_vec(&invitation).expect("an invitation is plain data");
    write_private(&folder.join(name_of(&code)), &text).map_err(OfficerError::Disk)?;
    Ok(code)
}

/// Whether an officer's browser has a key here.
pub(crate) fn is_enrolled(data: &Path, officer: &str) -> bool {
    data.join("officers").join(officer).is_file()
}

/// The file of an invitation. What people add or mistake does not matter.
fn name_of(code: &str) -> String {
    let typed = code.chars().filter(|sign| sign.is_ascii_alphanumeric()).map(|sign| match sign.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    });
    let typed: String = typed.take(64).collect();
    Sha256::digest(typed.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Makes a folder, and those above it that are missing, for the signer alone.
fn make_private(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn write_private(path: &Path, text: &[u8]) -> std::io::Result<()> {
    // A name that no officer and no code has: these begin with a letter or digit.
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.new"));
    let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    file.write_all(text)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    std::fs::File::open(path.parent().unwrap_or(path))?.sync_all()
}

fn read_key(text: &str) -> Result<VerifyingKey, OfficerError> {
    let point = URL_SAFE_NO_PAD.decode(text).map_err(|_| OfficerError::Key)?;
    if point.len() != 65 {
        return Err(OfficerError::Key);
    }
    VerifyingKey::from_sec1_bytes(&point).map_err(|_| OfficerError::Key)
}

fn random_hex() -> Result<String, OfficerError> {
    let mut random = [0_u8; 16];
    getrandom::fill(&mut random).map_err(|_| OfficerError::Random)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn now_ms() -> u64 {
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(passed.as_millis()).unwrap_or(u64::MAX)
}

/// Forgets the oldest, if there are too many.
fn make_room<T>(kept: &mut HashMap<String, T>, since: impl Fn(&T) -> Instant) {
    if kept.len() >= KEPT
        && let Some(oldest) = kept.iter().min_by_key(|(_, it)| since(it)).map(|(name, _)| name.clone())
    {
        kept.remove(&oldest);
    }
}
