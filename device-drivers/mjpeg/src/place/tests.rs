use super::*;

fn place(url: &str) -> Result<Place, String> {
    Place::of("address", url).map_err(|error| error.to_string())
}

#[test]
fn a_url_is_host_port_and_target() {
    let seen = place("http://192.168.1.8:8080/cgi/mjpg?channel=1&q=2").unwrap();
    assert_eq!((&*seen.host, seen.port, &*seen.target), ("192.168.1.8", 8080, "/cgi/mjpg?channel=1&q=2"));
    assert_eq!(seen.authority, "192.168.1.8:8080");
    let seen = place("http://camera.local").unwrap();
    assert_eq!((&*seen.host, seen.port, &*seen.target), ("camera.local", 80, "/"));
    let seen = place("http://[fe80::1]:81/s").unwrap();
    assert_eq!((&*seen.host, seen.port, &*seen.authority), ("fe80::1", 81, "[fe80::1]:81"));
}

#[test]
fn what_is_no_such_url_is_refused_with_an_example() {
    for wrong in [
        "camera",
        "https://camera/",
        "http://",
        "http://camera:0/",
        "http://camera:99999/",
        "http://camera/#x",
        "http://:80/",
        "http://a b/",
    ] {
        assert!(place(wrong).unwrap_err().contains("http://192.168.1.8:8080/stream"), "{wrong}");
    }
    assert!(place(&format!("http://camera/{}", "x".repeat(3000))).is_err());
}

#[test]
fn a_password_in_the_url_is_refused_and_not_repeated() {
    let error = place("http://admin:geheim@camera/").unwrap_err();
    assert!(error.contains("password_file") && !error.contains("geheim"), "{error}");
}
