use super::*;

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

#[test]
fn each_state_of_a_file_is_known_by_its_hash() {
    for line in ["", "\n", "\r", "\r\n"] {
        let first = format!("%PDF-1.7\nsomething\n%%EOF{line}");
        let second = format!("{first}\nmore\n%%EOF\n");
        let file = format!("{second}last\n%%EOF");
        let revisions = Revisions::of(file.as_bytes());
        assert_eq!(revisions.whole(), hash(file.as_bytes()));
        for state in [&first, &second, &file] {
            assert_eq!(revisions.end_of(&hash(state.as_bytes())), Some(state.len()), "{line:?}");
        }
        assert_eq!(revisions.end_of(&hash(&file.as_bytes()[..12])), None);
    }
    assert_eq!(Revisions::of(b"").whole(), hash(b""));
    assert_eq!(Revisions::of(b"%%EOF").end_of(&hash(b"%%EOF")), Some(5));
}

#[test]
fn a_file_of_nothing_but_ends_has_an_end() {
    let file = b"%%EOF\r\n".repeat(100_000);
    let revisions = Revisions::of(&file);
    assert_eq!(revisions.hashes.len(), MOST + 1);
    assert_eq!(revisions.end_of(&hash(&file[..7])), Some(7));
    assert_eq!(revisions.end_of(&hash(&file)), Some(file.len()));
}
