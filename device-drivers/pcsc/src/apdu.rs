//! Command APDUs as a page writes them, and response APDUs as it gets them: hexadecimal digits. What they say is not
//! looked at, and never told in an error.
//!
//! Status words `61xx` and `6Cxx` are passed on as they are: pcscd's driver of the reader passes them on too, and which
//! command fetches the rest (ISO 7816-4, 5.6) is for those to decide who know the card, under secure messaging above all.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};
use kiosk_driver_sdk::protocol::personal::PersonalText;

/// Most commands of one transmit.
const COMMANDS_MAX: usize = 64;
/// Shortest command: CLA INS P1 P2 (ISO 7816-3, 12.1.2).
const COMMAND_MIN: usize = 4;
/// Longest command. An extended one could have 65,544 bytes (ISO 7816-3, 12.1.3), but a page's message holds 64 KiB: what
/// may be said to a card is what can be sent.
const COMMAND_MAX: usize = 32_000;
/// Longest responses of one transmit together, bytes: their digits and quotes fit into one message on the seam.
pub(crate) const RESPONSES_MAX: usize = 480 * 1024;

/// A command, or a response. No `Debug`: it may be personal.
pub(crate) type Apdu = Vec<u8>;

/// Reads the commands.
///
/// # Errors
/// `invalid_request`, naming the field.
pub(crate) fn commands(texts: &[PersonalText]) -> Result<Vec<Apdu>, Failure> {
    if texts.is_empty() || texts.len() > COMMANDS_MAX {
        let detail = format!("payload.commands: {} commands; send 1 to {COMMANDS_MAX}", texts.len());
        return Err(Failure::invalid("payload.commands", detail));
    }
    texts.iter().enumerate().map(|(at, text)| command(at, text.expose())).collect()
}

fn command(at: usize, text: &str) -> Result<Apdu, Failure> {
    let field = format!("payload.commands[{at}]");
    let bad = |what: String| Failure::invalid(field.clone(), format!("{field}: {what}"));
    let digits = text.len();
    if !digits.is_multiple_of(2) || !(COMMAND_MIN..=COMMAND_MAX).contains(&(digits / 2)) {
        let what =
            format!("{digits} characters; write {COMMAND_MIN} to {COMMAND_MAX} bytes, two hexadecimal digits each");
        return Err(bad(what));
    }
    bytes(text).ok_or_else(|| bad("not only hexadecimal digits".into()))
}

fn bytes(text: &str) -> Option<Apdu> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes().chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// A response as a page gets it.
pub(crate) fn shown(response: &[u8]) -> PersonalText {
    PersonalText::new(digits(response))
}

/// Lower-case hexadecimal digits.
pub(crate) fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// A response has at least a status word (ISO 7816-3, 12.1.1).
///
/// # Errors
/// `card_fault`, or `too_large` if all of them together are more than one reply can hold.
pub(crate) fn check_response(response: &[u8], before: usize) -> Result<(), Failure> {
    if response.len() < 2 {
        return Err(Failure::new(ErrorCode::CardFault, "the card's answer has no status word"));
    }
    if before + response.len() > RESPONSES_MAX {
        let detail = format!(
            "the card's answers are more than {RESPONSES_MAX} bytes together, which is all that one reply can hold; the \
             commands were sent: send the rest in other transmits"
        );
        return Err(Failure::new(ErrorCode::TooLarge, detail));
    }
    Ok(())
}

/// Everything went well, says the card.
pub(crate) fn is_success(response: &[u8]) -> bool {
    response.ends_with(&[0x90, 0x00])
}
