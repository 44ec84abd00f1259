//! A certification authority of public duty, for demo and tests: root, issuing authority, time stamps (RFC 3161), answers
//! about certificates (OCSP, RFC 6960) and revocation lists (RFC 5280), and a SoftHSM token with the keys of two officers
//! and an agency's seal. All certificates, lists, answers and stamps are made by OpenSSL's program, so that nothing here is
//! shared with what signs and judges. The people and the agency's seal are invented; its keys come from no seed.
//!
//! Debian: `openssl`, `softhsm2`.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::device::{Active, Cable, Device, Knob, KnobError, read_fault, read_set};
use crate::exchange::ExchangeLog;
use crate::plug::{Clients, Plug, Serving};
use crate::random::Random;

mod date;
pub mod fault;
mod folder;
mod make;
mod openssl;
mod server;
mod token;

use fault::{Fault, KNOBS};
use folder::{Folder, Kept};
pub use openssl::OpenSslError;
pub use token::{COMMAND, TokenError, carry_out};

/// The name in the control port's addresses.
pub const NAME: &str = "authority";
/// The token's label.
pub const TOKEN: &str = "kiosk";
/// Label of the seal's key and certificate on the token.
pub const SEAL: &str = "seal";
/// The name of the certificate that stamps are signed by.
const TSA: &str = "tsa";
/// The authorities are valid for as long as the two digits of old dates go (RFC 5280, section 4.1.2.5).
const NEVER_BEFORE: &str = "20200101000000Z";
const UNTIL: &str = "20491231235959Z";

/// The first port that a new authority may get, and how many there are: below those that a connection may get for its own end
/// (Linux: from 32,768), so that only another server may take it while the authority is away.
const PORTS: (u16, u16) = (30_000, 2_768);

/// Whose key is on the token.
#[derive(Debug)]
struct Holder {
    /// Label of key and certificate there.
    key: &'static str,
    /// `CKA_ID`.
    id: u8,
    /// The common name.
    name: &'static str,
}

/// The officers, and last the seal.
const HOLDERS: [Holder; 3] = [
    Holder { key: "officer-nguyet", id: 1, name: "Trần Thị Minh Nguyệt" },
    Holder { key: "officer-hai", id: 2, name: "Lê Quang Hải" },
    Holder { key: SEAL, id: 3, name: "Ủy ban nhân dân phường Hồng Mai" },
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeyKind {
    P256,
    Rsa3072,
}

/// What the certificate of the first officer is like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Officer {
    /// Good for three years.
    #[default]
    Good,
    /// Until yesterday.
    Expired,
    /// From next year on.
    Early,
    /// For servers, not for signatures.
    WrongPurpose,
}

/// Why a certificate is revoked (RFC 5280, section 5.3.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Reason {
    #[default]
    Unspecified,
    KeyCompromise,
    AffiliationChanged,
    Superseded,
    CessationOfOperation,
}

impl Reason {
    /// As OpenSSL's list has it.
    fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
        }
    }
}

/// What an authority is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where it is kept, and found again the next time; none: a temporary folder that goes with it.
    pub folder: Option<PathBuf>,
    /// Port on 127.0.0.1; 0: the one that the folder's certificates name, or for a new authority any.
    pub port: u16,
    /// What the certificate of the first officer is like.
    pub officer: Officer,
    /// The program `kiosk-simulate`, which is run for the token.
    pub program: PathBuf,
    /// Seed of the random bytes of faults.
    pub seed: u64,
}

/// Why the authority does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A file or folder.
    #[error("the authority's {what}")]
    Io {
        /// Of what.
        what: &'static str,
        /// Why.
        source: std::io::Error,
    },
    /// The folder holds something else.
    #[error(
        "the folder {} holds something else, or an authority that was not finished: remove it or name another one",
        .folder.display()
    )]
    NotOurs {
        /// Which.
        folder: PathBuf,
    },
    /// Another authority runs there.
    #[error("another simulated authority runs in the folder {}", .folder.display())]
    InUse {
        /// Which.
        folder: PathBuf,
    },
    /// The certificates name another port.
    #[error(
        "the certificates in the folder {} name port {kept}, not {port}: start without --port, or name another folder",
        .folder.display()
    )]
    OtherPort {
        /// Which.
        folder: PathBuf,
        /// The port in the certificates.
        kept: u16,
        /// The port asked for.
        port: u16,
    },
    /// The port is taken.
    #[error(
        "the authority cannot listen on port {port} of 127.0.0.1; certificates that were made before name it, so end what \
         listens there or name another folder"
    )]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// Something of it is missing.
    #[error("{what} is not there: install Debian's package {package}")]
    Missing {
        /// What.
        what: &'static str,
        /// Which package has it.
        package: &'static str,
    },
    /// OpenSSL.
    #[error(transparent)]
    OpenSsl(#[from] OpenSslError),
    /// The token.
    #[error("the token of SoftHSM is not made; {said}")]
    Token {
        /// What its program said.
        said: String,
    },
}

#[derive(Debug)]
struct Inner {
    plug: Plug,
    exchanges: ExchangeLog,
    faults: watch::Sender<Active<Fault>>,
    folder: Folder,
    kept: Kept,
    openssl: openssl::OpenSsl,
    /// One revocation list at a time: each has a number of its own.
    lists: tokio::sync::Mutex<()>,
    random: Mutex<Random>,
}

impl Inner {
    fn noise(&self, count: usize) -> Vec<u8> {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).bytes(count)
    }
}

/// What can be set.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Set {
    /// Whose certificate is revoked.
    revoke: String,
    #[serde(default)]
    reason: Reason,
}

/// A running authority; dropping it ends it.
#[derive(Debug)]
pub struct Authority {
    inner: Arc<Inner>,
    module: PathBuf,
    _serving: Serving,
}

impl Authority {
    /// Makes it, if it was not made before, and starts it; it listens when this returns.
    ///
    /// # Errors
    /// When the folder is not one for it, the port is taken, or OpenSSL or SoftHSM is missing or fails.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let Options { folder, port, officer, program, seed } = options;
        let module = token::module()?;
        let (folder, kept) = Folder::open(folder.as_deref())?;
        let port = match &kept {
            Some(Kept { port: kept, .. }) if port != 0 && *kept != port => {
                return Err(StartError::OtherPort { folder: folder.path().to_owned(), kept: *kept, port });
            }
            Some(kept) => kept.port,
            None => port,
        };
        let plug = if port == 0 { on_free_port() } else { Plug::bind(port) };
        let plug = plug.map_err(|source| StartError::Listen { port, source })?;
        let openssl = openssl::OpenSsl::new(folder.path().to_owned(), format!("http://{}", plug.address()));
        write_settings(&folder)?;
        let kept = match kept {
            None => make::make(&folder, &openssl, &program, plug.address().port(), officer).await?,
            Some(kept) if kept.officer == officer => kept,
            Some(mut kept) => {
                make::change_officer(&folder, &openssl, &program, &mut kept, officer).await?;
                kept
            }
        };
        let inner = Arc::new(Inner {
            plug,
            exchanges: ExchangeLog::default(),
            faults: watch::Sender::default(),
            folder,
            kept,
            openssl,
            lists: tokio::sync::Mutex::default(),
            random: Mutex::new(Random::new(seed, NAME)),
        });
        let served = Arc::clone(&inner);
        let serving = inner.plug.serve(Clients::Many, move |wire| server::serve(Arc::clone(&served), wire));
        inner.plug.insert().await;
        Ok(Self { inner, module, _serving: serving })
    }
}

/// A port for as long as the folder is kept.
fn on_free_port() -> std::io::Result<Plug> {
    // Authorities that are made at the same time begin at different places.
    static MADE: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_add(MADE.fetch_add(1, Ordering::Relaxed));
    let mut last = std::io::Error::other("there is no free port");
    for at in 0..u32::from(PORTS.1) {
        let offset = u16::try_from(begin.wrapping_add(at) % u32::from(PORTS.1)).unwrap_or_default();
        match Plug::bind(PORTS.0 + offset) {
            Ok(plug) => return Ok(plug),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The settings of OpenSSL and SoftHSM, each time anew: the folder may have been moved.
fn write_settings(folder: &Folder) -> Result<(), StartError> {
    let softhsm = format!("directories.tokendir = {}\nlog.level = ERROR\n", folder.at("tokens").display());
    let settings = [("openssl.cnf", include_str!("authority/openssl.cnf")), ("softhsm2.conf", &softhsm)];
    for (what, content) in settings {
        folder.write(what, content.as_bytes()).map_err(|source| StartError::Io { what, source })?;
    }
    Ok(())
}

impl Device for Authority {
    fn name(&self) -> &str {
        NAME
    }

    fn knobs(&self) -> &'static [Knob] {
        KNOBS
    }

    fn cable(&self) -> &dyn Cable {
        &self.inner.plug
    }

    fn address(&self) -> String {
        format!("http://{}", self.inner.plug.address())
    }

    fn announced(&self) -> Value {
        let folder = &self.inner.folder;
        let officers = HOLDERS.iter().filter(|holder| holder.key != SEAL);
        json!({
            "address": self.address(),
            "root": folder.at("root.cer"),
            "issuing": folder.at("issuing.cer"),
            "module": self.module,
            "softhsm_conf": folder.at("softhsm2.conf"),
            "token": TOKEN,
            "pin_file": folder.at("pin"),
            "officers": officers.map(|holder| json!({ "key": holder.key, "name": holder.name })).collect::<Vec<_>>(),
            "seal": SEAL,
        })
    }

    fn exchanges(&self) -> &ExchangeLog {
        &self.inner.exchanges
    }

    fn state(&self) -> Value {
        let Inner { folder, kept, faults, .. } = &*self.inner;
        let revoked = folder.revoked("issuing.index").unwrap_or_default();
        let names = kept.serials.iter().filter(|(_, serial)| revoked.contains(serial)).map(|(name, _)| name);
        json!({ "faults": faults.borrow().to_json(), "officer": kept.officer, "revoked": names.collect::<Vec<_>>() })
    }

    fn fault(&self, order: Value) -> Result<(), KnobError> {
        let fault = read_fault(NAME, KNOBS, order)?;
        self.inner.faults.send_modify(|faults| faults.add(fault));
        Ok(())
    }

    fn clear(&self, fault: Option<&str>) {
        self.inner.faults.send_modify(|faults| faults.clear(fault));
    }

    fn set(&self, order: Value) -> Result<(), KnobError> {
        let Set { revoke, reason } = read_set(order)?;
        let wrong = |problem: String| KnobError::BadOrder { order: "set".into(), problem };
        let names: Vec<&str> = HOLDERS.iter().map(|holder| holder.key).chain([TSA]).collect();
        let serial = names.contains(&revoke.as_str()).then(|| self.inner.kept.serials.get(&revoke)).flatten();
        let serial = serial.ok_or_else(|| wrong(format!("revoke is one of {}", names.join(", "))))?;
        let revoked = self.inner.folder.revoke("issuing.index", serial, reason);
        revoked.map_err(|error| wrong(format!("the certificate cannot be revoked: {error}")))
    }

    fn end(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            // Whoever is served is dropped, and with it the program that works for it.
            self.inner.plug.unplug().await;
            self.inner.folder.end();
        })
    }
}
