//! ESC/POS as values: no I/O here. Section names are those of Epson's "ESC/POS Command Reference", which names each
//! command by its ASCII form.
//!
//! The commands are a table of our own and not those of the crate `escpos` (0.20), which was tried first. Of the ten
//! that a raster printer with a confirmed outcome needs it has three; `partial_cut` sends `GS V 65 1`, which is a full
//! cut (`wire/tests.rs` shows it); its status requests end in a stray byte; and it has no parser for automatic status,
//! process ids, buffer clear or printer information, the answers that this driver lives by.

pub(crate) mod condition;
pub(crate) mod query;
pub(crate) mod sorter;
#[cfg(test)]
pub(crate) mod tests;

use kiosk_driver_sdk::protocol::receipt::Cut;

/// "ESC @": clears the print buffer and puts every setting back to its default.
pub(crate) const INITIALIZE: [u8; 2] = [0x1B, b'@'];

/// "GS a", bits 1 to 3: send the four status bytes whenever on-line state, errors or the paper sensors change, and once
/// now.
pub(crate) const AUTOMATIC_STATUS: [u8; 3] = [0x1D, b'a', 0x0E];

/// "GS V", function B, m = 65: feeds to the cutting position, cuts through.
const CUT_FULL: [u8; 4] = [0x1D, b'V', 65, 0];
/// "GS V", function B, m = 66: feeds to the cutting position, leaves one point uncut.
const CUT_PARTIAL: [u8; 4] = [0x1D, b'V', 66, 0];
/// "ESC d", 5 lines of the default 1/6 inch: 21 mm, what lies between print head and tear bar.
const FEED_TO_TEAR_BAR: [u8; 3] = [0x1B, b'd', 5];

/// The end of a receipt.
pub(crate) fn cut(cut: Cut) -> &'static [u8] {
    match cut {
        Cut::Full => &CUT_FULL,
        Cut::Partial => &CUT_PARTIAL,
        Cut::None => &FEED_TO_TEAR_BAR,
    }
}

/// Most rows in one raster command. Small ones keep the time short in which nothing may be asked.
pub(crate) const BAND_ROWS: usize = 256;

/// "GS v 0", m = 0: the head of a raster of `bytes` × 8 dots by `rows` rows; its data follow, one bit a dot, black = 1.
///
/// # Panics
/// If the raster is larger than the command can say; callers keep to [`BAND_ROWS`] and the width of a printer.
pub(crate) fn raster_head(bytes: usize, rows: usize) -> [u8; 8] {
    let [xl, xh] = u16::try_from(bytes).expect("a printer is at most 104 bytes wide").to_le_bytes();
    let [yl, yh] = u16::try_from(rows).expect("a band has at most 256 rows").to_le_bytes();
    [0x1D, b'v', b'0', 0, xl, xh, yl, yh]
}

/// DLE, the first byte of every real-time command.
const DLE: u8 = 0x10;
/// What follows DLE: EOT ("DLE EOT", a status request), ENQ ("DLE ENQ", recover), DC4 ("DLE DC4", drawer pulse,
/// power off, buffer clear).
const REAL_TIME: [u8; 3] = [0x04, 0x05, 0x14];

/// Makes sure that picture data cannot be taken for a real-time command.
///
/// "Notes of Real-time Commands" says that a printer acts on such a sequence wherever it stands, also in the middle of
/// a picture: a drawing may open the cash drawer or clear the printer's memory. DLE is one black dot with three white
/// ones beside it, so the dot is made two dots wide wherever the next byte would complete a command, and at the end of
/// the data, where the next command follows. One dot is 0.125 mm: nobody sees it, and a QR module has at least two.
pub(crate) fn defuse(data: &mut [u8]) {
    for at in 0..data.len() {
        if data[at] == DLE && data.get(at + 1).is_none_or(|next| REAL_TIME.contains(next)) {
            data[at] = 0x18;
        }
    }
}
