//! Nextion panels: "The Nextion Instruction Set" (NIS) of ITEAD, for Basic, Discovery, Enhanced and Intelligent models.
//! Sections as in the edition at nextion.tech/instruction-set: 1 general rules, 2 assignments, 3 operations, 6 system
//! variables, 7 what the panel returns. The codes are also those of ITEAD's own library for Arduino.
//!
//! Text goes as UTF-8: the encoding of the panel's project (HMI file) must be UTF-8, too.

#[cfg(test)]
mod tests;

use super::{ANSWER_MAX, Command, Heard, Parsed};

/// NIS, section 1.1: what ends an instruction; section 7: and a message of the panel.
const END: &[u8] = &[0xFF, 0xFF, 0xFF];
/// NIS, section 7 (24 hex, serial buffer overflow): what the panel holds of instructions, bytes with their ends.
pub(crate) const INSTRUCTION_MAX: usize = 1_024;

/// NIS, section 7: done. Codes below [`STATUS_END`] but this one say why an instruction was not done.
const DONE: u8 = 0x01;
const STATUS_END: u8 = 0x25;
/// NIS, section 7: 00 00 00 when the panel has started, and 88 when it is ready after that.
const STARTED: &[u8] = &[0x00, 0x00, 0x00];
const READY: u8 = 0x88;
/// NIS, section 7: the number of the page that is shown, sent for `sendme`.
const PAGE: u8 = 0x66;
/// NIS, section 7: a text, which alone has no fixed length.
const TEXT: u8 = 0x70;

/// A message of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Message {
    Done,
    Refused(u8),
    Page(u8),
    Restarted,
    Other,
}

/// Any instruction that is only done or not.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Instruction(String);

impl Instruction {
    /// NIS, section 6 (`bkcmd`): level 3, every instruction is answered.
    pub(crate) fn answer_all() -> Self {
        Self("bkcmd=3".into())
    }

    /// NIS, section 3 (`vis`): shows or hides a component of the page.
    pub(crate) fn visible(component: &str, visible: bool) -> Self {
        Self(format!("vis {component},{}", u8::from(visible)))
    }

    /// NIS, section 2.1 (`=`): sets a component's text. Section 2.4: `"` and `\` are written `\"` and `\\`.
    pub(crate) fn text(component: &str, text: &str) -> Self {
        Self(format!("{component}.txt=\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
    }

    /// Bytes on the wire.
    pub(crate) fn length(&self) -> usize {
        self.0.len() + END.len()
    }
}

impl Command for Instruction {
    type Answer = ();
    const RESYNC: &'static [u8] = END;

    fn bytes(&self) -> Vec<u8> {
        [self.0.as_bytes(), END].concat()
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Heard<()>> {
        read(bytes, |message| match message {
            Message::Done => Heard::Answer(()),
            Message::Refused(code) => Heard::Refused(code),
            Message::Restarted => Heard::Restarted,
            Message::Page(_) | Message::Other => Heard::Other,
        })
    }
}

/// NIS, section 3 (`sendme`): asks for the page that is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SendMe;

impl Command for SendMe {
    type Answer = u8;
    const RESYNC: &'static [u8] = END;

    fn bytes(&self) -> Vec<u8> {
        [b"sendme", END].concat()
    }

    fn parse(&self, bytes: &[u8]) -> Parsed<Heard<u8>> {
        read(bytes, |message| match message {
            Message::Page(page) => Heard::Answer(page),
            Message::Refused(code) => Heard::Refused(code),
            Message::Restarted => Heard::Restarted,
            // With `bkcmd=3` a success may come before the page, or after it.
            Message::Done | Message::Other => Heard::Other,
        })
    }
}

/// What a code of the panel says about the configuration (NIS, section 7).
pub(crate) fn meaning(code: u8) -> &'static str {
    match code {
        0x00 => "it does not know the instruction",
        0x02 => "the page that it shows has no such component; look at config.qr and config.caption",
        0x03 => "it has no such page",
        0x1A => "it has no such variable; look at config.qr and config.caption",
        0x1B => "the component cannot do this; config.qr is a QR code, config.caption a text",
        0x1C => "it could not assign the value",
        0x23 => "a name is too long",
        0x24 => "its buffer is full",
        _ => "see section 7 of the Nextion Instruction Set",
    }
}

fn read<A>(bytes: &[u8], heard: impl Fn(Message) -> Heard<A>) -> Parsed<Heard<A>> {
    match message(bytes) {
        Parsed::Whole(message, length) => Parsed::Whole(heard(message), length),
        Parsed::More => Parsed::More,
        Parsed::Garbage => Parsed::Garbage,
    }
}

/// The first message. All but texts have a fixed length, so that a byte FF in them is not taken for their end.
fn message(bytes: &[u8]) -> Parsed<Message> {
    let Some(&code) = bytes.first() else { return Parsed::More };
    let body = match code {
        // A start begins as an invalid instruction does; what comes then tells them apart.
        0x00 => match bytes.get(1) {
            None => return Parsed::More,
            Some(0x00) if bytes.get(2).is_some_and(|third| *third != 0x00) => return Parsed::Garbage,
            Some(0x00) => STARTED.len(),
            Some(_) => 1,
        },
        ..STATUS_END | 0x86..=0x89 | 0xFD | 0xFE => 1,
        0x65 => 4,
        PAGE => 2,
        0x67 | 0x68 => 6,
        TEXT => match bytes.windows(END.len()).position(|end| end == END) {
            Some(length) => length,
            None if bytes.len() < ANSWER_MAX => return Parsed::More,
            None => return Parsed::Garbage,
        },
        0x71 => 5,
        _ => return Parsed::Garbage,
    };
    let (inner, rest) = bytes.split_at(body.min(bytes.len()));
    let end = &rest[..rest.len().min(END.len())];
    if !END.starts_with(end) {
        return Parsed::Garbage;
    }
    if inner.len() < body || end.len() < END.len() {
        return Parsed::More;
    }
    let message = match (code, inner) {
        (_, STARTED) | (READY, _) => Message::Restarted,
        (DONE, _) => Message::Done,
        (PAGE, [_, page]) => Message::Page(*page),
        (..STATUS_END, _) => Message::Refused(code),
        _ => Message::Other,
    };
    Parsed::Whole(message, body + END.len())
}
