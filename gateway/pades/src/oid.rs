//! Object identifiers, as the content of their elements.

/// rsaEncryption 1.2.840.113549.1.1.1 (RFC 8017, appendix A.1), and others of its arc: id-mgf1 .8, id-RSASSA-PSS .10,
/// sha256WithRSAEncryption .11.
pub(crate) const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01];
pub(crate) const MGF1: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08];
pub(crate) const RSA_PSS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A];
pub(crate) const PKCS1_ARC: [u8; 8] = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
/// id-ecPublicKey 1.2.840.10045.2.1; ecdsa-with-SHA256 1.2.840.10045.4.3.2, and the arc of the others (RFC 5758).
pub(crate) const EC_PUBLIC_KEY: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
pub(crate) const ECDSA_SHA256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
pub(crate) const ECDSA_ARC: [u8; 7] = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03];
/// secp256r1 1.2.840.10045.3.1.7; secp384r1 1.3.132.0.34 (RFC 5480).
pub(crate) const P256: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07];
pub(crate) const P384: &[u8] = &[0x2B, 0x81, 0x04, 0x00, 0x22];
/// sha1 1.3.14.3.2.26; sha256 2.16.840.1.101.3.4.2.1, and the arc of the others.
pub(crate) const SHA1: &[u8] = &[0x2B, 0x0E, 0x03, 0x02, 0x1A];
pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
pub(crate) const NIST_HASH_ARC: [u8; 8] = [0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];

/// id-data 1.2.840.113549.1.7.1, id-signedData .2 (RFC 5652).
pub(crate) const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01];
pub(crate) const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02];
/// id-contentType 1.2.840.113549.1.9.3, id-messageDigest .4 (RFC 5652, section 11).
pub(crate) const CONTENT_TYPE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03];
pub(crate) const MESSAGE_DIGEST: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04];
/// id-aa-signingCertificate 1.2.840.113549.1.9.16.2.12 (RFC 2634), id-aa-signingCertificateV2 .47 (RFC 5035).
pub(crate) const SIGNING_CERTIFICATE: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0C];
pub(crate) const SIGNING_CERTIFICATE_V2: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F];
/// id-aa-timeStampToken 1.2.840.113549.1.9.16.2.14; id-ct-TSTInfo 1.2.840.113549.1.9.16.1.4 (RFC 3161).
pub(crate) const TIME_STAMP_TOKEN: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x0E];
pub(crate) const TST_INFO: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x01, 0x04];

/// id-kp-timeStamping 1.3.6.1.5.5.7.3.8, id-kp-OCSPSigning .9 (RFC 5280, 6960).
pub(crate) const TIME_STAMPING: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 8];
pub(crate) const OCSP_SIGNING: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 9];
/// What documents are signed with: id-kp-documentSigning 1.3.6.1.5.5.7.3.36 (RFC 9336), id-kp-emailProtection .4;
/// anyExtendedKeyUsage 2.5.29.37.0; of makers, szOID_KP_DOCUMENT_SIGNING 1.3.6.1.4.1.311.10.3.12 and Adobe's "authentic
/// documents" 1.2.840.113583.1.1.5.
pub(crate) const DOCUMENT_SIGNING: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 36];
pub(crate) const EMAIL_PROTECTION: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 3, 4];
pub(crate) const ANY_PURPOSE: &[u8] = &[0x55, 0x1D, 37, 0];
pub(crate) const MICROSOFT_DOCUMENTS: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 12];
pub(crate) const ADOBE_DOCUMENTS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x2F, 1, 1, 5];
/// id-ad-ocsp 1.3.6.1.5.5.7.48.1, id-pkix-ocsp-basic .1.1, -nonce .1.2, -nocheck .1.5 (RFC 6960).
pub(crate) const OCSP: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1];
pub(crate) const OCSP_BASIC: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1];
pub(crate) const OCSP_NO_CHECK: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 5];

/// id-pe-authorityInfoAccess 1.3.6.1.5.5.7.1.1, and extensions of the arc 2.5.29 (RFC 5280, section 4.2).
pub(crate) const AUTHORITY_INFO_ACCESS: &[u8] = &[0x2B, 6, 1, 5, 5, 7, 1, 1];
pub(crate) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1D, 14];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1D, 15];
pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1D, 19];
pub(crate) const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1D, 31];
pub(crate) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1D, 32];
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1D, 37];
