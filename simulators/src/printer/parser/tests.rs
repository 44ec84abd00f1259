use std::collections::VecDeque;

use proptest::prelude::*;

use super::super::command::{Align, Command, Scale, Target};
use super::{DATA_KEPT, Parser, ROW_KEPT};

/// All commands of these bytes, handed in piece by piece.
fn parse(bytes: &[u8], piece: usize) -> Vec<Command> {
    let (mut parser, mut queue, mut commands) = (Parser::default(), VecDeque::new(), Vec::new());
    for piece in bytes.chunks(piece.max(1)) {
        queue.extend(piece);
        while let (Some(command), _) = parser.next(&mut queue, usize::MAX) {
            commands.push(command);
        }
    }
    commands
}

fn all(bytes: &[u8]) -> Vec<Command> {
    parse(bytes, usize::MAX)
}

#[test]
fn short_commands_are_what_the_reference_says() {
    use Command as C;
    let cases: [(&[u8], Command); 31] = [
        (b"\x1b@", C::Initialise),
        (b"\x1b!\x38", C::PrintMode(0x38)),
        (b"\x1bE\x01", C::Bold(true)),
        (b"\x1bG\x00", C::Bold(false)),
        (b"\x1b-2", C::Underline(2)),
        (b"\x1ba1", C::Align(Align::Centre)),
        (b"\x1bd\x05", C::FeedLines(5)),
        (b"\x1bJ\x20", C::FeedDots(32)),
        (b"\x1b2", C::Spacing(None)),
        (b"\x1b3\x18", C::Spacing(Some(24))),
        (b"\x1bt\x10", C::CodePage(16)),
        (b"\x1bR\x02", C::National(2)),
        (b"\x1bM\x31", C::Font(1)),
        (b"\x1b \x04", C::CharacterSpacing(4)),
        (b"\x1b$\x10\x01", C::Absolute(0x110)),
        (b"\x1b\\\xff\xff", C::Relative(-1)),
        (b"\x1bD\x08\x10\x00", C::Tabs(vec![8, 16])),
        (b"\x1b{\x01", C::UpsideDown(true)),
        (b"\x1d!\x11", C::Size(0x11)),
        (b"\x1dB\x01", C::Reverse(true)),
        (b"\x1dL\x20\x00", C::LeftMargin(32)),
        (b"\x1dW\x00\x02", C::AreaWidth(512)),
        (b"\x1dh\x40", C::BarcodeHeight(64)),
        (b"\x1dw\x02", C::BarcodeWidth(2)),
        (b"\x1dH\x02", C::BarcodeText(2)),
        (b"\x1dV\x00", C::Cut(0, true)),
        (b"\x1dV\x42\x10", C::Cut(16, false)),
        (b"\x1da\xff", C::AutomaticStatus(0xff)),
        (b"\x1dr\x01", C::SensorStatus(1)),
        (b"\x1dI\x43", C::PrinterId(0x43)),
        (b"\x1d(H\x06\x0000abcd", C::ProcessId(*b"abcd")),
    ];
    for (bytes, command) in cases {
        assert_eq!(all(bytes), [command], "{}", bytes.escape_ascii());
    }
}

#[test]
fn pictures_come_row_by_row() {
    let rows = all(b"\x1dv0\x03\x02\x00\x02\x00abcd!");
    let scale = Scale { x: 2, y: 2 };
    let row = |bytes: &[u8]| Command::PictureRow(Target::Paper, bytes.to_vec());
    assert_eq!(rows, [Command::PictureStart(Target::Paper, scale, 16, 2), row(b"ab"), row(b"cd"), Command::Text(b'!')]);

    let stored = all(b"\x1d(L\x0c\x000p0\x01\x011\x08\x00\x02\x00xy\x1d(L\x02\x0002");
    let scale = Scale { x: 1, y: 1 };
    let row = |byte| Command::PictureRow(Target::Store, vec![byte]);
    assert_eq!(stored, [Command::PictureStart(Target::Store, scale, 8, 2), row(b'x'), row(b'y'), Command::PrintStore]);

    let large = all(b"\x1d8L\x0c\x00\x00\x000p0\x01\x011\x08\x00\x02\x00xy.");
    assert_eq!(large.last(), Some(&Command::Text(b'.')));
    assert_eq!(large.len(), 4);
}

#[test]
fn codes_carry_their_data() {
    let qr = all(b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x06\x1d(k\x03\x001E1\x1d(k\x05\x001P0hi\x1d(k\x03\x001Q0");
    let expected = [
        Command::QrModel(50),
        Command::QrSize(6),
        Command::QrCorrection(49),
        Command::QrStore(b"hi".to_vec()),
        Command::QrPrint,
    ];
    assert_eq!(qr, expected);
    assert_eq!(all(b"\x1dk\x04AB\x00"), [Command::Barcode(69, b"AB".to_vec())]);
    assert_eq!(all(b"\x1dkI\x04{BAB"), [Command::Barcode(73, b"{BAB".to_vec())]);
    let columns = Command::Columns { scale: Scale { x: 1, y: 1 }, height: 24, data: b"abcdef".to_vec() };
    assert_eq!(all(b"\x1b*\x21\x02\x00abcdef"), [columns]);
}

#[test]
fn unknown_commands_are_stepped_over_with_their_data() {
    let commands = all(b"\x1bp\x00\x19\xfa\x1d(Z\x03\x00abc\x1cp\x01\x00\x10\x04\x01\x10\x14\x01\x00\x01x");
    assert_eq!(commands.last(), Some(&Command::Text(b'x')));
    let unknown = commands.iter().filter(|command| matches!(command, Command::Unknown(_))).count();
    assert_eq!((unknown, commands.len()), (4, 5));
}

#[test]
fn an_announced_length_is_not_believed_before_it_comes() {
    let mut queue: VecDeque<u8> = b"\x1d8L\xff\xff\xff\xff0p0\x01\x011\xff\xff\xff\xff".iter().copied().collect();
    let mut parser = Parser::default();
    assert!(matches!(parser.next(&mut queue, usize::MAX).0, Some(Command::PictureStart(..))));
    for _ in 0..1000 {
        queue.extend([0xaa; 4096]);
        while let (Some(command), _) = parser.next(&mut queue, usize::MAX) {
            let Command::PictureRow(Target::Store, row) = command else { panic!("{command:?}") };
            assert!(row.len() <= ROW_KEPT);
        }
        assert!(queue.is_empty());
    }
}

/// Bytes that look like commands often.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let starts = prop::sample::select(vec![
        b"\x1b".to_vec(),
        b"\x1d".to_vec(),
        b"\x1c".to_vec(),
        b"\x10".to_vec(),
        b"\x1d(k".to_vec(),
        b"\x1d(L".to_vec(),
        b"\x1d8L".to_vec(),
        b"\x1dv0".to_vec(),
        b"\x1b*".to_vec(),
        b"\x1dk".to_vec(),
        b"\x1bD".to_vec(),
    ]);
    let piece = prop_oneof![starts, prop::collection::vec(any::<u8>(), 0..12)];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn commands_do_not_depend_on_how_bytes_are_cut(bytes in stream(), piece in 1usize..40) {
        prop_assert_eq!(parse(&bytes, piece), all(&bytes));
    }

    #[test]
    fn no_command_is_larger_than_it_may_be(bytes in stream()) {
        for command in all(&bytes) {
            match command {
                Command::PictureRow(_, row) => prop_assert!(row.len() <= ROW_KEPT),
                Command::QrStore(data) | Command::Columns { data, .. } => prop_assert!(data.len() <= DATA_KEPT),
                Command::Barcode(_, data) | Command::Tabs(data) => prop_assert!(data.len() <= 255),
                Command::Unknown(start) => prop_assert!(start.len() <= 24),
                _ => {}
            }
        }
    }

    #[test]
    fn a_limit_is_kept(bytes in stream(), limit in 0usize..50) {
        let (mut parser, mut queue) = (Parser::default(), bytes.iter().copied().collect::<VecDeque<u8>>());
        let mut total = 0;
        loop {
            let (command, taken) = parser.next(&mut queue, limit - total);
            total += taken;
            prop_assert!(total <= limit && queue.len() == bytes.len() - total);
            if command.is_none() {
                break;
            }
        }
    }
}
