use proptest::prelude::*;

use super::*;

fn read(lines: &[&str]) -> Result<Answer, BadAnswer> {
    let mut answer = Answer::default();
    for (nth, line) in lines.iter().enumerate() {
        assert_eq!(answer.take(line.as_bytes())?, nth + 1 == lines.len());
    }
    Ok(answer)
}

#[test]
fn an_answer_is_its_numbers() {
    let cases = [
        (&["250 2.1.5 an@dan.example ok"][..], 250, Some((2, 1, 5))),
        (&["250"], 250, None),
        (&["250 "], 250, None),
        (&["354 End data with <CR><LF>.<CR><LF>"], 354, None),
        (&["550-5.7.25 no pointer", "550 5.7.25 record"], 550, Some((5, 7, 25))),
        (&["550 4.1.1 another class"], 550, None),
        (&["550 5.1.1.1 four numbers"], 550, None),
        (&["550 5.1 two"], 550, None),
        (&["550 5.1234.1 four digits"], 550, None),
        (&["550 5.+1.1 signs"], 550, None),
        (&["421 4.3.2"], 421, Some((4, 3, 2))),
    ];
    for (lines, code, enhanced) in cases {
        assert_eq!(read(lines).map(|it| it.reply()), Ok(Reply { code, enhanced }), "{lines:?}");
    }
    assert_eq!(Reply { code: 550, enhanced: Some((5, 1, 1)) }.to_string(), "550 5.1.1");
}

#[test]
fn what_is_no_answer_is_refused() {
    for lines in [&[""][..], &["25"], &["HTTP/1.1 400 Bad Request"], &["150 no"], &["650 no"], &["2a0 no"], &["250_no"]]
    {
        assert_eq!(read(lines).err(), Some(BadAnswer::NotSmtp), "{lines:?}");
    }
    assert_eq!(read(&["250-one", "251 two"]).err(), Some(BadAnswer::NotSmtp));
    assert_eq!(read(&["250-more"; LINES_MOST + 1]).err(), Some(BadAnswer::TooLong));
}

#[test]
fn what_a_server_offers_is_known_in_any_case_of_letters() {
    let answer = read(&[
        "250-STARTTLS greets",
        "250-size 1000",
        "250-8BitMime",
        "250-AUTH LOGIN PLAIN CRAM-MD5",
        "250 SMTPUTF8",
    ]);
    let all = Offers { starttls: false, eight_bit: true, utf8: true, size: Some(1_000), plain: true, login: true };
    assert_eq!(answer.map(|it| it.offers()), Ok(all), "the first line is the server's name");
    for (line, size) in [("250 SIZE", 0), ("250 SIZE 0", 0), ("250 SIZE x", 0), ("250 SIZE 99999999999999999999", 0)] {
        assert_eq!(read(&["250-x", line]).map(|it| it.offers().size), Ok(Some(size)));
    }
    assert_eq!(read(&["250-x", "250 STARTTLS"]).map(|it| it.offers().starttls), Ok(true));
    assert_eq!(read(&["250 x"]).map(|it| it.offers()), Ok(Offers::default()));
}

proptest! {
    #[test]
    fn no_line_is_too_strange(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..10)) {
        let mut answer = Answer::default();
        for line in &lines {
            let _ = answer.take(line);
        }
        let _ = (answer.reply(), answer.offers());
    }
}
