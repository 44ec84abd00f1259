use serde_json::json;

use super::Config;

fn config(value: serde_json::Value) -> Config {
    serde_json::from_value(value).unwrap()
}

#[test]
fn limits_are_kept_and_named() {
    assert!(config(json!({})).check().is_ok());
    for (value, word) in [
        (json!({ "jpeg_quality": 20 }), "jpeg_quality is 20; use 30 to 100"),
        (json!({ "poll_ms": 1 }), "poll_ms"),
        (json!({ "silence_ms": 1 }), "silence_ms"),
        (json!({ "give_up_ms": 1 }), "give_up_ms"),
        (json!({ "options": { "resolution": 75 } }), "options.resolution"),
        (json!({ "options": { "tl-x": 75 } }), "options.tl-x"),
        (json!({ "conf": "x".repeat((1 << 20) + 1) }), "conf is 1048577 bytes"),
    ] {
        let error = config(value).check().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    assert!(serde_json::from_value::<Config>(json!({ "colour": 1 })).is_err());
    assert_eq!(config(json!({ "sources": { "adf": "Einzug" } })).sources.len(), 1);
}

#[test]
fn the_private_folder_has_only_the_one_backend_and_goes_with_its_value() {
    let system = tempfile::tempdir().unwrap();
    std::fs::write(system.path().join("genesys.conf"), "usb 0x04a9 0x1909\n").unwrap();
    std::fs::write(system.path().join("dll.conf"), "net\ngenesys\n").unwrap();
    let read = |folder: &tempfile::TempDir, name: &str| std::fs::read_to_string(folder.path().join(name)).ok();

    let folder = config(json!({})).folder_from("genesys", system.path()).unwrap();
    assert_eq!(read(&folder, "dll.conf").as_deref(), Some("genesys\n"));
    assert_eq!(read(&folder, "genesys.conf").as_deref(), Some("usb 0x04a9 0x1909\n"));
    let own = config(json!({ "conf": "mine\n" })).folder_from("genesys", system.path()).unwrap();
    assert_eq!(read(&own, "genesys.conf").as_deref(), Some("mine\n"));
    let none = config(json!({})).folder_from("other", system.path()).unwrap();
    assert_eq!(read(&none, "other.conf"), None);

    let path = folder.path().to_owned();
    drop(folder);
    assert!(!path.exists());
}
