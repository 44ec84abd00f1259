//! Why a copy was refused, in a form that can be handed from one process to another.

use std::error::Error;

use serde::{Deserialize, Serialize};

use crate::compose::ComposeError;
use crate::limits::MAX_BYTES;

/// What has to change before there is a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalCode {
    /// The number of pages: copy in parts.
    Pages,
    /// Pages or texts have too many bytes together: fewer dots per inch, or copy in parts.
    TooLarge,
    /// A page's picture: scan this page again.
    Picture,
    /// The words that were read from a page do not belong to its picture.
    Words,
    /// What is certified.
    Facts,
    /// The officer's signature or the agency's seal.
    Mark,
    /// Facts and template do not fit together, or into the page.
    Layout,
    /// A fault of this program.
    Fault,
}

/// Why a copy was refused. No words of the paper and no names are in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{message}")]
pub struct Refusal {
    /// What has to change.
    pub code: RefusalCode,
    /// Which page it is about, from 1.
    pub page: Option<usize>,
    /// The reason and the next step, as one sentence.
    pub message: String,
}

impl Refusal {
    /// More bytes than a request may have.
    pub(crate) fn too_large() -> Self {
        let message = format!(
            "the request has more than {MAX_BYTES} bytes of pictures, or more words than any paper; scan with fewer dots \
             per inch, or copy in parts"
        );
        Self { code: RefusalCode::TooLarge, page: None, message }
    }
}

impl From<&ComposeError> for Refusal {
    fn from(error: &ComposeError) -> Self {
        let (code, page) = match *error {
            ComposeError::Pages(_) => (RefusalCode::Pages, None),
            ComposeError::TooLarge => (RefusalCode::TooLarge, None),
            ComposeError::Page { page, .. } => (RefusalCode::Picture, Some(page)),
            ComposeError::TooManyWords { page, .. }
            | ComposeError::WordOffPage { page, .. }
            | ComposeError::WordTooLong { page, .. } => (RefusalCode::Words, Some(page)),
            ComposeError::Facts(_) => (RefusalCode::Facts, None),
            ComposeError::Mark(_) => (RefusalCode::Mark, None),
            ComposeError::Layout(_) => (RefusalCode::Layout, None),
            ComposeError::FirstPageTooNarrow { .. } => (RefusalCode::Layout, Some(1)),
            ComposeError::Pdf(_) => (RefusalCode::Fault, None),
        };
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(one) = cause {
            message += &format!(": {one}");
            cause = one.source();
        }
        Self { code, page, message }
    }
}
