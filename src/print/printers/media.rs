//! Media of a printer: rows of `media-col-database`, or names with margins where it has none.

use super::codec::{Attribute, Value, find};
use super::words;
use crate::domain::layout::Margins;
use crate::domain::paper::{MAX_SIDE_MM, MIN_SIDE_MM, MM_PER_INCH, Paper};
use crate::domain::printers::{Choice, CustomSizes, Medium};

/// Rows that are looked at, at most.
const MOST_ROWS: usize = 20_000;
/// Media that are kept, at most.
const MOST_MEDIA: usize = 1_000;
/// What is taken for the edge of a printer that does not say, in mm: a quarter of an inch, as most lasers.
const UNKNOWN_EDGE_MM: f64 = 6.35;
/// How far a size may be from the named one to be it, in mm.
const SAME_MM: f64 = 0.5;

/// A medium with the size that the printer gave it, in hundredths of a millimetre.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// For people.
    pub medium: Medium,
    /// `x-dimension`.
    pub x: i32,
    /// `y-dimension`.
    pub y: i32,
}

/// Everything about media that a printer says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Media {
    /// Sizes with margins, types and sources.
    pub rows: Vec<Row>,
    /// The sizes between which any is possible.
    pub custom: Option<CustomSizes>,
}

/// A size in mm from its name: `iso_a4_210x297mm`, `na_letter_8.5x11in` (PWG 5101.1, 5).
#[must_use]
pub fn size_of_name(name: &str) -> Option<(f64, f64)> {
    let size = name.rsplit('_').next()?;
    let (numbers, factor) = match size.strip_suffix("mm") {
        Some(numbers) => (numbers, 1.0),
        None => (size.strip_suffix("in")?, MM_PER_INCH),
    };
    let (width, height) = numbers.split_once('x')?;
    let side = |text: &str| text.parse::<f64>().ok().map(|side| side * factor);
    let (width, height) = (side(width)?, side(height)?);
    (is_side(width) && is_side(height)).then_some((width, height))
}

fn is_side(mm: f64) -> bool {
    (MIN_SIDE_MM..=MAX_SIDE_MM).contains(&mm)
}

fn near(a: (f64, f64), b: (f64, f64), most: f64) -> bool {
    (a.0 - b.0).abs() <= most && (a.1 - b.1).abs() <= most
}

/// What people call a sheet of this size.
#[must_use]
pub fn label(width_mm: f64, height_mm: f64) -> String {
    let named = Paper::all().find(|paper| near((paper.width_mm(), paper.height_mm()), (width_mm, height_mm), SAME_MM));
    named.map_or_else(|| format!("{}×{} mm", width_mm.round(), height_mm.round()), |paper| paper.label())
}

fn integer(members: &[Attribute], name: &str) -> Option<i32> {
    match find(members, name).first()? {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

fn members<'a>(members: &'a [Attribute], name: &str) -> Option<&'a [Attribute]> {
    match find(members, name).first()? {
        Value::Collection(inner) => Some(inner),
        _ => None,
    }
}

fn span(members: &[Attribute], name: &str) -> Option<(i32, i32)> {
    match find(members, name).first()? {
        Value::Integer(number) => Some((*number, *number)),
        Value::Range(from, to) => Some((*from, *to)),
        _ => None,
    }
}

/// The keyword or name that a value has, where it is one that can be shown and sent back.
#[must_use]
pub fn keyword(value: &Value) -> Option<&str> {
    match value {
        Value::Text(_, text) if !text.is_empty() && text.len() <= 255 && !text.chars().any(char::is_control) => {
            Some(text)
        }
        _ => None,
    }
}

fn choice(row: &[Attribute], name: &str, label: fn(&str) -> String) -> Option<Choice> {
    let key = keyword(find(row, name).first()?)?;
    Some(Choice { key: key.to_owned(), label: label(key) })
}

/// `media-top-margin` and its siblings of a row, in mm.
fn margins(row: &[Attribute], usual: Margins) -> Margins {
    let one = |name: &str, usual: f64| {
        integer(row, name)
            .map(|margin| f64::from(margin) / 100.0)
            .filter(|mm| (0.0..=100.0).contains(mm))
            .unwrap_or(usual)
    };
    Margins {
        top: one("media-top-margin", usual.top),
        right: one("media-right-margin", usual.right),
        bottom: one("media-bottom-margin", usual.bottom),
        left: one("media-left-margin", usual.left),
    }
}

/// What the printer lists as edges: the widest of each side, and whether all of them may be zero.
fn edges(printer: &[Attribute]) -> (Margins, bool) {
    let listed = |name: &str| -> Vec<f64> {
        let numbers = find(printer, name).iter().filter_map(|value| match value {
            Value::Integer(number) => Some(f64::from(*number) / 100.0),
            _ => None,
        });
        numbers.filter(|mm| (0.0..=100.0).contains(mm)).collect()
    };
    let all = ["top", "right", "bottom", "left"].map(|side| listed(&format!("media-{side}-margin-supported")));
    let widest = |list: &Vec<f64>| list.iter().copied().reduce(f64::max).unwrap_or(UNKNOWN_EDGE_MM);
    let borderless = all.iter().all(|list| list.contains(&0.0));
    let [top, right, bottom, left] = all.each_ref().map(widest);
    (Margins { top, right, bottom, left }, borderless)
}

/// A row of an upright sheet; one that is fed lying is turned to the right.
fn row(key: String, (x, y): (i32, i32), margins_mm: Margins) -> Option<Row> {
    let (mut width, mut height, mut margins_mm) = (f64::from(x) / 100.0, f64::from(y) / 100.0, margins_mm);
    if !is_side(width) || !is_side(height) {
        return None;
    }
    if width > height {
        (width, height) = (height, width);
        let Margins { top, right, bottom, left } = margins_mm;
        margins_mm = Margins { top: left, right: top, bottom: right, left: bottom };
    }
    let fits = margins_mm.left + margins_mm.right < width && margins_mm.top + margins_mm.bottom < height;
    let medium = Medium {
        key,
        label: label(width, height),
        width_mm: width,
        height_mm: height,
        margins_mm,
        kind: None,
        source: None,
    };
    fits.then_some(Row { medium, x, y })
}

/// The name that a printer has for a size, or the one that the standard makes for any (PWG 5101.1, 5.1.3).
fn name_for(names: &[(&str, (f64, f64))], x: i32, y: i32) -> String {
    let size = (f64::from(x) / 100.0, f64::from(y) / 100.0);
    // Names in inches are rounded in hundredths of a millimetre.
    let known = names.iter().find(|(name, listed)| near(*listed, size, 0.02) && !name.starts_with("custom_m"));
    known.map_or_else(|| custom_name(size), |(name, _)| (*name).to_owned())
}

/// The standard's name for a size that has none.
#[must_use]
pub fn custom_name((width_mm, height_mm): (f64, f64)) -> String {
    let side = |mm: f64| (mm * 100.0).round() / 100.0;
    let (width, height) = (side(width_mm), side(height_mm));
    format!("custom_{width}x{height}mm_{width}x{height}mm")
}

impl Media {
    /// From the attributes of a printer.
    #[must_use]
    pub fn of(printer: &[Attribute]) -> Self {
        let (usual, borderless) = edges(printer);
        let names: Vec<(&str, (f64, f64))> = find(printer, "media-supported")
            .iter()
            .take(MOST_ROWS)
            .filter_map(keyword)
            .filter_map(|name| size_of_name(name).map(|size| (name, size)))
            .collect();
        let mut media = Self::default();
        for value in find(printer, "media-col-database").iter().take(MOST_ROWS) {
            if let Value::Collection(columns) = value {
                media.take_row(columns, &names, usual);
            }
        }
        if media.rows.is_empty() {
            for (name, size) in &names {
                let hundredths = |mm: f64| (mm * 100.0).round() as i32;
                let size = (hundredths(size.0), hundredths(size.1));
                if name.starts_with("custom_m") {
                    media.widen(size, usual, size.1);
                    continue;
                }
                media.push(row((*name).to_owned(), size, usual));
                if borderless && usual != Margins::all(0.0) {
                    media.push(row((*name).to_owned(), size, Margins::all(0.0)));
                }
            }
        }
        media
    }

    fn take_row(&mut self, columns: &[Attribute], names: &[(&str, (f64, f64))], usual: Margins) {
        let Some(size) = members(columns, "media-size") else { return };
        let (Some(x), Some(y)) = (span(size, "x-dimension"), span(size, "y-dimension")) else { return };
        let margins_mm = margins(columns, usual);
        if x.0 != x.1 || y.0 != y.1 {
            self.widen((x.0, y.0), margins_mm, y.1);
            self.widen((x.1, y.1), margins_mm, y.1);
            return;
        }
        let named = find(columns, "media-size-name").first().and_then(keyword).map(str::to_owned);
        let made = row(named.unwrap_or_else(|| name_for(names, x.0, y.0)), (x.0, y.0), margins_mm);
        self.push(made.map(|mut row| {
            row.medium.kind = choice(columns, "media-type", words::media_type);
            row.medium.source = choice(columns, "media-source", words::media_source);
            row
        }));
    }

    fn push(&mut self, row: Option<Row>) {
        let Some(row) = row else { return };
        if self.rows.len() < MOST_MEDIA && !self.rows.contains(&row) {
            self.rows.push(row);
        }
    }

    /// Takes a size into those between which any is possible; no paper beyond the longest that we lay out.
    fn widen(&mut self, (x, y): (i32, i32), margins_mm: Margins, longest: i32) {
        if x <= 0 || y <= 0 || longest <= 0 {
            return;
        }
        let side = |hundredths: i32| (f64::from(hundredths) / 100.0).clamp(MIN_SIDE_MM, MAX_SIDE_MM);
        let size = (side(x), side(y));
        let sizes = self.custom.get_or_insert(CustomSizes { least_mm: size, most_mm: size, margins_mm });
        sizes.least_mm = (sizes.least_mm.0.min(size.0), sizes.least_mm.1.min(size.1));
        sizes.most_mm = (sizes.most_mm.0.max(size.0), sizes.most_mm.1.max(size.1));
    }

    /// The key of the medium that the printer takes unless told otherwise.
    #[must_use]
    pub fn default_key(&self, printer: &[Attribute]) -> Option<String> {
        let size = members(printer, "media-col-default").and_then(|columns| members(columns, "media-size"));
        let size = size.and_then(|size| Some((integer(size, "x-dimension")?, integer(size, "y-dimension")?)));
        let by_size = size.and_then(|(x, y)| self.rows.iter().find(|row| (row.x, row.y) == (x, y)));
        let by_name = || {
            let name = find(printer, "media-default").first().and_then(keyword)?;
            self.rows.iter().find(|row| row.medium.key == name)
        };
        by_size.or_else(by_name).map(|row| row.medium.key.clone())
    }
}
