//! Dates as cameras and programs write them.

use crate::domain::TakenAt;

/// Reads `2014:05:03 12:00:00`, `2014-05-03T12:00:00.25+02:00`, `2014-05-03T12:00`, `2014-05-03` and their likes.
///
/// Source: EXIF 2.32 section 4.6.5 (`DateTimeOriginal`), XMP part 1 section 8.2.1.2 (`Date`). `None` where the text
/// names no real moment; a year or a month alone is none either, since no photo was taken "in 2014" on the dot.
pub(super) fn parse(text: &str) -> Option<TakenAt> {
    let mut rest = text.trim_matches(|letter: char| letter.is_whitespace() || letter == '\0');
    let year = number(&mut rest, 4, 4)?;
    separator(&mut rest, &[':', '-', '/', '.'])?;
    let month = number(&mut rest, 1, 2)?;
    separator(&mut rest, &[':', '-', '/', '.'])?;
    let day = number(&mut rest, 1, 2)?;
    let mut clock = (0, 0, 0);
    let mut millis = 0;
    if separator(&mut rest, &['T', 't', ' ', ':']).is_some() {
        rest = rest.trim_start();
        clock.0 = number(&mut rest, 1, 2)?;
        separator(&mut rest, &[':', '.'])?;
        clock.1 = number(&mut rest, 1, 2)?;
        if separator(&mut rest, &[':']).is_some() {
            clock.2 = number(&mut rest, 1, 2)?;
        }
        if separator(&mut rest, &['.', ',']).is_some() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            millis = subsecond(&rest[..digits]);
            rest = &rest[digits..];
        }
    }
    let (month, day) = (u8::try_from(month).ok()?, u8::try_from(day).ok()?);
    let clock = (u8::try_from(clock.0).ok()?, u8::try_from(clock.1).ok()?, u8::try_from(clock.2).ok()?);
    TakenAt::new((i32::try_from(year).ok()?, month, day), clock, millis, offset(rest))
}

/// The same with EXIF's `SubSecTime` and `OffsetTime` beside it.
pub(super) fn parse_exif(text: &str, subsec: Option<&str>, zone: Option<&str>) -> Option<TakenAt> {
    let mut taken = parse(text)?;
    if let Some(subsec) = subsec {
        let millis = i64::from(subsecond(subsec.trim()));
        taken.local_ms = taken.local_ms - taken.local_ms.rem_euclid(1000) + millis;
    }
    taken.offset_minutes = taken.offset_minutes.or_else(|| offset(zone.unwrap_or_default()));
    Some(taken)
}

/// Minutes east of UTC from `+02:00`, `-0930`, `+2` or `Z`.
fn offset(text: &str) -> Option<i16> {
    let mut rest = text.trim();
    if rest == "Z" || rest == "z" {
        return Some(0);
    }
    let sign = match rest.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    rest = &rest[1..];
    let hours = number(&mut rest, 1, 2)?;
    let _ = separator(&mut rest, &[':']);
    let minutes = number(&mut rest, 1, 2).unwrap_or(0);
    let total = i16::try_from(hours * 60 + minutes).ok()?;
    (hours <= 18 && minutes < 60).then_some(sign * total)
}

/// Milliseconds from the digits behind the point: `25` is 250.
fn subsecond(digits: &str) -> u16 {
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return 0;
    }
    digits.bytes().chain(*b"00").take(3).fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'))
}

/// Takes `least` to `most` digits off the front.
fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least {
        return None;
    }
    let value = rest[..digits].parse().ok()?;
    *rest = &rest[digits..];
    Some(value)
}

/// Takes one of `allowed` off the front.
fn separator(rest: &mut &str, allowed: &[char]) -> Option<()> {
    let first = rest.chars().next().filter(|letter| allowed.contains(letter))?;
    *rest = &rest[first.len_utf8()..];
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ways_dates_are_written() {
        let read = |text: &str| parse(text).map(TakenAt::to_rfc3339);
        assert_eq!(read("2014:05:03 12:00:01\0").as_deref(), Some("2014-05-03T12:00:01"));
        assert_eq!(read("2014-05-03T12:00:01.25+02:00").as_deref(), Some("2014-05-03T12:00:01.250+02:00"));
        assert_eq!(read("2014-05-03T12:00Z").as_deref(), Some("2014-05-03T12:00:00Z"));
        assert_eq!(read("2014-05-03").as_deref(), Some("2014-05-03T00:00:00"));
        assert_eq!(read("2014:05:03 12:00:01-0930").as_deref(), Some("2014-05-03T12:00:01-09:30"));
        for nothing in ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2014", "2014:13:01 00:00:00", "ä:ö"] {
            assert_eq!(read(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn subseconds_and_offsets_of_exif() {
        let taken = parse_exif("2020:01:02 03:04:05", Some("7"), Some("-05:00")).unwrap();
        assert_eq!(taken.to_rfc3339(), "2020-01-02T03:04:05.700-05:00");
        let taken = parse_exif("2020:01:02 03:04:05", Some("  "), Some("   :  ")).unwrap();
        assert_eq!(taken.to_rfc3339(), "2020-01-02T03:04:05");
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
            let _ = parse_exif("2020:01:02 03:04:05", Some(&text), Some(&text));
        }

        #[test]
        fn what_is_written_is_read(ms in 0i64..4_000_000_000_000, offset in proptest::option::of(-1080i16..=1080)) {
            let taken = TakenAt { local_ms: ms, offset_minutes: offset };
            prop_assert_eq!(parse(&taken.to_rfc3339()), Some(taken));
        }
    }
}
