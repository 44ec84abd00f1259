//! Officers, with a key as their browsers have it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kiosk_protocol::approval::{ApprovalDecision, Decide, Enrol, Pass, Reason, Reprint, Settle, SignIn};
use kiosk_protocol::case::CaseName;
use kiosk_protocol::error::{Failure, PrintOutcome};
use kiosk_protocol::personal::PersonalText;
use kiosk_protocol::register::Revoke;
use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use super::{Copies, Reply};
use crate::rig::process::Program;
use crate::rig::{PATIENCE, programs};

/// An officer with his browser.
pub struct Browser {
    officer: String,
    key: SigningKey,
    pass: Pass,
}

impl Browser {
    /// Enrols a new browser of an officer, and signs in.
    pub async fn enrol(copies: &mut Copies, officer: &str) -> Self {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).expect("the system has random bytes");
        let key = SigningKey::from_slice(&secret).expect("nearly every 32 bytes are a key");
        let mut browser = Self { officer: officer.to_owned(), key, pass: Pass(String::new()) };
        let code = invitation(copies, officer).await;
        let mut request = Enrol {
            officer: officer.to_owned(),
            invitation: PersonalText::new(code),
            nonce: nonce(copies).await,
            public_key: URL_SAFE_NO_PAD.encode(browser.key.verifying_key().to_sec1_point(false).as_bytes()),
            signature: String::new(),
        };
        request.signature = browser.sign(&request.statement());
        copies.done("approval.enrol", serde_json::to_value(&request).expect("plain data")).await;
        browser.sign_in(copies).await;
        browser
    }

    /// Signs in (again).
    pub async fn sign_in(&mut self, copies: &mut Copies) {
        let nonce = nonce(copies).await;
        let mut request = SignIn { officer: self.officer.clone(), nonce, signature: String::new() };
        request.signature = self.sign(&request.statement());
        let reply = copies.done("approval.sign_in", serde_json::to_value(&request).expect("plain data")).await;
        self.pass = Pass(reply["pass"].as_str().expect("a pass").to_owned());
    }

    /// The pass.
    pub fn pass(&self) -> Value {
        json!(self.pass.0)
    }

    /// Signs a statement.
    pub fn sign(&self, statement: &str) -> String {
        let signature: Signature = self.key.sign(statement.as_bytes());
        URL_SAFE_NO_PAD.encode(signature.to_bytes())
    }

    /// Whether a line of the signer's decisions is this officer's, signed by his key.
    pub fn has_signed(&self, line: &Value) -> bool {
        let signature = URL_SAFE_NO_PAD.decode(line["signature"].as_str().unwrap_or_default()).unwrap_or_default();
        let statement = line["statement"].as_str().unwrap_or_default();
        let point = URL_SAFE_NO_PAD.encode(self.key.verifying_key().to_sec1_point(false).as_bytes());
        line["officer"] == self.officer.as_str()
            && line["public_key"] == point
            && Signature::from_slice(&signature)
                .is_ok_and(|signature| self.key.verifying_key().verify(statement.as_bytes(), &signature).is_ok())
    }

    /// All of a case.
    pub async fn look(&self, copies: &mut Copies, case: &Value) -> Reply {
        let order = json!({ "pass": self.pass(), "case": case });
        copies.call("approval.case", order).await.expect("an officer may look")
    }

    /// Decides about a case as it is.
    ///
    /// # Errors
    /// What the signer refuses with.
    pub async fn decide(
        &self,
        copies: &mut Copies,
        case: &Value,
        decision: ApprovalDecision,
        reason: Option<Reason>,
    ) -> Result<Value, Failure> {
        let looked = self.look(copies, case).await;
        let request = self.decision(case, &looked.value["content"], decision, reason);
        copies.call("approval.decide", serde_json::to_value(&request).expect("plain data")).await.map(|it| it.value)
    }

    /// A signed decision.
    pub fn decision(
        &self,
        case: &Value,
        content: &Value,
        decision: ApprovalDecision,
        reason: Option<Reason>,
    ) -> Decide {
        let mut request = Decide {
            pass: self.pass.clone(),
            case: name(case),
            content: content.as_str().unwrap_or_default().to_owned(),
            decision,
            reason,
            signature: String::new(),
        };
        request.signature = self.sign(&request.statement());
        request
    }

    /// A signed settlement of a delivery.
    pub fn settlement(&self, view: &Value, outcome: PrintOutcome) -> Settle {
        let number = |field: &str| view[field].as_i64().expect("a delivery has this number");
        let (delivery, attempts) = (number("delivery"), u32::try_from(number("attempts")).expect("there are few"));
        let mut request = Settle { pass: self.pass.clone(), delivery, attempts, outcome, signature: String::new() };
        request.signature = self.sign(&request.statement());
        request
    }

    /// A signed permission to print a case's copy once more.
    pub async fn reprint(&self, copies: &mut Copies, case: &Value) -> Reprint {
        let mut request = Reprint { pass: self.pass.clone(), nonce: nonce(copies).await, signature: String::new() };
        request.signature = self.sign(&request.statement(&name(case)));
        request
    }

    /// A signed withdrawal.
    pub fn revocation(&self, case: &Value) -> Revoke {
        let mut request = Revoke {
            pass: self.pass.clone(),
            case: name(case),
            reason: Reason::IssuedInError,
            signature: String::new(),
        };
        request.signature = self.sign(&request.statement());
        request
    }
}

fn name(case: &Value) -> CaseName {
    CaseName(case.as_str().expect("a case has a name").to_owned())
}

async fn nonce(copies: &mut Copies) -> String {
    copies.done("approval.challenge", json!({})).await["nonce"].as_str().expect("a nonce").to_owned()
}

/// What the operator does.
async fn invitation(copies: &Copies, officer: &str) -> String {
    let config = copies.configuration();
    let arguments = ["invite", officer, "--config", &config.display().to_string()].map(String::from);
    let log = copies.folder.path().join("invite.log");
    let mut program = Program::start(&programs::find("kiosk-signer"), &arguments, &log);
    let said = program.lines().next(PATIENCE).await;
    said.unwrap_or_else(|| panic!("no code for {officer}:\n{}", program.log()))
}
