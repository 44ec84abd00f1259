//! The file: TOML, every key known, every text with its line.

use serde::Deserialize;
use toml::Spanned;

use super::{Align, Attestation, FirstPage, Line, Margins, Part, Place, Style, Template, TemplateError, Text};
use crate::code::{MAX_MODULE_MM, MIN_MODULE_MM};
use crate::limits::{MAX_TEMPLATE_BYTES, MAX_TEMPLATE_LINES};

/// The size of the block on the first page (Decree 30/2020): no template changes it.
const FIRST_PAGE_PT: f32 = 10.0;
/// Sizes of text that people can read and that fit, points.
const TEXT_PT: [f32; 2] = [7.0, 24.0];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    first_page: FirstPageTable,
    attestation: AttestationTable,
    #[serde(default)]
    added_page: AddedPageTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstPageTable {
    top_mm: Spanned<f32>,
    right_mm: Spanned<f32>,
    width_mm: Spanned<f32>,
    #[serde(default = "left")]
    align: Align,
    lines: Vec<PlainLine>,
}

/// A line of the first page's block, of which the decree gives the looks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlainLine {
    vi: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AttestationTable {
    place: Place,
    order: Spanned<Vec<Part>>,
    margins_mm: Spanned<Margins>,
    frame_pt: Spanned<f32>,
    officer_share: Spanned<f32>,
    qr_module_mm: Spanned<f32>,
    head: Vec<StyledLine>,
    title: Vec<StyledLine>,
    name: Vec<StyledLine>,
    verify: Vec<StyledLine>,
    conversion: Vec<StyledLine>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct AddedPageTable {
    #[serde(default)]
    head: Vec<StyledLine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StyledLine {
    vi: Spanned<String>,
    en: Option<Spanned<String>>,
    size_pt: Spanned<f32>,
    #[serde(default = "regular")]
    style: Style,
    #[serde(default = "center")]
    align: Align,
    space_pt: Option<Spanned<f32>>,
}

fn regular() -> Style {
    Style::Regular
}

fn center() -> Align {
    Align::Center
}

fn left() -> Align {
    Align::Left
}

/// The file with the places of its lines.
struct Reader<'a> {
    toml: &'a str,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        self.toml.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
    }

    /// A number within its limits.
    fn size(&self, what: &'static str, size: &Spanned<f32>, [from, to]: [f32; 2]) -> Result<f32, TemplateError> {
        let value = *size.get_ref();
        let line = self.line(size.span().start);
        if (from..=to).contains(&value) { Ok(value) } else { Err(TemplateError::Size { line, what, value, from, to }) }
    }

    fn text(&self, text: &Spanned<String>) -> Result<Text, TemplateError> {
        Text::read(text.get_ref(), self.line(text.span().start))
    }

    fn plain(&self, line: &PlainLine, align: Align) -> Result<Line, TemplateError> {
        Ok(Line {
            at: self.line(line.vi.span().start),
            vi: self.text(&line.vi)?,
            en: None,
            size_pt: FIRST_PAGE_PT,
            style: Style::Regular,
            align,
            space_pt: 0.0,
        })
    }

    fn styled(&self, lines: &[StyledLine]) -> Result<Vec<Line>, TemplateError> {
        let styled = lines.iter().map(|line| {
            let space = line.space_pt.as_ref().map(|space| self.size("space_pt", space, [0.0, 60.0])).transpose()?;
            Ok(Line {
                at: self.line(line.vi.span().start),
                vi: self.text(&line.vi)?,
                en: line.en.as_ref().map(|en| self.text(en)).transpose()?,
                size_pt: self.size("size_pt", &line.size_pt, TEXT_PT)?,
                style: line.style,
                align: line.align,
                space_pt: space.unwrap_or_default(),
            })
        });
        styled.collect()
    }

    fn margins(&self, margins: &Spanned<Margins>) -> Result<Margins, TemplateError> {
        let Margins { left, right, top, bottom } = *margins.get_ref();
        let line = self.line(margins.span().start);
        for (what, value) in [("left", left), ("right", right), ("top", top), ("bottom", bottom)] {
            if !(5.0..=50.0).contains(&value) {
                return Err(TemplateError::Size { line, what, value, from: 5.0, to: 50.0 });
            }
        }
        Ok(*margins.get_ref())
    }

    fn order(&self, order: &Spanned<Vec<Part>>) -> Result<[Part; 3], TemplateError> {
        let wrong = || TemplateError::Order { line: self.line(order.span().start) };
        let parts: [Part; 3] = order.get_ref().as_slice().try_into().map_err(|_| wrong())?;
        let all = [Part::Head, Part::Signing, Part::Conversion];
        if all.iter().all(|part| parts.contains(part)) { Ok(parts) } else { Err(wrong()) }
    }

    fn attestation(&self, table: &AttestationTable) -> Result<Attestation, TemplateError> {
        Ok(Attestation {
            place: table.place,
            order: self.order(&table.order)?,
            margins_mm: self.margins(&table.margins_mm)?,
            frame_pt: self.size("frame_pt", &table.frame_pt, [0.0, 3.0])?,
            officer_share: self.size("officer_share", &table.officer_share, [0.3, 0.7])?,
            qr_module_mm: self.size("qr_module_mm", &table.qr_module_mm, [MIN_MODULE_MM, MAX_MODULE_MM])?,
            head: self.styled(&table.head)?,
            title: self.styled(&table.title)?,
            name: self.styled(&table.name)?,
            verify: self.styled(&table.verify)?,
            conversion: self.styled(&table.conversion)?,
        })
    }
}

/// Reads a template's file.
pub(super) fn read(toml: &str) -> Result<Template, TemplateError> {
    if toml.len() > MAX_TEMPLATE_BYTES {
        return Err(TemplateError::TooLarge(toml.len()));
    }
    let reader = Reader { toml };
    let file: File = toml::from_str(toml).map_err(|error| TemplateError::Toml {
        line: reader.line(error.span().map_or(0, |span| span.start)),
        detail: error.message().to_owned(),
    })?;
    if file.version != 1 {
        return Err(TemplateError::Version(file.version));
    }
    let (first, table) = (&file.first_page, &file.attestation);
    let lines = [&table.head, &table.title, &table.name, &table.verify, &table.conversion, &file.added_page.head];
    let lines = first.lines.len() + lines.map(Vec::len).iter().sum::<usize>();
    if lines > MAX_TEMPLATE_LINES {
        return Err(TemplateError::TooManyLines(lines));
    }
    Ok(Template {
        first_page: FirstPage {
            top_mm: reader.size("top_mm", &first.top_mm, [3.0, 30.0])?,
            right_mm: reader.size("right_mm", &first.right_mm, [3.0, 30.0])?,
            width_mm: reader.size("width_mm", &first.width_mm, [30.0, 120.0])?,
            lines: first.lines.iter().map(|line| reader.plain(line, first.align)).collect::<Result<_, _>>()?,
        },
        attestation: reader.attestation(table)?,
        added_page: reader.styled(&file.added_page.head)?,
    })
}
