use proptest::prelude::*;

use super::*;
use crate::testing::hex;

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv::write(0x30, &parts.concat())
}

fn text(text: &str) -> Vec<u8> {
    tlv::write(0x0C, text.as_bytes())
}

fn field(number: u8, value: Vec<u8>) -> Vec<u8> {
    sequence(&[tlv::write(2, &[number]), value])
}

/// What a card could say of somebody invented.
fn fields() -> Vec<Vec<u8>> {
    let residence = "Số 1, phố Hàng Gai, phường Hoàn Kiếm, thành phố Hà Nội, ".repeat(4);
    vec![
        field(1, tlv::write(0x13, b"099200000001")),
        field(2, text("Nguyễn Văn An")),
        field(3, text("01/01/2000")),
        field(9, text(&residence)),
        field(13, sequence(&[sequence(&[text("Nguyễn Văn Bình")]), sequence(&[text("Trần Thị Cúc")])])),
        field(16, text("011234567")),
    ]
}

#[test]
fn the_fields_of_a_vietnamese_card_are_read_however_they_are_nested() {
    let version = tlv::write(2, &[1]);
    for content in [
        fields().concat(),
        sequence(&fields()),
        tlv::write(0x31, &fields().concat()),
        sequence(&[version.clone(), tlv::write(6, &[1, 2]), tlv::write(0x31, &fields().concat())]),
        sequence(&[version, sequence(&fields())]),
    ] {
        let fields = VietnameseFields::of_group(&tlv::write(0x6D, &content)).unwrap();
        assert_eq!(fields.citizen_number(), Some("099200000001"));
        assert_eq!((fields.full_name(), fields.previous_number()), (Some("Nguyễn Văn An"), Some("011234567")));
        assert!(fields.place_of_residence().unwrap().len() > 256, "a length of several bytes");
        assert_eq!(fields.family(), ["Nguyễn Văn Bình", "Trần Thị Cúc"]);
        assert_eq!(fields.religion(), None);
        assert_eq!(format!("{fields:?}"), "VietnameseFields([1, 2, 3, 9, 13, 16])");
    }
    assert!(VietnameseFields::of_group(&tlv::write(0x6D, &[])).is_err());
    assert!(VietnameseFields::of_group(&tlv::write(0x6C, &fields().concat())).is_err());
}

#[test]
fn fields_that_are_nested_without_end_are_no_fields() {
    let mut nested = text("deep");
    for _ in 0..8_000 {
        nested = sequence(&[tlv::write(2, &[1]), nested]);
    }
    assert!(VietnameseFields::of_group(&tlv::write(0x6D, &nested)).is_err());
}

/// A record of ISO/IEC 19794-5 with so many feature points.
fn record(picture: &[u8], points: u8) -> Vec<u8> {
    let face = 20 + usize::from(points) * 8 + 12 + picture.len();
    let four = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
    let head = [b"FAC\x00010\x00".as_slice(), &four(14 + face), &[0, 1], &four(face), &[0, points], &[0; 14]].concat();
    [head, vec![0; usize::from(points) * 8], vec![0; 12], picture.to_vec()].concat()
}

fn group_2(tag: u32, record: &[u8]) -> Vec<u8> {
    let template = tlv::write(0x7F60, &[tlv::write(0xA1, &[0x81, 1, 2]), tlv::write(tag, record)].concat());
    tlv::write(0x75, &tlv::write(0x7F61, &[tlv::write(2, &[1]), template].concat()))
}

#[test]
fn the_portrait_is_cut_out_of_its_record() {
    let jpeg = [&[0xFF, 0xD8, 0xFF, 0xE0][..], &[7; 5_000]].concat();
    for (tag, points) in [(0x5F2E, 0), (0x7F2E, 0), (0x5F2E, 3)] {
        let portrait = Portrait::of_group(&group_2(tag, &record(&jpeg, points))).unwrap();
        assert_eq!((portrait.format, &portrait.picture), (PortraitFormat::Jpeg, &jpeg));
        assert_eq!(format!("{portrait:?}"), "Portrait(Jpeg, 5004 bytes)");
    }
    for head in ["0000000C6A502020", "FF4FFF51"] {
        let portrait = Portrait::of_group(&group_2(0x5F2E, &record(&hex(head), 0))).unwrap();
        assert_eq!(portrait.format, PortraitFormat::Jpeg2000);
    }
}

#[test]
fn portraits_of_both_kinds_are_shown_as_jpeg() {
    for file in [&include_bytes!("../../testdata/portrait.jp2")[..], include_bytes!("../../testdata/portrait.j2k")] {
        let shown = Portrait::of_group(&group_2(0x5F2E, &record(file, 0))).unwrap().shown().unwrap();
        assert_eq!((shown.width, shown.height), (30, 40));
        let picture = image::load_from_memory(&shown.jpeg).unwrap().to_rgb8();
        // As make.py has drawn it, but for what packing has cost.
        for (x, y) in [(3, 5), (25, 5), (15, 35)] {
            let drawn = [8 * x, 6 * y, 255 - 6 * y];
            let found = picture.get_pixel(x, y).0.map(u32::from);
            let off = drawn.iter().zip(found).map(|(drawn, found)| drawn.abs_diff(found)).max().unwrap();
            assert!(off < 24, "{drawn:?} became {found:?} at {x}, {y}");
        }
        let jpeg = Portrait { format: PortraitFormat::Jpeg, picture: shown.jpeg.clone() };
        assert!(jpeg.shown().unwrap().jpeg == shown.jpeg, "a JPEG stays as it is");
    }
}

#[test]
fn portraits_that_cannot_be_decoded_cost_the_portrait_alone() {
    let good = include_bytes!("../../testdata/portrait.jp2");
    for at in (0..good.len()).step_by(3) {
        let mut changed = good.to_vec();
        changed[at] ^= 0xFF;
        // Whatever comes of it comes back.
        let _ = Portrait { format: PortraitFormat::Jpeg2000, picture: changed }.shown();
        let cut = Portrait { format: PortraitFormat::Jpeg2000, picture: good[..at].to_vec() };
        let _ = cut.shown();
    }
    // A size in its head that nobody has memory for (ISO/IEC 15444-1, A.5.1: Xsiz and Ysiz).
    let mut large = include_bytes!("../../testdata/portrait.j2k").to_vec();
    large[8..16].copy_from_slice(&[0x7F; 8]);
    assert!(Portrait { format: PortraitFormat::Jpeg2000, picture: large }.shown().is_err());
    let noise = Portrait { format: PortraitFormat::Jpeg, picture: [&[0xFF, 0xD8, 0xFF][..], &[9; 50]].concat() };
    assert!(noise.shown().is_err());
}

#[test]
fn a_record_that_lies_is_told() {
    let good = record(&[0xFF, 0xD8, 0xFF, 0xE0], 0);
    for at in 0..good.len() {
        assert!(Portrait::of_group(&group_2(0x5F2E, &good[..at])).is_err(), "{at}");
    }
    let mut long = good.clone();
    long[14] = 0xFF;
    let mut points = good.clone();
    points[18] = 0xFF;
    for record in [long, points, record(b"GIF89a", 0)] {
        assert!(matches!(Portrait::of_group(&group_2(0x5F2E, &record)), Err(GroupError::Portrait(_))));
    }
}

#[test]
fn the_zone_and_the_list_of_groups_are_read() {
    let lines = "I<UTOD231458907<<<<<<<<<<<<<<<7408122F1204159UTO<<<<<<<<<<<6ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    let file = tlv::write(0x61, &tlv::write(0x5F1F, lines.as_bytes()));
    assert_eq!(zone(&file).unwrap().surname, "ERIKSSON");
    assert!(matches!(zone(&file[..50]), Err(GroupError::Tlv(_))));
    // ICAO 9303-11, appendix D.4: EF.COM of the worked example, with data groups 1 and 2.
    let com = hex("60145F0104303130365F36063034303030305C026175");
    assert_eq!(listed(&com), Ok(vec![File::Group(1), File::Group(2)]));
    assert!(listed(&com[..10]).is_err());
}

proptest! {
    #[test]
    fn no_file_makes_it_fall(bytes: Vec<u8>, at in 0..400_usize, value: u8) {
        let changed = |mut file: Vec<u8>| {
            if let Some(byte) = file.get_mut(at) {
                *byte = value;
            }
            file
        };
        for tag in [0x61, 0x75, 0x6D, 0x60] {
            let file = tlv::write(tag, &bytes);
            let _ = (zone(&file), Portrait::of_group(&file), VietnameseFields::of_group(&file), listed(&file));
        }
        let _ = VietnameseFields::of_group(&changed(tlv::write(0x6D, &sequence(&fields()))));
        let _ = Portrait::of_group(&changed(group_2(0x5F2E, &record(&[0xFF, 0xD8, 0xFF], 2))));
    }
}
