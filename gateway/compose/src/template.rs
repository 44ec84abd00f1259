//! Templates: the words and sizes of what the kiosk adds to the pages, in a file that an agency changes without code.
//!
//! The file's own comments say how it is written: see `templates/default.toml` ([`DEFAULT_TEMPLATE`]). A template is judged
//! when it is loaded: its placeholders, its sizes, the words that the law asks for, and, with a specimen of facts, whether
//! everything fits and the fonts have all letters. So no agency finds out in front of a citizen.

mod check;
mod file;
mod specimen;
#[cfg(test)]
mod tests;
mod text;

#[cfg(test)]
pub(crate) use specimen::request as specimen;
pub(crate) use specimen::verification as usual_verification;
pub(crate) use text::{Field, Text, Values};

use crate::fonts::{Fonts, Style};
use crate::layout::LayoutError;
use crate::limits::{MAX_TEMPLATE_BYTES, MAX_TEMPLATE_LINES};

/// The template that is used if an agency has none of its own.
pub const DEFAULT_TEMPLATE: &str = include_str!("../templates/default.toml");

/// Why a template was not taken. Lines count from 1.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TemplateError {
    /// The file is too large.
    #[error("the template has {0} bytes; at most {MAX_TEMPLATE_BYTES} are read")]
    TooLarge(usize),
    /// It is no TOML, or has a key that there is not.
    #[error("line {line} of the template: {detail}")]
    Toml {
        /// Which line.
        line: usize,
        /// The reader's words.
        detail: String,
    },
    /// It is of another kind.
    #[error("the template is of version {0}; this program reads version 1")]
    Version(u32),
    /// It has more lines than fit on any page.
    #[error("the template has {0} lines of text; at most {MAX_TEMPLATE_LINES} are taken")]
    TooManyLines(usize),
    /// A placeholder that there is not.
    #[error("line {line} of the template: there is no `{{{name}}}`; there are {}", Field::names())]
    UnknownPlaceholder {
        /// Which line.
        line: usize,
        /// What it calls.
        name: String,
    },
    /// A brace without its other one.
    #[error("line {line} of the template: a brace has no partner; write `{{{{` for a brace that is to be seen")]
    Brace {
        /// Which line.
        line: usize,
    },
    /// A size that is too small to be read or too large to fit.
    #[error("line {line} of the template: {what} is {value}; it must be {from} to {to}")]
    Size {
        /// Which line.
        line: usize,
        /// Which size.
        what: &'static str,
        /// What it is.
        value: f32,
        /// The least that is taken.
        from: f32,
        /// The most that is taken.
        to: f32,
    },
    /// Something that the law asks for is not said.
    #[error("the template's {section} must have {what}; the law asks for it")]
    Missing {
        /// Where.
        section: &'static str,
        /// What.
        what: String,
    },
    /// A part is named twice or not at all.
    #[error("line {line} of the template: `order` must name head, signing and conversion, each once")]
    Order {
        /// Which line.
        line: usize,
    },
    /// It does not fit, or a font lacks a letter.
    #[error("the template cannot be used")]
    Layout(#[from] LayoutError),
}

/// A template that was judged.
#[derive(Clone, Debug)]
pub struct Template {
    pub(crate) first_page: FirstPage,
    pub(crate) attestation: Attestation,
    pub(crate) added_page: Vec<Line>,
}

/// The block on the first page.
#[derive(Clone, Debug)]
pub(crate) struct FirstPage {
    pub(crate) top_mm: f32,
    pub(crate) right_mm: f32,
    pub(crate) width_mm: f32,
    pub(crate) lines: Vec<Line>,
}

/// The attestation.
#[derive(Clone, Debug)]
pub(crate) struct Attestation {
    pub(crate) place: Place,
    pub(crate) order: [Part; 3],
    pub(crate) margins_mm: Margins,
    pub(crate) frame_pt: f32,
    pub(crate) officer_share: f32,
    pub(crate) qr_module_mm: f32,
    pub(crate) head: Vec<Line>,
    pub(crate) title: Vec<Line>,
    pub(crate) name: Vec<Line>,
    pub(crate) verify: Vec<Line>,
    pub(crate) conversion: Vec<Line>,
}

/// Where the attestation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Place {
    /// On the last page if there is room, otherwise on a page of its own.
    LastPage,
    /// On a page of its own.
    AddedPage,
}

/// The parts of the attestation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Part {
    /// What is certified.
    Head,
    /// Code, title, signature, seal and name.
    Signing,
    /// That it was converted from paper.
    Conversion,
}

/// What is kept free at the page's edges, millimetres.
#[derive(Clone, Copy, Debug, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Margins {
    pub(crate) left: f32,
    pub(crate) right: f32,
    pub(crate) top: f32,
    pub(crate) bottom: f32,
}

/// A line of text.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// Where it is in the file.
    pub(crate) at: usize,
    pub(crate) vi: Text,
    pub(crate) en: Option<Text>,
    pub(crate) size_pt: f32,
    pub(crate) style: Style,
    pub(crate) align: Align,
    /// Free space above it, points.
    pub(crate) space_pt: f32,
}

/// Where a line stands in its width.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Align {
    Left,
    Center,
    Right,
}

impl Template {
    /// Reads and judges a template.
    ///
    /// # Errors
    /// [`TemplateError`], which names the line.
    pub fn load(toml: &str, fonts: &Fonts) -> Result<Self, TemplateError> {
        let template = file::read(toml)?;
        check::check(&template)?;
        specimen::try_out(&template, fonts)?;
        Ok(template)
    }
}
