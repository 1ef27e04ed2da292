//! From the tree of conditions back to text, so that it can be kept, shown and read again.

use std::fmt::{self, Display, Formatter};

use super::value::{FIRST_DAY, LAST_DAY, day_text};
use super::{Expr, Match, Query};

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(at) = self.as_of {
            write!(f, "as-of:{}", at.to_rfc3339())?;
            return match &self.filter {
                Expr::All(parts) if parts.is_empty() => Ok(()),
                Expr::Any(_) => write!(f, " ({})", self.filter),
                other => write!(f, " {other}"),
            };
        }
        write!(f, "{}", self.filter)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) => joined(f, parts, " ", |part| matches!(part, Self::Any(_))),
            Self::Any(parts) => joined(f, parts, " or ", |_| false),
            Self::Not(inner) => match &**inner {
                // `|` inside a term is not a `-` of the whole.
                Self::Is(what) => write!(f, "-{what}"),
                other => write!(f, "-({other})"),
            },
            Self::Is(what) => write!(f, "{what}"),
        }
    }
}

fn joined(f: &mut Formatter<'_>, parts: &[Expr], with: &str, group: impl Fn(&Expr) -> bool) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(with)?;
        }
        if group(part) {
            write!(f, "({part})")?;
        } else {
            write!(f, "{part}")?;
        }
    }
    Ok(())
}

impl Display for Match {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let quoted =
            |f: &mut Formatter<'_>, field: &str, text: &str| write!(f, "{field}:\"{}\"", text.replace('"', "\"\""));
        match self {
            Self::Words { words, prefix: false } => write!(f, "\"{}\"", words.join(" ")),
            Self::Words { words, prefix: true } => {
                let text = words.join("_");
                f.write_str(&text)?;
                // So that they are words and not what joins them.
                if ["and", "or", "not"].contains(&text.as_str()) { f.write_str("_") } else { Ok(()) }
            }
            Self::Tag(key) => quoted(f, "tag", key),
            Self::Person(words) => quoted(f, "person", &words.join(" ")),
            Self::Text(words) => quoted(f, "text", &words.join(" ")),
            Self::Camera(words) => quoted(f, "camera", &words.join(" ")),
            Self::Lens(words) => quoted(f, "lens", &words.join(" ")),
            Self::Place(words) => quoted(f, "place", &words.join(" ")),
            Self::Near { latitude_e6, longitude_e6, radius_m } => {
                let degrees = |e6: i32| f64::from(e6) / 1e6;
                let km = f64::from(*radius_m) / 1e3;
                write!(f, "near:{:.6},{:.6},{km:.3}", degrees(*latitude_e6), degrees(*longitude_e6))
            }
            Self::Days { first, last } => days(f, *first, *last),
            Self::Rating(list) if list.is_empty() => f.write_str("rating:>5"),
            Self::Rating(list) => values(f, "rating", list.iter().map(|rating| rating.stars())),
            Self::Flag(list) => values(f, "flag", list.iter().map(|flag| flag.name())),
            Self::Label(list) => values(f, "colour", list.iter().map(|label| label.name())),
            Self::Format(list) => values(f, "type", list.iter().map(|format| format.name())),
            Self::Iso { lowest, highest } => range(f, "iso", *lowest, *highest, |n| n.to_string()),
            Self::Aperture { lowest, highest } => {
                range(f, "f", *lowest, *highest, |n| format!("{}.{}", n / 10, n % 10))
            }
            Self::Size { lowest, highest } => range(f, "size", *lowest, *highest, |n| format!("{n}KiB")),
            Self::Stored(yes) => f.write_str(if *yes { "stored:yes" } else { "stored:no" }),
            Self::Batch(beginning) => write!(f, "batch:{beginning}"),
        }
    }
}

fn values<T: Display>(f: &mut Formatter<'_>, field: &str, values: impl Iterator<Item = T>) -> fmt::Result {
    for (index, value) in values.enumerate() {
        match index {
            0 => write!(f, "{field}:{value}")?,
            _ => write!(f, "|{value}")?,
        }
    }
    Ok(())
}

fn range(f: &mut Formatter<'_>, field: &str, low: u32, high: u32, text: impl Fn(u32) -> String) -> fmt::Result {
    match high {
        u32::MAX => write!(f, "{field}:>={}", text(low)),
        high if low == high => write!(f, "{field}:{}", text(low)),
        high => write!(f, "{field}:{}..{}", text(low), text(high)),
    }
}

/// Days that lie before the year 1 or after 9999 can only be the open end of a range, or next to it.
fn days(f: &mut Formatter<'_>, first: i32, last: i32) -> fmt::Result {
    match (day_text(first), day_text(last)) {
        (Some(first), Some(last)) => write!(f, "date:{first}..{last}"),
        (Some(first), None) => write!(f, "date:>={first}"),
        (None, Some(last)) => write!(f, "date:<={last}"),
        (None, None) if last == LAST_DAY => write!(f, "date:>{}", day_text(first - 1).unwrap_or_default()),
        (None, None) => {
            debug_assert_eq!(first, FIRST_DAY, "one end is open");
            write!(f, "date:<{}", day_text(last + 1).unwrap_or_default())
        }
    }
}
