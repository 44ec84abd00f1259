//! What a panel is told to show, in the words of its protocol.

pub(crate) mod dgus;
pub(crate) mod nextion;

use kiosk_driver_sdk::Until;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};

/// What is to be shown. No `Debug`: it may be about a person.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// The text of the code.
    pub(crate) text: &'a str,
    /// The line below; empty: none.
    pub(crate) caption: &'a str,
}

/// Whether the panel still has what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// It has.
    Kept,
    /// It started anew, or something else wrote to it.
    Lost,
}

/// A panel that speaks one of the protocols.
pub(crate) trait Panel {
    /// It has a place for captions.
    fn has_captions(&self) -> bool;

    /// Refuses what does not fit, before anything is sent.
    ///
    /// # Errors
    /// `too_large` or `unsupported`.
    fn check(&self, shown: Shown<'_>) -> Result<(), Failure>;

    /// Sets the panel up and shows nothing. After an error this is done again, too.
    ///
    /// # Errors
    /// What the line says.
    fn begin(&mut self, until: &Until) -> Result<(), Failure>;

    /// Shows nothing, and leaves nothing in its memory.
    ///
    /// # Errors
    /// What the line says.
    fn clear(&mut self, until: &Until) -> Result<(), Failure>;

    /// Shows a code in the place of what is shown; never with another one's caption.
    ///
    /// # Errors
    /// What the line says. The panel may then show anything: clear it.
    fn show(&mut self, shown: Shown<'_>, until: &Until) -> Result<(), Failure>;

    /// Asks for a sign of life.
    ///
    /// # Errors
    /// What the line says.
    fn ask(&mut self, until: &Until) -> Result<Life, Failure>;

    /// From now on everything is tried once only.
    fn hurry(&mut self);
}

/// Refuses a byte that ends every text on a panel, wherever it stands.
fn no_zero(text: &str) -> Result<(), Failure> {
    if !text.contains('\0') {
        return Ok(());
    }
    Err(Failure::new(ErrorCode::Unsupported, "the panel cannot show a text with a zero byte in it; leave it out"))
}

/// Refuses what is longer than a limit of the panel, bytes.
fn fits(what: &str, setting: &str, length: usize, most: usize) -> Result<(), Failure> {
    if length <= most {
        return Ok(());
    }
    let detail = format!("the {what} has {length} bytes, the panel takes {most} (config.{setting}); use a shorter one");
    Err(Failure::new(ErrorCode::TooLarge, detail))
}
