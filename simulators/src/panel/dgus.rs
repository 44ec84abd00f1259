//! A DGUS II panel: 64 K words of variables, of which a QR code shows those from 5000 (hex) on and a text in UTF-16 those
//! from 5200 on, as DWIN's development guide describes it. No CRC.

use super::Screen;

/// Where the two are, and the most bytes that they show.
const QR: (usize, usize) = (0x5000, 458);
const CAPTION: (usize, usize) = (0x5200, 240);

/// The panel's processor.
pub(super) struct Dgus {
    buffer: Vec<u8>,
    words: Vec<u16>,
}

impl std::fmt::Debug for Dgus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dgus").field("waits", &self.buffer.len()).finish_non_exhaustive()
    }
}

impl Default for Dgus {
    fn default() -> Self {
        Self { buffer: Vec::new(), words: vec![0; 0x1_0000] }
    }
}

impl Dgus {
    /// Whole frames of what came, without header and length.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut whole = Vec::new();
        for byte in bytes {
            self.buffer.push(*byte);
            let stays = match self.buffer[..] {
                [0x5A] | [0x5A, 0xA5] => true,
                [0x5A, 0xA5, length, ..] => length > 0,
                _ => false,
            };
            if !stays {
                self.buffer.clear();
            } else if self.buffer.len() > 2 && self.buffer.len() == 3 + usize::from(self.buffer[2]) {
                whole.push(self.buffer.split_off(3));
                self.buffer.clear();
            }
        }
        whole
    }

    /// Does one frame; the bytes of the answer.
    pub(super) fn obey(&mut self, frame: &[u8], screen: &mut Screen) -> Vec<u8> {
        match frame {
            [0x82, high, low, data @ ..] => {
                let address = usize::from(u16::from_be_bytes([*high, *low]));
                for (place, word) in data.chunks_exact(2).enumerate() {
                    if let Some(kept) = self.words.get_mut(address + place) {
                        *kept = u16::from_be_bytes([word[0], word[1]]);
                    }
                }
                self.draw(screen);
                vec![0x5A, 0xA5, 0x03, 0x82, b'O', b'K']
            }
            [0x83, high, low, count] if *count <= 0x7C => {
                let address = usize::from(u16::from_be_bytes([*high, *low]));
                let words = self.words.iter().skip(address).take(usize::from(*count));
                let mut answer = vec![0x5A, 0xA5, 4 + 2 * count, 0x83, *high, *low, *count];
                answer.extend(words.flat_map(|word| word.to_be_bytes()));
                answer
            }
            _ => Vec::new(),
        }
    }

    /// An answer to a write that is not `OK`.
    pub(super) fn refusal(code: u8) -> Vec<u8> {
        vec![0x5A, 0xA5, 0x03, 0x82, code, code]
    }

    fn draw(&self, screen: &mut Screen) {
        let shown = |(address, bytes): (usize, usize)| {
            let words = self.words[address..].iter().take(bytes.div_ceil(2)).copied();
            words.take_while(|word| !matches!(word, 0x0000 | 0xFFFF)).collect::<Vec<_>>()
        };
        let code: Vec<u8> = shown(QR).into_iter().flat_map(u16::to_be_bytes).collect();
        let end = code.iter().position(|byte| *byte == 0).unwrap_or(code.len());
        screen.qr = String::from_utf8_lossy(&code[..end]).into_owned();
        screen.caption = String::from_utf16_lossy(&shown(CAPTION));
        screen.visible = !screen.qr.is_empty();
    }
}
