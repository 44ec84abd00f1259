//! One page from the scanner to the gateway: each piece goes on as it comes, unchanged, and is looked at in passing.
//! A page that does not come whole is never one: its blob is left unfinished, and the gateway throws that away.

use std::time::Duration;

use kiosk_driver_sdk::protocol::scanner::{PageStarted, ScannedPage, Scanner, ScannerEvent};
use kiosk_driver_sdk::{BlobWriter, Cx, Guard};

use crate::http::Answer;
use crate::trouble::Trouble;
use crate::wire::JPEG;
use crate::wire::jpeg::JpegWatch;

/// Longest page that is taken, bytes. A4 in colour at 600 dpi is 10 to 30 MB.
pub(crate) const PAGE_MAX: u64 = 100 << 20;

/// Which page it is.
#[derive(Clone, Copy)]
pub(crate) struct Numbered {
    /// From 1.
    pub(crate) page: u16,
    /// Dots per inch that were asked for.
    pub(crate) resolution_dpi: u16,
    /// How long the scanner may pause.
    pub(crate) silence: Duration,
}

/// Passes a page on.
///
/// # Errors
/// [`Trouble::Jpeg`], [`Trouble::Cut`] if it did not come whole, [`Trouble::LongPage`] if it has no end.
pub(crate) async fn pass_on(
    mut answer: Answer,
    numbered: Numbered,
    cx: &mut Cx<Scanner>,
    guard: &Guard,
) -> Result<ScannedPage, Trouble> {
    let Numbered { page, resolution_dpi, silence } = numbered;
    if answer.length().is_some_and(|length| length > PAGE_MAX) {
        return Err(Trouble::LongPage { page });
    }
    let mut watch = JpegWatch::new();
    let mut begun: Option<BlobWriter> = None;
    while let Some(bytes) = guard.run("the rest of the page", silence, answer.chunk()).await? {
        watch.push(&bytes)?;
        if let Some(writer) = &mut begun {
            if writer.written() + bytes.len() as u64 > PAGE_MAX {
                return Err(Trouble::LongPage { page });
            }
            writer.write(&bytes);
        } else {
            let mut writer = cx.blob(JPEG);
            writer.write(&bytes);
            let started = PageStarted { page, blob: writer.id(), media_type: JPEG.into() };
            cx.emit(ScannerEvent::PageStarted(started));
            begun = Some(writer);
        }
    }
    let size = watch.finish()?;
    let writer = begun.expect("a JPEG that has an end has bytes");
    let blob = writer.id();
    let scanned = ScannedPage {
        page,
        blob,
        media_type: JPEG.into(),
        bytes: writer.finish(),
        width_px: size.width,
        height_px: size.height,
        resolution_dpi,
    };
    cx.emit(ScannerEvent::Page(scanned.clone()));
    Ok(scanned)
}
