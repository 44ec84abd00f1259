//! The way to a chip.

/// Why nothing came back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The card was taken away, or another one is there now.
    #[error("the card was taken away")]
    Gone,
    /// The card does not answer, or the time for it is over.
    #[error("the card did not answer in time")]
    Silent,
    /// The reader, or the way to it, does not work.
    #[error("the card reader failed: {0}")]
    Failed(String),
}

/// Sends commands to a chip. Time limits are its own: no call may take for ever.
pub trait Transport {
    /// Sends command APDUs one after the other, without anybody in between, and gives back as many response APDUs. At most
    /// [`BATCH_MAX`] at once.
    ///
    /// # Errors
    /// Why there is no response to one of them.
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError>;

    /// Resets the chip: it forgets keys and selected files.
    ///
    /// # Errors
    /// If it does not come back.
    fn reset(&mut self) -> Result<(), TransportError>;
}

/// Most commands in one call.
pub const BATCH_MAX: usize = 16;
