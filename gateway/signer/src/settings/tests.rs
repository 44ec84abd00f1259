#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;

fn example() -> Settings {
    Settings::of_configuration(include_str!("../../../gateway.example.toml")).unwrap()
}

#[test]
fn the_example_is_right() {
    let settings = example();
    assert_eq!((settings.policy.approvals, settings.policy.level), (1, SignatureLevel::Lta));
    assert!(settings.officer("nguyet").unwrap().may_certify("tthc-2.000815"));
}

#[test]
fn what_is_wrong_is_told_with_its_key() {
    type Change = fn(&mut Settings);
    let wrong: [(&str, Change); 14] = [
        ("host", |it| it.host = "https://x".into()),
        ("host", |it| it.host = String::new()),
        ("procedures", |it| it.procedures.clear()),
        ("procedures", |it| it.procedures = vec!["2.000815".into()]),
        ("agency.code", |it| it.agency.code = "Hồng Mai".into()),
        ("agency.prefix", |it| it.agency.prefix = "HNIL".into()),
        ("officers", |it| it.officers.clear()),
        ("officers.code", |it| it.officers.push(it.officers[0].clone())),
        ("officers.procedures", |it| it.officers[0].procedures = vec!["other".into()]),
        ("policy.approvals", |it| it.policy.approvals = 2),
        ("policy.card", |it| it.policy.card = vec![ChipVerdict::Forged]),
        ("signing.tsa", |it| it.signing.tsa = None),
        ("signing.pin_file", |it| it.signing.pin_credential = Some("pin".into())),
        ("signing.seal_mm", |it| it.signing.seal_mm = [f32::NAN, 36.0]),
    ];
    for (key, change) in wrong {
        let mut settings = example();
        change(&mut settings);
        let error = settings.check().unwrap_err();
        assert_eq!(error.key, key, "{error}");
    }
}
