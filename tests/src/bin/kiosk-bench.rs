//! `make bench`: speed and memory against the floor of the same machine in the same run. It prints; it judges nothing.

use std::io::Write;

use kiosk_tests::bench;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    if std::env::args().nth(1).as_deref() == Some("echo") {
        return bench::round_trip::echo_server().await;
    }
    let mut out = std::io::stdout().lock();
    for line in bench::round_trip::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::scan::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::rest::run().await {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
    for line in bench::reading::run() {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
}
