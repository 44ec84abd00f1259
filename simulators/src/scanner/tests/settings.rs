use proptest::prelude::*;

use super::super::settings::{ColorMode, Format, MAX_HEIGHT, MAX_WIDTH, Settings, SettingsError, Source, WHOLE};

const EMPTY: &str = r#"<scan:ScanSettings xmlns:scan="s" xmlns:pwg="p"></scan:ScanSettings>"#;

#[test]
fn what_is_not_said_is_the_whole_page_in_colour() {
    let settings = Settings::read(EMPTY.as_bytes()).unwrap();
    assert_eq!((settings.source, settings.color, settings.format), (Source::Automatic, ColorMode::RGB24, Format::Jpeg));
    assert_eq!((settings.x_dpi, settings.y_dpi, settings.region), (300, 300, WHOLE));
}

#[test]
fn a_region_outside_the_glass_is_refused() {
    let text = super::flatbed().replace("<pwg:XOffset>0", "<pwg:XOffset>2400");
    let error = Settings::read(text.as_bytes()).unwrap_err();
    assert!(matches!(error, SettingsError::Unsupported { name: "Width", .. }), "{error}");
}

#[test]
fn a_declaration_of_entities_is_refused() {
    let bomb = format!("<!DOCTYPE a [<!ENTITY b \"bb\">]>{EMPTY}");
    assert!(matches!(Settings::read(bomb.as_bytes()), Err(SettingsError::Malformed(_))));
}

#[test]
fn a_deep_tree_is_read_or_refused_without_harm() {
    let deep = "<a>".repeat(20_000);
    assert!(Settings::read(deep.as_bytes()).is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_settings_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = Settings::read(&bytes);
    }

    #[test]
    fn spoiled_settings_are_settings_or_an_error(
        place in any::<prop::sample::Index>(), with in ".{0,8}", length in 0usize..40
    ) {
        let text = super::feeder();
        let mut characters: Vec<char> = text.chars().collect();
        let start = place.index(characters.len());
        let end = (start + length).min(characters.len());
        characters.splice(start..end, with.chars());
        if let Ok(settings) = Settings::read(characters.iter().collect::<String>().as_bytes()) {
            let region = settings.region;
            prop_assert!(region.x + region.width <= MAX_WIDTH && region.y + region.height <= MAX_HEIGHT);
        }
    }
}
