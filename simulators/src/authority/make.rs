//! Makes an authority in an empty folder: keys and certificates by OpenSSL's program, the token of the holders.

use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder::{Folder, Kept};
use super::openssl::OpenSsl;
use super::token::Object;
use super::{HOLDERS, Holder, KeyKind, NEVER_BEFORE, Officer, SEAL, StartError, TSA, UNTIL, date, token};

const DAY: Duration = Duration::from_secs(86_400);
const YEAR: Duration = Duration::from_secs(365 * 86_400);
/// Digits of the PIN; SoftHSM takes 4 to 255.
const PIN_DIGITS: usize = 12;
const ORGANISATION: &str = "Tổ chức chứng thực mô phỏng";
const AGENCY: &str = "Ủy ban nhân dân phường Hồng Mai";

/// Who signs a certificate, and what it says.
struct Certificate<'a> {
    name: &'a str,
    organisation: &'a str,
    common_name: &'a str,
    key: KeyKind,
    by: &'a str,
    /// The section of `openssl.cnf` with its extensions.
    extensions: &'a str,
    from: String,
    to: String,
}

/// Makes all of it, and remembers it at the end.
pub(super) async fn make(
    folder: &Folder,
    openssl: &OpenSsl,
    program: &Path,
    port: u16,
    officer: Officer,
) -> Result<Kept, StartError> {
    for name in ["private", "issued", "tokens"] {
        folder.make(name)?;
    }
    let write = |name: &'static str, content: &str| {
        folder.write(name, content.as_bytes()).map_err(|source| StartError::Io { what: name, source })
    };
    for list in ["root.index", "issuing.index"] {
        write(list, "")?;
    }
    for number in ["root.crlnumber", "issuing.crlnumber"] {
        write(number, "01\n")?;
    }
    let pin = digits(PIN_DIGITS)?;
    write("pin", &pin)?;
    let mut kept = Kept { port, officer, serials: Default::default() };
    let (now, own) = (
        SystemTime::now(),
        [
            ("root", "Gốc chứng thực mô phỏng", "root", "for_root"),
            ("issuing", "Chứng thực công vụ mô phỏng", "root", "for_issuing"),
            (TSA, "Dấu thời gian mô phỏng", "issuing", "for_stamps"),
            ("ocsp", "Trả lời trạng thái chứng thư mô phỏng", "issuing", "for_answers"),
        ],
    );
    for (name, common_name, by, extensions) in own {
        let (from, to) = if by == "root" {
            (NEVER_BEFORE.into(), UNTIL.into())
        } else {
            (date::long(now - DAY), date::long(now + 10 * YEAR))
        };
        let key = KeyKind::P256;
        let wanted = Certificate { name, organisation: ORGANISATION, common_name, key, by, extensions, from, to };
        make_key(openssl, &wanted).await?;
        let serial = issue(openssl, &wanted).await?;
        kept.serials.insert(name.into(), serial);
    }
    for holder in &HOLDERS {
        let wanted = certificate_of(holder, officer);
        make_key(openssl, &wanted).await?;
        let serial = issue(openssl, &wanted).await?;
        kept.serials.insert(holder.key.into(), serial);
    }
    let mut objects = Vec::new();
    for holder in &HOLDERS {
        let key = private(holder.key);
        let key = openssl.run(&["pkcs8", "-topk8", "-nocrypt", "-in", &key, "-outform", "DER"], b"").await?;
        objects.push(object(folder, holder, Some(key)));
    }
    token::order(program, folder, &pin, Some(digits(PIN_DIGITS)?), objects).await?;
    for holder in &HOLDERS {
        // From now on it is on the token alone; another certificate is issued for the request that is kept.
        let key = folder.at(&private(holder.key));
        std::fs::remove_file(key).map_err(|source| StartError::Io { what: "a private key", source })?;
    }
    folder.remember(&kept).map_err(|source| StartError::Io { what: "authority.json", source })?;
    Ok(kept)
}

/// Gives the first officer another certificate for the same key.
pub(super) async fn change_officer(
    folder: &Folder,
    openssl: &OpenSsl,
    program: &Path,
    kept: &mut Kept,
    officer: Officer,
) -> Result<(), StartError> {
    let pin = std::fs::read_to_string(folder.at("pin")).map_err(|source| StartError::Io { what: "pin", source })?;
    let holder = &HOLDERS[0];
    let serial = issue(openssl, &certificate_of(holder, officer)).await?;
    token::order(program, folder, &pin, None, vec![object(folder, holder, None)]).await?;
    kept.officer = officer;
    kept.serials.insert(holder.key.into(), serial);
    folder.remember(kept).map_err(|source| StartError::Io { what: "authority.json", source })
}

/// What the certificate of a holder says; only that of the first officer can be out of order.
fn certificate_of(holder: &Holder, officer: Officer) -> Certificate<'_> {
    let now = SystemTime::now();
    let officer = if holder.key == HOLDERS[0].key { officer } else { Officer::Good };
    let (from, to) = match officer {
        Officer::Good | Officer::WrongPurpose => (now - DAY, now + 3 * YEAR),
        Officer::Expired => (now - 2 * YEAR, now - DAY),
        Officer::Early => (now + YEAR, now + 3 * YEAR),
    };
    let extensions = if officer == Officer::WrongPurpose { "for_servers" } else { "for_signatures" };
    Certificate {
        name: holder.key,
        organisation: AGENCY,
        common_name: holder.name,
        key: if holder.key == SEAL { KeyKind::Rsa3072 } else { KeyKind::P256 },
        by: "issuing",
        extensions,
        from: date::long(from),
        to: date::long(to),
    }
}

fn object(folder: &Folder, holder: &Holder, private_key: Option<Vec<u8>>) -> Object {
    Object {
        label: holder.key.into(),
        id: holder.id,
        certificate: folder.at(&format!("{}.cer", holder.key)),
        private_key,
    }
}

fn private(name: &str) -> String {
    format!("private/{name}.key")
}

/// Makes a key and the request for its certificate.
async fn make_key(openssl: &OpenSsl, wanted: &Certificate<'_>) -> Result<(), StartError> {
    let (key, request) = (private(wanted.name), format!("{}.csr", wanted.name));
    let kind: &[&str] = match wanted.key {
        KeyKind::P256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        KeyKind::Rsa3072 => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"],
    };
    let genpkey = [&["genpkey", "-out", &key][..], kind].concat();
    openssl.run(&genpkey, b"").await?;
    let subject = format!("/C=VN/O={}/CN={}", wanted.organisation, wanted.common_name);
    openssl.run(&["req", "-new", "-key", &key, "-subj", &subject, "-out", &request], b"").await?;
    Ok(())
}

/// Issues the certificate, as `NAME.pem` and `NAME.cer`; its serial number, as in the list.
async fn issue(openssl: &OpenSsl, wanted: &Certificate<'_>) -> Result<String, StartError> {
    let Certificate { name, by, extensions, from, to, .. } = wanted;
    let (request, pem, cer) = (format!("{name}.csr"), format!("{name}.pem"), format!("{name}.cer"));
    let mut ca = vec!["ca", "-batch", "-notext", "-name", by, "-in", &request, "-out", &pem];
    ca.extend(["-extensions", extensions, "-startdate", from, "-enddate", to]);
    if by == name {
        ca.push("-selfsign");
    }
    openssl.run(&ca, b"").await?;
    openssl.run(&["x509", "-in", &pem, "-outform", "DER", "-out", &cer], b"").await?;
    let said = openssl.run(&["x509", "-in", &pem, "-noout", "-serial"], b"").await?;
    Ok(String::from_utf8_lossy(&said).trim().trim_start_matches("serial=").to_owned())
}

/// So many decimal digits by chance.
fn digits(count: usize) -> Result<String, StartError> {
    let mut text = String::new();
    while text.len() < count {
        let mut byte = [0];
        let filled = getrandom::fill(&mut byte);
        filled.map_err(|error| StartError::Io { what: "PIN", source: std::io::Error::other(error.to_string()) })?;
        // 250 and above would make some digits likelier.
        if byte[0] < 250 {
            text.push(char::from(b'0' + byte[0] % 10));
        }
    }
    Ok(text)
}
