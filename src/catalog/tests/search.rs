//! Search against a naive answer worked out photo by photo.

use super::*;
use crate::domain::edit::Change;
use crate::domain::query::words::words;
use crate::domain::query::{Expr, Match};
use crate::domain::tag::TagName;
use proptest::prelude::*;

/// Whether a photo fulfils a condition, without any index.
fn holds(photo: &PhotoDetail, expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) => parts.iter().all(|part| holds(photo, part)),
        Expr::Any(parts) => parts.iter().any(|part| holds(photo, part)),
        Expr::Not(inner) => !holds(photo, inner),
        Expr::Is(what) => matches(photo, what),
    }
}

fn matches(photo: &PhotoDetail, what: &Match) -> bool {
    let tags = || photo.tags.iter().map(|tag| tag.name.clone());
    let place = || photo.metadata.gps.and_then(|gps| crate::domain::places::shipped().at(&gps));
    match what {
        Match::Words { words: wanted, prefix } => {
            let texts = [Some(photo.card.name.clone()), Some("shoot".into()), photo.metadata.caption.clone()];
            // A place is found by one word of its name.
            let places = place().iter().flat_map(|place| place.names()).map(ToOwned::to_owned).collect::<Vec<_>>();
            let places = places.into_iter().filter(|_| wanted.len() == 1);
            texts.into_iter().flatten().chain(tags()).chain(places).any(|text| {
                words(&text).windows(wanted.len()).any(|part| {
                    part.iter().zip(wanted).enumerate().all(|(index, (word, wanted_word))| {
                        word == wanted_word
                            || *prefix && index + 1 == wanted.len() && word.starts_with(wanted_word.as_str())
                    })
                })
            })
        }
        Match::Tag(key) => tags().any(|tag| TagName::new(&tag).unwrap().key() == *key),
        Match::Days { first, last } => photo.card.taken_at.is_some_and(|taken| (*first..=*last).contains(&taken.day())),
        Match::Rating(list) => list.contains(&photo.card.rating),
        Match::Iso { lowest, highest } => photo.metadata.iso.is_some_and(|iso| (*lowest..=*highest).contains(&iso)),
        Match::Camera(parts) => {
            let camera = words(&photo.metadata.camera().unwrap_or_default());
            parts.iter().all(|part| camera.iter().any(|word| word.starts_with(part.as_str())))
        }
        Match::Aperture { lowest, highest } => photo
            .metadata
            .f_number
            .is_some_and(|number| (*lowest..=*highest).contains(&((number * 10.0).round() as u32))),
        Match::Size { lowest, highest } => (*lowest..=*highest).contains(&((photo.size_bytes >> 10) as u32)),
        Match::Place(parts) => {
            let names: Vec<String> = place().iter().flat_map(|place| place.names()).flat_map(words).collect();
            parts.iter().all(|part| names.iter().any(|name| name.starts_with(part.as_str())))
        }
        Match::Near { latitude_e6, longitude_e6, radius_m } => photo.metadata.gps.is_some_and(|gps| {
            let centre = (f64::from(*latitude_e6) / 1e6, f64::from(*longitude_e6) / 1e6);
            let way = crate::domain::places::distance_km(centre, (gps.latitude, gps.longitude));
            way <= f64::from(*radius_m) / 1e3
        }),
        Match::Format(list) => list.contains(&photo.card.format),
        Match::Label(list) => list.contains(&photo.card.label),
        Match::Flag(list) => list.contains(&photo.card.flag),
        other => panic!("not asked here: {other:?}"),
    }
}

/// Paris, Versailles, Reykjavík, Kyoto, the sea.
const POINTS: [(f64, f64); 5] =
    [(48.8566, 2.3522), (48.8049, 2.1204), (64.1466, -21.9426), (35.0116, 135.7681), (-40.0, -120.0)];
const APERTURES: [f64; 5] = [1.4, 1.78, 2.8, 5.6, 22.0];

fn library() -> impl Strategy<Value = Vec<(Candidate, u8, bool)>> {
    let caption =
        prop_oneof![Just(None), "(red|reddish|redwood|sea|seaside) (red|sea|wind|windmill|京都|京)".prop_map(Some),];
    let one = (
        0..4_u8,
        0..28_u8,
        caption,
        prop_oneof![Just(None), (1..5_u32).prop_map(|n| Some(n * 200))],
        0..6_u8,
        0..9_u8,
        0..8_usize,
        0..8_usize,
        0..40_000_000_u64,
    );
    proptest::collection::vec(one, 1..25).prop_map(|photos| {
        photos
            .into_iter()
            .enumerate()
            .map(|(n, (month, day, caption, iso, stars, other, point, aperture, size))| {
                let taken = if month == 0 { String::new() } else { format!("2024-{month:02}-{:02}T10:00:00", day + 1) };
                let mut file = photo(&format!("IMG_{n:04}.jpg"), n as u8, &taken);
                file.metadata.caption = caption;
                file.metadata.iso = iso;
                file.metadata.f_number = APERTURES.get(aperture).copied();
                file.metadata.gps = POINTS.get(point).map(|(latitude, longitude)| crate::domain::Gps {
                    latitude: *latitude,
                    longitude: *longitude,
                    altitude_m: None,
                });
                file.size = size;
                file.fingerprint.size = size;
                if other == 7 {
                    file.kind = FileKind::Photo(Format::Heic);
                }
                if other % 3 == 0 {
                    file.metadata.keywords = vec!["Red sea".into()];
                }
                (file, stars, other == 8)
            })
            .collect()
    })
}

fn term() -> impl Strategy<Value = String> {
    let plain = prop_oneof![
        prop::sample::select(vec![
            "red",
            "redd",
            "sea",
            "s",
            "se",
            "seas",
            "wi",
            "windm",
            "\"red sea\"",
            "\"sea wind\"",
            "京",
            "京都",
            "img",
            "IMG_0003",
            "IMG_00",
            "tag:\"red sea\"",
            "tag:january",
            "tag:winter",
            "rating:0",
            "rating:>=3",
            "rating:0|5",
            "iso:>300",
            "iso:400",
            "date:2024",
            "date:2024-02",
            "date:2024-01-10..2024-02",
            "date:<2024-02-10",
            "date:>=2024-03",
            "camera:pent",
            "camera:canon",
            "\"k 1\"",
            "xyz",
            "shoot",
            "\"pentax k\"",
            "K-1",
            "iceland",
            "par",
            "place:iceland",
            "place:\"ile de france\"",
            "place:kyo|reykj",
            "near:48.8566,2.3522,5",
            "near:paris,60",
            "near:\"Paris, 3000\"",
            "near:-40,-120,1",
            "f:<2.8",
            "f:1.8",
            "f:1.4..5.6",
            "size:>20MB",
            "size:1MB..9.5MB",
            "size:<=10000000",
            "type:heic",
            "type:jpeg|raw",
            "flag:none",
            "colour:red|blue",
            "colour:none",
            "tag:january|february",
        ])
        .prop_map(ToOwned::to_owned),
    ];
    (any::<bool>(), plain).prop_map(|(not, term)| if not { format!("-{term}") } else { term })
}

/// Terms joined in every way that there is.
fn question() -> impl Strategy<Value = String> {
    term().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} or {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a} {b})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} and {b} OR {c})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("-({a} {b})")),
            inner.prop_map(|a| format!("not {a}")),
        ]
    })
}

/// Facets by looking at every photo: names with counts.
fn counted(photos: &[&PhotoDetail], names: impl Fn(&PhotoDetail) -> Vec<String>) -> Vec<(String, u64)> {
    let mut counts = std::collections::BTreeMap::new();
    for name in photos.iter().flat_map(|photo| names(photo)) {
        *counts.entry(name).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

fn sorted(facets: &[crate::domain::facets::Facet]) -> Vec<(String, u64)> {
    let mut facets: Vec<_> = facets.iter().map(|facet| (facet.name.clone(), facet.photos)).collect();
    facets.sort();
    facets
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn the_index_agrees_with_looking_at_every_photo(
        photos in library(), queries in proptest::collection::vec(proptest::collection::vec(question(), 1..4), 12)
    ) {
        let mut lib = Fixture::new();
        let files: Vec<_> = photos.iter().map(|(file, _, _)| file.clone()).collect();
        let outcomes = lib.take(&files);
        for (outcome, (_, stars, hidden)) in outcomes.iter().zip(&photos) {
            let rating = crate::domain::Rating::new(*stars).unwrap();
            lib.writer.edit(&[outcome.seat.unwrap()], &Change::Rating(rating), Timestamp(1)).unwrap();
            if *hidden {
                lib.writer.edit(&[outcome.seat.unwrap()], &Change::Hidden(true), Timestamp(1)).unwrap();
            }
        }
        let mut all: Vec<_> = outcomes
            .iter()
            .zip(&photos)
            .filter(|(_, (_, _, hidden))| !hidden)
            .map(|(outcome, _)| lib.detail(outcome))
            .collect();
        all.sort_by_key(|photo| std::cmp::Reverse(photo.card.seat));
        for query in queries {
            let text = query.join(" ");
            let query = Query::parse(&text).unwrap();
            let expected: Vec<Seat> = all
                .iter()
                .filter(|photo| holds(photo, &query.filter))
                .map(|photo| photo.card.seat)
                .collect();
            let stop = Stop::new();
            prop_assert_eq!(lib.reader.list(&query, &stop).unwrap(), expected.clone(), "{}", text);
            prop_assert_eq!(lib.reader.count(&query, &stop).unwrap(), expected.len() as u64, "{}", text);
            for limit in [0, 1, 3, 50] {
                let page = lib.reader.first_page(&query, limit, &stop).unwrap();
                prop_assert_eq!(&page[..], &expected[..limit.min(expected.len())], "{}", text);
            }
            let found: Vec<&PhotoDetail> = all.iter().filter(|photo| holds(photo, &query.filter)).collect();
            let facets = lib.reader.facets(crate::domain::query::Scope::Library, &query, 1_000, &stop).unwrap();
            prop_assert_eq!(facets.total, found.len() as u64);
            let tags = |photo: &PhotoDetail| photo.tags.iter().map(|tag| tag.name.clone()).collect();
            prop_assert_eq!(sorted(&facets.tags), counted(&found, tags), "{}", text);
            let camera = |photo: &PhotoDetail| photo.metadata.camera().into_iter().collect();
            prop_assert_eq!(sorted(&facets.cameras), counted(&found, camera));
            let year = |photo: &PhotoDetail| photo.card.taken_at.map(|at| at.local().year().to_string()).into_iter().collect();
            prop_assert_eq!(sorted(&facets.years), counted(&found, year));
            let format = |photo: &PhotoDetail| vec![photo.card.format.name().to_owned()];
            prop_assert_eq!(sorted(&facets.formats), counted(&found, format));
            let stars = |photo: &PhotoDetail| vec![photo.card.rating.stars().to_string()];
            prop_assert_eq!(sorted(&facets.ratings), counted(&found, stars));
            let place = |photo: &PhotoDetail| {
                let place = photo.metadata.gps.and_then(|gps| crate::domain::places::shipped().at(&gps));
                // A region that has its city's name is one place.
                let names: std::collections::BTreeSet<_> = place.iter().flat_map(|place| place.names()).collect();
                names.into_iter().map(ToOwned::to_owned).collect()
            };
            prop_assert_eq!(sorted(&facets.places), counted(&found, place));
            // Each narrows to what it counts.
            for (_, list) in facets.kinds() {
                for facet in list.iter().take(3) {
                    let narrower = Expr::all(vec![query.filter.clone(), Query::parse(&facet.query).unwrap().filter]);
                    let narrower = Query { filter: narrower, as_of: None };
                    prop_assert_eq!(lib.reader.count(&narrower, &stop).unwrap(), facet.photos, "{}", facet.query);
                }
            }
        }
    }
}

#[test]
fn a_stopped_search_says_so() {
    let mut lib = Fixture::new();
    lib.take(&[photo("a.jpg", 1, "")]);
    let stop = Stop::new();
    stop.stop();
    let query = Query::parse("a").unwrap();
    assert!(matches!(lib.reader.list(&query, &stop), Err(CatalogError::Stopped)));
}

#[test]
fn photos_are_named_by_id_content_beginning_and_path() {
    let mut lib = Fixture::new();
    lib.take(&[photo("a.jpg", 0xAB, ""), photo("b.jpg", 0xCD, "")]);
    lib.take(&[photo("a.jpg", 0xAC, "")]);
    let id = crate::domain::PhotoId(print(0xAB).blake3);
    for text in ["abab", "ABABAB", &print(0xAB).blake3.to_hex(), "acac", &print(0xAC).blake3.to_hex(), "/shoot/a.jpg"] {
        assert_eq!(lib.reader.resolve(text).unwrap(), id, "{text}");
    }
    for text in ["", "aba", "abac", "zzzz", "/shoot/c.jpg", &"a".repeat(65), "é"] {
        assert!(matches!(lib.reader.resolve(text), Err(ResolveError::NotFound(_))), "{text}");
    }
    let mut near = photo("c.jpg", 0xCD, "");
    near.fingerprint.blake3.0[31] = 0;
    lib.take(&[near]);
    assert!(matches!(lib.reader.resolve("cdcd"), Err(ResolveError::Ambiguous(_, 2))));
}
