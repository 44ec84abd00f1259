//! The text of a payment's QR code: VietQR (NAPAS, "QR Code format specification for interbank transfers", 1.5), which is
//! a merchant-presented QR code of EMVCo ("QR Code Specification for Payment Systems, Merchant-Presented Mode", 1.1).

#[cfg(test)]
mod tests;

use kiosk_protocol::qr_display::Payment;

/// EMVCo, table 3.1 (payload format indicator, version 01).
const FORMAT: (&str, &str) = ("00", "01");
/// EMVCo, table 3.1 (point of initiation method): 11 may be used again, 12 is for one payment.
const REUSABLE: (&str, &str) = ("01", "11");
const ONE_PAYMENT: (&str, &str) = ("01", "12");
/// VietQR's place among the merchant accounts, and its parts.
const ACCOUNT: &str = "38";
const GUID: (&str, &str) = ("00", "A000000727");
const BENEFICIARY: &str = "01";
const BANK: &str = "00";
const NUMBER: &str = "01";
/// A transfer to an account (QRIBFTTC would be to a card).
const SERVICE: (&str, &str) = ("02", "QRIBFTTA");
/// EMVCo, table 3.1: ISO 4217 number of the dong, amount, ISO 3166-1 country.
const DONG: (&str, &str) = ("53", "704");
const AMOUNT: &str = "54";
const COUNTRY: (&str, &str) = ("58", "VN");
/// EMVCo, tables 3.1 and 3.7: additional data, purpose of transaction.
const ADDITIONAL: &str = "62";
const PURPOSE: &str = "08";
/// EMVCo, 4.7.3: the last field, four hexadecimal digits, over everything before them.
const CHECKSUM: &str = "6304";

/// A payment that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaymentError {
    /// The bank is not six digits.
    #[error("the bank is its number at NAPAS (BIN): six digits, for example 970436")]
    Bank,
    /// The account is not 1 to 19 letters and digits.
    #[error("the account has 1 to 19 letters and digits, without spaces")]
    Account,
    /// The amount is 0, or has more than ten digits.
    #[error("the amount is 1 to 9,999,999,999 dong")]
    Amount,
    /// The purpose is empty, too long, or not ASCII.
    #[error("the purpose has 1 to 25 characters of printable ASCII: banks drop or refuse others")]
    Purpose,
}

impl PaymentError {
    /// The field of the request that is wrong.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Bank => "bank",
            Self::Account => "account",
            Self::Amount => "amount_vnd",
            Self::Purpose => "purpose",
        }
    }
}

/// The text of a payment's QR code.
///
/// # Errors
/// [`PaymentError`], which names the field.
pub fn payload(payment: &Payment) -> Result<String, PaymentError> {
    if payment.bank.len() != 6 || !payment.bank.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PaymentError::Bank);
    }
    if !(1..=19).contains(&payment.account.len()) || !payment.account.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(PaymentError::Account);
    }
    if payment.amount_vnd.is_some_and(|amount| !(1..=9_999_999_999).contains(&amount)) {
        return Err(PaymentError::Amount);
    }
    if payment.purpose.as_ref().is_some_and(|purpose| !is_purpose(purpose)) {
        return Err(PaymentError::Purpose);
    }
    let beneficiary = field(BANK, &payment.bank) + &field(NUMBER, &payment.account);
    let account = pair(GUID) + &field(BENEFICIARY, &beneficiary) + &pair(SERVICE);
    let mut text = pair(FORMAT);
    text += &pair(if payment.amount_vnd.is_some() { ONE_PAYMENT } else { REUSABLE });
    text += &field(ACCOUNT, &account);
    text += &pair(DONG);
    if let Some(amount) = payment.amount_vnd {
        text += &field(AMOUNT, &amount.to_string());
    }
    text += &pair(COUNTRY);
    if let Some(purpose) = &payment.purpose {
        text += &field(ADDITIONAL, &field(PURPOSE, purpose));
    }
    text += CHECKSUM;
    let sum = checksum(text.as_bytes());
    Ok(format!("{text}{sum:04X}"))
}

fn is_purpose(text: &str) -> bool {
    (1..=25).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b))
}

fn pair((id, value): (&str, &str)) -> String {
    field(id, value)
}

/// EMVCo, 3.1: two digits of id, two of length in characters, the value. All values here are ASCII and short.
fn field(id: &str, value: &str) -> String {
    format!("{id}{:02}{value}", value.len())
}

/// ISO/IEC 13239 (EMVCo, 4.7.3): polynomial 1021 (hexadecimal), initial value FFFF, no reflection, no final XOR.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |sum, byte| {
        (0..8).fold(sum ^ u16::from(*byte) << 8, |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    })
}
