use super::*;

/// A page of A5 at 200 dpi with a black rectangle in millimetres.
fn page(paper: [u8; 3], spot: [u32; 4], colour: [u8; 3]) -> Ink {
    let size = [1165_u32, 1654];
    let px = |millimetres: u32| millimetres * 200 * 10 / 254;
    let mut rgb = Vec::new();
    for y in 0..size[1] {
        for x in 0..size[0] {
            let inside = (px(spot[0])..px(spot[2])).contains(&x) && (px(spot[1])..px(spot[3])).contains(&y);
            rgb.extend(if inside { colour } else { paper });
        }
    }
    Ink::of(&rgb, size, 200.0)
}

fn area(left: f32, top: f32, right: f32, bottom: f32) -> Rect {
    Rect { left: mm(left), top: mm(top), right: mm(right), bottom: mm(bottom) }
}

#[test]
fn room_is_where_nothing_is() {
    let ink = page([250, 248, 240], [20, 100, 60, 120], [30, 30, 30]);
    assert!(ink.is_free(area(0.0, 0.0, 148.0, 99.0)));
    assert!(!ink.is_free(area(50.0, 90.0, 140.0, 110.0)));
    assert!(ink.is_free(area(62.0, 90.0, 140.0, 130.0)), "right of it");
    assert!(!ink.is_free(area(62.0, 90.0, 160.0, 130.0)), "off the page");
    let room = ink.lowest_room(area(10.0, 10.0, 138.0, 200.0), mm(70.0)).unwrap() / PT_PER_MM;
    assert!((120.0..123.0).contains(&room), "right below it: {room}");
    let room = ink.lowest_room(area(10.0, 10.0, 138.0, 200.0), mm(85.0)).unwrap() / PT_PER_MM;
    assert_eq!(room.round(), 10.0, "above it");
    assert_eq!(ink.lowest_room(area(10.0, 10.0, 138.0, 200.0), mm(120.0)), None);
}

#[test]
fn weak_colours_are_ink_and_dark_paper_has_no_room() {
    let page_width = area(5.0, 5.0, 140.0, 200.0);
    for weak in [[250, 248, 200], [255, 205, 205], [200, 215, 250]] {
        let ink = page([248, 248, 246], [0, 60, 140, 140], weak);
        assert_eq!(ink.lowest_room(page_width, mm(65.0)), None, "{weak:?}");
        assert!(ink.lowest_room(page_width, mm(55.0)).is_some(), "{weak:?}");
    }
    let ink = page([160, 160, 160], [0, 0, 0, 0], [0; 3]);
    assert_eq!(ink.lowest_room(page_width, mm(10.0)), None);
}

#[test]
fn a_place_that_is_taken_is_not_free() {
    let mut ink = Ink::blank(mm(210.0), mm(297.0));
    let all = area(20.0, 20.0, 190.0, 277.0);
    assert_eq!(ink.lowest_room(all, mm(257.0)).map(|top| (top / PT_PER_MM).round()), Some(20.0));
    ink.take(area(100.0, 150.0, 101.0, 151.0));
    assert_eq!(ink.lowest_room(all, mm(257.0)), None);
    assert_eq!(ink.lowest_room(all, mm(125.0)).map(|top| (top / PT_PER_MM).round()), Some(151.0));
}
