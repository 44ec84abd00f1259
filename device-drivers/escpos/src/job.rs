//! One receipt as the commands that print it.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::receipt::Cut;

use crate::layout::{Paper, Raster};
use crate::wire;

/// The commands of one receipt. None of them holds anything that a printer could take for a real-time command.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// Sets the printer up; prints nothing.
    pub(crate) opening: Vec<u8>,
    /// Raster commands, each complete.
    pub(crate) bands: Vec<Vec<u8>>,
    /// Ends the receipt.
    pub(crate) ending: &'static [u8],
    /// Length of the printed part, millimetres, rounded up.
    pub(crate) length_mm: u32,
}

impl Job {
    /// Encodes a picture of the paper.
    pub(crate) fn new(raster: &Raster, paper: Paper, cut: Cut) -> Self {
        let rows: Vec<&[u8]> = raster.row_bytes().collect();
        Self {
            // ESC @ switches automatic status off on some printers, so it is asked for again each time.
            opening: [&wire::INITIALIZE[..], &wire::AUTOMATIC_STATUS[..]].concat(),
            bands: rows.chunks(wire::BAND_ROWS).map(band).collect(),
            ending: wire::cut(cut),
            length_mm: paper.to_mm(raster.rows()),
        }
    }

    /// Bytes in all.
    pub(crate) fn total_bytes(&self) -> usize {
        self.opening.len() + self.bands.iter().map(Vec::len).sum::<usize>() + self.ending.len()
    }
}

/// One raster command. White at the right is left out: it halves the bytes of a text receipt on a slow serial line.
fn band(rows: &[&[u8]]) -> Vec<u8> {
    let ink = |row: &&[u8]| row.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let width = rows.iter().map(ink).max().unwrap_or(0).max(1);
    let mut command = wire::raster_head(width, rows.len()).to_vec();
    let head = command.len();
    for row in rows {
        command.extend_from_slice(&row[..width]);
    }
    wire::defuse(&mut command[head..]);
    command
}
