//! A DGUS II panel: a QR code and a text that are shown from its variables.

use kiosk_driver_sdk::Until;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};

use super::{Life, Panel, Shown, fits, no_zero};
use crate::config::Dgus as Config;
use crate::line::{AskError, Line};
use crate::wire::dgus::{QR_END, Read, TEXT_END, Write, qr_words, text_words};

pub(crate) struct Dgus {
    line: Line,
    config: Config,
    /// The first word of the code's variable, as it was written last.
    first: u16,
}

impl Dgus {
    pub(crate) fn new(line: Line, config: Config) -> Self {
        Self { line, config, first: QR_END }
    }

    fn write(&mut self, pieces: impl IntoIterator<Item = Write>, until: &Until) -> Result<(), Failure> {
        for piece in pieces {
            self.line.ask(&piece, until).map_err(failure)?;
        }
        Ok(())
    }
}

fn failure(error: AskError) -> Failure {
    error.failure(|_| "look at the addresses in config, and whether the panel's CFG file has the CRC on")
}

impl Panel for Dgus {
    fn has_captions(&self) -> bool {
        self.config.caption_address.is_some()
    }

    fn check(&self, Shown { text, caption }: Shown<'_>) -> Result<(), Failure> {
        fits("text", "qr_max", text.len(), self.config.qr_max.into())?;
        no_zero(text)?;
        let words = text_words(caption).ok_or_else(|| {
            let detail = "the panel shows characters of the Basic Multilingual Plane only; leave out emoji";
            Failure::new(ErrorCode::Unsupported, detail)
        })?;
        fits("caption", "caption_max", words.len() - 2, self.config.caption_max.into())
    }

    fn begin(&mut self, until: &Until) -> Result<(), Failure> {
        self.line.resync(&Read { address: self.config.qr_address }, until).map_err(failure)?;
        self.clear(until)
    }

    fn clear(&mut self, until: &Until) -> Result<(), Failure> {
        let wiped = |end: u16, bytes: u16| end.to_be_bytes().repeat(usize::from(bytes).div_ceil(2) + 1);
        // The first words first: nothing is shown from then on.
        self.write(Write::pieces(self.config.qr_address, &wiped(QR_END, self.config.qr_max)), until)?;
        self.first = QR_END;
        if let Some(address) = self.config.caption_address {
            self.write(Write::pieces(address, &wiped(TEXT_END, self.config.caption_max)), until)?;
        }
        Ok(())
    }

    fn show(&mut self, shown: Shown<'_>, until: &Until) -> Result<(), Failure> {
        self.clear(until)?;
        if let Some((address, words)) = self.config.caption_address.zip(text_words(shown.caption)) {
            self.write(Write::pieces(address, &words), until)?;
        }
        let words = qr_words(shown.text);
        // The first words last: a code is shown when all of it is there.
        self.write(Write::pieces(self.config.qr_address, &words).into_iter().rev(), until)?;
        self.first = u16::from_be_bytes([words[0], words[1]]);
        Ok(())
    }

    fn ask(&mut self, until: &Until) -> Result<Life, Failure> {
        let first = self.line.ask(&Read { address: self.config.qr_address }, until).map_err(failure)?;
        Ok(if first == self.first { Life::Kept } else { Life::Lost })
    }

    fn hurry(&mut self) {
        self.line.hurry();
    }
}
