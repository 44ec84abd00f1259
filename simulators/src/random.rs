//! Seeded chance: the same seed gives the same garbage on every machine. Not for secrets.

/// A SplitMix64 generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator for one use; `purpose` keeps two devices with the same seed apart.
    #[must_use]
    pub fn new(seed: u64, purpose: &str) -> Self {
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for byte in purpose.bytes() {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(state)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `count` random bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(count + 8);
        while out.len() < count {
            out.extend_from_slice(&self.bits().to_le_bytes());
        }
        out.truncate(count);
        out
    }

    /// A version 4 UUID (RFC 9562, section 5.4) made of seeded bits.
    pub fn uuid(&mut self) -> String {
        let high = (self.bits() & !0xf000) | 0x4000;
        let low = (self.bits() & !(0b11 << 62)) | (0b10 << 62);
        let group = |value: u64, shift: u32, bits: u32| (value >> shift) & ((1 << bits) - 1);
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            group(high, 32, 32),
            group(high, 16, 16),
            group(high, 0, 16),
            group(low, 48, 16),
            group(low, 0, 48)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_purpose_gives_others() {
        assert_eq!(Random::new(7, "ups").bytes(33), Random::new(7, "ups").bytes(33));
        assert_ne!(Random::new(7, "ups").bytes(33), Random::new(7, "printer").bytes(33));
        assert_ne!(Random::new(8, "ups").bytes(33), Random::new(7, "ups").bytes(33));
    }

    #[test]
    fn a_uuid_names_its_version_and_variant() {
        let uuid = Random::new(1, "job").uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(matches!(uuid.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{uuid}");
    }
}
