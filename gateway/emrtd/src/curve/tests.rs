use super::*;
use crate::testing::hex;

#[test]
fn both_sides_come_to_the_same_secret() {
    for curve in Curve::ALL {
        let (one, two) = (curve.private_key().unwrap(), curve.private_key().unwrap());
        let public = |private: &[u8]| curve.multiply(private, None).unwrap();
        let secret = curve.multiply(&one, Some(&public(&two))).unwrap();
        assert_eq!(secret, curve.multiply(&two, Some(&public(&one))).unwrap());
        assert_eq!((secret.len(), curve.x(&secret).unwrap().len()), (1 + 2 * curve.field_bytes(), curve.field_bytes()));
        let nonce = [9; 16];
        let mapped = curve.map(&nonce, &one, &public(&two)).unwrap();
        assert_eq!(mapped, curve.map(&nonce, &two, &public(&one)).unwrap());
        assert_ne!(mapped, secret);
    }
}

/// RFC 5903, section 8.1: Diffie-Hellman on P-256.
#[test]
fn a_public_key_is_that_of_the_standard() {
    let private = hex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
    let public = Curve::P256.multiply(&private, None).unwrap();
    assert_eq!(public[1..33], hex("DAD0B65394221CF9B051E1FECA5787D098DFE637FC90B9EF945D0C3772581180"));
}

#[test]
fn what_is_no_point_is_refused() {
    for curve in Curve::ALL {
        let good = curve.multiply(&[5], None).unwrap();
        let mut off = good.clone();
        *off.last_mut().unwrap() ^= 1;
        let compressed = [&[2], &good[1..=curve.field_bytes()]].concat();
        for bad in
            [&[][..], &[0], &good[1..], &good[..good.len() - 1], &off, &compressed, &[good.as_slice(), &[0]].concat()]
        {
            assert_eq!(curve.multiply(&[5], Some(bad)), Err(CurveError::Point));
        }
        assert_eq!(curve.multiply(&[0], Some(&good)), Err(CurveError::Infinity));
        assert_eq!(curve.map(&[0], &[0], &good), Err(CurveError::Infinity));
    }
}

/// What `openssl ecparam -param_enc explicit` writes, without the outermost element.
const EXPLICIT: [(Curve, &str); 2] = [
    (
        Curve::P256,
        "020101302c06072a8648ce3d0101022100ffffffff00000001000000000000000000000000ffffffffffffffffffffffff305b0420ffffffff00000001000000000000000000000000fffffffffffffffffffffffc04205ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b031500c49d360886e704936a6678e1139d26b7819f7e900441046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5022100ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551020101",
    ),
    (
        Curve::BrainpoolP256r1,
        "020101302c06072a8648ce3d0101022100a9fb57dba1eea9bc3e660a909d838d726e3bf623d52620282013481d1f6e5377304404207d5a0975fc2c3057eef67530417affe7fb8055c126dc5c6ce94a4b44f330b5d9042026dc5c6ce94a4b44f330b5d9bbd77cbf958416295cf7e1ce6bccdc18ff8c07b60441048bd2aeb9cb7e57cb2c4b482ffc81b7afb9de27e1e3bd23c23a4453bd9ace3262547ef835c3dac4fd97f8461a14611dc9c27745132ded8e545c1d54c72f046997022100a9fb57dba1eea9bc3e660a909d838d718c397aa3b561a6f7901e0e82974856a7020101",
    ),
];

#[test]
fn curves_that_are_written_out_are_known_by_every_part() {
    for (curve, text) in EXPLICIT {
        let parameters = hex(text);
        assert_eq!(Curve::of_parameters(&parameters), Ok(Some(curve)));
        // Not the version, the kind of field, the seed and the cofactor.
        let changes = (0..parameters.len()).filter(|at| {
            let mut changed = parameters.clone();
            changed[*at] ^= 1;
            Curve::of_parameters(&changed) == Ok(Some(curve))
        });
        assert!(changes.count() < 40);
        let generator = parameters.windows(2).rposition(|pair| pair == [0x41, 0x04]).unwrap() + 2;
        let mut changed = parameters;
        changed[generator] ^= 1;
        assert_eq!(Curve::of_parameters(&changed), Ok(None));
        assert!(Curve::of_parameters(&changed[..100]).is_err());
    }
}

#[test]
fn the_order_leads_to_infinity() {
    for curve in Curve::ALL {
        let order = hex(&format!("{:0>w$}", curve.parameters().n, w = 2 * curve.field_bytes()));
        assert_eq!(curve.multiply(&order, None), Err(CurveError::Infinity));
    }
}
