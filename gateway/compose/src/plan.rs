//! Which block goes where: into free room of a page, above the first one, or onto a page of its own.

use crate::code::Code;
use crate::compose::ComposeError;
use crate::fonts::Fonts;
use crate::ink::Ink;
use crate::layout::{self, A4, Block, Item, LayoutError, What};
use crate::raster::Raster;
use crate::template::{Place, Template, Values};
use crate::units::{Area, PT_PER_MM, Rect, mm};

/// What is kept free around a block on a scanned page, points.
const AROUND: f32 = 3.0 * PT_PER_MM;
/// How far below its place the first page's block is tried, millimetres.
const LOWER_MM: u8 = 15;
/// As near to the upper edge as printers reach, millimetres.
const LEAST_TOP_MM: f32 = 4.0;

/// A page of the file.
pub(crate) struct PlannedPage {
    /// Width and height, points.
    pub(crate) size: [f32; 2],
    /// How far the scanned picture is below the upper edge; `None`: an added page without one.
    pub(crate) image_top: Option<f32>,
    /// What is added, in the page's own place.
    pub(crate) items: Vec<Item>,
}

/// All pages, and where the blocks stand.
pub(crate) struct Plan {
    pub(crate) pages: Vec<PlannedPage>,
    pub(crate) places: Places,
}

/// Where what a signer and a reader look for stands.
pub(crate) struct Places {
    pub(crate) signature: Area,
    pub(crate) seal: Area,
    pub(crate) attestation: Area,
    pub(crate) first_page: Area,
    pub(crate) code: Area,
}

/// A block in its place on a page.
struct Planned {
    page: usize,
    block: Block,
}

/// Plans a copy.
pub(crate) fn plan(
    template: &Template,
    values: &Values<'_>,
    fonts: &Fonts,
    code: &Code,
    rasters: &[Raster],
) -> Result<Plan, ComposeError> {
    let mut pages: Vec<PlannedPage> = rasters
        .iter()
        .map(|raster| PlannedPage { size: raster.size_pt, image_top: Some(0.0), items: Vec::new() })
        .collect();
    let first_ink = rasters.first().and_then(|raster| raster.ink.as_ref());
    let first = first_page(template, values, fonts, &mut pages, first_ink)?;

    let last = pages.len().saturating_sub(1);
    let mut ink = rasters.last().and_then(|raster| raster.ink.clone());
    // The ink is where the picture is; a strip above it is not looked at again.
    let strip = pages.first().and_then(|page| page.image_top).unwrap_or_default();
    if let Some(ink) = &mut ink
        && last == 0
        && strip == 0.0
    {
        ink.take(first.block.rect.grown(AROUND));
    }
    let on_last = match (template.attestation.place, pages.get(last), ink) {
        (Place::LastPage, Some(page), Some(ink)) => on_page(template, values, fonts, code, page, last, &ink)?,
        _ => None,
    };
    let attestation = match on_last {
        Some(planned) => planned,
        None => {
            let block = layout::added_page(template, values, fonts, code)?;
            pages.push(PlannedPage { size: A4, image_top: None, items: Vec::new() });
            Planned { page: pages.len() - 1, block }
        }
    };
    let places = places(&pages, &first, &attestation)?;
    for planned in [first, attestation] {
        if let Some(page) = pages.get_mut(planned.page) {
            page.items.extend(planned.block.items);
        }
    }
    Ok(Plan { pages, places })
}

/// The block of the first page: at its upper right if nothing is there, otherwise in a strip above the picture.
fn first_page(
    template: &Template,
    values: &Values<'_>,
    fonts: &Fonts,
    pages: &mut [PlannedPage],
    ink: Option<&Ink>,
) -> Result<Planned, ComposeError> {
    let page = pages.first_mut().ok_or(ComposeError::Pages(0))?;
    let first = &template.first_page;
    let is_narrow = page.size[0] < mm(first.width_mm + 2.0 * first.right_mm);
    let block = layout::first_page(template, values, fonts, page.size[0]).map_err(|error| match error {
        LayoutError::WordTooWide { .. } if is_narrow => {
            ComposeError::FirstPageTooNarrow { width_mm: page.size[0] / PT_PER_MM }
        }
        other => other.into(),
    })?;
    let own = mm(template.first_page.top_mm);
    let left = page.size[0] - mm(template.first_page.right_mm) - block.rect.width();
    let height = block.rect.height();
    let free = |top: &f32| ink.is_some_and(|ink| ink.is_free(block.rect.moved(left, *top).grown(AROUND / 3.0)));
    // As near to its own place as may be, rather higher than lower.
    let higher = (0..LOWER_MM).map(|by| own - mm(f32::from(by))).take_while(|&top| top > mm(LEAST_TOP_MM) - 0.01);
    let lower = (1..=LOWER_MM).map(|by| own + mm(f32::from(by)));
    let top = higher.chain(lower).filter(|top| top + height < page.size[1] / 4.0).find(free);
    let top = top.unwrap_or_else(|| {
        let strip = own + height + AROUND;
        page.size[1] += strip;
        page.image_top = Some(strip);
        own
    });
    Ok(Planned { page: 0, block: block.moved(left, top) })
}

/// The attestation in the last page's free room, if there is enough.
fn on_page(
    template: &Template,
    values: &Values<'_>,
    fonts: &Fonts,
    code: &Code,
    page: &PlannedPage,
    number: usize,
    ink: &Ink,
) -> Result<Option<Planned>, ComposeError> {
    let margins = &template.attestation.margins_mm;
    let image_top = page.image_top.unwrap_or_default();
    let area = Rect {
        left: mm(margins.left),
        top: mm(margins.top),
        right: page.size[0] - mm(margins.right),
        bottom: page.size[1] - image_top - mm(margins.bottom),
    };
    // On a wide page the block is no wider than on an upright one, and stands on the right as it does there.
    let width = area.width().min(A4[0] - mm(margins.left + margins.right));
    let area = Rect { left: area.right - width, ..area };
    let block = match layout::attestation(template, values, fonts, code, width) {
        Ok(block) => block,
        Err(error @ LayoutError::NoGlyph { .. }) => return Err(error.into()),
        // The page is too narrow: the added one may not be.
        Err(_) => return Ok(None),
    };
    // Free on all sides, but the margins keep the page's own edge.
    let around = Rect { left: area.left - AROUND, right: area.right + AROUND, ..area };
    let room = ink.lowest_room(around, block.rect.height() + 2.0 * AROUND);
    Ok(room.map(|room| Planned { page: number, block: block.moved(area.left, image_top + room + AROUND) }))
}

fn places(pages: &[PlannedPage], first: &Planned, attestation: &Planned) -> Result<Places, ComposeError> {
    let area = |planned: &Planned, rect: Rect| {
        let height = pages.get(planned.page).map_or(0.0, |page| page.size[1]);
        Area::of(planned.page, height, rect)
    };
    let find = |is: fn(&What) -> bool| {
        let item = attestation.block.items.iter().find(|item| is(&item.what));
        let item = item.ok_or_else(|| ComposeError::Pdf("the attestation is not whole".to_owned()))?;
        Ok::<_, ComposeError>(area(attestation, item.rect))
    };
    Ok(Places {
        signature: find(|what| *what == What::Signature)?,
        seal: find(|what| *what == What::Seal)?,
        code: find(|what| matches!(what, What::Code { .. } | What::NoCode))?,
        attestation: area(attestation, attestation.block.rect),
        first_page: area(first, first.block.rect),
    })
}

#[cfg(test)]
mod tests;
