//! The composer as a process: what it composes, what it refuses, and what becomes of one that does not do as it should.

#![expect(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "a test program")]

#[path = "composer/fake.rs"]
mod fake;
#[path = "peers/paper.rs"]
mod paper;
#[path = "../src/testing.rs"]
mod testing;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use fake::{Fake, PATIENCE, composer, large, said};
use kiosk_compose::{
    Composer, ComposerError, DEFAULT_TEMPLATE, Fonts, Page, PageImage, RefusalCode, Request, Template, compose,
};
use paper::{line, page_with_room, request, sample, with_marks};

#[expect(clippy::disallowed_methods, reason = "this test is the parent")]
fn run(arguments: &[&str]) -> Output {
    Command::new(composer().program).args(arguments).output().unwrap()
}

#[test]
fn the_process_composes_what_the_library_does() {
    let fonts = Fonts::installed().unwrap();
    let template = Template::load(DEFAULT_TEMPLATE, &fonts).unwrap();
    let mut words = page_with_room();
    words.lines = vec![line("Cộng hòa xã hội chủ nghĩa Việt Nam", 300.1, 300.3, 40.7)];
    let mut preview = request(vec![words.clone()]);
    (preview.facts.number, preview.facts.certified_at, preview.verification) = (None, None, None);
    for request in [with_marks(request(vec![words, sample("diploma")])), large(), preview] {
        let own = compose(request.clone(), &template, &fonts).unwrap();
        assert!(composer().compose(request, PATIENCE).unwrap() == own);
    }
}

/// A JPEG file with another size in its head.
fn of_size(mut file: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = file.windows(4).position(|four| four[..2] == [0xFF, 0xC0] && four[2] == 0).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// A PNG file whose rows are `rows` times a million zeros, whatever its head says.
fn png_bomb(size: [u32; 2]) -> Vec<u8> {
    testing::packed(size, png::ColorType::Rgb, png::BitDepth::Eight, &vec![0; size[0] as usize * size[1] as usize * 3])
}

#[test]
fn hostile_pictures_are_refused_with_their_page() {
    let PageImage::Jpeg(jpeg) = page_with_room().image else { panic!("it is JPEG") };
    let size = page_with_room().size_px;
    let png = png_bomb([1000, 1000]);
    let head = |width: u32, height: u32| {
        // The size of `IHDR`, with another check sum that nobody looks at before the size.
        let mut file = png.clone();
        file[16..20].copy_from_slice(&width.to_be_bytes());
        file[20..24].copy_from_slice(&height.to_be_bytes());
        file
    };
    let twelve_thousand = [12_000, 12_000];
    for (image, size_px, words) in [
        (PageImage::Jpeg(jpeg[..jpeg.len() / 2].to_vec()), size, "cut off"),
        (PageImage::Jpeg(jpeg[..20].to_vec()), size, "page 2 cannot be used"),
        (PageImage::Jpeg(of_size(jpeg.clone(), 65_000, 65_000)), size, "65000 x 65000"),
        (PageImage::Jpeg(of_size(jpeg.clone(), 12_000, 12_000)), twelve_thousand, "12000 x 12000"),
        (PageImage::Png(png[..png.len() / 2].to_vec()), [1000, 1000], "page 2 cannot be used"),
        (PageImage::Png(head(60_000, 60_000)), [1000, 1000], "page 2 cannot be used"),
        (PageImage::Png(head(60_000, 60_000)), [60_000, 60_000], "60000 x 60000"),
        (PageImage::Png(png_bomb([7000, 7000])), [7000, 7000], "7000 x 7000"),
        (PageImage::Rgb(vec![0; 7]), size, "page 2 cannot be used"),
        (PageImage::Jpeg(Vec::new()), size, "page 2 cannot be used"),
    ] {
        let page = Page { image, size_px, dpi: 200.0, lines: Vec::new() };
        let error = composer().compose(request(vec![page_with_room(), page]), PATIENCE).unwrap_err();
        let ComposerError::Refused(refusal) = &error else { panic!("{}", said(&error)) };
        assert_eq!((refusal.code, refusal.page), (RefusalCode::Picture, Some(2)), "{refusal}");
        assert!(refusal.message.contains(words), "{words}: {refusal}");
    }
}

#[test]
fn what_else_is_wrong_is_told_with_its_kind() {
    let refused = |change: fn(&mut Request)| {
        let mut request = request(vec![page_with_room()]);
        change(&mut request);
        match composer().compose(request, PATIENCE).unwrap_err() {
            ComposerError::Refused(refusal) => (refusal.code, refusal.page),
            other => panic!("{}", said(&other)),
        }
    };
    assert_eq!(refused(|it| it.pages.clear()), (RefusalCode::Pages, None));
    assert_eq!(refused(|it| it.pages[0].dpi = f32::NAN), (RefusalCode::Picture, Some(1)));
    assert_eq!(refused(|it| it.pages[0].lines = vec![line("a", f32::NAN, 0.0, 9.0)]), (RefusalCode::Words, Some(1)));
    assert_eq!(refused(|it| it.facts.officer.clear()), (RefusalCode::Facts, None));
    assert_eq!(refused(|it| it.facts.number = None), (RefusalCode::Facts, None));
    assert_eq!(refused(|it| it.seal.png = Some(vec![1, 2, 3])), (RefusalCode::Mark, None));
    assert_eq!(refused(|it| it.facts.officer = "m".repeat(100)), (RefusalCode::Layout, None));
    let too_large = |it: &mut Request| it.pages[0].image = PageImage::Rgb(vec![0; 120_000_001]);
    assert_eq!(refused(too_large), (RefusalCode::TooLarge, None));
}

#[test]
fn one_that_does_not_end_is_ended_in_time() {
    let sleep = Composer { program: "/bin/sleep".into(), fonts: Some("1000".into()), template: None };
    // `sleep --fonts 1000` refuses its arguments.
    assert!(matches!(sleep.compose(large(), PATIENCE), Err(ComposerError::Fell { .. })));
    // One that reads nothing, one that reads all and says nothing, one that closes its stdout, one with children of its own.
    for script in ["exec sleep 1000", "cat >/dev/null; sleep 1000", "exec >&- 2>&-; sleep 1000", "sleep 1000 & wait"] {
        let fake = Fake::new(script);
        let start = Instant::now();
        let error = fake.asked(Duration::from_millis(300));
        assert!(matches!(error, ComposerError::OutOfTime { deadline_ms: 300 }), "{script}: {}", said(&error));
        assert!(start.elapsed() < PATIENCE / 2, "{script}");
    }
    let fake = Fake::new("exec sleep 1000");
    assert!(matches!(fake.composer().check(Duration::from_millis(300)), Err(ComposerError::OutOfTime { .. })));
    fake.is_gone();
}

#[test]
fn one_that_dies_is_told_from_one_that_falls() {
    let killed = |script: &str| match Fake::new(script).asked(PATIENCE) {
        ComposerError::Killed { signal } => signal,
        other => panic!("{script}: {}", said(&other)),
    };
    assert_eq!(killed("kill -KILL $$"), 9);
    assert_eq!(killed("head -c 100000 >/dev/null; kill -XCPU $$"), 24);
    assert_eq!(killed("echo '{}'; kill -ABRT $$"), 6);
    // What it started dies with it, also with the pipes in its hands.
    assert_eq!(killed("sleep 1000 & kill -KILL $$"), 9);
    let words = said(&Fake::new("kill -XCPU $$").asked(PATIENCE));
    assert!(words.contains("300 s of the processor"), "{words}");
    let error = Fake::new("echo 'it fell' >&2; exit 3").asked(PATIENCE);
    assert!(matches!(error, ComposerError::Fell { code: 3 }), "{}", said(&error));
    let error = Fake::new("echo 'kiosk-composer: no fonts' >&2; exit 64").asked(PATIENCE);
    assert_eq!(said(&error), "the composer cannot work: no fonts");
}

#[test]
fn one_that_says_too_much_or_nothing_is_not_listened_to() {
    for (script, words) in [
        ("exec cat /dev/zero", "cannot be read"),
        ("exec yes", "longer than any"),
        ("cat >/dev/null", "ends too early"),
        ("printf '\\0\\0\\0\\2{}'; exec cat /dev/zero", "cannot be read"),
        // A flood beside the answer is dropped.
        ("head -c 3000000 /dev/zero >&2", "ends too early"),
    ] {
        let error = Fake::new(script).asked(PATIENCE);
        let is_no_answer = matches!(error, ComposerError::NoAnswer(_));
        assert!(is_no_answer && said(&error).contains(words), "{script}: {}", said(&error));
    }
    let fake = Fake::new("exec yes");
    assert!(matches!(fake.composer().check(PATIENCE), Err(ComposerError::NoAnswer(_))));
    fake.is_gone();
}

#[test]
fn an_answer_to_another_request_is_refused() {
    // A real composer that was told something else: its input is exchanged.
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("answer");
    let program = composer().program;
    let record = Fake::new(&format!("'{}' \"$@\" | tee '{}'", program.display(), kept.display()));
    record.composer().compose(request(vec![page_with_room()]), PATIENCE).unwrap();
    let replay = Fake::new(&format!("cat >/dev/null; cat '{}'", kept.display()));
    replay.composer().compose(request(vec![page_with_room()]), PATIENCE).unwrap();
    let error = replay.composer().compose(request(vec![sample("diploma")]), PATIENCE).unwrap_err();
    assert!(said(&error).contains("does not belong to the request"), "{}", said(&error));
}

#[test]
fn one_that_is_not_there_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("kiosk-composer");
    let composer = Composer { program: program.clone(), fonts: None, template: None };
    for error in [composer.compose(large(), PATIENCE).unwrap_err(), composer.check(PATIENCE).unwrap_err()] {
        assert!(matches!(error, ComposerError::NotThere { .. }));
        assert!(said(&error).contains(&program.display().to_string()) && said(&error).contains("install it"));
    }
    std::fs::write(&program, "not a program").unwrap();
    assert!(matches!(composer.check(PATIENCE), Err(ComposerError::NotThere { .. })), "no permission");
}

fn file(folder: &Path, contents: &[u8]) -> PathBuf {
    let path = folder.join("template.toml");
    std::fs::write(&path, contents).unwrap();
    path
}

#[test]
fn the_check_tells_what_is_wrong_with_line_and_reason() {
    composer().check(PATIENCE).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let line = DEFAULT_TEMPLATE.lines().position(|line| line.contains("Số chứng thực")).unwrap() + 1;
    let broken = DEFAULT_TEMPLATE.replacen("Số chứng thực: {number}", "Số chứng thực: {numbr}", 1);
    let checked = |composer: &Composer| {
        let error = composer.check(PATIENCE).unwrap_err();
        assert!(matches!(error, ComposerError::Setup(_)), "{}", said(&error));
        let composed = composer.compose(large(), PATIENCE).unwrap_err();
        assert_eq!(said(&composed), said(&error), "a copy is refused for the same reason");
        said(&error)
    };
    for (contents, words) in [
        (broken.as_bytes(), format!("template.toml: line {line} of the template: there is no `{{numbr}}`")),
        (DEFAULT_TEMPLATE.replacen("Quét mã", "Quét 漢", 1).as_bytes(), "`漢`, which the font lacks".to_owned()),
        (&[b'#'; 70_000], "at most 65536 are read".to_owned()),
        (b"\xFF", "invalid utf-8".to_owned()),
    ] {
        let composer = Composer { template: Some(file(folder.path(), contents)), ..composer() };
        let said = checked(&composer);
        assert!(said.contains(&words), "{words} in {said}");
    }
    let none = Composer { template: Some(folder.path().join("none.toml")), ..composer() };
    assert!(checked(&none).contains("none.toml cannot be read"));
    let no_fonts = Composer { fonts: Some(folder.path().into()), ..composer() };
    assert!(checked(&no_fonts).contains("fonts-liberation2"));
    let own = Composer { template: Some(file(folder.path(), DEFAULT_TEMPLATE.as_bytes())), ..composer() };
    own.check(PATIENCE).unwrap();
    own.compose(request(vec![page_with_room()]), PATIENCE).unwrap();
}

#[test]
fn the_lock_denies_everything_that_is_tried() {
    for layers in ["all", "seccomp"] {
        let output = run(&["--sandbox-selftest", layers]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{layers}:\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.lines().filter(|line| line.starts_with("denied to ")).count() >= 30, "{said}");
        assert!(!said.contains("ALLOWED"), "{said}");
    }
    let said = String::from_utf8(run(&["--check"]).stdout).unwrap();
    for layer in ["memory 2048 MiB", "processor 300 s", "no dumps", "no_new_privs", "seccomp"] {
        assert!(said.contains(layer), "{said}");
    }
}

#[test]
fn the_largest_request_has_enough_memory() {
    // 240 MB of noise, which no packer makes smaller: nearly all that pictures may have.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut noise = Vec::with_capacity(120_000_000);
    while noise.len() < 6300 * 6300 * 3 {
        // Xorshift.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        noise.extend(state.to_le_bytes());
    }
    noise.truncate(6300 * 6300 * 3);
    let mut other = noise.clone();
    // Equal pictures are kept once.
    other.reverse();
    let page = |noise| Page { image: PageImage::Rgb(noise), size_px: [6300, 6300], dpi: 600.0, lines: Vec::new() };
    let copy = composer().compose(request(vec![page(noise), page(other)]), PATIENCE).unwrap();
    assert!(copy.pdf.len() > 230_000_000, "{}", copy.pdf.len());
}
