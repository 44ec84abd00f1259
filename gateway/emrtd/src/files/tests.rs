use proptest::prelude::*;

use super::*;
use crate::transport::TransportError;

/// A chip without secure messaging that has one file, in calls of the size that is told.
struct OneFile {
    content: Vec<u8>,
    calls: Vec<usize>,
    /// What it gives less than it should of each read.
    stingy: usize,
    /// The most that it gives at once: it tells it where more is asked for, or more than there is.
    most: Option<usize>,
}

impl OneFile {
    fn of(content: Vec<u8>) -> Session<Self> {
        Session::new(Self { content, calls: Vec::new(), stingy: 0, most: None })
    }

    fn answer(&self, command: &[u8]) -> Vec<u8> {
        if let (Some(most), [0, 0xB0 | 0xB1, high, low, .., expected]) = (self.most, command) {
            let left = self.content.len().saturating_sub(usize::from(*high) << 8 | usize::from(*low));
            let most = if command[1] == 0xB0 { most.min(left) } else { most };
            if *expected == 0 || usize::from(*expected) > most {
                return vec![0x6C, u8::try_from(most).unwrap()];
            }
        }
        let read = |offset: usize, length: usize| {
            let end = (offset + length.saturating_sub(self.stingy)).min(self.content.len());
            self.content.get(offset..end).unwrap_or_default().to_vec()
        };
        match command {
            [0, 0xA4, 2, 0x0C, 2, 1, 2] => vec![0x90, 0],
            [0, 0xA4, ..] => vec![0x6A, 0x82],
            [0, 0xB0, high, low, length] => {
                let length = if *length == 0 { 256 } else { usize::from(*length) };
                [read(usize::from(*high) << 8 | usize::from(*low), length), vec![0x90, 0]].concat()
            }
            [0, 0xB1, 0, 0, _, 0x54, count, rest @ ..] => {
                let (offset, length) = rest.split_at(usize::from(*count));
                let offset = offset.iter().fold(0, |offset, byte| offset << 8 | usize::from(*byte));
                let length = if length[0] == 0 { 256 } else { usize::from(length[0]) };
                let data = read(offset, length - 4);
                [&[0x53, 0x81, u8::try_from(data.len()).unwrap()], data.as_slice(), &[0x90, 0]].concat()
            }
            other => panic!("{other:02X?}"),
        }
    }
}

impl Transport for OneFile {
    fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
        self.calls.push(commands.len());
        Ok(commands.iter().map(|command| self.answer(command)).collect())
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }
}

/// An element of so many bytes in all, with bytes behind it.
fn file(bytes: usize) -> Vec<u8> {
    let value: Vec<u8> = (0..bytes).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let head = tlv::write(0x75, &value).len() - value.len();
    let mut file = tlv::write(0x75, &value[..bytes - head]);
    file.extend([0xEE; 300]);
    file
}

fn read_dg2(session: &mut Session<OneFile>) -> Result<Option<Vec<u8>>, ChipError> {
    read(session, File::Group(2), &mut |_, _| {})
}

#[test]
fn files_of_all_lengths_are_read_to_their_end_and_not_further() {
    for bytes in [2, 100, 255, 256, 257, 508, 600, 4_100, 32_767, 32_768, 33_100, 70_000] {
        let bytes = if (130..140).contains(&bytes) { 140 } else { bytes };
        let content = file(bytes);
        let length = tlv::head(&content).map(|head| head.bytes + head.length).unwrap();
        let got = read_dg2(&mut OneFile::of(content.clone())).unwrap().unwrap();
        assert_eq!(got, content[..length], "{bytes}");
    }
}

#[test]
fn a_long_file_takes_few_calls_and_tells_how_far_it_is() {
    struct Counting<'a>(OneFile, &'a mut Vec<usize>);
    impl Transport for Counting<'_> {
        fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
            self.1.push(commands.len());
            self.0.transmit(commands)
        }

        fn reset(&mut self) -> Result<(), TransportError> {
            Ok(())
        }
    }
    let mut calls = Vec::new();
    let chip = OneFile { content: file(20_000), calls: Vec::new(), stingy: 0, most: None };
    let mut told = Vec::new();
    let mut session = Session::new(Counting(chip, &mut calls));
    read(&mut session, File::Group(2), &mut |got, of| told.push((got, of))).unwrap();
    assert_eq!(calls, [2, 16, 16, 16, 16, 15]);
    assert_eq!((told[0], told.last()), ((256, 20_000), Some(&(20_000, 20_000))));
    assert!(told.is_sorted());
}

#[test]
fn a_chip_that_wants_another_length_gets_it_once() {
    let read_with = |content: &[u8], most| {
        let chip = OneFile { content: content.to_vec(), calls: Vec::new(), stingy: 0, most: Some(most) };
        read_dg2(&mut Session::new(chip))
    };
    let mut short = file(22);
    short.truncate(22);
    assert_eq!(read_with(&short, 200), Ok(Some(short.clone())), "the whole file is shorter than what was asked for");
    for most in [20, 128, 200, 255] {
        let long = file(40_000);
        assert_eq!(read_with(&long, most).map(|got| got.map(|got| got.len())), Ok(Some(40_000)), "{most}");
    }
    // One that never has enough.
    struct Never;
    impl Transport for Never {
        fn transmit(&mut self, commands: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, TransportError> {
            let answer = |command: &Vec<u8>| if command[1] == 0xA4 { vec![0x90, 0] } else { vec![0x6C, 0x10] };
            Ok(commands.iter().map(answer).collect())
        }

        fn reset(&mut self) -> Result<(), TransportError> {
            Ok(())
        }
    }
    let refused = read(&mut Session::new(Never), File::Com, &mut |_, _| {});
    assert!(matches!(refused, Err(ChipError::Refused { status: Status(0x6C10), .. })), "{refused:?}");
}

#[test]
fn what_a_chip_has_not_gives_not_or_lies_about_is_told() {
    let mut session = OneFile::of(file(300));
    assert_eq!(read(&mut session, File::Group(11), &mut |_, _| {}), Ok(None));
    let long = [&[0x75, 0x84, 0x7F, 0xFF, 0xFF, 0xFF][..], &[0; 250]].concat();
    assert!(matches!(read_dg2(&mut OneFile::of(long)), Err(ChipError::TooLong { most: 262_144, .. })));
    let cut = file(1_000)[..600].to_vec();
    assert!(matches!(read_dg2(&mut OneFile::of(cut)), Err(ChipError::TooShort { bytes: 1_000, .. })));
    assert!(matches!(read_dg2(&mut OneFile::of(vec![])), Err(ChipError::Malformed { .. })));
    let mut stingy = Session::new(OneFile { content: file(1_000), calls: Vec::new(), stingy: 1, most: None });
    assert!(matches!(read_dg2(&mut stingy), Err(ChipError::TooShort { .. })));
}

proptest! {
    #[test]
    fn no_content_makes_it_fall(content: Vec<u8>) {
        let _ = read_dg2(&mut OneFile::of(content));
    }
}
