//! A table for people at a terminal: columns as wide as they must be, several lines in a cell, colour where it is shown.

use std::io::IsTerminal;

use super::{Found, Survey};

/// Whether colours are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::run) enum Paint {
    Colour,
    Plain,
}

/// The colours that mean something here (ECMA-48, 8.3.117).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::run) enum Tone {
    Bold,
    Green,
    Yellow,
    Red,
    Faint,
}

impl Paint {
    /// Colours on a terminal, unless somebody does not want them (no-color.org).
    pub(in crate::run) fn of_stdout() -> Self {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        if std::io::stdout().is_terminal() && !unwanted { Self::Colour } else { Self::Plain }
    }

    pub(in crate::run) fn tone(self, tone: Tone, text: &str) -> String {
        let code = match tone {
            Tone::Bold => 1,
            Tone::Faint => 2,
            Tone::Red => 31,
            Tone::Green => 32,
            Tone::Yellow => 33,
        };
        if self == Self::Plain || text.is_empty() { text.to_owned() } else { format!("\x1b[{code}m{text}\x1b[0m") }
    }
}

/// One line of a cell.
type Line = (String, Option<Tone>);
/// A row: the lines of each cell.
type Row = Vec<Vec<Line>>;

/// All that is attached.
pub(super) fn of_devices(survey: &Survey, paint: Paint) -> String {
    let head = ["PORT", "ID", "DEVICE", "INTERFACES, NODES", "DRIVERS"];
    let mut rows: Vec<Row> = vec![head.iter().map(|name| vec![((*name).to_owned(), Some(Tone::Bold))]).collect()];
    rows.extend(survey.usb.iter().map(of_device));
    for other in &survey.other {
        let name = other.name.clone().unwrap_or_default();
        let node = other.node.display().to_string();
        rows.push(vec![
            plain("-"),
            plain("-"),
            plain(&name),
            plain(&node),
            vec![faint(&format!("{}, not USB", other.what))],
        ]);
    }
    if rows.len() == 1 {
        return "Nothing is attached that a kiosk could use: no USB device, no camera.".into();
    }
    laid_out(&rows, paint)
}

fn of_device(found: &Found) -> Row {
    let mut name =
        plain(&[found.maker.as_deref(), found.model.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" "));
    if let Some(serial) = &found.serial {
        name.push(faint(&format!("serial {serial}")));
    }
    let mut parts: Vec<Line> = found
        .interfaces
        .iter()
        .map(|interface| {
            let holder = interface.kernel_driver.as_ref().map(|driver| format!(" ({driver})")).unwrap_or_default();
            (format!("{}{holder}", interface.what), None)
        })
        .collect();
    parts.dedup();
    parts.extend(found.nodes.iter().chain(&found.links).map(|node| faint(&node.display().to_string())));
    let drivers: Vec<Line> = match &found.drivers[..] {
        [] => vec![("no driver knows it".to_owned(), Some(Tone::Yellow))],
        fits => fits
            .iter()
            .map(|fit| {
                let (text, tone) = if fit.known {
                    (fit.driver.clone(), Tone::Green)
                } else {
                    (format!("{}, by its class", fit.driver), Tone::Bold)
                };
                (text, Some(tone))
            })
            .collect(),
    };
    vec![plain(&found.port), plain(&found.ids), name, parts, drivers]
}

fn plain(text: &str) -> Vec<Line> {
    vec![(text.to_owned(), None)]
}

fn faint(text: &str) -> Line {
    (text.to_owned(), Some(Tone::Faint))
}

fn laid_out(rows: &[Row], paint: Paint) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |text: &str| text.chars().count();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.flatten().map(|(text, _)| width(text)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let height = row.iter().map(Vec::len).max().unwrap_or(0).max(1);
        for line in 0..height {
            let mut shown = String::new();
            for (cell, wanted) in row.iter().zip(&widths) {
                let (part, tone) = cell.get(line).map_or(("", None), |(part, tone)| (part.as_str(), *tone));
                shown.push_str(&tone.map_or_else(|| part.to_owned(), |tone| paint.tone(tone, part)));
                shown.push_str(&" ".repeat(wanted - width(part) + 2));
            }
            text.push_str(shown.trim_end());
            text.push('\n');
        }
    }
    text
}
