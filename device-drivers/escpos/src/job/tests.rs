use proptest::prelude::*;

use super::*;

const PAPER: Paper = Paper { width_dots: 576, resolution_dpi: 203 };

/// What a receipt may consist of, read from the bytes by rules of this file's own.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Initialize,
    AutomaticStatus,
    Raster { width: usize, rows: Vec<Vec<u8>> },
    Cut(u8),
    Feed(u8),
}

/// Panics at anything that is not allow-listed.
fn commands(mut bytes: &[u8]) -> Vec<Command> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let (command, length) = match bytes {
            [0x1B, 0x40, ..] => (Command::Initialize, 2),
            [0x1B, 0x64, lines, ..] => (Command::Feed(*lines), 3),
            [0x1D, 0x61, 0x0E, ..] => (Command::AutomaticStatus, 3),
            [0x1D, 0x56, m @ (65 | 66), 0, ..] => (Command::Cut(*m), 4),
            [0x1D, 0x76, 0x30, 0, xl, xh, yl, yh, rest @ ..] => {
                let width = usize::from(*xl) + usize::from(*xh) * 256;
                let height = usize::from(*yl) + usize::from(*yh) * 256;
                assert!(width > 0 && height > 0 && height <= 256, "{width} × {height}");
                let rows = rest[..width * height].chunks(width).map(<[u8]>::to_vec).collect();
                (Command::Raster { width, rows }, 8 + width * height)
            }
            other => panic!("not allow-listed: {:02x?}", &other[..other.len().min(8)]),
        };
        all.push(command);
        bytes = &bytes[length..];
    }
    all
}

fn bytes_of(job: &Job) -> Vec<u8> {
    [&job.opening[..], &job.bands.concat(), job.ending].concat()
}

fn picture(rows: usize, ink: impl Fn(usize, usize) -> bool) -> Raster {
    let mut raster = Raster::new(PAPER.width_dots);
    raster.grow(rows);
    for y in 0..rows {
        for x in (0..576).filter(|x| ink(*x, y)) {
            raster.set(x, y);
        }
    }
    raster
}

#[test]
fn a_long_picture_goes_out_in_bands() {
    let job = Job::new(&picture(600, |x, y| x == y % 576), PAPER, Cut::Full);
    let parsed = commands(&bytes_of(&job));
    let heights: Vec<usize> = parsed
        .iter()
        .filter_map(|command| match command {
            Command::Raster { rows, .. } => Some(rows.len()),
            _ => None,
        })
        .collect();
    assert_eq!(heights, [256, 256, 88]);
    assert_eq!(parsed[..2], [Command::Initialize, Command::AutomaticStatus]);
    assert_eq!(parsed.last(), Some(&Command::Cut(65)));
    assert_eq!(job.length_mm, 76);
    assert_eq!(job.total_bytes(), bytes_of(&job).len());
}

#[test]
fn white_at_the_right_is_not_sent() {
    let job = Job::new(&picture(10, |x, _| x < 20), PAPER, Cut::None);
    assert!(matches!(&commands(&job.bands[0])[..], [Command::Raster { width: 3, .. }]));
    assert_eq!(commands(job.ending), [Command::Feed(5)]);
    let white = Job::new(&picture(10, |_, _| false), PAPER, Cut::Partial);
    assert!(matches!(&commands(&white.bands[0])[..], [Command::Raster { width: 1, .. }]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_job_holds_allow_listed_commands_only_and_the_picture(
        rows in 1_usize..600,
        seed in any::<u64>(),
        cut in prop_oneof![Just(Cut::Full), Just(Cut::Partial), Just(Cut::None)],
    ) {
        // Bytes that are often parts of real-time commands.
        let byte = |column: usize, y: usize| {
            let mixed = (seed ^ (column as u64 * 0x9E37 + y as u64 * 0x85EB_CA6B)).wrapping_mul(0x2545_F491_4F6C_DD1D) >> 40;
            [0x10, 0x04, 0x14, 0x05, 0x00, 0xFF, mixed.to_le_bytes()[1], 0x10][(mixed % 8) as usize]
        };
        let raster = picture(rows, |x, y| byte(x / 8, y) & (0x80 >> (x % 8)) != 0);
        let bytes = bytes_of(&Job::new(&raster, PAPER, cut));
        for pair in bytes.windows(2) {
            prop_assert!(pair[0] != 0x10 || ![0x04, 0x05, 0x14].contains(&pair[1]), "a real-time command");
        }
        let mut printed = Vec::new();
        for command in commands(&bytes) {
            if let Command::Raster { rows, .. } = command {
                printed.extend(rows);
            }
        }
        prop_assert_eq!(printed.len(), rows);
        for (printed, drawn) in printed.iter().zip(raster.row_bytes()) {
            let (kept, white) = drawn.split_at(printed.len());
            prop_assert!(white.iter().all(|byte| *byte == 0));
            // Nothing is lost; a dot may be two dots wide.
            prop_assert!(printed.iter().zip(kept).all(|(p, d)| p == d || (*d == 0x10 && *p == 0x18)));
        }
    }
}
