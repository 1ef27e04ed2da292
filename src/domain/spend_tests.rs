//! Prices, estimates and limits against sums made by hand.

use proptest::prelude::*;

use super::*;

fn prices() -> ImagePrices {
    let tier = |up_to, micro_usd| Tier { up_to, micro_usd };
    ImagePrices {
        tiers: vec![tier(Some(1_000_000), 1_000), tier(Some(5_000_000), 800), tier(None, 600)],
        region: "us-east-1".to_owned(),
        asked_region: "us-east-1".to_owned(),
        as_of: "2025-06-01".to_owned(),
    }
}

fn images(labels: u64, faces: u64, text: u64) -> Images {
    Images { labels, faces, text, people: 0 }
}

const LABELS: Asked = Asked { labels: true, faces: false, text: false, people: false };
const BOTH: Asked = Asked { labels: true, faces: true, text: false, people: false };

#[test]
fn the_sentence_before_a_run() {
    let words = |images: Images| estimate(&images, &Spent::default(), &prices()).words;
    assert_eq!(words(images(8_140, 0, 0)), "8,140 photos × labels ≈ $8.14");
    assert_eq!(words(images(8_140, 8_140, 0)), "8,140 photos × labels + faces ≈ $16.28");
    assert_eq!(words(images(8_140, 8_140, 200)), "8,140 photos × labels + faces, 200 photos × text ≈ $16.48");
    assert_eq!(words(images(1, 0, 0)), "1 photo × labels ≈ under $0.01");
    assert_eq!(words(images(0, 0, 0)), "0 photos to ask about: $0.00");
    assert_eq!(words(images(2_000_000, 0, 0)), "2,000,000 photos × labels ≈ $1,800.00");
}

#[test]
fn whose_prices_it_says() {
    let note = estimate(&images(1, 0, 0), &Spent::default(), &prices()).note;
    assert!(note.contains("list prices of us-east-1 of 2025-06-01") && !note.contains("differ"), "{note}");
    let elsewhere = ImagePrices { asked_region: "af-south-1".to_owned(), ..prices() };
    let note = estimate(&images(1, 0, 0), &Spent::default(), &elsewhere).note;
    assert!(note.ends_with("Those of af-south-1 may differ."), "{note}");
}

#[test]
fn tiers_go_on_where_the_month_is() {
    let prices = prices();
    assert_eq!(prices.micro_usd(0, 1_000_000), 1_000_000_000);
    assert_eq!(prices.micro_usd(999_999, 2), 1_800);
    assert_eq!(prices.micro_usd(4_999_999, 2), 1_400);
    assert_eq!(prices.micro_usd(9_000_000, 10), 6_000);
    assert_eq!(prices.micro_usd(u64::MAX, 10), 0, "no month has so many");
    let spent = Spent { images: images(1_000_000, 0, 0), micro_usd: images(1_000_000_000, 0, 0) };
    assert_eq!(
        estimate(&images(10, 10, 0), &spent, &prices).micro_usd,
        8_000 + 10_000,
        "faces are counted on their own"
    );
}

#[test]
fn a_cap_stops_before_it_is_passed() {
    let spent = Spent { images: images(9_997, 0, 0), micro_usd: images(9_997_000, 0, 0) };
    let limits = Limits { month: Some(10_000_000), run: None };
    let mut budget = Budget::new(prices(), limits, spent);
    assert_eq!(budget.take(BOTH), Ok(2_000));
    let stop = budget.take(BOTH).unwrap_err();
    assert_eq!(stop, CapReached::Month { cap: 10_000_000, spent: 9_999_000 });
    assert_eq!(stop.to_string(), "the monthly cap of $10.00 is reached: $10.00 spent");
    assert_eq!(budget.take(LABELS), Ok(1_000), "one still fits exactly");
    assert!(budget.take(LABELS).is_err());
    budget.give_back(LABELS);
    assert_eq!(budget.take(LABELS), Ok(1_000));
    assert_eq!(budget.taken(), Spent { images: images(2, 1, 0), micro_usd: images(2_000, 1_000, 0) });
}

#[test]
fn the_smaller_limit_holds() {
    let limits = Limits { month: Some(1_000_000), run: micro_usd(0.0025) };
    let mut budget = Budget::new(prices(), limits, Spent::default());
    assert_eq!((budget.take(LABELS), budget.take(LABELS)), (Ok(1_000), Ok(1_000)));
    assert_eq!(budget.take(LABELS), Err(CapReached::Run { cap: 2_500, spent: 2_000 }));
    let nothing = Budget::new(prices(), Limits { month: Some(0), run: None }, Spent::default()).take(LABELS);
    assert!(nothing.is_err(), "a cap of nothing allows nothing");
}

#[test]
fn amounts_and_months() {
    assert_eq!(
        [0, 1, 4_999, 5_000, 8_140_000, 1_234_567_890_000].map(dollars),
        ["$0.00", "under $0.01", "under $0.01", "$0.01", "$8.14", "$1,234,567.89"]
    );
    assert_eq!((micro_usd(5.0), micro_usd(0.0)), (Some(5_000_000), Some(0)));
    assert!([-1.0, f64::NAN, f64::INFINITY, 1e300].into_iter().all(|wrong| micro_usd(wrong).is_none()));
    assert_eq!(month_of(Timestamp(1_764_547_199_999)), "2025-11");
    assert_eq!(month_of(Timestamp(1_764_547_200_000)), "2025-12");
}

proptest! {
    #[test]
    fn pieces_cost_what_the_whole_costs(before in 0..9_000_000_u64, first in 0..9_000_000_u64, second in 0..9_000_000_u64) {
        let prices = prices();
        let pieces = prices.micro_usd(before, first) + prices.micro_usd(before + first, second);
        prop_assert_eq!(prices.micro_usd(before, first + second), pieces);
    }

    #[test]
    fn no_limit_is_ever_passed(
        month in 0..20_000_u64, run in 0..20_000_u64, spent in 0..20_000_u64,
        asks in prop::collection::vec((any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()), 0..60),
    ) {
        let before = Spent { images: images(spent / 1_000, 0, 0), micro_usd: images(spent, 0, 0) };
        let mut budget = Budget::new(prices(), Limits { month: Some(month), run: Some(run) }, before);
        for (labels, faces, text, back) in asks {
            let asked = Asked { labels, faces, text, people: false };
            let was = budget.taken();
            match budget.take(asked) {
                Ok(_) if back => {
                    budget.give_back(asked);
                    prop_assert_eq!(budget.taken(), was);
                }
                Ok(price) => prop_assert_eq!(budget.taken().total_micro_usd(), was.total_micro_usd() + price),
                Err(_) => prop_assert_eq!(budget.taken(), was),
            }
            let taken = budget.taken().total_micro_usd();
            prop_assert!(taken <= run, "{} of {}", taken, run);
            prop_assert!(taken == 0 || taken + spent <= month);
        }
    }
}
