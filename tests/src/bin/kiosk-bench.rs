//! `make bench`: speed and memory against the floor of the same machine in the same run. It prints; it judges nothing.
//! `kiosk-bench PART` (`round-trip`, `apdu`, `scan`, `sane`, `camera`, `receipt`, `rest`, `reading`, `faces`,
//! `liveness`, `identity`, `cards`, `copies`) measures one part.

use std::io::Write;

use kiosk_tests::bench;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (part, number) = (arguments.next(), arguments.next());
    let lines = match part.as_deref() {
        // Peers and processes of the parts themselves.
        Some("echo") => return bench::round_trip::echo_server().await,
        Some("bare-apdu") => {
            let commands = number.and_then(|number| number.parse().ok()).expect("how many commands");
            vec![bench::apdu::bare(commands).to_string()]
        }
        Some("apdu-inside") => bench::apdu::measure().await,
        Some("identity-inside") => bench::identity::measure().await,
        Some("camera-inside") => bench::camera::measure().await,
        Some("round-trip") => bench::round_trip::run().await,
        Some("apdu") => bench::apdu::run().await,
        Some("scan") => bench::scan::run().await,
        Some("sane") => bench::sane::run().await,
        Some("camera") => bench::camera::run().await,
        Some("receipt") => bench::receipt::run().await,
        Some("rest") => bench::rest::run().await,
        Some("reading") => bench::reading::run(),
        Some("identity") => bench::identity::run().await,
        Some("cards") => bench::cards::run(),
        Some("copies") => bench::copies::run().await,
        Some("faces") => bench::faces::run(),
        Some("liveness") => bench::liveness::run(),
        Some(other) => panic!("there is no part {other}"),
        None => return all().await,
    };
    tell(&lines);
}

async fn all() {
    tell(&bench::round_trip::run().await);
    tell(&bench::apdu::run().await);
    tell(&bench::identity::run().await);
    tell(&bench::scan::run().await);
    tell(&bench::sane::run().await);
    tell(&bench::camera::run().await);
    tell(&bench::receipt::run().await);
    tell(&bench::rest::run().await);
    tell(&bench::reading::run());
    tell(&bench::cards::run());
    tell(&bench::copies::run().await);
    tell(&bench::faces::run());
    tell(&bench::liveness::run());
}

fn tell(lines: &[String]) {
    let mut out = std::io::stdout().lock();
    for line in lines {
        writeln!(out, "{line}").expect("stdout takes a line");
    }
}
