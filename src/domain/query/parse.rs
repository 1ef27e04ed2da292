//! From text to terms.

use time::{Date, Month};

use super::words::words;
use super::{MAX_QUERY_BYTES, MAX_TERMS, Match, Query, QueryError, Term};
use crate::domain::photo::{Flag, Format, Rating};
use crate::domain::tag::TagName;

/// One piece of the text between spaces, with its quotes resolved.
struct Piece<'a> {
    /// Byte offset of the piece, after its `-`.
    at: usize,
    not: bool,
    /// `tag` in `tag:x`.
    field: Option<&'a str>,
    /// What stands after the field, or the whole.
    value: &'a str,
    /// Byte offset of the value.
    value_at: usize,
    quoted: bool,
}

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    let fail = |at: usize, expected: &str, found: &str| QueryError {
        position: text.get(..at).map_or(0, |before| before.chars().count()) + 1,
        expected: expected.to_owned(),
        found: found.chars().take(40).collect(),
    };
    if text.len() > MAX_QUERY_BYTES {
        return Err(fail(0, &format!("a search of at most {MAX_QUERY_BYTES} bytes"), text));
    }
    let mut query = Query::default();
    let mut rest = 0;
    while let Some(piece) = next_piece(text, &mut rest) {
        if query.terms.len() >= MAX_TERMS {
            return Err(fail(piece.at, &format!("at most {MAX_TERMS} terms"), piece.value));
        }
        if let Some(what) = meaning(&piece).map_err(|expected| {
            let at = if piece.field.is_some_and(|field| !FIELDS.contains(&field)) { piece.at } else { piece.value_at };
            fail(at, &expected, &text[at..rest])
        })? {
            query.terms.push(Term { not: piece.not, what });
        }
    }
    Ok(query)
}

/// Cuts off the next piece; `from` moves behind it.
fn next_piece<'a>(text: &'a str, from: &mut usize) -> Option<Piece<'a>> {
    let skipped = text[*from..].find(|c: char| !c.is_whitespace())?;
    let mut at = *from + skipped;
    let not = text[at..].starts_with('-');
    if not {
        at += 1;
    }
    let body = &text[at..];
    // A field is ASCII letters and a colon: `12:30` and `C:\` (one letter) are words.
    let letters = body.bytes().take_while(u8::is_ascii_alphabetic).count();
    let field = (letters > 1 && body[letters..].starts_with(':')).then(|| &body[..letters]);
    let value_at = field.map_or(at, |field| at + field.len() + 1);
    let value = &text[value_at..];
    if let Some(inner) = value.strip_prefix('"') {
        let length = inner.find('"').unwrap_or(inner.len());
        *from = (value_at + 1 + length + 1).min(text.len());
        return Some(Piece { at, not, field, value: &inner[..length], value_at, quoted: true });
    }
    let length = value.find(char::is_whitespace).unwrap_or(value.len());
    *from = value_at + length;
    Some(Piece { at, not, field, value: &value[..length], value_at, quoted: false })
}

const FIELDS: [&str; 9] = ["tag", "camera", "lens", "date", "rating", "flag", "iso", "type", "stored"];

/// The meaning of a piece; `None` where it has none (punctuation alone), `Err` with what was expected.
fn meaning(piece: &Piece<'_>) -> Result<Option<Match>, String> {
    let value = piece.value;
    let Some(field) = piece.field else {
        let words = words(value);
        if words.is_empty() {
            return if piece.not && !piece.quoted && value.is_empty() {
                Err("a term after the minus".to_owned())
            } else {
                Ok(None)
            };
        }
        return Ok(Some(Match::Words { words, prefix: !piece.quoted }));
    };
    let some_words = |what: &str| {
        let words = words(value);
        if words.is_empty() { Err(format!("a {what} name")) } else { Ok(words) }
    };
    Ok(Some(match field {
        "tag" => Match::Tag(TagName::new(value).map_err(|_| "a tag name".to_owned())?.key()),
        "camera" => Match::Camera(some_words("camera")?),
        "lens" => Match::Lens(some_words("lens")?),
        "date" => days(value).ok_or("a date (2024, 2024-05, 2024-05-03, 2024-05..2024-07 or >=2024-05)")?,
        "rating" => Match::Rating(ratings(value).ok_or("0 to 5, >=3 or 1..3")?),
        "flag" => Match::Flag(alternatives(value, Flag::from_name).ok_or("pick, reject or none")?),
        "iso" => {
            let (lowest, highest) =
                range(value, |text| text.parse().ok(), u32::MAX).ok_or("a number, >800 or 100..400")?;
            Match::Iso { lowest, highest }
        }
        "type" => Match::Format(alternatives(value, Format::from_name).ok_or_else(|| {
            let names: Vec<_> = Format::ALL.iter().map(|format| format.name()).collect();
            format!("one of {}", names.join(", "))
        })?),
        "stored" => Match::Stored(match value {
            "yes" => true,
            "no" => false,
            _ => return Err("yes or no".to_owned()),
        }),
        _ => return Err(format!("one of {}:", FIELDS.join(": "))),
    }))
}

fn alternatives<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    value.split('|').map(|part| read(&part.to_ascii_lowercase())).collect()
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

fn ratings(value: &str) -> Option<Vec<Rating>> {
    let star = |text: &str| text.parse().ok().filter(|stars| *stars <= 5);
    let mut found = Vec::new();
    for part in value.split('|') {
        let (low, high) = range(part, star, 5)?;
        found.extend((low..=high).filter_map(|stars| Rating::new(u8::try_from(stars).ok()?)));
    }
    Some(found)
}

/// Days from 1970-01-01, which is Julian day 2,440,588.
fn day_number(date: Date) -> i32 {
    date.to_julian_day() - 2_440_588
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
    Some((day_number(first), day_number(last)))
}

fn days(value: &str) -> Option<Match> {
    // Seats reach from year 1 to 9999; these bounds lie outside and are safe to add one to.
    const FIRST: i32 = -800_000;
    const LAST: i32 = 3_000_000;
    let (first, last) = if let Some(text) = value.strip_prefix(">=") {
        (period(text)?.0, LAST)
    } else if let Some(text) = value.strip_prefix("<=") {
        (FIRST, period(text)?.1)
    } else if let Some(text) = value.strip_prefix('>') {
        (period(text)?.1 + 1, LAST)
    } else if let Some(text) = value.strip_prefix('<') {
        (FIRST, period(text)?.0 - 1)
    } else if let Some((from, to)) = value.split_once("..") {
        (period(from)?.0, period(to)?.1)
    } else {
        period(value)?
    };
    Some(Match::Days { first, last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::TakenAt;
    use proptest::prelude::*;

    fn one(text: &str) -> Match {
        let query = Query::parse(text).unwrap();
        assert_eq!(query.terms.len(), 1, "{text}");
        assert!(!query.terms[0].not);
        query.terms[0].what.clone()
    }

    fn day(text: &str) -> i32 {
        TakenAt::from_rfc3339(&format!("{text}T12:00:00")).unwrap().day()
    }

    fn wrong(text: &str) -> (usize, String) {
        let error = Query::parse(text).unwrap_err();
        (error.position, error.expected)
    }

    #[test]
    fn words_and_phrases() {
        assert_eq!(one("Éric"), Match::Words { words: vec!["eric".into()], prefix: true });
        assert_eq!(one("IMG_12"), Match::Words { words: vec!["img".into(), "12".into()], prefix: true });
        let gate = Match::Words { words: vec!["golden".into(), "gate".into()], prefix: false };
        assert_eq!(one("\"Golden Gate\""), gate);
        assert_eq!(one("\"Golden Gate"), gate);
        assert_eq!(Query::parse(" a  b\tc ").unwrap().terms.len(), 3);
        assert_eq!(Query::parse("").unwrap(), Query::everything());
        assert_eq!(Query::parse(" ... ").unwrap(), Query::everything());
        assert_eq!(one("12:30"), Match::Words { words: vec!["12".into(), "30".into()], prefix: true });
        assert_eq!(one("a-b"), Match::Words { words: vec!["a".into(), "b".into()], prefix: true });
    }

    #[test]
    fn a_minus_turns_any_term_round() {
        let query = Query::parse("-tag:\"Golden Gate\" -\"x y\" -z iceland").unwrap();
        assert_eq!(query.terms.iter().map(|term| term.not).collect::<Vec<_>>(), [true, true, true, false]);
        assert_eq!(query.terms[0].what, Match::Tag("golden gate".into()));
    }

    #[test]
    fn dates_are_whole_periods() {
        let range = |first, last| Match::Days { first: day(first), last: day(last) };
        assert_eq!(one("date:2024"), range("2024-01-01", "2024-12-31"));
        assert_eq!(one("date:2024-02"), range("2024-02-01", "2024-02-29"));
        assert_eq!(one("date:2024-05-03"), range("2024-05-03", "2024-05-03"));
        assert_eq!(one("date:2024-05..2024-07"), range("2024-05-01", "2024-07-31"));
        let Match::Days { first, last } = one("date:>2024-05") else { panic!() };
        assert!(first == day("2024-06-01") && last > day("9999-12-31"));
        let Match::Days { first, last } = one("date:<2024") else { panic!() };
        assert!(last == day("2023-12-31") && first < day("0001-01-01"));
        assert_eq!(one("date:1970-01-01"), Match::Days { first: 0, last: 0 });
    }

    #[test]
    fn numbers_and_choices() {
        let stars = |list: &[u8]| Match::Rating(list.iter().map(|n| Rating::new(*n).unwrap()).collect());
        assert_eq!(one("rating:3"), stars(&[3]));
        assert_eq!(one("rating:>=3"), stars(&[3, 4, 5]));
        assert_eq!(one("rating:<2"), stars(&[0, 1]));
        assert_eq!(one("rating:1..2|5"), stars(&[1, 2, 5]));
        assert_eq!(one("iso:>800"), Match::Iso { lowest: 801, highest: u32::MAX });
        assert_eq!(one("type:JPG|raw"), Match::Format(vec![Format::Jpeg, Format::Raw]));
        assert_eq!(one("flag:pick"), Match::Flag(vec![Flag::Pick]));
        assert_eq!(one("stored:no"), Match::Stored(false));
        assert_eq!(one("iso:<0"), Match::Iso { lowest: 1, highest: 0 });
    }

    #[test]
    fn a_wrong_term_says_where_and_what() {
        assert_eq!(wrong("été date:maybe").0, 10);
        assert!(wrong("date:2024-13").1.contains("a date"));
        assert!(wrong("date:2023-02-29").1.contains("a date"));
        assert_eq!(wrong("a foo:bar").0, 3);
        assert!(wrong("foo:bar").1.contains("tag"));
        assert!(wrong("rating:6").1.contains("0 to 5"));
        assert!(wrong("rating:3|").1.contains("0 to 5"));
        assert!(wrong("type:doc").1.contains("jpeg"));
        assert!(wrong("stored:maybe").1.contains("yes"));
        assert_eq!(wrong("-"), (2, "a term after the minus".into()));
        assert!(wrong("tag:").1.contains("tag"));
        assert!(Query::parse(&"a ".repeat(65)).is_err());
        assert!(Query::parse(&"a".repeat(5000)).is_err());
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(\\PC|[-:\"|<>=. 0-9a-z]|date:|rating:|iso:){0,60}") {
            let _ = Query::parse(&text);
        }
    }
}
