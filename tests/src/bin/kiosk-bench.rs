//! `make bench`: speed and memory against the floor of the same machine in the same run. It prints; it judges nothing.

use std::io::Write;

use kiosk_tests::bench;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (role, number) = (arguments.next(), arguments.next());
    if role.as_deref() == Some("echo") {
        return bench::round_trip::echo_server().await;
    }
    let mut out = std::io::stdout().lock();
    if role.as_deref() == Some("bare-apdu") {
        let commands = number.and_then(|number| number.parse().ok()).expect("how many commands");
        return writeln!(out, "{}", bench::apdu::bare(commands)).expect("stdout takes a line");
    }
    if role.as_deref() == Some("apdu") {
        for line in bench::apdu::measure().await {
            writeln!(out, "{line}").expect("stdout takes a line");
        }
        return;
    }
    if role.as_deref() == Some("receipt") {
        for line in bench::receipt::run().await {
            writeln!(out, "{line}").expect("stdout takes a line");
        }
        return;
    }
    if role.as_deref() == Some("sane") {
        for line in bench::sane::run().await {
            writeln!(out, "{line}").expect("stdout takes a line");
        }
        return;
    }
    for line in bench::round_trip::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::apdu::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::scan::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::sane::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::receipt::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::rest::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::reading::run() {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
}
