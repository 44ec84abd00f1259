//! What the tests of the virtual USB devices share: `lsusb`, and reading from a node.

use kiosk_tests::lab::{self, WITHIN};
use kiosk_tests::peers::{Peer, peer};

/// What `lsusb -v` says of a device, which must be nothing that begins with a complaint, but for those in `known`.
pub(crate) async fn lsusb(id: &str, known: &[&str]) -> String {
    let ran = lab::run(Peer::new(&peer("lsusb")).args(["-v", "-d", id])).await;
    let text = ran.ok();
    for word in ["Warning", "WARNING", "INVALID", "invalid", "unknown descriptor", "unrecognized", "can't get", "junk"]
    {
        let complaint =
            text.lines().find(|line| line.contains(word) && !known.iter().any(|known| line.contains(known)));
        assert_eq!(complaint, None, "{text}");
    }
    text
}

/// Reads so many bytes from a device node that is open; blocks until they are there or the device is gone.
pub(crate) async fn read(file: &std::fs::File, count: usize) -> std::io::Result<Vec<u8>> {
    let mut file = file.try_clone()?;
    let reading = tokio::task::spawn_blocking(move || {
        let mut bytes = vec![0; count];
        std::io::Read::read_exact(&mut file, &mut bytes).map(|()| bytes)
    });
    tokio::time::timeout(WITHIN, reading).await.expect("something can be read").unwrap()
}
