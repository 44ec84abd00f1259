//! A scan request as the backend's options, and what a device can do, found out by trying its sources. The order is
//! that of dependence: source, mode, depth, the extra options, resolution, sheet, corners.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use kiosk_driver_sdk::protocol::scanner::{
    ColorMode, ScanArea, ScanRequest, ScanSource, ScannerCapabilities, SourceCapabilities,
};
use serde_json::Value;

use crate::ffi::Device;
use crate::names::{self, CORNERS, Sides};
use crate::options::{Numbers, OptionError, Options};
use crate::trouble::Trouble;

const MM_PER_INCH: f64 = 25.4;
/// The resolutions that are offered where the scanner takes any in a range.
const USUAL_DPI: [u16; 10] = [50, 75, 100, 150, 200, 240, 300, 400, 600, 1200];
/// The least and greatest resolution of a request.
const DPI_RANGE: std::ops::RangeInclusive<f64> = 50.0..=1200.0;
/// How far an area may reach over the edge because somebody rounded, millimetres.
const ROUNDING_MM: f64 = 0.5;
/// How often the extra options are gone through: one may make another settable.
const PASSES: usize = 4;

/// What is known of the device beside its options.
#[derive(Clone, Debug, Default)]
pub(crate) struct Habits {
    /// It has a feeder and no glass, though no option says so.
    pub(crate) sheet_fed: bool,
    /// Its own words for sources.
    pub(crate) words: HashMap<ScanSource, String>,
    /// Options to set for every scan.
    pub(crate) extra: BTreeMap<String, Value>,
}

/// Tries the device's sources.
///
/// # Errors
/// If it has none that is known, or does not take its own values.
pub(crate) fn survey(
    device: &Device<'_>,
    options: &mut Options<'_>,
    habits: &Habits,
) -> Result<ScannerCapabilities, Trouble> {
    let mut sources = Vec::new();
    for source in [ScanSource::Flatbed, ScanSource::Adf, ScanSource::AdfDuplex] {
        if !choose_source(options, source, habits)? {
            continue;
        }
        let colors = colors(device, options)?;
        let (width, height) = extent(device, options)?;
        #[expect(clippy::cast_possible_truncation, reason = "millimetres of paper")]
        let (max_width_mm, max_height_mm) = (width as f32, height as f32);
        sources.push(SourceCapabilities {
            source,
            resolutions_dpi: resolutions(options),
            colors,
            max_width_mm,
            max_height_mm,
        });
    }
    // What was tried last may be the duplex feeder; sensors of some feeders are only read while they are chosen.
    if let Some(first) = sources.first() {
        choose_source(options, first.source, habits)?;
        return Ok(ScannerCapabilities { sources });
    }
    Err(Trouble::Unsupported(format!(
        "the scanner calls its sources `{}`, which this driver does not know; say in the configuration which is which, for example `config.sources = {{ adf = \"…\" }}`",
        options.texts(names::SOURCE).join("`, `")
    )))
}

/// Sets the source; `false` if the device has none of this kind.
fn choose_source(options: &mut Options<'_>, source: ScanSource, habits: &Habits) -> Result<bool, Trouble> {
    let both = source == ScanSource::AdfDuplex;
    if !options.can_set(names::SOURCE) {
        return Ok(match source {
            ScanSource::Flatbed => !habits.sheet_fed,
            ScanSource::Adf => {
                habits.sheet_fed && {
                    set_sides(options, false)?;
                    true
                }
            }
            ScanSource::AdfDuplex => habits.sheet_fed && set_sides(options, true)?,
        });
    }
    let word = |options: &Options<'_>, source: ScanSource| {
        let known =
            || names::sources(source).iter().find(|word| options.texts(names::SOURCE).iter().any(|own| own == *word));
        habits.words.get(&source).cloned().or_else(|| known().map(|word| (*word).to_owned()))
    };
    if let Some(word) = word(options, source) {
        options.set(names::SOURCE, &word.into())?;
        if source != ScanSource::Flatbed {
            set_sides(options, both)?;
        }
        return Ok(true);
    }
    // One word for the feeder, and an option of its own for the sides.
    match word(options, ScanSource::Adf) {
        Some(word) if both => {
            options.set(names::SOURCE, &word.into())?;
            set_sides(options, true)
        }
        _ => Ok(false),
    }
}

/// Sets the option for one or both sides, if there is one.
fn set_sides(options: &mut Options<'_>, both: bool) -> Result<bool, Trouble> {
    for sides in names::SIDES {
        let (name, value) = match sides {
            Sides::Texts(name, one, two) => (name, Value::from(if both { two } else { one })),
            Sides::YesNo(name) => (name, Value::from(both)),
        };
        if options.can_set(name) {
            return match options.set(name, &value) {
                Ok(_) => Ok(true),
                // It has the option, but not this value: one side only.
                Err(OptionError::Value { .. }) => Ok(false),
                Err(error) => Err(error.into()),
            };
        }
    }
    Ok(false)
}

fn mode_word(options: &Options<'_>, color: ColorMode) -> Option<&'static str> {
    let own = options.texts(names::MODE);
    names::modes(color).iter().copied().find(|word| own.iter().any(|own| own == word))
}

fn colors(device: &Device<'_>, options: &Options<'_>) -> Result<Vec<ColorMode>, Trouble> {
    let both = [ColorMode::Color, ColorMode::Gray];
    if options.can_set(names::MODE) {
        let colors: Vec<ColorMode> = both.into_iter().filter(|color| mode_word(options, *color).is_some()).collect();
        if !colors.is_empty() {
            return Ok(colors);
        }
        let own = options.texts(names::MODE).join("`, `");
        return Err(Trouble::Unsupported(format!(
            "the scanner's modes are `{own}`; none of them is known as colour or grey"
        )));
    }
    // It has one mode only.
    Ok(vec![if device.parameters()?.format == 0 { ColorMode::Gray } else { ColorMode::Color }])
}

fn resolution_name(options: &Options<'_>) -> &'static str {
    if options.can_set(names::RESOLUTION) { names::RESOLUTION } else { names::X_RESOLUTION }
}

fn resolutions(options: &Options<'_>) -> Vec<u16> {
    let mut all: Vec<u16> = match options.numbers(resolution_name(options)) {
        Some(Numbers::List(list)) => list.into_iter().filter(|dpi| DPI_RANGE.contains(dpi)).map(rounded).collect(),
        Some(numbers) => USUAL_DPI.into_iter().filter(|dpi| numbers.takes(f64::from(*dpi))).collect(),
        None => options.number(names::RESOLUTION).map(rounded).into_iter().collect(),
    };
    all.sort_unstable();
    all.dedup();
    all
}

/// The greatest width and height, millimetres.
fn extent(device: &Device<'_>, options: &Options<'_>) -> Result<(f64, f64), Trouble> {
    let mut lengths = [0.0; 2];
    let dpi = options.number(resolution_name(options)).filter(|dpi| *dpi >= 1.0).unwrap_or(300.0);
    let page = device.parameters()?;
    let pixels = [page.pixels_per_line, page.lines];
    for (way, length) in lengths.iter_mut().enumerate() {
        let sheet = [names::PAGE_WIDTH, names::PAGE_HEIGHT][way];
        let limits = |name| options.numbers(name).filter(|_| options.can_set(name));
        let corners = limits(CORNERS[way]).zip(limits(CORNERS[way + 2]));
        let unit = if options.is_in_pixels(CORNERS[way + 2]) { MM_PER_INCH / dpi } else { 1.0 };
        let area = corners.and_then(|(from, to)| Some((to.max()? - from.min()?) * unit));
        let sheet = limits(sheet).filter(|_| options.is_in_mm(sheet)).and_then(|sheet| sheet.max());
        *length = match (area, sheet) {
            (Some(area), Some(sheet)) => area.max(sheet),
            (Some(length), None) | (None, Some(length)) => length,
            (None, None) => f64::from(pixels[way].max(0)) * MM_PER_INCH / dpi,
        };
    }
    Ok((lengths[0], lengths[1]))
}

/// Sets all options for a request; returns the resolution that the page will really have.
///
/// # Errors
/// [`Trouble::Unsupported`] or [`Trouble::Invalid`], with what the scanner can do instead.
pub(crate) fn apply(options: &mut Options<'_>, request: &ScanRequest, habits: &Habits) -> Result<u16, Trouble> {
    if request.max_pages == Some(0) {
        let problem = "max_pages is 0; ask for 1 or more, or leave it out".to_owned();
        return Err(Trouble::Invalid { field: "payload.max_pages", problem });
    }
    if !choose_source(options, request.source, habits)? {
        return Err(Trouble::Unsupported(format!(
            "the scanner has no `{}`; its capabilities name the sources that it has",
            source_word(request.source)
        )));
    }
    if options.can_set(names::MODE) {
        let word = mode_word(options, request.color).ok_or_else(|| {
            Trouble::Unsupported(
                "the scanner cannot do this colour mode; its capabilities name those that it has".into(),
            )
        })?;
        options.set(names::MODE, &word.into())?;
    }
    let depth =
        [8.0, 16.0].into_iter().find(|depth| options.numbers(names::DEPTH).is_some_and(|all| all.takes(*depth)));
    if let Some(depth) = depth.filter(|_| options.can_set(names::DEPTH)) {
        options.set_number(names::DEPTH, depth)?;
    }
    set_extra(options, habits)?;
    let dpi = set_resolution(options, request.resolution_dpi)?;
    set_area(options, request.area.as_ref(), dpi)?;
    Ok(rounded(options.number(resolution_name(options)).unwrap_or(dpi)))
}

/// Sets the options of the configuration, those first that others depend on; one that cannot be set in this mode is
/// left out.
///
/// # Errors
/// If the device has no such option, or does not take the value.
pub(crate) fn set_extra(options: &mut Options<'_>, habits: &Habits) -> Result<(), OptionError> {
    let mut left: Vec<(&String, &Value)> = habits.extra.iter().collect();
    for _ in 0..PASSES {
        let mut inactive = Vec::new();
        for (name, value) in left {
            match options.set(name, value) {
                Ok(_) => {}
                Err(OptionError::Inactive(_)) => inactive.push((name, value)),
                Err(error) => return Err(error),
            }
        }
        left = inactive;
    }
    for (name, _) in left {
        tracing::debug!(option = name, "an option of the configuration cannot be set in this mode");
    }
    Ok(())
}

fn set_resolution(options: &mut Options<'_>, dpi: u16) -> Result<f64, Trouble> {
    let name = resolution_name(options);
    if !options.can_set(name) {
        return Ok(options.number(names::RESOLUTION).unwrap_or(f64::from(dpi)));
    }
    let wanted = f64::from(dpi);
    let can = match options.numbers(name) {
        Some(Numbers::Range { min, max, .. }) => (min..=max).contains(&wanted),
        Some(numbers) => numbers.takes(wanted),
        None => true,
    };
    if !can {
        let can = resolutions(options).iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        return Err(Trouble::Unsupported(format!("the scanner cannot do {dpi} dpi; it can do: {can}")));
    }
    let real = options.set_number(name, wanted)?;
    if name == names::X_RESOLUTION && options.can_set(names::Y_RESOLUTION) {
        options.set_number(names::Y_RESOLUTION, wanted)?;
    }
    Ok(real)
}

/// Sets the corners: of the area, or of all that the source takes.
fn set_area(options: &mut Options<'_>, area: Option<&ScanArea>, dpi: f64) -> Result<(), Trouble> {
    let wanted = area.map(|area| checked(area).map(|()| area)).transpose()?;
    for (way, (from, length)) in
        [wanted.map(|area| (area.x_mm, area.width_mm)), wanted.map(|area| (area.y_mm, area.height_mm))]
            .map(|span| span.map_or((0.0, None), |(from, length)| (f64::from(from), Some(f64::from(length)))))
            .into_iter()
            .enumerate()
    {
        let (near, far) = (CORNERS[way], CORNERS[way + 2]);
        if !options.can_set(near) || !options.can_set(far) {
            if length.is_some() {
                return Err(Trouble::Unsupported("the scanner cannot scan a part; leave the area out".into()));
            }
            continue;
        }
        if let Some(length) = length {
            grow_sheet(options, way, from + length)?;
        }
        let unit = if options.is_in_pixels(far) { MM_PER_INCH / dpi } else { 1.0 };
        let limit = |name: &str| options.numbers(name).map(|all| (all.min().unwrap_or(0.0), all.max()));
        let start = limit(near).map_or(0.0, |(min, _)| min);
        let end = limit(far).and_then(|(_, max)| max);
        let over = end.zip(length).map_or(0.0, |(end, length)| (from + length) - (end - start) * unit);
        if over > ROUNDING_MM {
            return Err(Trouble::Unsupported(format!(
                "the area reaches {over:.1} mm over the edge of the source; its capabilities tell how large it is"
            )));
        }
        // The far corner out of the way first: backends keep the near one before it.
        if let Some(end) = end {
            options.set_number(far, end)?;
        }
        options.set_number(near, start + from / unit)?;
        if let Some(length) = length {
            options.set_number(far, start + (from + length) / unit)?;
        }
    }
    Ok(())
}

/// Where the backend cuts by the size of the sheet: makes the sheet large enough for the area.
fn grow_sheet(options: &mut Options<'_>, way: usize, least: f64) -> Result<(), Trouble> {
    let name = [names::PAGE_WIDTH, names::PAGE_HEIGHT][way];
    if options.can_set(name) && options.is_in_mm(name) && options.number(name).is_some_and(|now| now < least) {
        options.set_number(name, least)?;
    }
    Ok(())
}

fn checked(area: &ScanArea) -> Result<(), Trouble> {
    for (field, value, least) in [
        ("payload.area.x_mm", area.x_mm, 0.0),
        ("payload.area.y_mm", area.y_mm, 0.0),
        ("payload.area.width_mm", area.width_mm, f32::MIN_POSITIVE),
        ("payload.area.height_mm", area.height_mm, f32::MIN_POSITIVE),
    ] {
        if !value.is_finite() || value < least {
            let problem =
                format!("the area is written in millimetres that are not negative and not empty, not {value}");
            return Err(Trouble::Invalid { field, problem });
        }
    }
    Ok(())
}

fn source_word(source: ScanSource) -> &'static str {
    match source {
        ScanSource::Flatbed => "flatbed",
        ScanSource::Adf => "adf",
        ScanSource::AdfDuplex => "adf_duplex",
    }
}

/// Dots per inch as a whole number; `as` clamps to the range of u16.
fn rounded(dpi: f64) -> u16 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` clamps")]
    let dpi = dpi.round() as u16;
    dpi
}
