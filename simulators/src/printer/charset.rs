//! Bytes to characters: the code pages of `ESC t` and the national letters of `ESC R`
//! (Epson ESC/POS Command Reference, "Character code tables"). No drawing here.

use unicode_normalization::UnicodeNormalization;

/// What stands for a byte that a page does not define.
const UNDEFINED: char = '\u{fffd}';

/// The code pages that can be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub enum CodePage {
    /// `ESC t 0`
    #[default]
    Pc437,
    /// `ESC t 2`
    Pc850,
    /// `ESC t 16`
    Wpc1252,
    /// `ESC t 19`
    Pc858,
    /// `ESC t 52`: Vietnamese, with combining tone marks.
    Wpc1258,
}

impl CodePage {
    /// The page of `ESC t n`, if it can be printed.
    #[must_use]
    pub fn numbered(n: u8) -> Option<Self> {
        match n {
            0 => Some(Self::Pc437),
            2 => Some(Self::Pc850),
            16 => Some(Self::Wpc1252),
            19 => Some(Self::Pc858),
            52 => Some(Self::Wpc1258),
            _ => None,
        }
    }

    /// The character of a byte from 0x20 on.
    #[must_use]
    pub fn decode(self, byte: u8) -> char {
        if byte < 0x80 {
            return char::from(byte);
        }
        let table = match self {
            Self::Pc437 => PC437,
            Self::Pc850 => PC850,
            Self::Wpc1252 => WPC1252,
            Self::Pc858 => PC858,
            Self::Wpc1258 => WPC1258,
        };
        table.chars().nth(usize::from(byte - 0x80)).unwrap_or(UNDEFINED)
    }
}

/// The character that a letter and a combining mark make together, if there is one. The letter may have a mark already:
/// ê and a dot below are ệ, though they join in the other order.
#[must_use]
pub fn joined(letter: char, mark: char) -> Option<char> {
    if !matches!(mark, '\u{300}'..='\u{36f}') {
        return None;
    }
    let mut whole = [letter, mark].into_iter().nfc();
    whole.next().filter(|_| whole.next().is_none())
}

/// The bytes that `ESC R n` gives other letters.
const NATIONAL_BYTES: &[u8; 12] = b"#$@[\\]^`{|}~";

/// The letters of `ESC R n`, n from 0: USA, France, Germany, UK, Denmark I, Sweden, Italy, Spain I, Japan, Norway,
/// Denmark II, Spain II, Latin America, Korea.
const NATIONAL: [&str; 14] = [
    "#$@[\\]^`{|}~",
    "#$à°ç§^`éùè¨",
    "#$§ÄÖÜ^`äöüß",
    "£$@[\\]^`{|}~",
    "#$@ÆØÅ^`æøå~",
    "#¤ÉÄÖÅÜéäöåü",
    "#$@°\\é^ùàòèì",
    "₧$@¡Ñ¿^`¨ñ}~",
    "#$@[¥]^`{|}~",
    "#¤ÉÆØÅÜéæøåü",
    "#$ÉÆØÅÜéæøåü",
    "#$á¡Ñ¿é`íñóú",
    "#$á¡Ñ¿éüíñóú",
    "#$@[₩]^`{|}~",
];

/// The letter that a byte has in the national set n, if it is one of the twelve and the set is known.
#[must_use]
pub fn national(n: u8, byte: u8) -> Option<char> {
    let place = NATIONAL_BYTES.iter().position(|national| *national == byte)?;
    NATIONAL.get(usize::from(n))?.chars().nth(place)
}

const PC437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

const PC850: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

const PC858: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}";

const WPC1252: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰Š‹Œ\u{fffd}Ž\u{fffd}\u{fffd}‘’“”•–—˜™š›œ\u{fffd}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";

const WPC1258: &str = "€\u{fffd}‚ƒ„…†‡ˆ‰\u{fffd}‹Œ\u{fffd}\u{fffd}\u{fffd}\u{fffd}‘’“”•–—˜™\u{fffd}›œ\u{fffd}\u{fffd}Ÿ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂĂÄÅÆÇÈÉÊË\u{300}ÍÎÏĐÑ\u{309}ÓÔƠÖ×ØÙÚÛÜƯ\u{303}ßàáâăäåæçèéêë\u{301}íîïđñ\u{323}óôơö÷øùúûüư₫ÿ";

#[cfg(test)]
mod tests {
    use super::{CodePage, NATIONAL, PC437, PC850, PC858, WPC1252, WPC1258, joined, national};

    #[test]
    fn every_page_has_its_upper_half() {
        for page in [PC437, PC850, PC858, WPC1252, WPC1258] {
            assert_eq!(page.chars().count(), 128);
        }
        assert!(NATIONAL.iter().all(|set| set.chars().count() == 12));
    }

    #[test]
    fn known_bytes_are_known_letters() {
        assert_eq!(CodePage::Pc437.decode(0x82), 'é');
        assert_eq!(CodePage::Pc437.decode(0xc4), '─');
        assert_eq!(CodePage::Pc850.decode(0x9b), 'ø');
        assert_eq!(CodePage::Pc858.decode(0xd5), '€');
        assert_eq!(CodePage::Wpc1252.decode(0x80), '€');
        assert_eq!(CodePage::Wpc1258.decode(0xf0), 'đ');
        assert_eq!(CodePage::numbered(52), Some(CodePage::Wpc1258));
        assert_eq!(CodePage::numbered(99), None);
    }

    #[test]
    fn a_letter_and_its_tone_mark_become_one() {
        // "ế" in WPC1258 is ê (0xEA) and a combining acute (0xEC).
        let (letter, mark) = (CodePage::Wpc1258.decode(0xea), CodePage::Wpc1258.decode(0xec));
        assert_eq!(joined(letter, mark), Some('ế'));
        assert_eq!(joined('ê', '\u{323}'), Some('ệ'));
        assert_eq!(joined('a', 'b'), None);
        assert_eq!(joined('b', '\u{323}'), Some('ḅ'));
        assert_eq!(joined('4', '\u{323}'), None);
    }

    #[test]
    fn national_sets_replace_twelve_bytes() {
        assert_eq!(national(2, b'['), Some('Ä'));
        assert_eq!(national(0, b'['), Some('['));
        assert_eq!(national(2, b'a'), None);
        assert_eq!(national(200, b'['), None);
    }
}
