use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use proptest::prelude::*;

use super::door::{Door, Refusal};

const CONFIGURED: &str = "https://kiosk.hanoi.example.vn";

fn door() -> Door {
    Door::new("127.0.0.1:7180".parse().unwrap(), &[CONFIGURED.to_owned()])
}

fn headers(list: &[(HeaderName, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in list {
        headers.append(name, HeaderValue::from_bytes(value).unwrap());
    }
    headers
}

fn admits(host: &[u8], origin: &[u8]) -> Result<(), Refusal> {
    door().admit(&headers(&[(header::HOST, host), (header::ORIGIN, origin)])).map(drop)
}

#[test]
fn our_own_names_and_origins_are_let_in() {
    for host in ["127.0.0.1:7180", "localhost:7180", "[::1]:7180"] {
        for origin in [CONFIGURED.to_owned(), format!("http://{host}")] {
            assert_eq!(admits(host.as_bytes(), origin.as_bytes()), Ok(()), "{host} {origin}");
        }
    }
}

#[test]
fn a_name_that_is_only_like_ours_is_refused() {
    for host in [
        "0.0.0.0:7180",
        "127.0.0.1",
        "127.0.0.1:7181",
        "127.0.0.1:07180",
        "localhost",
        "LOCALHOST:7180",
        "localhost.:7180",
        "localhost:7180.",
        "127.1:7180",
        "2130706433:7180",
        "0x7f000001:7180",
        "0177.0.0.1:7180",
        "[::]:7180",
        "::1:7180",
        "[::ffff:127.0.0.1]:7180",
        "user@127.0.0.1:7180",
        "127.0.0.1:7180/",
        " 127.0.0.1:7180",
        "127.0.0.1:7180 ",
        "",
        "evil.test:7180",
        "127.0.0.1.evil.test:7180",
        "localhost.evil.test:7180",
        "127.0.0.1:7180,evil.test",
        "xn--localhost-7180",
    ] {
        assert_eq!(admits(host.as_bytes(), CONFIGURED.as_bytes()), Err(Refusal::Host), "{host}");
    }
    let twice = headers(&[(header::HOST, b"127.0.0.1:7180"), (header::HOST, b"127.0.0.1:7180")]);
    assert_eq!(door().admit(&twice).map(drop), Err(Refusal::Host), "two Host headers");
    assert_eq!(door().admit(&headers(&[])).map(drop), Err(Refusal::Host), "no Host header");
}

#[test]
fn an_origin_that_is_only_like_an_allowed_one_is_refused() {
    for origin in [
        "null",
        "",
        "*",
        "http://kiosk.hanoi.example.vn",
        "https://kiosk.hanoi.example.vn:443",
        "https://kiosk.hanoi.example.vn/",
        "https://kiosk.hanoi.example.vn.",
        "https://kiosk.hanoi.example.vn.evil.tld",
        "https://evil-kiosk.hanoi.example.vn",
        "https://evilkiosk.hanoi.example.vn",
        "https://hanoi.example.vn",
        "https://x.kiosk.hanoi.example.vn",
        "HTTPS://kiosk.hanoi.example.vn",
        "https://KIOSK.hanoi.example.vn",
        "https://kiosk.hanoi.example.vn@evil.tld",
        "https://kiosk-hanoi.example.vn",
        "https://kiosk.hanoi.example.v",
        "https://kiosk.hanoi.example.vnn",
        "file://",
        "http://127.0.0.1:7181",
        "http://127.0.0.1",
        "https://127.0.0.1:7180",
        "http://localhost:7180/",
        "http://0.0.0.0:7180",
        "https://xn--kiosk-hanoi.example.vn",
    ] {
        assert_eq!(admits(b"127.0.0.1:7180", origin.as_bytes()), Err(Refusal::Origin), "{origin}");
    }
    let twice = headers(&[
        (header::HOST, b"127.0.0.1:7180"),
        (header::ORIGIN, CONFIGURED.as_bytes()),
        (header::ORIGIN, CONFIGURED.as_bytes()),
    ]);
    assert_eq!(door().admit(&twice).map(drop), Err(Refusal::Origin), "two Origin headers");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn an_origin_is_let_in_exactly_if_it_is_on_the_list(
        at in 0..CONFIGURED.len(),
        byte in 0x21_u8..0x7f,
        how in 0..4_u8,
    ) {
        let mut origin = CONFIGURED.as_bytes().to_vec();
        match how {
            0 => origin[at] = byte,
            1 => origin.insert(at, byte),
            2 => { origin.remove(at); }
            _ => origin.truncate(at),
        }
        let expected = if origin == CONFIGURED.as_bytes() { Ok(()) } else { Err(Refusal::Origin) };
        prop_assert_eq!(admits(b"localhost:7180", &origin), expected);
    }
}
