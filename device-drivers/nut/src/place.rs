//! Where a UPS is: the address `nut://HOST[:PORT]/UPSNAME` taken apart.

#[cfg(test)]
mod tests;

use kiosk_driver_sdk::{Address, OpenError};

use crate::wire::{PORT, UpsName};

/// A server's address and the name of a UPS there.
#[derive(Debug)]
pub(crate) struct Place {
    /// The server, as links take it: `tcp:HOST:PORT`.
    pub(crate) tcp: Address,
    /// The UPS.
    pub(crate) name: UpsName,
}

impl Place {
    /// Takes the address apart.
    ///
    /// # Errors
    /// [`OpenError::BadConfig`], saying how it should look.
    pub(crate) fn of(address: &Address) -> Result<Self, OpenError> {
        address.expect_scheme(&["nut"])?;
        let bad = |what: &str| {
            OpenError::BadConfig(format!(
                "address `{}` {what}; write for example `nut://localhost:{PORT}/kiosk`",
                address.text
            ))
        };
        if let Some(option) = address.options.keys().next() {
            return Err(bad(&format!("has the option `{option}`, and there are none")));
        }
        let (host, name) = address.rest.split_once('/').ok_or_else(|| bad("names no UPS"))?;
        let name = UpsName::new(name)
            .ok_or_else(|| bad("has a UPS name that is not 1 to 64 letters, digits, `-`, `_` or `.`"))?;
        if host.is_empty() || host.bytes().any(|byte| byte == b'@' || byte.is_ascii_whitespace()) {
            return Err(bad("names no host"));
        }
        // An IPv6 address stands in brackets, so a colon after the last bracket begins a port.
        let after_brackets = host.rfind(']').map_or(0, |at| at + 1);
        let tcp = match host[after_brackets..].rsplit_once(':') {
            Some((_, port)) => {
                let port = port.parse::<u16>().ok().filter(|port| *port != 0);
                port.ok_or_else(|| bad("has a port that is not a number from 1 to 65535"))?;
                format!("tcp:{host}")
            }
            None => format!("tcp:{host}:{PORT}"),
        };
        Ok(Self { tcp: Address::parse(&tcp)?, name })
    }
}
