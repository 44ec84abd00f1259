//! Whether the coded data of a JPEG file is the whole picture: every block of it is walked over, none is decoded.
//!
//! A scanner that stops early may still write the end marker, and decoders then make up the rest without a word (so does
//! `zune-jpeg`, also in its strict mode). A copy of half a page must not be certified.
//!
//! Document: ITU-T T.81, sections F.2.2 (sequential decoding), E.2.4 (restarts) and annex C (codes).

use super::PageFault;

/// Codes have at most 16 bits.
const LONGEST: usize = 16;

/// A table of Huffman codes: for each 16 bits that may come, the length of the code that they begin with and its symbol.
#[derive(Clone)]
pub(super) struct Codes(Vec<(u8, u8)>);

impl Codes {
    /// Of the numbers of codes of each length, and the symbols in their order.
    pub(super) fn new(counts: &[u8; LONGEST], symbols: &[u8]) -> Option<Self> {
        let mut table = vec![(0, 0); 1 << LONGEST];
        let (mut code, mut next) = (0_usize, symbols.iter());
        for (length, &count) in (1_u8..).zip(counts) {
            for _ in 0..count {
                let width = 1 << (LONGEST - usize::from(length));
                let symbol = *next.next()?;
                table.get_mut(code..code + width)?.fill((length, symbol));
                code += width;
            }
        }
        next.next().is_none().then_some(Self(table))
    }
}

/// One colour of the scan.
pub(super) struct Component<'a> {
    /// Blocks of it in each unit of the scan.
    pub(super) blocks: usize,
    pub(super) dc: &'a Codes,
    pub(super) ac: &'a Codes,
}

/// The bits of a scan up to the next marker.
struct Bits<'a> {
    rest: &'a [u8],
    buffer: u64,
    count: u32,
}

impl Bits<'_> {
    /// Makes 32 bits or more ready, or all that there are.
    fn fill(&mut self) {
        while self.count <= 56 {
            let byte = match *self.rest {
                [0xFF, 0, ref rest @ ..] => {
                    self.rest = rest;
                    0xFF
                }
                // A marker.
                [] | [0xFF, ..] => return,
                [byte, ref rest @ ..] => {
                    self.rest = rest;
                    byte
                }
            };
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    fn skip(&mut self, bits: u32) -> Result<(), PageFault> {
        if bits > self.count {
            return Err(PageFault::Cut);
        }
        self.buffer <<= bits;
        self.count -= bits;
        Ok(())
    }

    /// The next symbol; the bits that belong to it, at most 15 and the low half of it, are passed over.
    fn symbol(&mut self, codes: &Codes) -> Result<u8, PageFault> {
        if self.count < 32 {
            self.fill();
        }
        let next = usize::from(u16::try_from(self.buffer >> 48).unwrap_or(0));
        let (length, symbol) = codes.0.get(next).copied().unwrap_or_default();
        if length == 0 {
            return Err(if self.count < 16 { PageFault::Cut } else { bad("a code is not known") });
        }
        self.skip(u32::from(length) + u32::from(symbol & 15))?;
        Ok(symbol)
    }

    /// One block of 64 coefficients.
    fn block(&mut self, dc: &Codes, ac: &Codes) -> Result<(), PageFault> {
        if self.symbol(dc)? > 11 {
            return Err(bad("a coefficient is too large"));
        }
        let mut at = 1;
        while at < 64 {
            let symbol = self.symbol(ac)?;
            at += match symbol {
                // Nothing but zeros to the end; sixteen zeros; some zeros and a coefficient.
                0 => return Ok(()),
                0xF0 => 16,
                _ if symbol & 15 == 0 => return Err(bad("a run is not known")),
                _ => usize::from(symbol >> 4) + 1,
            };
        }
        if at == 64 { Ok(()) } else { Err(bad("a block is too long")) }
    }

    /// Passes over what fills the last byte, and takes the marker behind it.
    fn marker(&mut self) -> Result<u8, PageFault> {
        (self.buffer, self.count) = (0, 0);
        super::next_marker(&mut self.rest)
    }
}

fn bad(what: &str) -> PageFault {
    PageFault::Damaged(what.to_owned())
}

/// Walks over a scan of so many units with a restart after each `interval` (0: none); returns what comes behind it, from its
/// marker on.
pub(super) fn walk<'a>(
    data: &'a [u8],
    units: usize,
    interval: usize,
    parts: &[Component<'_>],
) -> Result<&'a [u8], PageFault> {
    let mut bits = Bits { rest: data, buffer: 0, count: 0 };
    let mut restart = 0;
    for unit in 0..units {
        if interval > 0 && unit > 0 && unit % interval == 0 {
            if bits.count >= 8 {
                return Err(bad("there is more between two restarts than belongs there"));
            }
            if bits.marker()? != 0xD0 | restart {
                return Err(bad("a restart is missing"));
            }
            restart = (restart + 1) & 7;
        }
        for part in parts {
            for _ in 0..part.blocks {
                bits.block(part.dc, part.ac)?;
            }
        }
    }
    // Some scanners put zeros before the end marker. Anything else is a part of the picture that its head leaves out.
    bits.fill();
    let filling = bits.count % 8;
    bits.skip(filling)?;
    let zeros = bits.rest.iter().take_while(|&&byte| byte == 0).count();
    match bits.rest.get(zeros..) {
        Some(behind @ [0xFF, ..]) if bits.buffer == 0 => Ok(behind),
        Some([]) | None if bits.buffer == 0 => Err(PageFault::Cut),
        _ => Err(bad("it has more rows than its head says")),
    }
}
