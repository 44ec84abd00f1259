//! Namespaces for one thread.

#![allow(unsafe_code, reason = "leaving a namespace that other threads stay in is unsafe by its nature")]

use std::path::Path;

use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::{UnshareFlags, unshare_unsafe};

/// Gives this thread, and what it starts from now on, these folders empty and for itself, and a network without anybody.
pub(super) fn enter(folders: &[&str]) {
    // SAFETY: only namespaces are left (and, with that of mounts, this thread's share in the process's working folder); no
    // file descriptor or memory of another thread depends on them.
    let left = unsafe { unshare_unsafe(UnshareFlags::NEWNS | UnshareFlags::NEWNET) };
    left.unwrap_or_else(|error| {
        panic!(
            "no namespaces of its own ({error}): tests with a pcscd of their own need root; without it, run them in \
             `unshare --user --map-root-user`"
        )
    });
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).expect("mounts in a namespace of one's own can be made private");
    for folder in folders {
        assert!(Path::new(folder).is_dir(), "{folder} is missing: run `make setup` first");
        mount("kiosk-tests", *folder, "tmpfs", MountFlags::empty(), None)
            .unwrap_or_else(|error| panic!("cannot mount over {folder}: {error}"));
    }
}
