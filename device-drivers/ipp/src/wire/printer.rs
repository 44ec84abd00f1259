//! What a printer says of itself (RFC 8011, section 5.4; PWG 5100.14; supplies: PWG 5100.11 `printer-supply` and CUPS'
//! older `marker-…`, which most printers have too).

use ipp::attribute::IppAttributeGroup;
use ipp::value::IppValue;
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::page_printer::{
    PagePrinterActivity, PagePrinterCapabilities, PagePrinterStatus, Sides, Supply,
};

use super::reasons::{conditions, is_blocking};
use super::{Answer, WireError, number, numbers, text, texts, values};

/// Most supplies and trays that are told.
const LIST_MAX: usize = 32;
/// Longest name that is told, characters.
const NAME_MAX: usize = 64;
/// Most copies of one request.
const COPIES_MAX: i32 = 99;

/// What is asked when a printer is opened.
pub(crate) const ATTRIBUTES: &[&str] = &[
    "printer-make-and-model",
    "printer-device-id",
    "printer-firmware-string-version",
    "operations-supported",
    "document-format-supported",
    "color-supported",
    "copies-supported",
    "sides-supported",
    "media-supported",
    "media-default",
    "media-source-supported",
    "media-col-supported",
    "print-color-mode-supported",
    "print-scaling-supported",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-type-supported",
    "pwg-raster-document-sheet-back",
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "marker-names",
    "marker-types",
    "marker-levels",
    "printer-supply",
    "printer-supply-description",
];

/// What is asked while it is idle.
pub(crate) const STATUS: &[&str] = &[
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "marker-names",
    "marker-types",
    "marker-levels",
    "printer-supply",
    "printer-supply-description",
];

/// How a printer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Now {
    pub(crate) status: PagePrinterStatus,
    /// `printer-state-reasons` as they are.
    pub(crate) reasons: Vec<String>,
    /// `printer-is-accepting-jobs`.
    pub(crate) accepts: bool,
}

impl Now {
    /// The reasons as one text, for messages.
    pub(crate) fn reasons(&self) -> String {
        super::shown(&self.reasons.join(", "))
    }

    /// Reads an answer to Get-Printer-Attributes.
    ///
    /// # Errors
    /// If its state is missing or none that IPP knows.
    pub(crate) fn read(answer: &Answer) -> Result<Self, WireError> {
        let group = answer.printer().ok_or(WireError::Missing("printer attributes"))?;
        // Section 5.4.11.
        let activity = match number(group, "printer-state").ok_or(WireError::Missing("printer-state"))? {
            3 => PagePrinterActivity::Idle,
            4 => PagePrinterActivity::Printing,
            5 => PagePrinterActivity::Stopped,
            value => return Err(WireError::Value { field: "printer-state", value }),
        };
        let reasons = texts(group, "printer-state-reasons");
        let accepts = !matches!(values(group, "printer-is-accepting-jobs"), [IppValue::Boolean(false)]);
        let status = PagePrinterStatus { activity, conditions: conditions(&reasons), supplies: supplies(group) };
        Ok(Self { status, reasons, accepts })
    }

    /// It will not print before a person has done something.
    pub(crate) fn is_stopped(&self) -> bool {
        self.status.activity == PagePrinterActivity::Stopped
    }

    /// It has a condition that keeps it from printing.
    pub(crate) fn is_blocked(&self) -> bool {
        self.status.conditions.iter().any(|condition| is_blocking(*condition))
    }
}

/// What a printer can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Abilities {
    pub(crate) identity: Identity,
    /// It takes PDF.
    pub(crate) pdf: bool,
    /// It takes JPEG.
    pub(crate) jpeg: bool,
    pub(crate) color: bool,
    pub(crate) max_copies: u8,
    pub(crate) sides: Vec<Sides>,
    pub(crate) trays: Vec<String>,
    pub(crate) media: Vec<String>,
    pub(crate) media_default: Option<String>,
    /// The words of `print-color-mode-supported`.
    pub(crate) color_modes: Vec<String>,
    /// The words of `print-scaling-supported`.
    pub(crate) scalings: Vec<String>,
    /// It has Create-Job and Send-Document, so that a job has a number before its document is sent.
    pub(crate) creates_jobs: bool,
    /// How it takes PWG raster, if it does.
    pub(crate) raster: Option<RasterAbilities>,
}

/// How a printer takes PWG raster (PWG 5102.4, section 8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RasterAbilities {
    /// Dots per inch, the same both ways, ascending.
    pub(crate) resolutions: Vec<u32>,
    /// For example `srgb_8`.
    pub(crate) types: Vec<String>,
    /// `pwg-raster-document-sheet-back`.
    pub(crate) sheet_back: String,
}

impl Abilities {
    /// Reads an answer to Get-Printer-Attributes.
    ///
    /// # Errors
    /// If it says nothing of the printer.
    pub(crate) fn read(answer: &Answer) -> Result<Self, WireError> {
        let group = answer.printer().ok_or(WireError::Missing("printer attributes"))?;
        let formats = texts(group, "document-format-supported");
        let takes = |format: &str| formats.iter().any(|own| own == format);
        let copies = match values(group, "copies-supported") {
            [IppValue::RangeOfInteger { max, .. }] => *max,
            _ => 1,
        };
        let mut sides = vec![Sides::OneSided];
        let words = texts(group, "sides-supported");
        sides.extend(
            [Sides::TwoSidedLongEdge, Sides::TwoSidedShortEdge]
                .into_iter()
                .filter(|way| words.iter().any(|word| word == sides_word(*way))),
        );
        let operations = numbers(group, "operations-supported");
        Ok(Self {
            identity: identity(group),
            pdf: takes("application/pdf"),
            jpeg: takes("image/jpeg"),
            color: matches!(values(group, "color-supported"), [IppValue::Boolean(true)]),
            max_copies: u8::try_from(copies.clamp(1, COPIES_MAX)).unwrap_or(1),
            sides,
            trays: trays(group),
            media: texts(group, "media-supported"),
            media_default: text(group, "media-default"),
            color_modes: texts(group, "print-color-mode-supported"),
            scalings: texts(group, "print-scaling-supported"),
            creates_jobs: [5, 6].iter().all(|own| operations.contains(own)),
            raster: takes("image/pwg-raster").then(|| raster(group)),
        })
    }

    /// The same for the gateway.
    pub(crate) fn told(&self) -> PagePrinterCapabilities {
        PagePrinterCapabilities {
            pdf: self.pdf,
            color: self.color,
            sides: self.sides.clone(),
            trays: self.trays.clone(),
            max_copies: self.max_copies,
        }
    }
}

/// The word of `sides` (RFC 8011, section 5.2.8).
pub(crate) fn sides_word(sides: Sides) -> &'static str {
    match sides {
        Sides::OneSided => "one-sided",
        Sides::TwoSidedLongEdge => "two-sided-long-edge",
        Sides::TwoSidedShortEdge => "two-sided-short-edge",
    }
}

fn trays(group: &IppAttributeGroup) -> Vec<String> {
    let with_source = texts(group, "media-col-supported").iter().any(|member| member == "media-source");
    let mut trays = texts(group, "media-source-supported");
    trays.retain(|tray| tray != "auto" && (1..=NAME_MAX).contains(&tray.chars().count()));
    trays.truncate(if with_source { LIST_MAX } else { 0 });
    trays
}

fn raster(group: &IppAttributeGroup) -> RasterAbilities {
    let dpi = |value: &IppValue| match value {
        IppValue::Resolution { cross_feed, feed, units: 3 } if cross_feed == feed => u32::try_from(*feed).ok(),
        _ => None,
    };
    let resolutions = values(group, "pwg-raster-document-resolution-supported").iter().filter_map(dpi);
    let mut resolutions: Vec<u32> = resolutions.filter(|dpi| (72..=2400).contains(dpi)).collect();
    resolutions.sort_unstable();
    RasterAbilities {
        resolutions,
        types: texts(group, "pwg-raster-document-type-supported"),
        sheet_back: text(group, "pwg-raster-document-sheet-back").unwrap_or_else(|| "normal".into()),
    }
}

/// From `printer-device-id` (IEEE 1284: `MFG:…;MDL:…;SN:…;`), else from the name that the printer gives itself.
fn identity(group: &IppAttributeGroup) -> Identity {
    let id = text(group, "printer-device-id").unwrap_or_default();
    let field = |names: [&str; 2]| {
        id.split(';')
            .filter_map(|field| field.split_once(':'))
            .find(|(name, _)| names.contains(&name.trim()))
            .map(|(_, value)| value.trim().to_owned())
    };
    let named = text(group, "printer-make-and-model");
    let full = |text: &String| !text.is_empty();
    Identity {
        maker: field(["MFG", "MANUFACTURER"]).filter(full),
        model: field(["MDL", "MODEL"]).or(named).filter(full),
        serial: field(["SN", "SERN"]).filter(full),
        firmware: text(group, "printer-firmware-string-version").filter(full),
    }
}

fn supplies(group: &IppAttributeGroup) -> Vec<Supply> {
    let (names, levels) = (texts(group, "marker-names"), numbers(group, "marker-levels"));
    if !names.is_empty() {
        let types = texts(group, "marker-types");
        let all = names.into_iter().enumerate().map(|(at, name)| (name, levels.get(at).copied(), types.get(at)));
        // What is full when it is used up is no supply.
        let left = all.filter(|(_, _, kind)| !kind.is_some_and(|kind| kind.starts_with("waste")));
        return left.take(LIST_MAX).map(|(name, level, _)| supply(&name, level)).collect();
    }
    let descriptions = texts(group, "printer-supply-description");
    let mut found = Vec::new();
    for (at, entry) in texts(group, "printer-supply").iter().enumerate().take(LIST_MAX) {
        let field = |name: &str| {
            entry
                .split(';')
                .filter_map(|field| field.split_once('='))
                .find(|(own, _)| *own == name)
                .map(|(_, value)| value)
        };
        if field("class") == Some("receptacleThatIsFilled") {
            continue;
        }
        let of = |name: &str| field(name).and_then(|value| value.parse::<i32>().ok());
        let percent = match (of("level"), of("maxcapacity")) {
            (Some(level), Some(most)) if most > 0 => {
                Some(i32::try_from(i64::from(level) * 100 / i64::from(most)).unwrap_or(-1))
            }
            _ => None,
        };
        let name = descriptions.get(at).map(String::as_str).or(field("type")).unwrap_or("supply");
        found.push(supply(name, percent));
    }
    found
}

/// Levels below 0 mean that nobody knows (PWG 5100.11 after the Printer MIB: -1 to -3).
fn supply(name: &str, percent: Option<i32>) -> Supply {
    let percent = percent.and_then(|percent| u8::try_from(percent).ok()).map(|percent| percent.min(100));
    Supply { name: name.chars().take(NAME_MAX).collect(), percent }
}
