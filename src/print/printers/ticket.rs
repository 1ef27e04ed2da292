//! A ticket as the attributes of a job: only what the printer lists; what it does not is told and left to it.

use super::attributes::{Described, QUALITIES};
use super::codec::{Attribute, KEYWORD, Value};
use super::media::{Row, custom_name, size_of_name};
use crate::domain::layout::Margins;
use crate::domain::printers::{Choice, Ticket};

/// How far the page may be from the medium, in mm: names in inches are rounded, and CUPS counts whole points.
const SAME_MM: f64 = 1.0;

/// The attributes of a job, and what had to be left out, in words.
#[must_use]
pub fn attributes(ticket: &Ticket, described: &Described, page_mm: (f64, f64)) -> (Vec<Attribute>, Vec<String>) {
    let printer = &described.printer;
    let (mut sent, mut notes) = (Vec::new(), Vec::new());
    sent.push(media_col(ticket, described, page_mm, &mut notes));
    if described.scaling_none || printer.via == crate::domain::printers::Via::Cups {
        // CUPS's own filters heed it, whether or not the driver lists it.
        sent.push(Attribute::text("print-scaling", KEYWORD, "none"));
    } else {
        notes.push("the printer does not promise to print at 100 %: measure the first sheet".to_owned());
    }
    let listed = |what: &str, key: &Option<String>, choices: &[Choice], notes: &mut Vec<String>| {
        let key = key.as_ref()?;
        if choices.iter().any(|choice| choice.key == *key) {
            return Some(key.clone());
        }
        notes.push(format!("{what} was left to the printer, which does not offer this: {}", super::plain(key)));
        None
    };
    if let Some(key) = listed("print quality", &ticket.quality, &printer.qualities, &mut notes) {
        let quality = QUALITIES.iter().find(|(name, ..)| *name == key);
        sent.extend(quality.map(|(_, number, _)| Attribute::one("print-quality", Value::Enum(*number))));
    }
    if let Some(key) = listed("colour mode", &ticket.colour_mode, &printer.colour_modes, &mut notes) {
        sent.push(Attribute::text("print-color-mode", KEYWORD, &key));
    }
    if let Some(key) = listed("sides", &ticket.sides, &printer.sides, &mut notes) {
        sent.push(Attribute::text("sides", KEYWORD, &key));
    }
    let copies = ticket.copies.max(1);
    if copies > printer.most_copies {
        notes.push(format!("the printer makes at most {} copies in one job, not {copies}", printer.most_copies));
    }
    sent.push(Attribute::one("copies", Value::Integer(copies.min(printer.most_copies) as i32)));
    (sent, notes)
}

/// The row that a ticket means: of its key, else of the page's size; borderless or not, and of its type and tray where
/// there is one.
fn chosen<'a>(ticket: &Ticket, rows: &'a [Row], page_mm: (f64, f64)) -> Option<&'a Row> {
    let upright = (page_mm.0.min(page_mm.1), page_mm.0.max(page_mm.1));
    let is_it = |row: &&Row| match &ticket.medium {
        Some(key) => row.medium.key == *key,
        None => {
            (row.medium.width_mm - upright.0).abs() <= SAME_MM && (row.medium.height_mm - upright.1).abs() <= SAME_MM
        }
    };
    let likeness = |row: &&Row| {
        let same = |wish: &Option<String>, has: &Option<Choice>| match (wish, has) {
            (Some(wish), Some(has)) => {
                if *wish == has.key {
                    2
                } else {
                    0
                }
            }
            _ => 1,
        };
        let edges = u32::from(row.medium.is_borderless() == ticket.borderless) * 10;
        edges + same(&ticket.kind, &row.medium.kind) + same(&ticket.source, &row.medium.source)
    };
    // The last of equals would win: the printer's own order says which it likes best.
    rows.iter().filter(is_it).rev().max_by_key(likeness)
}

fn media_col(ticket: &Ticket, described: &Described, page_mm: (f64, f64), notes: &mut Vec<String>) -> Attribute {
    let row = chosen(ticket, &described.media.rows, page_mm);
    let hundredths = |mm: f64| (mm * 100.0).round() as i32;
    let (x, y, margins) = match row {
        Some(row) => (row.x, row.y, own_margins(row)),
        None => {
            let named = ticket.medium.as_deref().and_then(size_of_name);
            let size = named.unwrap_or((page_mm.0.min(page_mm.1), page_mm.0.max(page_mm.1)));
            let custom = described.media.custom;
            let inside = custom.is_some_and(|sizes| sizes.takes(size.0, size.1));
            if !inside {
                notes.push(format!("the printer does not list this paper: {}", custom_name(size)));
            }
            (hundredths(size.0), hundredths(size.1), custom.filter(|_| inside).map(|sizes| sizes.margins_mm))
        }
    };
    if ticket.borderless && row.is_none_or(|row| !row.medium.is_borderless()) {
        notes.push("the printer does not print this paper to the edge".to_owned());
    }
    let size = vec![Attribute::one("x-dimension", Value::Integer(x)), Attribute::one("y-dimension", Value::Integer(y))];
    let mut columns = vec![Attribute::one("media-size", Value::Collection(size))];
    let takes = |name: &str| described.media_col.is_empty() || described.media_col.contains(name);
    if let Some(margins) = margins {
        for (name, mm) in [
            ("media-top-margin", margins.top),
            ("media-right-margin", margins.right),
            ("media-bottom-margin", margins.bottom),
            ("media-left-margin", margins.left),
        ] {
            if takes(name) {
                columns.push(Attribute::one(name, Value::Integer(hundredths(mm))));
            }
        }
    }
    for (what, name, wish, choices) in [
        ("the type of paper", "media-type", &ticket.kind, &described.printer.kinds),
        ("the tray", "media-source", &ticket.source, &described.printer.sources),
    ] {
        let Some(key) = wish else { continue };
        if takes(name) && choices.iter().any(|choice| choice.key == *key) {
            columns.push(Attribute::text(name, KEYWORD, key));
        } else {
            notes.push(format!("{what} was left to the printer, which does not offer this: {}", super::plain(key)));
        }
    }
    Attribute::one("media-col", Value::Collection(columns))
}

/// The margins as the printer listed them: turned back where its sheet lies.
fn own_margins(row: &Row) -> Option<Margins> {
    let Margins { top, right, bottom, left } = row.medium.margins_mm;
    Some(if row.x > row.y {
        Margins { top: right, right: bottom, bottom: left, left: top }
    } else {
        row.medium.margins_mm
    })
}
