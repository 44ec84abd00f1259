//! Curves that are not named but written out (RFC 3279, section 2.3.5: `ECParameters`), as certificates and chips of many
//! states have them. Every part must be that of a curve that is known here: one changed generator would let anybody sign
//! (CVE-2020-0601).

use super::Curve;
use crate::tlv::{self, TlvError};

const INTEGER: u32 = 0x02;
const OCTETS: u32 = 0x04;
const SEQUENCE: u32 = 0x30;

/// A curve y² = x³ + a·x + b over the field of p, whose group has the order n; hexadecimal digits.
pub(super) struct Parameters {
    p: &'static str,
    a: &'static str,
    b: &'static str,
    pub(super) n: &'static str,
}

impl Curve {
    pub(super) fn parameters(self) -> Parameters {
        match self {
            // SEC 2, section 2.4.2
            Self::P256 => Parameters {
                p: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF",
                a: "FFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFC",
                b: "5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B",
                n: "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551",
            },
            // SEC 2, section 2.5.1
            Self::P384 => Parameters {
                p: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFF",
                a: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEFFFFFFFF0000000000000000FFFFFFFC",
                b: "B3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF",
                n: "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973",
            },
            // SEC 2, section 2.6.1
            Self::P521 => Parameters {
                p: "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
                a: "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC",
                b: "51953EB9618E1C9A1F929A21A0B68540EEA2DA725B99B315F3B8B489918EF109E156193951EC7E937B1652C0BD3BB1BF073573DF883D2C34F1EF451FD46B503F00",
                n: "01FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFA51868783BF2F966B7FCC0148F709A5D03BB5C9B8899C47AEBB6FB71E91386409",
            },
            // RFC 5639, section 3.4
            Self::BrainpoolP256r1 => Parameters {
                p: "A9FB57DBA1EEA9BC3E660A909D838D726E3BF623D52620282013481D1F6E5377",
                a: "7D5A0975FC2C3057EEF67530417AFFE7FB8055C126DC5C6CE94A4B44F330B5D9",
                b: "26DC5C6CE94A4B44F330B5D9BBD77CBF958416295CF7E1CE6BCCDC18FF8C07B6",
                n: "A9FB57DBA1EEA9BC3E660A909D838D718C397AA3B561A6F7901E0E82974856A7",
            },
            // RFC 5639, section 3.6
            Self::BrainpoolP384r1 => Parameters {
                p: "8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B412B1DA197FB71123ACD3A729901D1A71874700133107EC53",
                a: "7BC382C63D8C150C3C72080ACE05AFA0C2BEA28E4FB22787139165EFBA91F90F8AA5814A503AD4EB04A8C7DD22CE2826",
                b: "04A8C7DD22CE28268B39B55416F0447C2FB77DE107DCD2A62E880EA53EEB62D57CB4390295DBC9943AB78696FA504C11",
                n: "8CB91E82A3386D280F5D6F7E50E641DF152F7109ED5456B31F166E6CAC0425A7CF3AB6AF6B7FC3103B883202E9046565",
            },
        }
    }

    /// The curve that is written out so; `None` if it is none that is known here.
    ///
    /// # Errors
    /// If these are no such parameters.
    pub(crate) fn of_parameters(parameters: &[u8]) -> Result<Option<Self>, TlvError> {
        let [version, field, equation, generator, order] = first(parameters)?;
        let [_, p] = first(field.value)?;
        let [a, b] = first(equation.value)?;
        let (expected, found) = (
            [INTEGER, SEQUENCE, SEQUENCE, OCTETS, INTEGER, INTEGER, OCTETS, OCTETS],
            [version.tag, field.tag, equation.tag, generator.tag, order.tag, p.tag, a.tag, b.tag],
        );
        if let Some((missing, _)) = expected.into_iter().zip(found).find(|(expected, found)| expected != found) {
            return Err(TlvError::Missing(missing));
        }
        let same = |bytes: &[u8], digits: &str| {
            let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
            let own = bytes[zeros..].iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
            let own =
                own.map(|digit| char::from_digit(digit.into(), 16).map_or('?', |digit| digit.to_ascii_uppercase()));
            own.skip_while(|digit| *digit == '0').eq(digits.trim_start_matches('0').chars())
        };
        Ok(Self::ALL.into_iter().find(|curve| {
            let own = curve.parameters();
            let equal = [(p, own.p), (a, own.a), (b, own.b), (order, own.n)];
            equal.into_iter().all(|(element, digits)| same(element.value, digits))
                && curve.multiply(&[1], None).is_ok_and(|own| own == generator.value)
        }))
    }
}

/// The first elements.
fn first<const N: usize>(elements: &[u8]) -> Result<[tlv::Tlv<'_>; N], TlvError> {
    let all: Result<Vec<_>, _> = tlv::each(elements).take(N).collect();
    all?.try_into().map_err(|_| TlvError::Truncated)
}
