//! The most that one copy takes. Larger copies would not be signed (some validators stop at 100,000,000 bytes) or sent.

/// Pages of one copy.
pub const MAX_PAGES: usize = 200;
/// Pixels of one page: A3 at 400 dpi has 31 million.
pub const MAX_PIXELS: u64 = 40_000_000;
/// Width and height of a page, pixels.
pub const MAX_SIDE_PX: u32 = 12_000;
/// Bytes of one picture that goes into the copy as it is.
pub const MAX_PAGE_BYTES: usize = 30_000_000;
/// Bytes of all pictures together: JPEG as they are, others as pixels.
pub const MAX_BYTES: usize = 256 << 20;
/// Words of one page.
pub const MAX_WORDS: usize = 20_000;
/// Bytes of one word.
pub const MAX_WORD_BYTES: usize = 256;
/// Bytes of each fact.
pub const MAX_FACT_BYTES: usize = 600;
/// Least dots per inch of a page (Decree 30/2020).
pub const MIN_DPI: f32 = 200.0;
/// Most dots per inch of a page.
pub const MAX_DPI: f32 = 1200.0;
/// Smallest and largest side of a page, millimetres: from a card to A2.
pub const PAGE_MM: [f32; 2] = [40.0, 600.0];
/// Smallest and largest side of a mark, millimetres.
pub const MARK_MM: [f32; 2] = [8.0, 70.0];
/// Bytes of a mark's picture.
pub const MAX_MARK_BYTES: usize = 4 << 20;
/// Bytes of a template.
pub const MAX_TEMPLATE_BYTES: usize = 64 << 10;
/// Lines of a template.
pub const MAX_TEMPLATE_LINES: usize = 60;
