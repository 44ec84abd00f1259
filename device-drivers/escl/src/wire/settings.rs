//! `ScanSettings` ("Scan Job Settings"): what the scanner is asked, checked against what it can do.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanArea, ScanRequest, ScanSource};

use super::capabilities::{Capabilities, Source};
use super::{JPEG, millimetres, units};

/// The namespaces of eSCL and of the PWG semantic model.
const ESCL: &str = "http://schemas.hp.com/imaging/escl/2011/05/03";
const PWG: &str = "http://www.pwg.org/schemas/2010/12/sm";

/// How far an area may reach over the edge, 1/300 inch: what rounding from millimetres can make of it.
const ROUNDING: u32 = 2;

/// Settings that the scanner can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    version: String,
    source: ScanSource,
    resolution_dpi: u16,
    color: ColorMode,
    /// Left, top, width, height, in 1/300 inch.
    region: [u32; 4],
}

/// A request that cannot be met.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum SettingsError {
    /// The request makes no sense for any scanner.
    #[error("{problem}")]
    Invalid {
        /// The field of the request.
        field: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// This scanner cannot do it.
    #[error("{0}")]
    Unsupported(String),
}

impl Settings {
    /// Checks a request.
    ///
    /// # Errors
    /// What this scanner cannot do, with what it can.
    pub(crate) fn of(request: &ScanRequest, capabilities: &Capabilities) -> Result<Self, SettingsError> {
        let sources = || capabilities.sources.iter().map(|source| word(source.source)).collect::<Vec<_>>().join(", ");
        let source = capabilities.sources.iter().find(|source| source.source == request.source).ok_or_else(|| {
            let asked = word(request.source);
            SettingsError::Unsupported(format!("the scanner has no source `{asked}`; it has: {}", sources()))
        })?;
        let named = word(request.source);
        if !source.resolutions.contains(&request.resolution_dpi) {
            let can = source.resolutions.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
            return Err(SettingsError::Unsupported(format!(
                "the scanner cannot do {} dpi from `{named}`; it can do: {can}",
                request.resolution_dpi
            )));
        }
        if !source.colors.contains(&request.color) {
            let can = source.colors.iter().map(|color| color_word(*color)).collect::<Vec<_>>().join(", ");
            return Err(SettingsError::Unsupported(format!(
                "the scanner cannot do `{}` from `{named}`; it can do: {can}",
                color_word(request.color)
            )));
        }
        if request.max_pages == Some(0) {
            let problem = "max_pages is 0; ask for 1 or more, or leave it out".to_owned();
            return Err(SettingsError::Invalid { field: "payload.max_pages", problem });
        }
        let region = match &request.area {
            Some(area) => region(area, source)?,
            None => [0, 0, source.max.0, source.max.1],
        };
        Ok(Self {
            version: capabilities.version.clone(),
            source: request.source,
            resolution_dpi: request.resolution_dpi,
            color: request.color,
            region,
        })
    }

    /// The document. It holds numbers and fixed words only, so nothing needs escaping.
    pub(crate) fn xml(&self) -> String {
        let Self { version, resolution_dpi: dpi, region: [x, y, width, height], .. } = self;
        let (source, duplex) = match self.source {
            ScanSource::Flatbed => ("Platen", ""),
            ScanSource::Adf => ("Feeder", "<scan:Duplex>false</scan:Duplex>"),
            ScanSource::AdfDuplex => ("Feeder", "<scan:Duplex>true</scan:Duplex>"),
        };
        let color = match self.color {
            ColorMode::Color => "RGB24",
            ColorMode::Gray => "Grayscale8",
        };
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <scan:ScanSettings xmlns:scan=\"{ESCL}\" xmlns:pwg=\"{PWG}\">\
             <pwg:Version>{version}</pwg:Version>\
             <scan:Intent>Document</scan:Intent>\
             <pwg:ScanRegions><pwg:ScanRegion>\
             <pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>\
             <pwg:XOffset>{x}</pwg:XOffset><pwg:YOffset>{y}</pwg:YOffset>\
             <pwg:Width>{width}</pwg:Width><pwg:Height>{height}</pwg:Height>\
             </pwg:ScanRegion></pwg:ScanRegions>\
             <pwg:InputSource>{source}</pwg:InputSource>\
             <scan:ColorMode>{color}</scan:ColorMode>\
             <pwg:DocumentFormat>{JPEG}</pwg:DocumentFormat>\
             <scan:DocumentFormatExt>{JPEG}</scan:DocumentFormatExt>\
             <scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>\
             {duplex}</scan:ScanSettings>"
        )
    }
}

/// The source as requests call it.
fn word(source: ScanSource) -> &'static str {
    match source {
        ScanSource::Flatbed => "flatbed",
        ScanSource::Adf => "adf",
        ScanSource::AdfDuplex => "adf_duplex",
    }
}

fn color_word(color: ColorMode) -> &'static str {
    match color {
        ColorMode::Color => "color",
        ColorMode::Gray => "gray",
    }
}

fn region(area: &ScanArea, source: &Source) -> Result<[u32; 4], SettingsError> {
    for (field, value, least) in [
        ("payload.area.x_mm", area.x_mm, 0.0),
        ("payload.area.y_mm", area.y_mm, 0.0),
        ("payload.area.width_mm", area.width_mm, f32::MIN_POSITIVE),
        ("payload.area.height_mm", area.height_mm, f32::MIN_POSITIVE),
    ] {
        if !value.is_finite() || value < least {
            let problem =
                format!("the area is written in millimetres that are not negative and not empty, not {value}");
            return Err(SettingsError::Invalid { field, problem });
        }
    }
    let (x, width) = extent(area.x_mm, area.width_mm, source.min.0, source.max.0, "wide")?;
    let (y, height) = extent(area.y_mm, area.height_mm, source.min.1, source.max.1, "high")?;
    Ok([x, y, width, height])
}

/// Offset and length in one direction.
fn extent(offset: f32, length: f32, min: u32, max: u32, way: &str) -> Result<(u32, u32), SettingsError> {
    let (from, len) = (units(offset), units(length));
    let over = from.saturating_add(len).saturating_sub(max);
    if over > ROUNDING {
        return Err(SettingsError::Unsupported(format!(
            "the area reaches to {:.1} mm, and the source is {:.1} mm {way}",
            offset + length,
            millimetres(max)
        )));
    }
    let len = len.saturating_sub(over);
    if len < min.max(1) {
        return Err(SettingsError::Unsupported(format!(
            "the area is {length:.1} mm {way}, and the least that the scanner takes is {:.1} mm",
            millimetres(min.max(1))
        )));
    }
    Ok((from, len))
}
