//! Two check symbols: a Reed–Solomon code over GF(32), shortened. Its distance is 3, so all one- and two-symbol errors, swaps
//! among them, are found, and the place of a single one can be computed.

/// x⁵ + x² + 1, primitive: powers of x reach all 31 numbers but 0.
const POLYNOMIAL: u8 = 0b10_0101;
/// Symbols at most: places must be told apart by powers of x.
const LONGEST: usize = 31;

/// a · x.
const fn twice(a: u8) -> u8 {
    let doubled = a << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { doubled ^ POLYNOMIAL }
}

const fn times(a: u8, b: u8) -> u8 {
    let (mut product, mut power, mut place) = (0, a, 0);
    while place < 5 {
        if b & (1 << place) != 0 {
            product ^= power;
        }
        power = twice(power);
        place += 1;
    }
    product
}

/// The symbols as a polynomial, the last one its constant, at x and at x².
fn syndromes(symbols: &[u8]) -> (u8, u8) {
    symbols.iter().fold((0, 0), |(first, second), symbol| (twice(first) ^ symbol, twice(twice(second)) ^ symbol))
}

/// The check symbols that are to follow these.
pub(super) fn symbols(data: &[u8]) -> [u8; 2] {
    // The remainder of data · y² by (y - x)(y - x²) = y² + (x + x²) y + x³.
    const MIDDLE: u8 = 0b110;
    const LAST: u8 = 0b1000;
    let (mut high, mut low) = (0, 0);
    for symbol in data {
        let lead = high ^ symbol;
        (high, low) = (low ^ times(MIDDLE, lead), times(LAST, lead));
    }
    [high, low]
}

/// Whether the check symbols at the end fit; if not, the place from the start at which a single error would be.
pub(super) fn verify(symbols: &[u8]) -> Result<(), Option<usize>> {
    let (first, second) = syndromes(symbols);
    if first == 0 && second == 0 {
        return Ok(());
    }
    // A single error e at distance d from the end gives e·x^d and e·x^2d.
    let mut single = first;
    for distance in 0..symbols.len().min(LONGEST) {
        if first != 0 && single == second {
            return Err(Some(symbols.len() - 1 - distance));
        }
        single = twice(single);
    }
    Err(None)
}
