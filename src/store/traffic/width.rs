//! How many transfers at a time are good for the line, learned from how they go. Times are passed in.
//!
//! It opens by doubling while that brings more, then stays, and now and then tries a few more. It halves when the store
//! asks for it, when time runs out, and when answers take much longer than usual although no more gets through.

use std::time::Duration;

/// So many at first.
const FIRST: usize = 4;
/// Never more.
const MOST: usize = 32;
/// A look is taken after this time at the soonest, and at twice as many transfers as there are places.
const LOOK: Duration = Duration::from_millis(500);
/// The same while it opens: a run of small objects must not be half over before the line is used.
const OPENING_LOOK: Duration = Duration::from_millis(150);
/// A look is taken after this time at the latest.
const LATEST_LOOK: Duration = Duration::from_secs(5);
/// More is more from here on.
const GAIN: f64 = 1.07;
/// Answers take much longer than usual from here on.
const SLOW: f64 = 3.0;
/// One trouble is met by many transfers at the same time; it counts once in this time.
const CALM: Duration = Duration::from_secs(2);
/// After so many looks more places are tried.
const LOOKS: u32 = 8;
/// What a request costs besides its bytes, so that a run of small objects is not taken for a slow line.
const REQUEST_BYTES: u64 = 64 << 10;
/// Sizes that differ by less than two times are compared with each other.
const SIZES: usize = 48;

/// A transfer that ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Length of its body in bytes.
    pub bytes: u64,
    /// From the request to the answer.
    pub took: Duration,
}

/// What halves the number of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The store asks for fewer requests (503 and its like).
    Throttled,
    /// No answer came in time.
    TimedOut,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    /// Doubling; how much got through before. What brings nothing is looked at twice: a disk that was busy for a moment
    /// must not end it.
    Opening { before: f64, doubted: bool },
    /// Staying; looks since the last change.
    Steady { looks: u32 },
    /// A few more are tried; what it was before.
    Trying { width: usize, before: f64 },
}

/// The number of transfers at a time.
#[derive(Debug, Clone)]
pub struct Width {
    width: usize,
    phase: Phase,
    window: Window,
    /// What usually gets through, in bytes a second.
    usual: f64,
    /// The least that an answer took lately, by size, in seconds; 0 where nothing is known.
    least_took: [f64; SIZES],
    /// How many times the least answers usually take: on a near line the least is a piece of luck.
    usual_slow: f64,
    calm_until: Duration,
}

#[derive(Debug, Clone, Copy, Default)]
struct Window {
    began: Option<Duration>,
    bytes: u64,
    samples: u32,
    /// The sum of how many times the least each took.
    slow: f64,
}

impl Default for Width {
    fn default() -> Self {
        Self {
            width: FIRST,
            phase: Phase::Opening { before: 0.0, doubted: false },
            window: Window::default(),
            usual: 0.0,
            least_took: [0.0; SIZES],
            usual_slow: 1.0,
            calm_until: Duration::ZERO,
        }
    }
}

impl Width {
    /// The number now: 1 to 32.
    #[must_use]
    pub fn now(&self) -> usize {
        self.width
    }

    /// A transfer ended well.
    pub fn done(&mut self, now: Duration, sample: Sample) {
        let slow = self.times_least(sample);
        let window = &mut self.window;
        // A rest in between is none of the line's.
        let began = *window.began.get_or_insert(now.saturating_sub(sample.took));
        window.bytes += sample.bytes + REQUEST_BYTES;
        window.samples += 1;
        window.slow += slow;
        let age = now.saturating_sub(began);
        let look = if matches!(self.phase, Phase::Opening { .. }) { OPENING_LOOK } else { LOOK };
        let enough = window.samples as usize >= (2 * self.width).max(8) && age >= look;
        if enough || age >= LATEST_LOOK {
            let through = window.bytes as f64 / age.as_secs_f64().max(1e-6);
            let slow = window.slow / f64::from(window.samples);
            self.window = Window { began: Some(now), ..Window::default() };
            self.look(now, through, slow);
        }
    }

    /// Something went wrong that fewer transfers may mend.
    pub fn trouble(&mut self, now: Duration, _trouble: Trouble) {
        if now >= self.calm_until {
            self.halve(now);
        }
    }

    fn halve(&mut self, now: Duration) {
        self.width = (self.width / 2).max(1);
        self.calm_until = now + CALM;
        self.phase = Phase::Steady { looks: 0 };
        self.window = Window::default();
    }

    /// How many times the least it took. The least falls at once and rises slowly.
    fn times_least(&mut self, sample: Sample) -> f64 {
        let took = sample.took.as_secs_f64().max(1e-4);
        let least = &mut self.least_took[(sample.bytes.max(1).ilog2() as usize).min(SIZES - 1)];
        *least = if *least == 0.0 || took < *least { took } else { (*least * 1.003).min(took) };
        took / *least
    }

    fn look(&mut self, now: Duration, through: f64, slow: f64) {
        let before = self.usual;
        let slower = slow / self.usual_slow;
        self.usual_slow = (self.usual_slow * 0.8 + slow * 0.2).max(1.0);
        self.usual = if before == 0.0 { through } else { before * 0.7 + through * 0.3 };
        match self.phase {
            Phase::Opening { before, .. } if before == 0.0 || through >= before * GAIN => {
                self.phase = Phase::Opening { before: through, doubted: false };
                self.widen(self.width);
            }
            Phase::Opening { before, doubted: false } => self.phase = Phase::Opening { before, doubted: true },
            // The last doubling brought nothing.
            Phase::Opening { before, doubted: true } => {
                self.width = (self.width / 2).max(1);
                self.usual = before.max(through);
                self.phase = Phase::Steady { looks: 0 };
            }
            Phase::Trying { before, .. } if through >= before * GAIN => {
                self.phase = Phase::Steady { looks: LOOKS - 2 };
                self.usual = through;
            }
            Phase::Trying { width, .. } => {
                self.width = width;
                self.phase = Phase::Steady { looks: 0 };
            }
            Phase::Steady { .. } if slower > SLOW && through < before * GAIN && now >= self.calm_until => {
                self.halve(now);
                // From here on this is what is usual, or it would halve for ever.
                (self.least_took, self.usual_slow) = ([0.0; SIZES], 1.0);
            }
            Phase::Steady { looks } if looks + 1 >= LOOKS => {
                self.phase = Phase::Trying { width: self.width, before: self.usual };
                self.widen((self.width / 4).max(1));
            }
            Phase::Steady { looks } => self.phase = Phase::Steady { looks: looks + 1 },
        }
    }

    fn widen(&mut self, by: usize) {
        self.width = (self.width + by).min(MOST);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    /// A line: so many bytes a second for all together, at most so many for one, and a way there and back.
    struct Line {
        all: f64,
        one: f64,
        back: f64,
    }

    impl Line {
        fn through(&self, width: usize, bytes: f64) -> (f64, f64) {
            let share = self.one.min(self.all / width as f64);
            let took = self.back + bytes / share;
            (width as f64 * bytes / took, took)
        }

        /// Sends for so long; how much got through in the last quarter, in bytes a second.
        fn send(&self, width: &mut Width, from: f64, seconds: f64, bytes: u64) -> f64 {
            let (mut now, mut late, mut late_bytes) = (from, 0.0, 0.0);
            while now < from + seconds {
                let places = width.now();
                let (_, took) = self.through(places, bytes as f64);
                now += took;
                for _ in 0..places {
                    width.done(Duration::from_secs_f64(now), Sample { bytes, took: Duration::from_secs_f64(took) });
                }
                if now > from + seconds * 0.75 {
                    late += took;
                    late_bytes += places as f64 * bytes as f64;
                }
            }
            late_bytes / f64::max(late, 1e-9)
        }
    }

    #[test]
    fn a_far_line_gets_many_and_a_near_one_few() {
        let mut far = Width::default();
        Line { all: 100e6, one: 2e6, back: 0.1 }.send(&mut far, 0.0, 120.0, 4_000_000);
        assert!(far.now() >= 24, "{far:?}");
        let mut near = Width::default();
        Line { all: 10e6, one: 10e6, back: 0.001 }.send(&mut near, 0.0, 120.0, 4_000_000);
        assert!(near.now() <= 8, "{near:?}");
    }

    #[test]
    fn trouble_halves_once_however_many_meet_it() {
        let mut width = Width::default();
        for i in 0..4 {
            width.trouble(ms(100 * i), Trouble::Throttled);
        }
        assert_eq!(width.now(), 2);
        width.trouble(ms(3000), Trouble::TimedOut);
        width.trouble(ms(6000), Trouble::TimedOut);
        width.trouble(ms(9000), Trouble::Throttled);
        assert_eq!(width.now(), 1, "one is the least");
    }

    #[test]
    fn answers_that_take_longer_for_nothing_halve_it() {
        let line = Line { all: 20e6, one: 5e6, back: 0.02 };
        let mut width = Width::default();
        line.send(&mut width, 0.0, 60.0, 1_000_000);
        let before = width.now();
        let worse = Line { all: 2e6, one: 5e6, back: 0.02 };
        let (mut now, mut least) = (60.0, before);
        while now < 90.0 && least > before / 2 {
            worse.send(&mut width, now, 5.0, 1_000_000);
            now += 5.0;
            least = least.min(width.now());
        }
        assert!(least <= before / 2, "{before} → {width:?}");
    }

    proptest! {
        #[test]
        fn answers_that_differ_much_are_no_trouble(seed in any::<u64>()) {
            // A server on the same desk: so many answers a second however many ask, now and then one at once.
            let (mut width, mut now, mut random) = (Width::default(), 0.0, seed | 1);
            let mut least = MOST;
            while now < 120.0 {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let luck = -(((random >> 11) as f64 + 1.0) / (1_u64 << 53) as f64).ln();
                now += 0.001;
                let took = Duration::from_secs_f64(0.001 * width.now() as f64 * luck);
                width.done(Duration::from_secs_f64(now), Sample { bytes: 100_000, took });
                least = least.min(width.now());
            }
            prop_assert!(least >= FIRST, "{least}");
        }
    }

    #[test]
    fn it_recovers_after_trouble() {
        let line = Line { all: 50e6, one: 4e6, back: 0.05 };
        let mut width = Width::default();
        let before = line.send(&mut width, 0.0, 60.0, 1_000_000);
        for i in 0..5 {
            width.trouble(Duration::from_secs(100 + 3 * i), Trouble::Throttled);
        }
        assert_eq!(width.now(), 1);
        let after = line.send(&mut width, 120.0, 400.0, 1_000_000);
        assert!(after > before * 0.7, "{after} of {before}");
    }

    proptest! {
        #[test]
        fn it_comes_near_the_best_number(all in 1e6..500e6_f64, one in 0.05..1.0_f64, back in 0.0005..0.2_f64,
            bytes in 50_000..8_000_000_u64) {
            let line = Line { all, one: all * one, back };
            let mut width = Width::default();
            let got = line.send(&mut width, 0.0, 400.0, bytes);
            let best = (1..=MOST).map(|it| line.through(it, bytes as f64).0).fold(0.0, f64::max);
            prop_assert!(got > best * 0.6, "{got} of {best} with {}", width.now());
        }

        #[test]
        fn it_stays_within_its_limits(steps in prop::collection::vec((0..3_u8, 0..10_000_u64, 0..1_u64 << 40), 1..500)) {
            let (mut width, mut now) = (Width::default(), Duration::ZERO);
            for (what, wait, bytes) in steps {
                now += ms(wait);
                match what {
                    0 => width.trouble(now, Trouble::Throttled),
                    1 => width.trouble(now, Trouble::TimedOut),
                    _ => width.done(now, Sample { bytes, took: ms(wait) }),
                }
                prop_assert!((1..=MOST).contains(&width.now()));
            }
        }
    }
}
