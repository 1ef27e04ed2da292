//! What asking a paid tagger costs: prices of images, the estimate of a run, what was spent in a month, and limits that
//! stop. Money is counted in millionths of a US dollar, so that nothing is ever rounded away.

use super::labels::Asked;
use super::number::grouped;
use super::time::Timestamp;

/// Micro-dollars in a dollar.
const MICRO: u64 = 1_000_000;

/// What leaves this computer when Amazon Rekognition is asked, in plain words.
pub const WHAT_IS_SENT: &str = "Each photo is sent to Amazon Rekognition as a small JPEG, about 1,024 pixels long, made \
     here: no place, no camera and no file name goes with it. Amazon answers and does not keep it in your account.";

/// How whoever owns the AWS account keeps the pictures from being used, in plain words.
/// Source: AWS Organizations, "AI services opt-out policies".
pub const OPT_OUT: &str = "Amazon may use pictures sent to Rekognition to improve its services, unless the owner of the \
     AWS organisation opts out: in AWS Organizations, under Policies, switch on an AI services opt-out policy.";

/// One paid look at an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// What is seen.
    Labels,
    /// Where faces are.
    Faces,
    /// What is written.
    Text,
    /// Whose faces they are: `IndexFaces`, and each search and change of a user vector, which are billed as images.
    People,
}

impl Operation {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Labels, Self::Faces, Self::Text, Self::People];

    /// In rows, and for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Faces => "faces",
            Self::Text => "text",
            Self::People => "people",
        }
    }

    /// The other way round.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.name() == name)
    }

    /// Whether this is part of what is asked.
    #[must_use]
    pub fn is_in(self, asked: Asked) -> bool {
        match self {
            Self::Labels => asked.labels,
            Self::Faces => asked.faces,
            Self::Text => asked.text,
            Self::People => asked.people,
        }
    }
}

/// How many images, for each operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Images {
    /// Looked at for labels.
    pub labels: u64,
    /// For faces.
    pub faces: u64,
    /// For text.
    pub text: u64,
    /// For people.
    #[serde(skip_serializing_if = "is_zero")]
    pub people: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Images {
    /// Of one operation.
    #[must_use]
    pub fn of(&self, operation: Operation) -> u64 {
        match operation {
            Operation::Labels => self.labels,
            Operation::Faces => self.faces,
            Operation::Text => self.text,
            Operation::People => self.people,
        }
    }

    /// Of one operation, to be changed.
    pub fn of_mut(&mut self, operation: Operation) -> &mut u64 {
        match operation {
            Operation::Labels => &mut self.labels,
            Operation::Faces => &mut self.faces,
            Operation::Text => &mut self.text,
            Operation::People => &mut self.people,
        }
    }

    /// One more image for everything that is asked of it.
    pub fn add(&mut self, asked: Asked) {
        for operation in Operation::ALL.into_iter().filter(|operation| operation.is_in(asked)) {
            *self.of_mut(operation) += 1;
        }
    }

    /// Requests in all.
    #[must_use]
    pub fn total(&self) -> u64 {
        Operation::ALL.into_iter().map(|operation| self.of(operation)).sum()
    }
}

/// Up to how many images of a month a price holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Images of the month; `None` for all that come after.
    pub up_to: Option<u64>,
    /// One image, in micro-dollars.
    pub micro_usd: u64,
}

/// What an image costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePrices {
    /// Tiers, the first images first. Each operation is counted on its own, so that an estimate is never too low.
    pub tiers: Vec<Tier>,
    /// Whose prices they are.
    pub region: String,
    /// Which region was asked for: where it is another one, its prices are not known.
    pub asked_region: String,
    /// When the prices were read (YYYY-MM-DD).
    pub as_of: String,
}

impl ImagePrices {
    /// What so many images cost after so many others of the same month, in micro-dollars.
    #[must_use]
    pub fn micro_usd(&self, before: u64, images: u64) -> u64 {
        let (mut at, end, mut sum) = (before, before.saturating_add(images), 0_u64);
        for tier in &self.tiers {
            let until = tier.up_to.unwrap_or(u64::MAX).min(end);
            if until > at {
                sum = sum.saturating_add((until - at).saturating_mul(tier.micro_usd));
                at = until;
            }
        }
        // Beyond the last tier, where a list forgot to have an open one, the last price goes on.
        let last = self.tiers.last().map_or(0, |tier| tier.micro_usd);
        sum.saturating_add((end - at).saturating_mul(last))
    }

    /// What all these images cost after those of the month.
    #[must_use]
    pub fn of(&self, before: &Images, images: &Images) -> u64 {
        let each = Operation::ALL.into_iter().map(|one| self.micro_usd(before.of(one), images.of(one)));
        each.fold(0, u64::saturating_add)
    }
}

/// What was spent in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spent {
    /// Images that were looked at.
    pub images: Images,
    /// Micro-dollars for labels, faces and text.
    pub micro_usd: Images,
}

impl Spent {
    /// All of it, in micro-dollars.
    #[must_use]
    pub fn total_micro_usd(&self) -> u64 {
        self.micro_usd.total()
    }
}

/// The month of a moment in UTC, as bills have it: `2026-11`.
#[must_use]
pub fn month_of(moment: Timestamp) -> String {
    moment.to_rfc3339().chars().take(7).collect()
}

/// What a run would cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEstimate {
    /// Images to be looked at.
    pub images: Images,
    /// Micro-dollars.
    pub micro_usd: u64,
    /// `8,140 photos × labels ≈ $8.14`.
    pub words: String,
    /// Whose prices these are, and what is not counted.
    pub note: String,
}

/// What looking at these images costs, after what was spent in the month already.
#[must_use]
pub fn estimate(images: &Images, spent: &Spent, prices: &ImagePrices) -> RunEstimate {
    let micro_usd = prices.of(&spent.images, images);
    let mut note = format!(
        "An estimate: list prices of {} of {}, US dollars without tax; free amounts of a new account are not counted.",
        prices.region, prices.as_of
    );
    if prices.asked_region != prices.region {
        note.push_str(&format!(" Those of {} may differ.", prices.asked_region));
    }
    RunEstimate { images: *images, micro_usd, words: estimate_words(images, micro_usd), note }
}

fn estimate_words(images: &Images, micro_usd: u64) -> String {
    let mut groups: Vec<(u64, Vec<&str>)> = Vec::new();
    for operation in Operation::ALL {
        let count = images.of(operation);
        match groups.iter_mut().find(|(known, _)| *known == count) {
            _ if count == 0 => {}
            Some((_, names)) => names.push(operation.name()),
            None => groups.push((count, vec![operation.name()])),
        }
    }
    if groups.is_empty() {
        return "0 photos to ask about: $0.00".to_owned();
    }
    let each = groups.iter().map(|(count, names)| {
        let s = if *count == 1 { "" } else { "s" };
        format!("{} photo{s} × {}", grouped(*count), names.join(" + "))
    });
    format!("{} ≈ {}", each.collect::<Vec<_>>().join(", "), dollars(micro_usd))
}

/// An amount in cents for people; what is more than nothing is never called nothing.
#[must_use]
pub fn dollars(micro_usd: u64) -> String {
    if micro_usd > 0 && micro_usd < 5_000 {
        return "under $0.01".to_owned();
    }
    let cents = micro_usd.saturating_add(5_000) / 10_000;
    format!("${}.{:02}", grouped(cents / 100), cents % 100)
}

/// Dollars as a person writes them, in micro-dollars; `None` for what is no amount.
#[must_use]
pub fn micro_usd(dollars: f64) -> Option<u64> {
    let micro = (dollars * MICRO as f64).round();
    (micro.is_finite() && (0.0..1e18).contains(&micro)).then_some(micro as u64)
}

/// What may be spent at most, in micro-dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// In the month.
    pub month: Option<u64>,
    /// In this run.
    pub run: Option<u64>,
}

/// A limit that was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CapReached {
    /// The month's.
    #[error("the monthly cap of {} is reached: {} spent", dollars(*.cap), dollars(*.spent))]
    Month {
        /// The cap.
        cap: u64,
        /// What is spent and promised of it.
        spent: u64,
    },
    /// The run's.
    #[error("the most that this run may cost, {}, is reached: {} spent", dollars(*.cap), dollars(*.spent))]
    Run {
        /// The cap.
        cap: u64,
        /// What is spent and promised of it.
        spent: u64,
    },
}

/// Money that a run may spend. Taken before each request, and given back where it cost nothing.
#[derive(Debug, Clone)]
pub struct Budget {
    prices: ImagePrices,
    limits: Limits,
    before: Spent,
    run: Spent,
}

impl Budget {
    /// For a run in a month in which so much was spent.
    #[must_use]
    pub fn new(prices: ImagePrices, limits: Limits, spent: Spent) -> Self {
        Self { prices, limits, before: spent, run: Spent::default() }
    }

    fn price(&self, operation: Operation) -> u64 {
        self.prices.micro_usd(self.before.images.of(operation) + self.run.images.of(operation), 1)
    }

    /// Takes the price of one image for all that is asked of it, in micro-dollars.
    ///
    /// # Errors
    /// [`CapReached`] where it is more than is left; then nothing is taken.
    pub fn take(&mut self, asked: Asked) -> Result<u64, CapReached> {
        let wanted = || Operation::ALL.into_iter().filter(|operation| operation.is_in(asked));
        let price = wanted().map(|operation| self.price(operation)).sum::<u64>();
        let run = self.run.total_micro_usd();
        let month = self.before.total_micro_usd().saturating_add(run);
        if let Some(cap) = self.limits.month.filter(|cap| month.saturating_add(price) > *cap) {
            return Err(CapReached::Month { cap, spent: month });
        }
        if let Some(cap) = self.limits.run.filter(|cap| run.saturating_add(price) > *cap) {
            return Err(CapReached::Run { cap, spent: run });
        }
        for operation in wanted() {
            let price = self.price(operation);
            *self.run.images.of_mut(operation) += 1;
            *self.run.micro_usd.of_mut(operation) += price;
        }
        Ok(price)
    }

    /// Gives back what was taken for an image of which this was not looked at after all.
    pub fn give_back(&mut self, asked: Asked) {
        for operation in Operation::ALL.into_iter().filter(|operation| operation.is_in(asked)) {
            let images = self.run.images.of_mut(operation);
            if *images > 0 {
                *images -= 1;
                let price = self.price(operation);
                let money = self.run.micro_usd.of_mut(operation);
                *money = money.saturating_sub(price);
            }
        }
    }

    /// What this run has taken so far.
    #[must_use]
    pub fn taken(&self) -> Spent {
        self.run
    }
}

#[cfg(test)]
#[path = "spend_tests.rs"]
mod tests;
