use proptest::prelude::*;

use super::*;

fn payment() -> Payment {
    Payment {
        bank: "970403".into(),
        account: "0011012345678".into(),
        amount_vnd: Some(180_000),
        purpose: Some("thanh toan don hang".into()),
    }
}

#[test]
fn the_checksum_is_the_one_of_the_standard() {
    // The check value that catalogues of such sums give for CRC-16/IBM-3740.
    assert_eq!(checksum(b"123456789"), 0x29B1);
}

#[test]
fn a_transfer_with_an_amount_is_what_other_makers_of_such_codes_publish() {
    // The example in the documentation of subiz/vietqr (Go), and one of a shop's documentation.
    let one = Payment {
        bank: "970415".into(),
        account: "0011001932418".into(),
        amount_vnd: Some(120_000),
        purpose: Some("ung ho lu lut".into()),
    };
    let two = Payment {
        bank: "970436".into(),
        account: "1023456789".into(),
        amount_vnd: Some(1_943_000),
        purpose: Some("TT000069".into()),
    };
    assert_eq!(
        payload(&one).unwrap(),
        "00020101021238570010A00000072701270006970415011300110019324180208QRIBFTTA530370454061200005802VN62170813ung ho lu lut6304C15C"
    );
    assert_eq!(
        payload(&two).unwrap(),
        "00020101021238540010A00000072701240006970436011010234567890208QRIBFTTA5303704540719430005802VN62120808TT0000696304A8E5"
    );
}

#[test]
fn without_an_amount_the_code_can_be_used_again() {
    let text = payload(&Payment { amount_vnd: None, purpose: None, ..payment() }).unwrap();
    assert!(text.starts_with("000201010211") && text.contains("53037045802VN6304"), "{text}");
}

#[test]
fn what_no_bank_takes_is_refused_by_name() {
    let wrong = [
        (Payment { bank: "97040".into(), ..payment() }, PaymentError::Bank),
        (Payment { bank: "97040x".into(), ..payment() }, PaymentError::Bank),
        (Payment { account: String::new(), ..payment() }, PaymentError::Account),
        (Payment { account: "1 2".into(), ..payment() }, PaymentError::Account),
        (Payment { account: "1".repeat(20), ..payment() }, PaymentError::Account),
        (Payment { amount_vnd: Some(0), ..payment() }, PaymentError::Amount),
        (Payment { amount_vnd: Some(10_000_000_000), ..payment() }, PaymentError::Amount),
        (Payment { purpose: Some(String::new()), ..payment() }, PaymentError::Purpose),
        (Payment { purpose: Some("lệ phí".into()), ..payment() }, PaymentError::Purpose),
        (Payment { purpose: Some("a\nb".into()), ..payment() }, PaymentError::Purpose),
        (Payment { purpose: Some("x".repeat(26)), ..payment() }, PaymentError::Purpose),
    ];
    for (payment, error) in wrong {
        assert_eq!(payload(&payment), Err(error), "{payment:?}");
    }
}

/// Reads fields as EMVCo's section 3.1 says, without the code above.
fn fields(mut text: &str) -> Option<Vec<(&str, &str)>> {
    let mut fields = Vec::new();
    while !text.is_empty() {
        let length: usize = text.get(2..4)?.parse().ok()?;
        fields.push((text.get(..2)?, text.get(4..4 + length)?));
        text = &text[4 + length..];
    }
    Some(fields)
}

proptest! {
    #[test]
    fn every_field_can_be_read_back(
        bank in "[0-9]{6}", account in "[0-9A-Za-z]{1,19}", amount in proptest::option::of(1..=9_999_999_999_u64),
        purpose in proptest::option::of("[ -~]{1,25}"),
    ) {
        let text = payload(&Payment { bank: bank.clone(), account: account.clone(), amount_vnd: amount, purpose: purpose.clone() }).unwrap();
        let all = fields(&text).unwrap();
        let get = |id: &str| all.iter().find(|(of, _)| *of == id).map(|(_, value)| *value);
        let transfer = fields(get("38").unwrap()).unwrap();
        prop_assert_eq!(fields(transfer[1].1).unwrap(), vec![("00", bank.as_str()), ("01", account.as_str())]);
        prop_assert_eq!(get("54").map(str::to_owned), amount.map(|amount| amount.to_string()));
        prop_assert_eq!(get("62").and_then(fields).map(|fields| fields[0].1.to_owned()), purpose);
        prop_assert_eq!(all.last().map(|(id, sum)| (*id, sum.len())), Some(("63", 4)));
    }
}
