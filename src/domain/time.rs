//! Moments: when something happened on this computer, and when a photo was taken.

use serde::{Deserialize, Serialize};
use time::format_description::well_known::Rfc3339;
use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

/// A moment in UTC, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The moment in RFC 3339, in UTC, with milliseconds: `2024-05-03T12:00:00.250Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let moment = OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(self.0));
        let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        moment.format(&Rfc3339).unwrap_or_default()
    }

    /// Reads RFC 3339 with any offset. `None` where the text is something else.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        Some(Self((moment.unix_timestamp_nanos() / 1_000_000) as i64))
    }
}

/// When the shutter opened: the wall clock at the place, and its offset from UTC where the camera wrote one.
///
/// Photos are ordered and grouped by the wall clock, because that is the day a person remembers.
/// Years 1 to 9999. Source: EXIF 2.32, `DateTimeOriginal`, `SubSecTimeOriginal`, `OffsetTimeOriginal`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TakenAt {
    /// Milliseconds from 1970-01-01T00:00:00 on the wall clock, as if it were UTC.
    pub local_ms: i64,
    /// Minutes east of UTC, where known.
    pub offset_minutes: Option<i16>,
}

impl TakenAt {
    /// Builds from calendar fields. `None` where they name no real moment (month 13, the zero date of a dead clock).
    #[must_use]
    pub fn new(ymd: (i32, u8, u8), hms: (u8, u8, u8), millis: u16, offset_minutes: Option<i16>) -> Option<Self> {
        let month = Month::try_from(ymd.1).ok()?;
        let date = Date::from_calendar_date(ymd.0, month, ymd.2).ok().filter(|date| date.year() >= 1)?;
        // A leap second, which some receivers write, is the last millisecond of its minute for us.
        let (second, millis) = if hms.2 == 60 { (59, 999) } else { (hms.2, millis) };
        let time = Time::from_hms_milli(hms.0, hms.1, second, millis).ok()?;
        let moment = PrimitiveDateTime::new(date, time).assume_utc();
        let offset_minutes = offset_minutes.filter(|minutes| minutes.abs() <= 18 * 60);
        Some(Self { local_ms: (moment.unix_timestamp_nanos() / 1_000_000) as i64, offset_minutes })
    }

    /// The wall clock.
    #[must_use]
    pub fn local(self) -> PrimitiveDateTime {
        let moment = OffsetDateTime::UNIX_EPOCH.checked_add(Duration::milliseconds(self.local_ms));
        let moment = moment.unwrap_or(OffsetDateTime::UNIX_EPOCH);
        PrimitiveDateTime::new(moment.date(), moment.time())
    }

    /// Days since 1970-01-01 on the wall clock: what the grid groups by.
    #[must_use]
    pub fn day(self) -> i32 {
        self.local_ms.div_euclid(86_400_000) as i32
    }

    /// RFC 3339 with the offset where it is known, and without one where it is not; milliseconds only where not zero.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let local = self.local();
        let (date, time) = (local.date(), local.time());
        let mut text = format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            date.year(),
            date.month() as u8,
            date.day(),
            time.hour(),
            time.minute(),
            time.second()
        );
        if time.millisecond() != 0 {
            text.push_str(&format!(".{:03}", time.millisecond()));
        }
        match self.offset_minutes {
            None => {}
            Some(0) => text.push('Z'),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                let minutes = minutes.unsigned_abs();
                text.push_str(&format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60));
            }
        }
        text
    }

    /// Reads what [`TakenAt::to_rfc3339`] writes, and RFC 3339 in general.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
            let offset = moment.offset();
            let local = moment.to_offset(offset);
            let as_utc = PrimitiveDateTime::new(local.date(), local.time()).assume_offset(UtcOffset::UTC);
            return Some(Self {
                local_ms: (as_utc.unix_timestamp_nanos() / 1_000_000) as i64,
                offset_minutes: Some(offset.whole_minutes()),
            });
        }
        let moment = OffsetDateTime::parse(&format!("{text}Z"), &Rfc3339).ok()?;
        Some(Self { local_ms: (moment.unix_timestamp_nanos() / 1_000_000) as i64, offset_minutes: None })
    }
}

impl Serialize for TakenAt {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_rfc3339())
    }
}

impl<'de> Deserialize<'de> for TakenAt {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_rfc3339(&text).ok_or_else(|| serde::de::Error::custom(format!("not a date and time: {text:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taken_at_keeps_wall_clock_and_offset() {
        for text in [
            "2024-05-03T12:00:00+02:00",
            "2024-05-03T12:00:00.250-09:30",
            "1997-12-31T23:59:59",
            "2024-02-29T00:00:00Z",
        ] {
            let taken = TakenAt::from_rfc3339(text).unwrap();
            assert_eq!(taken.to_rfc3339(), text);
        }
    }

    #[test]
    fn impossible_moments_are_none() {
        assert_eq!(TakenAt::new((0, 0, 0), (0, 0, 0), 0, None), None);
        assert_eq!(TakenAt::new((2023, 2, 29), (0, 0, 0), 0, None), None);
        assert_eq!(TakenAt::new((2023, 2, 28), (25, 0, 0), 0, None), None);
    }

    #[test]
    fn the_day_is_that_of_the_wall_clock() {
        let late = TakenAt::new((1970, 1, 2), (0, 30, 0), 0, Some(600)).unwrap();
        assert_eq!(late.day(), 1);
        assert_eq!(TakenAt::new((1969, 12, 31), (23, 0, 0), 0, None).unwrap().day(), -1);
    }

    #[test]
    fn timestamps_go_both_ways() {
        let moment = Timestamp(1_714_737_600_250);
        assert_eq!(Timestamp::from_rfc3339(&moment.to_rfc3339()), Some(moment));
    }
}
