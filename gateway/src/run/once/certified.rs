//! The certified copy: the case from the scanned page to the officer, who here is this program with a key of its own, to the
//! signed file, its paper and receipt, and what anybody is told who has its code.

use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kiosk_protocol::approval::{ApprovalDecision, Decide, Enrol, Pass, SignIn};
use kiosk_protocol::case::{CaseName, CaseView, CopyView, DeliveryChannel, DeliveryState, SignedCopy};
use kiosk_protocol::device::Facts;
use kiosk_protocol::personal::PersonalText;
use kiosk_protocol::scanner::ScannedPage;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use super::super::demo::copies::{OFFICERS, PROCEDURE};
use super::client::{Client, Devices, fetch, post_pdf};
use super::{Steps, qr_codes};

/// The copy must be signed within this.
const SIGNED_WITHIN: Duration = Duration::from_secs(60);

/// Certifies a copy of a page that was read, for the person whose card was read.
pub(super) async fn certify(
    gateway: SocketAddr,
    control: SocketAddr,
    client: &mut Client,
    steps: &mut Steps,
    out: &Path,
    page: &ScannedPage,
    invitation: String,
) -> anyhow::Result<()> {
    let since = Instant::now();
    let mut officer = Officer::enrol(gateway, invitation).await?;
    steps.done("officer", since, "enrolled with a one-time code and signed in");

    let since = Instant::now();
    let opened = client.call("case.open", json!({ "procedure": PROCEDURE }), None).await?;
    let case = opened["case"].clone();
    let image = json!([{ "image": page.blob, "resolution_dpi": page.resolution_dpi }]);
    client.call("case.pages", json!({ "case": case, "pages": image }), None).await?;
    client.call("case.recognise", json!({ "case": case, "pages": [page.blob] }), None).await?;
    client.call("case.identify", json!({ "case": case }), None).await?;
    client.call("case.prepare", json!({ "case": case }), None).await?;
    steps.done("prepare", since, "the case with its page, reading, person and composed copy waits for an officer");

    let since = Instant::now();
    officer.approve(&case).await?;
    let view = signed(client, &case).await?;
    let copy = view.copy.context("a signed case has a copy")?;
    steps.done("sign", since, &format!("approved, then number {}, level {:?}, logged", copy.number, copy.level));

    let since = Instant::now();
    let reply = client.call("case.copy", json!({ "case": case }), None).await?;
    let reply: SignedCopy = serde_json::from_value(reply).context("the copy's reply")?;
    let file = fetch(gateway, &format!("/v1/blobs/{}", reply.file.blob), Some(client.token())).await?;
    ensure!(file.starts_with(b"%PDF-"), "the copy is no PDF file");
    std::fs::write(out.join("copy.pdf"), &file)?;
    for (number, proof) in (1..).zip(&reply.proofs) {
        std::fs::write(out.join(format!("copy-{number}.tlog-proof")), proof)?;
    }
    let told = fetch(gateway, &format!("/v1/copies/{}", copy.code.expose()), None).await?;
    let told: Value = serde_json::from_slice(&told)?;
    ensure!(told["standing"] == "valid" && told["number"] == copy.number, "the register says {told}");
    ensure!(told["file_sha256"][0] == reply.sha256, "the register knows another file: {told}");
    let judged = post_pdf(gateway, &format!("/v1/verify?code={}", copy.code.expose()), file.clone()).await?;
    ensure!(judged["genuine"] == true, "the file is judged {judged}");
    let mut changed = file.to_vec();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let judged = post_pdf(gateway, "/v1/verify", changed.into()).await?;
    ensure!(judged["genuine"] == false, "a changed file is judged {judged}");
    let checkpoint = fetch(gateway, "/log/checkpoint", None).await?;
    ensure!(checkpoint.starts_with(b"chungthuc.example.vn/log\n2\n"), "the log does not have the copy");
    steps.done(
        "verify",
        since,
        "the register says of its code: valid; the file is genuine, and not when one bit differs",
    );

    print(control, client, steps, out, &case, &copy).await?;

    let since = Instant::now();
    let receipt = json!({ "elements": [
        { "type": "text", "text": "BẢN SAO CHỨNG THỰC ĐIỆN TỬ", "align": "center", "weight": "bold" },
        { "type": "columns", "left": "Số chứng thực", "right": copy.number },
        { "type": "text", "text": copy.code.expose(), "align": "center" },
        { "type": "qr", "data": copy.qr.expose() },
    ] });
    client.call("receipt_printer.print", receipt, Some("demo-once-certified")).await?;
    let paper = fetch(control, "/devices/printer/paper.png", None).await?;
    std::fs::write(out.join("copy-receipt.png"), &paper)?;
    let codes = qr_codes(&paper).context("the receipt of the copy")?;
    ensure!(codes == [copy.qr.expose()], "the QR codes on the receipt are {} texts", codes.len());
    steps.done("receipt", since, "with the copy's signed QR code");
    Ok(())
}

/// What somebody needs who verifies the copy without this gateway: whom to trust, the keys of log and claims, the status list.
pub(super) async fn keep_trust(gateway: SocketAddr, root: &Path, out: &Path) -> anyhow::Result<()> {
    let roots = out.join("roots");
    std::fs::create_dir_all(&roots)?;
    std::fs::copy(root, roots.join("simulated.cer")).context("the authority's certificate")?;
    for (served, file) in [("key", "log.key"), ("claims.pem", "claims.pem"), ("status", "status")] {
        std::fs::write(out.join(file), fetch(gateway, &format!("/log/{served}"), None).await?)?;
    }
    Ok(())
}

/// Prints the copy: one job comes out of the page printer, and its QR code can be read on the paper.
async fn print(
    control: SocketAddr,
    client: &mut Client,
    steps: &mut Steps,
    out: &Path,
    case: &Value,
    copy: &CopyView,
) -> anyhow::Result<()> {
    let since = Instant::now();
    let order = json!({ "case": case });
    let view = client.call("case.print", order.clone(), Some("demo-once-copy")).await?;
    let again = client.call("case.print", order, Some("demo-once-copy")).await?;
    ensure!(view == again, "the same key gave another result");
    let view: CaseView = serde_json::from_value(view).context("the print's reply")?;
    let prints: Vec<_> = view.deliveries.iter().filter(|it| it.channel == DeliveryChannel::Print).collect();
    ensure!(matches!(prints[..], [print] if print.state == DeliveryState::Done), "the case's prints are {prints:?}");
    let paper = fetch(control, "/devices/page_printer/paper.png", None).await?;
    std::fs::write(out.join("copy-printed.png"), &paper)?;
    let printer: Value = serde_json::from_slice(&fetch(control, "/devices/page_printer", None).await?)?;
    ensure!(printer["jobs"] == 1 && printer["printed"] == 1, "not one job came out of the page printer: {printer}");
    let codes = qr_codes(&paper).context("the printed copy")?;
    ensure!(
        codes == [copy.qr.expose()],
        "the QR codes on the printed copy are {} texts, not the copy's one",
        codes.len()
    );
    steps.done("paper", since, "one job out of the page printer, with the copy's signed QR code, confirmed by it");
    Ok(())
}

/// Waits until a case is signed: it is asked for again whenever the signer says that something is new.
async fn signed(client: &mut Client, case: &Value) -> anyhow::Result<CaseView> {
    let until = Instant::now() + SIGNED_WITHIN;
    loop {
        let turn = turn(client.devices());
        let view: CaseView = serde_json::from_value(client.call("case.status", json!({ "case": case }), None).await?)?;
        if view.copy.is_some() {
            return Ok(view);
        }
        let left = until.saturating_duration_since(Instant::now());
        let what = format!("the signature; the case is {:?} and waits for {:?}", view.state, view.waits_for);
        client.wait_for(left, &what, |devices| self::turn(devices) != turn).await?;
    }
}

fn turn(devices: &Devices) -> Option<u64> {
    devices.values().find_map(|device| match &device.facts {
        Facts::Signer { status, .. } => status.as_ref().map(|status| status.turn),
        _ => None,
    })
}

/// An officer with a browser of his own.
struct Officer {
    client: Client,
    key: SigningKey,
    pass: Pass,
}

impl Officer {
    async fn enrol(gateway: SocketAddr, invitation: String) -> anyhow::Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).context("the system gives no randomness")?;
        let key = SigningKey::from_slice(&secret).context("no key")?;
        let mut officer = Self { client: Client::connect(gateway).await?, key, pass: Pass(String::new()) };
        let point = officer.key.verifying_key().to_sec1_point(false);
        let mut request = Enrol {
            officer: OFFICERS[0].to_owned(),
            invitation: PersonalText::new(invitation),
            nonce: officer.nonce().await?,
            public_key: URL_SAFE_NO_PAD.encode(point.as_bytes()),
            signature: String::new(),
        };
        request.signature = officer.sign(&request.statement());
        officer.client.call("approval.enrol", serde_json::to_value(&request)?, None).await?;
        let nonce = officer.nonce().await?;
        let mut request = SignIn { officer: OFFICERS[0].to_owned(), nonce, signature: String::new() };
        request.signature = officer.sign(&request.statement());
        let reply = officer.client.call("approval.sign_in", serde_json::to_value(&request)?, None).await?;
        officer.pass = Pass(reply["pass"].as_str().context("there is no pass")?.to_owned());
        Ok(officer)
    }

    async fn nonce(&mut self) -> anyhow::Result<String> {
        let reply = self.client.call("approval.challenge", json!({}), None).await?;
        reply["nonce"].as_str().map(str::to_owned).context("there is no challenge")
    }

    fn sign(&self, statement: &str) -> String {
        let signature: Signature = self.key.sign(statement.as_bytes());
        URL_SAFE_NO_PAD.encode(signature.to_bytes())
    }

    /// Looks at the case as the officers' list has it, and approves it.
    async fn approve(&mut self, case: &Value) -> anyhow::Result<()> {
        let list = self.client.call("approval.list", json!({ "pass": self.pass.0 }), None).await?;
        let waits = list["cases"].as_array().is_some_and(|cases| cases.iter().any(|row| row["case"] == *case));
        ensure!(waits, "the case is not in the officers' list: {list}");
        let dossier = self.client.call("approval.case", json!({ "pass": self.pass.0, "case": case }), None).await?;
        let (Some(name), Some(content)) = (case.as_str(), dossier["content"].as_str()) else {
            bail!("the case has no content: {dossier}");
        };
        let mut request = Decide {
            pass: self.pass.clone(),
            case: CaseName(name.to_owned()),
            content: content.to_owned(),
            decision: ApprovalDecision::Approve,
            reason: None,
            signature: String::new(),
        };
        request.signature = self.sign(&request.statement());
        self.client.call("approval.decide", serde_json::to_value(&request)?, None).await?;
        Ok(())
    }
}
