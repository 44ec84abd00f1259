use super::*;

#[test]
fn a_person_is_called_by_the_common_name() {
    for (subject, name) in [
        ("CN=Nguyễn Văn A", "Nguyễn Văn A"),
        ("O=Test,C=VN,CN=Trần Thị B", "Trần Thị B"),
        ("CN=UBND phường A\\, quận B+O=Test", "UBND phường A, quận B"),
        ("CN=A\\+b", "A+b"),
        ("cn=A\\2CB", "A,B"),
        ("O=CN=no,C=VN", "O=CN=no,C=VN"),
        ("O=a\\,CN=no", "O=a\\,CN=no"),
        ("CN=", "CN="),
        ("", ""),
        ("CN=\\", "CN=\\"),
    ] {
        assert_eq!(of_subject(subject), name, "{subject}");
    }
}

#[test]
fn names_cannot_hide_anything() {
    assert_eq!(of_subject("CN=A\u{202E}B\n\u{200B}C\u{0}"), "ABC");
    let long = of_subject(&format!("CN={}", "ở".repeat(10_000)));
    assert_eq!(long.chars().count(), LONGEST + 1);
}
