//! Commands to strips of paper: text lines, pictures, codes. Knows no status and no clock; the strips wait in a queue
//! until the paper moves.

use std::collections::VecDeque;

use qrcode::{EcLevel, QrCode};

use super::barcode;
use super::bitmap::Bitmap;
use super::charset::{CodePage, national};
use super::command::{Command, Scale, Target};
use super::font::Font;
use super::line::{Line, indent};
use super::paper::Barcode;
use super::style::Style;

/// Rows of a stored picture; more are dropped, as with a printer whose memory is full.
const STORE_ROWS: usize = 8192;

/// Something for the paper, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strip {
    /// One row of dots.
    Row(Vec<u8>),
    /// White rows.
    Feed(u32),
    /// A cut; true: full.
    Cut(bool),
    /// A QR code's payload, before its rows.
    Qr(String),
    /// A barcode, before its rows.
    Barcode(Barcode),
    /// A line's characters, before its rows.
    Text(String),
}

/// The part of the printer that lays out.
#[derive(Debug)]
pub struct Layout {
    font: Font,
    paper: u32,
    style: Style,
    line: Line,
    picture: Option<(Scale, u32)>,
    store: Option<(Scale, u32, Vec<Vec<u8>>)>,
    qr: Vec<u8>,
    /// What waits for the paper.
    pub strips: VecDeque<Strip>,
}

impl Layout {
    /// For paper so many dots wide.
    #[must_use]
    pub fn new(font: Font, paper: u32) -> Self {
        Self {
            font,
            paper,
            style: Style::default(),
            line: Line::default(),
            picture: None,
            store: None,
            qr: Vec::new(),
            strips: VecDeque::new(),
        }
    }

    /// Forgets what is laid out and not on paper yet; settings stay.
    pub fn forget(&mut self) {
        self.line = Line::default();
        self.picture = None;
        self.strips.clear();
    }

    /// Carries a command out; those that are not for the paper are not known here and answer false.
    pub fn run(&mut self, command: &Command) -> bool {
        let style = &mut self.style;
        match command {
            Command::Text(byte) => self.text(*byte),
            Command::LineFeed => self.feed(1),
            Command::Tab => self.tab(),
            Command::Initialise => {
                self.style = Style::default();
                self.line = Line::default();
                (self.store, self.qr) = (None, Vec::new());
            }
            Command::PrintMode(n) => style.print_mode(*n),
            Command::Bold(on) => style.look.bold = *on,
            Command::Underline(dots) => style.look.underline = *dots,
            Command::Align(align) => style.align = *align,
            Command::FeedLines(lines) => self.feed(*lines),
            Command::FeedDots(dots) => self.flush(u32::from(*dots)),
            Command::Spacing(spacing) => style.spacing = spacing.unwrap_or(Style::default().spacing),
            Command::CodePage(page) => {
                style.page = CodePage::numbered(*page);
                return style.page.is_some();
            }
            Command::National(set) => style.national = *set,
            Command::Font(font) => style.font = (*font).min(1),
            Command::CharacterSpacing(dots) => style.character_spacing = *dots,
            Command::Absolute(dots) => self.line.x = u32::from(*dots).min(self.style.area(self.paper).1),
            Command::Relative(dots) => {
                let area = self.style.area(self.paper).1;
                self.line.x = self.line.x.saturating_add_signed((*dots).into()).min(area);
            }
            Command::Tabs(tabs) => style.tabs = rising(tabs),
            Command::UpsideDown(on) => style.turned = *on,
            Command::Size(n) => style.size(*n),
            Command::Reverse(on) => style.look.reverse = *on,
            Command::LeftMargin(dots) => style.left = (*dots).into(),
            Command::AreaWidth(dots) => style.area = Some((*dots).into()),
            Command::PictureStart(Target::Paper, scale, width, _) => {
                self.flush(0);
                self.picture = Some((*scale, *width));
            }
            Command::PictureStart(Target::Store, scale, width, _) => self.store = Some((*scale, *width, Vec::new())),
            Command::PictureRow(Target::Paper, row) => {
                if let Some((scale, width)) = self.picture {
                    self.picture_row(scale, width, row);
                }
            }
            Command::PictureRow(Target::Store, row) => {
                if let Some((_, _, rows)) = self.store.as_mut().filter(|store| store.2.len() < STORE_ROWS) {
                    rows.push(row.clone());
                }
            }
            Command::PrintStore => self.print_store(),
            Command::Columns { scale, height, data } => self.columns(*scale, *height, data),
            Command::QrModel(_) => {}
            Command::QrSize(dots) => style.qr_module = (*dots).clamp(1, 16),
            Command::QrCorrection(level) => style.qr_correction = *level,
            Command::QrStore(data) => self.qr.clone_from(data),
            Command::QrPrint => return self.print_qr(),
            Command::BarcodeHeight(dots) => style.barcode_height = (*dots).max(1),
            Command::BarcodeWidth(dots) => style.barcode_module = (*dots).clamp(2, 6),
            Command::BarcodeText(position) => style.barcode_text = position & 3,
            Command::Barcode(system, data) => self.barcode(*system, data),
            Command::Cut(feed, full) => {
                self.flush(0);
                self.strips.extend([Strip::Feed((*feed).into()), Strip::Cut(*full)]);
            }
            _ => return false,
        }
        true
    }

    fn text(&mut self, byte: u8) {
        let style = &self.style;
        let character = national(style.national, byte)
            .or_else(|| style.page.map(|page| page.decode(byte)))
            .unwrap_or(if byte < 0x80 { char::from(byte) } else { '?' });
        let (cell, area) = (style.cell(), style.area(self.paper).1);
        if self.line.x + u32::from(cell.0) > area && !self.line.is_empty() {
            self.feed(1);
        }
        self.line.character(character, cell, self.style.gap(), self.style.look);
    }

    fn tab(&mut self) {
        let unit = u32::from(self.style.cell().0) + u32::from(self.style.gap());
        let next = self.style.tabs.iter().map(|tab| u32::from(*tab) * unit).find(|x| *x > self.line.x);
        if let Some(x) = next {
            self.line.x = x.min(self.style.area(self.paper).1);
        }
    }

    /// Prints the line and moves on by so many lines.
    fn feed(&mut self, lines: u8) {
        self.flush(u32::from(self.style.spacing) * u32::from(lines));
    }

    /// Prints the line; from its top to the next line's are at least so many dots.
    fn flush(&mut self, advance: u32) {
        let mut printed = 0;
        if !self.line.is_empty() {
            let text = self.line.text();
            if !text.is_empty() {
                self.strips.push_back(Strip::Text(text));
            }
            let (left, area) = self.style.area(self.paper);
            let (align, turned) = (self.style.align, self.style.turned);
            let dots = self.line.print(&mut self.font, self.paper, left, area, align, turned);
            printed = dots.height();
            self.push(&dots);
        }
        self.line.x = 0;
        if advance > printed {
            self.strips.push_back(Strip::Feed(advance - printed));
        }
    }

    fn push(&mut self, dots: &Bitmap) {
        self.strips.extend((0..dots.height()).map(|y| Strip::Row(dots.row(y).to_vec())));
    }

    fn picture_row(&mut self, scale: Scale, width: u32, row: &[u8]) {
        let (left, area) = self.style.area(self.paper);
        let start = left + indent(self.style.align, area, width.saturating_mul(scale.x.into()));
        let mut dots = Bitmap::new(self.paper, 1);
        let across = u32::from(scale.x);
        for (place, byte) in (0..).zip(row) {
            for bit in 0..8 {
                let x = place * 8 + bit;
                if byte & (0x80 >> bit) != 0 && x < width {
                    dots.fill(start + x * across, 0, across, 1);
                }
            }
        }
        for _ in 0..scale.y {
            self.push(&dots);
        }
    }

    fn print_store(&mut self) {
        self.flush(0);
        if let Some((scale, width, rows)) = self.store.take() {
            for row in &rows {
                self.picture_row(scale, width, row);
            }
        }
    }

    fn columns(&mut self, scale: Scale, height: u8, data: &[u8]) {
        let bytes = usize::from(height / 8);
        let (across, down) = (u32::from(scale.x), u32::from(scale.y));
        let room = self.style.area(self.paper).1.saturating_sub(self.line.x) / across;
        let columns = u32::try_from(data.len() / bytes).unwrap_or(u32::MAX).min(room);
        let mut picture = Bitmap::new(columns * across, u32::from(height) * down);
        for (x, column) in (0..columns).zip(data.chunks(bytes)) {
            for y in 0..u32::from(height) {
                if column[(y / 8) as usize] & (0x80 >> (y % 8)) != 0 {
                    picture.fill(x * across, y * down, across, down);
                }
            }
        }
        self.line.picture(picture);
    }

    fn print_qr(&mut self) -> bool {
        let level = match self.style.qr_correction {
            49 => EcLevel::M,
            50 => EcLevel::Q,
            51 => EcLevel::H,
            _ => EcLevel::L,
        };
        let Ok(code) = QrCode::with_error_correction_level(&self.qr, level) else { return false };
        self.flush(0);
        let (side, module) = (u32::try_from(code.width()).unwrap_or(0), u32::from(self.style.qr_module));
        let mut picture = Bitmap::new(side * module, side * module);
        for (place, color) in (0..).zip(code.to_colors()) {
            if color == qrcode::Color::Dark {
                picture.fill(place % side * module, place / side * module, module, module);
            }
        }
        self.strips.push_back(Strip::Qr(String::from_utf8_lossy(&self.qr).into_owned()));
        self.line.picture(picture);
        self.flush(0);
        true
    }

    fn barcode(&mut self, system: u8, data: &[u8]) {
        let symbol = barcode::symbol(system, data);
        let text = symbol.as_ref().map_or_else(|| data.escape_ascii().to_string(), |(_, text)| text.clone());
        let noted = Barcode { system: barcode::name(system), data: text, drawn: symbol.is_some() };
        self.flush(0);
        self.strips.push_back(Strip::Barcode(noted));
        let Some((modules, text)) = symbol else { return };
        let (module, height) = (u32::from(self.style.barcode_module), u32::from(self.style.barcode_height));
        let mut picture = Bitmap::new(u32::try_from(modules.len()).unwrap_or(0) * module, height);
        for (place, _) in (0..).zip(&modules).filter(|(_, bar)| **bar) {
            picture.fill(place * module, 0, module, height);
        }
        for (position, bit) in [(0, 1), (1, 0), (2, 2)] {
            if position == 1 {
                self.line.picture(picture.clone());
                self.flush(0);
            } else if self.style.barcode_text & bit != 0 {
                for character in text.chars() {
                    self.line.character(character, (12, 24), 0, super::line::Look::default());
                }
                self.flush(0);
            }
        }
    }
}

/// Tab stops count only as long as they rise; the rest is forgotten, as the reference says.
fn rising(tabs: &[u8]) -> Vec<u8> {
    let mut kept: Vec<u8> = Vec::new();
    for tab in tabs.iter().take(32) {
        if kept.last().is_some_and(|last| tab <= last) {
            break;
        }
        kept.push(*tab);
    }
    kept
}
