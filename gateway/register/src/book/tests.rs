use super::{Book, Day, RegisterNumber};
use crate::ids::Code;

#[test]
fn a_number_is_written_as_in_the_copy() {
    let book = Book { agency: Code::new("ward-7").unwrap(), volume: 2, year: 2026 };
    assert_eq!(RegisterNumber { book, number: 1834 }.to_string(), "1834/2026-SCTĐT/BS");
}

#[test]
fn days_are_those_of_vietnam() {
    let said = |at_ms| Day::of(at_ms).to_string();
    assert_eq!(said(0), "1970-01-01");
    // 2025-12-31, 16:59:59.999 and 17:00 UTC.
    assert_eq!(said(1_767_200_399_999), "2025-12-31");
    assert_eq!(said(1_767_200_400_000), "2026-01-01");
    assert_eq!(said(1_709_139_600_000), "2024-02-29");
    assert_eq!(said(-86_400_000), "1969-12-31");
}
