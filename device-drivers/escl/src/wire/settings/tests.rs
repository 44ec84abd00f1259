use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanArea, ScanRequest, ScanSource};
use proptest::prelude::*;

use super::super::capabilities::Capabilities;
use super::super::xml::Element;
use super::{Settings, SettingsError};

fn capabilities() -> Capabilities {
    Capabilities::parse(super::super::capabilities::tests::DEVICE.as_bytes()).unwrap()
}

fn of(request: &ScanRequest) -> Result<Settings, SettingsError> {
    Settings::of(request, &capabilities())
}

fn area(x_mm: f32, y_mm: f32, width_mm: f32, height_mm: f32) -> ScanRequest {
    ScanRequest { area: Some(ScanArea { x_mm, y_mm, width_mm, height_mm }), ..ScanRequest::default() }
}

fn unsupported(request: &ScanRequest) -> String {
    match of(request) {
        Err(SettingsError::Unsupported(detail)) => detail,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_document_says_what_was_asked() {
    let request = ScanRequest { color: ColorMode::Gray, ..area(25.4, 0.0, 50.8, 25.4) };
    let document = Element::parse(of(&request).unwrap().xml().as_bytes(), "ScanSettings").unwrap();
    assert_eq!(document.text_of("Version"), Some("2.63"));
    assert_eq!(document.text_of("InputSource"), Some("Platen"));
    assert_eq!(document.text_of("ColorMode"), Some("Grayscale8"));
    assert_eq!(document.text_of("DocumentFormatExt"), Some("image/jpeg"));
    assert_eq!((document.number("XResolution"), document.number("YResolution")), (Some(300), Some(300)));
    let region = document.child("ScanRegions").and_then(|regions| regions.child("ScanRegion")).unwrap();
    let numbers = ["XOffset", "YOffset", "Width", "Height"].map(|name| region.number(name).unwrap());
    assert_eq!(numbers, [300, 0, 600, 300]);
    assert_eq!(region.text_of("ContentRegionUnits"), Some("escl:ThreeHundredthsOfInches"));
}

#[test]
fn without_an_area_the_whole_source_is_asked_for() {
    assert_eq!(of(&ScanRequest::default()).unwrap().region, [0, 0, 2550, 3508]);
    let adf = ScanRequest { source: ScanSource::Adf, color: ColorMode::Gray, ..ScanRequest::default() };
    let settings = of(&adf).unwrap();
    assert_eq!(settings.region, [0, 0, 2550, 4200]);
    assert!(settings.xml().contains("<scan:Duplex>false</scan:Duplex>"));
}

#[test]
fn what_the_scanner_cannot_do_is_unsupported_with_what_it_can() {
    let duplex = ScanRequest { source: ScanSource::AdfDuplex, ..ScanRequest::default() };
    assert!(unsupported(&duplex).contains("flatbed, adf"));
    let dpi = ScanRequest { resolution_dpi: 250, ..ScanRequest::default() };
    assert!(unsupported(&dpi).contains("300, 600"));
    let color = ScanRequest { source: ScanSource::Adf, ..ScanRequest::default() };
    assert!(unsupported(&color).contains("gray"));
    assert!(unsupported(&area(0.0, 0.0, 300.0, 100.0)).contains("215.9"));
    assert!(unsupported(&area(0.0, 0.0, 0.5, 100.0)).contains("1.4"));
    assert!(unsupported(&area(f32::MAX, 0.0, f32::MAX, 1.0)).contains("reaches"));
}

#[test]
fn what_no_scanner_can_do_is_invalid_and_names_the_field() {
    let field = |request: &ScanRequest| match of(request) {
        Err(SettingsError::Invalid { field, .. }) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(&ScanRequest { max_pages: Some(0), ..ScanRequest::default() }), "payload.max_pages");
    assert_eq!(field(&area(-1.0, 0.0, 10.0, 10.0)), "payload.area.x_mm");
    assert_eq!(field(&area(0.0, f32::NAN, 10.0, 10.0)), "payload.area.y_mm");
    assert_eq!(field(&area(0.0, 0.0, 0.0, 10.0)), "payload.area.width_mm");
    assert_eq!(field(&area(0.0, 0.0, 10.0, f32::INFINITY)), "payload.area.height_mm");
}

#[test]
fn rounding_does_not_push_a_whole_page_over_the_edge() {
    let told = capabilities().told();
    let flatbed = &told.sources[0];
    let whole = of(&area(0.0, 0.0, flatbed.max_width_mm, flatbed.max_height_mm)).unwrap();
    assert_eq!(whole.region, [0, 0, 2550, 3508]);
    // A4 is 297 mm, this glass 297.01 mm; Letter's width is the glass's own.
    assert_eq!(of(&area(0.0, 0.0, 215.95, 297.0)).unwrap().region, [0, 0, 2550, 3508]);
}

proptest! {
    #[test]
    fn an_accepted_area_lies_within_the_source(x in -10.0_f32..400.0, y in -10.0_f32..400.0, w in -10.0_f32..400.0, h in -10.0_f32..400.0) {
        if let Ok(settings) = of(&area(x, y, w, h)) {
            let [x, y, w, h] = settings.region;
            prop_assert!(w >= 16 && h >= 16 && x + w <= 2550 && y + h <= 3508);
        }
    }

    #[test]
    fn no_area_makes_it_panic(x in any::<f32>(), y in any::<f32>(), w in any::<f32>(), h in any::<f32>()) {
        let _ = of(&area(x, y, w, h));
    }
}
