//! What may follow what is typed: fields, and the values of a field that occur in this library.

use rusqlite::params;

use super::error::Result;
use super::index::Kind;
use super::reader::Reader;
use super::search::after;
use crate::domain::facets::{Completion, Completions};
use crate::domain::query::words::{fold, words};
use crate::domain::query::{FIELDS, typed_at};
use crate::domain::{ColourLabel, Flag, Format};

/// Completions offered at once.
const MOST: usize = 12;
/// Named tokens that are looked at: the most used.
const MOST_NAMED: i64 = 600;

/// A value as the search language writes it.
pub(super) fn written(value: &str) -> String {
    let plain = !value.is_empty() && value.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c));
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('"', "\"\"")) }
}

impl Reader {
    /// What may stand where the cursor is (a byte offset): fields and tags for a new word, values for a field.
    ///
    /// # Errors
    /// What the disk says.
    pub fn complete(&self, query: &str, cursor: usize) -> Result<Completions> {
        let Some(typed) = typed_at(query, cursor) else { return Ok(Completions { from: cursor, items: Vec::new() }) };
        let lower = fold(&typed.text);
        let choices = |values: &[&str]| -> Vec<Completion> {
            let fitting = values.iter().filter(|value| value.starts_with(&lower));
            fitting
                .map(|value| Completion { text: (*value).to_owned(), name: (*value).to_owned(), photos: None })
                .collect()
        };
        let mut items = match typed.field.as_deref() {
            None => self.words_and_fields(&typed.text)?,
            Some("tag") => self.tags_beginning(&typed.text, "")?,
            Some("camera") => self.named_beginning(Kind::Camera, &typed.text)?,
            Some("lens") => self.named_beginning(Kind::Lens, &typed.text)?,
            Some("person") => self.named_beginning(Kind::Person, &typed.text)?,
            Some("place" | "near") => self.named_beginning(Kind::Place, &typed.text)?,
            Some("flag") => choices(&[Flag::Pick.name(), Flag::Reject.name(), Flag::None.name()]),
            Some("colour") => choices(&["red", "yellow", "green", "blue", "purple", ColourLabel::None.name()]),
            Some("type") => choices(&Format::ALL.map(Format::name)),
            Some("stored") => choices(&["yes", "no"]),
            Some("rating") => choices(&[">=4", "5", "4", "3", "2", "1", "0"]),
            Some("batch") => self.batches_beginning(&typed.text)?,
            Some(_) => Vec::new(),
        };
        items.truncate(MOST);
        Ok(Completions { from: typed.from, items })
    }

    fn words_and_fields(&self, text: &str) -> Result<Vec<Completion>> {
        let fields = FIELDS.iter().filter(|field| field.starts_with(text) || text.is_empty());
        let mut items: Vec<_> = fields
            .map(|field| Completion { text: format!("{field}:"), name: format!("{field}:"), photos: None })
            .take(if text.is_empty() { FIELDS.len() } else { 4 })
            .collect();
        if !text.is_empty() {
            items.extend(self.tags_beginning(text, "tag:")?);
        }
        Ok(items)
    }

    fn tags_beginning(&self, text: &str, field: &str) -> Result<Vec<Completion>> {
        let tags = self.complete_tag(text, MOST)?;
        let items = tags.into_iter().map(|tag| Completion {
            text: format!("{field}{}", written(&tag.name)),
            name: tag.name,
            photos: Some(tag.photos),
        });
        Ok(items.collect())
    }

    /// Names of a kind of which a word begins so: among the most used, then, by their own beginning, among all.
    fn named_beginning(&self, kind: Kind, text: &str) -> Result<Vec<Completion>> {
        let parts = words(text);
        let fits = |name: &str| {
            let of_name = words(name);
            parts.iter().all(|part| of_name.iter().any(|word| word.starts_with(part.as_str())))
        };
        let mut most = self.db.prepare_cached(
            "SELECT name FROM facets INDEXED BY facets_most WHERE kind = ? AND photos > 0 ORDER BY photos DESC LIMIT ?",
        )?;
        let mut all = self.db.prepare_cached(
            "SELECT f.name FROM tokens t JOIN facets f USING(token)
             WHERE t.kind = ? AND t.text >= ? AND t.text < ? AND f.photos > 0 LIMIT ?",
        )?;
        let mut names: Vec<String> = Vec::new();
        let beginning = fold(text.trim());
        for mut rows in [
            most.query(params![kind as i64, MOST_NAMED])?,
            all.query(params![kind as i64, beginning, after(&beginning), MOST as i64])?,
        ] {
            while let Some(row) = rows.next()?
                && names.len() < MOST
            {
                let name: String = row.get(0)?;
                if fits(&name) && !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Ok(names.into_iter().map(|name| Completion { text: written(&name), name, photos: None }).collect())
    }

    fn batches_beginning(&self, text: &str) -> Result<Vec<Completion>> {
        let mut statement = self.db.prepare_cached(
            "SELECT ulid FROM batches WHERE ulid >= ?1 AND ulid < ?1 || 'a' ORDER BY ulid DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![text.to_ascii_uppercase(), MOST as i64], |row| row.get(0))?;
        let ulids: Vec<String> = rows.collect::<rusqlite::Result<_>>()?;
        Ok(ulids.into_iter().map(|ulid| Completion { text: ulid.clone(), name: ulid, photos: None }).collect())
    }
}
