//! Command APDUs (ISO/IEC 7816-4:2020, section 5.2): header, data, expected length, short or extended.

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apdu<'a> {
    /// CLA
    pub class: u8,
    /// INS
    pub instruction: u8,
    /// P1
    pub p1: u8,
    /// P2
    pub p2: u8,
    /// Its data.
    pub data: &'a [u8],
    /// Most bytes of the answer; none: no data is expected.
    pub expected: Option<usize>,
}

impl<'a> Apdu<'a> {
    /// Reads one; none when its lengths do not add up.
    #[must_use]
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[class, instruction, p1, p2], body) = bytes.split_first_chunk()?;
        let (data, expected): (&[u8], _) = match body {
            [] => (&[], None),
            [le] => (&[], Some(short(*le))),
            [0, high, low] => (&[], Some(extended(*high, *low))),
            [0, high, low, rest @ ..] => {
                let length = usize::from(u16::from_be_bytes([*high, *low]));
                let (data, le) = rest.split_at_checked(length)?;
                match le {
                    [] if length > 0 => (data, None),
                    [high, low] if length > 0 => (data, Some(extended(*high, *low))),
                    _ => return None,
                }
            }
            [length, rest @ ..] => {
                let (data, le) = rest.split_at_checked(usize::from(*length))?;
                match le {
                    [] => (data, None),
                    [le] => (data, Some(short(*le))),
                    _ => return None,
                }
            }
        };
        Some(Self { class, instruction, p1, p2, data, expected })
    }

    /// P1 and P2 as one number.
    #[must_use]
    pub fn p1_p2(&self) -> u16 {
        u16::from_be_bytes([self.p1, self.p2])
    }
}

/// Zero is the most that the length's form can say.
fn short(le: u8) -> usize {
    if le == 0 { 256 } else { le.into() }
}

fn extended(high: u8, low: u8) -> usize {
    match u16::from_be_bytes([high, low]) {
        0 => 65_536,
        le => le.into(),
    }
}
