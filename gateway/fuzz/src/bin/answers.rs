//! What authorities and strangers say: certificates, OCSP answers, lists of revoked certificates, time stamps, messages of
//! signatures. Raw, and signed with the keys of those who may: whoever has a certificate is a stranger, too. The first byte
//! says what it is.
#![no_main]

use std::cell::RefCell;
use std::sync::{LazyLock, OnceLock};

use kiosk_emrtd::fuzzing::element;
use kiosk_fuzz::{holds, seeds};
use kiosk_pades::testing::{Authorities, Fault, Kind, day, file, pki, signed};
use kiosk_pades::{
    CheckError, Fetch, FetchError, Level, SignatureField, TimeStamper, add_document_timestamp, check_certificate,
    judge, sign,
};
use libfuzzer_sys::fuzz_target;

/// Says the same to everyone; without it nothing.
#[derive(Default)]
struct Says {
    ocsp: Option<Vec<u8>>,
    list: Option<Vec<u8>>,
    stamp: Option<Vec<u8>>,
}

/// The list of the root, which is asked about the authority in between.
const ROOTS_LIST: &str = "http://pki.test/root.crl";
static OF_ROOT: LazyLock<Vec<u8>> = LazyLock::new(|| Authorities::at(day(1)).list(ROOTS_LIST).expect("a list"));

fn said(answer: &Option<Vec<u8>>) -> Result<Vec<u8>, FetchError> {
    answer.clone().ok_or_else(|| FetchError("nothing".to_owned()))
}

impl Fetch for Says {
    fn ocsp(&self, _: &str, _: &[u8]) -> Result<Vec<u8>, FetchError> {
        said(&self.ocsp)
    }

    fn list(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        if address == ROOTS_LIST { Ok(OF_ROOT.clone()) } else { said(&self.list) }
    }
}

impl TimeStamper for Says {
    fn time_stamp(&self, _: &[u8]) -> Result<Vec<u8>, FetchError> {
        said(&self.stamp)
    }

    fn token_bytes(&self) -> usize {
        2048
    }
}

/// Keeps what authorities say.
struct Heard(Authorities, RefCell<Vec<Vec<u8>>>);

impl Heard {
    fn keep(&self, answer: Result<Vec<u8>, FetchError>) -> Result<Vec<u8>, FetchError> {
        self.1.borrow_mut().extend(answer.iter().cloned());
        answer
    }
}

impl Fetch for Heard {
    fn ocsp(&self, address: &str, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        self.keep(self.0.ocsp(address, request))
    }

    fn list(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        self.keep(self.0.list(address))
    }
}

impl TimeStamper for Heard {
    fn time_stamp(&self, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        self.keep(self.0.time_stamp(request))
    }
}

/// The elements inside of one.
fn inside(der: &[u8]) -> Vec<&[u8]> {
    let head = |der: &[u8]| match usize::from(der[1]) {
        long @ 0x81.. => {
            let digits = &der[2..2 + (long & 0x7F)];
            (2 + digits.len(), digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
        }
        short => (2, short),
    };
    let mut rest = &der[head(der).0..];
    let mut all = Vec::new();
    while !rest.is_empty() {
        let (start, length) = head(rest);
        let (one, behind) = rest.split_at(start + length);
        all.push(one);
        rest = behind;
    }
    all
}

/// What is signed of an answer of OCSP.
fn basic(ocsp: &[u8]) -> &[u8] {
    let bytes = inside(inside(ocsp)[1])[0];
    inside(inside(inside(bytes)[1])[0])[0]
}

/// A signed file with a time stamp of the whole file: the first seed, so that the messages of others belong to it.
static FILE: OnceLock<Vec<u8>> = OnceLock::new();

static MADE: OnceLock<Vec<Vec<u8>>> = OnceLock::new();

fn whole() -> &'static [u8] {
    FILE.get_or_init(|| {
        let signed = signed(&file(Kind::Table), "Officer", Level::BT, day(1));
        add_document_timestamp(&signed, &Authorities::at(day(1))).expect("a time stamp")
    })
}

/// The file with another message in its place; nothing if it does not fit.
fn with_message(message: &[u8], which: usize) -> Option<Vec<u8>> {
    const MARK: &[u8] = b"/Contents <";
    let start =
        whole().windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK).nth(which)?.0 + MARK.len();
    let room = whole()[start..].iter().position(|byte| *byte == b'>')?;
    let digits: String = message.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut file = whole().to_vec();
    file.get_mut(start..start + digits.len()).filter(|_| digits.len() <= room)?.copy_from_slice(digits.as_bytes());
    file[start + digits.len()..start + room].fill(b'0');
    Some(file)
}

fn message(which: usize) -> Vec<u8> {
    let text = String::from_utf8_lossy(whole()).into_owned();
    let hex = text.split("/Contents <").nth(which + 1).and_then(|rest| rest.split('>').next()).expect("a message");
    let bytes: Vec<u8> =
        (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("a digit")).collect();
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |end| end + 1);
    bytes[..end].to_vec()
}

fn chain(own: &[u8]) -> [Vec<u8>; 2] {
    [own.to_vec(), pki().issuing.certificate.clone()]
}

fn asked(fault: Fault, online: Authorities) -> Vec<Vec<u8>> {
    let heard = Heard(online.with(fault), RefCell::default());
    let _ = check_certificate(&chain(&pki().officer.certificate), &pki().roots(), day(1), &heard);
    heard.1.into_inner()
}

fn made() -> Vec<Vec<u8>> {
    let revoking = || {
        let online = Authorities::at(day(1));
        online.revoked.set(Some((pki().officer.serial, day(0))));
        online
    };
    let mut all = vec![(9, whole().to_vec())];
    all.extend([&pki().officer, &pki().seal].map(|own| (0, own.certificate.clone())));
    all.push((1, inside(&pki().officer.certificate)[0].to_vec()));
    for online in [Authorities::at(day(1)), revoking()] {
        let ocsp = asked(Fault::None, online).swap_remove(0);
        all.push((3, basic(&ocsp).to_vec()));
        all.push((2, ocsp));
    }
    for online in [Authorities::at(day(1)), revoking()] {
        let list = asked(Fault::ListsOnly, online).swap_remove(0);
        all.push((5, inside(&list)[0].to_vec()));
        all.push((4, list));
    }
    let heard = Heard(Authorities::at(day(1)), RefCell::default());
    let field = SignatureField::invisible("Officer", day(1));
    let _ = sign(&file(Kind::Table), &field, &mut pki().signer(&pki().officer), Some(&heard));
    all.push((6, heard.1.into_inner().swap_remove(0)));
    all.extend([(7, message(0)), (8, message(1))]);
    all.into_iter().map(|(kind, answer)| [&[kind], &answer[..]].concat()).collect()
}

/// An answer of OCSP with this in it, signed by the responder (RFC 6960, section 4.2.1).
fn answered(content: &[u8]) -> Vec<u8> {
    let more = element(0xA0, &element(0x30, &pki().responder.certificate));
    let basic = pki().responder.key.signed(content, &more);
    let kind = element(0x06, &[0x2B, 6, 1, 5, 5, 7, 0x30, 1, 1]);
    let bytes = element(0x30, &[kind, element(0x04, &basic)].concat());
    element(0x30, &[element(0x0A, &[0]), element(0xA0, &bytes)].concat())
}

/// Whether the chain of a certificate holds: then it is asked about.
fn is_certified(certificate: &[u8]) -> bool {
    let asked = check_certificate(&chain(certificate), &pki().roots(), day(1), &Says::default());
    matches!(asked, Err(CheckError::Unknown { .. }))
}

fuzz_target!(
    init: {
        let all = MADE.get_or_init(|| seeds("answers", made));
        let _ = FILE.set(all[0][1..].to_vec());
        assert!(all.iter().filter(|seed| check(seed)).count() >= 6, "the seeds are no seeds");
    },
    |data: &[u8]| {
        check(data);
    }
);

/// Whether what was said is believed.
fn check(data: &[u8]) -> bool {
    let Some((kind, data)) = data.split_first() else { return false };
    let officer = chain(&pki().officer.certificate);
    let asked = |own: &[Vec<u8>], says: &Says| check_certificate(own, &pki().roots(), day(1), says).is_ok();
    let own = || data.to_vec();
    match kind {
        0 => {
            let _ = (kiosk_verify::certificates(data), kiosk_verify::claims_key(data));
            let _ = kiosk_verify::Trust::new(vec![own()], Vec::new());
            let is_trusted = is_certified(data);
            let mut known = MADE.get().into_iter().flatten().filter(|seed| seed[0] == 0);
            assert!(!is_trusted || known.any(|own| holds(data, inside(&own[1..])[0])), "nobody has certified that");
            is_trusted
        }
        1 => is_certified(&pki().issuing.key.signed(data, &[])),
        2 => asked(&officer, &Says { ocsp: Some(own()), ..Says::default() }),
        3 => asked(&officer, &Says { ocsp: Some(answered(data)), ..Says::default() }),
        4 => asked(&officer, &Says { list: Some(own()), ..Says::default() }),
        5 => asked(&officer, &Says { list: Some(pki().issuing.key.signed(data, &[])), ..Says::default() }),
        6 => {
            let authority = Says { stamp: Some(own()), ..Says::default() };
            let is_stamped = add_document_timestamp(whole(), &authority).is_ok();
            assert!(!is_stamped, "it has another number than the request");
            false
        }
        7 | 8 => {
            let which = usize::from(kind - 7);
            let Some(file) = with_message(data, which) else { return false };
            let Ok(report) = judge(&file, &pki().roots(), day(1), None) else { return false };
            report.signatures.get(which).is_some_and(|signature| signature.intact.is_ok())
        }
        _ => false,
    }
}
