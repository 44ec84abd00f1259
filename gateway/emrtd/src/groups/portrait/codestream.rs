//! What a JPEG 2000 will cost, from its heads alone: what decodes it allocates as these say, and a few bytes can ask for
//! millions of tiles, precincts or code-blocks: with 2 KB of file, 4 megapixels in tiles of one pixel took 2.3 GB and 19 s.
//! Nothing is decoded here, and what is not followed here is not decoded.
//!
//! Document: ISO/IEC 15444-1 (ITU-T T.800), annexes A (codestream), B (geometry) and I (file).

use std::ops::RangeInclusive;

/// Most tiles, of a picture; and most code-blocks and precincts, of a tile and of all tiles. A portrait of 4 megapixels with
/// three colours and code-blocks of 64 × 64, as all encoders write them, has 5,000.
const TILES_MAX: u64 = 1 << 10;
const BLOCKS_OF_TILE_MAX: u64 = 1 << 16;
const BLOCKS_MAX: u64 = 1 << 20;
/// Colours and a mask.
const COMPONENTS_MAX: u16 = 4;
/// Boxes of a file (annex I): the codestream, the header, and a palette in it.
const CODESTREAM: &[u8] = b"jp2c";
const HEADER: &[u8] = b"jp2h";
const PALETTE: &[u8] = b"pclr";
/// Markers (table A.2), without the `FF` before them.
const SOC: u8 = 0x4F;
const SIZ: u8 = 0x51;
const COD: u8 = 0x52;
const COC: u8 = 0x53;
const TLM: u8 = 0x55;
const PLT: u8 = 0x58;
const QCD: u8 = 0x5C;
const QCC: u8 = 0x5D;
const RGN: u8 = 0x5E;
const CRG: u8 = 0x63;
const COM: u8 = 0x64;
const SOT: u8 = 0x90;
const SOD: u8 = 0x93;
/// Those without anything behind them.
const BARE: RangeInclusive<u8> = 0x30..=0x3F;
/// Bytes of SOT with all that belongs to it.
const SOT_BYTES: usize = 12;

/// What is left of bytes.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number of one to four bytes.
    fn number(&mut self, bytes: usize) -> Option<u32> {
        Some(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn marker(&mut self) -> Option<u8> {
        (self.byte()? == 0xFF).then(|| self.byte())?
    }

    /// What belongs to a marker.
    fn segment(&mut self) -> Option<Rest<'a>> {
        let length = usize::try_from(self.number(2)?).ok()?;
        self.take(length.checked_sub(2)?).map(Rest)
    }
}

/// Whether a file, or a bare codestream, can be decoded within bounds, at most so many pixels a side and in all; not so either
/// if its heads are broken.
pub(super) fn is_bounded(picture: &[u8], side_max: u32, pixels_max: u32) -> bool {
    let stream = if picture.starts_with(super::CODESTREAM) { Some(picture) } else { codestream(picture) };
    stream.is_some_and(|stream| follow(stream, side_max, pixels_max).is_some())
}

/// The only codestream of a file without a palette.
fn codestream(file: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut found) = (Rest(file), None);
    while !rest.0.is_empty() {
        let (kind, content) = boxed(&mut rest)?;
        let mut inside = Rest(if kind == HEADER { content } else { &[] });
        while !inside.0.is_empty() {
            if boxed(&mut inside)?.0 == PALETTE {
                return None;
            }
        }
        if kind == CODESTREAM && found.replace(content).is_some() {
            return None;
        }
    }
    found
}

/// A box: its kind and its content.
fn boxed<'a>(rest: &mut Rest<'a>) -> Option<(&'a [u8], &'a [u8])> {
    let (length, kind) = (rest.number(4)?, rest.take(4)?);
    let length = match length {
        0 => rest.0.len(),
        // The length has eight bytes: of no portrait that comes from a chip.
        1 => return None,
        length => usize::try_from(length).ok()?.checked_sub(8)?,
    };
    rest.take(length).map(|content| (kind, content))
}

/// The picture's grid, as SIZ has it (A.5.1).
struct Grid {
    /// Sides of a tile, as far as it lies in the picture.
    tile: [u32; 2],
    tiles: u64,
    /// How far apart the samples of each component are.
    steps: Vec<[u32; 2]>,
}

impl Grid {
    fn read(siz: &mut Rest<'_>, side_max: u32, pixels_max: u32) -> Option<Self> {
        siz.take(2)?;
        let mut pair = || Some([siz.number(4)?, siz.number(4)?]);
        let (end, begin, tile, tiles_begin) = (pair()?, pair()?, pair()?, pair()?);
        let components = u16::try_from(siz.number(2)?).ok()?;
        let (mut sides, mut tiles) = ([0; 2], 1_u64);
        for axis in 0..2 {
            sides[axis] = end[axis].checked_sub(begin[axis]).filter(|side| (1..=side_max).contains(side))?;
            let count = end[axis].checked_sub(tiles_begin[axis])?.checked_add(tile[axis].checked_sub(1)?)? / tile[axis];
            tiles = tiles.checked_mul(count.into())?;
        }
        let bounded = sides[0].checked_mul(sides[1])? <= pixels_max && (1..=TILES_MAX).contains(&tiles);
        if !bounded || !(1..=COMPONENTS_MAX).contains(&components) {
            return None;
        }
        let mut step = || Some((siz.byte()?, [siz.byte()?.into(), siz.byte()?.into()]).1);
        let steps = (0..components).map(|_| step().filter(|step| !step.contains(&0))).collect::<Option<Vec<_>>>()?;
        let tile = [tile[0].min(sides[0]), tile[1].min(sides[1])];
        siz.0.is_empty().then_some(Self { tile, tiles, steps })
    }

    /// Whether a coding style (A.6.1, table A.15) makes a bounded number of precincts and code-blocks, as if it were that of
    /// all components and tiles.
    fn bears(&self, style: u8, parameters: &mut Rest<'_>) -> Option<bool> {
        let levels = u32::from(parameters.byte()?);
        let block = [u32::from(parameters.byte()?) + 2, u32::from(parameters.byte()?) + 2];
        parameters.take(2)?;
        if levels > 32 || block.iter().any(|exponent| *exponent > 10) {
            return None;
        }
        let mut count = 0_u64;
        for resolution in 0..=levels {
            let sizes = if style & 1 == 0 { 0xFF } else { parameters.byte()? };
            let bands = if resolution == 0 { 1 } else { 3 };
            for step in &self.steps {
                let (mut precincts, mut blocks) = (1_u64, 1_u64);
                for axis in 0..2 {
                    let precinct = u32::from(sizes >> (4 * axis) & 0x0F);
                    // One more, for what lies across a border.
                    let samples = self.tile[axis].div_ceil(step[axis]) + 1;
                    let side = u64::from(samples).div_ceil(1 << (levels - resolution)) + 1;
                    let across = side.div_ceil(1 << precinct) + 1;
                    let block = block[axis].min(if resolution == 0 { precinct } else { precinct.saturating_sub(1) });
                    precincts = precincts.saturating_mul(across);
                    blocks = blocks.saturating_mul(side.div_ceil(1 << block) + across);
                }
                count = count.saturating_add((precincts + blocks).saturating_mul(bands));
            }
        }
        let all = count.saturating_mul(self.tiles);
        parameters.0.is_empty().then_some(count <= BLOCKS_OF_TILE_MAX && all <= BLOCKS_MAX)
    }

    /// One marker of a head and what belongs to it. What reads it goes by what is in it, not by its length: it must be just
    /// as long. `None` for what costs more than it says: other orders of progression, and packet headers packed apart.
    fn allow(&self, marker: u8, rest: &mut Rest<'_>) -> Option<()> {
        if BARE.contains(&marker) {
            return Some(());
        }
        let mut segment = rest.segment()?;
        let whole = segment.0.len();
        let fits = match marker {
            COD => {
                let style = segment.byte()?;
                segment.take(4)?;
                self.bears(style, &mut segment)?
            }
            COC => {
                segment.take(1)?;
                let style = segment.byte()?;
                self.bears(style, &mut segment)?
            }
            QCD | QCC => {
                segment.take(if marker == QCC { 1 } else { 0 })?;
                match (segment.byte()? & 0x1F, segment.0.len()) {
                    (0, _) | (1, 2) => true,
                    (2, length) => length.is_multiple_of(2),
                    _ => false,
                }
            }
            RGN => whole == 3,
            TLM | PLT | CRG | COM => true,
            _ => false,
        };
        fits.then_some(())
    }
}

/// Follows all heads, as what decodes it does.
fn follow(stream: &[u8], side_max: u32, pixels_max: u32) -> Option<()> {
    let mut rest = Rest(stream);
    if (rest.marker()?, rest.marker()?) != (SOC, SIZ) {
        return None;
    }
    let grid = Grid::read(&mut rest.segment()?, side_max, pixels_max)?;
    loop {
        match rest.marker()? {
            SOT => break,
            marker => grid.allow(marker, &mut rest)?,
        }
    }
    loop {
        // Behind its marker.
        let mut head = rest.segment().filter(|head| head.0.len() == SOT_BYTES - 4)?;
        head.take(2)?;
        let length = match usize::try_from(head.number(4)?).ok()? {
            0 => rest.0.len(),
            length => length.checked_sub(SOT_BYTES)?,
        };
        // It may have been cut; what decodes it takes what there is.
        let mut part = Rest(rest.take(length.min(rest.0.len()))?);
        loop {
            match part.marker()? {
                SOD => break,
                marker => grid.allow(marker, &mut part)?,
            }
        }
        if rest.marker() != Some(SOT) {
            return Some(());
        }
    }
}
