//! What the stack costs, in words: from a list of prices with a date and a region.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::number::grouped;

use crate::domain::StorageClass;
use crate::domain::spend::{ImagePrices, Tier};

const PRICES: &str = include_str!("prices.toml");
/// The library that the estimate is of: photos, and the size of one in MB (10^6 bytes).
const PHOTOS: f64 = 10_000.0;
const PHOTO_MB: f64 = 8.0;
/// Objects of one photo: the original, a thumbnail, and its share of manifests and sidecars.
const OBJECTS: f64 = 2.1;
/// Size of the row that an issue to come keeps for a photo, in bytes.
const ROW: f64 = 1_000.0;

#[derive(Debug, Deserialize)]
pub(super) struct List {
    pub as_of: String,
    pub usual: String,
    free: Free,
    #[serde(flatten)]
    pub regions: BTreeMap<String, Prices>,
}

#[derive(Debug, Deserialize)]
struct Free {
    people: u32,
}

/// What a storage class costs in a region.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct ClassPrices {
    pub gb_month: f64,
    pub put_1000: f64,
    #[allow(dead_code, reason = "a price list is whole, or it is not compared with the source")]
    pub retrieval_gb: f64,
}

/// What an image costs that Rekognition looks at, up to so many of a month.
#[derive(Debug, Clone, Copy, Deserialize)]
struct ImageTier {
    up_to: Option<u64>,
    micro_usd: u64,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Prices {
    /// Intelligent-Tiering: watching 1,000 objects for a month.
    pub watch_1000: f64,
    pub classes: BTreeMap<StorageClass, ClassPrices>,
    storage_gb_month: f64,
    put_1000: f64,
    images: Vec<ImageTier>,
    table_gb_month: f64,
    recovery_gb_month: f64,
    write_million: f64,
    #[allow(dead_code, reason = "a price list is whole, or it is not compared with the source")]
    read_million: f64,
}

/// What the stack costs, in US dollars without tax.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// A month with nothing stored.
    pub empty_month: f64,
    /// A month of keeping a library of 10,000 photos of 8 MB each.
    pub month: f64,
    /// Once, to store and tag that library.
    pub once: f64,
    /// When the prices were read (YYYY-MM-DD).
    pub as_of: String,
    /// Whose prices they are: the region itself, or the usual one where its own are not known here.
    pub region: String,
    /// All of it in lines for people.
    pub words: Vec<String>,
}

/// The list that is part of the program.
pub(super) fn list() -> List {
    toml::from_str(PRICES).unwrap_or_else(|error| unreachable!("prices.toml: {error}"))
}

/// What the stack would cost in a region.
#[must_use]
pub fn estimate(region: &str) -> Estimate {
    let list = list();
    let known = list.regions.contains_key(region);
    let of = if known { region } else { list.usual.as_str() };
    let prices = &list.regions[of];
    let gb = PHOTOS * PHOTO_MB / 1_000.0;
    let rows_gb = PHOTOS * ROW / 1e9;
    let storage = gb * prices.storage_gb_month;
    let tables = rows_gb * (prices.table_gb_month + prices.recovery_gb_month);
    let requests = PHOTOS * OBJECTS / 1_000.0 * prices.put_1000 + PHOTOS / 1e6 * prices.write_million;
    let tags = image_prices(region).micro_usd(0, PHOTOS as u64) as f64 / 1e6;
    let mut words = vec![
        format!(
            "Empty: $0.00 a month. Sign-in is free for the first {} people a month.",
            grouped(u64::from(list.free.people))
        ),
        format!(
            "With 10,000 photos of 8 MB (80 GB): about ${:.2} a month to keep them; once, about ${requests:.2} to send \
             them and ${tags:.2} to tag them with Rekognition.",
            storage + tables
        ),
        "Old versions are kept and count like photos; reading more than 100 GB back in a month costs extra.".to_owned(),
    ];
    let whose = if known { format!("prices of {of}") } else { format!("prices of {of}; those of {region} may differ") };
    words.push(format!("List {whose} of {}, US dollars without tax.", list.as_of));
    Estimate {
        empty_month: 0.0,
        month: storage + tables,
        once: requests + tags,
        as_of: list.as_of,
        region: of.to_owned(),
        words,
    }
}

/// What Rekognition takes for an image in a region.
#[must_use]
pub fn image_prices(region: &str) -> ImagePrices {
    let list = list();
    let of = if list.regions.contains_key(region) { region } else { list.usual.as_str() };
    let tier = |tier: &ImageTier| Tier { up_to: tier.up_to, micro_usd: tier.micro_usd };
    ImagePrices {
        tiers: list.regions[of].images.iter().map(tier).collect(),
        region: of.to_owned(),
        asked_region: region.to_owned(),
        as_of: list.as_of.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_estimate_is_of_the_region_or_says_that_it_is_not() {
        let frankfurt = estimate("eu-central-1");
        assert!((1.9..2.1).contains(&frankfurt.month), "80 GB at 0.0245: {frankfurt:?}");
        assert!((12.0..12.3).contains(&frankfurt.once), "{frankfurt:?}");
        assert_eq!(frankfurt.region, "eu-central-1");
        let elsewhere = estimate("af-south-1");
        assert_eq!(elsewhere.region, "us-east-1");
        assert!(elsewhere.words.last().unwrap().contains("those of af-south-1 may differ"));
    }

    #[test]
    fn images_cost_what_the_list_says_and_less_the_more_there_are() {
        assert_eq!(image_prices("us-east-1").micro_usd(0, 8_140), 8_140_000);
        assert_eq!(image_prices("eu-central-1").micro_usd(0, 10_000), 12_000_000);
        let elsewhere = image_prices("af-south-1");
        assert_eq!((elsewhere.region.as_str(), elsewhere.asked_region.as_str()), ("us-east-1", "af-south-1"));
        for region in list().regions.keys() {
            let tiers = image_prices(region).tiers;
            assert!(tiers.windows(2).all(|two| two[0].micro_usd > two[1].micro_usd), "{region}");
            assert!(tiers.windows(2).all(|two| two[0].up_to < two[1].up_to || two[1].up_to.is_none()), "{region}");
            assert_eq!(tiers.last().unwrap().up_to, None, "{region}");
        }
    }
}
