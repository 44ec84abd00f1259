//! Barcodes as widths of bars and gaps (Epson ESC/POS Command Reference, GS k; ISO/IEC 15417 Code 128,
//! ISO/IEC 16388 Code 39, ISO/IEC 15420 EAN/UPC). Drawing is the line's matter.

/// Modules of a symbol: true is a bar.
pub type Modules = Vec<bool>;

/// What ESC/POS calls a system, by its function B number.
#[must_use]
pub fn name(system: u8) -> &'static str {
    match system {
        65 => "UPC-A",
        66 => "UPC-E",
        67 => "EAN13",
        68 => "EAN8",
        69 => "CODE39",
        70 => "ITF",
        71 => "CODABAR",
        72 => "CODE93",
        73 => "CODE128",
        _ => "unknown",
    }
}

/// A symbol and the text that stands with it; none when the data do not fit the system, or this simulator does not
/// draw it.
#[must_use]
pub fn symbol(system: u8, data: &[u8]) -> Option<(Modules, String)> {
    match system {
        65 => ean(&padded(data, 11, b"0")?, 13).map(|(modules, text)| (modules, text[1..].to_owned())),
        67 => ean(&padded(data, 12, b"")?, 13),
        68 => ean(&padded(data, 7, b"")?, 8),
        69 => code39(data),
        73 => code128(data),
        _ => None,
    }
}

/// The digits without their check digit, with a prefix; the check digit may be given or left out.
fn padded(data: &[u8], digits: usize, prefix: &[u8]) -> Option<Vec<u8>> {
    let fits = (data.len() == digits || data.len() == digits + 1) && data.iter().all(u8::is_ascii_digit);
    fits.then(|| [prefix, &data[..digits]].concat())
}

/// Widths of the odd (L) pattern of each digit: gap, bar, gap, bar. R has bar and gap exchanged, G is R reversed.
const EAN_WIDTHS: [[u8; 4]; 10] = [
    [3, 2, 1, 1],
    [2, 2, 2, 1],
    [2, 1, 2, 2],
    [1, 4, 1, 1],
    [1, 1, 3, 2],
    [1, 2, 3, 1],
    [1, 1, 1, 4],
    [1, 3, 1, 2],
    [1, 2, 1, 3],
    [3, 1, 1, 2],
];

/// Which of the left six digits are of the even (G) kind, by the first digit; the first bit is the leftmost digit.
const EAN_PARITY: [u8; 10] =
    [0b00_0000, 0b00_1011, 0b00_1101, 0b00_1110, 0b01_0011, 0b01_1001, 0b01_1100, 0b01_0101, 0b01_0110, 0b01_1010];

fn ean(digits: &[u8], length: usize) -> Option<(Modules, String)> {
    let mut digits: Vec<u8> = digits.iter().map(|digit| digit - b'0').collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| u32::from(*digit) * if place % 2 == 0 { 3 } else { 1 })
        .sum();
    digits.push(u8::try_from((10 - sum % 10) % 10).ok()?);
    let text: String = digits.iter().map(|digit| char::from(digit + b'0')).collect();
    let (parity, shown) =
        if length == 13 { (EAN_PARITY[usize::from(digits[0])], &digits[1..]) } else { (0, &digits[..]) };
    let half = shown.len() / 2;
    let mut modules = vec![true, false, true];
    for (place, digit) in shown.iter().enumerate() {
        let mut widths = EAN_WIDTHS[usize::from(*digit)];
        if place == half {
            modules.extend([false, true, false, true, false]);
        }
        let even = place < half && parity >> (half - 1 - place) & 1 == 1;
        if even {
            widths.reverse();
        }
        push_widths(&mut modules, &widths, place >= half);
    }
    modules.extend([true, false, true]);
    Some((modules, text))
}

fn push_widths(modules: &mut Modules, widths: &[u8], mut bar: bool) {
    for width in widths {
        modules.extend(std::iter::repeat_n(bar, usize::from(*width)));
        bar = !bar;
    }
}

/// The characters of Code 39 in the order of [`CODE39_WIDE`].
const CODE39_CHARACTERS: &[u8; 44] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";

/// Which of the nine elements (bar, gap, bar, …) are wide; the first bit is the first bar.
const CODE39_WIDE: [u16; 44] = [
    0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109, 0x049, 0x148, 0x019, 0x118, 0x058,
    0x00d, 0x10c, 0x04c, 0x01c, 0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016, 0x181, 0x0c1,
    0x1c0, 0x091, 0x190, 0x0d0, 0x085, 0x184, 0x0c4, 0x0a8, 0x0a2, 0x08a, 0x02a, 0x094,
];

fn code39(data: &[u8]) -> Option<(Modules, String)> {
    let data = data.strip_prefix(b"*").and_then(|data| data.strip_suffix(b"*")).unwrap_or(data);
    let mut modules = Modules::new();
    for character in [b"*", data, b"*"].concat() {
        let place = CODE39_CHARACTERS.iter().position(|known| *known == character)?;
        for element in (0..9).rev() {
            let wide = CODE39_WIDE[place] >> element & 1 == 1;
            modules.extend(std::iter::repeat_n(element % 2 == 0, if wide { 3 } else { 1 }));
        }
        modules.push(false);
    }
    modules.pop();
    Some((modules, format!("*{}*", String::from_utf8_lossy(data))))
}

/// Widths of Code 128's symbols 0 to 106: bar, gap, bar, gap, bar, gap; the stop has a seventh.
const CODE128: &[u8; 107 * 7] = b"\
21222202221220222221012122301213220131222012221301223120132212022121302213120231212011223201221320122231011322201231220\
12322102232110221132022123102132120223112031213103112220321122032122103122120322112032221102121230212321023212101113230\
13112301313210112313013211301323110211313023111302313110112133011233101321310113123011332101331210313121021133102311310\
21311302133110213131031112303113210331121031211303123110332111031411102214110431111011122401114220121124012142101411220\
14122101122140112412012211401224110142112014221102412110221114041311102411120134111011124201211420121241011421201241120\
12421104112120421112042121102121410214121041212101111430111341013114101141130114311041111304113110113141011413103111410\
41113102114120211214021123202331112";

const CODE128_STOP: u8 = 106;
const CODE128_START_A: u8 = 103;

/// The three sets of Code 128; a symbol's value of each that switches to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Set {
    A,
    B,
    C,
}

/// `{A`, `{B`, `{C` choose a set, `{1` is FNC1, `{S` shifts, `{{` is a brace.
fn code128(data: &[u8]) -> Option<(Modules, String)> {
    let (mut values, mut text) = (Vec::new(), String::new());
    let (mut set, mut shift) = (None, false);
    let mut bytes = data.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        let escaped = byte == b'{';
        let byte = if escaped { bytes.next()? } else { byte };
        let chosen = match (escaped, byte) {
            (true, b'A') => Some(Set::A),
            (true, b'B') => Some(Set::B),
            (true, b'C') => Some(Set::C),
            _ => None,
        };
        if let Some(chosen) = chosen {
            values.push(match (set, chosen) {
                (None, chosen) => CODE128_START_A + chosen as u8,
                (Some(_), Set::A) => 101,
                (Some(_), Set::B) => 100,
                (Some(_), Set::C) => 99,
            });
            set = Some(chosen);
            continue;
        }
        let now = match (set?, std::mem::take(&mut shift)) {
            (Set::A, true) => Set::B,
            (Set::B, true) => Set::A,
            (set, _) => set,
        };
        match (escaped, byte, now) {
            (true, b'1', _) => values.push(102),
            (true, b'2', Set::A | Set::B) => values.push(97),
            (true, b'3', Set::A | Set::B) => values.push(96),
            (true, b'4', Set::A) => values.push(101),
            (true, b'4', Set::B) => values.push(100),
            (true, b'S', Set::A | Set::B) => {
                values.push(98);
                shift = true;
            }
            (true, b'{', Set::B) | (false, 0x20..=0x7f, Set::B) => {
                values.push(byte - 0x20);
                text.push(char::from(byte));
            }
            (false, 0x20..=0x5f, Set::A) => {
                values.push(byte - 0x20);
                text.push(char::from(byte));
            }
            (false, 0..=0x1f, Set::A) => values.push(byte + 64),
            (false, pair @ 0..=99, Set::C) => {
                values.push(pair);
                text.push_str(&format!("{pair:02}"));
            }
            _ => return None,
        }
    }
    set?;
    let sum = values.iter().enumerate().map(|(place, value)| place.max(1) * usize::from(*value)).sum::<usize>() % 103;
    values.push(u8::try_from(sum).ok()?);
    values.push(CODE128_STOP);
    let mut modules = Modules::new();
    for value in values {
        let start = usize::from(value) * 7;
        let widths: Vec<u8> = CODE128[start..start + 7].iter().map(|width| width - b'0').collect();
        push_widths(&mut modules, &widths, true);
    }
    Some((modules, text))
}
