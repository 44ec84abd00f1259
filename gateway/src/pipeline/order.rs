//! Reading order: rows from top to bottom, and in a row from left to right.

use super::geometry::{TurnedBox, weighted_median};

/// Two boxes stand in one row when they overlap by this part of the lower one's height.
const SAME_ROW: f32 = 0.5;

/// Sorts `lines` into reading order.
pub(crate) fn reading_order(lines: &mut Vec<TurnedBox>) {
    let mut angles: Vec<(f32, f32)> = lines.iter().map(|line| (line.angle, line.width)).collect();
    let skew = weighted_median(&mut angles).unwrap_or(0.0);
    let (sin, cos) = skew.sin_cos();
    let down = |line: &TurnedBox| line.centre.y * cos - line.centre.x * sin;
    let right = |line: &TurnedBox| line.centre.x * cos + line.centre.y * sin;
    lines.sort_by(|a, b| down(a).total_cmp(&down(b)));

    let mut rows: Vec<Vec<TurnedBox>> = Vec::new();
    for line in lines.drain(..) {
        // Compared with the row's last box only: a row of a bent page may sink from one end to the other.
        let row = rows.iter_mut().rev().take(3).find(|row| {
            row.iter().any(|other| {
                let overlap = (line.height + other.height) / 2.0 - (down(&line) - down(other)).abs();
                overlap > SAME_ROW * line.height.min(other.height)
            })
        });
        match row {
            Some(row) => row.push(line),
            None => rows.push(vec![line]),
        }
    }
    for mut row in rows {
        row.sort_by(|a, b| right(a).total_cmp(&right(b)));
        lines.append(&mut row);
    }
}

#[cfg(test)]
mod tests;
