use super::*;

#[test]
fn the_same_text_has_no_errors_in_any_order() {
    let got = score("Họ và tên: NGUYỄN AN\nNgày sinh: 09/11/2019", "Ngày sinh: 09/11/2019\nHọ và tên: NGUYỄN AN");
    assert_eq!((got.char_errors, got.word_errors, got.lines, got.lines_right, got.extra_chars), (0, 0, 2, 2, 0));
    assert_eq!((got.chars, got.words), (20 + 21, 5 + 3));
}

#[test]
fn columns_may_be_joined_into_one_line() {
    let got = score("ỦY BAN NHÂN DÂN\nCỘNG HÒA XÃ HỘI", "ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI");
    assert_eq!((got.char_errors, got.word_errors, got.lines_right), (0, 0, 2));
}

#[test]
fn a_line_may_be_read_as_two() {
    let got = score("Ngày sinh: 09/11/2019 Giới tính: Nam", "Ngày sinh: 09/11/2019\nGiới tính: Nam");
    assert_eq!((got.char_errors, got.word_errors, got.lines_right), (0, 0, 1));
}

#[test]
fn a_wrong_tone_is_one_character_and_one_word() {
    let got = score("NGUYỄN HOÀNG", "NGUYÊN HOÀNG");
    assert_eq!((got.char_errors, got.word_errors, got.lines_right), (1, 1, 0));
    assert!((got.cer() - 1.0 / 12.0).abs() < 1e-9 && (got.wer() - 0.5).abs() < 1e-9);
}

#[test]
fn a_line_that_is_missing_is_wrong_throughout() {
    let got = score("Phạm Quốc Tuấn\nLê Thị Mỹ Hạnh", "Lê Thị Mỹ Hạnh");
    assert_eq!((got.char_errors, got.word_errors), (14, 3));
    assert_eq!(score("abc def", "").char_errors, 7);
}

#[test]
fn what_is_read_too_much_in_a_line_is_wrong() {
    assert_eq!(score("phường Phú Thượng", "phường Phú Thượng.").char_errors, 1);
    let stamp = score("PHÓ CHỦ TỊCH", "63W PHÓ CHỦ TỊCH");
    assert_eq!((stamp.char_errors, stamp.word_errors), (3, 1));
}

#[test]
fn lines_that_match_nothing_are_counted_apart() {
    let got = score("GIẤY KHAI SINH", "GIẤY KHAI SINH\n~~#@ xq");
    assert_eq!((got.char_errors, got.extra_chars), (0, 6));
}

#[test]
fn leaders_dashes_and_quotes_do_not_count() {
    let got = score("Họ tên: AN\nĐộc lập – Tự do", "Họ tên: ......... AN ... \nĐộc lập - Tự do");
    assert_eq!((got.char_errors, got.lines_right), (0, 2));
    assert_eq!(score("“a”", "\"a\"").char_errors, 0);
    assert_eq!(score("Kết thúc.", "Kết thúc").char_errors, 1);
    assert_eq!(score("TP. Hà Nội", "TP. Hà Nội").char_errors, 0);
    assert_eq!(normalised("Số:....12").iter().collect::<String>(), "Số: 12");
}

#[test]
fn decomposed_text_equals_composed_text() {
    let decomposed: String = "Nguyễn".nfd().collect();
    assert_eq!(score("Nguyễn", &decomposed).char_errors, 0);
}

#[test]
fn nothing_compared_with_nothing_is_no_error() {
    assert_eq!(score("", "").cer(), 0.0);
    assert_eq!(score("\n \n", "...\n").extra_chars, 0);
}

#[test]
fn a_repeated_line_is_matched_once_for_each_time() {
    let got = score("Dân tộc: Kinh\nDân tộc: Kinh", "Dân tộc: Kinh");
    assert_eq!((got.lines_right, got.char_errors), (1, 13));
}

#[test]
fn pages_add_up() {
    let mut sum = score("abc", "abd");
    sum += score("xyz", "xyz");
    assert_eq!((sum.chars, sum.char_errors, sum.lines, sum.lines_right), (6, 1, 2, 1));
}
