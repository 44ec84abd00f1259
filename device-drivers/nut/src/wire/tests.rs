use kiosk_driver_sdk::protocol::ups::{PowerSource, UpsStatus};
use proptest::prelude::*;

use super::vars::Vars;
use super::{LINE_MAX, ListUps, ListVar, Query, ROWS_MAX, Reading, Refusal, UpsName, WireError, words};

fn vars(pairs: &[(&str, &str)]) -> Vars {
    let mut vars = Vars::default();
    for (name, value) in pairs {
        vars.take(name, value);
    }
    vars
}

fn status(word: &str) -> UpsStatus {
    vars(&[("ups.status", word)]).status()
}

#[test]
fn words_stand_in_quotes_with_backslashes_before_quotes_and_backslashes() {
    let of = |line: &str| words(line.as_bytes()).unwrap();
    assert_eq!(of(r#"VAR su700 ups.mfr "APC""#), ["VAR", "su700", "ups.mfr", "APC"]);
    assert_eq!(of(r#"VAR a b "say \"hi\" to C:\\""#), ["VAR", "a", "b", r#"say "hi" to C:\"#]);
    assert_eq!(of("VAR a b \"\"\r"), ["VAR", "a", "b", ""]);
    assert_eq!(of("  "), Vec::<String>::new());
    assert_eq!(words(b"VAR a b \"open"), Err(WireError::Unquoted));
    assert_eq!(words(b"lone \\"), Err(WireError::Unquoted));
    assert_eq!(words(&[b'x'; LINE_MAX + 1]), Err(WireError::LineTooLong));
}

#[test]
fn power_is_mains_only_where_the_ups_says_so() {
    assert_eq!(status("OL").power, PowerSource::Mains);
    assert_eq!(status("OL CHRG").power, PowerSource::Mains);
    assert_eq!(status("OB DISCHRG").power, PowerSource::Battery);
    assert_eq!(status("OL OB").power, PowerSource::Battery);
    for neither in ["", "WAIT", "BYPASS", "OFF", "ol", "OLD", "CHRG LB"] {
        assert_eq!(status(neither).power, PowerSource::Unknown, "{neither}");
    }
    assert_eq!(Vars::default().status().power, PowerSource::Unknown);
}

#[test]
fn low_battery_and_replace_battery_are_flags_of_their_own() {
    let flags = |word: &str| (status(word).battery_low, status(word).replace_battery);
    assert_eq!(flags("OL"), (false, false));
    assert_eq!(flags("OB LB"), (true, false));
    assert_eq!(flags("OL RB"), (false, true));
    assert_eq!(flags("RB LB OB"), (true, true));
}

#[test]
fn a_forced_shutdown_is_treated_like_a_low_battery() {
    assert_eq!((status("FSD").power, status("FSD").battery_low), (PowerSource::Battery, true));
    assert_eq!((status("FSD OL").power, status("FSD OL").battery_low), (PowerSource::Mains, true));
}

#[test]
fn a_figure_that_makes_no_sense_is_absent_and_never_zero() {
    let figures = |charge, runtime, load| {
        let status = vars(&[("battery.charge", charge), ("battery.runtime", runtime), ("ups.load", load)]).status();
        (status.charge_percent, status.runtime_s, status.load_percent)
    };
    assert_eq!(figures("99.5", "1234.50", "112"), (Some(99.5), Some(1234), Some(112.0)));
    assert_eq!(figures("101", "-1", "-3"), (None, None, None));
    assert_eq!(figures("NaN", "inf", "1e2"), (None, None, None));
    assert_eq!(figures("", "1,200", "0x10"), (None, None, None));
    assert_eq!(figures("0", "0", "0"), (Some(0.0), Some(0), Some(0.0)));
    let silent = Vars::default();
    assert_eq!(silent.status().charge_percent, None);
    assert!(!silent.capabilities().charge && !silent.capabilities().runtime && !silent.capabilities().load);
}

#[test]
fn the_identity_prefers_the_new_names_and_keeps_no_control_characters() {
    let identity =
        vars(&[("ups.mfr", "old"), ("device.mfr", "new"), ("ups.model", " X\u{7}1 "), ("device.serial", "")])
            .identity();
    assert_eq!((identity.maker.as_deref(), identity.model.as_deref()), (Some("new"), Some("X1")));
    assert_eq!((identity.serial, identity.firmware), (None, None));
    assert_eq!(vars(&[("ups.model", &"m".repeat(5000))]).identity().model.unwrap().len(), 100);
}

#[test]
fn an_answer_ends_with_its_own_frame() {
    let name = UpsName::new("kiosk").unwrap();
    let query = ListVar(&name);
    assert_eq!(query.bytes(), b"LIST VAR kiosk\n");
    let mut reading = Reading::new(&query);
    assert_eq!(reading.line(b"BEGIN LIST VAR kiosk"), Ok(None));
    assert_eq!(reading.line(b"VAR kiosk ups.status \"OL\""), Ok(None));
    assert!(matches!(reading.line(b"VAR other ups.status \"OL\""), Err(WireError::Unexpected { .. })));
    assert!(reading.line(b"END LIST VAR kiosk").unwrap().is_some());
}

#[test]
fn an_error_may_come_instead_of_an_answer_and_within_it() {
    let name = UpsName::new("kiosk").unwrap();
    let query = ListVar(&name);
    let mut reading = Reading::new(&query);
    assert_eq!(reading.line(b"ERR DATA-STALE extra"), Err(WireError::Refused(Refusal::DataStale)));
    reading.line(b"BEGIN LIST VAR kiosk").unwrap();
    assert_eq!(reading.line(b"ERR"), Err(WireError::Refused(Refusal::Other(String::new()))));
}

#[test]
fn the_names_that_exist_are_kept_short() {
    let mut reading = Reading::new(&ListUps);
    reading.line(b"BEGIN LIST UPS").unwrap();
    reading.line(b"UPS su700 \"Development box\"").unwrap();
    for _ in 0..40 {
        reading.line(format!("UPS {} \"Unavailable\"", "u".repeat(200)).as_bytes()).unwrap();
    }
    let names = reading.line(b"END LIST UPS").unwrap().unwrap();
    assert_eq!((names[0].as_str(), names.len(), names[1].len()), ("su700", 16, 80));
}

#[test]
fn a_name_that_could_change_the_query_is_refused() {
    for name in ["", "a b", "a\nLOGOUT", "a\"", &"x".repeat(65)] {
        assert_eq!(UpsName::new(name), None, "{name:?}");
    }
    assert!(UpsName::new("Eaton_5P-1.a").is_some());
}

proptest! {
    #[test]
    fn no_line_makes_it_panic(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..120), 0..20)) {
        let name = UpsName::new("kiosk").unwrap();
        let query = ListVar(&name);
        let mut reading = Reading::new(&query);
        let _ = reading.line(b"BEGIN LIST VAR kiosk");
        for line in lines {
            let _ = reading.line(&line);
            let _ = words(&line);
        }
    }

    #[test]
    fn a_quoted_value_comes_back_as_it_was(value in "[^\r\n]{0,80}") {
        let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
        let line = format!("VAR kiosk name \"{escaped}\"");
        prop_assert_eq!(&words(line.as_bytes()).unwrap()[3], &value);
    }

    #[test]
    fn no_value_makes_a_status_out_of_bounds(word in ".{0,40}", charge in ".{0,20}", runtime in "[0-9.e+-]{0,20}") {
        let status = vars(&[("ups.status", &word), ("battery.charge", &charge), ("battery.runtime", &runtime)]).status();
        prop_assert!(status.charge_percent.is_none_or(|charge| (0.0..=100.0).contains(&charge)));
        if !word.split_whitespace().any(|word| word == "OL") {
            prop_assert_ne!(status.power, PowerSource::Mains);
        }
    }

    #[test]
    fn a_list_is_never_longer_than_the_cap(extra in 1_usize..50) {
        let mut reading = Reading::new(&ListUps);
        reading.line(b"BEGIN LIST UPS").unwrap();
        let refused = (0..ROWS_MAX + extra).find_map(|_| reading.line(b"UPS a \"b\"").err());
        prop_assert_eq!(refused, Some(WireError::TooManyRows));
    }
}
