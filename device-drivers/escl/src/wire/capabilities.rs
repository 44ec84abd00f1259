//! `ScannerCapabilities` ("Scanner Capabilities"): what the scanner is and can do.

#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;

use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanSource, ScannerCapabilities, SourceCapabilities};

use super::xml::Element;
use super::{CAPABILITIES, JPEG, WireError, millimetres};

/// The resolutions that the gateway can ask for, dots per inch.
const RESOLUTIONS: std::ops::RangeInclusive<u32> = 50..=1200;
/// Those that are offered where a scanner tells only a range.
const COMMON_RESOLUTIONS: [u32; 9] = [75, 100, 150, 200, 240, 300, 400, 600, 1200];
/// Greatest length that is believed, 1/300 inch: about 8 m.
const LENGTH_MAX: u32 = 100_000;
/// Longest text of an identity that is kept, characters.
const TEXT_MAX: usize = 100;

/// What the scanner said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Capabilities {
    /// The version of eSCL that it speaks, for example `2.63`.
    pub(crate) version: String,
    /// What it is.
    pub(crate) identity: Identity,
    /// Its sources; at least one.
    pub(crate) sources: Vec<Source>,
}

/// One source; lengths in 1/300 inch.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Source {
    pub(crate) source: ScanSource,
    pub(crate) resolutions: BTreeSet<u16>,
    pub(crate) colors: Vec<ColorMode>,
    pub(crate) min: (u32, u32),
    pub(crate) max: (u32, u32),
}

impl Capabilities {
    /// Reads the document. A source that cannot be used at all is left out.
    ///
    /// # Errors
    /// If it is not such a document, or no source is left.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        let root = Element::parse(bytes, CAPABILITIES)?;
        let shared: Vec<&Element> =
            root.child("SettingProfiles").map(|all| all.all("SettingProfile").collect()).unwrap_or_default();
        let platen = root.child("Platen").and_then(|platen| platen.child("PlatenInputCaps"));
        let adf = root.child("Adf");
        let sources: Vec<Source> = [
            (ScanSource::Flatbed, platen),
            (ScanSource::Adf, adf.and_then(|adf| adf.child("AdfSimplexInputCaps"))),
            (ScanSource::AdfDuplex, adf.and_then(|adf| adf.child("AdfDuplexInputCaps"))),
        ]
        .into_iter()
        .filter_map(|(source, caps)| Source::read(source, caps?, &shared))
        .collect();
        if sources.is_empty() {
            return Err(WireError::NothingUsable);
        }
        Ok(Self { version: version(&root), identity: identity(&root), sources })
    }

    /// The same for the gateway.
    pub(crate) fn told(&self) -> ScannerCapabilities {
        let source = |source: &Source| SourceCapabilities {
            source: source.source,
            resolutions_dpi: source.resolutions.iter().copied().collect(),
            colors: source.colors.clone(),
            max_width_mm: millimetres(source.max.0),
            max_height_mm: millimetres(source.max.1),
        };
        ScannerCapabilities { sources: self.sources.iter().map(source).collect() }
    }
}

impl Source {
    fn read(source: ScanSource, caps: &Element, shared: &[&Element]) -> Option<Self> {
        let length = |name| caps.number(name).filter(|length| *length <= LENGTH_MAX);
        let max = (length("MaxWidth").filter(|w| *w > 0)?, length("MaxHeight").filter(|h| *h > 0)?);
        let min = (length("MinWidth").unwrap_or(1), length("MinHeight").unwrap_or(1));
        let mut resolutions = BTreeSet::new();
        let mut colors = BTreeSet::new();
        for profile in profiles(caps, shared).filter(|profile| makes_jpeg(profile)) {
            let modes = modes(profile);
            if !modes.is_empty() {
                colors.extend(modes);
                resolutions.extend(profile.all("SupportedResolutions").flat_map(supported));
            }
        }
        let colors: Vec<ColorMode> = colors.into_iter().map(|Ordered(_, mode)| mode).collect();
        (!resolutions.is_empty() && !colors.is_empty()).then_some(Self { source, resolutions, colors, min, max })
    }
}

/// The profiles of a source: its own, and those that it names out of the shared ones.
fn profiles<'a>(caps: &'a Element, shared: &'a [&'a Element]) -> impl Iterator<Item = &'a Element> {
    caps.all("SettingProfiles").flat_map(|all| all.all("SettingProfile")).map(|profile| {
        let named = profile
            .attribute("ref")
            .and_then(|name| shared.iter().copied().find(|shared| shared.attribute("name") == Some(name)));
        named.unwrap_or(profile)
    })
}

/// A profile that names no formats at all is taken to make JPEG, which every scanner must.
fn makes_jpeg(profile: &Element) -> bool {
    let mut formats = profile
        .all("DocumentFormats")
        .flat_map(|all| all.all("DocumentFormat").chain(all.all("DocumentFormatExt")))
        .peekable();
    formats.peek().is_none() || formats.any(|format| format.text.eq_ignore_ascii_case(JPEG))
}

/// A colour mode with its place in the list that the gateway gets.
#[derive(PartialEq, Eq)]
struct Ordered(u8, ColorMode);

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn modes(profile: &Element) -> Vec<Ordered> {
    let mode = |mode: &Element| match mode.text.as_str() {
        "RGB24" => Some(Ordered(0, ColorMode::Color)),
        "Grayscale8" => Some(Ordered(1, ColorMode::Gray)),
        // RGB48, Grayscale16 and BlackAndWhite1 cannot be asked for.
        _ => None,
    };
    profile.all("ColorModes").flat_map(|all| all.all("ColorMode")).filter_map(mode).collect()
}

/// The resolutions of a profile that are the same both ways, from a list or a range.
fn supported(resolutions: &Element) -> Vec<u16> {
    let discrete = resolutions.all("DiscreteResolutions").flat_map(|all| all.all("DiscreteResolution"));
    let discrete =
        discrete.filter_map(|pair| pair.number("XResolution").filter(|x| Some(*x) == pair.number("YResolution")));
    let range = resolutions.child("ResolutionRange").and_then(|range| range.child("XResolutionRange"));
    let ranged = COMMON_RESOLUTIONS.into_iter().filter(|dpi| range.is_some_and(|range| in_range(range, *dpi)));
    discrete.chain(ranged).filter(|dpi| RESOLUTIONS.contains(dpi)).filter_map(|dpi| dpi.try_into().ok()).collect()
}

fn in_range(range: &Element, dpi: u32) -> bool {
    let step = range.number("Step").filter(|step| *step > 0).unwrap_or(1);
    match (range.number("Min"), range.number("Max")) {
        (Some(min), Some(max)) => (min..=max).contains(&dpi) && (dpi - min).is_multiple_of(step),
        _ => false,
    }
}

/// The version goes back to the scanner in each job, so only digits and dots are taken.
fn version(root: &Element) -> String {
    let said = root.text_of("Version").unwrap_or_default();
    let fits = !said.is_empty() && said.len() <= 8 && said.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if fits { said } else { "2.0" }.to_owned()
}

fn identity(root: &Element) -> Identity {
    let text = |name| {
        let kept: String = root.text_of(name)?.chars().filter(|c| !c.is_control()).take(TEXT_MAX).collect();
        (!kept.is_empty()).then_some(kept)
    };
    let maker: Option<String> = text("Manufacturer");
    // `MakeAndModel` cannot be taken apart without knowing the maker: some makers' names are two words.
    let model = text("MakeAndModel").map(|both| {
        let rest = maker.as_deref().and_then(|maker| both.strip_prefix(maker)).map(str::trim);
        rest.filter(|rest| !rest.is_empty()).map_or_else(|| both.clone(), str::to_owned)
    });
    Identity { maker, model, serial: text("SerialNumber"), firmware: None }
}
