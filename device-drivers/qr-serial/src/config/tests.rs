use super::*;

fn nextion() -> Nextion {
    Nextion { qr: qr0(), caption: t0(), qr_max: qr_max_nextion(), caption_max: caption_max() }
}

fn dgus() -> Dgus {
    Dgus { qr_address: 0x5000, caption_address: Some(0x5200), qr_max: qr_max_dgus(), caption_max: caption_max() }
}

#[test]
fn what_no_panel_has_is_refused_by_name() {
    Config::Nextion(nextion()).check().unwrap();
    Config::Nextion(Nextion { caption: String::new(), ..nextion() }).check().unwrap();
    Config::Dgus(dgus()).check().unwrap();
    Config::Dgus(Dgus { caption_address: None, ..dgus() }).check().unwrap();
    let wrong = [
        (Config::Nextion(Nextion { qr: String::new(), ..nextion() }), "config.qr "),
        (Config::Nextion(Nextion { qr: "qr0,1\u{ff}".into(), ..nextion() }), "config.qr "),
        (Config::Nextion(Nextion { caption: "a b".into(), ..nextion() }), "config.caption "),
        (Config::Nextion(Nextion { qr_max: 0, ..nextion() }), "config.qr_max"),
        (Config::Nextion(Nextion { caption_max: 9_999, ..nextion() }), "config.caption_max"),
        (Config::Dgus(Dgus { qr_max: 459, ..dgus() }), "config.qr_max"),
        (Config::Dgus(Dgus { qr_address: 0xFFFF, ..dgus() }), "below address 65536"),
        (Config::Dgus(Dgus { caption_address: Some(0x5001), ..dgus() }), "config.caption_address"),
        (Config::Dgus(Dgus { caption_address: Some(0x4FFF), ..dgus() }), "config.caption_address"),
    ];
    for (config, named) in wrong {
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains(named), "{config:?}: {error}");
    }
}
