//! The device's protocol as values: no I/O here. (For a real device each constant names its document and section.)

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::protocol::ups::{PowerSource, UpsStatus};

/// Asks for the status.
pub(crate) const STATUS: &[u8] = b"STATUS\n";

/// Longest answer that is read.
const LINE_MAX: usize = 80;

/// An answer that the protocol does not allow.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum WireError {
    TooLong,
    NotALine,
    Power(String),
    Charge(String),
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::TooLong => write!(f, "the answer is longer than {LINE_MAX} bytes"),
            Self::NotALine => f.write_str("the answer is not a line of ASCII with two or three words"),
            Self::Power(word) => write!(f, "the power source is `{word}`, not `mains` or `battery`"),
            Self::Charge(word) => write!(f, "the charge is `{word}`, not a number from 0 to 100"),
        }
    }
}

/// Reads an answer; `None` until its line is complete.
pub(crate) fn parse_answer(bytes: &[u8]) -> Option<Result<UpsStatus, WireError>> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
        return (bytes.len() > LINE_MAX).then_some(Err(WireError::TooLong));
    };
    Some(parse_line(&bytes[..end]))
}

fn parse_line(line: &[u8]) -> Result<UpsStatus, WireError> {
    if line.len() > LINE_MAX {
        return Err(WireError::TooLong);
    }
    if !line.is_ascii() {
        return Err(WireError::NotALine);
    }
    let words: Vec<&str> = std::str::from_utf8(line).map_err(|_| WireError::NotALine)?.split_whitespace().collect();
    let (power, charge, battery_low) = match words[..] {
        [power, charge] => (power, charge, false),
        [power, charge, "low"] => (power, charge, true),
        _ => return Err(WireError::NotALine),
    };
    let power = match power {
        "mains" => PowerSource::Mains,
        "battery" => PowerSource::Battery,
        other => return Err(WireError::Power(other.to_owned())),
    };
    let charge_percent = charge
        .parse::<f32>()
        .ok()
        .filter(|charge| (0.0..=100.0).contains(charge))
        .ok_or_else(|| WireError::Charge(charge.to_owned()))?;
    Ok(UpsStatus {
        power,
        battery_low,
        replace_battery: false,
        charge_percent: Some(charge_percent),
        runtime_s: None,
        load_percent: None,
    })
}
