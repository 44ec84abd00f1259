//! Whom a connection trusts, and what went wrong where it does not.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::outcome::{Step, Why};
use crate::settings::SettingsError;

/// The authorities that this machine trusts (Debian's ca-certificates).
const OF_THE_MACHINE: &str = "/etc/ssl/certs/ca-certificates.crt";
/// Most characters of a reason; parts of it may come from the other side.
const REASON_MOST: usize = 200;

/// Trusts the machine's authorities, and those in a file.
///
/// # Errors
/// [`SettingsError::Authorities`], [`SettingsError::NoAuthorities`], [`SettingsError::Tls`].
pub(crate) fn config(more: Option<&Path>) -> Result<Arc<ClientConfig>, SettingsError> {
    let mut authorities = RootCertStore::empty();
    if let Some(file) = more {
        let unusable =
            |why: &dyn std::fmt::Display| SettingsError::Authorities { path: file.to_owned(), why: why.to_string() };
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))? {
            let certificate = certificate.map_err(|error| unusable(&error))?;
            authorities.add(certificate).map_err(|error| unusable(&error))?;
        }
        if authorities.is_empty() {
            return Err(unusable(&"it has none"));
        }
    }
    // Old ones among them that cannot be read are passed over, as other programs do.
    if let Ok(own) = CertificateDer::pem_file_iter(OF_THE_MACHINE) {
        authorities.add_parsable_certificates(own.filter_map(Result::ok));
    }
    if authorities.is_empty() {
        return Err(SettingsError::NoAuthorities);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| SettingsError::Tls(error.to_string()))?;
    Ok(Arc::new(config.with_root_certificates(authorities).with_no_client_auth()))
}

/// What a failed handshake means.
pub(crate) fn why(error: &io::Error) -> Why {
    match error.get_ref().and_then(|source| source.downcast_ref::<rustls::Error>()) {
        Some(error @ rustls::Error::InvalidCertificate(_)) => Why::Certificate(reason(error)),
        Some(error) => Why::Tls(reason(error)),
        None => Why::of_io(Step::Tls, error),
    }
}

fn reason(error: &rustls::Error) -> String {
    error.to_string().chars().filter(|sign| !sign.is_control()).take(REASON_MOST).collect()
}
