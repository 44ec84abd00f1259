//! `printer-state-reasons` as conditions (RFC 8011, section 5.4.12; PWG 5100.9 and the IANA registry have more words).
//! A word may end with `-report`, `-warning` or `-error`, and printers of a maker add to it; so the beginning decides.

use kiosk_driver_sdk::protocol::page_printer::PagePrinterCondition as Condition;

/// Beginnings of words. The first that fits decides.
const WORDS: &[(&str, Condition)] = &[
    ("media-needed", Condition::PaperOut),
    ("media-empty", Condition::PaperOut),
    ("media-low", Condition::PaperLow),
    ("media-jam", Condition::Jam),
    ("input-tray-missing", Condition::TrayMissing),
    ("input-media-tray-missing", Condition::TrayMissing),
    ("output-tray-missing", Condition::TrayMissing),
    ("output-area-full", Condition::OutputFull),
    ("output-media-tray-full", Condition::OutputFull),
    ("cover-open", Condition::CoverOpen),
    ("door-open", Condition::CoverOpen),
    ("interlock-open", Condition::CoverOpen),
    ("input-tray-open", Condition::CoverOpen),
    ("toner-empty", Condition::TonerOut),
    ("toner-low", Condition::TonerLow),
    ("marker-supply-empty", Condition::TonerOut),
    ("marker-supply-low", Condition::TonerLow),
    ("marker-supply-missing", Condition::TonerOut),
    ("marker-waste-full", Condition::Other),
    ("developer-empty", Condition::TonerOut),
    ("developer-low", Condition::TonerLow),
    ("paused", Condition::Paused),
    ("moving-to-paused", Condition::Paused),
    ("opc-life-over", Condition::Other),
    ("fuser-over-temp", Condition::Other),
    ("fuser-under-temp", Condition::Other),
    ("spool-area-full", Condition::Other),
    ("shutdown", Condition::Other),
    ("stopped-partly", Condition::Other),
    ("timed-out", Condition::Other),
];

/// What is wrong, each once, in the order of the list of conditions. `none`, and words that are only told
/// (`-report`), are nothing; a word that is not known is `other` if it is an error.
pub(crate) fn conditions(reasons: &[String]) -> Vec<Condition> {
    let mut found: Vec<Condition> = reasons.iter().filter_map(|reason| condition(reason)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn condition(reason: &str) -> Option<Condition> {
    if reason == "none" || reason.ends_with("-report") {
        return None;
    }
    let known = WORDS.iter().find(|(word, _)| reason.starts_with(word)).map(|(_, condition)| *condition);
    known.or_else(|| reason.ends_with("-error").then_some(Condition::Other))
}

/// Does it keep the printer from printing? The others only warn, or may be about a part that is not needed.
pub(crate) fn is_blocking(condition: Condition) -> bool {
    matches!(
        condition,
        Condition::PaperOut
            | Condition::Jam
            | Condition::CoverOpen
            | Condition::TonerOut
            | Condition::OutputFull
            | Condition::Paused
    )
}
