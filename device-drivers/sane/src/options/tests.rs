use serde_json::json;

use super::{Numbers, OptionError, Options};
use crate::ffi::scripted::{Opt, Script, State, functions, range};
use crate::ffi::{Constraint, Sane};

/// Lets `look` see the options of a device that has these.
fn with<T>(options: Vec<Opt>, look: impl FnOnce(&mut Options<'_>, &Script) -> T) -> T {
    let on_set = |options: &mut Vec<Opt>, name: &str| {
        if name == "mode" {
            options[1].constraint = range(0, 10, 1);
        }
    };
    let script = Script::new(State { options, on_set: Some(on_set), ..State::default() });
    let sane = Sane::init(functions()).unwrap();
    let device = sane.open(&script.name).unwrap();
    look(&mut Options::of(&device), &script)
}

fn usual() -> Vec<Opt> {
    let fixed = |name, value: i32| Opt { kind: 2, ..Opt::int(name, 3, value << 16, range(0, 200 << 16, 0)) };
    vec![
        Opt { info: 2, ..Opt::text("mode", &["Gray", "Color"]) },
        Opt::int("brightness", 0, 0, range(-100, 100, 10)),
        fixed("tl-x", 5),
        Opt { cap: 5 | 32, ..Opt::int("hidden", 0, 3, Constraint::None) },
        Opt { kind: 0, ..Opt::int("lamp", 0, 0, Constraint::None) },
        Opt { kind: 4, ..Opt::int("press", 0, 0, Constraint::None) },
        Opt { value: vec![0; 64], ..Opt::int("table", 0, 0, Constraint::None) },
        Opt::int("list", 4, 75, Constraint::Words(vec![75, 150, 300])),
    ]
}

#[test]
fn values_are_set_and_read_by_name() {
    with(usual(), |options, script| {
        assert_eq!(options.set("brightness", &json!(24)), Ok(20.0), "rounded by the backend");
        assert_eq!(options.number("brightness"), Some(20.0));
        assert_eq!(options.set("tl-x", &json!(12.5)), Ok(12.5));
        assert_eq!(options.number("tl-x"), Some(12.5));
        assert_eq!(options.set("lamp", &json!(true)), Ok(1.0));
        options.set("mode", &json!("Color")).unwrap();
        assert_eq!(script.state.lock().unwrap().sets.last().unwrap(), "mode=Color");
    });
}

#[test]
fn descriptors_are_read_again_when_the_backend_says_so() {
    with(usual(), |options, _| {
        let max = |options: &Options<'_>| options.numbers("brightness").and_then(|numbers| numbers.max());
        assert_eq!(max(options), Some(100.0));
        options.set("mode", &json!("Color")).unwrap();
        assert_eq!(max(options), Some(10.0));
    });
}

#[test]
fn what_cannot_be_set_is_said_in_words() {
    with(usual(), |options, _| {
        for (name, value, word) in [
            ("mode", json!("Purple"), "one of `Gray`, `Color`"),
            ("mode", json!(7), "a text"),
            ("brightness", json!("much"), "a number"),
            ("brightness", json!(1e12), "32 bits"),
            ("tl-x", json!(40_000), "-32768 to 32767"),
            ("lamp", json!("on"), "true or false"),
            ("press", json!(1), "a button"),
            ("table", json!(1), "a table of numbers"),
            ("hidden", json!(1), "depends on another"),
            ("nothing", json!(1), "no option `nothing`"),
        ] {
            let error = options.set(name, &value).unwrap_err();
            assert!(error.to_string().contains(word), "{name}: {error}");
        }
        assert_eq!(options.set("", &json!(1)), Err(OptionError::Unknown(String::new())), "the count is no option");
        assert_eq!(options.number("hidden"), None);
    });
}

#[test]
fn numbers_know_what_they_take() {
    let some = Numbers::Range { min: 1.0, max: 601.0, step: 50.0 };
    assert!(some.takes(51.0) && !some.takes(50.0) && !some.takes(651.0));
    let list = Numbers::List(vec![75.0, 300.0]);
    assert!(list.takes(300.0) && !list.takes(150.0));
    assert_eq!((list.min(), list.max()), (Some(75.0), Some(300.0)));
    assert!(Numbers::Any.takes(5.0));
    with(usual(), |options, _| {
        assert_eq!(options.numbers("list"), Some(Numbers::List(vec![75.0, 150.0, 300.0])));
        assert_eq!(options.numbers("mode"), None);
    });
}
