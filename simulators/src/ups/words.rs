//! A line of the NUT protocol as words (RFC 9271, section 4.1): spaces part them, double quotes hold them together,
//! a backslash takes the next character as it is. And back.

/// Longest line taken, in bytes; upsd's own limit for a line is of this order.
pub const LINE_MAX: usize = 512;
/// Most words of a line.
const WORDS_MAX: usize = 32;

/// The words of a line; none when a quote is left open or there are too many.
#[must_use]
pub fn split(line: &str) -> Option<Vec<String>> {
    let mut words: Vec<String> = Vec::new();
    let mut characters = line.chars().peekable();
    while let Some(&next) = characters.peek() {
        if next.is_ascii_whitespace() {
            characters.next();
            continue;
        }
        if words.len() == WORDS_MAX {
            return None;
        }
        let quoted = next == '"';
        if quoted {
            characters.next();
        }
        let mut word = String::new();
        loop {
            match characters.next() {
                Some('"') if quoted => break,
                None if quoted => return None,
                None => break,
                Some('\\') => word.push(characters.next()?),
                Some(character) if !quoted && character.is_ascii_whitespace() => break,
                Some(character) => word.push(character),
            }
        }
        words.push(word);
    }
    Some(words)
}

/// A value in double quotes, with quotes and backslashes escaped.
#[must_use]
pub fn quote(value: &str) -> String {
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::{quote, split};
    use proptest::prelude::*;

    #[test]
    fn quotes_hold_words_together() {
        assert_eq!(
            split(r#"SET VAR kiosk  ups.id "a \"b\" c""#).unwrap(),
            ["SET", "VAR", "kiosk", "ups.id", "a \"b\" c"]
        );
        assert_eq!(split(r#"GET "open"#), None);
        assert_eq!(split("").unwrap(), Vec::<String>::new());
    }

    proptest! {
        #[test]
        fn any_line_is_split_or_refused(line in ".{0,600}") {
            let _ = split(&line);
        }

        #[test]
        fn a_quoted_word_comes_back(word in "[^\u{0}]{0,50}") {
            prop_assert_eq!(split(&quote(&word)).unwrap(), vec![word]);
        }
    }
}
