//! What keeping photos in a bucket costs in each storage class, from the list of prices.
//!
//! Counted as S3 bills: a GB is 2^30 bytes; what is read seldom is billed as 128 KB at least; an archived object has 32 KB
//! beside it in its class and 8 KB in Standard; large files go in parts, and the parts of an archived one are Standard
//! requests until it is complete. Source: <https://aws.amazon.com/s3/pricing/>.

use super::prices::{ClassPrices, List, Prices, list};
use crate::domain::StorageClass;
use crate::domain::cost::Amount;
use crate::domain::keep::{ClassCost, CostEstimate};
use crate::domain::number::grouped;

const GB: f64 = (1_u64 << 30) as f64;
/// Size of a stored thumbnail in bytes, about.
const THUMB_BYTES: f64 = 24.0 * 1024.0;
/// What an archived object has beside it: in its own class, and in Standard. Bytes.
const ARCHIVE_BYTES: (f64, f64) = (32.0 * 1024.0, 8.0 * 1024.0);

/// Whose prices are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Nobody's yet: photos are kept on this computer.
    Nobody,
    /// Of Amazon in this region.
    Amazon(String),
    /// Of a server whose prices are not known.
    AnotherServer,
}

/// What keeping this much costs, in each class.
#[must_use]
pub fn keeping(whose: &Whose, amount: &Amount) -> CostEstimate {
    let list = list();
    let region = match whose {
        Whose::Amazon(region) if list.regions.contains_key(region) => region.clone(),
        _ => list.usual.clone(),
    };
    let prices = &list.regions[&region];
    let classes: Vec<ClassCost> = StorageClass::ALL.iter().map(|class| class_cost(*class, prices, amount)).collect();
    let words = words(whose, amount, &classes, &list, &region);
    CostEstimate { files: amount.files, bytes: amount.bytes, classes, region, as_of: list.as_of, words }
}

fn class_cost(class: StorageClass, prices: &Prices, amount: &Amount) -> ClassCost {
    let (own, standard): (ClassPrices, ClassPrices) = (prices.classes[&class], prices.classes[&StorageClass::Standard]);
    let (files, photos) = (amount.files as f64, amount.photos as f64);
    let bytes = match class {
        StorageClass::StandardIa | StorageClass::GlacierInstant => amount.padded_bytes as f64,
        _ if class.is_archive() => amount.bytes as f64 + files * ARCHIVE_BYTES.0,
        _ => amount.bytes as f64,
    };
    let in_standard = photos * THUMB_BYTES + if class.is_archive() { files * ARCHIVE_BYTES.1 } else { 0.0 };
    let watched = if class == StorageClass::IntelligentTiering { amount.not_small as f64 } else { 0.0 };
    let parts = if class.is_archive() { standard.put_1000 } else { own.put_1000 };
    ClassCost {
        class,
        month: bytes / GB * own.gb_month + in_standard / GB * standard.gb_month + watched / 1e3 * prices.watch_1000,
        once: (files * own.put_1000 + photos * standard.put_1000 + amount.part_requests as f64 * parts) / 1e3,
        least_days: class.least_days(),
    }
}

fn words(whose: &Whose, amount: &Amount, classes: &[ClassCost], list: &List, region: &str) -> String {
    let of = |wanted: StorageClass| classes.iter().find(|cost| cost.class == wanted);
    let (Some(hot), Some(cold)) = (of(StorageClass::Standard), of(StorageClass::DeepArchive)) else {
        return String::new();
    };
    let before = match whose {
        Whose::Nobody => "Nothing is kept in a bucket yet. ",
        Whose::AnotherServer => "The prices of your S3 server are not known; at Amazon it would be this. ",
        Whose::Amazon(_) => "",
    };
    let mut text = format!(
        "{before}{} file{}, {}: {}{} a month in {}, {} in {}, once {} or {} for requests.",
        grouped(amount.files),
        if amount.files == 1 { "" } else { "s" },
        gigabytes(amount.bytes),
        if is_tiny(hot.month) { "" } else { "about " },
        dollars(hot.month),
        hot.class.label(),
        dollars(cold.month),
        cold.class.label(),
        dollars(hot.once),
        dollars(cold.once)
    );
    let least: Vec<String> = classes
        .iter()
        .filter(|cost| cost.least_days > 0)
        .map(|cost| format!("{} {} days", cost.class.label(), cost.least_days))
        .collect();
    text.push_str(&format!(" Charged at least: {}.", least.join(", ")));
    if amount.photos > 0 {
        text.push_str(" Thumbnails, always in Standard, are counted.");
    }
    text.push_str(&format!(" An estimate, list prices of {region} of {}, US dollars without tax", list.as_of));
    match whose {
        Whose::Amazon(asked) if asked != region => text.push_str(&format!("; those of {asked} may differ.")),
        _ => text.push('.'),
    }
    text
}

fn dollars(amount: f64) -> String {
    if is_tiny(amount) { "under $0.01".to_owned() } else { format!("${amount:.2}") }
}

/// More than nothing, and less than can be written in cents.
fn is_tiny(amount: f64) -> bool {
    amount > 0.0 && amount < 0.005
}

fn gigabytes(bytes: u64) -> String {
    let gb = bytes as f64 / GB;
    match bytes {
        0 => "0 GB".to_owned(),
        _ if gb < 0.05 => "under 0.1 GB".to_owned(),
        _ if gb < 9.95 => format!("{gb:.1} GB"),
        _ => format!("{} GB", grouped(gb.round() as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(estimate: &CostEstimate, class: StorageClass) -> &ClassCost {
        estimate.classes.iter().find(|cost| cost.class == class).unwrap()
    }

    fn near(is: f64, should: f64) {
        assert!((is - should).abs() < 5e-5, "{is} is not {should}");
    }

    #[test]
    fn the_example_of_the_sentence() {
        let bytes = 212 << 30;
        let amount = Amount { files: 8_140, bytes, padded_bytes: bytes, not_small: 8_140, part_requests: 0, photos: 0 };
        let estimate = keeping(&Whose::Amazon("us-east-1".into()), &amount);
        assert!(
            estimate.words.starts_with(
                "8,140 files, 212 GB: about $4.88 a month in Standard, $0.21 in Glacier Deep Archive, once $0.04 or \
                 $0.41 for requests. Charged at least: Standard-IA 30 days, Glacier Instant Retrieval 90 days, \
                 Glacier Flexible Retrieval 90 days, Glacier Deep Archive 180 days."
            ),
            "{}",
            estimate.words
        );
        assert!(estimate.words.contains("An estimate, list prices of us-east-1 of 20"), "{}", estimate.words);
        // By hand: 212 × 0.0125; 212 × 0.023 + 8.14 × 0.0025; 212 × 0.004.
        near(cost(&estimate, StorageClass::StandardIa).month, 2.65);
        near(cost(&estimate, StorageClass::IntelligentTiering).month, 4.896_35);
        near(cost(&estimate, StorageClass::GlacierInstant).month, 0.848);
        // 8,140 × 32 KB = 0.248 413 GB more in the class, × 8 KB = 0.062 103 GB in Standard.
        near(cost(&estimate, StorageClass::GlacierFlexible).month, 212.248_413 * 0.0036 + 0.062_103 * 0.023);
        near(cost(&estimate, StorageClass::DeepArchive).month, 0.209_88 + 0.000_246 + 0.001_428);
    }

    #[test]
    fn small_files_and_thumbnails_are_billed_as_they_are() {
        // 8,192 photos of 64 KB: 0.5 GB, billed as 1 GB where they are read seldom; thumbnails are 0.1875 GB.
        let mut amount = Amount::default();
        (0..8_192).for_each(|_| amount.add(64 << 10, true));
        let estimate = keeping(&Whose::Amazon("us-east-1".into()), &amount);
        let thumbs = 0.1875 * 0.023;
        near(cost(&estimate, StorageClass::Standard).month, 0.5 * 0.023 + thumbs);
        near(cost(&estimate, StorageClass::StandardIa).month, 0.0125 + thumbs);
        near(cost(&estimate, StorageClass::GlacierInstant).month, 0.004 + thumbs);
        near(cost(&estimate, StorageClass::IntelligentTiering).month, 0.5 * 0.023 + thumbs);
        near(cost(&estimate, StorageClass::Standard).once, 8.192 * 0.005 * 2.0);
        near(cost(&estimate, StorageClass::DeepArchive).once, 8.192 * 0.05 + 8.192 * 0.005);
    }

    #[test]
    fn parts_of_archived_files_are_standard_requests() {
        let mut amount = Amount::default();
        // 1 GB in 128 parts, one request to begin; completing it is the file's own.
        (0..1_000).for_each(|_| amount.add(1 << 30, false));
        let estimate = keeping(&Whose::Amazon("us-east-1".into()), &amount);
        near(cost(&estimate, StorageClass::Standard).once, 0.005 + 129.0 * 0.005);
        near(cost(&estimate, StorageClass::DeepArchive).once, 0.05 + 129.0 * 0.005);
        near(cost(&estimate, StorageClass::StandardIa).once, 0.01 + 129.0 * 0.01);
    }

    #[test]
    fn whose_prices_they_are_is_said() {
        let amount = Amount::default();
        let words = |whose: Whose| keeping(&whose, &amount).words;
        assert!(words(Whose::Nobody).starts_with("Nothing is kept in a bucket yet. 0 files, 0 GB: about $0.00"));
        assert!(words(Whose::AnotherServer).starts_with("The prices of your S3 server are not known"));
        assert!(words(Whose::Amazon("af-south-1".into())).ends_with("those of af-south-1 may differ."));
        assert!(!words(Whose::Amazon("eu-central-1".into())).contains("may differ"));
        for prices in list().regions.values() {
            assert_eq!(prices.classes.len(), StorageClass::ALL.len(), "every class has a price");
        }
    }
}
