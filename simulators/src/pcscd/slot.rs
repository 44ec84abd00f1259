//! Chip cards played on vpcd's wire (vsmartcard, `vpcd.h` and `vpicc` documentation): each message both ways is
//! a `u16` length, big-endian, and so many bytes; a message of one byte from vpcd is an order (0 power off, 1 power on,
//! 2 reset, 4 give the answer to reset, which alone is answered), any other a command APDU. A card connects when it is put in
//! and hangs up when it is pulled out; vpcd looks about every 400 ms.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::usb::reader::card;

/// Longer than this nobody waits: a card that takes longer never answers.
const NEVER: Duration = Duration::from_secs(60);

/// What a card does with a command.
pub enum Reply {
    /// Answers with these bytes.
    Answer(Vec<u8>),
    /// Thinks for a while first.
    Late(Duration, Vec<u8>),
    /// Never answers.
    Never,
    /// Is pulled out before it answers.
    Leave,
}

/// What a card hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Power off.
    PowerOff,
    /// Power on.
    PowerOn,
    /// Reset.
    Reset,
    /// A command.
    Command(Vec<u8>),
}

/// Between two tries to connect to a vpcd that does not listen yet.
const AGAIN_AFTER: Duration = Duration::from_millis(20);
/// A vpcd that has not said its first word by then never accepted the connection: it asks every 400 ms.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(5);

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Card").field("atr", &self.atr).finish_non_exhaustive()
    }
}

type Play = Box<dyn FnMut(&Heard) -> Reply + Send>;

/// A card in the slot. What it remembers, it remembers in its closure, which also hears of power and reset (and what it returns
/// then does not matter).
pub struct Card {
    atr: Vec<u8>,
    play: Play,
}

impl Card {
    /// A card with this answer to reset.
    #[must_use]
    pub fn new(atr: &[u8], play: impl FnMut(&Heard) -> Reply + Send + 'static) -> Self {
        Self { atr: atr.to_vec(), play: Box::new(play) }
    }

    /// One of the reader's cards.
    #[must_use]
    pub fn of(mut card: Box<dyn card::Card>) -> Self {
        Self::new(&card.atr(), move |heard| match heard {
            Heard::Command(command) => {
                let reply = card.transmit(command);
                match (card.is_gone(), reply.takes) {
                    (true, _) => Reply::Leave,
                    (_, takes) if takes >= NEVER => Reply::Never,
                    (_, Duration::ZERO) => Reply::Answer(reply.bytes),
                    (_, takes) => Reply::Late(takes, reply.bytes),
                }
            }
            _ => {
                card.reset();
                Reply::Never
            }
        })
    }

    /// Its answer to reset.
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    /// What it does with this.
    pub fn play(&mut self, heard: &Heard) -> Reply {
        (self.play)(heard)
    }

    /// A card that answers every command with these bytes.
    pub fn constant(atr: &[u8], answer: &[u8]) -> Self {
        let answer = answer.to_vec();
        Self::new(atr, move |_| Reply::Answer(answer.clone()))
    }

    /// A card that is there but does not answer to reset as a card should: longer than any answer to reset may be
    /// (ISO 7816-3, 8.1: 33 bytes).
    pub fn mute() -> Self {
        Self::constant(&[0x3b; 60], &[0x6f, 0x00])
    }
}

/// One reader's slot.
#[derive(Clone, Debug)]
pub struct Slot {
    port: u16,
    inside: Arc<(Mutex<Inside>, Condvar)>,
}

#[derive(Debug, Default)]
struct Inside {
    card: Option<Card>,
    /// Counts the cards, so that the connection of one never serves the next.
    number: u64,
    stream: Option<TcpStream>,
    heard: Vec<Heard>,
}

impl Slot {
    /// The slot whose card vpcd expects at this port.
    #[must_use]
    pub fn at(port: u16) -> Self {
        Self { port, inside: Arc::default() }
    }

    /// Puts a card in; the one that was in is pulled out.
    pub fn insert(&self, card: Card) {
        self.eject();
        let mut inside = self.inside();
        inside.card = Some(card);
        inside.number += 1;
        inside.heard.clear();
        let (own, number) = (self.clone(), inside.number);
        std::thread::spawn(move || own.serve(number));
    }

    /// Pulls the card out.
    pub fn eject(&self) {
        self.pull_out(None);
    }

    /// Pulls out the card of this number, or any.
    fn pull_out(&self, number: Option<u64>) {
        let mut inside = self.inside();
        if number.is_some_and(|number| number != inside.number) {
            return;
        }
        inside.card = None;
        if let Some(stream) = inside.stream.take() {
            // vpcd may have closed it already.
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.inside.1.notify_all();
    }

    /// What the card has heard since it was put in.
    pub fn heard(&self) -> Vec<Heard> {
        self.inside().heard.clone()
    }

    /// The commands among it.
    pub fn commands(&self) -> Vec<Vec<u8>> {
        let command = |heard| if let Heard::Command(bytes) = heard { Some(bytes) } else { None };
        self.heard().into_iter().filter_map(command).collect()
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Connects to vpcd, and again to the next one after a restart, until this card is out.
    fn serve(&self, number: u64) {
        let is_in = |inside: &Inside| inside.number == number && inside.card.is_some();
        while is_in(&self.inside()) {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).ok();
            {
                let mut inside = self.inside();
                if !is_in(&inside) {
                    return;
                }
                inside.stream = stream.as_ref().and_then(|stream| stream.try_clone().ok());
            }
            match stream {
                Some(stream) => self.converse(number, stream),
                None => self.think(AGAIN_AFTER),
            }
        }
    }

    /// Serves one connection until the card is out or vpcd hangs up.
    fn converse(&self, number: u64, mut stream: TcpStream) {
        // With a queue of one (vpcd's `listen`), a connection can be made that the other side knows nothing of.
        let mut patience = Some(ACCEPTED_WITHIN);
        while stream.set_read_timeout(patience).is_ok() {
            let Some(message) = receive(&mut stream) else { return };
            patience = None;
            let answer = match message[..] {
                [4] => self.of(number, |inside| inside.card.as_ref().map(|card| Reply::Answer(card.atr.clone()))),
                [0] => self.tell(number, Heard::PowerOff).and(None),
                [1] => self.tell(number, Heard::PowerOn).and(None),
                [2] => self.tell(number, Heard::Reset).and(None),
                _ => self.tell(number, Heard::Command(message)),
            };
            let bytes = match answer {
                None | Some(Reply::Never) => continue,
                Some(Reply::Answer(bytes)) => bytes,
                Some(Reply::Late(after, bytes)) => {
                    self.think(after);
                    bytes
                }
                Some(Reply::Leave) => {
                    self.pull_out(Some(number));
                    return;
                }
            };
            // More than 65,535 bytes vpcd does not take.
            let Ok(length) = u16::try_from(bytes.len()) else { return };
            if stream.write_all(&[&length.to_be_bytes(), &bytes[..]].concat()).is_err() {
                return;
            }
        }
    }

    fn tell(&self, number: u64, heard: Heard) -> Option<Reply> {
        self.of(number, |inside| {
            inside.heard.push(heard.clone());
            inside.card.as_mut().map(|card| (card.play)(&heard))
        })
    }

    /// What the card of this number does; what vpcd said to it, the next one does not hear.
    fn of(&self, number: u64, does: impl FnOnce(&mut Inside) -> Option<Reply>) -> Option<Reply> {
        let mut inside = self.inside();
        if inside.number == number { does(&mut inside) } else { None }
    }

    /// Waits, but not when the card is pulled out.
    fn think(&self, after: Duration) {
        let inside = self.inside();
        let there = |inside: &mut Inside| inside.card.is_some();
        let _ = self.inside.1.wait_timeout_while(inside, after, there).unwrap_or_else(PoisonError::into_inner);
    }
}

/// One message; `None` at the end.
fn receive(stream: &mut TcpStream) -> Option<Vec<u8>> {
    // vpcd sends length and bytes one after the other: without this, each waits 40 ms for the other's acknowledgement.
    rustix::net::sockopt::set_tcp_quickack(&*stream, true).ok()?;
    let mut length = [0; 2];
    stream.read_exact(&mut length).ok()?;
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    rustix::net::sockopt::set_tcp_quickack(&*stream, true).ok()?;
    stream.read_exact(&mut message).ok()?;
    Some(message)
}
