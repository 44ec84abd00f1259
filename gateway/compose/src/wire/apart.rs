//! Bytes that go beside the JSON: it says only that they are there, and reads them as none, to be filled in.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Bytes, or perhaps bytes.
pub(crate) trait Apart {
    /// What stands for them.
    type StandIn: Serialize + for<'de> Deserialize<'de>;
    fn stand_in(&self) -> Self::StandIn;
    fn empty(stand_in: Self::StandIn) -> Self;
}

impl Apart for Vec<u8> {
    type StandIn = ();

    fn stand_in(&self) {}

    fn empty((): ()) -> Self {
        Self::new()
    }
}

impl Apart for Option<Vec<u8>> {
    type StandIn = bool;

    fn stand_in(&self) -> bool {
        self.is_some()
    }

    fn empty(is_there: bool) -> Self {
        is_there.then(Vec::new)
    }
}

pub(crate) fn serialize<T: Apart, S: Serializer>(bytes: &T, serializer: S) -> Result<S::Ok, S::Error> {
    bytes.stand_in().serialize(serializer)
}

pub(crate) fn deserialize<'de, T: Apart, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::StandIn::deserialize(deserializer).map(T::empty)
}
