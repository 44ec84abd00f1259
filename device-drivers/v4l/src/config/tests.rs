use super::*;

fn size(text: &str) -> Result<Size, String> {
    Size::try_from(text.to_owned())
}

#[test]
fn a_size_is_width_and_height() {
    assert_eq!(size("1280x720"), Ok(Size { width: 1280, height: 720 }));
    assert_eq!(size("1280x720").unwrap().to_string(), "1280x720");
    for wrong in
        ["", "x", "1280", "1280x", "x720", "0x720", "1280X720", "1280x720x3", "99999x720", "-1x720", "12,8x720"]
    {
        assert!(size(wrong).unwrap_err().contains("1280x720"), "{wrong}");
    }
}

#[test]
fn settings_out_of_range_are_refused_with_the_range() {
    Config::default().check().unwrap();
    let refused = |config: Config| match config.check() {
        Err(OpenError::BadConfig(text)) => text,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(Config { fps: 0, ..Config::default() }), "config.fps is 0; use 1 to 240");
    assert_eq!(refused(Config { quality: 101, ..Config::default() }), "config.quality is 101; use 1 to 100");
    assert!(refused(Config { stall_ms: 1, ..Config::default() }).contains("stall_ms"));
    assert!(refused(Config { settle_frames: 500, ..Config::default() }).contains("settle_frames"));
    assert!(refused(Config { poll_ms: 1, ..Config::default() }).contains("poll_ms"));
}
