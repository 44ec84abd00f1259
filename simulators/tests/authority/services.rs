//! Certificates, stamps, answers and lists; and what the knobs make of them.

use std::collections::HashSet;
use std::io::{ErrorKind, Read};
use std::time::Duration;

use crate::rig::{Authority, answer, good, openssl};

const STAMP: &str = "application/timestamp-query";
const STATUS: &str = "application/ocsp-request";

#[test]
fn certificates_stand_under_the_root_and_say_what_they_are_for() {
    let authority = Authority::start(&[]);
    for (name, purpose) in
        [("officer-nguyet", "smimesign"), ("officer-hai", "smimesign"), ("seal", "smimesign"), ("tsa", "timestampsign")]
    {
        good(authority.judged(name, &["-purpose", purpose]));
    }
    // Nobody is asked about the one who answers.
    let (root, chain, own) = (authority.pem("root"), authority.pem("issuing"), authority.pem("ocsp"));
    let chain = ["verify", "-x509_strict", "-CAfile", &root, "-untrusted", &chain];
    good(openssl(&[&chain[..], &["-purpose", "ocsphelper", &own]].concat()));
    let text = |name: &str| {
        let pem = authority.pem(name);
        good(openssl(&["x509", "-in", &pem, "-noout", "-text", "-nameopt", "utf8"]))
    };
    let url = authority.of("address");
    for (name, says) in [
        ("officer-nguyet", &["CN=Trần Thị Minh Nguyệt", "Digital Signature, Non Repudiation", "NIST CURVE: P-256"][..]),
        (
            "seal",
            &["CN=Ủy ban nhân dân phường Hồng Mai", "Public-Key: (3072 bit)", "Digital Signature, Non Repudiation"],
        ),
        ("tsa", &["Extended Key Usage: critical\n                Time Stamping"]),
        ("ocsp", &["OCSP Signing", "OCSP No Check"]),
        ("issuing", &["CA:TRUE, pathlen:0"]),
    ] {
        let text = text(name);
        for word in says {
            assert!(text.contains(word), "{name}: {word} in {text}");
        }
    }
    for place in ["OCSP - URI:URL/ocsp", "CA Issuers - URI:URL/issuing.cer", "URI:URL/issuing.crl"] {
        let place = place.replace("URL", url);
        assert!(text("seal").contains(&place), "{place}");
    }
    for name in ["root", "issuing"] {
        let (status, der) = authority.get(&format!("/{name}.cer"));
        assert_eq!((status, der), (200, std::fs::read(authority.of(name)).unwrap()));
    }
}

#[test]
fn stamps_are_good_and_each_has_its_own_number() {
    let authority = Authority::start(&[]);
    let question = authority.question("a copy", "-sha256");
    // At the same time.
    let asked: Vec<_> = (0..6).map(|_| authority.ask("POST", "/tsa", STAMP, &question)).collect();
    let numbers: HashSet<String> = asked
        .into_iter()
        .map(|stream| {
            let (status, reply) = answer(stream);
            assert_eq!(status, 200);
            let text = authority.reading(&reply);
            let (data, reply) = (authority.file("data"), authority.file("reply.tsr"));
            let query = authority.file("query.tsq");
            let (root, chain) = (authority.pem("root"), authority.pem("issuing"));
            for what in [["-data", &data], ["-queryfile", &query]] {
                let verify = [&["ts", "-verify", "-in", &reply, "-CAfile", &root, "-untrusted", &chain][..], &what];
                good(openssl(&verify.concat()));
            }
            text.lines().find(|line| line.starts_with("Serial number")).unwrap().to_owned()
        })
        .collect();
    assert_eq!(numbers.len(), 6);
    let other = authority.keep("data", b"another copy");
    let (root, chain) = (authority.pem("root"), authority.pem("issuing"));
    let reply = authority.file("reply.tsr");
    assert!(!openssl(&["ts", "-verify", "-data", &other, "-in", &reply, "-CAfile", &root, "-untrusted", &chain]).0);
    // No file of a number is left.
    let left = std::fs::read_dir(authority.folder().join("private")).unwrap().flatten();
    assert!(left.into_iter().all(|file| !file.file_name().to_string_lossy().contains("serial")));
}

#[test]
fn bad_requests_are_refused() {
    let authority = Authority::start(&[]);
    let question = authority.question("a copy", "-md5");
    let (_, reply) = authority.post("/tsa", STAMP, &question);
    assert!(authority.reading(&reply).contains("Status: Rejected."));
    let (_, reply) = authority.post("/tsa", STAMP, b"no question");
    assert!(authority.reading(&reply).contains("Status: Rejected."));
    // OCSPResponse, malformedRequest.
    assert_eq!(authority.post("/ocsp", STATUS, b"no question"), (200, vec![0x30, 3, 10, 1, 1]));
    assert_eq!(authority.post("/ocsp", STATUS, b""), (200, vec![0x30, 3, 10, 1, 1]));
    for (path, media_type) in [("/tsa", STAMP), ("/ocsp", STATUS)] {
        assert_eq!(authority.post(path, media_type, &vec![0; (64 << 10) + 1]).0, 413);
        assert_eq!(authority.post(path, "text/plain", b"").0, 415);
        assert_eq!(authority.get(path).0, 405);
    }
    assert_eq!(authority.get("/private/root.key").0, 404);
    assert_eq!(authority.get("/../pin").0, 404);
}

#[test]
fn who_is_revoked_is_told_by_answers_and_lists() {
    let authority = Authority::start(&[]);
    for name in ["officer-nguyet", "officer-hai", "seal", "tsa"] {
        let said = good(authority.status_of(name));
        assert!(said.contains("Response verify OK") && said.contains("good"), "{name}: {said}");
    }
    let state = authority.ctl(&["set", "revoke=officer-nguyet", "reason=keyCompromise"]);
    assert_eq!(state["revoked"], serde_json::json!(["officer-nguyet"]));
    authority.ctl(&["set", "revoke=seal"]);
    let said = authority.status_of("officer-nguyet").1;
    assert!(
        said.contains("Response verify OK") && said.contains("revoked") && said.contains("keyCompromise"),
        "{said}"
    );
    let (valid, said) = authority.judged("officer-nguyet", &[]);
    assert!(!valid && said.contains("certificate revoked"), "{said}");
    assert!(authority.status_of("seal").1.contains("revoked"));
    assert!(good(authority.status_of("officer-hai")).contains("good"));
    good(authority.judged("officer-hai", &[]));

    let list = |name: &str| {
        let file = authority.keep("list.crl", &authority.get(&format!("/{name}.crl")).1);
        good(openssl(&["crl", "-inform", "DER", "-in", &file, "-noout", "-text"]))
    };
    let (first, second) = (list("issuing"), list("issuing"));
    assert!(first.contains("Key Compromise") && first.contains("Next Update"), "{first}");
    let number = |text: &str| {
        let after = text.split("X509v3 CRL Number: \n").nth(1).unwrap();
        after.lines().next().unwrap().trim().parse::<u64>().unwrap()
    };
    assert!(number(&second) > number(&first));
    assert!(list("root").contains("No Revoked Certificates"));
}

#[test]
fn a_revocation_of_nobody_is_refused() {
    let authority = Authority::start(&[]);
    let wrong = crate::rig::simulate(&["ctl", "--control", authority.of("control"), "authority", "set", "revoke=root"]);
    let (content, said) = crate::rig::ran(&mut { wrong });
    assert!(!content && said.contains("officer-hai"), "{said}");
}

/// A whole sequence of DER with something in it.
fn is_good((status, body): &(u16, Vec<u8>)) -> bool {
    let length = match body[..] {
        [0x30, 0x81, length, ..] => 3 + usize::from(length),
        [0x30, 0x82, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high, low])),
        _ => 0,
    };
    *status == 200 && length == body.len()
}

#[test]
fn services_can_be_silent_broken_or_refusing() {
    let authority = Authority::start(&[]);
    let question = authority.question("a copy", "-sha256");
    let certificate = authority.pem("seal");
    let (issuer, request) = (authority.pem("issuing"), authority.file("request.ocsp"));
    good(openssl(&["ocsp", "-issuer", &issuer, "-cert", &certificate, "-reqout", &request]));
    let status = std::fs::read(request).unwrap();
    let asks = [
        ("tsa", "POST", "/tsa", STAMP, &question[..]),
        ("ocsp", "POST", "/ocsp", STATUS, &status),
        ("crl", "GET", "/issuing.crl", "", b""),
    ];
    for (fault, method, path, media_type, body) in asks {
        let ask = || authority.ask(method, path, media_type, body);
        assert!(is_good(&answer(ask())), "{path}");
        authority.ctl(&["fault", fault, "does=silent"]);
        let mut waiting = ask();
        waiting.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        let nothing = waiting.read(&mut [0; 16]).unwrap_err();
        assert!(matches!(nothing.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{path}: {nothing}");
        // The others go on.
        for (other, method, path, media_type, body) in asks {
            let again = || answer(authority.ask(method, path, media_type, body));
            assert!(other == fault || is_good(&again()), "{other}");
        }
        authority.ctl(&["clear", fault]);
        waiting.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        assert!(is_good(&answer(waiting)), "{path}");

        authority.ctl(&["fault", fault, "does=broken"]);
        let broken = answer(ask());
        assert!(broken.0 == 200 && !is_good(&broken), "{path}");

        authority.ctl(&["fault", fault, "does=refuse"]);
        let (status, refused) = answer(ask());
        match fault {
            "tsa" => {
                let text = authority.reading(&refused);
                assert!(text.contains("Rejected") && text.contains("system failure"), "{text}");
            }
            "ocsp" => assert!(authority.status_of("seal").1.contains("trylater")),
            _ => assert_eq!(status, 503),
        }
        authority.ctl(&["clear"]);
        assert!(is_good(&answer(ask())), "{path}");
    }
}
