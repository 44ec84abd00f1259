//! The mail server as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// For a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

pub(crate) struct Server {
    pub(crate) port: u16,
    child: Child,
    lines: Receiver<Value>,
}

impl Server {
    pub(crate) fn start(options: &Value) -> Self {
        let crate_root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = crate_root.join("../../.venv/bin/python");
        assert!(python.is_file(), "the Python peers (tests/requirements.txt) are not there: run `make setup`");
        #[expect(clippy::disallowed_methods, reason = "a peer")]
        let mut command = Command::new(python);
        command.arg("-W").arg("ignore").arg(crate_root.join("tests/peers/server.py")).arg(options.to_string());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                if tell.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let mut server = Self { port: 0, child, lines };
        let port: Value = server.lines.recv_timeout(PATIENCE).expect("aiosmtpd (tests/requirements.txt) starts");
        server.port = u16::try_from(port.as_u64().unwrap()).unwrap();
        server
    }

    /// The next letter that it got, as the judge reads it.
    pub(crate) fn letter(&self) -> Value {
        self.lines.recv_timeout(PATIENCE).expect("the server has the letter")
    }

    /// Whether it has told of none; right after an outcome that comes after the server's own word.
    pub(crate) fn no_letter(&self) -> bool {
        self.lines.try_recv().is_err()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
