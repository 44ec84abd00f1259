use kiosk_driver_sdk::{Address, OpenError};

use super::Place;

fn place(text: &str) -> Result<Place, OpenError> {
    Place::of(&Address::parse(text).unwrap())
}

#[test]
fn port_and_path_have_usual_values() {
    let of = |text: &str| {
        let place = place(text).unwrap();
        (place.host.clone(), place.port, place.path("ScannerStatus"), place.authority)
    };
    let expected = |host: &str, port, path: &str, authority: &str| (host.into(), port, path.into(), authority.into());
    assert_eq!(of("http://10.0.0.7/eSCL"), expected("10.0.0.7", 80, "/eSCL/ScannerStatus", "10.0.0.7"));
    assert_eq!(of("http://scanner"), expected("scanner", 80, "/eSCL/ScannerStatus", "scanner"));
    assert_eq!(of("http://scanner:8289/x/y/"), expected("scanner", 8289, "/x/y/ScannerStatus", "scanner:8289"));
    assert_eq!(of("http://[::1]:60000/eSCL"), expected("::1", 60000, "/eSCL/ScannerStatus", "[::1]:60000"));
    assert_eq!(of("http://[fe80::1]/eSCL"), expected("fe80::1", 80, "/eSCL/ScannerStatus", "[fe80::1]"));
}

#[test]
fn a_wrong_address_is_bad_configuration_and_says_how_it_should_look() {
    for text in [
        "https://scanner/eSCL",
        "tcp:scanner:80",
        "http:///eSCL",
        "http://scanner:0/eSCL",
        "http://scanner:99999/eSCL",
        "http://scanner:/eSCL",
        "http://scanner:port/eSCL",
        "http://me:secret@scanner/eSCL",
        "http://scanner/eSCL?a=b",
        "http://scanner/eSCL#x",
        "http://scan ner/eSCL",
    ] {
        let error = place(text).unwrap_err();
        assert!(matches!(error, OpenError::BadConfig(_)), "{text}: {error:?}");
        assert!(error.to_string().contains("http:"), "{text}: {error}");
    }
}

#[test]
fn a_job_stays_at_the_scanner() {
    let place = place("http://10.0.0.7/eSCL").unwrap();
    let job = |location| place.job(location);
    assert_eq!(job("http://10.0.0.7/eSCL/ScanJobs/1").as_deref(), Some("/eSCL/ScanJobs/1"));
    assert_eq!(job("/eSCL/ScanJobs/1/").as_deref(), Some("/eSCL/ScanJobs/1"));
    assert_eq!(job("ScanJobs/1").as_deref(), Some("/eSCL/ScanJobs/1"));
    assert_eq!(job("http://elsewhere.example/eSCL/ScanJobs/1").as_deref(), Some("/eSCL/ScanJobs/1"));
    for wrong in ["", "/", "http://10.0.0.7/", "/a b", "/a\r\nX: y", "/job?x=1", "/job#x", "://", &"/x".repeat(600)] {
        assert_eq!(job(wrong), None, "{wrong:?}");
    }
}
