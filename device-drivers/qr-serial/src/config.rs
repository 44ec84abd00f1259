//! The driver's settings, and what is wrong with them.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::OpenError;
use serde::Deserialize;

use crate::wire::dgus::QR_MAX;

/// Most bytes of a code's text: what a request may have.
const TEXT_MAX: u16 = 1_000;
/// Most bytes of a caption: 80 characters of four.
const CAPTION_MAX: u16 = 320;
/// Longest name of a Nextion component; the editor takes 14 characters, and a page's name may stand before it.
const NAME_MAX: usize = 32;

/// The panel's protocol and where on it things are.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Config {
    Nextion(Nextion),
    Dgus(Dgus),
}

/// A Nextion panel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nextion {
    /// Name of the QR code component on the page that is shown.
    #[serde(default = "qr0")]
    pub(crate) qr: String,
    /// Name of the text component for captions; empty: there is none.
    #[serde(default = "t0")]
    pub(crate) caption: String,
    /// `txt_maxl` of the QR code component, bytes.
    #[serde(default = "qr_max_nextion")]
    pub(crate) qr_max: u16,
    /// `txt_maxl` of the text component, bytes.
    #[serde(default = "caption_max")]
    pub(crate) caption_max: u16,
}

/// A DGUS II panel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dgus {
    /// Address of the QR code's variable.
    pub(crate) qr_address: u16,
    /// Address of the caption's variable (text display, UNICODE); absent: there is none.
    pub(crate) caption_address: Option<u16>,
    /// Longest text of a code, bytes.
    #[serde(default = "qr_max_dgus")]
    pub(crate) qr_max: u16,
    /// Longest caption, bytes: two for each character.
    #[serde(default = "caption_max")]
    pub(crate) caption_max: u16,
}

fn qr0() -> String {
    "qr0".into()
}

fn t0() -> String {
    "t0".into()
}

fn qr_max_nextion() -> u16 {
    // What the Nextion Editor's QR code component takes at most on Basic models.
    192
}

fn qr_max_dgus() -> u16 {
    QR_MAX
}

fn caption_max() -> u16 {
    240
}

impl Config {
    /// Refuses what no panel has.
    ///
    /// # Errors
    /// `BadConfig`, naming the setting.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let bad = |text: String| Err(OpenError::BadConfig(text));
        let (qr_max, qr_most, caption_max) = match self {
            Self::Nextion(config) => (config.qr_max, TEXT_MAX, config.caption_max),
            Self::Dgus(config) => (config.qr_max, QR_MAX, config.caption_max),
        };
        if !(1..=qr_most).contains(&qr_max) {
            return bad(format!("config.qr_max is {qr_max} bytes; use 1 to {qr_most}"));
        }
        if !(1..=CAPTION_MAX).contains(&caption_max) {
            return bad(format!("config.caption_max is {caption_max} bytes; use 1 to {CAPTION_MAX}"));
        }
        match self {
            Self::Nextion(Nextion { qr, caption, .. }) => {
                for (setting, name, may_miss) in [("qr", qr, false), ("caption", caption, true)] {
                    let fits = (may_miss || !name.is_empty()) && name.len() <= NAME_MAX;
                    if !fits || !name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')) {
                        return bad(format!("config.{setting} is {name:?}; use a component's name, such as \"qr0\""));
                    }
                }
                Ok(())
            }
            Self::Dgus(Dgus { qr_address, caption_address, .. }) => {
                let qr = place(*qr_address, qr_max);
                let caption = caption_address.map(|address| place(address, caption_max));
                if [Some(qr), caption].into_iter().flatten().any(|(_, end)| end > 0x1_0000) {
                    return bad("a variable does not fit below address 65536; use a lower address".into());
                }
                if caption.is_some_and(|caption| caption.0 < qr.1 && qr.0 < caption.1) {
                    let words = qr.1 - qr.0;
                    return bad(format!(
                        "config.caption_address is inside of the code's {words} words; move one of them"
                    ));
                }
                Ok(())
            }
        }
    }
}

/// First address and the one behind the last, of a text and its end.
fn place(address: u16, bytes: u16) -> (u32, u32) {
    (address.into(), u32::from(address) + u32::from(bytes).div_ceil(2) + 1)
}
