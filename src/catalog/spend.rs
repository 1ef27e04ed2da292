//! What was paid for: images and money by month and operation.

use rusqlite::params;

use super::error::Result;
use super::reader::{Reader, damaged};
use super::writer::{Tx, Writer};
use crate::domain::spend::{Operation, Spent};

impl Reader {
    /// What was spent in a month (`2026-11`, UTC).
    ///
    /// # Errors
    /// What the disk says.
    pub fn spent(&self, month: &str) -> Result<Spent> {
        let mut statement = self.db.prepare_cached("SELECT operation, images, micro_usd FROM spent WHERE month = ?")?;
        let mut rows = statement.query([month])?;
        let mut spent = Spent::default();
        while let Some(row) = rows.next()? {
            // An operation of a later version is none of ours.
            let name: String = row.get(0)?;
            let Some(operation) = Operation::from_name(&name) else { continue };
            *spent.images.of_mut(operation) = row.get(1)?;
            *spent.micro_usd.of_mut(operation) = row.get(2)?;
        }
        Ok(spent)
    }

    /// Every month in which something was spent, the newest first.
    ///
    /// # Errors
    /// What the disk says.
    pub fn months_of_spending(&self) -> Result<Vec<String>> {
        let mut statement = self.db.prepare_cached("SELECT DISTINCT month FROM spent ORDER BY month DESC")?;
        let months = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>();
        months.map_err(|_| damaged("month"))
    }
}

impl Writer {
    /// Adds to what was spent in a month.
    ///
    /// # Errors
    /// What the disk says.
    pub fn add_spent(&mut self, month: &str, spent: &Spent) -> Result<()> {
        self.write(|tx| tx.add_spent(month, spent))
    }
}

impl Tx<'_> {
    pub(super) fn add_spent(&mut self, month: &str, spent: &Spent) -> Result<()> {
        for operation in Operation::ALL {
            let (images, micro_usd) = (spent.images.of(operation), spent.micro_usd.of(operation));
            if images == 0 && micro_usd == 0 {
                continue;
            }
            self.db
                .prepare_cached(
                    "INSERT INTO spent VALUES (?1, ?2, ?3, ?4)
                     ON CONFLICT DO UPDATE SET images = images + ?3, micro_usd = micro_usd + ?4",
                )?
                .execute(params![month, operation.name(), images, micro_usd])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::catalog::{Access, open_library};
    use crate::domain::spend::{Images, Spent};

    #[test]
    fn spending_adds_up_month_by_month() {
        let dir = tempfile::tempdir().unwrap();
        let mut library = open_library(dir.path(), Access::Write).unwrap();
        let mut writer = library.take_writer().unwrap();
        let spent = |labels, faces, micro| Spent {
            images: Images { labels, faces, text: 0, people: 0 },
            micro_usd: Images { labels: micro, faces: micro, text: 0, people: 0 },
        };
        writer.add_spent("2026-10", &spent(7, 0, 7_000)).unwrap();
        writer.add_spent("2026-11", &spent(2, 1, 1_000)).unwrap();
        writer.add_spent("2026-11", &spent(3, 0, 500)).unwrap();
        let reader = library.reader().unwrap();
        assert_eq!(reader.spent("2026-11").unwrap(), spent(5, 1, 1_500));
        assert_eq!(reader.spent("2026-12").unwrap(), Spent::default());
        assert_eq!(reader.months_of_spending().unwrap(), ["2026-11", "2026-10"]);
    }
}
