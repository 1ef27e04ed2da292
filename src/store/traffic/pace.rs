//! A limit of bytes a second, as arithmetic on times that are passed in.

use std::time::Duration;

/// Bytes that may go are paid for afterwards: whoever is let through makes the next one wait.
#[derive(Debug, Default)]
pub(super) struct Pace {
    /// Bytes a second; 0 is no limit.
    rate: u64,
    /// From when on the next bytes may go.
    free_at: Duration,
}

impl Pace {
    /// Another limit; what was owed under the old one is forgiven.
    pub(super) fn set_rate(&mut self, rate: u64, now: Duration) {
        *self = Self { rate, free_at: now };
    }

    /// Lets bytes go, or says how long to wait before asking again.
    pub(super) fn take(&mut self, bytes: u64, now: Duration) -> Option<Duration> {
        if self.rate == 0 {
            return None;
        }
        if self.free_at > now {
            return Some(self.free_at - now);
        }
        // Time that went by unused is not saved up: the limit is never exceeded for a moment.
        self.free_at = now + Duration::from_secs_f64(bytes as f64 / self.rate as f64);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many bytes go in so many seconds, when somebody asks as often as they may.
    fn goes(pace: &mut Pace, from: Duration, seconds: u64) -> u64 {
        let (mut now, mut bytes) = (from, 0);
        while now < from + Duration::from_secs(seconds) {
            match pace.take(16_384, now) {
                None => bytes += 16_384,
                Some(wait) => now += wait,
            }
        }
        bytes
    }

    #[test]
    fn no_limit_never_waits() {
        let mut pace = Pace::default();
        assert!((0..1000).all(|_| pace.take(u64::MAX, Duration::ZERO).is_none()));
    }

    #[test]
    fn a_limit_holds_and_is_used() {
        for rate in [1_000_u64, 50_000, 1_000_000, 80_000_000] {
            let mut pace = Pace::default();
            pace.set_rate(rate, Duration::ZERO);
            let went = goes(&mut pace, Duration::ZERO, 100);
            assert!(went.abs_diff(rate * 100) <= 16_384 + rate / 100, "{rate}: {went}");
        }
    }

    #[test]
    fn a_new_limit_holds_at_once() {
        let mut pace = Pace::default();
        pace.set_rate(1, Duration::ZERO);
        assert!(pace.take(16_384, Duration::ZERO).is_none());
        assert!(pace.take(1, Duration::from_secs(5)).is_some(), "that was four hours' worth");
        pace.set_rate(1_000_000, Duration::from_secs(5));
        assert!(pace.take(1, Duration::from_secs(5)).is_none());
    }

    #[test]
    fn rest_is_not_saved_up() {
        let mut pace = Pace::default();
        pace.set_rate(1_000, Duration::ZERO);
        assert!(goes(&mut pace, Duration::from_secs(3600), 10) <= 16_384 + 10_000);
    }
}
