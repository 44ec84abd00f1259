use super::super::fault::Fault;
use super::super::machine::{Machine, Taken};
use super::{feed, machine, machine_with, work};

const LINE: &[u8] = b"\x1dv0\x00\x01\x00\x0a\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

fn replies(machine: &mut Machine, bytes: &[u8]) -> Vec<u8> {
    assert_eq!(machine.receive(bytes), Taken::All);
    work(machine);
    machine.take_replies()
}

#[test]
fn real_time_status_tells_each_cause() {
    let ask = |machine: &mut Machine| replies(machine, b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04");
    let cases: [(Option<Fault>, [u8; 4]); 4] = [
        (None, [0x12, 0x12, 0x12, 0x12]),
        (Some(Fault::CoverOpen {}), [0x1a, 0x16, 0x12, 0x12]),
        (Some(Fault::PaperOut { after_rows: 0 }), [0x1a, 0x32, 0x12, 0x7e]),
        (Some(Fault::PaperLow {}), [0x12, 0x12, 0x12, 0x1e]),
    ];
    for (fault, expected) in cases {
        let mut printer = machine();
        if let Some(fault) = fault {
            printer.add_fault(fault);
        }
        assert_eq!(ask(&mut printer), expected);
    }
    let mut printer = machine();
    printer.add_fault(Fault::CutterError {});
    feed(&mut printer, LINE);
    assert_eq!(ask(&mut printer), [0x12, 0x12, 0x12, 0x12]);
    feed(&mut printer, b"\x1dV\x00");
    assert_eq!(ask(&mut printer), [0x1a, 0x52, 0x1a, 0x12]);
    assert_eq!(printer.paper.counters().0, 0);
    printer.clear(None);
    work(&mut printer);
    assert_eq!((printer.paper.counters().0, printer.paper.receipts().count()), (1, 1));
}

#[test]
fn status_is_answered_in_the_middle_of_a_picture() {
    let mut printer = machine();
    assert_eq!(replies(&mut printer, b"\x1dv0\x00\x04\x00\x01\x00\x10\x04"), b"");
    assert_eq!(replies(&mut printer, b"\x01\xff"), [0x12]);
    // The bytes were picture all the same.
    assert_eq!(printer.paper.current().rows, 1);
}

#[test]
fn a_clear_request_forgets_what_waits_for_paper_and_says_so() {
    let mut printer = machine();
    printer.add_fault(Fault::PaperOut { after_rows: 4 });
    printer.receive(LINE);
    work(&mut printer);
    printer.receive(&[LINE, b"\x1dv0\x00\x04\x00"].concat());
    assert_eq!(replies(&mut printer, b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"), b"\x37\x25\x00");
    printer.clear(None);
    feed(&mut printer, b"\x1dV\x00");
    let rows: Vec<u32> = printer.paper.receipts().map(|receipt| receipt.rows).collect();
    assert_eq!(rows, [4], "only what was on paper before");
    // One wrong parameter, and it is not that command.
    assert_eq!(replies(&mut printer, b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x09"), b"");
}

#[test]
fn automatic_status_comes_at_once_and_at_each_change() {
    let mut printer = machine();
    assert_eq!(replies(&mut printer, b"\x1da\x0e"), [0x10, 0, 0, 0x0f]);
    printer.add_fault(Fault::PaperLow {});
    work(&mut printer);
    assert_eq!(printer.take_replies(), [0x10, 0, 0x03, 0x0f]);
    printer.add_fault(Fault::CoverOpen {});
    work(&mut printer);
    assert_eq!(printer.take_replies(), [0x38, 0, 0x03, 0x0f]);
    work(&mut printer);
    assert_eq!(printer.take_replies(), b"");
    printer.clear(None);
    work(&mut printer);
    assert_eq!(printer.take_replies(), [0x10, 0, 0, 0x0f]);
    assert_eq!(replies(&mut printer, b"\x1da\x00"), b"");
    printer.add_fault(Fault::PaperLow {});
    work(&mut printer);
    assert_eq!(printer.take_replies(), b"");
}

#[test]
fn answers_in_order_wait_for_the_paper() {
    let mut printer = machine();
    printer.add_fault(Fault::PaperOut { after_rows: 4 });
    let bytes = [LINE, b"\x1d(H\x06\x0000job7\x1dr\x01"].concat();
    assert_eq!(replies(&mut printer, &bytes), b"");
    assert_eq!(printer.paper.current().rows, 4);
    assert_eq!(replies(&mut printer, b"\x10\x04\x04"), [0x7e]);
    printer.clear(None);
    work(&mut printer);
    assert_eq!(printer.paper.current().rows, 10);
    assert_eq!(printer.take_replies(), b"\x37\x22job7\x00\x00");
}

#[test]
fn printer_ids_are_told() {
    let mut printer = machine();
    assert_eq!(replies(&mut printer, b"\x1dI\x01\x1dI\x02"), [0x20, 0x02]);
    let model = replies(&mut printer, b"\x1dI\x43");
    assert!(model.starts_with(b"_SIM") && model.ends_with(&[0]));
}

#[test]
fn the_buffer_is_bounded_and_goes_on_after_recovery() {
    let mut printer = machine_with(1000);
    printer.add_fault(Fault::CoverOpen {});
    let mut sent = 0;
    while printer.room() > 0 {
        let now = printer.room().min(LINE.len());
        printer.receive(&LINE.iter().copied().cycle().skip(sent % LINE.len()).take(now).collect::<Vec<_>>());
        sent += now;
        work(&mut printer);
    }
    assert_eq!((sent, printer.paper.current().rows), (1000, 0));
    printer.clear(None);
    work(&mut printer);
    assert!(printer.room() > 900);
    assert!(printer.paper.current().rows >= 1000 / 18 * 10);
}

#[test]
fn a_command_left_unfinished_by_one_client_does_not_eat_the_next_ones() {
    let mut printer = machine();
    printer.add_fault(Fault::PaperOut { after_rows: 0 });
    printer.receive(&[LINE, b"\x1dv0\x00\x48\x00\xff\x00half of a picture"].concat());
    printer.client_gone();
    printer.receive(b"next\n\x1b");
    printer.client_gone();
    work(&mut printer);
    printer.clear(None);
    work(&mut printer);
    feed(&mut printer, b"last\n");
    assert_eq!(printer.paper.current().text, ["next", "last"]);
}

#[test]
fn dropping_happens_once_after_its_bytes() {
    let mut printer = machine();
    printer.add_fault(Fault::DropAfter { bytes: 10, unplug: false });
    assert_eq!(printer.receive(b"12345678"), Taken::All);
    assert_eq!(printer.receive(b"9\nnever"), Taken::Dropped(false));
    printer.client_gone();
    work(&mut printer);
    assert_eq!(printer.paper.current().text, ["123456789"]);
    assert_eq!(printer.receive(&[b'x'; 100]), Taken::All);
}

#[test]
fn silence_and_garbage_change_answers_only() {
    let mut printer = machine();
    printer.add_fault(Fault::Silence { printing: true });
    assert_eq!(replies(&mut printer, b"\x10\x04\x01a\n"), b"");
    assert_eq!(printer.paper.current().text, ["a"]);
    printer.clear(None);
    printer.add_fault(Fault::Silence { printing: false });
    assert_eq!(replies(&mut printer, b"\x10\x04\x01b\n"), b"");
    assert_eq!(printer.paper.current().text, ["a"]);
    printer.clear(None);
    printer.add_fault(Fault::Garbage {});
    let asked: Vec<u8> = b"\x10\x04\x01".repeat(40);
    let garbage = replies(&mut printer, &asked);
    assert!(garbage.len() == 40 && garbage.iter().any(|byte| *byte != 0x12));
    assert_eq!(printer.paper.current().text, ["a", "b"]);
}

#[test]
fn unknown_commands_are_counted_and_the_list_is_bounded() {
    let mut printer = machine();
    feed(&mut printer, b"\x1cp\x01\x00\x1cp\x01\x00\x1bt\xc8");
    assert_eq!(printer.to_json()["unknown_commands"]["\\x1cp\\x01\\x00"], 2);
    for first in 0x80..=0xff {
        feed(&mut printer, &[0x1b, first, 0]);
    }
    assert!(printer.to_json()["unknown_commands"].as_object().unwrap().len() <= 64);
}

#[test]
fn endless_paper_is_torn_off_and_old_receipts_go() {
    let mut printer = machine();
    for _ in 0..70 {
        feed(&mut printer, &[LINE, b"\x1dV\x00"].concat());
    }
    assert_eq!(printer.paper.receipts().count(), 64);
    assert_eq!(printer.paper.receipts().next().unwrap().number, 7);
    let before = printer.paper.counters().1;
    feed(&mut printer, &b"\x1b3\xff\x1bd\xff".repeat(200));
    assert!(printer.paper.current().rows <= 16_384);
    assert_eq!(printer.paper.counters().1 - before, 200 * 255 * 255);
    assert_eq!(printer.paper.receipts().count(), 64);
}

#[test]
fn recovery_by_forgetting_drops_what_waits_behind_a_jammed_cutter() {
    let mut printer = machine();
    printer.add_fault(Fault::CutterError {});
    feed(&mut printer, &[LINE, b"\x1dV\x00"].concat());
    printer.receive(b"waits\n\x10\x05\x02");
    printer.clear(None);
    work(&mut printer);
    assert_eq!((printer.paper.counters().0, printer.paper.current().text.len()), (0, 0));
    feed(&mut printer, b"new\n\x1dV\x00");
    assert_eq!(
        (printer.paper.counters().0, printer.paper.receipts().next().unwrap().text.as_slice()),
        (1, &["new".to_owned()][..])
    );
}
