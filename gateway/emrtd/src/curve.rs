//! Elliptic curves, as far as chips use them: points and scalars as bytes, whichever curve it is.
//!
//! Document: ICAO 9303-11 (8th edition), section 9.5.1 (standardised domain parameters); points are written as BSI
//! TR-03111, section 3.2.1 says: `04`, x, y.

mod parameters;
#[cfg(test)]
mod tests;

use bp256::BrainpoolP256r1;
use bp384::BrainpoolP384r1;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{AffinePoint, CurveArithmetic, CurveGroup, FieldBytesSize, Group, ProjectivePoint, Scalar};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;

/// A curve that is known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Curve {
    P256,
    P384,
    P521,
    BrainpoolP256r1,
    BrainpoolP384r1,
}

/// What is wrong with a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// It is not on the curve, or not written as it should be.
    #[error("the chip's public key is no point of its curve")]
    Point,
    /// The result is the point at infinity: somebody chose the numbers so.
    #[error("the chip's public key leads to no secret")]
    Infinity,
    /// The operating system gives no random numbers.
    #[error("there are no random numbers")]
    Random,
}

/// Calls a function for the curve.
macro_rules! of_curve {
    ($curve:expr, $function:ident($($argument:expr),*)) => {
        match $curve {
            Curve::P256 => $function::<NistP256>($($argument),*),
            Curve::P384 => $function::<NistP384>($($argument),*),
            Curve::P521 => $function::<NistP521>($($argument),*),
            Curve::BrainpoolP256r1 => $function::<BrainpoolP256r1>($($argument),*),
            Curve::BrainpoolP384r1 => $function::<BrainpoolP384r1>($($argument),*),
        }
    };
}

impl Curve {
    pub(crate) const ALL: [Self; 5] =
        [Self::P256, Self::P384, Self::P521, Self::BrainpoolP256r1, Self::BrainpoolP384r1];

    /// The curve of a named set of parameters, by the content of its object identifier.
    pub(crate) fn of_name(identifier: &[u8]) -> Option<Self> {
        Some(match identifier {
            // 1.2.840.10045.3.1.7, 1.3.132.0.34 and .35 (RFC 5480, section 2.1.1.1)
            [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07] => Self::P256,
            [0x2B, 0x81, 0x04, 0x00, 0x22] => Self::P384,
            [0x2B, 0x81, 0x04, 0x00, 0x23] => Self::P521,
            // 1.3.36.3.3.2.8.1.1.7 and .11 (RFC 5639, section 4.1)
            [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07] => Self::BrainpoolP256r1,
            [0x2B, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0B] => Self::BrainpoolP384r1,
            _ => return None,
        })
    }

    /// The curve of a standardised set of parameters (table 6 of section 9.5.1); `None` for those that are not known here.
    pub(crate) fn of_parameter_id(id: u32) -> Option<Self> {
        Some(match id {
            12 => Self::P256,
            13 => Self::BrainpoolP256r1,
            15 => Self::P384,
            16 => Self::BrainpoolP384r1,
            18 => Self::P521,
            _ => return None,
        })
    }

    /// Bytes of a coordinate.
    pub(crate) fn field_bytes(self) -> usize {
        match self {
            Self::P256 | Self::BrainpoolP256r1 => 32,
            Self::P384 | Self::BrainpoolP384r1 => 48,
            Self::P521 => 66,
        }
    }

    /// A private key, as bytes that [`Self::multiply`] reduces; eight more than a scalar has, so that each scalar is as
    /// likely as any other.
    pub(crate) fn private_key(self) -> Result<zeroize::Zeroizing<Vec<u8>>, CurveError> {
        let mut bytes = zeroize::Zeroizing::new(vec![0; self.field_bytes() + 8]);
        getrandom::fill(&mut bytes).map_err(|_| CurveError::Random)?;
        Ok(bytes)
    }

    /// A point times a number; of the curve's generator if no point is given.
    pub(crate) fn multiply(self, number: &[u8], point: Option<&[u8]>) -> Result<Vec<u8>, CurveError> {
        of_curve!(self, multiply(number, point))
    }

    /// The generator that PACE's generic mapping makes of a nonce and a shared secret (section 4.4.3.3.1):
    /// nonce · G + secret, the secret being the private key times the chip's public one.
    pub(crate) fn map(self, nonce: &[u8], private: &[u8], public: &[u8]) -> Result<Vec<u8>, CurveError> {
        of_curve!(self, map(nonce, private, public))
    }

    /// The x coordinate of a point, which is the shared secret.
    pub(crate) fn x(self, point: &[u8]) -> Result<&[u8], CurveError> {
        point.get(1..=self.field_bytes()).ok_or(CurveError::Point)
    }
}

/// Bytes as a number modulo the group's order.
fn scalar<C: CurveArithmetic>(bytes: &[u8]) -> Scalar<C> {
    let base = Scalar::<C>::from(0x100_u64);
    bytes.iter().fold(Scalar::<C>::from(0_u64), |sum, byte| sum * base + Scalar::<C>::from(u64::from(*byte)))
}

fn read<C: CurveArithmetic>(bytes: &[u8]) -> Result<ProjectivePoint<C>, CurveError>
where
    AffinePoint<C>: FromSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    // Not the compressed form, which chips do not use.
    let written = bytes.first() == Some(&4);
    let point = written.then(|| AffinePoint::<C>::from_sec1_bytes(bytes).ok()).flatten();
    point.map(ProjectivePoint::<C>::from).ok_or(CurveError::Point)
}

fn write<C: CurveArithmetic>(point: ProjectivePoint<C>) -> Result<Vec<u8>, CurveError>
where
    AffinePoint<C>: ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    if bool::from(point.is_identity()) {
        return Err(CurveError::Infinity);
    }
    Ok(point.to_affine().to_sec1_point(false).as_bytes().to_vec())
}

fn multiply<C: CurveArithmetic>(number: &[u8], point: Option<&[u8]>) -> Result<Vec<u8>, CurveError>
where
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let point = point.map_or(Ok(ProjectivePoint::<C>::generator()), read::<C>)?;
    write::<C>(point * scalar::<C>(number))
}

fn map<C: CurveArithmetic>(nonce: &[u8], private: &[u8], public: &[u8]) -> Result<Vec<u8>, CurveError>
where
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let secret = read::<C>(public)? * scalar::<C>(private);
    write::<C>(ProjectivePoint::<C>::generator() * scalar::<C>(nonce) + secret)
}
