use super::Config;

fn problem(text: &str) -> (usize, String) {
    Config::parse(text).expect_err("this configuration has a mistake")
}

#[test]
fn an_empty_file_is_a_gateway_without_devices() {
    let config = Config::parse("").unwrap();
    assert_eq!((config.server.port, config.devices.len()), (7180, 0));
}

#[test]
fn the_example_is_right_and_gives_the_defaults() {
    let example = Config::parse(include_str!("../../gateway.example.toml")).unwrap();
    assert_eq!(format!("{:?}", example.server), format!("{:?}", Config::default().server));
    assert_eq!((example.blobs.memory_mib, example.blobs.total_mib), (64, 1024));
    assert_eq!(example.supervision, Config::default().supervision);
    for (name, device) in &example.devices {
        let manifest = format!("{}/../device-drivers/{}/driver.toml", env!("CARGO_MANIFEST_DIR"), device.driver);
        assert!(std::path::Path::new(&manifest).exists(), "{name} has the driver `{}`", device.driver);
    }
}

#[test]
fn a_misspelt_key_is_refused_with_its_line_and_the_right_key() {
    let (line, text) = problem("[server]\nport = 1\norigin = []\n");
    assert_eq!(line, 3);
    assert!(text.contains("did you mean `origins`?"), "{text}");
    let (line, text) = problem("\n\n[devices.scanner]\ndriver = \"escl\"\nadress = \"http://x\"\n");
    assert_eq!(line, 5);
    assert!(text.contains("did you mean `address`?"), "{text}");
}

#[test]
fn a_value_of_the_wrong_type_names_its_line() {
    let (line, text) = problem("[server]\n\nport = \"many\"\n");
    assert_eq!(line, 3, "{text}");
    let (line, _) = problem("[server]\nport = 70000\n");
    assert_eq!(line, 2);
}

#[test]
fn only_loopback_may_be_listened_on() {
    let (line, text) = problem("[server]\nlisten = \"0.0.0.0\"\n");
    assert_eq!(line, 2);
    assert!(text.contains("loopback"), "{text}");
}

#[test]
fn an_origin_is_exact_or_refused() {
    for wrong in
        ["*", "https://*.example.vn", "https://example.vn/", "example.vn", "https://Example.vn", "null", "https://"]
    {
        let (_, text) = problem(&format!("[server]\norigins = [\"{wrong}\"]\n"));
        assert!(text.contains("server.origins"), "{wrong}: {text}");
    }
    for right in ["https://kiosk.example.vn", "http://127.0.0.1:8080", "http://[::1]:8080"] {
        Config::parse(&format!("[server]\norigins = [\"{right}\"]\n")).unwrap();
    }
}

#[test]
fn drivers_get_the_time_that_the_seam_promises_them_or_more() {
    use kiosk_protocol::seam::{CANCEL_WITHIN_MS, HELLO_WITHIN_MS, PONG_WITHIN_MS, READY_WITHIN_MS};
    let usual = Config::default().supervision;
    let promised = (HELLO_WITHIN_MS, READY_WITHIN_MS, PONG_WITHIN_MS, CANCEL_WITHIN_MS);
    assert_eq!((usual.hello_ms, usual.ready_ms, usual.heartbeat_ms, usual.cancel_ms), promised);
    let patient = Config::parse("[supervision]\nhello_ms = 30000\n").unwrap().supervision;
    assert_eq!((patient.hello_ms, patient.ready_ms), (30_000, READY_WITHIN_MS));
    for (key, wrong) in [("hello_ms", 1_999), ("ready_ms", 9_999), ("heartbeat_ms", 0), ("cancel_ms", 300_001)] {
        let (line, text) = problem(&format!("[supervision]\n\n{key} = {wrong}\n"));
        assert!(line == 3 && text.contains(&format!("supervision.{key} is {wrong}")), "{line}: {text}");
    }
}

#[test]
fn a_device_name_is_plain() {
    let (_, text) = problem("[devices.\"A b\"]\ndriver=\"x\"\naddress=\"tcp:x:1\"\n");
    assert!(text.contains("lower-case"), "{text}");
    let (_, text) = problem("[reader]\n[devices.reader]\ndriver=\"x\"\naddress=\"tcp:x:1\"\n");
    assert!(text.contains("taken"), "{text}");
}
