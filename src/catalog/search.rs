//! Finding photos: a query becomes a set of photos, the set becomes seats in order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::bits::{Block, Set};
use super::cells::{Circle, Lies, children};
use super::error::{CatalogError, Result};
use super::index::{BEGINNING_CHARS, Kind, read_seats, varints};
use super::photos::{SIZE_BITS, SIZE_NAMES};
use super::scope::Scoped;
use super::types::Stop;
use crate::domain::query::words::words;
use crate::domain::query::{Expr, Match, Query, Scope};
use crate::domain::{ColourLabel, Flag, Seat};

/// One search on one connection.
pub(super) struct Search<'a> {
    db: &'a Connection,
    stop: &'a Stop,
    scoped: Option<Scoped>,
}

impl<'a> Search<'a> {
    pub(super) fn new(db: &'a Connection, stop: &'a Stop) -> Self {
        Self { db, stop, scoped: None }
    }

    /// A search in another place than the library of now.
    pub(super) fn within(db: &'a Connection, stop: &'a Stop, scope: Scope) -> Result<Self> {
        Ok(Self { db, stop, scoped: Scoped::of(db, scope)? })
    }

    pub(super) fn db(&self) -> &'a Connection {
        self.db
    }

    pub(super) fn check(&self) -> Result<()> {
        if self.stop.is_stopped() { Err(CatalogError::Stopped) } else { Ok(()) }
    }

    /// The shown photos that a query finds.
    pub(super) fn find(&self, query: &Query) -> Result<Set> {
        let all = match &self.scoped {
            None => self.text(Kind::Live, "yes")?,
            Some(scoped) => scoped.set.clone(),
        };
        self.holding(&query.filter, &all)
    }

    /// Those of a set for which a condition holds.
    fn holding(&self, expr: &Expr, within: &Set) -> Result<Set> {
        self.check()?;
        if within.is_empty() {
            return Ok(Set::default());
        }
        Ok(match expr {
            Expr::Is(what) => {
                let mut found = self.matching(what, within)?;
                found.and(within);
                found
            }
            Expr::Not(inner) => {
                let mut found = within.clone();
                found.minus(&self.holding(inner, within)?);
                found
            }
            Expr::Any(parts) => {
                let mut found = Set::default();
                for part in parts {
                    found.or(&self.holding(part, within)?);
                }
                found
            }
            Expr::All(parts) => {
                let mut found = within.clone();
                // Phrases last: they look into the words of each photo that is left.
                for phrases in [false, true] {
                    for part in parts.iter().filter(|part| has_phrase(part) == phrases) {
                        found = self.holding(part, &found)?;
                    }
                }
                found
            }
        })
    }

    /// The photos that a term holds for. Only those `within` matter.
    fn matching(&self, what: &Match, within: &Set) -> Result<Set> {
        match what {
            Match::Words { words, prefix } => match words.as_slice() {
                [word] => self.word(word, *prefix),
                words => self.phrase(words, *prefix, within),
            },
            Match::Tag(key) => self.tag_and_kinds(key),
            Match::Person(parts) => self.named(Kind::Person, parts),
            Match::Text(parts) => self.beginnings(Kind::Text, parts),
            Match::Camera(parts) => self.named(Kind::Camera, parts),
            Match::Lens(parts) => self.named(Kind::Lens, parts),
            Match::Place(parts) => self.beginnings(Kind::PlaceWord, parts),
            Match::Near { latitude_e6, longitude_e6, radius_m } => self.near(&Circle {
                centre: (f64::from(*latitude_e6) / 1e6, f64::from(*longitude_e6) / 1e6),
                radius_km: f64::from(*radius_m) / 1e3,
            }),
            Match::Days { first, last } => self.days(*first, *last, within),
            Match::Rating(list) => {
                let stars: Vec<_> = list.iter().map(|rating| rating.stars()).collect();
                self.one_of(Kind::Rating, &["1", "2", "3", "4", "5"], stars.contains(&0), within, |text| {
                    text.parse().is_ok_and(|star| stars.contains(&star))
                })
            }
            Match::Flag(list) => {
                let names = [Flag::Pick.name(), Flag::Reject.name()];
                self.one_of(Kind::Flag, &names, list.contains(&Flag::None), within, |text| {
                    list.iter().any(|flag| flag.name() == text)
                })
            }
            Match::Label(list) => {
                let names = ColourLabel::COLOURS.map(ColourLabel::name);
                self.one_of(Kind::Label, &names, list.contains(&ColourLabel::None), within, |text| {
                    list.iter().any(|label| label.name() == text)
                })
            }
            Match::Iso { lowest, highest } => self.numbers(Kind::Iso, *lowest, *highest),
            Match::Aperture { lowest, highest } => self.numbers(Kind::Aperture, *lowest, *highest),
            Match::Size { lowest, highest } => self.sizes(*lowest, *highest, within),
            Match::Format(list) => self.tokens(Kind::Format, |text| list.iter().any(|format| format.name() == text)),
            Match::Stored(true) => self.text(Kind::Stored, "yes"),
            Match::Stored(false) => {
                let mut set = within.clone();
                set.minus(&self.text(Kind::Stored, "yes")?);
                Ok(set)
            }
            Match::Batch(beginning) => self.beginning(Kind::Batch, beginning),
        }
    }

    /// Adds the photos of a token.
    pub(super) fn add(&self, set: &mut Set, token: i64) -> Result<()> {
        let mut statement = self.db.prepare_cached("SELECT chunk, bits FROM bits WHERE token = ?")?;
        let mut rows = statement.query([token])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(1)?.as_blob().unwrap_or_default();
            let block = set.block_mut(row.get(0)?);
            if block.and_then(|block| block.add_encoded(bytes)).is_none() {
                let detail = "a block of the search index".to_owned();
                return Err(CatalogError::Corrupt { detail, path: std::path::PathBuf::new() });
            }
        }
        Ok(())
    }

    fn token(&self, kind: Kind, text: &str) -> Result<Option<i64>> {
        let mut statement = self.db.prepare_cached("SELECT token FROM tokens WHERE kind = ? AND text = ?")?;
        Ok(statement.query_row(params![kind as i64, text], |row| row.get(0)).optional()?)
    }

    pub(super) fn text(&self, kind: Kind, text: &str) -> Result<Set> {
        let mut set = Set::default();
        if let Some(token) = self.token(kind, text)? {
            self.add(&mut set, token)?;
        }
        Ok(set)
    }

    /// Photos with a number of a kind from lowest to highest.
    fn numbers(&self, kind: Kind, lowest: u32, highest: u32) -> Result<Set> {
        self.tokens(kind, |text| text.parse().is_ok_and(|number: u32| (lowest..=highest).contains(&number)))
    }

    /// Photos with a token of a kind that begins so.
    fn beginning(&self, kind: Kind, beginning: &str) -> Result<Set> {
        let mut set = Set::default();
        let mut statement =
            self.db.prepare_cached("SELECT token FROM tokens WHERE kind = ? AND text >= ? AND text < ?")?;
        let tokens = statement.query_map(params![kind as i64, beginning, after(beginning)], |row| row.get(0))?;
        for token in tokens {
            self.check()?;
            self.add(&mut set, token?)?;
        }
        Ok(set)
    }

    /// Photos that have, for each part, a token of a kind that begins so.
    fn beginnings(&self, kind: Kind, parts: &[String]) -> Result<Set> {
        let Some((first, rest)) = parts.split_first() else { return Ok(Set::default()) };
        let mut set = self.beginning(kind, first)?;
        for part in rest {
            set.and(&self.beginning(kind, part)?);
        }
        Ok(set)
    }

    /// Photos taken within a circle.
    fn near(&self, circle: &Circle) -> Result<Set> {
        let mut set = Set::default();
        let mut statement =
            self.db.prepare_cached("SELECT token, text FROM tokens WHERE kind = ? AND text >= ? AND text < ?")?;
        let mut open = vec!["a".to_owned()];
        while let Some(beginning) = open.pop() {
            self.check()?;
            let mut within = Vec::new();
            let mut rows = statement.query(params![Kind::Cell as i64, beginning, after(&beginning)])?;
            while let Some(row) = rows.next()? {
                let cell = row.get_ref(1)?.as_str().unwrap_or_default();
                match circle.lies(cell) {
                    Some(Lies::Within) => within.push(row.get(0)?),
                    Some(Lies::Across) => open.extend(children(cell)),
                    Some(Lies::Outside) | None => {}
                }
            }
            for token in within {
                self.add(&mut set, token)?;
            }
        }
        Ok(set)
    }

    /// Photos whose length, bit by bit in the index, lies from lowest to highest (in steps of 1,024 bytes).
    fn sizes(&self, lowest: u32, highest: u32, within: &Set) -> Result<Set> {
        if lowest > highest {
            return Ok(Set::default());
        }
        let mut bits = Vec::with_capacity(SIZE_BITS);
        for name in SIZE_NAMES {
            self.check()?;
            bits.push(self.text(Kind::Size, name)?);
        }
        let mut found = within.clone();
        if highest < u32::MAX {
            found.minus(&above(&bits, highest, within));
        }
        if let Some(below) = lowest.checked_sub(1) {
            found.and(&above(&bits, below, within));
        }
        Ok(found)
    }

    /// The photos of all tokens of a kind whose text passes; for kinds with few tokens.
    fn tokens(&self, kind: Kind, passes: impl Fn(&str) -> bool) -> Result<Set> {
        let mut set = Set::default();
        let mut statement = self.db.prepare_cached("SELECT token, text FROM tokens WHERE kind = ?")?;
        let mut rows = statement.query([kind as i64])?;
        while let Some(row) = rows.next()? {
            if passes(row.get_ref(1)?.as_str().unwrap_or_default()) {
                self.check()?;
                self.add(&mut set, row.get(0)?)?;
            }
        }
        Ok(set)
    }

    /// Like [`Search::tokens`], for a property whose most usual value has no token.
    fn one_of(
        &self,
        kind: Kind,
        all: &[&str],
        usual: bool,
        within: &Set,
        passes: impl Fn(&str) -> bool,
    ) -> Result<Set> {
        let mut set = self.tokens(kind, &passes)?;
        if usual {
            let mut rest = within.clone();
            rest.minus(&self.tokens(kind, |text| all.contains(&text))?);
            set.or(&rest);
        }
        Ok(set)
    }

    /// Cameras or lenses with names in which each part begins a word.
    fn named(&self, kind: Kind, parts: &[String]) -> Result<Set> {
        self.tokens(kind, |text| {
            let names = words(text);
            parts.iter().all(|part| names.iter().any(|name| name.starts_with(part.as_str())))
        })
    }

    /// Tokens of words that are this or, with `prefix`, begin so.
    fn word_tokens(&self, word: &str, prefix: bool) -> Result<Vec<i64>> {
        if !prefix {
            return Ok(self.token(Kind::Word, word)?.into_iter().collect());
        }
        if word.chars().count() <= BEGINNING_CHARS {
            return Ok(self.token(Kind::Beginning, word)?.into_iter().collect());
        }
        let mut statement =
            self.db.prepare_cached("SELECT token FROM tokens WHERE kind = ? AND text >= ? AND text < ?")?;
        let tokens = statement.query_map(params![Kind::Word as i64, word, after(word)], |row| row.get(0))?;
        Ok(tokens.collect::<rusqlite::Result<_>>()?)
    }

    /// Tags with a word that is this or begins so.
    fn tags_with(&self, word: &str, prefix: bool) -> Result<Vec<i64>> {
        let mut statement =
            self.db.prepare_cached("SELECT DISTINCT tag FROM tag_words WHERE word >= ? AND word < ?")?;
        let end = if prefix { after(word) } else { format!("{word}\0") };
        let tags = statement.query_map([word, &end], |row| row.get(0))?;
        Ok(tags.collect::<rusqlite::Result<_>>()?)
    }

    /// Photos with a word in their texts or tags.
    fn word(&self, word: &str, prefix: bool) -> Result<Set> {
        let mut set = Set::default();
        for token in self.word_tokens(word, prefix)?.into_iter().chain(self.tags_with(word, prefix)?) {
            self.check()?;
            self.add(&mut set, token)?;
        }
        set.or(&if prefix { self.beginning(Kind::PlaceWord, word)? } else { self.text(Kind::PlaceWord, word)? });
        let is_it = |name: &String| if prefix { name.starts_with(word) } else { name == word };
        set.or(&self.tokens(Kind::Person, |text| words(text).iter().any(is_it))?);
        Ok(set)
    }

    /// Photos with words that stand together, in one of their texts or in the name of a tag.
    fn phrase(&self, phrase: &[String], prefix: bool, within: &Set) -> Result<Set> {
        let mut set = Set::default();
        let Some((last, first)) = phrase.split_last() else { return Ok(set) };
        let mut exact = Vec::with_capacity(first.len());
        let mut candidates = Some(within.clone());
        for word in first {
            let Some(token) = self.token(Kind::Word, word)? else {
                candidates = None;
                break;
            };
            let mut having = Set::default();
            self.add(&mut having, token)?;
            if let Some(candidates) = &mut candidates {
                candidates.and(&having);
            }
            exact.push(token);
        }
        if let Some(mut candidates) = candidates {
            let lasts = self.word_tokens(last, prefix)?;
            let mut having = Set::default();
            for token in &lasts {
                self.add(&mut having, *token)?;
            }
            candidates.and(&having);
            // A beginning has a token of its own that is in no document: its words are needed there.
            let lasts = if prefix { self.vocabulary(last)? } else { lasts };
            self.verify(&candidates, &exact, &lasts, &mut set)?;
        }
        for tag in self.tags_with(&phrase[0], false)? {
            self.check()?;
            let name: String =
                self.db.prepare_cached("SELECT name FROM tags WHERE tag = ?")?.query_row([tag], |row| row.get(0))?;
            let name = words(&name);
            let fits = name.windows(phrase.len()).any(|part| {
                part[..first.len()] == *first
                    && part.last().is_some_and(|word| word == last || prefix && word.starts_with(last.as_str()))
            });
            if fits {
                self.add(&mut set, tag)?;
            }
        }
        Ok(set)
    }

    fn vocabulary(&self, beginning: &str) -> Result<Vec<i64>> {
        let mut statement = self
            .db
            .prepare_cached("SELECT token FROM tokens WHERE kind = ? AND text >= ? AND text < ? ORDER BY token")?;
        let range = params![Kind::Word as i64, beginning, after(beginning)];
        let mut tokens = statement.query_map(range, |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
        tokens.sort_unstable();
        Ok(tokens)
    }

    /// Adds the candidates in whose words the phrase really stands. `lasts` is in ascending order.
    fn verify(&self, candidates: &Set, exact: &[i64], lasts: &[i64], found: &mut Set) -> Result<()> {
        let mut statement = self.db.prepare_cached("SELECT words FROM docs WHERE photo = ?")?;
        let mut tokens: Vec<i64> = Vec::new();
        for (chunk, block) in candidates.blocks() {
            for slot in block.slots() {
                self.check()?;
                let mut rows = statement.query([(chunk << 12) + slot as i64])?;
                let Some(row) = rows.next()? else { continue };
                tokens.clear();
                tokens.extend(varints(row.get_ref(0)?.as_blob().unwrap_or_default()));
                let stands = tokens
                    .windows(exact.len() + 1)
                    .any(|part| part[..exact.len()] == *exact && lasts.binary_search(&part[exact.len()]).is_ok());
                if stands && let Some(block) = found.block_mut(chunk) {
                    block.set(slot, true);
                }
            }
        }
        Ok(())
    }

    /// Photos taken on these days.
    fn days(&self, first: i32, last: i32, within: &Set) -> Result<Set> {
        let mut set = Set::default();
        if last < first {
            return Ok(set);
        }
        let lowest = Seat::start_of_day(first).0;
        let highest = Seat::start_of_day(last.saturating_add(1)).0 - 1;
        if self.scoped.is_some() {
            for (chunk, among) in within.blocks() {
                self.check()?;
                let seats = self.seats(chunk)?;
                let Some(block) = set.block_mut(chunk) else { continue };
                for slot in among.slots().filter(|slot| (lowest..=highest).contains(&seats[*slot])) {
                    block.set(slot, true);
                }
            }
            return Ok(set);
        }
        let mut spans =
            self.db.prepare_cached("SELECT chunk, oldest, newest FROM chunks WHERE newest >= ? AND oldest <= ?")?;
        let mut rows = spans.query([lowest, highest])?;
        while let Some(row) = rows.next()? {
            self.check()?;
            let (chunk, oldest, newest): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let Some(among) = within.block(chunk) else { continue };
            let Some(block) = set.block_mut(chunk) else { continue };
            if oldest >= lowest && newest <= highest {
                *block = Block::full();
                continue;
            }
            let seats = self.seats(chunk)?;
            for slot in among.slots() {
                if (lowest..=highest).contains(&seats[slot]) {
                    block.set(slot, true);
                }
            }
        }
        Ok(set)
    }

    pub(super) fn seats(&self, chunk: i64) -> Result<Vec<i64>> {
        if let Some(scoped) = &self.scoped {
            return Ok(scoped.seats(chunk));
        }
        let mut statement = self.db.prepare_cached("SELECT seats FROM chunks WHERE chunk = ?")?;
        let mut rows = statement.query([chunk])?;
        match rows.next()? {
            Some(row) => read_seats(row.get_ref(0)?.as_blob().unwrap_or_default()),
            None => read_seats(&[]),
        }
    }

    /// All seats of a set, newest first.
    pub(super) fn all(&self, set: &Set) -> Result<Vec<Seat>> {
        let mut found = Vec::with_capacity(usize::try_from(set.len()).unwrap_or(0));
        for (chunk, block) in set.blocks() {
            self.check()?;
            let seats = self.seats(chunk)?;
            found.extend(block.slots().map(|slot| Seat(seats[slot])).filter(|seat| seat.0 > 0));
        }
        found.sort_unstable_by_key(|seat| Reverse(*seat));
        Ok(found)
    }

    /// The first seats of a set, newest first: blocks in the order of their newest photo, until no block can have a
    /// photo that is newer than the last one found.
    pub(super) fn first(&self, set: &Set, limit: usize) -> Result<Vec<Seat>> {
        if self.scoped.is_some() {
            let mut all = self.all(set)?;
            all.truncate(limit);
            return Ok(all);
        }
        let mut best: BinaryHeap<Reverse<i64>> = BinaryHeap::new();
        let mut statement = self.db.prepare_cached("SELECT chunk, newest FROM chunks")?;
        let mut spans: Vec<(i64, i64)> =
            statement.query_map([], |row| Ok((row.get(1)?, row.get(0)?)))?.collect::<rusqlite::Result<_>>()?;
        spans.sort_unstable_by_key(|span| Reverse(*span));
        for (newest, chunk) in spans {
            let full = best.len() >= limit;
            if limit == 0 || full && best.peek().is_some_and(|worst| newest < worst.0) {
                break;
            }
            let Some(block) = set.block(chunk) else { continue };
            self.check()?;
            let seats = self.seats(chunk)?;
            for slot in block.slots() {
                let seat = seats[slot];
                if seat <= 0 {
                    continue;
                }
                if best.len() < limit {
                    best.push(Reverse(seat));
                } else if best.peek().is_some_and(|worst| seat > worst.0) {
                    best.pop();
                    best.push(Reverse(seat));
                }
            }
        }
        Ok(best.into_sorted_vec().into_iter().map(|Reverse(seat)| Seat(seat)).collect())
    }

    /// The seats of a set that tie with one.
    pub(super) fn tied(&self, set: &Set, with: Seat) -> Result<Vec<Seat>> {
        let mut found = self.all(set)?;
        found.retain(|seat| seat.ties_with(with));
        Ok(found)
    }
}

/// Those whose number, given bit by bit, is above a number.
fn above(bits: &[Set], number: u32, within: &Set) -> Set {
    let mut equal = within.clone();
    let mut above = Set::default();
    for (bit, set) in bits.iter().enumerate().rev() {
        if number >> bit & 1 == 1 {
            equal.and(set);
        } else {
            let mut higher = equal.clone();
            higher.and(set);
            above.or(&higher);
            equal.minus(set);
        }
    }
    above
}

/// Whether a condition looks into the words of single photos.
fn has_phrase(expr: &Expr) -> bool {
    match expr {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().any(has_phrase),
        Expr::Not(inner) => has_phrase(inner),
        Expr::Is(what) => matches!(what, Match::Words { words, .. } if words.len() > 1),
    }
}

/// The first text that does not begin like this one. Words hold no character as high as the one added.
pub(super) fn after(beginning: &str) -> String {
    format!("{beginning}\u{10FFFF}")
}
