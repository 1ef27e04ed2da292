//! Fills the tokens that newer searches ask for (aperture, size, place, batch) for photos that were catalogued before.
//!
//! Never while a library is opened: a block of photos at a time, by the one writer, whenever it has time. The setting
//! `index_todo` holds the highest number that is still to be done; it is gone when nothing is.

use rusqlite::params;

use super::bits::BLOCK_PHOTOS;
use super::error::Result;
use super::index::Kind;
use super::photos::facets;
use super::reader::{Reader, setting};
use super::writer::{Tx, Writer};
use crate::domain::query::words::fold;

const TODO: &str = "index_todo";

impl Writer {
    /// Does the next block of photos; whether any is left.
    ///
    /// # Errors
    /// What the disk says.
    pub fn index_older(&mut self) -> Result<bool> {
        self.write(|tx| {
            let Some(last) = setting(tx.db, TODO)?.and_then(|text| text.parse::<i64>().ok()) else {
                return Ok(false);
            };
            // Whole blocks, so that each row of the index is written once.
            let first = last - last.rem_euclid(BLOCK_PHOTOS as i64);
            tx.index_older(first, last)?;
            if first > 0 {
                tx.db
                    .prepare_cached("UPDATE settings SET value = ? WHERE name = ?")?
                    .execute(params![(first - 1).to_string(), TODO])?;
            } else {
                tx.db.prepare_cached("DELETE FROM settings WHERE name = ?")?.execute([TODO])?;
            }
            Ok(first > 0)
        })
    }
}

impl Reader {
    /// Whether searches by aperture, size, place or batch may still miss older photos.
    ///
    /// # Errors
    /// What the disk says.
    pub fn is_indexing(&self) -> Result<bool> {
        Ok(self.setting(TODO)?.is_some())
    }
}

impl Tx<'_> {
    fn index_older(&mut self, first: i64, last: i64) -> Result<()> {
        let mut statement = self.db.prepare_cached("SELECT photo FROM photos WHERE photo BETWEEN ? AND ?")?;
        let photos: Vec<i64> =
            statement.query_map([first, last], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for photo in photos {
            let (metadata, format) = self.described(photo)?;
            for (kind, text) in facets(&metadata, format) {
                match kind {
                    // Their bits are there; what is new is that they are counted.
                    Kind::Camera | Kind::Lens => {
                        let token = self.index.token(self.db, kind, &fold(&text))?;
                        self.index.name_facet(self.db, kind, token, &text)?;
                        self.index.count_facet(token, 1);
                    }
                    Kind::Format | Kind::Iso => {}
                    kind => self.set_facet(kind, &text, photo, true)?,
                }
            }
            self.index_size(photo, true)?;
            let mut statement = self.db.prepare_cached(
                "SELECT DISTINCT r.batch FROM photos p JOIN versions v ON v.asset = p.original JOIN receipts r
                 ON r.version = v.version WHERE p.photo = ?",
            )?;
            let batches: Vec<i64> = statement.query_map([photo], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            for batch in batches {
                self.index_batch(photo, batch)?;
            }
        }
        Ok(())
    }
}
