use jpeg_encoder::{ColorType, Encoder};
use proptest::prelude::*;

use super::*;

fn jpeg(shade: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    Encoder::new(&mut jpeg, 60).encode(&[shade; 16 * 8], 16, 8, ColorType::Luma).unwrap();
    jpeg
}

fn parts(media_type: &str, stream: &[u8]) -> (Vec<Vec<u8>>, usize) {
    let mut multipart = Multipart::of(media_type).unwrap();
    sort(multipart.push(stream, Instant::now()))
}

fn sort(found: Vec<Found>) -> (Vec<Vec<u8>>, usize) {
    let (mut pictures, mut damaged) = (Vec::new(), 0);
    for found in found {
        match found {
            Found::Picture(picture) => {
                assert_eq!((picture.width, picture.height), (16, 8));
                pictures.push(picture.bytes);
            }
            Found::Damaged(_) => damaged += 1,
        }
    }
    (pictures, damaged)
}

const TYPE: &str = "multipart/x-mixed-replace; boundary=frame";

fn part(head: &str, body: &[u8]) -> Vec<u8> {
    [b"--frame\r\n".as_slice(), head.as_bytes(), b"\r\n", body, b"\r\n"].concat()
}

fn with_length(body: &[u8], length: usize) -> Vec<u8> {
    part(&format!("Content-Type: image/jpeg\r\nContent-Length: {length}\r\n"), body)
}

#[test]
fn a_picture_with_its_length_counts_at_once() {
    let picture = jpeg(9);
    let stream = with_length(&picture, picture.len());
    let whole = stream.len() - 2;
    assert_eq!(parts(TYPE, &stream[..whole]).0, [picture], "without the line end and the boundary behind it");
}

#[test]
fn a_picture_without_a_length_counts_at_the_next_boundary() {
    let (one, two) = (jpeg(1), jpeg(2));
    let stream = [part("Content-Type: image/jpeg\r\n", &one), part("", &two), b"--frame--\r\n".to_vec()].concat();
    assert_eq!(parts(TYPE, &stream), (vec![one, two], 0));
}

#[test]
fn boundaries_are_found_however_they_are_written() {
    let picture = jpeg(5);
    let stream = |delimiter: &str| {
        [delimiter.as_bytes(), b"\r\n\r\n", &picture, b"\r\n", delimiter.as_bytes(), b"\r\n"].concat()
    };
    for (media_type, delimiter) in [
        ("multipart/x-mixed-replace; boundary=frame", "--frame"),
        ("multipart/x-mixed-replace;boundary=\"frame\"", "--frame"),
        ("multipart/x-mixed-replace; charset=x; BOUNDARY = \"frame\"", "--frame"),
        ("multipart/x-mixed-replace; boundary=--frame", "--frame"),
        ("multipart/x-mixed-replace; boundary=--frame", "----frame"),
        ("multipart/x-mixed-replace; boundary=frame", "----frame"),
        ("multipart/mixed; boundary=a b", "--a b"),
    ] {
        assert_eq!(parts(media_type, &stream(delimiter)).0, vec![picture.clone()], "{media_type} with {delimiter}");
    }
    for none in ["multipart/x-mixed-replace", "multipart/x-mixed-replace; boundary=", "image/jpeg", "x; boundary=--"] {
        assert!(Multipart::of(none).is_none(), "{none}");
    }
    assert!(Multipart::of(&format!("multipart/mixed; boundary={}", "x".repeat(300))).is_none());
}

#[test]
fn bare_line_feeds_and_a_preamble_do_no_harm() {
    let picture = jpeg(7);
    let stream =
        [b"hello\n--frame\ncontent-length:".as_slice(), picture.len().to_string().as_bytes(), b"\n\n", &picture]
            .concat();
    assert_eq!(parts(TYPE, &stream), (vec![picture], 0));
}

#[test]
fn a_wrong_length_costs_no_picture() {
    let (one, two, three) = (jpeg(1), jpeg(2), jpeg(3));
    for off in [-20i64, -1, 1, 20, 5000, 900_000_000] {
        let length = usize::try_from(i64::try_from(one.len()).unwrap() + off).unwrap();
        let stream =
            [with_length(&one, length), with_length(&two, two.len()), with_length(&three, three.len())].concat();
        assert!(parts(TYPE, &stream) == (vec![one.clone(), two.clone(), three.clone()], 0), "{off}");
    }
    for nonsense in ["-5", "0", "many", "18446744073709551616", "5 5"] {
        let stream = [part(&format!("Content-Length: {nonsense}\r\n"), &one), with_length(&two, two.len())].concat();
        assert_eq!(parts(TYPE, &stream), (vec![one.clone(), two.clone()], 0), "{nonsense}");
    }
}

#[test]
fn a_cut_picture_is_dropped_and_the_next_one_taken() {
    let (one, two) = (jpeg(1), jpeg(2));
    let cut = &one[..one.len() / 2];
    for first in [with_length(cut, cut.len()), with_length(cut, one.len()), part("", cut)] {
        let stream = [first, with_length(&two, two.len())].concat();
        assert_eq!(parts(TYPE, &stream), (vec![two.clone()], 1));
    }
}

#[test]
fn what_follows_the_last_boundary_is_nothing() {
    let one = jpeg(1);
    let mut multipart = Multipart::of(TYPE).unwrap();
    let stream = [with_length(&one, one.len()), b"--frame--\r\n".to_vec(), with_length(&one, one.len())].concat();
    assert_eq!(sort(multipart.push(&stream, Instant::now())), (vec![one], 0));
    assert!(multipart.is_over());
}

#[test]
fn endless_heads_and_pictures_are_given_up() {
    let mut multipart = Multipart::of(TYPE).unwrap();
    let mut push = |bytes: &[u8]| {
        let found = sort(multipart.push(bytes, Instant::now()));
        assert!(multipart.buffer.len() <= PICTURE_MAX + bytes.len());
        found
    };
    let one = jpeg(1);
    assert_eq!(push(b"--frame\r\nX: "), (vec![], 0));
    assert_eq!(push(&[b'x'; HEAD_MAX]), (vec![], 1));
    assert_eq!(push(&with_length(&one, one.len())), (vec![one.clone()], 0));
    assert_eq!(push(b"--frame\r\n\r\n\xff\xd8"), (vec![], 0));
    let damaged: usize = (0..20).map(|_| push(&[7; 1 << 20]).1).sum();
    assert_eq!(damaged, 1);
    assert_eq!(push(&with_length(&one, one.len())), (vec![one], 0));
}

proptest! {
    #[test]
    fn pieces_of_any_size_make_the_same_pictures(
        sizes in proptest::collection::vec(1usize..400, 1..60), lengths in any::<bool>()
    ) {
        let pictures = [jpeg(1), jpeg(100), jpeg(200)];
        let mut stream: Vec<u8> = pictures
            .iter()
            .flat_map(|jpeg| if lengths { with_length(jpeg, jpeg.len()) } else { part("", jpeg) })
            .collect();
        stream.extend_from_slice(b"--frame--\r\n");
        let (mut multipart, mut found, mut rest) = (Multipart::of(TYPE).unwrap(), Vec::new(), &stream[..]);
        for size in sizes.into_iter().cycle() {
            let (piece, more) = rest.split_at(size.min(rest.len()));
            found.extend(multipart.push(piece, Instant::now()));
            rest = more;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(sort(found), (pictures.to_vec(), 0));
    }

    #[test]
    fn hostile_bytes_never_hold_more_than_a_picture(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just(b"--frame".to_vec()), Just(b"\r\n".to_vec()), Just(b"\r\n\r\n".to_vec()), Just(b"--".to_vec()),
                Just(b"Content-Length: 99999999\r\n".to_vec()), Just(b"Content-Length: 3\r\n".to_vec()),
                Just(vec![0xff, 0xd8, 0xff]), Just(vec![0xff, 0xd9]), Just(jpeg(3)),
                proptest::collection::vec(any::<u8>(), 0..300),
            ],
            0..60,
        )
    ) {
        let mut multipart = Multipart::of(TYPE).unwrap();
        for piece in pieces {
            for found in multipart.push(&piece, Instant::now()) {
                if let Found::Picture(picture) = found {
                    prop_assert!(kiosk_jpeg::check(&picture.bytes).is_ok());
                }
            }
            prop_assert!(multipart.buffer.len() <= PICTURE_MAX);
        }
    }

    #[test]
    fn any_media_type_has_a_boundary_or_none(media_type in ".{0,80}") {
        let _ = Multipart::of(&media_type);
    }
}
