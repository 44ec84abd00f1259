//! What a chip can do: the lists of security information in EF.CardAccess and in data group 14.
//!
//! Document: ICAO 9303-11 (8th edition), section 9.2 (`SecurityInfos ::= SET OF SEQUENCE { protocol, required, optional }`).

#[cfg(test)]
mod tests;

use crate::cipher::Cipher;
use crate::curve::Curve;
use crate::tlv::{self, TlvError};

const SEQUENCE: u32 = 0x30;
const SET: u32 = 0x31;
const INTEGER: u32 = 0x02;
const OBJECT_IDENTIFIER: u32 = 0x06;
/// id-PACE, 0.4.0.127.0.7.2.2.4 (section 9.2.3.1).
const PACE: [u8; 8] = [0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04];
/// Mappings: the arc behind id-PACE. Chip authentication mapping maps as the generic one does.
const ECDH_GENERIC: u8 = 2;
const ECDH_CHIP_AUTHENTICATION: u8 = 6;
/// Most entries that are looked at.
const INFOS_MAX: usize = 64;

/// One way of PACE that a chip offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PaceInfo {
    /// The content of the object identifier, as commands name it.
    pub(crate) protocol: Vec<u8>,
    /// The number of the curve.
    pub(crate) parameter_id: Option<u32>,
}

impl PaceInfo {
    /// The curve and cipher, if they are known here.
    pub(crate) fn known(&self) -> Option<(Curve, Cipher)> {
        let [mapping, cipher] = *self.protocol.strip_prefix(&PACE)? else { return None };
        let cipher = match cipher {
            1 => Cipher::TripleDes,
            2 => Cipher::Aes128,
            3 => Cipher::Aes192,
            4 => Cipher::Aes256,
            _ => return None,
        };
        let curve = Curve::of_parameter_id(self.parameter_id?)?;
        matches!(mapping, ECDH_GENERIC | ECDH_CHIP_AUTHENTICATION).then_some((curve, cipher))
    }
}

/// An entry of a list: object identifier, and what comes behind it.
pub(crate) type Info<'a> = (&'a [u8], &'a [u8]);

/// The entries of a list.
pub(crate) fn infos(set: &[u8]) -> Result<Vec<Info<'_>>, TlvError> {
    // Some chips have bytes behind it.
    let (list, _) = tlv::split(set)?;
    if list.tag != SET {
        return Err(TlvError::Missing(SET));
    }
    tlv::each(list.value).take(INFOS_MAX).map(|info| entry(info?)).collect()
}

fn entry(info: tlv::Tlv<'_>) -> Result<Info<'_>, TlvError> {
    if info.tag != SEQUENCE {
        return Err(TlvError::Missing(SEQUENCE));
    }
    let (protocol, rest) = tlv::split(info.value)?;
    if protocol.tag != OBJECT_IDENTIFIER {
        return Err(TlvError::Missing(OBJECT_IDENTIFIER));
    }
    Ok((protocol.value, rest))
}

/// Whether data group 14, which the state has signed, lists a way of PACE that is known here and that EF.CardAccess, which
/// nobody has signed, did not offer: both list the same ways, so somebody took it away. Chips that were made before data
/// group 14 listed them say nothing.
///
/// Document: section 9.2 (data group 14 repeats what EF.CardAccess lists, so that it can be compared).
pub(crate) fn hides_pace(content_14: &[u8], offered: &[PaceInfo]) -> Result<bool, TlvError> {
    let signed = pace_infos(content_14)?;
    Ok(signed.iter().any(|info| info.known().is_some() && !offered.contains(info)))
}

/// The ways of PACE that EF.CardAccess, or data group 14, lists.
pub(crate) fn pace_infos(card_access: &[u8]) -> Result<Vec<PaceInfo>, TlvError> {
    let mut found = Vec::new();
    for (protocol, rest) in infos(card_access)? {
        // Longer than `id-PACE` and two arcs are its parameters' entries.
        if !(protocol.starts_with(&PACE) && protocol.len() == PACE.len() + 2) {
            continue;
        }
        // The version, then the parameters' number.
        let (_version, rest) = tlv::split(rest)?;
        let parameter_id = tlv::find(rest, INTEGER)?.map(|number| tlv::small(number).ok_or(TlvError::Value(INTEGER)));
        found.push(PaceInfo { protocol: protocol.to_vec(), parameter_id: parameter_id.transpose()? });
    }
    Ok(found)
}
