//! Floats as their bits.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Floats, or several.
pub(crate) trait Bits {
    /// Their bits.
    type Bits: Serialize + for<'de> Deserialize<'de>;
    fn to_bits(&self) -> Self::Bits;
    fn from_bits(bits: Self::Bits) -> Self;
}

impl Bits for f32 {
    type Bits = u32;

    fn to_bits(&self) -> u32 {
        f32::to_bits(*self)
    }

    fn from_bits(bits: u32) -> Self {
        f32::from_bits(bits)
    }
}

// serde knows arrays of each length apart.
macro_rules! arrays {
    ($($length:literal),*) => {$(
        impl Bits for [f32; $length] {
            type Bits = [u32; $length];

            fn to_bits(&self) -> Self::Bits {
                self.map(f32::to_bits)
            }

            fn from_bits(bits: Self::Bits) -> Self {
                bits.map(f32::from_bits)
            }
        }
    )*};
}

arrays!(2, 4);

impl Bits for Vec<[f32; 2]> {
    type Bits = Vec<[u32; 2]>;

    fn to_bits(&self) -> Self::Bits {
        self.iter().map(Bits::to_bits).collect()
    }

    fn from_bits(bits: Self::Bits) -> Self {
        bits.into_iter().map(Bits::from_bits).collect()
    }
}

pub(crate) fn serialize<T: Bits, S: Serializer>(floats: &T, serializer: S) -> Result<S::Ok, S::Error> {
    floats.to_bits().serialize(serializer)
}

pub(crate) fn deserialize<'de, T: Bits, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::Bits::deserialize(deserializer).map(T::from_bits)
}
