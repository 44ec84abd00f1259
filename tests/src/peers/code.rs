//! zbar, which reads the codes that a kiosk shows and prints as a citizen's telephone would.

use super::{Peer, peer};
use crate::rig::PATIENCE;

/// What the one QR code in a picture (PNG or JPEG) says; `None` if there is none, as in a picture of no bytes: a screen that
/// shows nothing.
///
/// # Panics
/// If it is no picture, or zbar is not installed.
pub async fn read(picture: &[u8]) -> Option<String> {
    if picture.is_empty() {
        return None;
    }
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let file = folder.path().join("picture");
    std::fs::write(&file, picture).expect("the folder takes a file");
    // Without `binary` it guesses what a text is written in, and takes a short one in UTF-8 for Japanese.
    let zbar = Peer::new(&peer("zbarimg"))
        .args(["--quiet", "--nodbus", "--raw", "-Sdisable", "-Sqrcode.enable", "-Sbinary"])
        .arg(&file);
    let ran = zbar.run(PATIENCE).await;
    // 4: no code was found.
    if ran.status.code() == Some(4) { None } else { Some(ran.ok().trim_end_matches('\n').to_owned()) }
}
