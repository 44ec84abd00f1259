//! Elliptic curves as cards use them: points and scalars as bytes (BSI TR-03111, section 3.2; SEC 1, section 2.3).

use elliptic_curve::ff::PrimeField;
use elliptic_curve::ops::Reduce;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{
    AffinePoint, CurveArithmetic, CurveGroup, FieldBytes, FieldBytesSize, Group, ProjectivePoint, Scalar,
};
use serde::{Deserialize, Serialize};

use super::domain::{BRAINPOOL_P256R1, Domain, P256, P384};
use super::keys::hex;
use super::tlv;

/// A curve of the standardized domain parameters (Doc 9303-11, section 9.5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Curve {
    /// brainpoolP256r1, number 13.
    #[default]
    #[serde(rename = "brainpoolP256r1")]
    BrainpoolP256r1,
    /// NIST P-256, number 12.
    #[serde(rename = "P-256")]
    P256,
    /// NIST P-384, number 15.
    #[serde(rename = "P-384")]
    P384,
}

/// How a public key says on which curve it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameters {
    /// With all of the curve's numbers, as Doc 9303-12 wants it.
    #[default]
    Explicit,
    /// With the curve's object identifier.
    Named,
}

/// id-ecPublicKey and prime-field (ANSI X9.62; RFC 3279, section 2.3.5).
const EC_PUBLIC_KEY: &[u32] = &[1, 2, 840, 10_045, 2, 1];
const PRIME_FIELD: &[u32] = &[1, 2, 840, 10_045, 1, 1];
/// The first byte of a point with both coordinates.
const UNCOMPRESSED: u8 = 4;

/// Does one thing on whichever curve it is.
macro_rules! on {
    ($curve:expr, $do:ident($($argument:expr),*)) => {
        match $curve {
            Curve::BrainpoolP256r1 => $do::<bp256::BrainpoolP256r1>($($argument),*),
            Curve::P256 => $do::<p256::NistP256>($($argument),*),
            Curve::P384 => $do::<p384::NistP384>($($argument),*),
        }
    };
}

impl Curve {
    /// The number of the standardized domain parameters.
    pub(super) fn parameter_id(self) -> u8 {
        match self {
            Self::BrainpoolP256r1 => 13,
            Self::P256 => 12,
            Self::P384 => 15,
        }
    }

    /// Bytes of a coordinate, and of a scalar.
    pub(super) fn length(self) -> usize {
        match self {
            Self::BrainpoolP256r1 | Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// The base point.
    pub(super) fn base(self) -> Vec<u8> {
        [&[UNCOMPRESSED][..], &hex(self.domain().base)].concat()
    }

    /// A scalar out of any bytes: taken modulo the order.
    pub(super) fn scalar(self, bytes: &[u8]) -> Vec<u8> {
        on!(self, reduce(bytes))
    }

    /// A point times a scalar; none when one of them is none, or the product has no coordinates.
    pub(super) fn multiply(self, point: &[u8], scalar: &[u8]) -> Option<Vec<u8>> {
        on!(self, multiply(point, scalar))
    }

    /// The public key of a private one.
    pub(super) fn public(self, scalar: &[u8]) -> Option<Vec<u8>> {
        self.multiply(&self.base(), scalar)
    }

    /// The sum of two points.
    pub(super) fn add(self, one: &[u8], other: &[u8]) -> Option<Vec<u8>> {
        on!(self, add(one, other))
    }

    /// The first coordinate of a private key times a public one: the secret of a key agreement.
    pub(super) fn agree(self, public: &[u8], scalar: &[u8]) -> Option<Vec<u8>> {
        Some(self.multiply(public, scalar)?[1..=self.length()].to_vec())
    }

    /// SubjectPublicKeyInfo (RFC 5480, section 2; Doc 9303-12, section 4.1.6).
    pub(super) fn public_key_info(self, parameters: Parameters, public: &[u8]) -> Vec<u8> {
        let parameters = match parameters {
            Parameters::Named => tlv::oid(self.arcs()),
            Parameters::Explicit => self.explicit(),
        };
        tlv::sequence(&[&tlv::sequence(&[&tlv::oid(EC_PUBLIC_KEY), &parameters]), &tlv::bits(public)])
    }

    /// ECParameters (RFC 3279, section 2.3.5), with the cofactor.
    fn explicit(self) -> Vec<u8> {
        let Domain { prime, a, b, order, .. } = self.domain();
        let field = tlv::sequence(&[&tlv::oid(PRIME_FIELD), &tlv::unsigned(&hex(prime))]);
        let curve = tlv::sequence(&[&tlv::octets(&hex(a)), &tlv::octets(&hex(b))]);
        let (one, base, order) = (tlv::integer(1), tlv::octets(&self.base()), tlv::unsigned(&hex(order)));
        tlv::sequence(&[&one, &field, &curve, &base, &order, &one])
    }

    fn domain(self) -> &'static Domain {
        match self {
            Self::BrainpoolP256r1 => &BRAINPOOL_P256R1,
            Self::P256 => &P256,
            Self::P384 => &P384,
        }
    }

    /// RFC 5639, section 4.1; RFC 5480, section 2.1.1.1.
    fn arcs(self) -> &'static [u32] {
        match self {
            Self::BrainpoolP256r1 => &[1, 3, 36, 3, 3, 2, 8, 1, 1, 7],
            Self::P256 => &[1, 2, 840, 10_045, 3, 1, 7],
            Self::P384 => &[1, 3, 132, 0, 34],
        }
    }
}

fn reduce<C: CurveArithmetic>(bytes: &[u8]) -> Vec<u8> {
    let mut field = FieldBytes::<C>::default();
    let count = bytes.len().min(field.len());
    let from = field.len() - count;
    field[from..].copy_from_slice(&bytes[bytes.len() - count..]);
    let scalar = <Scalar<C> as Reduce<FieldBytes<C>>>::reduce(&field);
    scalar.to_repr().to_vec()
}

fn scalar<C: CurveArithmetic>(bytes: &[u8]) -> Option<Scalar<C>> {
    let field = FieldBytes::<C>::try_from(bytes).ok()?;
    Option::from(Scalar::<C>::from_repr(field))
}

fn point<C>(bytes: &[u8]) -> Option<ProjectivePoint<C>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    if bytes.first() != Some(&UNCOMPRESSED) {
        return None;
    }
    AffinePoint::<C>::from_sec1_bytes(bytes).ok().map(ProjectivePoint::<C>::from)
}

fn bytes<C>(point: &ProjectivePoint<C>) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    if bool::from(point.is_identity()) {
        return None;
    }
    Some(point.to_affine().to_sec1_point(false).as_bytes().to_vec())
}

fn multiply<C>(public: &[u8], private: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    bytes::<C>(&(point::<C>(public)? * scalar::<C>(private)?))
}

fn add<C>(one: &[u8], other: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    bytes::<C>(&(point::<C>(one)? + point::<C>(other)?))
}
