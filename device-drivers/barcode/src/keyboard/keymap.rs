//! The layout of the United States, which scanners type in unless they are set up otherwise: key codes of Linux
//! (`input-event-codes.h`) and their signs without and with shift.

/// The sign of a key.
pub(super) fn sign(code: u16, shift: bool, caps_lock: bool) -> Option<char> {
    let &(_, plain, shifted) = KEYS.iter().find(|(own, _, _)| *own == code)?;
    let upper = if plain.is_ascii_lowercase() { shift != caps_lock } else { shift };
    Some(if upper { shifted } else { plain })
}

/// The digit of a key of the keypad.
pub(super) fn keypad_digit(code: u16) -> Option<u32> {
    [82, 79, 80, 81, 75, 76, 77, 71, 72, 73]
        .iter()
        .position(|own| *own == code)
        .and_then(|digit| u32::try_from(digit).ok())
}

/// A hexadecimal digit of any key.
pub(super) fn hex_digit(code: u16) -> Option<u32> {
    keypad_digit(code).or_else(|| sign(code, false, false)?.to_digit(16))
}

const KEYS: &[(u16, char, char)] = &[
    (2, '1', '!'),
    (3, '2', '@'),
    (4, '3', '#'),
    (5, '4', '$'),
    (6, '5', '%'),
    (7, '6', '^'),
    (8, '7', '&'),
    (9, '8', '*'),
    (10, '9', '('),
    (11, '0', ')'),
    (12, '-', '_'),
    (13, '=', '+'),
    (15, '\t', '\t'),
    (16, 'q', 'Q'),
    (17, 'w', 'W'),
    (18, 'e', 'E'),
    (19, 'r', 'R'),
    (20, 't', 'T'),
    (21, 'y', 'Y'),
    (22, 'u', 'U'),
    (23, 'i', 'I'),
    (24, 'o', 'O'),
    (25, 'p', 'P'),
    (26, '[', '{'),
    (27, ']', '}'),
    (28, '\r', '\r'),
    (30, 'a', 'A'),
    (31, 's', 'S'),
    (32, 'd', 'D'),
    (33, 'f', 'F'),
    (34, 'g', 'G'),
    (35, 'h', 'H'),
    (36, 'j', 'J'),
    (37, 'k', 'K'),
    (38, 'l', 'L'),
    (39, ';', ':'),
    (40, '\'', '"'),
    (41, '`', '~'),
    (43, '\\', '|'),
    (44, 'z', 'Z'),
    (45, 'x', 'X'),
    (46, 'c', 'C'),
    (47, 'v', 'V'),
    (48, 'b', 'B'),
    (49, 'n', 'N'),
    (50, 'm', 'M'),
    (51, ',', '<'),
    (52, '.', '>'),
    (53, '/', '?'),
    (55, '*', '*'),
    (57, ' ', ' '),
    (71, '7', '7'),
    (72, '8', '8'),
    (73, '9', '9'),
    (74, '-', '-'),
    (75, '4', '4'),
    (76, '5', '5'),
    (77, '6', '6'),
    (78, '+', '+'),
    (79, '1', '1'),
    (80, '2', '2'),
    (81, '3', '3'),
    (82, '0', '0'),
    (83, '.', '.'),
    (96, '\r', '\r'),
    (98, '/', '/'),
    (117, '=', '='),
];
