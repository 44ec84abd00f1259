//! What backends call things. SANE fixes the names of a few options (`saneopts.h`), but hardly their values: each backend
//! has its own words for "feeder" and "grey". The words are as they stand in the sources of sane-backends 1.2 and
//! sane-airscan 0.99, untranslated.

use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanSource};

/// Options of `saneopts.h` ("SANE_NAME_…").
pub(crate) const SOURCE: &str = "source";
pub(crate) const MODE: &str = "mode";
pub(crate) const DEPTH: &str = "depth";
pub(crate) const RESOLUTION: &str = "resolution";
pub(crate) const X_RESOLUTION: &str = "x-resolution";
pub(crate) const Y_RESOLUTION: &str = "y-resolution";
/// Left, top, right, bottom.
pub(crate) const CORNERS: [&str; 4] = ["tl-x", "tl-y", "br-x", "br-y"];
/// The size of the sheet in the feeder; some backends cut or centre the area by it.
pub(crate) const PAGE_WIDTH: &str = "page-width";
pub(crate) const PAGE_HEIGHT: &str = "page-height";
/// Sensors: yes when there is paper in the feeder (fujitsu, epjitsu, genesys: `page-loaded`; canon_dr: `adf-loaded`).
pub(crate) const LOADED: [&str; 2] = ["page-loaded", "adf-loaded"];
/// Sensor: yes when a cover is open (fujitsu, epjitsu).
pub(crate) const COVER_OPEN: &str = "cover-open";

/// Both sides as an option of its own beside the source: its name, its value for one side, its value for both.
pub(crate) enum Sides {
    /// Texts (epson2.c, epsonds.c, kodakaio.c, magicolor.c: "ADF Mode").
    Texts(&'static str, &'static str, &'static str),
    /// Yes or no (kvs1025.h, kvs20xx_opt.c, kvs40xx_opt.c, avision.h: "duplex").
    YesNo(&'static str),
}

pub(crate) const SIDES: [Sides; 2] = [Sides::Texts("adf-mode", "Simplex", "Duplex"), Sides::YesNo("duplex")];

/// The words for each source, the likeliest first.
///
/// | word | backend |
/// |---|---|
/// | Flatbed | genesys.h, fujitsu.c, epjitsu.c, canon_dr.c, epson2.c, epsonds.c, kodakaio.c, magicolor.c, pixma.c, hp5590.c, xerox_mfp.c, escl.c, test.c, airscan |
/// | Normal | avision.c, plustek.c |
/// | fb | kvs1025_opt.c, kvs40xx_opt.c |
/// | FlatBed | brscan (Brother's own) |
/// | ADF | hp5590.c, xerox_mfp.c, escl.c, airscan, hpaio (HPLIP) |
/// | ADF Front | fujitsu.c, epjitsu.c, canon_dr.c, kodak.c, avision.c |
/// | Automatic Document Feeder | epson2.c, epsonds.c, kodakaio.c, magicolor.c, pixma.c, test.c |
/// | Automatic Document Feeder(left aligned), …(centrally aligned) | brscan |
/// | adf | kvs1025_opt.c, kvs40xx_opt.c |
/// | ADF Duplex | fujitsu.c, epjitsu.c, canon_dr.c, kodak.c, avision.c, pixma.c, hp5590.c, escl.c, airscan |
/// | Duplex | hpaio |
/// | Automatic Document Feeder(left aligned,Duplex), …(centrally aligned,Duplex) | brscan |
pub(crate) fn sources(source: ScanSource) -> &'static [&'static str] {
    match source {
        ScanSource::Flatbed => &["Flatbed", "FlatBed", "Normal", "fb"],
        ScanSource::Adf => &[
            "ADF",
            "ADF Front",
            "Automatic Document Feeder",
            "Automatic Document Feeder(left aligned)",
            "Automatic Document Feeder(centrally aligned)",
            "adf",
        ],
        ScanSource::AdfDuplex => &[
            "ADF Duplex",
            "Duplex",
            "Automatic Document Feeder(left aligned,Duplex)",
            "Automatic Document Feeder(centrally aligned,Duplex)",
        ],
    }
}

/// The words for each colour mode, the likeliest first.
///
/// | word | backend |
/// |---|---|
/// | Color, Gray | `SANE_VALUE_SCAN_MODE_…` of saneopts.h: nearly all |
/// | 24bit Color, 24bit Color[Fast], True Gray | brscan |
/// | Grayscale | older epson, hp3900 |
/// | color, gray | kvs backends |
pub(crate) fn modes(color: ColorMode) -> &'static [&'static str] {
    match color {
        ColorMode::Color => &["Color", "24bit Color", "24bit Color[Fast]", "24 bit Color", "color"],
        ColorMode::Gray => &["Gray", "Grayscale", "True Gray", "8bit Gray", "Greyscale", "gray"],
    }
}

/// Backends whose devices are not local ones, so that the list must be asked for with the network's.
pub(crate) fn is_network(backend: &str) -> bool {
    matches!(backend, "airscan" | "escl" | "net" | "dell1600n_net")
}

/// A device whose type says so has a feeder only (`SANE_Device.type`, "SANE Standard" 1.06, section 4.2.8, table 1).
pub(crate) fn is_sheet_fed(kind: &str) -> bool {
    kind.to_ascii_lowercase().contains("sheetfed")
}
