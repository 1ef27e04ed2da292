//! What the photos of a search have in common: counts of tags, people, cameras, places, years.
//!
//! Counting everything that occurs would take as long as the library is large. So the candidates come first: for tags
//! from a sample of the photos found, for the rest from their counters. The counts of what is then shown are exact: they
//! are sums of bits.

use std::collections::HashMap;

use rusqlite::{Connection, params};

use super::bits::{Block, Set};
use super::complete::written;
use super::error::Result;
use super::index::Kind;
use super::reader::{Reader, damaged};
use super::search::Search;
use super::types::Stop;
use crate::domain::facets::{Facet, Facets};
use crate::domain::query::words::fold;
use crate::domain::query::{Expr, Query, Scope};
use crate::domain::{ColourLabel, Seat};

/// Photos whose tags are looked at one by one. Searches that find no more have exact tags.
const SAMPLE: u64 = 1_500;
/// Blocks of bits that are read for one kind (about 10 ms); what is rarer than all that were read is left out.
const MOST_BLOCKS: usize = 8_000;
/// Named tokens that are candidates of a kind.
const MOST_CANDIDATES: i64 = 400;

impl Reader {
    /// The most frequent properties of the photos that a query finds, at most `limit` of each kind.
    ///
    /// # Errors
    /// [`super::CatalogError::Stopped`] soon after the stop; otherwise what the disk says.
    pub fn facets(&self, scope: Scope, query: &Query, limit: usize, stop: &Stop) -> Result<Facets> {
        self.at_once(|db| {
            let scope = query.scope(scope);
            let search = Search::within(db, stop, scope)?;
            let set = search.find(query)?;
            let count = Count { db, search: &search, set: &set, limit };
            let everything = scope == Scope::Library && query.filter == Expr::default();
            Ok(Facets {
                total: set.len(),
                tags: if everything { self.all_tags(limit)? } else { count.tags()? },
                people: count.named(Kind::Person, "person")?,
                cameras: count.named(Kind::Camera, "camera")?,
                lenses: count.named(Kind::Lens, "lens")?,
                places: count.named(Kind::Place, "place")?,
                years: count.years()?,
                formats: count.formats()?,
                ratings: count.ratings()?,
                labels: count.labels()?,
            })
        })
    }

    /// Of the whole library the counters say it.
    fn all_tags(&self, limit: usize) -> Result<Vec<Facet>> {
        let tags = self.complete_tag("", limit)?;
        Ok(tags.into_iter().map(|tag| tag_facet(tag.name, tag.photos)).collect())
    }
}

fn tag_facet(name: String, photos: u64) -> Facet {
    Facet { query: format!("tag:{}", written(&name)), name, photos }
}

fn label_facet(label: ColourLabel, photos: u64) -> Facet {
    Facet { name: label.name().to_owned(), query: format!("colour:{}", label.name()), photos }
}

/// Most photos first, then by name.
fn most_first(facets: &mut Vec<Facet>, limit: usize) {
    facets.retain(|facet| facet.photos > 0);
    facets.sort_by(|one, other| other.photos.cmp(&one.photos).then_with(|| one.name.cmp(&other.name)));
    facets.truncate(limit);
}

struct Count<'a> {
    db: &'a Connection,
    search: &'a Search<'a>,
    set: &'a Set,
    limit: usize,
}

impl Count<'_> {
    /// How many photos of the set have a token, and how many blocks were read to know it.
    fn of(&self, token: i64) -> Result<(u64, usize)> {
        self.search.check()?;
        let mut statement = self.db.prepare_cached("SELECT chunk, bits FROM bits WHERE token = ?")?;
        let mut rows = statement.query([token])?;
        let (mut count, mut blocks) = (0, 0);
        while let Some(row) = rows.next()? {
            blocks += 1;
            let Some(mine) = self.set.block(row.get(0)?) else { continue };
            let mut theirs = Block::empty();
            theirs.add_encoded(row.get_ref(1)?.as_blob().unwrap_or_default()).ok_or_else(|| damaged("block"))?;
            count += mine.common(&theirs) as u64;
        }
        Ok((count, blocks))
    }

    /// Tags that are frequent in a sample, counted in all.
    fn tags(&self) -> Result<Vec<Facet>> {
        let total = self.set.len();
        let every = total.div_ceil(SAMPLE).max(1);
        let mut seen: HashMap<i64, u64> = HashMap::new();
        let mut statement = self.db.prepare_cached("SELECT tag FROM photo_tags WHERE photo = ? AND removed = 0")?;
        let mut place = 0_u64;
        for (chunk, block) in self.set.blocks() {
            self.search.check()?;
            for slot in block.slots() {
                place += 1;
                if !place.is_multiple_of(every) {
                    continue;
                }
                let mut rows = statement.query([(chunk << 12) + slot as i64])?;
                while let Some(row) = rows.next()? {
                    *seen.entry(row.get(0)?).or_default() += 1;
                }
            }
        }
        let mut candidates: Vec<(i64, u64)> = seen.into_iter().collect();
        candidates.sort_unstable_by_key(|(tag, count)| (std::cmp::Reverse(*count), *tag));
        // Some more than are shown, because a sample orders neighbours by chance.
        candidates.truncate(if every == 1 { self.limit } else { self.limit + 8 });
        let mut name = self.db.prepare_cached("SELECT name FROM tags WHERE tag = ?")?;
        let mut facets = Vec::with_capacity(candidates.len());
        for (tag, sampled) in candidates {
            let photos = if every == 1 { sampled } else { self.of(tag)?.0 };
            facets.push(tag_facet(name.query_row([tag], |row| row.get(0))?, photos));
        }
        most_first(&mut facets, self.limit);
        Ok(facets)
    }

    /// Named tokens, those with the highest counters first, until no other can be among the most frequent.
    fn named(&self, kind: Kind, field: &str) -> Result<Vec<Facet>> {
        let mut statement = self.db.prepare_cached(
            "SELECT token, name, photos FROM facets INDEXED BY facets_most WHERE kind = ? AND photos > 0
             ORDER BY photos DESC LIMIT ?",
        )?;
        let mut rows = statement.query(params![kind as i64, MOST_CANDIDATES])?;
        let mut facets: Vec<Facet> = Vec::new();
        let mut read = 0;
        while let Some(row) = rows.next()? {
            let at_most: u64 = row.get(2)?;
            let is_done = facets.len() >= self.limit && facets.last().is_none_or(|least| least.photos >= at_most);
            if is_done || read > MOST_BLOCKS {
                break;
            }
            let (photos, blocks) = self.of(row.get(0)?)?;
            read += blocks;
            let name: String = row.get(1)?;
            facets.push(Facet { query: format!("{field}:\"{}\"", fold(&name).replace('"', "\"\"")), name, photos });
            most_first(&mut facets, self.limit);
        }
        Ok(facets)
    }

    fn formats(&self) -> Result<Vec<Facet>> {
        let mut facets = Vec::new();
        for (token, text) in self.tokens(Kind::Format)? {
            let photos = self.of(token)?.0;
            facets.push(Facet { query: format!("type:{text}"), name: text, photos });
        }
        most_first(&mut facets, self.limit);
        Ok(facets)
    }

    fn ratings(&self) -> Result<Vec<Facet>> {
        let mut counts: [u64; 6] = [0; 6];
        for (token, text) in self.tokens(Kind::Rating)? {
            if let Some(count) = text.parse::<usize>().ok().and_then(|stars| counts.get_mut(stars)) {
                *count = self.of(token)?.0;
            }
        }
        counts[0] = self.set.len().saturating_sub(counts[1..].iter().sum());
        let facets = counts.iter().enumerate().rev().filter(|(_, photos)| **photos > 0);
        Ok(facets
            .map(|(stars, photos)| Facet { name: stars.to_string(), query: format!("rating:{stars}"), photos: *photos })
            .collect())
    }

    /// Colours in their order; those without one last, where anybody has one.
    fn labels(&self) -> Result<Vec<Facet>> {
        let tokens: HashMap<String, i64> =
            self.tokens(Kind::Label)?.into_iter().map(|(token, name)| (name, token)).collect();
        let mut facets = Vec::new();
        let mut labelled = 0;
        for label in ColourLabel::COLOURS {
            let Some(token) = tokens.get(label.name()) else { continue };
            let photos = self.of(*token)?.0;
            labelled += photos;
            facets.push(label_facet(label, photos));
        }
        facets.retain(|facet| facet.photos > 0);
        let rest = self.set.len().saturating_sub(labelled);
        if labelled > 0 && rest > 0 {
            facets.push(label_facet(ColourLabel::None, rest));
        }
        Ok(facets)
    }

    fn tokens(&self, kind: Kind) -> Result<Vec<(i64, String)>> {
        let mut statement = self.db.prepare_cached("SELECT token, text FROM tokens WHERE kind = ?")?;
        let rows = statement.query_map([kind as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Photos of each year, the latest first; the most recent `limit`.
    fn years(&self) -> Result<Vec<Facet>> {
        // Blocks come in the order of import, which is mostly that of time: a year is looked up once for many photos.
        let mut counts: HashMap<i32, u64> = HashMap::new();
        let mut known: Option<(i64, i64, i32)> = None;
        for (chunk, block) in self.set.blocks() {
            self.search.check()?;
            let seats = self.search.seats(chunk)?;
            for slot in block.slots() {
                let seat = seats[slot];
                let year = match known {
                    Some((first, end, year)) if (first..end).contains(&seat) => year,
                    _ => {
                        let Some(found) = year_of(seat) else { continue };
                        known = Some(found);
                        found.2
                    }
                };
                *counts.entry(year).or_default() += 1;
            }
        }
        let mut years: Vec<_> = counts.into_iter().collect();
        years.sort_unstable_by_key(|(year, _)| std::cmp::Reverse(*year));
        years.truncate(self.limit);
        let facet = |(year, photos)| Facet { name: format!("{year:04}"), query: format!("date:{year:04}"), photos };
        Ok(years.into_iter().map(facet).collect())
    }
}

/// The year of a seat, with the seats between which it lies.
fn year_of(seat: i64) -> Option<(i64, i64, i32)> {
    let day = Seat(seat).day()?;
    let first_day = |year: i32| -> Option<i32> {
        let date = time::Date::from_ordinal_date(year, 1).ok()?;
        Some(date.to_julian_day() - 2_440_588)
    };
    let year = time::Date::from_julian_day(day + 2_440_588).ok()?.year();
    let next = first_day(year + 1).unwrap_or(day + 1);
    Some((Seat::start_of_day(first_day(year)?).0, Seat::start_of_day(next).0, year))
}
