//! Pictures that ask for more than they are.

use super::*;

/// A marker with what belongs to it.
fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xFF, marker][..], &length, content].concat()
}

/// A picture of so many pixels a side, in tiles of so many, with components of no content.
struct Picture {
    side: u32,
    tile: u32,
    components: u16,
    layers: u16,
    /// Decompositions, and the exponents of code-blocks and precincts.
    levels: u8,
    block: u8,
    precinct: Option<u8>,
    /// In the head of the first tile, or more in the main one.
    more: Vec<u8>,
    in_tile: Vec<u8>,
    order: u8,
}

impl Default for Picture {
    fn default() -> Self {
        Self {
            side: 512,
            tile: 512,
            components: 3,
            layers: 1,
            levels: 5,
            block: 4,
            precinct: None,
            more: Vec::new(),
            in_tile: Vec::new(),
            order: 0,
        }
    }
}

impl Picture {
    fn coding(&self) -> Vec<u8> {
        let layers = self.layers.to_be_bytes();
        let head = [u8::from(self.precinct.is_some()), self.order, layers[0], layers[1], 0];
        let precincts = self.precinct.map_or(Vec::new(), |size| vec![size; usize::from(self.levels) + 1]);
        [&head[..], &[self.levels, self.block, self.block, 0, 1], &precincts].concat()
    }

    fn stream(&self) -> Portrait {
        let [side, tile] = [self.side, self.tile].map(u32::to_be_bytes);
        let grid = [[0, 0].as_slice(), &side, &side, &[0; 8], &tile, &tile, &[0; 8]].concat();
        let size = [grid, self.components.to_be_bytes().to_vec(), [7, 1, 1].repeat(self.components.into())].concat();
        let steps = [&[0x40][..], &vec![0x40; 1 + 3 * usize::from(self.levels)]].concat();
        let picture = [
            [0xFF, 0x4F].to_vec(),
            segment(0x51, &size),
            segment(0x52, &self.coding()),
            segment(0x5C, &steps),
            self.more.clone(),
            segment(0x90, &[0; 8]),
            self.in_tile.clone(),
            [0xFF, 0x93].to_vec(),
            // Packets without content.
            vec![0; 2_000],
            vec![0xFF, 0xD9],
        ];
        Portrait { format: PortraitFormat::Jpeg2000, picture: picture.concat() }
    }
}

/// Whole pictures of a few bytes, which are decoded or refused.
fn pictures() -> Vec<(&'static str, Picture, bool)> {
    let plain = Picture::default;
    let tiny_precincts = || Picture { precinct: Some(0x11), ..plain() };
    let changes = [0, 0, 0, 1, 1, 0, 2].repeat(9_000);
    vec![
        ("plain", plain(), true),
        ("of all that a portrait may have", Picture { side: 2_048, tile: 2_048, layers: 32, ..plain() }, true),
        ("with tiles of a usual size", Picture { side: 2_048, tile: 128, ..plain() }, true),
        ("with precincts of a usual size", Picture { side: 2_048, tile: 2_048, precinct: Some(0x77), ..plain() }, true),
        ("with many levels", Picture { levels: 12, ..plain() }, true),
        ("with tiles of one pixel", Picture { side: 2_048, tile: 1, levels: 0, ..plain() }, false),
        ("with tiles of one pixel, absurdly large", Picture { side: 65_535, tile: 1, ..plain() }, false),
        ("with the smallest code-blocks", Picture { side: 2_048, tile: 2_048, block: 0, layers: 32, ..plain() }, false),
        ("with the smallest precincts", Picture { side: 2_048, tile: 2_048, ..tiny_precincts() }, false),
        (
            "with precincts of one sample",
            Picture { side: 2_048, tile: 2_048, levels: 0, precinct: Some(0), ..plain() },
            false,
        ),
        (
            "with small precincts in order of place",
            Picture { side: 1_024, tile: 1_024, order: 2, ..tiny_precincts() },
            false,
        ),
        ("with many components", Picture { side: 2_048, tile: 2_048, components: 16_384, ..plain() }, false),
        ("with more layers than there are", Picture { layers: 65_535, ..plain() }, false),
        ("that changes its order for ever", Picture { more: segment(0x5F, &changes), ..plain() }, false),
        (
            "whose tile has the smallest precincts",
            Picture {
                side: 2_048,
                tile: 2_048,
                in_tile: segment(0x52, &Picture { side: 2_048, ..tiny_precincts() }.coding()),
                ..plain()
            },
            false,
        ),
    ]
}

const IN_A_NARROW_PROCESS: &str = "KIOSK_TEST_NARROW";

/// Runs itself with less memory than a single one of these pictures would take: who asks for more is ended.
#[test]
fn no_picture_takes_more_memory_than_a_portrait_does() {
    if std::env::var_os(IN_A_NARROW_PROCESS).is_some() {
        for (what, picture, whole) in pictures() {
            assert_eq!(picture.stream().shown().is_ok(), whole, "a picture {what}");
        }
        return;
    }
    #[expect(clippy::disallowed_methods, reason = "a limit of memory holds for a process")]
    let mut narrow = std::process::Command::new("sh");
    let name = "groups::portrait::tests::no_picture_takes_more_memory_than_a_portrait_does";
    narrow.args(["-c", "ulimit -v 262144; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    narrow.args(["--exact", name, "--test-threads=1"]);
    narrow.env(IN_A_NARROW_PROCESS, "1").env("MALLOC_ARENA_MAX", "1");
    let ended = narrow.output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()));
}

#[test]
fn a_file_is_as_bounded_as_the_codestream_in_it() {
    let boxed = |kind: &[u8; 4], content: &[u8]| {
        [&u32::try_from(content.len() + 8).unwrap().to_be_bytes()[..], kind, content].concat()
    };
    let stream = Picture::default().stream().picture;
    let head = [JP2, &[0x0D, 0x0A, 0x87, 0x0A], &boxed(b"ftyp", b"jp2 \0\0\0\0jp2 ")].concat();
    let file = |inside: &[u8], streams: &[&[u8]]| {
        let streams: Vec<u8> = streams.iter().flat_map(|stream| boxed(b"jp2c", stream)).collect();
        [head.clone(), boxed(b"jp2h", inside), streams].concat()
    };
    let bounded = |file: &[u8]| codestream::is_bounded(file, 4_096, 4 << 20);
    assert!(bounded(&file(&boxed(b"colr", &[1, 0, 0, 0, 0, 0, 16]), &[&stream])));
    let palette = boxed(b"pclr", &[0, 1, 3, 7, 7, 7, 1, 2, 3]);
    let large = Picture { precinct: Some(0), ..Picture::default() }.stream().picture;
    for bad in [
        file(&palette, &[&stream]),
        file(&[], &[&stream, &large]),
        file(&[], &[&large]),
        file(&[], &[]),
        file(&[0, 0, 0, 7], &[&stream]),
    ] {
        assert!(!bounded(&bad));
    }
    // What its lengths hide from one who goes by them is not decoded.
    for at in 0..120 {
        let mut changed = stream.clone();
        changed[at] ^= 0xFF;
        let portrait = Portrait { format: PortraitFormat::Jpeg2000, picture: changed };
        assert!(bounded(&portrait.picture) || portrait.shown().is_err());
    }
}
