//! An answer as it comes out of the pipe, piece by piece, from a process that may have been taken over.

use super::{ANSWER_MAX, Answer, PDF_MAX};

/// Why bytes are no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoAnswer {
    /// It says that it is longer than any answer, or goes on after its end.
    TooLong,
    /// It is something else.
    Garbled,
    /// It ends too early.
    Cut,
}

/// What has come so far.
pub(crate) struct Intake {
    stage: Stage,
    /// What has come of the stage's part.
    part: Vec<u8>,
    /// How many bytes that part has.
    wanted: usize,
    answer: Option<Answer>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    HeadLength,
    Head,
    PdfLength,
    Pdf,
    Whole,
}

impl Intake {
    pub(crate) fn new() -> Self {
        Self { stage: Stage::HeadLength, part: Vec::new(), wanted: 4, answer: None }
    }

    /// Takes what came.
    pub(crate) fn take(&mut self, mut bytes: &[u8]) -> Result<(), NoAnswer> {
        while !bytes.is_empty() {
            if self.stage == Stage::Whole {
                return Err(NoAnswer::TooLong);
            }
            let (now, later) = bytes.split_at(bytes.len().min(self.wanted - self.part.len()));
            self.part.extend_from_slice(now);
            bytes = later;
            // A part may be empty.
            while self.part.len() == self.wanted && self.stage != Stage::Whole {
                self.next()?;
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Result<(), NoAnswer> {
        let part = std::mem::take(&mut self.part);
        let length = |part: &[u8], most: u32| {
            let length = <[u8; 4]>::try_from(part).map(u32::from_be_bytes).ok();
            let length = length.filter(|&length| length <= most).ok_or(NoAnswer::TooLong)?;
            usize::try_from(length).map_err(|_| NoAnswer::TooLong)
        };
        (self.stage, self.wanted) = match self.stage {
            Stage::HeadLength => (Stage::Head, length(&part, ANSWER_MAX)?),
            Stage::Head => {
                self.answer = Some(serde_json::from_slice(&part).map_err(|_| NoAnswer::Garbled)?);
                (Stage::PdfLength, 4)
            }
            Stage::PdfLength => (Stage::Pdf, length(&part, PDF_MAX)?),
            Stage::Pdf | Stage::Whole => {
                match &mut self.answer {
                    Some(Answer::Copy(copy)) => copy.pdf = part,
                    Some(Answer::Refused(_)) if part.is_empty() => {}
                    _ => return Err(NoAnswer::Garbled),
                }
                (Stage::Whole, 0)
            }
        };
        // It was compared with its cap; doubling while it grows would copy a large file several times.
        self.part.reserve_exact(self.wanted);
        Ok(())
    }

    /// The answer, if it is whole.
    pub(crate) fn finish(self) -> Result<Answer, NoAnswer> {
        self.answer.filter(|_| self.stage == Stage::Whole).ok_or(NoAnswer::Cut)
    }
}
