//! A slow wire: so many bytes a second, in small pieces, so that the first bytes are there long before the last.

use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// Pieces in a second on a slow wire.
const PIECES_PER_SECOND: u32 = 50;

/// How fast bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Pace {
    /// As fast as the other side takes them.
    #[default]
    Full,
    /// This many bytes a second.
    BytesPerSecond(NonZeroU32),
}

impl Pace {
    /// The largest piece that goes at once, and the pause after it; none when the wire is fast.
    #[must_use]
    pub fn piece(self) -> Option<(usize, Duration)> {
        match self {
            Pace::Full => None,
            Pace::BytesPerSecond(rate) => {
                let bytes = (rate.get() / PIECES_PER_SECOND).max(1);
                Some((bytes as usize, Duration::from_secs(1) * bytes / rate.get()))
            }
        }
    }

    /// Writes all bytes at this pace.
    ///
    /// # Errors
    /// Those of the writer.
    pub async fn write<W: AsyncWrite + Unpin>(self, to: &mut W, bytes: &[u8]) -> std::io::Result<()> {
        let Some((size, pause)) = self.piece() else {
            return to.write_all(bytes).await;
        };
        for piece in bytes.chunks(size) {
            to.write_all(piece).await?;
            to.flush().await?;
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::num::NonZeroU32;
    use std::time::Duration;

    #[test]
    fn a_pace_keeps_its_rate_whatever_its_size() {
        for rate in [1, 7, 49, 50, 1000, 1_000_000] {
            let rate = NonZeroU32::new(rate).unwrap();
            let (bytes, pause) = Pace::BytesPerSecond(rate).piece().unwrap();
            let per_second = bytes as f64 / pause.as_secs_f64();
            assert!((per_second / f64::from(rate.get()) - 1.0).abs() < 0.01, "{rate}: {per_second}");
        }
        assert_eq!(Pace::Full.piece(), None::<(usize, Duration)>);
    }
}
