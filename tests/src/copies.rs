//! A signer of a test's own: a simulated authority with a token (SoftHSM), the program `kiosk-signer` on its seam, and officers
//! whose browsers' keys are the test's. People and papers are invented.

mod authority;
mod browser;
mod paper;

use std::path::{Path, PathBuf};
use std::time::Duration;

use kiosk_protocol::approval::ApprovalDecision;
use kiosk_protocol::blob::BlobId;
use kiosk_protocol::error::{ErrorCode, Failure};
use kiosk_protocol::seam::{FromChild, Outcome, ToChild};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::peers::{Peer, Ran, peer, python};
use crate::rig::process::{Program, Signal};
use crate::rig::seam::DriverProgram;
use crate::rig::{PATIENCE, http, programs};
pub use authority::Authority;
pub use browser::Browser;
pub use paper::{evidence, page, reading};

/// The procedure of the tests.
pub const PROCEDURE: &str = "tthc-2.000815";
/// The officers of the tests.
pub const OFFICERS: [&str; 2] = ["nguyet", "hai"];

/// A signer with its authority.
pub struct Copies {
    /// Its folder.
    pub folder: TempDir,
    /// The authority.
    pub authority: Authority,
    _authority: Program,
    settings: Value,
    signer: DriverProgram,
    last: u64,
}

/// What came of a call: the reply, and the blobs that belong to it.
#[derive(Debug)]
pub struct Reply {
    /// The reply.
    pub value: Value,
    request: u64,
}

impl Copies {
    /// Starts authority and signer; `change` may change its settings before. `authority`: more arguments of the authority.
    pub async fn start(authority: &[&str], change: impl FnOnce(&mut Value)) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let own = folder.path().join("authority");
        let mut arguments = vec!["authority".into(), "--exit-with-stdin".into(), "--folder".into()];
        arguments.push(own.display().to_string());
        arguments.extend(authority.iter().map(ToString::to_string));
        let mut program =
            Program::start(&programs::find("kiosk-simulate"), &arguments, &folder.path().join("authority.log"));
        let line = program.lines().next(PATIENCE).await.unwrap_or_default();
        let authority: Authority = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the authority said {line:?} ({error}):\n{}", program.log()));
        let mut settings = settings(folder.path(), &authority);
        change(&mut settings);
        let signer = start(&programs::find("kiosk-signer"), folder.path(), &authority, &settings, &[]).await;
        Self { folder, authority, _authority: program, settings, signer, last: 0 }
    }

    /// Its settings, as in `[copies]`.
    pub fn settings(&self) -> &Value {
        &self.settings
    }

    /// Its data's folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What officers have signed, in its order.
    pub fn decisions(&self) -> Vec<Value> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.data().join("decisions"))
            .expect("the folder is there")
            .map(|entry| entry.expect("the folder can be read").path())
            .collect();
        files.sort();
        let text: String = files.iter().map(|file| std::fs::read_to_string(file).expect("it can be read")).collect();
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// The places that the signed list says are revoked (RFC 9052; draft-ietf-oauth-status-list), read by Python's CBOR.
    pub async fn on_list(&self) -> Vec<u64> {
        const SCRIPT: &str = "
import cbor2, json, sys, zlib
signed = cbor2.loads(open(sys.argv[1], 'rb').read())
claims = cbor2.loads(getattr(signed, 'value', signed)[2])
bits, packed = claims[65533]['bits'], zlib.decompress(claims[65533]['lst'])
places = range(len(packed) * 8 // bits)
print(json.dumps([at for at in places if packed[at * bits // 8] >> (at * bits % 8) & 1]))
";
        let script = Peer::new(&python()).args(["-c", SCRIPT]).arg(self.data().join("log/status"));
        serde_json::from_str(&script.run(PATIENCE).await.ok()).expect("it prints JSON")
    }

    /// The root that is trusted, DER.
    pub fn root(&self) -> PathBuf {
        self.authority.root.clone()
    }

    /// Turns one of the authority's knobs: `fault`, `clear` or `set`.
    pub async fn knob(&self, action: &str, order: Value) {
        let control = self.authority.control.strip_prefix("http://").expect("an address").parse().expect("an address");
        let answer = http::post(control, &format!("/devices/authority/{action}"), &order).await;
        assert_eq!(answer.status, 200, "{action} {order}: {}", answer.text());
    }

    /// The time stamp authority refuses, or does something else than its work.
    pub async fn no_time_stamps(&self, does: &str) {
        self.knob("fault", json!({ "fault": "tsa", "does": does })).await;
    }

    /// All services of the authority work again.
    pub async fn authority_works(&self) {
        self.knob("clear", json!({})).await;
    }

    /// Kills the signer, as a power cut does, and starts it anew.
    pub async fn kill(&mut self) {
        self.signer.signal(Signal::KILL);
        self.signer.end(PATIENCE).await;
        self.signer =
            start(&programs::find("kiosk-signer"), self.folder.path(), &self.authority, &self.settings, &[]).await;
    }

    /// Starts it anew with a clock that shows another time, such as `+8d` or `-1h`.
    pub async fn restart_at(&mut self, other: &str) {
        self.signer.close_stdin();
        self.signer.end(PATIENCE).await;
        // The program `faketime` starts another one that would outlive it; so only its library is taken.
        let asked = Peer::new(&peer("faketime")).args(["-f", "+0s", "printenv", "LD_PRELOAD"]);
        let library = asked.run(PATIENCE).await.ok();
        let clock = [("LD_PRELOAD", library.trim()), ("FAKETIME", other), ("FAKETIME_DONT_FAKE_MONOTONIC", "1")];
        self.signer =
            start(&programs::find("kiosk-signer"), self.folder.path(), &self.authority, &self.settings, &clock).await;
    }

    /// Starts it anew with its data on a disk of its own, in memory; gives the disk's folder as other processes reach it.
    pub async fn restart_on_a_disk(&mut self, mib: u32) -> PathBuf {
        self.signer.close_stdin();
        self.signer.end(PATIENCE).await;
        let user = if rustix::process::geteuid().is_root() { "" } else { " --user --map-root-user" };
        let (data, before) = (self.data(), self.data().with_extension("before"));
        std::fs::rename(&data, &before).expect("it can be renamed");
        std::fs::create_dir(&data).expect("the name is free");
        let script = format!(
            "#!/usr/bin/env -S unshare --mount{user} sh\nset -e\nmount -t tmpfs -o size={mib}m,mode=700 none '{data}'\n\
             cp -a '{before}/.' '{data}'\nexec '{signer}'\n",
            data = data.display(),
            before = before.display(),
            signer = programs::find("kiosk-signer").display(),
        );
        let program = self.folder.path().join("on-a-disk.sh");
        std::fs::write(&program, script).expect("a file can be written");
        let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, runs).expect("it is ours");
        self.signer = start(&program, self.folder.path(), &self.authority, &self.settings, &[]).await;
        let root = PathBuf::from(format!("/proc/{}/root", self.signer.pid()));
        root.join(data.strip_prefix("/").expect("a temporary folder's path is absolute"))
    }

    /// What the operator's `kiosk-signer check` says, with these arguments.
    pub async fn check(&self, more: &[&str]) -> Ran {
        self.operator("check", more).await
    }

    /// What a command of `kiosk-signer` says, with these arguments and its configuration.
    pub async fn operator(&self, command: &str, more: &[&str]) -> Ran {
        let config = self.configuration();
        let program = Peer::new(&programs::find("kiosk-signer")).arg(command).args(more).arg("--config").arg(config);
        program.run(PATIENCE).await
    }

    /// A configuration of a gateway with these settings, as a file.
    pub fn configuration(&self) -> PathBuf {
        let config = self.folder.path().join("gateway.toml");
        std::fs::write(&config, section(&self.with_environment())).expect("a file can be written");
        config
    }

    /// Starts it anew with other settings.
    pub async fn change(&mut self, change: impl FnOnce(&mut Value)) {
        self.signer.close_stdin();
        self.signer.end(PATIENCE).await;
        change(&mut self.settings);
        self.signer =
            start(&programs::find("kiosk-signer"), self.folder.path(), &self.authority, &self.settings, &[]).await;
    }

    /// Ends the signer, so that a gateway can start one with the same data: gives that gateway's `[copies]`.
    pub async fn hand_over(&mut self) -> String {
        self.signer.close_stdin();
        self.signer.end(PATIENCE).await;
        section(&self.with_environment())
    }

    fn with_environment(&self) -> Value {
        let mut settings = self.settings.clone();
        settings["environment"] = json!({ "SOFTHSM2_CONF": self.authority.softhsm_conf });
        settings
    }

    /// The signer's log.
    pub fn log(&self) -> String {
        self.signer.log()
    }

    /// Calls the signer.
    ///
    /// # Errors
    /// What it refuses with.
    pub async fn call(&mut self, name: &str, payload: Value) -> Result<Reply, Failure> {
        self.call_with(name, payload, &[]).await
    }

    /// The same with blobs.
    ///
    /// # Errors
    /// What it refuses with.
    pub async fn call_with(
        &mut self,
        name: &str,
        payload: Value,
        attached: &[(&str, &[u8])],
    ) -> Result<Reply, Failure> {
        self.last += 1;
        self.signer.request_with(self.last, name, payload, attached).await;
        match self.signer.outcome(self.last, PATIENCE).await {
            Outcome::Ok(value) => Ok(Reply { value, request: self.last }),
            Outcome::Error(failure) => Err(failure),
        }
    }

    /// A call that must go well.
    pub async fn done(&mut self, name: &str, payload: Value) -> Value {
        let done = self.call(name, payload).await;
        done.unwrap_or_else(|failure| panic!("{name} failed: {failure}\n{}", self.log())).value
    }

    /// A call that must not.
    pub async fn fails(&mut self, name: &str, payload: Value) -> Failure {
        self.call(name, payload).await.expect_err(name)
    }

    /// A blob of a reply.
    pub fn blob(&self, reply: &Reply, name: &Value) -> Vec<u8> {
        let name = BlobId(name.as_str().expect("a blob has a name").to_owned());
        self.signer.blobs.get(&(reply.request, name)).cloned().expect("the signer made this blob")
    }

    /// A case with these pages, prepared: it waits for an officer.
    pub async fn prepared(&mut self, pages: &[Vec<u8>]) -> Value {
        let opened = self.done("case.open", json!({ "procedure": PROCEDURE })).await;
        let case = opened["case"].clone();
        self.prepare(&case, pages).await;
        case
    }

    /// Takes an opened case, or one that was sent back, to an officer.
    pub async fn prepare(&mut self, case: &Value, pages: &[Vec<u8>]) {
        self.identify(case, pages).await;
        self.must("case.prepare", json!({ "case": case }), &[]).await;
    }

    /// Gives an opened case, or one that was sent back, its pages, their readings and its person.
    pub async fn identify(&mut self, case: &Value, pages: &[Vec<u8>]) {
        let names: Vec<String> = (0..pages.len()).map(|page| format!("page-{page}")).collect();
        let images: Vec<Value> = names.iter().map(|name| json!({ "image": name, "resolution_dpi": 200 })).collect();
        let attached: Vec<(&str, &[u8])> =
            names.iter().map(String::as_str).zip(pages.iter().map(Vec::as_slice)).collect();
        let order = json!({ "case": case, "pages": images });
        self.must("case.pages", order, &attached).await;
        let readings: Vec<Value> = pages.iter().map(|page| reading(page)).collect();
        let readings = serde_json::to_vec(&readings).expect("readings are plain data");
        let order = json!({ "case": case, "pages": names });
        self.must("case.recognise", order, &[("readings", &readings)]).await;
        let evidence = serde_json::to_vec(&evidence()).expect("proofs are plain data");
        self.must("case.identify", json!({ "case": case }), &[("evidence", &evidence)]).await;
    }

    /// Gives a case a second scan: pages by name, each with its picture and what was read on it.
    ///
    /// # Errors
    /// What the signer refuses with.
    pub async fn second_scan(&mut self, case: &Value, pages: &[(&str, Vec<u8>, Value)]) -> Result<Value, Failure> {
        let images: Vec<Value> =
            pages.iter().map(|(name, ..)| json!({ "image": name, "resolution_dpi": 200 })).collect();
        let readings: Vec<&Value> = pages.iter().map(|(_, _, reading)| reading).collect();
        let readings = serde_json::to_vec(&readings).expect("readings are plain data");
        let mut attached: Vec<(&str, &[u8])> = pages.iter().map(|(name, image, _)| (*name, image.as_slice())).collect();
        attached.push(("readings", &readings));
        let order = json!({ "case": case, "pages": images });
        self.call_with("case.second_scan", order, &attached).await.map(|it| it.value)
    }

    async fn must(&mut self, name: &str, order: Value, attached: &[(&str, &[u8])]) {
        let done = self.call_with(name, order, attached).await;
        done.unwrap_or_else(|failure| panic!("{name} failed: {failure}\n{}", self.log()));
    }

    /// A case that an officer has approved.
    pub async fn approved(&mut self, browser: &Browser, pages: &[Vec<u8>]) -> Value {
        let case = self.prepared(pages).await;
        browser.decide(self, &case, ApprovalDecision::Approve, None).await.expect("it is approved");
        case
    }

    /// Waits until a case is in this state; gives it.
    pub async fn wait(&mut self, case: &Value, state: &str) -> Value {
        self.wait_for(case, state, |view| view["state"] == state).await
    }

    /// Waits until a case is right: asked anew whenever the signer says that something is new.
    pub async fn wait_for(&mut self, case: &Value, what: &str, right: impl Fn(&Value) -> bool) -> Value {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
        loop {
            let view = self.done("case.status", json!({ "case": case })).await;
            if right(&view) {
                return view;
            }
            self.news(deadline, &format!("{what}, and it is {view}")).await;
        }
    }

    /// Waits until a case is purged.
    pub async fn gone(&mut self, case: &Value) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(120);
        loop {
            match self.call("case.status", json!({ "case": case })).await {
                Err(failure) if failure.code == ErrorCode::NotFound => return,
                Err(failure) => panic!("{failure}\n{}", self.log()),
                Ok(_) => self.news(deadline, "it is purged").await,
            }
        }
    }

    /// Waits until the signer says that something is new.
    async fn news(&mut self, deadline: tokio::time::Instant, what: &str) {
        loop {
            let heard = tokio::time::timeout_at(deadline, self.signer.hear(deadline)).await;
            let Ok(message) = heard else { panic!("{what}: that does not come\n{}", self.log()) };
            match message {
                Some(FromChild::Event { request: None, .. }) => return,
                Some(_) => {}
                None => panic!("the signer ended:\n{}", self.log()),
            }
        }
    }

    /// A signed copy's file, which is taken.
    pub async fn file(&mut self, case: &Value) -> (Vec<u8>, Value) {
        let reply = self.call("case.copy", json!({ "case": case })).await.expect("the copy is there");
        if let Some(delivery) = reply.value.get("delivery") {
            self.done("case.delivery_ended", json!({ "delivery": delivery, "outcome": "printed" })).await;
        }
        (self.blob(&reply, &reply.value["file"]["blob"]), reply.value)
    }
}

/// Settings as a section of a configuration.
fn section(settings: &Value) -> String {
    let settings = toml::Value::try_from(settings).expect("settings are a table");
    toml::Table::from_iter([("copies".to_owned(), settings)]).to_string()
}

fn settings(folder: &Path, authority: &Authority) -> Value {
    let certificates = |name: &str, file: &Path| {
        let own = folder.join(name);
        std::fs::create_dir(&own).expect("the folder is new");
        std::fs::copy(file, own.join("one.cer")).expect("the certificate can be copied");
        own.display().to_string()
    };
    let officers: Vec<Value> = OFFICERS
        .iter()
        .zip(&authority.officers)
        .map(|(code, key)| json!({ "code": code, "name": key.name, "title": "Chủ tịch", "key": key.key }))
        .collect();
    assert_eq!(officers.len(), OFFICERS.len(), "{authority:?}");
    json!({
        "data": folder.join("data"),
        "host": "chungthuc.example.vn",
        "procedures": [PROCEDURE],
        "clock": "trusted",
        "agency": {
            "prefix": "HN1",
            "code": "hn-hong-mai",
            "name": "Ủy ban nhân dân phường Hồng Mai, thành phố Hà Nội",
            "place": "Hồng Mai",
        },
        "signing": {
            "module": authority.module,
            "token": authority.token,
            "pin_file": authority.pin_file,
            "roots": certificates("roots", &authority.root),
            "authorities": certificates("authorities", &authority.issuing),
            "tsa": format!("{}/tsa", authority.address),
            "seal": authority.seal,
        },
        "officers": officers,
    })
}

async fn start(
    program: &Path,
    folder: &Path,
    authority: &Authority,
    settings: &Value,
    more: &[(&str, &str)],
) -> DriverProgram {
    let own = [("SOFTHSM2_CONF", authority.softhsm_conf.as_str()), ("KIOSK_LOG", "info")];
    let mut signer = DriverProgram::start_with(program, folder, &[&own[..], more].concat());
    signer.say(ToChild::Start { address: "signer:copies".into(), config: settings.clone() }).await;
    let mut failed = None;
    signer
        .hear_until("it is ready", PATIENCE, |message| match message {
            FromChild::Ready { .. } => Some(()),
            FromChild::Failed { failure } => {
                failed = Some(failure.clone());
                Some(())
            }
            _ => None,
        })
        .await;
    assert!(failed.is_none(), "the signer does not start: {failed:?}\n{}", signer.log());
    signer
}
