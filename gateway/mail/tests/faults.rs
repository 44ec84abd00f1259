//! What a server may do wrong, and what is known of the letter then. The server speaks by a script.

#![expect(clippy::unwrap_used, reason = "a test program")]

#[path = "faults/script.rs"]
mod script;

use std::time::{Duration, Instant};

use kiosk_mail::{BadAnswer, File, Language, Letter, Mailer, Outcome, Recipient, Reply, Settings, Step, Why};
use script::{Act, Server, serve};

/// A mailer that waits long enough for a busy machine.
fn mailer(server: &Server, security: &str) -> Mailer {
    waiting(server, security, 30)
}

fn waiting(server: &Server, security: &str, wait_s: u32) -> Mailer {
    let settings = format!(
        "host = \"127.0.0.1\"\nport = {}\nsecurity = \"{security}\"\ntimeout_s = {wait_s}\nend_timeout_s = {wait_s}\n\
         [from]\naddress = \"gui@hanoi.example\"\nname = \"UBND phường Hoàn Kiếm\"\n",
        server.port
    );
    let settings: Settings = toml::from_str(&settings).unwrap();
    Mailer::new(settings).unwrap()
}

fn letter() -> Letter {
    Letter {
        to: Recipient::parse("an.bi.mat@dan.example").unwrap(),
        key: "mail-7f3a".to_owned(),
        language: Language::Vietnamese,
        agency: "UBND phường Hoàn Kiếm".to_owned(),
        number: "1834/2026-SCTĐT/BS".to_owned(),
        code: "HN1-7K3M-Q2XD-90AB-CDEF-GH".to_owned(),
        url: "https://chungthuc.hanoi.example/c/".to_owned(),
        file: Some(File { name: "ban-sao.pdf".to_owned(), bytes: b"%PDF-1.7".to_vec() }),
    }
}

/// Sends a letter to a server that speaks by a script; nothing of the address may show in what comes of it.
fn send(acts: Vec<Act>) -> (Outcome, Vec<String>) {
    let server = serve(acts);
    let outcome = mailer(&server, "none").send(&letter());
    shows_no_address(&outcome);
    (outcome, server.heard())
}

/// What comes of a letter to a server that does not go on.
fn give_up(acts: Vec<Act>) -> Outcome {
    let server = serve(acts);
    let begun = Instant::now();
    let outcome = waiting(&server, "none", 3).send(&letter());
    assert!(begun.elapsed() < Duration::from_secs(20), "it ends: {outcome:?}");
    shows_no_address(&outcome);
    outcome
}

fn shows_no_address(outcome: &Outcome) {
    let mut shown = format!("{outcome:?}");
    if let Outcome::NotDone { why, .. } | Outcome::Unknown { why } = outcome {
        shown.push_str(&why.to_string());
    }
    assert!(!shown.contains("bi.mat") && !shown.contains("dan.example"), "{shown}");
}

/// A conversation up to the answer of a step, which is left out.
fn until(step: Step) -> Vec<Act> {
    let whole = [
        (Step::Greeting, None, "220 mail.example\r\n"),
        (Step::Hello, Some("EHLO "), "250-mail.example\r\n250 8BITMIME\r\n"),
        (Step::From, Some("MAIL FROM:<gui@hanoi.example>"), "250 2.1.0 ok\r\n"),
        (Step::To, Some("RCPT TO:<an.bi.mat@dan.example>"), "250 2.1.5 ok\r\n"),
        (Step::Data, Some("DATA"), "354 go on\r\n"),
        (Step::End, None, ""),
    ];
    let mut acts = Vec::new();
    for (at, hear, say) in whole {
        match hear {
            Some(command) => acts.push(Act::Hear(command)),
            None if at == Step::End => acts.push(Act::HearLetter),
            None => {}
        }
        if at == step {
            return acts;
        }
        acts.push(Act::Say(say));
    }
    unreachable!("the end is a step")
}

fn and(mut acts: Vec<Act>, more: impl IntoIterator<Item = Act>) -> Vec<Act> {
    acts.extend(more);
    acts
}

/// Looks at each step; they wait for time limits, so all at once.
fn at_each_step(looks: fn(Step)) {
    let threads = STEPS.map(|step| std::thread::spawn(move || looks(step)));
    for looked in threads {
        looked.join().unwrap();
    }
}

const STEPS: [Step; 6] = [Step::Greeting, Step::Hello, Step::From, Step::To, Step::Data, Step::End];

#[test]
fn an_accepted_letter_is_done_whatever_becomes_of_the_goodbye() {
    let reply = Reply { code: 250, enhanced: Some((2, 0, 0)) };
    let done = Outcome::Done { reply, attached: true };
    for goodbye in [Act::Close, Act::Silence, Act::Say("garbage\r\n"), Act::Say("221 bye\r\n")] {
        let (outcome, heard) =
            send(and(until(Step::End), [Act::Say("250 2.0.0 an.bi.mat@dan.example queued\r\n"), goodbye]));
        assert_eq!(outcome, done);
        assert!(heard.concat().contains("Message-ID: <mail-7f3a@hanoi.example>\r\n"));
    }
}

#[test]
fn a_refusal_is_not_done_and_tells_whether_later_may_help() {
    for step in STEPS {
        for (said, code, enhanced) in [
            ("421 4.3.2 going away, an.bi.mat@dan.example\r\n", 421, Some((4, 3, 2))),
            ("450-later\r\n450 later\r\n", 450, None),
            ("550 5.1.1 <an.bi.mat@dan.example>: unknown\r\n", 550, Some((5, 1, 1))),
            ("554 no\r\n", 554, None),
        ] {
            let (outcome, _) = send(and(until(step), [Act::Say(said), Act::Silence]));
            // What is refused before it is known what for is not about the letter.
            let retry = code < 500 || matches!(step, Step::Greeting | Step::Hello);
            let why = Why::Refused { step, reply: Reply { code, enhanced } };
            assert_eq!(outcome, Outcome::NotDone { retry, why });
        }
    }
}

#[test]
fn only_after_the_end_of_the_letter_it_is_not_known() {
    at_each_step(|step| {
        let of = |why: Why| match step {
            Step::End => Outcome::Unknown { why },
            _ => Outcome::NotDone { retry: true, why },
        };
        let (outcome, _) = send(and(until(step), [Act::Close]));
        match outcome {
            Outcome::Unknown { why: Why::Lost { step: at, .. } } => assert_eq!((at, step), (Step::End, Step::End)),
            Outcome::NotDone { retry: true, why: Why::Lost { step: at, .. } } => {
                assert!(at == step && step != Step::End)
            }
            other => panic!("{step:?}: {other:?}"),
        }
        assert_eq!(give_up(and(until(step), [Act::Silence])), of(Why::Silent { step }));
        let bad = |what| of(Why::Answer { step, what });
        for garbage in ["\r\n", "hello\r\n", "\u{fffd}\0\u{1}\n", "2500 ok\r\n", "999 ok\r\n", "250-ok\r\n251 ok\r\n"] {
            assert_eq!(
                send(and(until(step), [Act::Say(garbage), Act::Silence])).0,
                bad(BadAnswer::NotSmtp),
                "{garbage:?}"
            );
        }
        assert_eq!(give_up(and(until(step), [Act::Say("250-ok\r\n"), Act::Silence])), of(Why::Silent { step }));
        assert_eq!(
            send(and(until(step), [Act::Say("334 what?\r\n"), Act::Silence])).0,
            bad(BadAnswer::Unexpected(334))
        );
    });
}

#[test]
fn an_answer_without_an_end_is_given_up() {
    at_each_step(|step| {
        let of = |why: Why| match step {
            Step::End => Outcome::Unknown { why },
            _ => Outcome::NotDone { retry: true, why },
        };
        let too_long = of(Why::Answer { step, what: BadAnswer::TooLong });
        assert_eq!(send(and(until(step), [Act::Endless("250 and so on ")])).0, too_long);
        assert_eq!(send(and(until(step), [Act::Endless("250-and so on\r\n")])).0, too_long);
        assert_eq!(give_up(and(until(step), [Act::Dribble])), of(Why::Silent { step }));
    });
}

#[test]
fn an_answer_before_its_command_is_not_taken_for_the_next_ones() {
    let unasked = |step| Outcome::NotDone { retry: true, why: Why::Answer { step, what: BadAnswer::Unasked } };
    let (outcome, _) = send(vec![Act::Say("220 a\r\n250 a\r\n"), Act::Silence]);
    assert_eq!(outcome, unasked(Step::Hello));
    let early = and(until(Step::Data), [Act::Say("354 go on\r\n250 I have it\r\n"), Act::Silence]);
    let (outcome, heard) = send(early);
    assert_eq!(outcome, unasked(Step::Body));
    assert!(!heard.concat().contains("Subject"), "nothing of the letter was sent");
}

#[test]
fn what_stands_behind_the_answer_to_starttls_is_not_read_as_if_it_were_encrypted() {
    let injected = "220 go on\r\n250-mail.example\r\n250 AUTH PLAIN\r\n";
    let server = serve(vec![
        Act::Say("220 a\r\n"),
        Act::Hear("EHLO "),
        Act::Say("250-a\r\n250 STARTTLS\r\n"),
        Act::Hear("STARTTLS"),
        Act::Say(injected),
        Act::Silence,
    ]);
    let why = Why::Answer { step: Step::StartTls, what: BadAnswer::Unasked };
    assert_eq!(mailer(&server, "starttls").send(&letter()), Outcome::NotDone { retry: true, why });
}

#[test]
fn without_starttls_nothing_of_the_letter_is_sent() {
    let server =
        serve(vec![Act::Say("220 a\r\n"), Act::Hear("EHLO "), Act::Say("250-a\r\n250 SIZE\r\n"), Act::Silence]);
    assert_eq!(mailer(&server, "starttls").send(&letter()), Outcome::NotDone { retry: true, why: Why::NoStartTls });
    assert_eq!(server.heard().len(), 1, "EHLO only");
}

#[test]
fn a_server_without_tls_gets_no_letter() {
    let server = serve(vec![Act::Say("220 a\r\n"), Act::Silence]);
    let outcome = mailer(&server, "tls").send(&letter());
    assert!(matches!(outcome, Outcome::NotDone { retry: true, why: Why::Tls(_) }), "{outcome:?}");
}

#[test]
fn a_refusal_in_the_middle_of_a_letter_is_not_done() {
    let server = serve(and(until(Step::Data), [Act::Say("354 go on\r\n552 5.3.4 too much\r\n"), Act::Close]));
    let mut long = letter();
    long.file = Some(File { name: "a.pdf".into(), bytes: vec![7; 9 << 20] });
    let outcome = mailer(&server, "none").send(&long);
    assert!(matches!(outcome, Outcome::NotDone { .. }), "{outcome:?}");

    let server = serve(and(
        until(Step::Data),
        [Act::Say("354 go on\r\n"), Act::HearSome, Act::Say("552 5.3.4 too much\r\n"), Act::Close],
    ));
    let reply = Reply { code: 552, enhanced: Some((5, 3, 4)) };
    match mailer(&server, "none").send(&long) {
        Outcome::NotDone { retry: false, why: Why::Refused { step: Step::Body, reply: said } } => {
            assert_eq!(said, reply)
        }
        // The system may drop what was not read when the other side closes with bytes unread.
        Outcome::NotDone { retry: true, why: Why::Lost { step: Step::Body, .. } } => {}
        other => panic!("{other:?}"),
    }
}

#[test]
fn where_no_server_is_later_may_help() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let nobody = Server::nobody(port);
    let why = Why::NoConnection(std::io::ErrorKind::ConnectionRefused);
    assert_eq!(mailer(&nobody, "none").send(&letter()), Outcome::NotDone { retry: true, why });

    let settings = "host = \"mail.invalid\"\nsecurity = \"starttls\"\ntimeout_s = 2\n\
                    [from]\naddress = \"gui@hanoi.example\"\nname = \"UBND\"\n";
    let mailer = Mailer::new(toml::from_str(settings).unwrap()).unwrap();
    let outcome = mailer.send(&letter());
    let retry =
        matches!(outcome, Outcome::NotDone { retry: true, why: Why::NoSuchHost | Why::Silent { step: Step::Connect } });
    assert!(retry, "{outcome:?}");
}

#[test]
fn a_letter_that_cannot_be_sent_needs_no_server() {
    let server = serve(vec![]);
    let mut wrong = letter();
    wrong.number = "1834\r\nBcc: binh@dan.example".to_owned();
    let Outcome::NotDone { retry: false, why: Why::Letter(_) } = mailer(&server, "none").send(&wrong) else {
        panic!("it was sent")
    };
    assert!(server.heard().is_empty());
}
