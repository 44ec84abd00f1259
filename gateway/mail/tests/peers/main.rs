//! Letters through a mail server that is not ours (the Python package `aiosmtpd`), read by Python's own reader of messages.

#![expect(clippy::unwrap_used, reason = "a test program")]

mod authority;
mod server;

use std::time::{SystemTime, UNIX_EPOCH};

use kiosk_mail::{File, Language, Letter, Mailer, Outcome, Recipient, Reply, Step, Why};
use serde_json::json;
use sha2::{Digest, Sha256};

use authority::Authority;
use server::Server;

fn letter() -> Letter {
    Letter {
        to: Recipient::parse("nguyen.van.an@dan.example").unwrap(),
        key: "mail-7f3a".to_owned(),
        language: Language::Vietnamese,
        agency: "UBND phường Hoàn Kiếm".to_owned(),
        number: "1834/2026-SCTĐT/BS".to_owned(),
        code: "HN1-7K3M-Q2XD-90AB-CDEF-GH".to_owned(),
        url: "https://chungthuc.hanoi.example/c/".to_owned(),
        file: Some(File { name: "Bản sao số 1834, trang 1–2.pdf".to_owned(), bytes: pdf(300_000) }),
    }
}

/// Bytes of all values in no order, with everything in them that could be taken for an end of a line or of the letter.
fn pdf(size: usize) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\r\n.\r\n..\n.\r\r\n--\r\n\0".to_vec();
    let mut state = 1u32;
    while bytes.len() < size {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// A mailer for a server; `more` comes before `[from]`.
fn mailer(server: &Server, security: &str, more: &str) -> Mailer {
    let settings = format!(
        "host = \"localhost\"\nport = {}\nsecurity = \"{security}\"\ntimeout_s = 60\n{more}\n\
         [from]\naddress = \"khong-tra-loi@hoankiem.hanoi.example\"\nname = \"UBND phường Hoàn Kiếm\"\n",
        server.port
    );
    Mailer::new(toml::from_str(&settings).unwrap()).unwrap()
}

fn done(attached: bool) -> Outcome {
    Outcome::Done { reply: Reply { code: 250, enhanced: Some((2, 0, 0)) }, attached }
}

fn refused(step: Step, retry: bool, code: u16, enhanced: (u16, u16, u16)) -> Outcome {
    Outcome::NotDone { retry, why: Why::Refused { step, reply: Reply { code, enhanced: Some(enhanced) } } }
}

#[test]
fn a_letter_arrives_as_it_was_meant() {
    let server = Server::start(&json!({}));
    let letter = letter();
    assert_eq!(mailer(&server, "none", "").send(&letter), done(true));
    let got = server.letter();
    assert_eq!(got["defects"], json!([]));
    assert_eq!(got["mail_from"], "khong-tra-loi@hoankiem.hanoi.example");
    assert_eq!(got["rcpt_tos"], json!(["nguyen.van.an@dan.example"]));
    assert_eq!(got["mail_options"], json!([format!("SIZE={}", got["size"])]), "it told the size that it had");
    assert_eq!(got["from"], json!(["UBND phường Hoàn Kiếm", "khong-tra-loi@hoankiem.hanoi.example"]));
    assert_eq!(got["to"], json!(["", "nguyen.van.an@dan.example"]));
    assert_eq!(got["subject"], "Bản sao chứng thực điện tử số 1834/2026-SCTĐT/BS");
    assert_eq!(got["message_id"], "<mail-7f3a@hoankiem.hanoi.example>");
    assert_eq!(got["auto_submitted"], "auto-generated");
    assert_eq!(got["ascii"], true);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    assert!((got["date"].as_f64().unwrap() - now).abs() < 60.0);
    let headers = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"];
    let mut found: Vec<&str> = got["headers"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    found.sort_unstable();
    let mut headers = headers.to_vec();
    headers.sort_unstable();
    assert_eq!(found, headers, "nothing else is told of anybody");

    let [text, file] = &got["parts"].as_array().unwrap()[..] else { panic!("a text and a file") };
    assert_eq!((&text["type"], &text["language"]), (&json!("text/plain"), &json!("vi, en")));
    assert_eq!(text["defects"], json!([]));
    let said = text["text"].as_str().unwrap();
    for part in [
        "UBND phường Hoàn Kiếm đã chứng thực bản sao điện tử số 1834/2026-SCTĐT/BS",
        "Bản sao được gửi kèm thư này",
        "Mã tra cứu: HN1-7K3M-Q2XD-90AB-CDEF-GH\r\n",
        "Kiểm tra bản sao tại: https://chungthuc.hanoi.example/c/\r\n",
        "has certified electronic copy No. 1834/2026-SCTĐT/BS",
        "The copy is attached",
        "Verification code: HN1-7K3M-Q2XD-90AB-CDEF-GH\r\n",
        "Verify the copy at: https://chungthuc.hanoi.example/c/\r\n",
    ] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    assert_eq!((&file["type"], &file["disposition"]), (&json!("application/pdf"), &json!("attachment")));
    assert_eq!(file["name"], "Bản sao số 1834, trang 1–2.pdf");
    let sha256: String = Sha256::digest(pdf(300_000)).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(file["sha256"], sha256.as_str(), "byte for byte");
    assert_eq!(file["defects"], json!([]));
}

#[test]
fn the_same_key_gives_the_same_message_id() {
    let server = Server::start(&json!({}));
    let mailer = mailer(&server, "none", "");
    for _ in 0..2 {
        assert_eq!(mailer.send(&letter()), done(true));
        assert_eq!(server.letter()["message_id"], "<mail-7f3a@hoankiem.hanoi.example>");
    }
}

#[test]
fn a_copy_that_is_absent_or_too_large_is_fetched_by_its_code() {
    let tells = |server: &Server, subject: &str| {
        let got = server.letter();
        assert_eq!(got["subject"], subject);
        let [text] = &got["parts"].as_array().unwrap()[..] else { panic!("a text alone") };
        let said = text["text"].as_str().unwrap();
        assert!(said.contains("Bản sao không được gửi kèm") && said.contains("The copy is not attached"), "{said}");
    };
    let server = Server::start(&json!({}));
    let mut english = Letter { file: None, language: Language::English, ..letter() };
    assert_eq!(mailer(&server, "none", "").send(&english), done(false));
    tells(&server, "Certified electronic copy No. 1834/2026-SCTĐT/BS");
    english.file = letter().file;
    assert_eq!(mailer(&server, "none", "attachment_most = 299_999").send(&english), done(false));
    tells(&server, "Certified electronic copy No. 1834/2026-SCTĐT/BS");

    // The server says how much it takes.
    let server = Server::start(&json!({ "size": 300_000 }));
    assert_eq!(mailer(&server, "none", "").send(&letter()), done(false));
    tells(&server, "Bản sao chứng thực điện tử số 1834/2026-SCTĐT/BS");
    let server = Server::start(&json!({ "size": 1_000 }));
    let outcome = mailer(&server, "none", "").send(&letter());
    let Outcome::NotDone { retry: false, why: Why::TooLarge { bytes, most: 1_000 } } = outcome else {
        panic!("{outcome:?}")
    };
    assert!(bytes > 1_000);
}

#[test]
fn letters_go_encrypted_to_a_server_that_a_named_authority_vouches_for() {
    let authority = Authority::new();
    for security in ["tls", "starttls"] {
        let named = authority.server("localhost");
        let server = Server::start(&named.options(security));
        let trusts = format!("authorities = {:?}", authority.file());
        assert_eq!(mailer(&server, security, &trusts).send(&letter()), done(true), "{security}");
        assert_eq!(server.letter()["message_id"], "<mail-7f3a@hoankiem.hanoi.example>");

        let outcome = mailer(&server, security, "").send(&letter());
        assert!(
            matches!(outcome, Outcome::NotDone { retry: true, why: Why::Certificate(_) }),
            "nobody vouches: {outcome:?}"
        );
        let stranger = Authority::new();
        let trusts_another = format!("authorities = {:?}", stranger.file());
        let outcome = mailer(&server, security, &trusts_another).send(&letter());
        assert!(matches!(outcome, Outcome::NotDone { retry: true, why: Why::Certificate(_) }), "another: {outcome:?}");

        let other = authority.server("mail.other.example");
        let server = Server::start(&other.options(security));
        let outcome = mailer(&server, security, &trusts).send(&letter());
        assert!(
            matches!(outcome, Outcome::NotDone { retry: true, why: Why::Certificate(_) }),
            "another name: {outcome:?}"
        );
        assert!(server.no_letter());
    }
}

#[test]
fn a_server_that_asks_for_a_password_gets_the_right_one_only_over_what_is_encrypted() {
    use std::os::unix::fs::PermissionsExt;
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let password = |text: &str| {
        let path = folder.path().join(text);
        std::fs::write(&path, format!("{text}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        format!("authorities = {:?}\nuser = \"kiosk\"\npassword_file = {path:?}", authority.file())
    };
    let (right, wrong) = (password("mật khẩu"), password("wrong"));
    for mechanism in ["PLAIN", "LOGIN"] {
        for security in ["tls", "starttls", "none"] {
            let named = authority.server("localhost");
            let mut options = named.options(security);
            options["login"] = json!(["kiosk", "mật khẩu"]);
            options["mechanism"] = json!(mechanism);
            let server = Server::start(&options);
            assert_eq!(mailer(&server, security, &right).send(&letter()), done(true), "{mechanism} {security}");
            server.letter();
            // A person puts it right; until then letters wait.
            let outcome = refused(Step::Auth, true, 535, (5, 7, 8));
            assert_eq!(mailer(&server, security, &wrong).send(&letter()), outcome, "{mechanism} {security}");
            let nobody = format!("authorities = {:?}", authority.file());
            let outcome = mailer(&server, security, &nobody).send(&letter());
            assert!(
                matches!(outcome, Outcome::NotDone { why: Why::Refused { step: Step::From, .. }, .. }),
                "nobody logged in: {outcome:?}"
            );
            assert!(server.no_letter());
        }
    }
    let server = Server::start(&json!({}));
    let outcome = mailer(&server, "none", &right).send(&letter());
    assert_eq!(outcome, Outcome::NotDone { retry: true, why: Why::NoAuth });
}

#[test]
fn a_refusal_tells_its_numbers_and_no_address() {
    let cases = [
        ("mail", Step::From, "451 4.7.1 later", refused(Step::From, true, 451, (4, 7, 1))),
        ("mail", Step::From, "553 5.1.8 no", refused(Step::From, false, 553, (5, 1, 8))),
        ("rcpt", Step::To, "450 4.2.1 <ADDRESS> is busy", refused(Step::To, true, 450, (4, 2, 1))),
        ("rcpt", Step::To, "550 5.1.1 <ADDRESS> is unknown", refused(Step::To, false, 550, (5, 1, 1))),
        ("data", Step::End, "452 4.3.1 full", refused(Step::End, true, 452, (4, 3, 1))),
        ("data", Step::End, "554 5.7.1 spam", refused(Step::End, false, 554, (5, 7, 1))),
    ];
    for (command, step, said, outcome) in cases {
        let server = Server::start(&json!({ command: said }));
        let came = mailer(&server, "none", "").send(&letter());
        assert_eq!(came, outcome);
        let Outcome::NotDone { why, .. } = came else { panic!() };
        let shown = format!("{why} {why:?}");
        assert!(!shown.contains("nguyen") && !shown.contains("dan.example"), "{shown}");
        if step == Step::End {
            server.letter();
        } else {
            assert!(server.no_letter());
        }
    }
}

#[test]
fn a_server_that_says_nothing_after_the_letter_may_have_it() {
    let authority = Authority::new();
    for security in ["none", "starttls", "tls"] {
        let named = authority.server("localhost");
        for (then, wait_s) in [("close", 60), ("silence", 5)] {
            let mut options = named.options(security);
            options["then"] = json!(then);
            let server = Server::start(&options);
            let more = format!("end_timeout_s = {wait_s}\nauthorities = {:?}", authority.file());
            let outcome = mailer(&server, security, &more).send(&Letter { file: None, ..letter() });
            let Outcome::Unknown { why } = outcome else { panic!("{security}, {then}: {outcome:?}") };
            match why {
                Why::Silent { step: Step::End } => assert_eq!(then, "silence"),
                Why::Lost { step: Step::End, .. } => assert_eq!(then, "close"),
                other => panic!("{security}, {then}: {other:?}"),
            }
            assert_eq!(server.letter()["message_id"], "<mail-7f3a@hoankiem.hanoi.example>", "it has it");
        }
    }
}

#[test]
fn letters_beyond_ascii_go_to_servers_that_take_them() {
    let mut to = letter();
    to.to = Recipient::parse("nguyễn.văn.an@thư.example").unwrap();
    let server = Server::start(&json!({ "utf8": true }));
    assert_eq!(mailer(&server, "none", "").send(&to), done(true));
    let got = server.letter();
    assert_eq!(got["rcpt_tos"], json!(["nguyễn.văn.an@xn--th-e0a.example"]));
    let mail_options = got["mail_options"].as_array().unwrap();
    assert!(mail_options.contains(&json!("SMTPUTF8")) && mail_options.contains(&json!("BODY=8BITMIME")));
    assert!(got["raw_head"].as_str().unwrap().contains("To: nguyễn.văn.an@xn--th-e0a.example\r\n"));
    assert_eq!(got["subject"], "Bản sao chứng thực điện tử số 1834/2026-SCTĐT/BS");

    let server = Server::start(&json!({ "utf8": false }));
    assert_eq!(mailer(&server, "none", "").send(&to), Outcome::NotDone { retry: false, why: Why::NoUtf8 });
    to.to = Recipient::parse("an@thư.example").unwrap();
    assert_eq!(mailer(&server, "none", "").send(&to), done(true), "a domain alone needs nothing of a server");
    assert_eq!(server.letter()["rcpt_tos"], json!(["an@xn--th-e0a.example"]));
}

#[test]
fn the_largest_copy_arrives_whole() {
    let server = Server::start(&json!({}));
    let mut large = letter();
    large.file.as_mut().unwrap().bytes = pdf(10 << 20);
    assert_eq!(mailer(&server, "none", "").send(&large), done(true));
    let sha256: String = Sha256::digest(pdf(10 << 20)).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(server.letter()["parts"][1]["sha256"], sha256.as_str());
}
