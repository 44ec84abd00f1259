//! Certified copies: what the machine takes of a case's time, from its pages to the signed file with its archive time stamp (B-LTA)
//! against a local authority, for 1, 5 and 20 pages; beside it the same file signed by the authority's own `openssl` for one time
//! stamp, which is the floor that nobody gets below. Then the processor's time for one signature (B-B, key on the same token, same
//! file) beside pyHanko's.

use std::time::{Duration, Instant};

use kiosk_protocol::approval::ApprovalDecision;
use serde_json::json;

use super::median;
use crate::copies::{Browser, Copies, page};
use crate::peers::{Peer, peer};
use crate::rig::process::ended_children_ticks;

/// Cases for each number of pages.
const ROUNDS: usize = 5;
const WITHIN: Duration = Duration::from_secs(120);
/// Signatures of one measurement, ours and pyHanko's: some dozens of ticks of the processor's clock.
const SIGNATURES: [u32; 2] = [400, 60];
/// The keys of the authority's token, and the ratio to pyHanko that is aimed for.
const KEYS: [(&str, &str, f64); 2] = [("P-256", "officer-nguyet", 1.0 / 25.0), ("RSA-3072", "seal", 1.0 / 8.0)];

/// The lines of the report.
///
/// # Panics
/// If a case fails.
pub async fn run() -> Vec<String> {
    let mut copies = Copies::start(&[], |_| {}).await;
    let browser = Browser::enrol(&mut copies, "nguyet").await;
    let stamp = stamp(&copies).await;
    let mut lines = Vec::new();
    for count in [1_u8, 5, 20] {
        let pages: Vec<Vec<u8>> = (0..count).map(page).collect();
        let (mut prepared, mut issued, mut bytes) = (Vec::new(), Vec::new(), 0);
        for _ in 0..ROUNDS {
            let since = Instant::now();
            let case = copies.prepared(&pages).await;
            prepared.push(since.elapsed().as_secs_f64() * 1e3);
            let since = Instant::now();
            browser.decide(&mut copies, &case, ApprovalDecision::Approve, None).await.expect("it is approved");
            copies.wait(&case, "signed").await;
            issued.push(since.elapsed().as_secs_f64() * 1e3);
            bytes = copies.file(&case).await.0.len();
        }
        let (prepared, issued) = (median(&mut prepared), median(&mut issued));
        lines.push(format!(
            "copies     {count:>2} pages: prepared {prepared:.0} ms, approved to signed at B-LTA {issued:.0} ms, together \
             {:.0} ms (aim 3000 for one page; {:.1} time stamps' time), {bytes} bytes",
            prepared + issued,
            issued / stamp
        ));
    }
    lines.extend(signatures(&mut copies, &browser).await);
    let case = copies.prepared(&[page(1)]).await;
    let since = Instant::now();
    for _ in 0..100 {
        copies.done("case.status", json!({ "case": case })).await;
    }
    lines.push(format!("copies     case.status {:.2} ms", since.elapsed().as_secs_f64() * 10.0));
    lines
}

/// Milliseconds of one time stamp, asked for by OpenSSL and curl.
async fn stamp(copies: &Copies) -> f64 {
    let query = copies.folder.path().join("query.tsq");
    let made = Peer::new(&peer("openssl")).args(["ts", "-query", "-digest"]).arg("00".repeat(32));
    made.args(["-sha256", "-cert", "-out"]).arg(&query).run(WITHIN).await.ok();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let since = Instant::now();
        let asked =
            Peer::new(&peer("curl")).args(["-s", "-f", "-H", "Content-Type: application/timestamp-query", "-o"]);
        let asked = asked.arg(query.with_extension("tsr")).arg("--data-binary").arg(format!("@{}", query.display()));
        asked.arg(format!("{}/tsa", copies.authority.address)).run(WITHIN).await.ok();
        times.push(since.elapsed().as_secs_f64() * 1e3);
    }
    median(&mut times)
}

/// The processor's time of one signature, ours and pyHanko's.
async fn signatures(copies: &mut Copies, browser: &Browser) -> Vec<String> {
    let case = copies.prepared(&[page(1)]).await;
    let looked = browser.look(copies, &case).await;
    let file = copies.folder.path().join("unsigned.pdf");
    std::fs::write(&file, copies.blob(&looked, &looked.value["preview"]["blob"])).expect("a file can be written");
    let mut lines = Vec::new();
    for (kind, key, aim) in KEYS {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            ours.push(cost(SIGNATURES[0], |count| copies.authority.sign_many(key, &file, count)).await);
            theirs.push(cost(SIGNATURES[1], |count| copies.authority.sign_many_with_pyhanko(key, &file, count)).await);
        }
        let (ours, theirs) = (median(&mut ours), median(&mut theirs));
        lines.push(format!(
            "copies     one signature, {kind}: {ours:.2} ms of the processor, pyHanko {theirs:.2} ms, ratio 1/{:.1} (aim 1/{:.0})",
            theirs / ours,
            1.0 / aim
        ));
    }
    lines
}

/// Milliseconds of the processor's time for one signature: that of many, without what a program takes that makes one.
async fn cost(signatures: u32, sign: impl Fn(u32) -> Peer) -> f64 {
    let mut ticks = Vec::new();
    for count in [1, signatures + 1] {
        let before = ended_children_ticks();
        sign(count).run(WITHIN).await.ok();
        ticks.push(ended_children_ticks() - before);
    }
    f64::from(u32::try_from(ticks[1].saturating_sub(ticks[0])).unwrap_or(u32::MAX)) * 10.0 / f64::from(signatures)
}
