//! `ipps://` (RFC 7472): TLS to a printer that the configuration names by its certificate. Printers sign their own, so
//! no list of authorities helps, and none is asked: what is trusted is written down, or nothing is sent.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use kiosk_driver_sdk::OpenError;
use ring::digest::{SHA256, digest};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring as crypto, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme,
};

use crate::trouble::Trouble;
use crate::wire::shown;

/// What a printer's certificate must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// This one: SHA-256 of its DER.
    Certificate([u8; 32]),
    /// One for the printer's name, signed by an authority in this file (PEM).
    Authority(PathBuf),
}

impl Trust {
    /// From the settings.
    ///
    /// # Errors
    /// A sentence that says what to write.
    pub(crate) fn of(sha256: Option<&str>, authority: Option<PathBuf>) -> Result<Option<Self>, String> {
        match (sha256, authority) {
            (None, None) => Ok(None),
            (None, Some(file)) => Ok(Some(Self::Authority(file))),
            (Some(text), None) => {
                let digits: Option<Vec<u8>> = text.chars().filter(|c| *c != ':').map(digit).collect();
                let pairs = digits.filter(|digits| digits.len() == 64);
                let bytes = pairs.map(|digits| digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect::<Vec<_>>());
                bytes.and_then(|bytes| bytes.try_into().ok()).map(|bytes| Some(Self::Certificate(bytes))).ok_or_else(|| {
                    "config.tls_sha256 is no SHA-256 of a certificate: write its 64 hexadecimal digits, with or without \
                     colons, as the printer's own pages or `openssl x509 -fingerprint -sha256` tell them"
                        .into()
                })
            }
            (Some(_), Some(_)) => Err("give either config.tls_sha256 or config.tls_ca, not both".into()),
        }
    }
}

fn digit(digit: char) -> Option<u8> {
    digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// How to encrypt a connection to the printer.
#[derive(Clone)]
pub(crate) struct Tls {
    connector: TlsConnector,
    name: ServerName<'static>,
}

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tls").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Tls {
    /// For a printer of this name or address.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`] if the file of authorities cannot be used.
    pub(crate) fn new(host: &str, trust: &Trust) -> Result<Self, OpenError> {
        let bad = |why: String| OpenError::BadConfig(why);
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| bad(format!("`{host}` is no name that a certificate could have")))?;
        let provider = Arc::new(crypto::default_provider());
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| OpenError::Fault(format!("TLS cannot be used: {error}")))?;
        let config = match trust {
            Trust::Certificate(sha256) => config
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned { sha256: *sha256, provider }))
                .with_no_client_auth(),
            Trust::Authority(file) => {
                let unusable = |why: &dyn std::fmt::Display| {
                    bad(format!("config.tls_ca: {} has no certificate that can be used: {why}", file.display()))
                };
                let mut authorities = RootCertStore::empty();
                for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unusable(&error))? {
                    let certificate = certificate.map_err(|error| unusable(&error))?;
                    authorities.add(certificate).map_err(|error| unusable(&error))?;
                }
                if authorities.is_empty() {
                    return Err(unusable(&"it is empty"));
                }
                config.with_root_certificates(authorities).with_no_client_auth()
            }
        };
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), name })
    }

    /// Encrypts a connection.
    ///
    /// # Errors
    /// [`Trouble::Certificate`] if it is another printer, [`Trouble::NotTls`] if it does not come about.
    pub(crate) async fn wrap(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, Trouble> {
        self.connector.connect(self.name.clone(), stream).await.map_err(|error| {
            match error.get_ref().and_then(|source| source.downcast_ref::<Error>()) {
                Some(Error::InvalidCertificate(CertificateError::Other(OtherError(other)))) => {
                    Trouble::Certificate(other.to_string())
                }
                Some(Error::InvalidCertificate(why)) => Trouble::Certificate(format!(
                    "the printer's certificate is not one that config.tls_ca vouches for: {why:?}"
                )),
                _ => Trouble::NotTls(shown(&error.to_string())),
            }
        })
    }
}

/// The certificate is another one.
#[derive(Debug, thiserror::Error)]
#[error(
    "the printer's certificate has the SHA-256 {0}, which is not config.tls_sha256; write it there only if the printer's own pages or its panel show the same"
)]
struct Another(String);

/// Accepts one certificate, whatever stands in it, from whoever proves to have its key.
#[derive(Debug)]
struct Pinned {
    sha256: [u8; 32],
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = digest(&SHA256, certificate);
        if found.as_ref() == self.sha256 {
            return Ok(ServerCertVerified::assertion());
        }
        let found: Vec<String> = found.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
        let another = OtherError(Arc::new(Another(found.join(":"))));
        Err(Error::InvalidCertificate(CertificateError::Other(another)))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
