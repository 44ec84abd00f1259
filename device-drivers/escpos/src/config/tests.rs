use super::*;

fn refusal(config: Config) -> String {
    match config.check().and_then(|()| config.fonts().map(drop)) {
        Err(OpenError::BadConfig(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(()) => panic!("accepted"),
    }
}

#[test]
fn the_defaults_are_those_of_an_80_mm_printer() {
    let config = Config::default();
    config.check().unwrap();
    config.fonts().map(drop).unwrap();
    assert_eq!(config.paper(), Paper { width_dots: 576, resolution_dpi: 203 });
    assert_eq!(config.capabilities().cuts.len(), 3);
}

#[test]
fn a_wrong_setting_is_refused_by_its_key() {
    assert!(refusal(Config { width_dots: 570, ..Config::default() }).contains("config.width_dots is 570"));
    assert!(refusal(Config { width_dots: 8, ..Config::default() }).contains("128 to 832"));
    assert!(refusal(Config { resolution_dpi: 20, ..Config::default() }).contains("config.resolution_dpi is 20"));
    assert!(refusal(Config { cuts: vec![], ..Config::default() }).contains("config.cuts"));
    assert!(refusal(Config { poll_ms: 5, ..Config::default() }).contains("config.poll_ms is 5"));
}

#[test]
fn a_missing_font_names_the_package_that_has_it() {
    let text = refusal(Config { font_bold: "/nonexistent/Bold.ttf".into(), ..Config::default() });
    assert!(text.contains("config.font_bold") && text.contains("fonts-dejavu-core"), "{text}");
    let text = refusal(Config { font: "/etc/hostname".into(), ..Config::default() });
    assert!(text.contains("config.font:"), "{text}");
}
