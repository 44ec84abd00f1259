//! The guest itself: a real kernel and a real udev.

use kiosk_tests::lab;
use kiosk_tests::peers::{Peer, peer};

#[tokio::test]
async fn the_guest_runs_udev_as_root_on_a_kernel_of_its_own() {
    lab::require();
    // /dev/shm is the guest's memory, so this is gone with it; in the host's files it would stay.
    assert_eq!(std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap(), "lab\n");
    let pid1 = std::fs::read_to_string("/proc/1/cmdline").unwrap();
    assert!(pid1.starts_with("/run/lab/busybox"), "{pid1:?}");
    lab::run(Peer::new(&peer("udevadm")).args(["control", "--ping"])).await.ok();
    assert_eq!(lab::run(Peer::new(&peer("id")).arg("-u")).await.ok(), "0\n");
}
