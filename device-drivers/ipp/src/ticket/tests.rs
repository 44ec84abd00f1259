use kiosk_driver_sdk::protocol::blob::BlobId;
use kiosk_driver_sdk::protocol::device::Identity;
use kiosk_driver_sdk::protocol::page_printer::{PrintDocument, Sides};

use super::of;
use crate::draw::Kind;
use crate::raster::Dots;
use crate::wire::printer::{Abilities, RasterAbilities};

const A4: &str = "iso_a4_210x297mm";

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn printer() -> Abilities {
    Abilities {
        identity: Identity { maker: None, model: None, serial: None, firmware: None },
        pdf: true,
        jpeg: false,
        color: true,
        max_copies: 5,
        sides: vec![Sides::OneSided, Sides::TwoSidedLongEdge],
        trays: words(&["main", "manual"]),
        media: words(&["na_letter_8.5x11in", A4]),
        media_default: Some("na_letter_8.5x11in".into()),
        color_modes: words(&["color", "monochrome"]),
        scalings: words(&["fit"]),
        creates_jobs: true,
        raster: Some(RasterAbilities {
            resolutions: vec![200, 360, 600],
            types: words(&["srgb_8", "sgray_8"]),
            sheet_back: "rotated".into(),
        }),
    }
}

fn wish() -> PrintDocument {
    PrintDocument { document: BlobId("1".into()), copies: 1, sides: Sides::OneSided, color: true, tray: None }
}

fn attributes(request: &PrintDocument, printer: &Abilities) -> Vec<String> {
    let (ticket, _) = of(request, Kind::Pdf, printer, A4).unwrap();
    ticket.attributes.iter().map(|(key, value)| format!("{key}={value}")).collect()
}

#[test]
fn wishes_become_job_attributes() {
    assert_eq!(attributes(&wish(), &printer()), ["sides=one-sided", "print-color-mode=color", &format!("media={A4}")]);
    let all = PrintDocument {
        copies: 3,
        sides: Sides::TwoSidedLongEdge,
        color: false,
        tray: Some("manual".into()),
        ..wish()
    };
    assert_eq!(
        attributes(&all, &printer()),
        [
            "copies=3",
            "sides=two-sided-long-edge",
            "print-color-mode=monochrome",
            "media-col=<media-size=<x-dimension=21000, y-dimension=29700>, media-source=manual>"
        ]
    );
}

#[test]
fn what_the_printer_cannot_do_is_refused_with_what_it_can() {
    for (request, word) in [
        (PrintDocument { copies: 6, ..wish() }, "6 copies; it can do: 5"),
        (PrintDocument { copies: 0, ..wish() }, "1 to 99"),
        (PrintDocument { sides: Sides::TwoSidedShortEdge, ..wish() }, "two-sided-long-edge"),
        (PrintDocument { tray: Some("attic".into()), ..wish() }, "`attic`; it can do: main, manual"),
    ] {
        let problem = of(&request, Kind::Pdf, &printer(), A4).unwrap_err().to_string();
        assert!(problem.contains(word), "{problem}");
    }
    let only_color = Abilities { color_modes: words(&["color"]), ..printer() };
    assert!(of(&PrintDocument { color: false, ..wish() }, Kind::Pdf, &only_color, A4).is_err());
    let none = Abilities { pdf: false, raster: None, ..printer() };
    assert!(of(&wish(), Kind::Pdf, &none, A4).unwrap_err().to_string().contains("PWG Raster"));
}

#[test]
fn a_document_that_the_printer_does_not_take_is_drawn_on_its_sheet() {
    let (ticket, sheet) = of(&wish(), Kind::Jpeg, &printer(), A4).unwrap();
    let sheet = sheet.unwrap();
    assert_eq!(ticket.format, "image/pwg-raster");
    assert_eq!((sheet.dots, sheet.dpi, sheet.width, sheet.height), (Dots::Rgb8, 360, 2976, 4209));
    let (_, grey) = of(&PrintDocument { color: false, ..wish() }, Kind::Jpeg, &printer(), A4).unwrap();
    assert_eq!(grey.unwrap().dots, Dots::Gray8);
    let letter_only = Abilities { media: words(&["na_letter_8.5x11in"]), ..printer() };
    let (_, letter) = of(&wish(), Kind::Jpeg, &letter_only, A4).unwrap();
    assert_eq!(letter.unwrap().media, "na_letter_8.5x11in");
}

#[test]
fn a_document_that_it_takes_goes_as_it_is() {
    let (ticket, sheet) = of(&wish(), Kind::Pdf, &printer(), A4).unwrap();
    assert_eq!((ticket.format, sheet), ("application/pdf", None));
}
