//! How often the service may be asked, as arithmetic on times that are passed in.

use std::time::Duration;

/// Requests a second to begin with.
const FIRST: f64 = 4.0;
/// Never less often than this, so that it goes on at all.
const LEAST: f64 = 0.25;
/// How many more requests a second after an answer: a twentieth more in each second in which the service kept up.
const RAISE: f64 = 0.05;
/// Refusals that come so soon after another are of the same moment: requests that were under way together.
const SAME_MOMENT: Duration = Duration::from_secs(1);

/// A bucket that holds one token: rest is not saved up, so that the pace is never exceeded for a moment.
#[derive(Debug)]
pub(super) struct Pace {
    per_s: f64,
    most: f64,
    /// From when on the next request may go.
    free_at: Duration,
    /// The pace itself was waited for since it was raised last. A pace that nobody needs is no reason for a higher one.
    is_short: bool,
    refused_at: Option<Duration>,
}

impl Pace {
    pub(super) fn new(most: f64) -> Self {
        Self::beginning(FIRST, most)
    }

    /// With another pace to begin with.
    pub(super) fn beginning(first: f64, most: f64) -> Self {
        let most = if most.is_finite() { most.max(LEAST) } else { FIRST };
        Self { per_s: first.min(most), most, free_at: Duration::ZERO, is_short: false, refused_at: None }
    }

    /// Requests a second at present.
    pub(super) fn per_s(&self) -> f64 {
        self.per_s
    }

    /// Lets a request go, or says how long to wait before asking again.
    pub(super) fn take(&mut self, now: Duration) -> Option<Duration> {
        if self.free_at > now {
            self.is_short = true;
            return Some(self.free_at - now);
        }
        self.free_at = now + Duration::from_secs_f64(1.0 / self.per_s);
        None
    }

    /// The service answered.
    pub(super) fn answered(&mut self) {
        if self.is_short {
            self.per_s = (self.per_s + RAISE).min(self.most);
            self.is_short = false;
        }
    }

    /// The service asks for less: half as often from now on.
    pub(super) fn refused(&mut self, now: Duration) {
        if self.refused_at.is_some_and(|last| now < last + SAME_MOMENT) {
            return;
        }
        self.refused_at = Some(now);
        self.per_s = (self.per_s / 2.0).max(LEAST);
        self.free_at = self.free_at.max(now + Duration::from_secs_f64(1.0 / self.per_s));
        self.is_short = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(s: f64) -> Duration {
        Duration::from_secs_f64(s)
    }

    /// Asks as often as it may until a time, against a service that takes `allowed` a second; how many were answered.
    fn run(pace: &mut Pace, from: f64, until: f64, allowed: f64) -> (u64, u64) {
        let (mut now, mut answered, mut refused) = (seconds(from), 0, 0);
        let mut tokens = allowed;
        let mut last = now;
        while now < seconds(until) {
            match pace.take(now) {
                Some(wait) => now += wait,
                None => {
                    tokens = (tokens + (now - last).as_secs_f64() * allowed).min(allowed);
                    last = now;
                    if tokens >= 1.0 {
                        tokens -= 1.0;
                        answered += 1;
                        pace.answered();
                    } else {
                        refused += 1;
                        pace.refused(now);
                    }
                }
            }
        }
        (answered, refused)
    }

    #[test]
    fn it_begins_with_four_a_second() {
        let mut pace = Pace::new(50.0);
        let goes = (0..100).filter(|tenth| pace.take(seconds(f64::from(*tenth) * 0.01)).is_none()).count();
        assert_eq!(goes, 4);
    }

    #[test]
    fn it_grows_while_the_service_allows_and_never_beyond_the_cap() {
        let mut pace = Pace::new(20.0);
        run(&mut pace, 0.0, 10.0, 1e9);
        assert!((6.0..=7.0).contains(&pace.per_s()), "4 × 1.05^10: {}", pace.per_s());
        run(&mut pace, 10.0, 100.0, 1e9);
        assert!((pace.per_s() - 20.0).abs() < 1e-9);
        assert!(Pace::new(2.0).per_s() <= 2.0);
        assert!(Pace::new(f64::NAN).per_s() > 0.0);
    }

    #[test]
    fn it_finds_what_the_service_allows() {
        for allowed in [1.0, 5.0, 30.0] {
            let mut pace = Pace::new(50.0);
            run(&mut pace, 0.0, 200.0, allowed);
            let (answered, refused) = run(&mut pace, 200.0, 500.0, allowed);
            let rate = answered as f64 / 300.0;
            assert!(rate > allowed * 0.6 && rate <= allowed * 1.05, "{rate} of {allowed}");
            assert!(refused as f64 <= answered as f64 * 0.2, "{refused} refused, {answered} answered");
        }
    }

    #[test]
    fn a_refusal_halves_it_once_a_moment() {
        let mut pace = Pace::new(50.0);
        for hundredth in 0..50 {
            pace.refused(seconds(f64::from(hundredth) * 0.01));
        }
        assert!((pace.per_s() - 2.0).abs() < 1e-9);
        assert_eq!(pace.take(seconds(0.1)), Some(seconds(0.4)));
        pace.refused(seconds(5.0));
        assert!((pace.per_s() - 1.0).abs() < 1e-9);
        for n in 0..100 {
            pace.refused(seconds(10.0 + f64::from(n) * 2.0));
        }
        assert!(pace.per_s() >= LEAST);
    }

    #[test]
    fn nobody_who_asks_seldom_makes_it_faster() {
        let mut pace = Pace::new(50.0);
        for n in 0..1_000 {
            assert_eq!(pace.take(seconds(f64::from(n))), None);
            pace.answered();
        }
        assert!((pace.per_s() - FIRST).abs() < 1e-9);
    }

    proptest! {
        /// Whatever happens, the pace stays within its bounds, a wait always ends, and no second has more requests
        /// than the highest pace of it allows.
        #[test]
        fn it_never_goes_faster_than_it_says(most in 0.3..60.0_f64, steps in prop::collection::vec((0..4_u8, 0..500_u64), 1..300)) {
            let mut pace = Pace::new(most);
            let (mut now, mut went): (Duration, Vec<Duration>) = (Duration::ZERO, Vec::new());
            for (what, ms) in steps {
                now += Duration::from_millis(ms);
                match what {
                    0 => pace.answered(),
                    1 => pace.refused(now),
                    _ => match pace.take(now) {
                        None => went.push(now),
                        Some(wait) => {
                            prop_assert!(wait <= seconds(1.0 / LEAST) && !wait.is_zero());
                            now += wait;
                            prop_assert_eq!(pace.take(now), None, "a wait was told and is not enough");
                            went.push(now);
                        }
                    },
                }
                prop_assert!(pace.per_s() >= LEAST.min(most) && pace.per_s() <= most + 1e-9);
            }
            for two in went.windows(2) {
                prop_assert!((two[1] - two[0]).as_secs_f64() >= 1.0 / most - 1e-6);
            }
        }
    }
}
