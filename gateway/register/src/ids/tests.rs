use super::{CaseId, Code, CodeError, Hash};

#[test]
fn a_code_cannot_hold_a_person() {
    for good in ["ward-7", "officer.12", "HN_01", "x", "a12345678"] {
        assert_eq!(Code::new(good).unwrap().as_str(), good);
    }
    let long = "a".repeat(65);
    for bad in ["", "7ward", "Nguyễn", "Nguyen Van A", "a@b.example", "-x", "a\n", long.as_str(), "=1+1"] {
        assert_eq!(Code::new(bad), Err(CodeError::Characters), "{bad}");
    }
    for bad in ["c099000000001", "a-123456789"] {
        assert_eq!(Code::new(bad), Err(CodeError::Digits), "{bad}");
    }
}

#[test]
fn hexadecimal_digits_lead_back() {
    let hash = Hash([0xA5; 32]);
    assert_eq!(Hash::from_hex(&hash.to_string()), Some(hash));
    assert_eq!(CaseId::from_hex(&"0".repeat(32)), Some(CaseId([0; 16])));
    for bad in ["", "zz", &"+".repeat(32), &"é".repeat(16), &"0".repeat(31)] {
        assert_eq!(CaseId::from_hex(bad), None, "{bad}");
    }
}
