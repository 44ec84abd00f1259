use std::net::TcpListener;

use super::*;

#[test]
fn a_server_that_takes_no_more_does_not_hold_a_letter_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut exchange = Exchange::connect("127.0.0.1", port, true, Duration::from_secs(5)).unwrap();
    let (accepted, _) = listener.accept().unwrap();
    exchange.wait_until(Duration::from_millis(300));
    let begun = Instant::now();
    let error = exchange.write(&vec![0; 64 << 20]).unwrap_err();
    assert_eq!(Why::of_io(Step::Body, &error), Why::Silent { step: Step::Body });
    assert!(begun.elapsed() >= Duration::from_millis(300) && begun.elapsed() < Duration::from_secs(5));
    drop(accepted);
}

#[test]
fn a_name_of_this_machine_must_lead_to_this_machine() {
    let error = Exchange::connect("192.0.2.1", 25, true, Duration::from_secs(5)).err();
    assert_eq!(error, Some(Why::NotLoopback));
}
