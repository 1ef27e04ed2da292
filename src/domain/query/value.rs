//! From the text after a field to what it means.

use time::{Date, Month};

use super::words::words;
use super::{FIELDS, Match, NEAR_M};
use crate::domain::colour::ColourLabel;
use crate::domain::photo::{Flag, Format, Rating};
use crate::domain::places::city_named;
use crate::domain::tag::TagName;
use crate::domain::time::Timestamp;

/// Days from 1970-01-01, which is Julian day 2,440,588.
const EPOCH_JULIAN: i32 = 2_440_588;
/// Seats reach from year 1 to 9999; these bounds lie outside and are safe to add one to.
pub(super) const FIRST_DAY: i32 = -800_000;
pub(super) const LAST_DAY: i32 = 3_000_000;
/// Half around the Earth, where everything is near.
const FARTHEST_KM: f64 = 20_100.0;

/// One value of a field; what was expected where it is none.
pub(super) fn meaning(field: &str, value: &str) -> Result<Match, String> {
    let some_words = |what: &str| {
        let words = words(value);
        if words.is_empty() { Err(what.to_owned()) } else { Ok(words) }
    };
    let number = |text: &str| text.parse().ok();
    Ok(match field {
        "tag" => Match::Tag(TagName::new(value).map_err(|_| "a tag name".to_owned())?.key()),
        "person" => Match::Person(some_words("the name of a person")?),
        "text" => Match::Text(some_words("words in the picture")?),
        "camera" => Match::Camera(some_words("a camera name")?),
        "lens" => Match::Lens(some_words("a lens name")?),
        "place" => Match::Place(some_words("a city, a region or a country")?),
        "near" => near(value).ok_or("LAT,LON or the name of a city, and km (64.15,-21.94,10)")?,
        "date" => days(value).ok_or("a date (2024, 2024-05, 2024-05-03, 2024-05..2024-07 or >=2024-05)")?,
        "rating" => Match::Rating(ratings(value).ok_or("0 to 5, >=3 or 1..3")?),
        "flag" => Match::Flag(vec![Flag::from_name(&value.to_ascii_lowercase()).ok_or("pick, reject or none")?]),
        "colour" => {
            let label = ColourLabel::from_name(&value.to_ascii_lowercase());
            Match::Label(vec![label.ok_or("red, yellow, green, blue, purple or none")?])
        }
        "iso" => {
            let (lowest, highest) = range(value, number, u32::MAX).ok_or("a number, >800 or 100..400")?;
            Match::Iso { lowest, highest }
        }
        "f" => {
            let (lowest, highest) = range(value, tenths, u32::MAX).ok_or("an aperture, <2.8 or 1.4..2.8")?;
            Match::Aperture { lowest, highest }
        }
        "size" => {
            let (lowest, highest) = range(value, kibibytes, u32::MAX).ok_or("a size, >20MB or 1MB..5MB")?;
            Match::Size { lowest, highest }
        }
        "type" => {
            let format = Format::from_name(&value.to_ascii_lowercase());
            Match::Format(vec![format.ok_or_else(|| {
                let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
                format!("one of {}", names.join(", "))
            })?])
        }
        "stored" => Match::Stored(match value {
            "yes" => true,
            "no" => false,
            _ => return Err("yes or no".to_owned()),
        }),
        "batch" => {
            let is_one = (1..=26).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
            Match::Batch(if is_one {
                value.to_ascii_uppercase()
            } else {
                return Err("the number of a batch".to_owned());
            })
        }
        _ => return Err(format!("one of {}:", FIELDS.join(": "))),
    })
}

/// Several values of one field as one condition, where the condition can hold a list.
pub(super) fn merge(matches: &mut Vec<Match>) {
    let mut merged: Vec<Match> = Vec::with_capacity(matches.len());
    for next in matches.drain(..) {
        match (merged.last_mut(), next) {
            (Some(Match::Rating(list)), Match::Rating(more)) => list.extend(more),
            (Some(Match::Flag(list)), Match::Flag(more)) => list.extend(more),
            (Some(Match::Label(list)), Match::Label(more)) => list.extend(more),
            (Some(Match::Format(list)), Match::Format(more)) => list.extend(more),
            (_, next) => merged.push(next),
        }
    }
    *matches = merged;
}

/// A comparison of whole numbers as lowest and highest, both included. Nothing between: lowest above highest.
fn range(value: &str, read: impl Fn(&str) -> Option<u32>, top: u32) -> Option<(u32, u32)> {
    if let Some(text) = value.strip_prefix(">=") {
        return Some((read(text)?, top));
    }
    if let Some(text) = value.strip_prefix("<=") {
        return Some((0, read(text)?));
    }
    if let Some(text) = value.strip_prefix('>') {
        return Some(read(text)?.checked_add(1).map_or((1, 0), |lowest| (lowest, top)));
    }
    if let Some(text) = value.strip_prefix('<') {
        return Some(read(text)?.checked_sub(1).map_or((1, 0), |highest| (0, highest)));
    }
    if let Some((low, high)) = value.split_once("..") {
        return Some((read(low)?, read(high)?));
    }
    let exact = read(value)?;
    Some((exact, exact))
}

/// A decimal number that is none of the words that floats also read (`inf`, `nan`, `1e9`).
fn decimal(text: &str) -> Option<f64> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let is_one = plain.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && plain.len() <= 20;
    if is_one { text.parse().ok() } else { None }
}

/// An f-number in tenths.
pub fn tenths(text: &str) -> Option<u32> {
    decimal(text).filter(|number| (0.0..10_000.0).contains(number)).map(|number| (number * 10.0).round() as u32)
}

/// `500KB`, `1.5MB`, `2GiB`, or bytes, in steps of 1,024 bytes, rounded down.
fn kibibytes(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number = decimal(&text[..end])?;
    let unit: f64 = match text[end..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kb" => 1e3,
        "m" | "mb" => 1e6,
        "g" | "gb" => 1e9,
        "t" | "tb" => 1e12,
        "kib" => 1_024.0,
        "mib" => 1_048_576.0,
        "gib" => 1_073_741_824.0,
        "tib" => 1_099_511_627_776.0,
        _ => return None,
    };
    let steps = (number * unit / 1_024.0).floor();
    (steps < f64::from(u32::MAX)).then_some(steps as u32)
}

fn near(value: &str) -> Option<Match> {
    let radius = |km: f64| (km > 0.0).then(|| (km.min(FARTHEST_KM) * 1_000.0).round().max(1.0) as u32);
    let at = |latitude: f64, longitude: f64, radius_m: u32| Match::Near {
        latitude_e6: (latitude * 1e6).round() as i32,
        longitude_e6: (longitude * 1e6).round() as i32,
        radius_m,
    };
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    if let [latitude, longitude, rest @ ..] = parts.as_slice()
        && let (Some(latitude), Some(longitude)) = (decimal(latitude), decimal(longitude))
    {
        let real = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        let radius_m = match rest {
            [] => NEAR_M,
            [km] => radius(decimal(km)?)?,
            _ => return None,
        };
        return real.then(|| at(latitude, longitude, radius_m));
    }
    let (name, radius_m) = match value.rsplit_once(',') {
        Some((name, km)) if decimal(km.trim()).is_some() => (name, radius(decimal(km.trim())?)?),
        _ => (value, NEAR_M),
    };
    let (latitude, longitude) = city_named(name)?;
    Some(at(latitude, longitude, radius_m))
}

fn ratings(value: &str) -> Option<Vec<Rating>> {
    let star = |text: &str| text.parse().ok().filter(|stars| *stars <= 5);
    let (low, high) = range(value, star, 5)?;
    Some((low..=high).filter_map(|stars| Rating::new(u8::try_from(stars).ok()?)).collect())
}

/// A day as people write it; `None` before the year 1 and after 9999.
pub(super) fn day_text(day: i32) -> Option<String> {
    let date = Date::from_julian_day(day.checked_add(EPOCH_JULIAN)?).ok()?;
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    (1..=9999).contains(&year).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The first and last day of a year, a month or a day.
fn period(text: &str) -> Option<(i32, i32)> {
    let mut parts = text.split('-');
    let number = |text: &str, length: usize| -> Option<i32> {
        (text.len() == length && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
    };
    let year = number(parts.next()?, 4).filter(|year| *year >= 1)?;
    let month = parts.next().map(|text| number(text, 2)).map_or(Some(None), |month| month.map(Some))?;
    let day = parts.next().map(|text| number(text, 2)).map_or(Some(None), |day| day.map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let date = |month: i32, day: i32| {
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
    };
    let (first, last) = match (month, day) {
        (None, _) => (date(1, 1)?, date(12, 31)?),
        (Some(month), None) => {
            let first = date(month, 1)?;
            (first, date(month, i32::from(first.month().length(year)))?)
        }
        (Some(month), Some(day)) => (date(month, day)?, date(month, day)?),
    };
    Some((first.to_julian_day() - EPOCH_JULIAN, last.to_julian_day() - EPOCH_JULIAN))
}

fn days(value: &str) -> Option<Match> {
    let (first, last) = if let Some(text) = value.strip_prefix(">=") {
        (period(text)?.0, LAST_DAY)
    } else if let Some(text) = value.strip_prefix("<=") {
        (FIRST_DAY, period(text)?.1)
    } else if let Some(text) = value.strip_prefix('>') {
        (period(text)?.1 + 1, LAST_DAY)
    } else if let Some(text) = value.strip_prefix('<') {
        (FIRST_DAY, period(text)?.0 - 1)
    } else if let Some((from, to)) = value.split_once("..") {
        (period(from)?.0, period(to)?.1)
    } else {
        period(value)?
    };
    Some(Match::Days { first, last })
}

/// A moment, or the last millisecond of a year, a month or a day in UTC.
pub(super) fn moment(value: &str) -> Result<Timestamp, String> {
    Timestamp::from_rfc3339(value)
        .or_else(|| Some(Timestamp((i64::from(period(value)?.1) + 1) * 86_400_000 - 1)))
        .ok_or_else(|| "a date (2024-05-03) or a moment (2024-05-03T12:00:00Z)".to_owned())
}
