//! Colour profiles: one that is not sound would make the copy no PDF/A, and is left out.
//!
//! Documents: ICC.1:2010, section 7 (header and table of tags) and annex B.4 (in JPEG).

/// Whether an APP2 segment's profile (without `ICC_PROFILE\0`) is whole and for red, green and blue. Profiles in several
/// segments are larger than those of scanners.
pub(super) fn is_sound(segment: &[u8]) -> bool {
    let Some(profile) = segment.strip_prefix(&[1, 1]) else { return false };
    let number = |at: usize| {
        let four = profile.get(at..at + 4)?;
        usize::try_from(u32::from_be_bytes(four.try_into().ok()?)).ok()
    };
    let says = |at: usize, words: &[u8]| profile.get(at..at + words.len()) == Some(words);
    let is_headed = number(0) == Some(profile.len())
        && profile.get(8).is_some_and(|version| matches!(version, 2 | 4))
        && [b"scnr", b"mntr", b"spac"].into_iter().any(|class| says(12, class))
        && says(16, b"RGB ")
        && says(36, b"acsp");
    let Some(tags) = number(128).filter(|&tags| is_headed && (1..=100).contains(&tags)) else { return false };
    (0..tags).all(|tag| {
        let entry = 132 + tag * 12;
        let end = number(entry + 4).zip(number(entry + 8)).map(|(offset, length)| offset.saturating_add(length));
        end.is_some_and(|end| end <= profile.len())
    })
}
