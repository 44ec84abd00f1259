//! Real-time commands: seen in the bytes as they arrive, before the buffer, so also in the middle of picture data and
//! while printing waits for paper (Epson ESC/POS Command Reference, "Real-time commands"). The bytes stay in the stream.

/// DLE, which begins every real-time command.
const DLE: u8 = 0x10;
/// DLE EOT n: transmit status.
const EOT: u8 = 0x04;
/// DLE ENQ n: recover from an error.
const ENQ: u8 = 0x05;

/// DLE DC4 fn=8 d1…d7: clear the buffers; the parameters are fixed so that it is hardly sent by chance.
const CLEAR: [u8; 10] = [DLE, 0x14, 8, 1, 3, 20, 1, 6, 2, 8];

/// A real-time command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealTime {
    /// DLE EOT n
    Status(u8),
    /// DLE ENQ n: 1 goes on where it stopped, 2 forgets what waits.
    Recover(u8),
    /// DLE DC4 8: forget what waits and what is laid out, and say so.
    Clear,
}

/// Where the watcher is in a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Seen {
    #[default]
    Nothing,
    Dle,
    Eot,
    Enq,
    /// So many bytes of [`CLEAR`].
    Clear(usize),
}

/// Watches a stream for real-time commands.
#[derive(Debug, Default)]
pub struct Watcher(Seen);

impl Watcher {
    /// Looks at one byte; answers the command that it completes.
    pub fn look(&mut self, byte: u8) -> Option<RealTime> {
        let (next, found) = match (self.0, byte) {
            (Seen::Eot, 1..=4) => (Seen::Nothing, Some(RealTime::Status(byte))),
            (Seen::Enq, 1 | 2) => (Seen::Nothing, Some(RealTime::Recover(byte))),
            (Seen::Dle, EOT) => (Seen::Eot, None),
            (Seen::Dle, ENQ) => (Seen::Enq, None),
            (Seen::Dle, byte) if byte == CLEAR[1] => (Seen::Clear(2), None),
            (Seen::Clear(at), byte) if byte == CLEAR[at] => {
                if at + 1 == CLEAR.len() {
                    (Seen::Nothing, Some(RealTime::Clear))
                } else {
                    (Seen::Clear(at + 1), None)
                }
            }
            (_, DLE) => (Seen::Dle, None),
            _ => (Seen::Nothing, None),
        };
        self.0 = next;
        found
    }
}
