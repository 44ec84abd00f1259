//! The composer, and programs that are none.

#![allow(dead_code, reason = "each program that takes this file in needs another part of it")]

use std::error::Error;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use kiosk_compose::{Composer, ComposerError, Page, PageImage, Request};

use crate::paper::request;

/// On a loaded machine, too, nothing takes so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

pub(crate) fn composer() -> Composer {
    Composer { program: env!("CARGO_BIN_EXE_kiosk-composer").into(), fonts: None, template: None }
}

/// An error with all its causes.
pub(crate) fn said(error: &ComposerError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(one) = cause {
        text += &format!(": {one}");
        cause = one.source();
    }
    text
}

/// A request that no pipe holds: 30 MB.
pub(crate) fn large() -> Request {
    let image = PageImage::Rgb(vec![255; 3000 * 3400 * 3]);
    request(vec![Page { image, size_px: [3000, 3400], dpi: 400.0, lines: Vec::new() }])
}

/// A program that is no composer.
pub(crate) struct Fake {
    _folder: tempfile::TempDir,
    program: PathBuf,
}

impl Fake {
    pub(crate) fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("composer");
        std::fs::write(&program, format!("#!/bin/sh\necho $$ >\"$0.pid\"\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        Self { _folder: folder, program }
    }

    pub(crate) fn composer(&self) -> Composer {
        Composer { program: self.program.clone(), fonts: None, template: None }
    }

    /// What comes of a large request, and that nothing is left of the program.
    pub(crate) fn asked(&self, deadline: Duration) -> ComposerError {
        let error = self.composer().compose(large(), deadline).expect_err("it composes nothing");
        self.is_gone();
        error
    }

    /// The program was reaped, and what it started ends.
    pub(crate) fn is_gone(&self) {
        // Ended before its first line.
        let Ok(pid) = std::fs::read_to_string(self.program.with_extension("pid")) else { return };
        let pid = pid.trim();
        if pid.is_empty() {
            return;
        }
        assert!(!PathBuf::from(format!("/proc/{pid}")).exists(), "it was reaped");
        let until = Instant::now() + PATIENCE;
        while members(pid) > 0 {
            assert!(Instant::now() < until, "what it started is left");
            std::thread::yield_now();
        }
    }
}

/// How many processes that are alive belong to a group.
fn members(group: &str) -> usize {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let states = entries.filter_map(|entry| std::fs::read_to_string(entry.path().join("stat")).ok());
    let belongs = |state: &String| {
        // Behind the name: state, parent, group (proc_pid_stat(5)).
        let fields: Vec<&str> = state.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        fields.get(2) == Some(&group) && !matches!(fields[0], "Z" | "X")
    };
    states.filter(belongs).count()
}
