//! What a request asks for, as job attributes of this printer, or why the printer cannot do it; and how the document
//! goes to it.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ipp::value::IppValue;
use kiosk_driver_sdk::protocol::page_printer::{PrintDocument, Sides};

use crate::draw::Kind;
use crate::media;
use crate::printer::Attribute;
use crate::raster::{Dots, Sheet, SheetBack};
use crate::trouble::Trouble;
use crate::wire::keyword;
use crate::wire::printer::{Abilities, sides_word};

/// The media type of PWG Raster (PWG 5102.4, section 9).
const PWG_RASTER: &str = "image/pwg-raster";
/// The resolution that pages are drawn with, or the nearest that the printer takes.
const DPI: u32 = 300;

/// How a job is to be made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticket {
    /// Job template attributes.
    pub(crate) attributes: Vec<Attribute>,
    /// The media type that goes to the printer.
    pub(crate) format: &'static str,
}

/// The ticket of a request, and the sheet to draw on if the printer does not take the document as it is.
///
/// # Errors
/// [`Trouble::Unsupported`] or [`Trouble::Invalid`], with what the printer can do instead.
pub(crate) fn of(
    request: &PrintDocument,
    kind: Kind,
    abilities: &Abilities,
    media: &str,
) -> Result<(Ticket, Option<Sheet>), Trouble> {
    let mut attributes: Vec<Attribute> = Vec::new();
    if !(1..=99).contains(&request.copies) {
        let problem = format!("copies is {}; ask for 1 to 99", request.copies);
        return Err(Trouble::Invalid { field: "payload.copies", problem });
    }
    if request.copies > abilities.max_copies {
        return Err(unsupported(format!("{} copies", request.copies), &[abilities.max_copies.to_string()]));
    }
    if request.copies > 1 {
        attributes.push(("copies", IppValue::new_integer(request.copies.into())));
    }
    let sides = sides_word(request.sides);
    if !abilities.sides.contains(&request.sides) {
        return Err(unsupported(
            format!("`{sides}`"),
            &abilities.sides.iter().map(|way| sides_word(*way).to_owned()).collect::<Vec<_>>(),
        ));
    }
    if abilities.sides.len() > 1 {
        attributes.push(("sides", keyword(sides)?));
    }
    let as_it_is = match kind {
        Kind::Pdf => abilities.pdf,
        Kind::Jpeg => abilities.jpeg,
    };
    let color = request.color && abilities.color;
    let modes: &[&str] = if color { &["color"] } else { &["monochrome", "process-monochrome", "auto-monochrome"] };
    match modes.iter().find(|mode| abilities.color_modes.iter().any(|own| own == *mode)) {
        Some(mode) => attributes.push(("print-color-mode", keyword(mode)?)),
        // A page that we draw is grey by itself, and so is all that a printer without colour prints.
        None if color || !abilities.color || !as_it_is => {}
        None => return Err(unsupported("grey".into(), &abilities.color_modes)),
    }
    let media = [Some(media), abilities.media_default.as_deref()]
        .into_iter()
        .flatten()
        .find(|name| abilities.media.iter().any(|own| own == name));
    attributes.extend(paper(request.tray.as_deref(), media, abilities)?);
    if kind == Kind::Jpeg && as_it_is && abilities.scalings.iter().any(|word| word == "fit") {
        attributes.push(("print-scaling", keyword("fit")?));
    }
    if as_it_is {
        return Ok((Ticket { attributes, format: kind.media_type() }, None));
    }
    let sheet = sheet(request.sides, color, media, abilities)?;
    Ok((Ticket { attributes, format: PWG_RASTER }, Some(sheet)))
}

fn unsupported(wish: String, can: &[String]) -> Trouble {
    let can = if can.is_empty() { "nothing of the kind".into() } else { can.join(", ") };
    Trouble::Unsupported(format!("the printer cannot do {wish}; it can do: {can}"))
}

/// The medium by its name; with a tray, as a collection (PWG 5100.7, section 6.3: one or the other).
fn paper(tray: Option<&str>, media: Option<&str>, abilities: &Abilities) -> Result<Option<Attribute>, Trouble> {
    let Some(tray) = tray else {
        return media.map(|name| Ok(("media", keyword(name)?))).transpose();
    };
    if !abilities.trays.iter().any(|own| own == tray) {
        return Err(unsupported(format!("the tray `{tray}`"), &abilities.trays));
    }
    let key = |name: &str| name.try_into().map_err(|_| unsupported(format!("`{name}`"), &[]));
    let mut members = BTreeMap::from([(key("media-source")?, keyword(tray)?)]);
    if let Some((width, height)) = media.and_then(media::size) {
        let length = |length: u32| IppValue::new_integer(i32::try_from(length).unwrap_or(i32::MAX));
        let size = BTreeMap::from([(key("x-dimension")?, length(width)), (key("y-dimension")?, length(height))]);
        members.insert(key("media-size")?, IppValue::Collection(size));
    }
    Ok(Some(("media-col", IppValue::Collection(members))))
}

/// The sheet that pages are drawn on.
fn sheet(sides: Sides, color: bool, media: Option<&str>, abilities: &Abilities) -> Result<Sheet, Trouble> {
    let refused = || {
        Trouble::Unsupported(
            "the printer takes neither this kind of document nor PWG Raster in a form that this driver draws".into(),
        )
    };
    let raster = abilities.raster.as_ref().ok_or_else(refused)?;
    let dots = Dots::choose(&raster.types, color).ok_or_else(refused)?;
    let dpi = raster.resolutions.iter().copied().min_by_key(|dpi| dpi.abs_diff(DPI)).ok_or_else(refused)?;
    let media = media.unwrap_or("iso_a4_210x297mm");
    let (width, height) = media::size(media).ok_or_else(refused)?;
    let (width, height) = (media::dots(width, dpi), media::dots(height, dpi));
    if width > u16::MAX.into() || height > u16::MAX.into() {
        return Err(Trouble::Unsupported(format!("`{media}` is too large to be drawn")));
    }
    Ok(Sheet { dots, dpi, width, height, media: media.into(), sides, back: SheetBack::of(&raster.sheet_back) })
}
