use super::*;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("emrtd/testdata").join(name)
}

/// A folder with the test data under these names.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, source) in files {
        std::fs::copy(data(source), folder.path().join(name)).unwrap();
    }
    folder
}

fn checked(files: &[(&str, &str)]) -> Result<ExitCode, String> {
    let folder = folder(files);
    let options = Check {
        folder: folder.path().to_owned(),
        trusted: vec![data("ec.crt")],
        revoked: vec![data("ec.crl")],
        json: true,
        show: false,
    };
    check_files(&options).map_err(|error| format!("{error:#}"))
}

#[test]
fn files_are_known_by_the_names_that_programs_give_them() {
    for names in [["DG1.bin", "dg2", "EF_SOD.BIN"], ["EF.DG1", "EF_DG2.bin", "sod.bin"]] {
        let files =
            folder(&[(names[0], "dg1.bin"), (names[1], "dg2.bin"), (names[2], "ec-ds.sod"), ("note.txt", "dg1.bin")]);
        let read = Files::read(files.path()).unwrap();
        assert_eq!((read.numbers(), read.sod.is_some()), (vec![1, 2], true), "{names:?}");
    }
}

#[test]
fn what_the_state_signed_passes_and_everything_else_says_why() {
    let good = [("DG1", "dg1.bin"), ("DG2", "dg2.bin"), ("SOD", "ec-ds.sod")];
    assert_eq!(checked(&good), Ok(ExitCode::SUCCESS));
    for bad in [
        [("DG1", "dg1.bin"), ("DG2", "dg1.bin"), ("SOD", "ec-ds.sod")],
        [("DG1", "dg1.bin"), ("DG2", "dg2.bin"), ("SOD", "revoked-ds.sod")],
        [("DG1", "dg1.bin"), ("DG2", "dg2.bin"), ("SOD", "pss-ds.sod")],
        [("DG1", "dg1.bin"), ("DG2", "dg2.bin"), ("SOD", "dg1.bin")],
    ] {
        assert_eq!(checked(&bad), Ok(ExitCode::FAILURE), "{bad:?}");
    }
    assert!(checked(&[("DG1", "dg1.bin")]).unwrap_err().contains("has no SOD"));
    assert!(checked(&[("SOD", "ec-ds.sod")]).unwrap_err().contains("no data group"));
}

#[test]
fn the_holder_is_shown_only_where_that_is_wanted() {
    let files = folder(&[("DG1", "dg1.bin"), ("SOD", "ec-ds.sod")]);
    let files = Files::read(files.path()).unwrap();
    let holder = files.holder();
    assert_eq!(holder["surname"], "ERIKSSON");
    let outcome = Err(PassiveError::Untrusted);
    let without = report(&outcome, &files, None).to_string() + &text(&outcome, &files, None);
    assert!(!without.contains("ERIKSSON") && without.contains("failed"), "{without}");
    let with = report(&Ok(()), &files, Some(holder.clone())).to_string() + &text(&Ok(()), &files, Some(&holder));
    assert!(with.matches("ERIKSSON").count() == 2 && with.contains("passed"), "{with}");
}
