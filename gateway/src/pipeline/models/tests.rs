use super::*;

fn paths(folder: &Path) -> ModelPaths {
    ModelPaths { models: folder.to_owned(), tessdata: folder.to_owned() }
}

#[test]
fn a_missing_model_says_what_to_run() {
    let folder = tempfile::tempdir().unwrap();
    let error = DETECTOR.load(folder.path(), Ok).err().unwrap();
    assert!(matches!(error, ModelError::Read { .. }));
    let text = error.to_string();
    assert!(text.contains(DETECTOR.name) && text.contains("make setup"), "{text}");
}

#[test]
fn a_model_of_other_bytes_is_refused_before_it_is_loaded() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(DETECTOR.name), b"not a network").unwrap();
    let error = DETECTOR.load(folder.path(), Ok).err().unwrap();
    let ModelError::Hash { found, expected, .. } = &error else { panic!("{error}") };
    assert_eq!(found, &sha256_hex(b"not a network"));
    assert_eq!(*expected, DETECTOR.sha256);
    assert!(error.to_string().contains("make setup"));
}

#[test]
fn the_best_language_data_that_is_there_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let here = paths(folder.path());
    let touch = |name: &str| {
        let file = folder.path().join(format!("{name}.traineddata"));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, b"").unwrap();
    };
    let error = here.vietnamese().unwrap_err().to_string();
    assert!(error.contains("tesseract-ocr-script-viet") && error.contains("script/Vietnamese"), "{error}");
    touch("vie");
    assert_eq!(here.vietnamese().unwrap(), "vie");
    touch("script/Vietnamese");
    assert_eq!(here.vietnamese().unwrap(), "script/Vietnamese");
    touch("Vietnamese");
    assert_eq!(here.vietnamese().unwrap(), "Vietnamese");
    assert!(here.english().is_err());
    touch("eng");
    assert_eq!(here.english().unwrap(), "eng");
}
