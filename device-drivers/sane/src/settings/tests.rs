use std::collections::{BTreeMap, HashMap};

use kiosk_driver_sdk::protocol::scanner::{ColorMode, ScanArea, ScanRequest, ScanSource};
use serde_json::json;

use super::{Habits, apply, survey};
use crate::ffi::scripted::{Opt, Script, State, functions, range};
use crate::ffi::{Constraint, Parameters, Sane};
use crate::options::Options;

fn mm(name: &'static str, value: i32, max: i32) -> Opt {
    Opt::int(name, 3, value, range(0, max, 0))
}

fn corners(width: i32, height: i32) -> Vec<Opt> {
    vec![mm("tl-x", 0, width), mm("tl-y", 0, height), mm("br-x", width, width), mm("br-y", height, height)]
}

fn usual(sources: &[&str]) -> Vec<Opt> {
    let resolution = Opt::int("resolution", 4, 100, Constraint::Words(vec![25, 100, 300, 600, 4800]));
    let mut all = vec![Opt::text("mode", &["Lineart", "Gray", "Color"]), resolution];
    if !sources.is_empty() {
        all.push(Opt::text("source", sources));
    }
    all.extend(corners(210, 297));
    all
}

fn with<T>(
    options: Vec<Opt>,
    look: impl FnOnce(&mut dyn FnMut(&ScanRequest, &Habits) -> Result<u16, String>, &Script) -> T,
) -> T {
    let script = Script::new(State { options, ..State::default() });
    let sane = Sane::init(functions()).unwrap();
    let device = sane.open(&script.name).unwrap();
    let mut options = Options::of(&device);
    look(&mut |request, habits| apply(&mut options, request, habits).map_err(|trouble| trouble.to_string()), &script)
}

fn sources(options: Vec<Opt>, habits: &Habits) -> Result<Vec<ScanSource>, String> {
    let parameters = Parameters { pixels_per_line: 850, lines: 1100, ..Parameters::default() };
    let script = Script::new(State { options, parameters, ..State::default() });
    let sane = Sane::init(functions()).unwrap();
    let device = sane.open(&script.name).unwrap();
    let found = survey(&device, &mut Options::of(&device), habits).map_err(|trouble| trouble.to_string())?;
    Ok(found.sources.iter().map(|source| source.source).collect())
}

fn sets(script: &Script) -> Vec<String> {
    std::mem::take(&mut script.state.lock().unwrap().sets)
}

fn from(source: ScanSource) -> ScanRequest {
    ScanRequest { source, ..ScanRequest::default() }
}

use ScanSource::{Adf, AdfDuplex, Flatbed};

#[test]
fn sources_are_known_by_the_words_of_many_backends() {
    let none = Habits::default();
    for (words, expected) in [
        (&["Flatbed", "Transparency Adapter"][..], vec![Flatbed]),
        (&["Flatbed", "ADF Front", "ADF Back", "ADF Duplex", "Card Front"], vec![Flatbed, Adf, AdfDuplex]),
        (&["ADF Front", "ADF Back", "ADF Duplex"], vec![Adf, AdfDuplex]),
        (&["Flatbed", "Automatic Document Feeder", "ADF Duplex"], vec![Flatbed, Adf, AdfDuplex]),
        (&["Normal", "Transparency", "Negative"], vec![Flatbed]),
        (
            &["FlatBed", "Automatic Document Feeder(left aligned)", "Automatic Document Feeder(left aligned,Duplex)"],
            vec![Flatbed, Adf, AdfDuplex],
        ),
        (&["fb", "adf"], vec![Flatbed, Adf]),
        (&["Flatbed", "ADF", "Duplex"], vec![Flatbed, Adf, AdfDuplex]),
    ] {
        assert_eq!(sources(usual(words), &none), Ok(expected), "{words:?}");
    }
    assert_eq!(sources(usual(&[]), &none), Ok(vec![Flatbed]), "a device without the option");
    let sheet_fed = Habits { sheet_fed: true, ..Habits::default() };
    assert_eq!(sources(usual(&[]), &sheet_fed), Ok(vec![Adf]));
}

#[test]
fn unknown_words_are_told_and_can_be_configured() {
    let error = sources(usual(&["Glas", "Einzug"]), &Habits::default()).unwrap_err();
    assert!(error.contains("`Glas`, `Einzug`") && error.contains("config.sources"), "{error}");
    let words = HashMap::from([(Flatbed, "Glas".to_owned()), (Adf, "Einzug".to_owned())]);
    assert_eq!(sources(usual(&["Glas", "Einzug"]), &Habits { words, ..Habits::default() }), Ok(vec![Flatbed, Adf]));
}

#[test]
fn both_sides_may_be_an_option_of_their_own() {
    for (option, one, two) in [
        (Opt::text("adf-mode", &["Simplex", "Duplex"]), "adf-mode=Simplex", "adf-mode=Duplex"),
        (Opt { kind: 0, ..Opt::int("duplex", 0, 0, Constraint::None) }, "duplex=0", "duplex=1"),
    ] {
        let mut options = usual(&["Flatbed", "Automatic Document Feeder"]);
        options.push(option);
        assert_eq!(sources(options.clone(), &Habits::default()), Ok(vec![Flatbed, Adf, AdfDuplex]));
        with(options, |apply, script| {
            apply(&from(AdfDuplex), &Habits::default()).unwrap();
            let set = sets(script);
            assert!(set[0] == "source=Automatic Document Feeder" && set[1] == two, "{set:?}");
            apply(&from(Adf), &Habits::default()).unwrap();
            assert_eq!(sets(script)[1], one);
            apply(&from(Flatbed), &Habits::default()).unwrap();
            assert!(!sets(script).iter().any(|set| set.starts_with("adf-mode") || set.starts_with("duplex")));
        });
    }
}

#[test]
fn what_others_depend_on_is_set_first() {
    let mut options = usual(&["Flatbed", "ADF"]);
    options.push(Opt::int("depth", 2, 1, Constraint::Words(vec![1, 8, 16])));
    options.push(Opt::int("brightness", 0, 0, range(-100, 100, 0)));
    let extra = BTreeMap::from([("brightness".to_owned(), json!(20))]);
    with(options, |apply, script| {
        let request = ScanRequest { color: ColorMode::Gray, ..from(Adf) };
        assert_eq!(apply(&request, &Habits { extra, ..Habits::default() }), Ok(300));
        assert_eq!(
            sets(script),
            [
                "source=ADF",
                "mode=Gray",
                "depth=8",
                "brightness=20",
                "resolution=300",
                "br-x=210",
                "tl-x=0",
                "br-y=297",
                "tl-y=0"
            ]
        );
    });
}

#[test]
fn a_resolution_that_is_not_in_the_list_is_refused_with_the_list() {
    with(usual(&[]), |apply, _| {
        let error =
            apply(&ScanRequest { resolution_dpi: 200, ..ScanRequest::default() }, &Habits::default()).unwrap_err();
        assert!(error.contains("200 dpi") && error.contains("100, 300, 600"), "{error}");
    });
}

#[test]
fn an_area_is_set_in_the_units_of_the_option() {
    let area = Some(ScanArea { x_mm: 25.4, y_mm: 50.8, width_mm: 101.6, height_mm: 76.2 });
    let request = ScanRequest { area, ..ScanRequest::default() };
    with(usual(&[]), |apply, script| {
        apply(&request, &Habits::default()).unwrap();
        let set = sets(script);
        assert_eq!(set[2..], ["br-x=210", "tl-x=25", "br-x=127", "br-y=297", "tl-y=51", "br-y=127"], "{set:?}");
    });
    let mut pixels = usual(&[]);
    for option in &mut pixels[2..] {
        (option.unit, option.constraint) = (1, range(0, 4000, 0));
    }
    with(pixels, |apply, script| {
        apply(&request, &Habits::default()).unwrap();
        let set = sets(script);
        assert_eq!(set[2..], ["br-x=4000", "tl-x=300", "br-x=1500", "br-y=4000", "tl-y=600", "br-y=1500"], "{set:?}");
    });
}

#[test]
fn an_area_over_the_edge_or_none_at_all_is_refused() {
    with(usual(&[]), |apply, _| {
        let mut refused = |area: ScanArea| {
            apply(&ScanRequest { area: Some(area), ..ScanRequest::default() }, &Habits::default()).unwrap_err()
        };
        let whole = ScanArea { x_mm: 0.0, y_mm: 0.0, width_mm: 210.0, height_mm: 297.0 };
        assert!(refused(ScanArea { width_mm: 215.9, ..whole }).contains("5.9 mm over the edge"));
        assert!(refused(ScanArea { y_mm: 1.0, ..whole }).contains("over the edge"));
        for wrong in [
            ScanArea { width_mm: 0.0, ..whole },
            ScanArea { x_mm: -1.0, ..whole },
            ScanArea { y_mm: f32::NAN, ..whole },
            ScanArea { height_mm: f32::INFINITY, ..whole },
        ] {
            assert!(refused(wrong).contains("millimetres"), "{wrong:?}");
        }
        assert!(
            apply(
                &ScanRequest { area: Some(ScanArea { width_mm: 210.3, ..whole }), ..ScanRequest::default() },
                &Habits::default()
            )
            .is_ok()
        );
        assert!(apply(&ScanRequest { max_pages: Some(0), ..ScanRequest::default() }, &Habits::default()).is_err());
    });
}

#[test]
fn a_sheet_grows_where_the_area_needs_it() {
    let mut options = usual(&["ADF Front"]);
    options.push(mm("page-width", 100, 220));
    options.push(mm("page-height", 297, 870));
    let area = Some(ScanArea { x_mm: 0.0, y_mm: 0.0, width_mm: 200.0, height_mm: 200.0 });
    with(options, |apply, script| {
        apply(&ScanRequest { area, ..from(Adf) }, &Habits::default()).unwrap();
        let set = sets(script);
        assert!(set.contains(&"page-width=200".to_owned()), "{set:?}");
        assert!(!set.iter().any(|set| set.starts_with("page-height")), "{set:?}");
    });
}

#[test]
fn a_source_or_mode_that_the_device_has_not_is_refused() {
    with(usual(&["Flatbed"]), |apply, _| {
        assert!(apply(&from(Adf), &Habits::default()).unwrap_err().contains("no `adf`"));
        assert!(apply(&from(AdfDuplex), &Habits::default()).unwrap_err().contains("no `adf_duplex`"));
    });
    let mut grey = usual(&[]);
    grey[0] = Opt::text("mode", &["Gray"]);
    with(grey, |apply, _| {
        assert!(apply(&ScanRequest::default(), &Habits::default()).unwrap_err().contains("colour mode"));
    });
}
