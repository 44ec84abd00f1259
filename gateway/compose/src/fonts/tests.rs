use proptest::prelude::*;

use super::*;

fn file(style: &str) -> Vec<u8> {
    let folder = FOLDERS.iter().map(Path::new).find(|folder| folder.is_dir()).expect(FONT_PACKAGE);
    std::fs::read(folder.join(format!("LiberationSerif-{style}.ttf"))).unwrap()
}

#[test]
fn the_installed_fonts_have_the_widths_of_times() {
    let fonts = Fonts::installed().unwrap();
    // Adobe's metrics of Times-Roman and Times-Bold: A 722, i 278, m 778; bold A 722, m 833.
    let width = |style, text| (fonts.style(style).width(text) * 1000.0).round();
    assert_eq!(width(Style::Regular, "A"), 722.0);
    assert_eq!(width(Style::Regular, "i"), 278.0);
    assert_eq!(width(Style::Bold, "m"), 833.0);
    assert_eq!(fonts.style(Style::Regular).missing("Nguyễn Ðức Thịnh, ĐÚNG VỚI"), None);
    assert_eq!(fonts.style(Style::Regular).missing("Nguyễn 漢"), Some('漢'));
}

#[test]
fn fonts_that_are_not_there_tell_which_package_to_install() {
    let Err(error) = Fonts::open(Path::new("/nonexistent")) else { panic!("there is no such folder") };
    assert!(error.to_string().contains("fonts-liberation2"), "{error}");
    let Err(error) = Fonts::new(b"no font".to_vec(), Vec::new(), Vec::new()) else { panic!("that is no font") };
    assert!(matches!(error, FontError::NoFont { style: Style::Regular }), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn damaged_fonts_are_refused_or_taken(places in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40)) {
        let mut bytes = file("Regular");
        for (place, value) in places {
            // Most faults matter in the tables' list and heads.
            let place = place.index(4000.min(bytes.len()));
            bytes[place] = value;
        }
        let _ = Letters::new(bytes, Style::Regular);
    }
}
