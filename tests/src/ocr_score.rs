//! How well a page was read: character and word error rates between the true lines of a page and what was read of it.
//!
//! The order of lines does not count, and neither does how lines that stand side by side were joined: each true line is
//! looked for in all that was read, longest first, and takes what it matches best, over line ends too. Leader dots, kinds of dashes and quotes
//! and Unicode forms do not count. Text beside a match in the same read line counts as wrong; read lines that match
//! nothing (a stamp, a pattern) are counted apart.

use std::ops::AddAssign;

use unicode_normalization::UnicodeNormalization;

/// A true line with more than this part of its letters wrong counts as not read at all.
const LOST: f64 = 0.6;

/// Sums over lines; add those of several pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Characters of the true lines, spaces included.
    pub chars: usize,
    /// Characters to insert, delete or replace.
    pub char_errors: usize,
    /// Words of the true lines.
    pub words: usize,
    /// Words to insert, delete or replace.
    pub word_errors: usize,
    /// True lines.
    pub lines: usize,
    /// Lines read exactly right.
    pub lines_right: usize,
    /// Characters in read lines that match no true line.
    pub extra_chars: usize,
}

impl Score {
    /// Character error rate, 0 to 1 and beyond.
    #[expect(clippy::cast_precision_loss, reason = "letters of some pages")]
    pub fn cer(&self) -> f64 {
        self.char_errors as f64 / self.chars.max(1) as f64
    }

    /// Word error rate, 0 to 1 and beyond.
    #[expect(clippy::cast_precision_loss, reason = "words of some pages")]
    pub fn wer(&self) -> f64 {
        self.word_errors as f64 / self.words.max(1) as f64
    }
}

impl AddAssign for Score {
    fn add_assign(&mut self, other: Self) {
        self.chars += other.chars;
        self.char_errors += other.char_errors;
        self.words += other.words;
        self.word_errors += other.word_errors;
        self.lines += other.lines;
        self.lines_right += other.lines_right;
        self.extra_chars += other.extra_chars;
    }
}

/// A stretch of what was read that no true line has taken yet: its characters, and the read line of each. It may go over
/// line ends, since a wide gap makes two lines of one.
#[derive(Clone, Default)]
struct Stretch {
    text: Vec<char>,
    lines: Vec<usize>,
}

impl Stretch {
    fn part(&self, span: std::ops::Range<usize>) -> Self {
        Self { text: self.text[span.clone()].to_vec(), lines: self.lines[span].to_vec() }
    }
}

/// Compares the lines of `read` with those of `truth`.
pub fn score(truth: &str, read: &str) -> Score {
    let mut truth: Vec<Vec<char>> = normalised_lines(truth);
    truth.sort_by_key(|line| std::cmp::Reverse(line.len()));
    let read = normalised_lines(read);
    let mut matched = vec![false; read.len()];
    let mut whole = Stretch::default();
    for (line, text) in read.iter().enumerate() {
        whole.text.extend(text.iter().chain(&[' ']));
        whole.lines.extend(std::iter::repeat_n(line, text.len() + 1));
    }
    let mut free = vec![whole];
    let mut score = Score::default();
    for line in &truth {
        score.lines += 1;
        score.chars += line.len();
        score.words += words(line).len();
        let Some((index, span)) = best_match(line, &free) else {
            score.char_errors += line.len();
            score.word_errors += words(line).len();
            continue;
        };
        let stretch = free.swap_remove(index);
        let found = &stretch.text[span.clone()];
        let errors = distance(line, found);
        score.char_errors += errors;
        score.word_errors += distance(&words(line), &words(found));
        score.lines_right += usize::from(errors == 0);
        for &line in &stretch.lines[span.clone()] {
            matched[line] = true;
        }
        free.extend([stretch.part(0..span.start), stretch.part(span.end..stretch.text.len())]);
    }
    for rest in &free {
        let pairs: Vec<(char, usize)> = rest.text.iter().copied().zip(rest.lines.iter().copied()).collect();
        for word in pairs.split(|(c, _)| *c == ' ').filter(|word| !word.is_empty()) {
            if matched[word[0].1] {
                score.char_errors += word.len();
                score.word_errors += 1;
            } else {
                score.extra_chars += word.len();
            }
        }
    }
    score
}

/// The stretch, and the whole words in it, that are nearest to `line`; `None` if nothing is near enough.
fn best_match(line: &[char], free: &[Stretch]) -> Option<(usize, std::ops::Range<usize>)> {
    let all = free.iter().enumerate().map(|(index, stretch)| {
        let (errors, span) = infix(line, &stretch.text);
        (errors, index, span)
    });
    let (errors, index, span) = all.min_by_key(|(errors, index, _)| (*errors, *index))?;
    #[expect(clippy::cast_precision_loss, reason = "letters of a line")]
    let lost = errors as f64 > LOST * line.len() as f64;
    (!lost && !span.is_empty()).then(|| (index, whole_words(&free[index].text, span)))
}

/// The part of `text` with the fewest differences from `line`, and their number (Sellers' algorithm).
fn infix(line: &[char], text: &[char]) -> (usize, std::ops::Range<usize>) {
    // For each end in `text`: the fewest errors of a match that ends there, and where it begins.
    let mut row: Vec<(usize, usize)> = (0..=text.len()).map(|end| (0, end)).collect();
    for (i, wanted) in line.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = (i + 1, 0);
        for end in 1..=text.len() {
            let above = row[end];
            let replaced = (diagonal.0 + usize::from(text[end - 1] != *wanted), diagonal.1);
            let missing = (above.0 + 1, above.1);
            let inserted = (row[end - 1].0 + 1, row[end - 1].1);
            diagonal = above;
            row[end] = replaced.min(missing).min(inserted);
        }
    }
    let (end, (errors, start)) =
        row.into_iter().enumerate().min_by_key(|(end, (errors, _))| (*errors, *end)).unwrap_or((0, (line.len(), 0)));
    (errors, start..end)
}

/// The same span grown to the next spaces: half a word does not stay behind.
fn whole_words(text: &[char], span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    let start = text[..span.start].iter().rposition(|c| *c == ' ').map_or(0, |space| space + 1);
    let end = text[span.end..].iter().position(|c| *c == ' ').map_or(text.len(), |space| span.end + space);
    // A span that begins or ends with a space already ends a word there.
    let start = if text[span.start] == ' ' { span.start + 1 } else { start };
    let end = if text[span.end - 1] == ' ' { span.end - 1 } else { end };
    start.min(end)..end
}

/// Levenshtein's distance.
fn distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn words(text: &[char]) -> Vec<&[char]> {
    text.split(|c| *c == ' ').filter(|word| !word.is_empty()).collect()
}

fn normalised_lines(text: &str) -> Vec<Vec<char>> {
    text.lines().map(normalised).filter(|line| !line.is_empty()).collect()
}

/// One form for what looks alike, single spaces, no leader dots.
fn normalised(line: &str) -> Vec<char> {
    let plain: String = line
        .nfc()
        .map(|c| match c {
            '\u{2013}' | '\u{2014}' => '-',
            '\u{201C}' | '\u{201D}' => '"',
            '\u{2018}' | '\u{2019}' => '\'',
            other => other,
        })
        .collect();
    let is_leader = |c: char| matches!(c, '.' | '\u{2026}' | '\u{00B7}' | '_');
    let mut out = String::new();
    for word in plain.split_whitespace() {
        // Leaders at the ends of a word (two full stops, or one that stands alone), or a run of three and more inside it.
        let core = word.trim_matches(is_leader);
        let (before, after) = word.split_once(core).unwrap_or(("", ""));
        if core.is_empty() {
            continue;
        }
        let keep = |run: &'static str, found: &str| if found.chars().count() == 1 && found == run { run } else { "" };
        out.push_str(keep(".", before));
        out.push_str(&leaders_out(core, is_leader));
        out.push_str(keep(".", after));
        out.push(' ');
    }
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(" ").chars().collect()
}

/// Runs of three and more leaders become a space.
fn leaders_out(word: &str, is_leader: impl Fn(char) -> bool) -> String {
    let mut out = String::new();
    let mut run = String::new();
    for c in word.chars().chain(std::iter::once(' ')) {
        if is_leader(c) {
            run.push(c);
            continue;
        }
        out.push_str(if run.chars().count() >= 3 { " " } else { &run });
        run.clear();
        out.push(c);
    }
    out.trim_end().to_owned()
}

// Named, since the gateway's own tests take this file in by its path.
#[cfg(test)]
#[path = "ocr_score/tests.rs"]
mod tests;
