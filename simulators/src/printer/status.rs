//! The printer's state as its status bytes (Epson ESC/POS Command Reference: DLE EOT, GS a, GS r). No I/O.

/// What is wrong, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Status {
    /// The cover is open.
    pub cover_open: bool,
    /// The paper has ended.
    pub paper_out: bool,
    /// The roll is nearly empty.
    pub paper_low: bool,
    /// The cutter is jammed.
    pub cutter_error: bool,
}

/// Bits that are always 1 in an answer to DLE EOT.
const DLE_EOT_FIXED: u8 = 0b0001_0010;
/// Bit that is always 1 in the first byte of an automatic status.
const ASB_FIXED: u8 = 0b0001_0000;
/// The fourth byte of an automatic status: reserved bits, 0x0F as TM printers send it.
const ASB_FOURTH: u8 = 0x0f;

/// Bits of `GS a n` that matter here: on-line/off-line.
const ASB_ONLINE: u8 = 0x02;
/// Bits of `GS a n`: errors.
const ASB_ERROR: u8 = 0x04;
/// Bits of `GS a n`: paper sensors.
const ASB_PAPER: u8 = 0x08;

impl Status {
    /// True when printing goes on.
    #[must_use]
    pub fn is_online(self) -> bool {
        !(self.cover_open || self.paper_out || self.cutter_error)
    }

    /// The byte that answers `DLE EOT n`, for n = 1 to 4.
    #[must_use]
    pub fn dle_eot(self, n: u8) -> Option<u8> {
        let bits = match n {
            1 => bit(!self.is_online(), 3),
            2 => bit(self.cover_open, 2) | bit(self.paper_out, 5) | bit(self.cutter_error, 6),
            3 => bit(self.cutter_error, 3),
            4 => self.near_end() << 2 | bits(self.paper_out, 0b11) << 5,
            _ => return None,
        };
        Some(DLE_EOT_FIXED | bits)
    }

    /// The four bytes of Automatic Status Back.
    #[must_use]
    pub fn asb(self) -> [u8; 4] {
        [
            ASB_FIXED | bit(!self.is_online(), 3) | bit(self.cover_open, 5),
            bit(self.cutter_error, 3),
            self.near_end() | bits(self.paper_out, 0b11) << 2,
            ASB_FOURTH,
        ]
    }

    /// True when `GS a` with this `n` reports a change from `before`.
    #[must_use]
    pub fn differs(self, before: Self, n: u8) -> bool {
        let (now, before) = (self.asb(), before.asb());
        (n & ASB_ONLINE != 0 && now[0] != before[0])
            || (n & ASB_ERROR != 0 && now[1] != before[1])
            || (n & ASB_PAPER != 0 && now[2] != before[2])
    }

    /// The byte that answers `GS r n`: 1 paper sensors, 2 drawer.
    #[must_use]
    pub fn gs_r(self, n: u8) -> Option<u8> {
        match n {
            1 | 49 => Some(self.near_end() | bits(self.paper_out, 0b11) << 2),
            2 | 50 => Some(0),
            _ => None,
        }
    }

    fn near_end(self) -> u8 {
        bits(self.paper_low || self.paper_out, 0b11)
    }
}

fn bit(set: bool, number: u8) -> u8 {
    u8::from(set) << number
}

fn bits(set: bool, mask: u8) -> u8 {
    if set { mask } else { 0 }
}
