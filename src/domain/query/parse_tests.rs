//! The language: old queries, the tree, what is wrong and where, and that printing and reading are one another's
//! inverse.

use super::*;
use crate::domain::colour::ColourLabel;
use crate::domain::photo::{Flag, Format, Rating};
use crate::domain::tag::TagName;
use crate::domain::{TakenAt, places};
use proptest::prelude::*;

fn tree(text: &str) -> Expr {
    Query::parse(text).unwrap().filter
}

fn one(text: &str) -> Match {
    let Expr::Is(what) = tree(text) else { panic!("{text}: {:?}", tree(text)) };
    what
}

fn word(text: &str) -> Expr {
    Expr::Is(Match::Words { words: vec![text.into()], prefix: true })
}

fn tag(key: &str) -> Expr {
    Expr::Is(Match::Tag(key.into()))
}

fn day(text: &str) -> i32 {
    TakenAt::from_rfc3339(&format!("{text}T12:00:00")).unwrap().day()
}

fn wrong(text: &str) -> (usize, String) {
    let error = Query::parse(text).unwrap_err();
    (error.position, error.expected)
}

#[test]
fn words_and_phrases() {
    assert_eq!(one("Éric"), Match::Words { words: vec!["eric".into()], prefix: true });
    assert_eq!(one("IMG_12"), Match::Words { words: vec!["img".into(), "12".into()], prefix: true });
    let gate = Match::Words { words: vec!["golden".into(), "gate".into()], prefix: false };
    assert_eq!(one("\"Golden Gate\""), gate);
    assert_eq!(one("\"Golden Gate"), gate);
    assert_eq!(tree(" a  b\tc "), Expr::All(vec![word("a"), word("b"), word("c")]));
    assert_eq!(Query::parse("").unwrap(), Query::everything());
    assert_eq!(Query::parse(" ... ").unwrap(), Query::everything());
    assert_eq!(one("12:30"), Match::Words { words: vec!["12".into(), "30".into()], prefix: true });
    assert_eq!(one("a-b"), Match::Words { words: vec!["a".into(), "b".into()], prefix: true });
    assert_eq!(one("a|b"), Match::Words { words: vec!["a".into(), "b".into()], prefix: true });
    assert_eq!(one("f:\\x"), Match::Words { words: vec!["f".into(), "x".into()], prefix: true });
    let copy = Match::Words { words: vec!["img".into(), "1".into(), "jpg".into()], prefix: true };
    assert_eq!(one("IMG(1).jpg"), copy);
    assert_eq!(one("(IMG(1).jpg)"), copy);
    assert_eq!(tree("a) b"), Expr::All(vec![word("a"), word("b")]));
}

#[test]
fn a_minus_turns_any_term_round() {
    let found = tree("-tag:\"Golden Gate\" -z iceland not b");
    assert_eq!(found, Expr::All(vec![!tag("golden gate"), !word("z"), word("iceland"), !word("b")]));
    assert_eq!(tree("--z"), !word("z"));
    assert_eq!(tree("-(a b)"), !Expr::All(vec![word("a"), word("b")]));
    assert_eq!(tree("not (a or b)"), !Expr::Any(vec![word("a"), word("b")]));
}

#[test]
fn or_binds_less_than_and() {
    let (a, b, c) = (word("a"), word("b"), word("c"));
    let ab = || Expr::All(vec![a.clone(), b.clone()]);
    assert_eq!(tree("a b or c"), Expr::Any(vec![ab(), c.clone()]));
    assert_eq!(tree("a and b OR c"), tree("a b or c"));
    assert_eq!(tree("a (b or c)"), Expr::All(vec![a.clone(), Expr::Any(vec![b.clone(), c.clone()])]));
    assert_eq!(tree("(a b) c"), tree("a b c"));
    assert_eq!(tree("(a or b) or c"), tree("a or b or c"));
    assert_eq!(tree("((a"), a);
    assert_eq!(tree("a ("), a);
    assert_eq!(tree("a ()"), a);
    assert_eq!(tree("a or ..."), a);
}

#[test]
fn what_joins_nothing_is_a_word() {
    assert_eq!(tree("or"), word("or"));
    assert_eq!(tree("cat or"), Expr::All(vec![word("cat"), word("or")]));
    assert_eq!(tree("(cat or)"), tree("cat or"));
    assert_eq!(tree("cat not"), Expr::All(vec![word("cat"), word("not")]));
    assert_eq!(tree("android orange note"), Expr::All(vec![word("android"), word("orange"), word("note")]));
    let exact = Match::Words { words: vec!["or".into()], prefix: false };
    assert_eq!(tree("a \"or\" b"), Expr::All(vec![word("a"), Expr::Is(exact), word("b")]));
}

#[test]
fn several_values_are_alternatives() {
    assert_eq!(tree("tag:dog|cat"), Expr::Any(vec![tag("dog"), tag("cat")]));
    assert_eq!(tree("-tag:\"red sea\"|Lake"), !Expr::Any(vec![tag("red sea"), tag("lake")]));
    assert_eq!(tree("tag:\"a|b\""), tag("a|b"));
    assert_eq!(tree("tag:\"6\"\" nails\""), tag("6\" nails"));
    assert_eq!(tree("(tag:dog|cat) x"), Expr::All(vec![tree("tag:dog|cat"), word("x")]));
    assert!(wrong("tag:dog|").1.contains("tag"));
}

#[test]
fn dates_are_whole_periods() {
    let range = |first, last| Match::Days { first: day(first), last: day(last) };
    assert_eq!(one("date:2024"), range("2024-01-01", "2024-12-31"));
    assert_eq!(one("date:2024-02"), range("2024-02-01", "2024-02-29"));
    assert_eq!(one("date:2024-05-03"), range("2024-05-03", "2024-05-03"));
    assert_eq!(one("date:2024-05..2024-07"), range("2024-05-01", "2024-07-31"));
    let Match::Days { first, last } = one("date:>2024-05") else { panic!() };
    assert!(first == day("2024-06-01") && last > day("9999-12-31"));
    let Match::Days { first, last } = one("date:<2024") else { panic!() };
    assert!(last == day("2023-12-31") && first < day("0001-01-01"));
    assert_eq!(one("date:1970-01-01"), Match::Days { first: 0, last: 0 });
}

#[test]
fn numbers_and_choices() {
    let stars = |list: &[u8]| Match::Rating(list.iter().map(|n| Rating::new(*n).unwrap()).collect());
    assert_eq!(one("rating:3"), stars(&[3]));
    assert_eq!(one("rating:>=3"), stars(&[3, 4, 5]));
    assert_eq!(one("rating:<2"), stars(&[0, 1]));
    assert_eq!(one("rating:1..2|5"), stars(&[1, 2, 5]));
    assert_eq!(one("iso:>800"), Match::Iso { lowest: 801, highest: u32::MAX });
    assert_eq!(one("type:JPG|raw"), Match::Format(vec![Format::Jpeg, Format::Raw]));
    assert_eq!(one("flag:pick"), Match::Flag(vec![Flag::Pick]));
    assert_eq!(one("colour:RED|none"), Match::Label(vec![ColourLabel::Red, ColourLabel::None]));
    assert_eq!(one("stored:no"), Match::Stored(false));
    assert_eq!(one("iso:<0"), Match::Iso { lowest: 1, highest: 0 });
    assert_eq!(one("f:<2.8"), Match::Aperture { lowest: 0, highest: 27 });
    assert_eq!(one("f:1.4..2.8"), Match::Aperture { lowest: 14, highest: 28 });
    assert_eq!(one("f:1.78"), Match::Aperture { lowest: 18, highest: 18 });
    assert_eq!(one("size:>20MB"), Match::Size { lowest: 19_532, highest: u32::MAX });
    assert_eq!(one("size:1MiB..2MiB"), Match::Size { lowest: 1_024, highest: 2_048 });
    assert_eq!(one("batch:01hx"), Match::Batch("01HX".into()));
}

#[test]
fn places_are_points_or_names() {
    let near = |latitude_e6, longitude_e6, radius_m| Match::Near { latitude_e6, longitude_e6, radius_m };
    assert_eq!(one("near:64.15,-21.94"), near(64_150_000, -21_940_000, 25_000));
    assert_eq!(one("near:64.15,-21.94,0.5"), near(64_150_000, -21_940_000, 500));
    let Match::Near { latitude_e6, longitude_e6, radius_m } = one("near:\"New York, 40\"") else { panic!() };
    let way = places::distance_km((f64::from(latitude_e6) / 1e6, f64::from(longitude_e6) / 1e6), (40.71, -74.01));
    assert!(way < 5.0 && radius_m == 40_000);
    assert_eq!(one("place:Reykjavík"), Match::Place(vec!["reykjavik".into()]));
    // Nan is a city in Thailand, not a number.
    assert!(matches!(one("near:nan,1"), Match::Near { radius_m: 1_000, .. }));
    for text in [
        "near:91,0",
        "near:0,181",
        "near:1,2,0",
        "near:1,2,-4",
        "near:1,2,3,4",
        "near:1,nan",
        "near:1,inf",
        "near:Nowhereville",
    ] {
        assert!(wrong(text).1.contains("LAT,LON"), "{text}");
    }
}

#[test]
fn one_moment_for_the_whole_search() {
    let found = Query::parse("cat as-of:2024-05-03").unwrap();
    assert_eq!(found.filter, word("cat"));
    assert_eq!(found.as_of, Timestamp::from_rfc3339("2024-05-03T23:59:59.999Z"));
    assert_eq!(Query::parse("as-of:2024-05-03T12:00:00Z").unwrap().as_of.unwrap().0 % 86_400_000, 43_200_000);
    for text in ["a or as-of:2024", "-as-of:2024", "(as-of:2024)", "as-of:2024 as-of:2023", "as-of:2024|2023"] {
        assert!(wrong(text).1.contains("one as-of:"), "{text}");
    }
    assert_eq!(wrong("cat as-of:soon").0, 11);
}

#[test]
fn a_wrong_term_says_where_and_what() {
    assert_eq!(wrong("été date:maybe").0, 10);
    assert!(wrong("date:2024-13").1.contains("a date"));
    assert!(wrong("date:2023-02-29").1.contains("a date"));
    assert_eq!(wrong("a foo:bar").0, 3);
    assert!(wrong("foo:bar").1.contains("tag"));
    assert!(wrong("rating:6").1.contains("0 to 5"));
    assert!(wrong("rating:3|").1.contains("0 to 5"));
    assert!(wrong("type:doc").1.contains("jpeg"));
    assert!(wrong("stored:maybe").1.contains("yes"));
    assert_eq!(wrong("-"), (2, "a term after the minus".into()));
    assert_eq!(wrong("a (b - c)").0, 7);
    assert!(wrong("tag:").1.contains("tag"));
    assert_eq!(wrong("type:jpeg|doc").0, 11);
    assert!(Query::parse(&"a ".repeat(65)).is_err());
    assert!(Query::parse(&"a".repeat(5000)).is_err());
    assert!(Query::parse(&format!("tag:{}", "a|".repeat(80))).is_err());
}

#[test]
fn depth_is_bounded() {
    for deep in ["(", "-(", "not ", "(not ", "(a or -("] {
        let text = deep.repeat(4_096 / deep.len());
        assert!(wrong(&text).1.contains("inside each other"), "{deep}");
        assert!(Query::parse(&format!("{}a", deep.repeat(8))).is_ok(), "{deep}");
    }
    assert!(Query::parse(&"(".repeat(4_096)).is_err());
    assert!(Query::parse(&"-".repeat(4_096)).is_ok());
}

fn leaf() -> impl Strategy<Value = Match> {
    let words = || proptest::collection::vec("[a-z0-9]{1,8}|京|or|and|not|f|tag", 1..4);
    let bounds = |top: u32| (0..top, prop_oneof![Just(u32::MAX), 0..top]);
    prop_oneof![
        (words(), any::<bool>()).prop_map(|(words, prefix)| Match::Words { words, prefix }),
        "[a-zé京\"|()-]{1,12}( [a-z\":]{1,5})?".prop_map(|tag| Match::Tag(TagName::new(&tag).unwrap().key())),
        words().prop_map(Match::Camera),
        words().prop_map(Match::Lens),
        words().prop_map(Match::Person),
        words().prop_map(Match::Text),
        words().prop_map(Match::Place),
        (-90_000_000..=90_000_000_i32, -180_000_000..=180_000_000_i32, 1..20_100_000_u32)
            .prop_map(|(latitude_e6, longitude_e6, radius_m)| Match::Near { latitude_e6, longitude_e6, radius_m }),
        (-719_162..2_932_896_i32, -719_162..2_932_896_i32).prop_map(|(first, last)| Match::Days { first, last }),
        proptest::collection::vec(0..=5_u8, 0..4)
            .prop_map(|list| Match::Rating(list.into_iter().filter_map(Rating::new).collect())),
        proptest::sample::subsequence(vec![Flag::Pick, Flag::None, Flag::Reject], 1..=3).prop_map(Match::Flag),
        proptest::sample::subsequence(vec![ColourLabel::Red, ColourLabel::None, ColourLabel::Blue], 1..=3)
            .prop_map(Match::Label),
        bounds(500_000).prop_map(|(lowest, highest)| Match::Iso { lowest, highest }),
        bounds(90_000).prop_map(|(lowest, highest)| Match::Aperture { lowest, highest }),
        bounds(3_000_000_000).prop_map(|(lowest, highest)| Match::Size { lowest, highest }),
        proptest::sample::subsequence(vec![Format::Jpeg, Format::Raw, Format::Heic], 1..=3).prop_map(Match::Format),
        any::<bool>().prop_map(Match::Stored),
        "[0-9A-Z]{1,26}".prop_map(Match::Batch),
    ]
}

fn expression() -> impl Strategy<Value = Expr> {
    leaf().prop_map(Expr::Is).prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::all),
            proptest::collection::vec(inner.clone(), 1..4).prop_map(Expr::any),
            inner.prop_map(|inner| !inner),
        ]
    })
}

proptest! {
    #[test]
    fn nothing_panics(text in "(\\PC|[-:\"|<>=. 0-9a-z()]|date:|rating:|iso:|near:|size:|f:|as-of:| or | not | and ){0,60}") {
        if let Ok(query) = Query::parse(&text) {
            // What was read can be written and read again.
            prop_assert_eq!(Query::parse(&query.to_string()).unwrap(), query);
        }
        for at in 0..=text.len() {
            let _ = crate::domain::query::typed_at(&text, at);
        }
    }

    #[test]
    fn what_is_printed_reads_the_same(filter in expression(), moment in proptest::option::of(0..4_000_000_000_000_i64)) {
        let query = Query { filter, as_of: moment.map(Timestamp) };
        let text = query.to_string();
        prop_assert_eq!(Query::parse(&text).unwrap(), query, "{}", text);
    }
}
