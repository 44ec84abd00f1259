//! A Nextion panel: a QR code component and a text component of the page that is shown.

use kiosk_driver_sdk::Until;
use kiosk_driver_sdk::protocol::error::{ErrorCode, Failure};

use super::{Life, Panel, Shown, fits, no_zero};
use crate::config::Nextion as Config;
use crate::line::{AskError, Line};
use crate::wire::nextion::{INSTRUCTION_MAX, Instruction, SendMe, meaning};

pub(crate) struct Nextion {
    line: Line,
    config: Config,
}

impl Nextion {
    pub(crate) fn new(line: Line, config: Config) -> Self {
        Self { line, config }
    }

    fn tell(&mut self, instructions: &[Instruction], until: &Until) -> Result<(), Failure> {
        for instruction in instructions {
            self.line.ask(instruction, until).map_err(failure)?;
        }
        Ok(())
    }

    fn caption(&self, text: &str) -> Option<Instruction> {
        self.has_captions().then(|| Instruction::text(&self.config.caption, text))
    }
}

fn failure(error: AskError) -> Failure {
    error.failure(meaning)
}

impl Panel for Nextion {
    fn has_captions(&self) -> bool {
        !self.config.caption.is_empty()
    }

    fn check(&self, Shown { text, caption }: Shown<'_>) -> Result<(), Failure> {
        no_zero(text)?;
        fits("text", "qr_max", text.len(), self.config.qr_max.into())?;
        fits("caption", "caption_max", caption.len(), self.config.caption_max.into())?;
        let longest = Instruction::text(&self.config.qr, text).length();
        let longest = longest.max(self.caption(caption).map_or(0, |caption| caption.length()));
        if longest > INSTRUCTION_MAX {
            let detail = format!(
                "the instruction has {longest} bytes, the panel's buffer takes {INSTRUCTION_MAX}; use a shorter text"
            );
            return Err(Failure::new(ErrorCode::TooLarge, detail));
        }
        Ok(())
    }

    fn begin(&mut self, until: &Until) -> Result<(), Failure> {
        self.line.resync(&SendMe, until).map_err(failure)?;
        self.tell(&[Instruction::answer_all()], until)?;
        self.clear(until)?;
        // Messages of the start that are older than this are dealt with.
        self.line.take_restarted();
        Ok(())
    }

    fn clear(&mut self, until: &Until) -> Result<(), Failure> {
        let mut all = vec![Instruction::visible(&self.config.qr, false), Instruction::text(&self.config.qr, "")];
        all.extend(self.caption(""));
        self.tell(&all, until)
    }

    fn show(&mut self, Shown { text, caption }: Shown<'_>, until: &Until) -> Result<(), Failure> {
        // After a start it answers nothing that it does (`bkcmd` is 2 again), and has said so by itself.
        self.line.glance(&SendMe, until).map_err(failure)?;
        if self.line.take_restarted() {
            self.begin(until)?;
        }
        let mut all = vec![Instruction::visible(&self.config.qr, false), Instruction::text(&self.config.qr, text)];
        all.extend(self.caption(caption));
        all.push(Instruction::visible(&self.config.qr, true));
        self.tell(&all, until)
    }

    fn ask(&mut self, until: &Until) -> Result<Life, Failure> {
        self.line.ask(&SendMe, until).map_err(failure)?;
        self.line.settle(&SendMe, until).map_err(failure)?;
        Ok(if self.line.take_restarted() { Life::Lost } else { Life::Kept })
    }

    fn hurry(&mut self) {
        self.line.hurry();
    }
}
