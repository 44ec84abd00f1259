//! What programs that are none of ours say of a certified copy that the signer has issued: poppler's `pdfsig` and `pdftotext`,
//! `qpdf`, pyHanko, zbar, and Python's `cwt` of what its QR code claims.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kiosk_protocol::approval::ApprovalDecision;
use kiosk_tests::copies::{Browser, Copies, page};
use kiosk_tests::peers::{Peer, code, peer, python};
use kiosk_tests::rig::programs;
use serde_json::{Value, json};

/// How long a peer may take on a loaded machine.
const WITHIN: Duration = Duration::from_secs(120);

async fn ran(program: &str, arguments: &[&str], file: &Path) -> String {
    Peer::new(&peer(program)).args(arguments).arg(file).run(WITHIN).await.ok()
}

#[tokio::test]
async fn a_signed_copy_convinces_who_knows_nothing_of_us() {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.approved(&browser, &[page(1), page(2)]).await;
    let view = copies.wait(&case, "signed").await;
    let (file, _) = copies.file(&case).await;
    let path = copies.folder.path().join("copy.pdf");
    std::fs::write(&path, &file).unwrap();

    let said = ran("pdfsig", &["-nocert"], &path).await;
    assert_eq!(said.matches("Signature is Valid").count(), 2, "officer and agency: {said}");
    assert!(said.contains("Total document signed"), "{said}");
    assert!(ran("qpdf", &["--check"], &path).await.contains("No syntax or stream encoding errors"));
    let text = Peer::new(&peer("pdftotext")).arg(&path).arg("-").run(WITHIN).await.ok();
    for words in ["CỘNG HÒA XÃ", "CHỨNG THỰC BẢN SAO ĐÚNG VỚI BẢN CHÍNH", view["copy"]["code"].as_str().unwrap()]
    {
        assert!(text.contains(words), "{words} is not in {text}");
    }

    // pyHanko's own command: each signature, with the archive time stamp.
    let root = copies.folder.path().join("root.pem");
    let body = STANDARD.encode(std::fs::read(copies.root()).unwrap());
    std::fs::write(&root, format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")).unwrap();
    let pyhanko = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/pyhanko");
    let judged = Peer::new(&pyhanko)
        .args(["sign", "adesverify", "--pretty-print", "--trust"])
        .arg(&root)
        .arg(&path)
        .run(WITHIN)
        .await
        .ok();
    assert_eq!(judged.matches("The signature is judged VALID").count(), 2, "{judged}");

    // One more archive time stamp, as in ten years.
    let config = copies.folder.path().join("gateway.toml");
    let renewed = copies.folder.path().join("renewed.pdf");
    let renew = Peer::new(&programs::find("kiosk-signer")).arg("renew").arg(&path).arg(&renewed).arg("--config");
    renew.arg(&config).run(WITHIN).await.ok();
    let more = std::fs::read(&renewed).unwrap();
    assert!(more.len() > file.len() && more.starts_with(&file));
    let judged = Peer::new(&pyhanko).args(["sign", "adesverify", "--pretty-print", "--trust"]).arg(&root);
    let judged = judged.arg(&renewed).run(WITHIN).await.ok();
    assert_eq!(judged.matches("The signature is judged VALID").count(), 2, "{judged}");

    // What a telephone sees on the page of the certification.
    let picture = copies.folder.path().join("page");
    let paint = Peer::new(&peer("pdftoppm")).args(["-r", "200", "-png", "-f", "3", "-singlefile"]);
    paint.arg(&path).arg(&picture).run(WITHIN).await.ok();
    let seen = code::read(&std::fs::read(picture.with_extension("png")).unwrap()).await;
    assert_eq!(json!(seen), view["copy"]["qr"]);
}

#[tokio::test]
async fn a_copy_goes_out_by_mail_once_and_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let server = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/mail/tests/peers/server.py");
    let mut server = Peer::new(&python()).args(["-W", "ignore"]).arg(server).arg("{}").start(folder.path(), "smtp");
    let mut said = server.lines();
    let port: u16 = said.next(WITHIN).await.unwrap().parse().unwrap();
    let mail = json!({
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "from": { "address": "kiosk@hong-mai.example.vn", "name": "UBND phường Hồng Mai" },
    });
    let mut copies = Copies::start(&[], |settings| settings["mail"] = mail).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let case = copies.prepared(&[page(1)]).await;
    let order = json!({ "case": case, "address": "an@example.vn" });
    let failure = copies.fails("case.mail", order.clone()).await;
    assert!(failure.detail.contains("not signed"), "{failure}");
    browser.decide(&mut copies, &case, ApprovalDecision::Approve, None).await.unwrap();
    copies.wait(&case, "signed").await;
    let wrong = json!({ "case": case, "address": "an@example.vn\r\nBcc: all@example.vn" });
    assert_eq!(copies.fails("case.mail", wrong).await.field.as_deref(), Some("payload.address"));
    // Asked for twice, it goes out once.
    copies.done("case.mail", order.clone()).await;
    copies.done("case.mail", order).await;
    let done = |view: &Value| view["deliveries"][0]["state"] == "done";
    let view = copies.wait_for(&case, "the letter", done).await;
    assert_eq!(view["deliveries"].as_array().map(Vec::len), Some(1), "{view}");
    let letter: Value = serde_json::from_str(&said.next(WITHIN).await.unwrap()).unwrap();
    assert_eq!(letter["rcpt_tos"], json!(["an@example.vn"]));
    let parts = letter["parts"].as_array().unwrap();
    let attached = parts.iter().find(|part| part["type"] == "application/pdf").unwrap();
    assert_eq!(attached["sha256"], view["copy"]["file_sha256"], "the very file");
    assert_eq!(letter["defects"], json!([]));
    copies.wait(&case, "stored").await;
    assert!(!copies.log().contains("example.vn\n") && !copies.log().contains("an@"), "{}", copies.log());
}
