//! A server for one connection that does what a list says, and writes down what it heard.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// One thing that it does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    Say(&'static str),
    /// Reads a line, which must begin so.
    Hear(&'static str),
    /// Reads lines up to the dot.
    HearLetter,
    /// Reads a part of a letter.
    HearSome,
    /// Says this until nobody hears it any more.
    Endless(&'static str),
    /// Says one sign after the other, slowly, until nobody hears it any more.
    Dribble,
    /// Says nothing until the other side goes.
    Silence,
    Close,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    runs: Option<JoinHandle<Vec<String>>>,
}

pub(crate) fn serve(acts: Vec<Act>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let runs = thread::spawn(move || {
        if acts.is_empty() {
            return Vec::new();
        }
        play(listener.accept().unwrap().0, &acts)
    });
    Server { port, runs: Some(runs) }
}

impl Server {
    pub(crate) fn nobody(port: u16) -> Self {
        Self { port, runs: None }
    }

    /// The lines that it heard.
    pub(crate) fn heard(mut self) -> Vec<String> {
        self.runs.take().map_or_else(Vec::new, |runs| runs.join().unwrap())
    }
}

fn play(stream: TcpStream, acts: &[Act]) -> Vec<String> {
    let mut says = stream.try_clone().unwrap();
    let mut hears = BufReader::new(stream);
    let mut heard = Vec::new();
    for act in acts {
        match act {
            Act::Say(text) => drop(says.write_all(text.as_bytes())),
            Act::Hear(begins) => {
                let mut line = String::new();
                hears.read_line(&mut line).unwrap();
                assert!(line.starts_with(begins), "{line:?} for {begins:?}");
                heard.push(line);
            }
            Act::HearLetter => loop {
                let mut line = String::new();
                hears.read_line(&mut line).unwrap();
                assert!(!line.is_empty(), "the letter has an end");
                let last = line == ".\r\n";
                heard.push(line);
                if last {
                    break;
                }
            },
            Act::HearSome => hears.read_exact(&mut [0; 200_000]).unwrap(),
            Act::Endless(text) => while says.write_all(text.as_bytes()).is_ok() {},
            Act::Dribble => {
                says.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
                // One sign after each time that nothing was heard.
                while matches!(says.read(&mut [0; 16]), Err(error) if error.kind() == ErrorKind::WouldBlock) {
                    if says.write_all(b"2").is_err() {
                        break;
                    }
                }
            }
            Act::Silence => drop(std::io::copy(&mut hears, &mut std::io::sink())),
            Act::Close => return heard,
        }
    }
    heard
}
