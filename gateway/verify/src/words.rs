//! What citizens are told: a headline, what to do, and a sentence for each finding, in plain Vietnamese and English.

mod english;
#[cfg(test)]
mod tests;
mod vietnamese;

use serde::Serialize;

use crate::finding::{Finding, Weight};
use crate::report::Report;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The one that the law asks for.
    Vietnamese,
    /// The other one.
    English,
}

/// One sentence or two about one finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sentence {
    /// How much it weighs: a page's mark or colour.
    pub weight: Weight,
    /// What is said. Plain text: names of others are in it, so a page must not take it for HTML.
    pub text: String,
    /// For who is asked for help: why, in English, as programs say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A report in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Words {
    /// The verdict.
    pub headline: String,
    /// What to do.
    pub advice: String,
    /// One for each finding, in their order.
    pub sentences: Vec<Sentence>,
}

impl Report {
    /// The report in words.
    pub fn words(&self, language: Language) -> Words {
        let (headline, advice, say): (_, _, fn(&Finding) -> String) = match language {
            Language::Vietnamese => {
                (vietnamese::headline(&self.verdict), vietnamese::advice(&self.verdict), vietnamese::sentence)
            }
            Language::English => (english::headline(&self.verdict), english::advice(&self.verdict), english::sentence),
        };
        let sentences = self.findings.iter().map(|finding| Sentence {
            weight: finding.weight(),
            text: say(finding),
            detail: finding.detail().map(str::to_owned),
        });
        Words { headline, advice: advice.to_owned(), sentences: sentences.collect() }
    }
}
