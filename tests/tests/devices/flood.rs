//! A device at a TCP port that says the same thing without end, whatever it is asked, while it is told to.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::Mutex;

/// What it says; nothing: each connection ends at once.
#[derive(Clone)]
pub(crate) struct Flood {
    /// Its port on this machine.
    pub(crate) port: u16,
    says: Arc<Mutex<Vec<u8>>>,
}

impl Flood {
    pub(crate) fn start(says: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let flood = Self { port, says: Arc::new(Mutex::new(says.repeat(4096 / says.len()))) };
        let own = flood.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let own = own.clone();
                std::thread::spawn(move || own.pour(stream));
            }
        });
        flood
    }

    /// Ends when the driver hangs up.
    fn pour(&self, mut stream: TcpStream) {
        while let Some(says) = Some(self.says.lock().unwrap().clone()).filter(|says| !says.is_empty()) {
            if stream.write_all(&says).is_err() {
                return;
            }
        }
    }
}
