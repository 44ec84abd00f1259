//! The token, in OpenSC's eyes.

use std::process::Command;

use crate::rig::{Authority, good, openssl, ran};

fn pkcs11_tool(authority: &Authority, arguments: &[&str]) -> (bool, String) {
    let pin = std::fs::read_to_string(authority.of("pin_file")).unwrap();
    let mut command = Command::new("pkcs11-tool");
    command.env("SOFTHSM2_CONF", authority.of("softhsm_conf"));
    command.args([
        "--module",
        authority.of("module"),
        "--token-label",
        authority.of("token"),
        "--login",
        "--pin",
        &pin,
    ]);
    ran(command.args(arguments))
}

/// The certificate on the token, as a PEM file.
pub(crate) fn certificate(authority: &Authority, label: &str) -> String {
    let (der, pem) = (authority.file("token.cer"), authority.file("token.pem"));
    good(pkcs11_tool(authority, &["--read-object", "--type", "cert", "--label", label, "--output-file", &der]));
    good(openssl(&["x509", "-inform", "DER", "-in", &der, "-out", &pem]));
    pem
}

/// Signs with the key on the token, and has OpenSSL check it with a certificate.
pub(crate) fn signs(authority: &Authority, label: &str, certificate: &str) -> (bool, String) {
    let (data, signature, key) =
        (authority.keep("to sign", b"a copy"), authority.file("signature"), authority.file("key.pem"));
    let digest = authority.file("digest");
    good(openssl(&["dgst", "-sha256", "-binary", "-out", &digest, &data]));
    // OpenSC looks for the key by nothing but this.
    let id = if label == "officer-nguyet" {
        "01"
    } else if label == "officer-hai" {
        "02"
    } else {
        "03"
    };
    let sign = ["--sign", "--id", id, "--input-file", &digest, "--output-file", &signature];
    let (how, check): (&[&str], &[&str]) = if label == "seal" {
        (
            &["--mechanism", "RSA-PKCS-PSS", "--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256", "--salt-len", "32"],
            &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"],
        )
    } else {
        (&["--mechanism", "ECDSA", "--signature-format", "openssl"], &[])
    };
    good(pkcs11_tool(authority, &[&sign[..], how].concat()));
    good(openssl(&["x509", "-in", certificate, "-noout", "-pubkey", "-out", &key]));
    openssl(&[&["dgst", "-sha256", "-verify", &key, "-signature", &signature][..], check, &[&data]].concat())
}

#[test]
fn each_key_signs_and_its_certificate_lies_beside_it() {
    let authority = Authority::start(&[]);
    let keys = authority.line["officers"].as_array().unwrap().iter().map(|officer| officer["key"].as_str().unwrap());
    let keys: Vec<&str> = keys.chain([authority.of("seal")]).collect();
    assert_eq!(keys, ["officer-nguyet", "officer-hai", "seal"]);
    for (key, id) in keys.iter().zip(["01", "02", "03"]) {
        let own = certificate(&authority, key);
        good(signs(&authority, key, &own));
        for kind in ["privkey", "pubkey", "cert"] {
            let listed = good(pkcs11_tool(&authority, &["--list-objects", "--type", kind, "--id", id]));
            assert!(listed.contains(key), "{listed}");
        }
    }
    let other = certificate(&authority, "officer-hai");
    assert!(!signs(&authority, "officer-nguyet", &other).0);
    // No private key of theirs lies beside the token.
    assert!(keys.iter().all(|key| !authority.folder().join(format!("private/{key}.key")).exists()));
    let listed = good(pkcs11_tool(&authority, &["--list-objects", "--type", "privkey"]));
    assert_eq!(listed.matches("sensitive").count(), 3, "{listed}");
    assert!(!listed.contains("decrypt") && !listed.contains("unwrap"), "{listed}");
}
