//! What a printer's USB interface says of the printer when the printer itself says nothing.

/// The answer to GET_PORT_STATUS. It is one byte that the interface answers, also while the printer takes no data; many
/// printers fill it in with care, some not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortStatus {
    /// No paper.
    pub paper_empty: bool,
    /// On line.
    pub selected: bool,
    /// Something is wrong with it; which thing it does not say.
    pub error: bool,
}

impl PortStatus {
    /// Reads the byte ("USB Device Class Definition for Printing Devices" 1.1, 4.2.2: bit 5 Paper Empty, bit 4 Select,
    /// bit 3 Not Error; the others are reserved).
    pub fn of_byte(byte: u8) -> Self {
        Self { paper_empty: byte & 0x20 != 0, selected: byte & 0x10 != 0, error: byte & 0x08 == 0 }
    }

    /// Nothing keeps it from printing, as far as this tells.
    pub fn is_ready(self) -> bool {
        self.selected && !self.error && !self.paper_empty
    }
}
