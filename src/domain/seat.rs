//! Seats: where a photo sits in the one order of a library, newest first.

use serde::{Deserialize, Serialize};

use super::time::TakenAt;

/// A photo's place in the display order, unique in its library; larger is earlier on the screen.
///
/// A dated photo's seat holds its wall clock, so that day headings need no query:
/// `DATED | seconds since 0001-01-01 << 20 | milliseconds << 10 | (1023 − n)`, where n tells photos of one
/// millisecond apart. Undated photos have seats below [`Seat::DATED`], counted downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seat(pub i64);

/// A photo's number in one library's catalogue, for life. Means nothing on another computer; use the id there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PhotoNum(pub i64);

/// Seconds from 0001-01-01 to 1970-01-01 on the proleptic Gregorian calendar.
const EPOCH_S: i64 = 62_135_596_800;

impl Seat {
    /// The lowest seat of a dated photo.
    pub const DATED: i64 = 1 << 60;
    /// Where undated photos start; the first gets this seat, the next one less.
    pub const FIRST_UNDATED: Self = Self(1 << 59);

    /// The first (largest) seat to try for a photo taken at this moment; probe downwards for a free one.
    #[must_use]
    pub fn first_for(taken_at: TakenAt) -> Self {
        let seconds = (taken_at.local_ms.div_euclid(1000) + EPOCH_S).clamp(0, (1 << 39) - 1);
        let millis = taken_at.local_ms.rem_euclid(1000);
        Self(Self::DATED | seconds << 20 | millis << 10 | 1023)
    }

    /// The lowest seat of a calendar day, given as days since 1970-01-01. Ranges of days are ranges of seats.
    #[must_use]
    pub fn start_of_day(day: i32) -> Self {
        let seconds = (i64::from(day) * 86_400 + EPOCH_S).clamp(0, (1 << 39) - 1);
        Self(Self::DATED | seconds << 20)
    }

    /// Days since 1970-01-01 on the photo's wall clock; `None` for an undated photo.
    #[must_use]
    pub fn day(self) -> Option<i32> {
        (self.0 >= Self::DATED).then(|| ((((self.0 & (Self::DATED - 1)) >> 20) - EPOCH_S).div_euclid(86_400)) as i32)
    }

    /// Whether two photos were taken in the same millisecond (or are both undated), so that paths decide their order.
    #[must_use]
    pub fn ties_with(self, other: Self) -> bool {
        if self.0 < Self::DATED || other.0 < Self::DATED {
            return self.0 < Self::DATED && other.0 < Self::DATED;
        }
        self.0 >> 10 == other.0 >> 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn moment() -> impl Strategy<Value = TakenAt> {
        (-62_135_596_800_000_i64..253_402_300_800_000).prop_map(|local_ms| TakenAt { local_ms, offset_minutes: None })
    }

    proptest! {
        #[test]
        fn later_photos_sit_higher(a in moment(), b in moment()) {
            let (seat_a, seat_b) = (Seat::first_for(a), Seat::first_for(b));
            prop_assert!(seat_a > Seat::FIRST_UNDATED);
            prop_assert_eq!(seat_a.day(), Some(a.day()));
            prop_assert_eq!(seat_a.ties_with(seat_b), a.local_ms == b.local_ms);
            if a.local_ms < b.local_ms {
                prop_assert!(seat_a.0 < seat_b.0 - 1023);
            }
        }
    }

    #[test]
    fn a_seat_knows_its_day_and_orders_by_the_wall_clock() {
        for text in ["1997-12-31T23:59:59.999", "1970-01-01T00:00:00", "1969-12-31T23:59:59", "9999-12-31T00:00:00"] {
            let taken = TakenAt::from_rfc3339(text).unwrap();
            let seat = Seat::first_for(taken);
            assert_eq!(seat.day(), Some(taken.day()), "{text}");
            assert!(seat >= Seat::start_of_day(taken.day()) && seat < Seat::start_of_day(taken.day() + 1), "{text}");
            assert!(seat > Seat::FIRST_UNDATED);
        }
        assert_eq!(Seat::FIRST_UNDATED.day(), None);
    }
}
