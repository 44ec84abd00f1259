//! The authorities of certomancer, behind its web service on loopback.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, SystemTime};

use kiosk_pades::{Fetch, FetchError, SoftwareSigner, TimeStamper};
use kiosk_pades_http::{Http, HttpTimeStamper};

use crate::programs::{self, python, run};

/// Who has a P-256 key; the seal has an RSA key of 3072 bits.
const P256: [&str; 6] = ["root", "issuing", "stamps", "responder", "officer", "leaver"];
const A_DAY: Duration = Duration::from_secs(86_400);

/// Who signs.
pub(crate) struct Holder {
    pub(crate) name: String,
    /// PKCS#8, DER.
    pub(crate) key: Vec<u8>,
    pub(crate) chain: Vec<Vec<u8>>,
}

/// The web service; it ends with this.
pub(crate) struct Authorities {
    folder: PathBuf,
    port: u16,
    child: Child,
    pub(crate) roots: Vec<Vec<u8>>,
}

impl Drop for Authorities {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Authorities {
    /// Makes the keys and certificates, and starts the service.
    pub(crate) fn start(folder: &Path) -> Self {
        std::fs::create_dir_all(folder.join("keys")).unwrap();
        for name in P256.iter().chain(&["seal"]) {
            let (kind, option) = match *name {
                "seal" => ("RSA", "rsa_keygen_bits:3072"),
                _ => ("EC", "ec_paramgen_curve:P-256"),
            };
            let path = folder.join(format!("keys/{name}.pem")).display().to_string();
            run("openssl", &["genpkey", "-quiet", "-algorithm", kind, "-pkeyopt", option, "-out", &path]).ok();
        }
        // Free a moment ago. Whoever takes it in between makes the service fail to start.
        let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
        let later = (SystemTime::now() + A_DAY).duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let later = run("date", &["-u", "-d", &format!("@{later}"), "+%Y-%m-%dT%H:%M:%S+0000"]).ok();
        let config = include_str!("pki.yml")
            .replace("PORT\"", &format!("{port}\""))
            .replace("LATER\"", &format!("{}\"", later.trim()));
        std::fs::write(folder.join("pki.yml"), config).unwrap();
        let [program, file, to] =
            [python().with_file_name("certomancer"), folder.join("pki.yml"), folder.join("certs")]
                .map(|path| path.display().to_string());
        run(&program, &["--config", &file, "mass-summon", "--no-pfx", "--flat", "test", &to]).ok();
        let child = serve(folder, port, Duration::ZERO);
        let mut authorities = Self { folder: folder.to_owned(), port, child, roots: Vec::new() };
        authorities.roots = vec![authorities.der("root")];
        authorities
    }

    /// Ends the service, and starts it so much later at the same place.
    pub(crate) fn restart(&mut self, later: Duration) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.child = serve(&self.folder, self.port, later);
    }

    /// Where a certificate is, PEM.
    pub(crate) fn certificate(&self, name: &str) -> PathBuf {
        self.folder.join(format!("certs/{name}.cert.pem"))
    }

    fn der(&self, name: &str) -> Vec<u8> {
        let to = self.folder.join(format!("{name}.der"));
        let [from, out] = [self.certificate(name), to.clone()].map(|path| path.display().to_string());
        run("openssl", &["x509", "-in", &from, "-outform", "DER", "-out", &out]).ok();
        std::fs::read(to).unwrap()
    }

    fn key(&self, name: &str) -> Vec<u8> {
        let to = self.folder.join(format!("{name}.p8"));
        let [from, out] =
            [self.folder.join(format!("keys/{name}.pem")), to.clone()].map(|path| path.display().to_string());
        run("openssl", &["pkcs8", "-topk8", "-nocrypt", "-in", &from, "-outform", "DER", "-out", &out]).ok();
        std::fs::read(to).unwrap()
    }

    /// Somebody of the public-key infrastructure.
    pub(crate) fn holder(&self, name: &str) -> Holder {
        Holder { name: name.to_owned(), key: self.key(name), chain: vec![self.der(name), self.der("issuing")] }
    }

    /// Somebody who certifies himself.
    pub(crate) fn stranger(&self) -> SoftwareSigner {
        let [key, certificate] =
            ["keys/stranger.pem", "certs/stranger.cert.pem"].map(|name| self.folder.join(name).display().to_string());
        run("openssl", &["genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &key])
            .ok();
        let subject = "/CN=Stranger";
        run("openssl", &["req", "-x509", "-key", &key, "-subj", subject, "-days", "30", "-out", &certificate]).ok();
        SoftwareSigner::new(&self.key("stranger"), vec![self.der("stranger")]).unwrap()
    }
}

/// Starts the service, and waits until it says that it runs.
fn serve(folder: &Path, port: u16, later: Duration) -> Child {
    let mut command = programs::at(later, &python().with_file_name("certomancer"));
    command.arg("--config").arg(folder.join("pki.yml")).args(["animate", "--no-web-ui", "--port", &port.to_string()]);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut said = String::new();
    while !said.contains("Running on") {
        assert!(log.read_line(&mut said).unwrap() > 0, "certomancer did not start: {said}");
    }
    // Whoever writes to a pipe that nobody reads stops.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    child
}

impl TimeStamper for Authorities {
    fn time_stamp(&self, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        let address = format!("http://127.0.0.1:{}/test/tsa/stamps", self.port);
        HttpTimeStamper::new(Http::new(), &address, self.token_bytes()).time_stamp(request)
    }
}

impl Fetch for Authorities {
    fn ocsp(&self, address: &str, request: &[u8]) -> Result<Vec<u8>, FetchError> {
        Http::new().ocsp(address, request)
    }

    fn list(&self, address: &str) -> Result<Vec<u8>, FetchError> {
        Http::new().list(address)
    }
}
