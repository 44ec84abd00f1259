//! From keys that go down and up to codes.
//!
//! Signs that no key has are typed by numbers, in one of the ways that makers of scanners offer: Alt held while the keypad
//! types the number in decimal (Unicode, or one byte of UTF-8 after the other), Alt and the keypad's plus and then the
//! number in hexadecimal, or Control, Shift and U and then the number in hexadecimal (the way of GTK and ISO/IEC 14755).

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::keymap::{hex_digit, keypad_digit, sign};
use crate::code::{BYTES_MAX, Garbled, Heard, Raw, text_of_bytes};
use crate::config::Suffix;

// Key codes of Linux, `input-event-codes.h`.
const KEY_TAB: u16 = 15;
const KEY_U: u16 = 22;
const KEY_ENTER: u16 = 28;
const KEY_SPACE: u16 = 57;
const KEY_CAPSLOCK: u16 = 58;
const KEY_KPPLUS: u16 = 78;
const KEY_KPENTER: u16 = 96;

/// A key event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// Which key.
    pub(crate) code: u16,
    /// 0 up, 1 down, 2 still down (repeated by the kernel).
    pub(crate) value: i32,
}

/// Modifier keys that are down, left and right.
#[derive(Default)]
struct Held {
    shift: [bool; 2],
    control: [bool; 2],
    alt: [bool; 2],
}

/// A sign that is being typed by its number.
#[derive(Clone, Copy)]
struct Number {
    value: u32,
    digits: u32,
    hex: bool,
    /// It was begun with Control, Shift and U, which may have been let go since.
    by_u: bool,
}

/// Collects the signs of one code after the other.
pub(crate) struct Typing {
    suffix: Suffix,
    pause: Duration,
    held: Held,
    caps_lock: bool,
    number: Option<Number>,
    /// Numbers of signs; all below 256 may be bytes of UTF-8.
    signs: Vec<u32>,
    /// What comes until the end of the code is thrown away.
    skipping: bool,
    last: Option<Instant>,
}

impl Typing {
    pub(crate) fn new(suffix: Suffix, pause: Duration) -> Self {
        let (held, signs) = (Held::default(), Vec::new());
        Self { suffix, pause, held, caps_lock: false, number: None, signs, skipping: false, last: None }
    }

    /// Caps lock was on when the keyboard was opened.
    pub(crate) fn caps_lock_is_on(&mut self) {
        self.caps_lock = true;
    }

    /// Takes an event.
    pub(crate) fn key(&mut self, key: Key, now: Instant, heard: &mut VecDeque<Heard>) {
        self.pass(now, heard);
        // Scanners do not hold keys; repeats come of a stalled machine.
        match key.value {
            0 => self.up(key.code),
            1 => self.down(key.code, heard),
            _ => {}
        }
        self.last = (self.skipping || !self.signs.is_empty() || self.number.is_some()).then_some(now);
    }

    /// Events were lost: what was typed is worth nothing.
    pub(crate) fn lost(&mut self, heard: &mut VecDeque<Heard>) {
        let told = self.skipping;
        self.signs.clear();
        (self.number, self.held) = (None, Held::default());
        self.skipping = true;
        if !told {
            heard.push_back(Err(Garbled::Lost));
        }
    }

    /// Time has passed.
    pub(crate) fn pass(&mut self, now: Instant, heard: &mut VecDeque<Heard>) {
        if self.last.is_none_or(|last| now.saturating_duration_since(last) < self.pause) {
            return;
        }
        self.last = None;
        if self.suffix == Suffix::Pause || self.skipping {
            return self.end(heard);
        }
        self.signs.clear();
        self.number = None;
        heard.push_back(Err(Garbled::NoEnd));
    }

    /// Forgets what it has of a code, and the rest of it when it comes.
    pub(crate) fn forget(&mut self) {
        self.skipping |= !self.signs.is_empty() || self.number.is_some();
        self.signs.clear();
    }

    fn modifier(&mut self, code: u16) -> Option<&mut bool> {
        match code {
            42 => Some(&mut self.held.shift[0]),
            54 => Some(&mut self.held.shift[1]),
            29 => Some(&mut self.held.control[0]),
            97 => Some(&mut self.held.control[1]),
            56 => Some(&mut self.held.alt[0]),
            100 => Some(&mut self.held.alt[1]),
            _ => None,
        }
    }

    fn up(&mut self, code: u16) {
        let Some(held) = self.modifier(code) else { return };
        *held = false;
        let Some(number) = self.number else { return };
        let let_go = if number.by_u {
            // Without digits yet they are typed after the modifiers were let go.
            number.digits > 0 && !any(self.held.control) && !any(self.held.shift)
        } else {
            !any(self.held.alt)
        };
        if let_go {
            self.end_number();
        }
    }

    fn down(&mut self, code: u16, heard: &mut VecDeque<Heard>) {
        if let Some(held) = self.modifier(code) {
            *held = true;
            return;
        }
        if code == KEY_CAPSLOCK {
            self.caps_lock = !self.caps_lock;
            return;
        }
        if any(self.held.alt) {
            return self.alt_digit(code);
        }
        if let Some(number) = self.number {
            match hex_digit(code) {
                Some(digit) if number.digits < 6 => {
                    let value = number.value * 16 + digit;
                    self.number = Some(Number { value, digits: number.digits + 1, ..number });
                    return;
                }
                _ => self.end_number(),
            }
            if code == KEY_SPACE {
                return;
            }
        }
        if any(self.held.control) && any(self.held.shift) && code == KEY_U {
            self.number = Some(Number { value: 0, digits: 0, hex: true, by_u: true });
            return;
        }
        let ends = match self.suffix {
            Suffix::Tab => code == KEY_TAB,
            Suffix::Pause => false,
            _ => matches!(code, KEY_ENTER | KEY_KPENTER),
        };
        if ends && !any(self.held.control) {
            return self.end(heard);
        }
        let Some(sign) = sign(code, any(self.held.shift), self.caps_lock) else { return };
        let sign = if any(self.held.control) { control(sign) } else { Some(sign) };
        if let Some(sign) = sign {
            self.push(u32::from(sign), heard);
        }
    }

    fn alt_digit(&mut self, code: u16) {
        let number = self.number.unwrap_or(Number { value: 0, digits: 0, hex: false, by_u: false });
        if code == KEY_KPPLUS && number.digits == 0 {
            self.number = Some(Number { hex: true, ..number });
            return;
        }
        let (digit, base) = if number.hex { (hex_digit(code), 16) } else { (keypad_digit(code), 10) };
        if let Some(digit) = digit
            && number.digits < 8
        {
            let value = number.value.saturating_mul(base).saturating_add(digit);
            self.number = Some(Number { value, digits: number.digits + 1, ..number });
        }
    }

    fn end_number(&mut self) {
        if let Some(number) = self.number.take()
            && number.digits > 0
            && char::from_u32(number.value).is_some()
            && !self.skipping
            && self.signs.len() < BYTES_MAX
        {
            self.signs.push(number.value);
        }
    }

    fn push(&mut self, sign: u32, heard: &mut VecDeque<Heard>) {
        if self.skipping {
            return;
        }
        self.signs.push(sign);
        if self.signs.len() > BYTES_MAX {
            self.signs.clear();
            self.skipping = true;
            heard.push_back(Err(Garbled::TooLong));
        }
    }

    fn end(&mut self, heard: &mut VecDeque<Heard>) {
        let signs = std::mem::take(&mut self.signs);
        self.number = None;
        if !std::mem::take(&mut self.skipping) && !signs.is_empty() {
            heard.push_back(Ok(Raw { text: text_of_signs(&signs), aim: None }));
        }
    }
}

fn any(keys: [bool; 2]) -> bool {
    keys[0] || keys[1]
}

/// Control and a key: the control characters of ASCII (Control and `]` is the group separator).
fn control(sign: char) -> Option<char> {
    let upper = sign.to_ascii_uppercase();
    matches!(upper, '@'..='_').then(|| char::from_u32(u32::from(upper) & 0x1f)).flatten()
}

/// If all of them are bytes, they are read as bytes: UTF-8 if they can be.
fn text_of_signs(signs: &[u32]) -> String {
    let bytes: Option<Vec<u8>> = signs.iter().map(|sign| u8::try_from(*sign).ok()).collect();
    match bytes {
        Some(bytes) => text_of_bytes(&bytes),
        None => signs.iter().filter_map(|sign| char::from_u32(*sign)).collect(),
    }
}
