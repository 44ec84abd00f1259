#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use super::*;

fn case(last: char) -> CaseId {
    CaseId::from_hex(&format!("0123456789abcdef0123456789abcde{last}")).unwrap()
}

#[test]
fn a_document_comes_back_and_the_newest_of_a_name_counts() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let key = DocumentKey([7; 32]);
    assert_eq!(vault.find(case('0'), &key, "page-1").unwrap(), None);
    vault.put(case('0'), &key, "page-1", b"one").unwrap();
    vault.put(case('0'), &key, "page-1", b"two").unwrap();
    assert_eq!(vault.get(case('0'), &key, "page-1").unwrap(), b"two");
    assert_eq!(vault.cases().unwrap(), [case('0')]);
    vault.remove(case('0')).unwrap();
    vault.remove(case('0')).unwrap();
    assert_eq!(vault.find(case('0'), &key, "page-1").unwrap(), None);
}

#[test]
fn nothing_of_a_document_is_on_the_disk_and_none_stands_in_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(folder.path()).unwrap();
    let key = DocumentKey([7; 32]);
    vault.put(case('0'), &key, "page-1", b"NGUYEN VAN AN NGUYEN VAN AN").unwrap();
    let file = vault.path(case('0'), "page-1");
    let bytes = std::fs::read(&file).unwrap();
    assert!(!bytes.windows(6).any(|six| six == b"NGUYEN"));
    for (other_case, other_name) in [(case('1'), "page-1"), (case('0'), "page-2")] {
        std::fs::create_dir_all(vault.path(other_case, other_name).parent().unwrap()).unwrap();
        std::fs::copy(&file, vault.path(other_case, other_name)).unwrap();
        let found = vault.find(other_case, &key, other_name);
        assert!(matches!(found, Err(VaultError::Damaged { .. })), "{found:?}");
    }
    let found = vault.find(case('0'), &DocumentKey([8; 32]), "page-1");
    assert!(matches!(found, Err(VaultError::Damaged { .. })), "{found:?}");
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        std::fs::write(&file, &changed).unwrap();
        assert!(vault.find(case('0'), &key, "page-1").is_err(), "a bit of byte {place}");
    }
    for length in 0..bytes.len() {
        std::fs::write(&file, &bytes[..length]).unwrap();
        assert!(vault.find(case('0'), &key, "page-1").is_err(), "cut at {length}");
    }
}
