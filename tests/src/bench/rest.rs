//! The gateway at rest: memory of it and of each driver, and how soon three devices are ready.

use std::time::Instant;

use super::median;
use crate::rig::{Rig, RigOptions};

const ROUNDS: usize = 5;

/// The lines of the report.
pub async fn run() -> Vec<String> {
    let mut ready = Vec::new();
    let mut lines = vec!["at rest with three devices".to_owned()];
    for round in 0..ROUNDS {
        let mut rig = Rig::start(RigOptions::default()).await;
        let since = rig.started;
        let mut client = rig.client().await;
        client.wait_all_ready(crate::rig::READY_WITHIN).await;
        ready.push(Instant::now().duration_since(since).as_secs_f64() * 1e3);
        if round == 0 {
            let mib = |kib: u64| kib / 1024;
            lines.push(format!(
                "  gateway: {} MiB resident (aim ≤ 40)",
                mib(crate::rig::process::resident_kib(rig.gateway().pid()))
            ));
            for child in rig.children() {
                lines.push(format!("  {}: {} MiB resident (aim ≤ 15)", child.program, mib(child.resident_kib())));
            }
        }
    }
    lines.push(format!("  ready {:.0} ms after exec (aim ≤ 300)", median(&mut ready)));
    lines
}
