//! Names for coordinates without a service: the nearest city of a table that ships with the program.
//!
//! The table is GeoNames' (CC BY 4.0, see `assets/places/README.md`, which also says how it is made). It knows points
//! and no borders, so that within some kilometres of a border the neighbouring country may be named.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::photo::Gps;
use super::query::words::fold;

/// The table of cities, as `packaging/places/build.py` writes it.
static TABLE: &[u8] = include_bytes!("../../assets/places/places.bin");

/// A city is named up to here from its edge (km).
const CITY_KM: f64 = 30.0;
/// A region and a country are named up to here from a city (km); farther out is the sea, or nobody.
const COUNTRY_KM: f64 = 250.0;
/// Kilometres of one degree of a great circle, on a sphere of 6,371 km.
const DEGREE_KM: f64 = 111.195;

const CITY_BYTES: usize = 12;
const ROW_BYTES: usize = 8;
const HEAD_BYTES: usize = 8 + 4 * 4;
const LON: f64 = 46_603.0;
const LAT: f64 = 93_206.0;

/// Where something is, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The city; none in the country and on the sea.
    pub city: Option<&'a str>,
    /// State, province, canton: the first division of the country. Empty where it has none.
    pub region: &'a str,
    /// The country's name in English.
    pub country: &'a str,
    /// Its ISO 3166-1 code of two letters.
    pub code: &'a str,
}

impl<'a> Place<'a> {
    /// What a search for a place looks at: city, region, country, from small to large.
    pub fn names(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let names = [self.city, Some(self.region), Some(self.country)];
        names.into_iter().flatten().filter(|name| !name.is_empty())
    }
}

/// A table of cities.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    rows: &'a [u8],
    cities: &'a [u8],
    regions: &'a [u8],
    countries: &'a [u8],
    names: &'a [u8],
}

/// One city of the table.
struct City {
    latitude: f64,
    longitude: f64,
    name: usize,
    region: usize,
    people: f64,
}

/// The table that ships with the program.
#[must_use]
pub fn shipped() -> Places<'static> {
    // An empty table, which names nothing, would show at once in the tests.
    Places::new(TABLE).unwrap_or(Places { rows: &[], cities: &[], regions: &[], countries: &[], names: &[] })
}

/// The middle of the largest city of this name (case and accents do not count) in the table that ships: degrees north
/// and east.
#[must_use]
pub fn city_named(name: &str) -> Option<(f64, f64)> {
    // Made at the first question: some 30 ms and 2 MB, which those who never ask do not pay.
    static BY_NAME: OnceLock<HashMap<u64, u32>> = OnceLock::new();
    let places = shipped();
    let by_name = BY_NAME.get_or_init(|| {
        let mut by_name: HashMap<u64, u32> = HashMap::with_capacity(places.len());
        for index in 0..places.len() {
            let Some(city) = places.city(index) else { continue };
            let key = hash(&fold(places.text(city.name)));
            let larger = by_name.get(&key).and_then(|other| places.city(*other as usize));
            if larger.is_none_or(|other| other.people < city.people) {
                by_name.insert(key, index as u32);
            }
        }
        by_name
    });
    let look = |wanted: String| {
        let city = places.city(*by_name.get(&hash(&wanted))? as usize)?;
        (fold(places.text(city.name)) == wanted).then_some((city.latitude, city.longitude))
    };
    let wanted = fold(name.trim());
    // New York, Mexico and others are in the table with a word that few people type.
    look(wanted.clone()).or_else(|| look(format!("{wanted} city")))
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The way between two places in km along a great circle. Coordinates in degrees, north and east.
#[must_use]
pub fn distance_km(one: (f64, f64), other: (f64, f64)) -> f64 {
    let (lat, other_lat) = (one.0.to_radians(), other.0.to_radians());
    let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
    let part = half(other.0 - one.0) + lat.cos() * other_lat.cos() * half(other.1 - one.1);
    2.0 * part.clamp(0.0, 1.0).sqrt().asin().to_degrees() * DEGREE_KM
}

/// Coordinates that name a point: finite, in range, and not 0/0, which cameras write when they know nothing.
#[must_use]
pub fn is_real(gps: &Gps) -> bool {
    (-90.0..=90.0).contains(&gps.latitude)
        && (-180.0..=180.0).contains(&gps.longitude)
        && (gps.latitude != 0.0 || gps.longitude != 0.0)
}

impl<'a> Places<'a> {
    /// A table from its bytes; `None` where their lengths do not fit each other.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"LKplace1")?;
        let count = |index: usize| number(rest, index * 4, 4);
        let (cities, regions, countries, names) = (count(0)?, count(1)?, count(2)?, count(3)?);
        let (rows, rest) = bytes.get(HEAD_BYTES..)?.split_at_checked(181 * 4)?;
        let (cities, rest) = rest.split_at_checked(cities.checked_mul(CITY_BYTES)?)?;
        let (regions, rest) = rest.split_at_checked(regions.checked_mul(ROW_BYTES)?)?;
        let (countries, rest) = rest.split_at_checked(countries.checked_mul(ROW_BYTES)?)?;
        (rest.len() == names).then_some(Self { rows, cities, regions, countries, names: rest })
    }

    fn len(&self) -> usize {
        self.cities.len() / CITY_BYTES
    }

    fn longitude(&self, index: usize) -> Option<f64> {
        Some(number(self.cities, index * CITY_BYTES, 3)? as f64 / LON - 180.0)
    }

    fn city(&self, index: usize) -> Option<City> {
        let at = index * CITY_BYTES;
        Some(City {
            longitude: self.longitude(index)?,
            latitude: number(self.cities, at + 3, 3)? as f64 / LAT - 90.0,
            name: number(self.cities, at + 6, 3)?,
            region: number(self.cities, at + 9, 2)?,
            people: (f64::from(*self.cities.get(at + 11)?) / 8.0).exp2(),
        })
    }

    fn text(&self, at: usize) -> &'a str {
        let read = || {
            let length = usize::from(*self.names.get(at)?);
            std::str::from_utf8(self.names.get(at + 1..at + 1 + length)?).ok()
        };
        read().unwrap_or_default()
    }

    /// The first city of a degree of latitude (0 is 90° south) whose longitude is not below this one.
    fn first_from(&self, row: usize, longitude: f64) -> usize {
        let (mut low, mut high) = self.row(row);
        while low < high {
            let middle = low.midpoint(high);
            if self.longitude(middle).is_some_and(|found| found < longitude) { low = middle + 1 } else { high = middle }
        }
        low
    }

    fn row(&self, row: usize) -> (usize, usize) {
        let at = |row: usize| number(self.rows, row * 4, 4).unwrap_or(0).min(self.len());
        (at(row), at(row + 1))
    }

    /// What is at a point; `None` far from everything, and where the coordinates are none.
    ///
    /// A large city reaches farther than a small one, so that a quarter's own centre does not take its name away.
    #[must_use]
    pub fn at(&self, gps: &Gps) -> Option<Place<'a>> {
        if !is_real(gps) {
            return None;
        }
        let here = (gps.latitude, gps.longitude);
        let mut best: Option<(f64, City)> = None;
        // Rings that grow: most points are near a city, and few need the widest.
        for reach_km in [25.0, 60.0, COUNTRY_KM] {
            self.within(here, reach_km, &mut |city| {
                let way = distance_km(here, (city.latitude, city.longitude));
                let edge = way - edge_km(city.people);
                if way <= reach_km && best.as_ref().is_none_or(|(nearest, _)| edge < *nearest) {
                    best = Some((edge, city));
                }
            });
            // Nobody outside the ring can be nearer than what was found well within it.
            if best.as_ref().is_some_and(|(edge, _)| *edge + MOST_EDGE_KM <= reach_km) {
                break;
            }
        }
        let (edge, city) = best?;
        let at = city.region * ROW_BYTES;
        let country = number(self.regions, at + 4, 2)? * ROW_BYTES;
        Some(Place {
            city: (edge <= CITY_KM).then(|| self.text(city.name)).filter(|name| !name.is_empty()),
            region: self.text(number(self.regions, at, 4)?),
            country: self.text(number(self.countries, country, 4)?),
            code: std::str::from_utf8(self.countries.get(country + 4..country + 6)?).ok()?,
        })
    }

    /// Every city that may lie within so many km of a point, and some that do not.
    fn within(&self, (latitude, longitude): (f64, f64), reach_km: f64, found: &mut impl FnMut(City)) {
        let degrees = reach_km / DEGREE_KM;
        let row = |latitude: f64| (latitude + 90.0).floor().clamp(0.0, 179.0) as usize;
        for row in row(latitude - degrees)..=row(latitude + degrees) {
            // Degrees of longitude are shortest at the row's edge nearer to a pole.
            let farthest = (row as f64 - 90.0).abs().max((row as f64 - 89.0).abs()).max(latitude.abs());
            let shrink = farthest.min(90.0).to_radians().cos();
            let width = if shrink * 180.0 <= degrees { 180.0 } else { degrees / shrink };
            let (from, to) = (longitude - width, longitude + width);
            // Around the antimeridian the window is two windows.
            for turn in [-360.0, 0.0, 360.0] {
                let (from, to) = ((from + turn).max(-180.0), (to + turn).min(180.1));
                if from > to {
                    continue;
                }
                for index in self.first_from(row, from)..self.row(row).1 {
                    match self.city(index) {
                        Some(city) if city.longitude <= to => found(city),
                        _ => break,
                    }
                }
            }
        }
    }
}

/// The farthest that a city reaches (km).
const MOST_EDGE_KM: f64 = 20.0;

/// How far a city reaches from its middle (km): some 6 km with 3 million people.
fn edge_km(people: f64) -> f64 {
    (0.0035 * people.sqrt()).min(MOST_EDGE_KM)
}

/// A number of `length` bytes, lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn gps(latitude: f64, longitude: f64) -> Gps {
        Gps { latitude, longitude, altitude_m: None }
    }

    fn named(latitude: f64, longitude: f64) -> (String, String, String) {
        let place = shipped().at(&gps(latitude, longitude)).unwrap();
        (place.city.unwrap_or_default().to_owned(), place.region.to_owned(), place.country.to_owned())
    }

    /// Sights whose place anybody can look up.
    #[test]
    fn known_sights_have_their_city_and_country() {
        for (latitude, longitude, city, region, country) in [
            (64.1417, -21.9266, "Reykjavík", "Capital Region", "Iceland"), // Hallgrímskirkja
            (48.8584, 2.2945, "Paris", "Île-de-France", "France"),         // Eiffel Tower
            (52.5163, 13.3777, "Berlin", "State of Berlin", "Germany"),    // Brandenburg Gate
            (37.8199, -122.4783, "San Francisco", "California", "United States"), // Golden Gate Bridge
            (35.0116, 135.7681, "Kyoto", "Kyoto", "Japan"),
            (-33.8568, 151.2153, "Sydney", "New South Wales", "Australia"), // Opera House
            (51.5007, -0.1246, "London", "England", "United Kingdom"),      // Big Ben
            (-22.9519, -43.2105, "Rio de Janeiro", "Rio de Janeiro", "Brazil"), // Christ the Redeemer
            (30.0444, 31.2357, "Cairo", "Cairo", "Egypt"),
            (28.6129, 77.2295, "Delhi", "Delhi", "India"), // India Gate: New Delhi counts as a quarter of Delhi
            (-17.7134, 178.065, "", "", "Fiji"),
            (43.7230, 10.3966, "Pisa", "Tuscany", "Italy"), // Leaning Tower
            (47.5576, 10.7498, "", "Bavaria", "Germany"),   // Neuschwanstein
        ] {
            let found = named(latitude, longitude);
            if !city.is_empty() {
                assert_eq!(found.0, city, "{found:?}");
            }
            if !region.is_empty() {
                assert_eq!(found.1, region, "{found:?}");
            }
            assert_eq!(found.2, country, "{found:?}");
        }
    }

    #[test]
    fn the_sea_the_poles_and_nonsense_have_no_name() {
        for (latitude, longitude) in [
            (0.0, 0.0),
            (f64::NAN, 0.0),
            (0.0, f64::NAN),
            (f64::INFINITY, 1.0),
            (91.0, 0.0),
            (0.0, 181.0),
            (90.0, 0.0),
            (-90.0, 180.0),
            (-40.0, -120.0),
            (30.0, -45.0),
        ] {
            assert_eq!(shipped().at(&gps(latitude, longitude)), None, "{latitude} {longitude}");
        }
    }

    #[test]
    fn the_antimeridian_is_no_edge() {
        let (east, west) = (named(-16.8, 179.999), named(-16.8, -179.999));
        assert_eq!((east.2.as_str(), west.2.as_str()), ("Fiji", "Fiji"));
    }

    #[test]
    fn cities_are_found_by_name() {
        let (latitude, longitude) = city_named("reykjavik").unwrap();
        assert!((latitude - 64.13).abs() < 0.1 && (longitude + 21.9).abs() < 0.1, "{latitude} {longitude}");
        // Of several the largest.
        assert!(distance_km(city_named("PARIS").unwrap(), (48.85, 2.35)) < 5.0);
        assert!(distance_km(city_named("São Paulo").unwrap(), (-23.55, -46.63)) < 5.0);
        assert!(distance_km(city_named("new york").unwrap(), (40.71, -74.01)) < 5.0);
        assert_eq!(city_named("no such place"), None);
        assert_eq!(city_named(""), None);
    }

    #[test]
    fn distances_are_those_of_the_earth() {
        // London to New York: 5,570 km.
        assert!((distance_km((51.5074, -0.1278), (40.7128, -74.006)) - 5_570.0).abs() < 10.0);
        assert!((distance_km((0.0, 179.9), (0.0, -179.9)) - 22.2).abs() < 0.1);
        assert!((distance_km((90.0, 0.0), (90.0, 123.0))).abs() < 1e-6);
    }

    #[test]
    fn the_table_is_the_one_that_was_described() {
        let table = include_str!("../../assets/places/README.md");
        assert!(table.contains("78,802 cities") && shipped().len() == 78_802);
    }

    /// The nearest city, by looking at each.
    fn plainly(here: (f64, f64)) -> Option<f64> {
        let places = shipped();
        let edges = (0..places.len()).filter_map(|index| {
            let city = places.city(index)?;
            let way = distance_km(here, (city.latitude, city.longitude));
            (way <= COUNTRY_KM).then(|| way - edge_km(city.people))
        });
        edges.min_by(f64::total_cmp)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]
        #[test]
        fn the_grid_finds_what_looking_at_every_city_finds(latitude in -90.0..90.0_f64, longitude in -180.0..180.0_f64) {
            let found = shipped().at(&gps(latitude, longitude));
            let plain = plainly((latitude, longitude));
            prop_assert_eq!(found.is_some(), plain.is_some());
            if let (Some(found), Some(edge)) = (found, plain) {
                prop_assert_eq!(found.city.is_some(), edge <= CITY_KM);
            }
        }

        #[test]
        fn a_damaged_table_never_panics(
            cut in 0..TABLE.len(), flips in proptest::collection::vec((0..2_000_usize, any::<u8>()), 0..20),
            latitude in -90.0..90.0_f64, longitude in -180.0..180.0_f64
        ) {
            prop_assert!(Places::new(&TABLE[..cut]).is_none());
            let mut table = TABLE.to_vec();
            for (at, byte) in flips {
                table[at] = byte;
            }
            if let Some(places) = Places::new(&table) {
                let _ = places.at(&gps(latitude, longitude));
            }
        }
    }
}
