//! One connection to a mail server: bytes out, answers in. Each wait has an end, and each answer a limit.

#[cfg(test)]
mod tests;
mod timed;

use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::message::stuffed;
use crate::outcome::{BadAnswer, Step, Why};
use crate::reply::{Answer, LINE_MOST};
use crate::tls;
use timed::Timed;

/// Most addresses of a name that are tried.
const ADDRESSES_MOST: usize = 8;
/// How much of a letter is written at once.
const PART: usize = 64 << 10;
/// A letter may take a second for so many bytes, beside the time that an answer may take: 64 kbit/s.
const SLOWEST_BYTES_PER_S: u64 = 8 << 10;
/// How long to wait for what a server has said when it closed the connection, and for its goodbye.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A connection.
pub(crate) struct Exchange {
    line: Line,
    /// What was received and not read yet; less than a line and one look into the connection.
    received: Vec<u8>,
    timeout: Duration,
}

enum Line {
    Open(Timed),
    Encrypted(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Exchange {
    /// Reaches the server, by the first of its addresses that answers.
    pub(crate) fn connect(host: &str, port: u16, only_loopback: bool, timeout: Duration) -> Result<Self, Why> {
        let until = Instant::now() + timeout;
        let mut addresses = resolve(host, port, until)?;
        if only_loopback {
            addresses.retain(|address| address.ip().is_loopback());
            if addresses.is_empty() {
                return Err(Why::NotLoopback);
            }
        }
        let mut failed = Why::NoSuchHost;
        for (nth, address) in addresses.iter().enumerate() {
            // Each has its share, so that a first one that does not answer leaves time for the next.
            let left = until.saturating_duration_since(Instant::now());
            let share = left / u32::try_from(addresses.len() - nth).unwrap_or(1);
            if share.is_zero() {
                return Err(Why::Silent { step: Step::Connect });
            }
            match TcpStream::connect_timeout(address, share) {
                Ok(tcp) => {
                    let line = Line::Open(Timed::new(tcp, until));
                    return Ok(Self { line, received: Vec::new(), timeout });
                }
                Err(error) if error.kind() == io::ErrorKind::TimedOut => failed = Why::Silent { step: Step::Connect },
                Err(error) => failed = Why::NoConnection(error.kind()),
            }
        }
        Err(failed)
    }

    /// Encrypts all that follows.
    pub(crate) fn encrypt(self, config: &Arc<ClientConfig>, name: ServerName<'static>) -> Result<Self, Why> {
        // What somebody on the way has put behind the answer to STARTTLS would be read as if it were encrypted.
        self.must_be_in_step(Step::StartTls)?;
        let Line::Open(mut timed) = self.line else { return Ok(self) };
        timed.until = Instant::now() + self.timeout;
        let mut session = ClientConnection::new(Arc::clone(config), name)
            .map_err(|error| tls::why(&io::Error::new(io::ErrorKind::InvalidData, error)))?;
        while session.is_handshaking() {
            session.complete_io(&mut timed).map_err(|error| tls::why(&error))?;
        }
        Ok(Self { line: Line::Encrypted(Box::new(StreamOwned::new(session, timed))), ..self })
    }

    /// This machine's address on the line.
    pub(crate) fn own_address(&self) -> Option<IpAddr> {
        let timed = match &self.line {
            Line::Open(timed) => timed,
            Line::Encrypted(stream) => &stream.sock,
        };
        timed.tcp.local_addr().ok().map(|address| address.ip())
    }

    /// Reads the server's first words.
    pub(crate) fn greeting(&mut self) -> Result<Answer, Why> {
        self.wait_until(self.timeout);
        self.answer(Step::Greeting)
    }

    /// Sends a command, without its end, and reads the answer.
    pub(crate) fn command(&mut self, step: Step, command: &str) -> Result<Answer, Why> {
        self.send(step, format!("{command}\r\n").as_bytes(), self.timeout)?;
        self.answer(step)
    }

    /// Ends the letter, and reads what became of it.
    pub(crate) fn end(&mut self, timeout: Duration) -> Result<Answer, Why> {
        self.send(Step::End, b".\r\n", timeout)?;
        self.answer(Step::End)
    }

    /// Sends the letter without its end. An error means that the server does not have it.
    pub(crate) fn body(&mut self, message: &[u8]) -> Result<(), Why> {
        self.must_be_in_step(Step::Body)?;
        let size = u64::try_from(message.len()).unwrap_or(u64::MAX);
        self.wait_until(self.timeout + Duration::from_secs(size / SLOWEST_BYTES_PER_S));
        for start in (0..message.len()).step_by(PART) {
            if let Err(error) = self.write(&stuffed(message, start, PART)) {
                // A server that does not want any more of it may have said why.
                self.wait_until(LAST_WORDS);
                return Err(match self.answer(Step::Body) {
                    Ok(answer) if answer.reply().refuses() => Why::Refused { step: Step::Body, reply: answer.reply() },
                    _ => Why::of_io(Step::Body, &error),
                });
            }
        }
        Ok(())
    }

    /// Says goodbye; what becomes of that does not matter.
    pub(crate) fn quit(mut self) {
        self.timeout = self.timeout.min(LAST_WORDS);
        let _ = self.command(Step::End, "QUIT");
    }

    fn send(&mut self, step: Step, bytes: &[u8], timeout: Duration) -> Result<(), Why> {
        self.must_be_in_step(step)?;
        self.wait_until(timeout);
        self.write(bytes).map_err(|error| Why::of_io(step, &error))
    }

    /// One answer for one command: otherwise another one would be taken for the answer to the end of the letter.
    fn must_be_in_step(&self, step: Step) -> Result<(), Why> {
        if self.received.is_empty() { Ok(()) } else { Err(Why::Answer { step, what: BadAnswer::Unasked }) }
    }

    /// Reads an answer.
    fn answer(&mut self, step: Step) -> Result<Answer, Why> {
        let mut answer = Answer::default();
        loop {
            let line = self.line(step)?;
            if answer.take(&line).map_err(|what| Why::Answer { step, what })? {
                return Ok(answer);
            }
        }
    }

    /// Reads a line, without its end.
    fn line(&mut self, step: Step) -> Result<Vec<u8>, Why> {
        loop {
            if let Some(end) = self.received.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.received.drain(..=end).collect();
                line.pop();
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(line);
            }
            if self.received.len() > LINE_MOST {
                return Err(Why::Answer { step, what: BadAnswer::TooLong });
            }
            let mut part = [0; 1_024];
            let read = match &mut self.line {
                Line::Open(timed) => timed.read(&mut part),
                Line::Encrypted(stream) => stream.read(&mut part),
            };
            match read {
                Ok(0) => return Err(Why::Lost { step, kind: io::ErrorKind::UnexpectedEof }),
                Ok(read) => self.received.extend_from_slice(&part[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Why::of_io(step, &error)),
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let line: &mut dyn Write = match &mut self.line {
            Line::Open(timed) => timed,
            Line::Encrypted(stream) => stream.as_mut(),
        };
        line.write_all(bytes)?;
        line.flush()
    }

    fn wait_until(&mut self, from_now: Duration) {
        let timed = match &mut self.line {
            Line::Open(timed) => timed,
            Line::Encrypted(stream) => &mut stream.sock,
        };
        timed.until = Instant::now() + from_now;
    }
}

/// The server's addresses. The system's resolver has no time limit that could be set: a thread waits for it.
fn resolve(host: &str, port: u16, until: Instant) -> Result<Vec<SocketAddr>, Why> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (found, wait) = mpsc::channel();
    let name = host.to_owned();
    let asks = move || {
        let addresses = (name.as_str(), port).to_socket_addrs();
        let _ = found.send(addresses.map(|addresses| addresses.take(ADDRESSES_MOST).collect::<Vec<_>>()));
    };
    let started = thread::Builder::new().name("resolver".to_owned()).spawn(asks);
    started.map_err(|error| Why::of_io(Step::Connect, &error))?;
    match wait.recv_timeout(until.saturating_duration_since(Instant::now())) {
        Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
        Ok(_) => Err(Why::NoSuchHost),
        Err(_) => Err(Why::Silent { step: Step::Connect }),
    }
}
