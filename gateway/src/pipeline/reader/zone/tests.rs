use super::*;
use kiosk_protocol::ocr::Point;

const ZONE: [&str; 3] =
    ["IDVNM2000000015099200000001<<1", "0006150M4006158VNM<<<<<<<<<<<6", "NGUYEN<<VAN<AN<<<<<<<<<<<<<<<<"];

fn texts(lines: &[&str]) -> Vec<String> {
    lines.iter().map(ToString::to_string).collect()
}

#[test]
fn three_lines_whose_check_digits_are_right_are_a_zone() {
    assert_eq!(zone_of(&texts(&ZONE)), Some(ZONE.concat()));
    let among = [&["CONGHOAXAHOI<<<<<<<<<<<<<<<<<<"][..], &ZONE, &["2024"]].concat();
    assert_eq!(zone_of(&texts(&among)), Some(ZONE.concat()), "other lines above and below");
    let wrong = ZONE[1].replace("0006150", "0006160");
    assert_eq!(zone_of(&texts(&[ZONE[0], &wrong, ZONE[2]])), None, "another day of birth");
    assert_eq!(zone_of(&texts(&[ZONE[1], ZONE[0], ZONE[2]])), None, "another order");
}

#[test]
fn fillers_at_the_end_of_a_line_may_be_lost_or_one_too_many() {
    for names in ["NGUYEN<<VAN<AN<<<<<<<", "NGUYEN<<VAN<AN<<<<<<<<<<<<<<<<<<<"] {
        assert_eq!(zone_of(&texts(&[ZONE[0], ZONE[1], names])), Some(ZONE.concat()), "{names}");
    }
    assert_eq!(of_length("NGUYEN", 30), None, "a word is no line");
    assert_eq!(of_length(&"A".repeat(31), 30), None);
}

#[test]
fn passports_have_two_lines() {
    // ICAO Doc 9303-4, appendix B.
    let lines = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
    assert_eq!(zone_of(&texts(&lines)), Some(lines.concat()));
}

#[test]
fn lines_are_read_from_the_top_as_their_reader_sees_it() {
    let above = TurnedBox { centre: Point { x: 50.0, y: 100.0 }, width: 180.0, height: 10.0, angle: 0.05 };
    let below = TurnedBox { centre: Point { x: 50.0, y: 120.0 }, ..above };
    assert!(down(&above) < down(&below));
    assert!(down(&upside_down(above)) > down(&upside_down(below)));
}
