use super::*;
use crate::raster;
use crate::request::{Language, PageImage, Request};
use crate::template::{DEFAULT_TEMPLATE, specimen, usual_verification};

/// A page in millimetres at 200 dpi with black rectangles on it.
fn page(size_mm: [f32; 2], spots: &[[f32; 4]]) -> Raster {
    let px = |millimetres: f32| crate::units::floor(millimetres / 25.4 * 200.0);
    let [width, height] = size_mm.map(px);
    let mut rgb = vec![250; width * height * 3];
    for &[left, top, right, bottom] in spots {
        for y in px(top)..px(bottom) {
            rgb[(y * width + px(left)) * 3..(y * width + px(right)) * 3].fill(20);
        }
    }
    let size = [width, height].map(|side| u32::try_from(side).unwrap());
    raster::read(PageImage::Rgb(rgb), size, 200.0, true).unwrap()
}

fn planned(request: &Request, rasters: &[Raster]) -> Result<Plan, ComposeError> {
    let fonts = Fonts::installed().unwrap();
    let template = Template::load(DEFAULT_TEMPLATE, &fonts).unwrap();
    let code = Code::new(&usual_verification().qr).unwrap();
    plan(&template, &Values::of(request), &fonts, &code, rasters)
}

fn places(rasters: &[Raster]) -> (Vec<[f32; 2]>, Places) {
    let plan = planned(&specimen(Language::Vietnamese), rasters).unwrap();
    (plan.pages.iter().map(|page| page.size.map(|side| (side / PT_PER_MM).round())).collect(), plan.places)
}

const A4_MM: [f32; 2] = [210.0, 297.0];

#[test]
fn an_empty_page_has_room_for_both_blocks() {
    let (pages, places) = places(&[page(A4_MM, &[])]);
    assert_eq!(pages, [A4_MM]);
    let [left, lower, right, upper] = places.attestation.rect;
    let first = places.first_page.rect;
    assert!(upper < first[1], "below the block of the first page");
    assert!(left >= mm(14.9) && right <= mm(195.1) && lower >= mm(11.9));
    assert!(((mm(297.0) - first[3]) / PT_PER_MM - 6.0).abs() < 0.5 && (mm(210.0) - first[2]) / PT_PER_MM < 8.1);
}

#[test]
fn the_attestation_stands_between_text_and_footer() {
    let (pages, places) = places(&[page(A4_MM, &[[30.0, 30.0, 180.0, 130.0], [100.0, 285.0, 105.0, 288.0]])]);
    assert_eq!(pages, [A4_MM]);
    let [_, lower, _, upper] = places.attestation.rect.map(|edge| edge / PT_PER_MM);
    assert!(upper < 297.0 - 133.0 && upper > 297.0 - 136.0, "right below the text: {upper}");
    assert!(lower > 297.0 - 285.0, "above the footer: {lower}");
}

#[test]
fn a_page_without_room_gets_a_page_more_and_a_strip() {
    let spots = [[5.0, 5.0, 205.0, 8.0], [20.0, 20.0, 190.0, 110.0], [20.0, 190.0, 190.0, 260.0]];
    let (pages, places) = places(&[page(A4_MM, &spots)]);
    assert_eq!(pages.len(), 2);
    assert!(pages[0][1] > 310.0 && pages[1] == A4_MM, "{pages:?}");
    assert_eq!((places.first_page.page, places.attestation.page), (0, 1));
    assert!(places.first_page.rect[1] >= mm(297.0), "in the strip");
}

#[test]
fn only_first_and_last_page_are_written_on() {
    let full = [[5.0, 3.0, 205.0, 290.0]];
    let (pages, places) = places(&[page(A4_MM, &[]), page(A4_MM, &full), page(A4_MM, &[])]);
    assert_eq!(pages, [A4_MM; 3]);
    assert_eq!((places.first_page.page, places.attestation.page, places.code.page, places.seal.page), (0, 2, 2, 2));
}

#[test]
fn small_pages_are_judged_by_their_width() {
    let (pages, _) = places(&[page([148.0, 210.0], &[])]);
    assert_eq!(pages.len(), 1, "A5");
    let (pages, _) = places(&[page([95.0, 62.0], &[])]);
    assert_eq!(pages.len(), 2, "a card");
    let narrow = planned(&specimen(Language::Vietnamese), &[page([41.0, 54.0], &[])]);
    assert!(matches!(narrow, Err(ComposeError::FirstPageTooNarrow { .. })));
}

#[test]
fn a_strip_and_a_page_with_room_go_together() {
    let (pages, places) = places(&[page(A4_MM, &[[5.0, 5.0, 205.0, 8.0], [5.0, 20.0, 205.0, 30.0]])]);
    assert_eq!(pages.len(), 1);
    assert!(pages[0][1] > 310.0);
    // Rectangles count from the lower edge, whatever was put above.
    let upper = places.attestation.rect[3] / PT_PER_MM;
    assert!((297.0 - 36.0..297.0 - 30.0).contains(&upper), "{upper}");
}
