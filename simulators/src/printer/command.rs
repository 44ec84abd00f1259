//! The commands that the printer carries out, each as a value (Epson ESC/POS Command Reference). No bytes, no drawing.

/// Left, centre, right: `ESC a`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Align {
    #[default]
    Left,
    Centre,
    Right,
}

/// Where the rows of a picture go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Straight to the paper: `GS v 0`.
    Paper,
    /// Into the store, until it is printed: `GS ( L` or `GS 8 L`, function 112.
    Store,
}

/// Magnification of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// Across.
    pub x: u8,
    /// Down.
    pub y: u8,
}

/// What the printer was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A byte to print, from 0x20 on.
    Text(u8),
    /// LF, or CR LF's second half.
    LineFeed,
    /// HT
    Tab,
    /// ESC @
    Initialise,
    /// ESC ! n
    PrintMode(u8),
    /// ESC E n, and ESC G n (double-strike looks the same)
    Bold(bool),
    /// ESC - n: dots, 0 to 2
    Underline(u8),
    /// ESC a n
    Align(Align),
    /// ESC d n
    FeedLines(u8),
    /// ESC J n
    FeedDots(u8),
    /// ESC 2 (none) or ESC 3 n
    Spacing(Option<u8>),
    /// ESC t n
    CodePage(u8),
    /// ESC R n
    National(u8),
    /// ESC M n
    Font(u8),
    /// ESC SP n
    CharacterSpacing(u8),
    /// ESC $ nL nH
    Absolute(u16),
    /// ESC \ nL nH
    Relative(i16),
    /// ESC D n… NUL: columns of characters
    Tabs(Vec<u8>),
    /// ESC { n
    UpsideDown(bool),
    /// GS ! n
    Size(u8),
    /// GS B n
    Reverse(bool),
    /// GS L nL nH
    LeftMargin(u16),
    /// GS W nL nH
    AreaWidth(u16),
    /// A picture begins: dots across, rows.
    PictureStart(Target, Scale, u32, u32),
    /// One row of it, 8 dots a byte, most significant first; cut to what the paper could take.
    PictureRow(Target, Vec<u8>),
    /// ESC * m nL nH: columns of 8 or 24 dots, top first
    Columns {
        /// Magnification.
        scale: Scale,
        /// Dots of one column: 8 or 24.
        height: u8,
        /// `height / 8` bytes a column.
        data: Vec<u8>,
    },
    /// GS ( L function 50
    PrintStore,
    /// GS ( k, function 65
    QrModel(u8),
    /// GS ( k, function 67: dots of a module
    QrSize(u8),
    /// GS ( k, function 69: 48 to 51 for L, M, Q, H
    QrCorrection(u8),
    /// GS ( k, function 80
    QrStore(Vec<u8>),
    /// GS ( k, function 81
    QrPrint,
    /// GS h n
    BarcodeHeight(u8),
    /// GS w n
    BarcodeWidth(u8),
    /// GS H n: 0 no text, 1 above, 2 below, 3 both
    BarcodeText(u8),
    /// GS k m: the system as of function B (65 to 73), and the data
    Barcode(u8, Vec<u8>),
    /// GS V: dots to feed first; true for a full cut
    Cut(u8, bool),
    /// GS a n
    AutomaticStatus(u8),
    /// GS r n
    SensorStatus(u8),
    /// GS ( H function 48: answered when all before it is on paper
    ProcessId([u8; 4]),
    /// GS I n
    PrinterId(u8),
    /// A command that this printer knows and that changes nothing on the paper here (drawer, smoothing, page mode, …),
    /// or that it does not know at all; its first bytes.
    Unknown(Vec<u8>),
}
