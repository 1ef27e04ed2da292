//! Download: originals and what belongs to them into a folder, each held against its receipt while it is written.
//!
//! Folders are those of the keys below `photos/`. Nothing that is there is overwritten: a file with these bytes is left
//! as it is, another one makes the new file take a free name.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::io_words;
use super::parts::Engine;
use super::progress::Reporter;
use super::reading::{Checked, is_damage};
use super::stores::OpenedStore;
use crate::catalog::ContentRow;
use crate::domain::{Fingerprint, ObjectKey, Seat, Timestamp, keys};
use crate::files::{FileSystem, fingerprint};
use crate::protocol::{DownloadOrder, DownloadReport, ErrorCode, ItemFailure, Phase, UserError};
use crate::store::StoreError;

/// Names tried beside one that is taken.
const MOST_NAMES: u32 = 1_000;
const PAGE: usize = 256;

/// What became of one file.
enum Got {
    Written,
    Present,
}

type Opened = [(&'static str, Result<OpenedStore, UserError>)];

impl Engine {
    /// Brings originals and their companions into a folder.
    ///
    /// # Errors
    /// Where the folder cannot be made, the catalogue cannot be read, or it was stopped; each file is there whole or
    /// not at all.
    pub async fn download(
        &self,
        order: DownloadOrder,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<DownloadReport, UserError> {
        let to = std::path::absolute(&order.to).map_err(|error| {
            UserError::new(ErrorCode::Usage, format!("not a path ({error}): {}", order.to.display()))
        })?;
        reporter.phase(Phase::Counting);
        let (mut files, mut bytes) = (0, 0);
        for page in order.seats.chunks(PAGE) {
            for row in self.contents(page, order.as_of).await? {
                files += 1;
                bytes += row.size;
            }
        }
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            (progress.total, progress.total_bytes) = (files, bytes);
        });
        let opened = self.stores_ready().await;
        let width = opened.iter().filter_map(|(_, opened)| opened.as_ref().ok()).map(|place| place.store.width());
        let width = width.max().unwrap_or(1).max(1);
        let mut report = DownloadReport { dir: to.clone(), ..DownloadReport::default() };
        for page in order.seats.chunks(PAGE) {
            let rows = self.contents(page, order.as_of).await?;
            let fetch = |row: ContentRow| {
                let (opened, to) = (&opened, &to);
                async move {
                    let got = if cancel.is_cancelled() { None } else { Some(self.fetch(opened, &row, to).await) };
                    (row, got)
                }
            };
            let mut fetched = stream::iter(rows).map(fetch).buffer_unordered(width);
            while let Some((row, got)) = fetched.next().await {
                let Some(got) = got else { continue };
                match &got {
                    Ok(Got::Written) => {
                        report.files += 1;
                        report.bytes += row.size;
                    }
                    Ok(Got::Present) => report.present += 1,
                    Err(why) => report.failed.push(ItemFailure { path: row.key.0.clone(), why: why.clone() }),
                }
                reporter.update(|progress| {
                    progress.done += 1;
                    progress.done_bytes += row.size;
                    progress.failed += u64::from(got.is_err());
                });
            }
            if cancel.is_cancelled() {
                let text = format!("the download was stopped; {} files are there", report.files + report.present);
                return Err(UserError::new(ErrorCode::Cancelled, text));
            }
        }
        tracing::info!(files = report.files, present = report.present, failed = report.failed.len(), "downloaded");
        Ok(report)
    }

    async fn contents(&self, seats: &[Seat], at: Option<Timestamp>) -> Result<Vec<ContentRow>, UserError> {
        let seats = seats.to_vec();
        self.read(move |reader| {
            let mut rows = Vec::new();
            for seat in seats {
                rows.extend(reader.contents_at(seat, at)?);
            }
            Ok(rows)
        })
        .await
    }

    /// One file, from the first store whose bytes are right.
    async fn fetch(&self, opened: &Opened, row: &ContentRow, to: &Path) -> Result<Got, String> {
        let path = place_below(to, &row.key).ok_or("its key is no path")?;
        let Some(expected) = row.receipts.first().map(|one| one.receipt.fingerprint) else {
            return Err("it is not stored anywhere yet".to_owned());
        };
        let files = self.0.parts.files.clone();
        let wanted = path.clone();
        if self.0.parts.quick.run(move || is_equal(files.as_ref(), &wanted, &expected)).await {
            return Ok(Got::Present);
        }
        let mut why = Self::why_nowhere(opened, &row.receipts).message;
        for (place, receipt) in Self::places(opened, &row.receipts) {
            let bytes = match place.store.read(&receipt.key, Some(&receipt.version)).await {
                Ok(bytes) => bytes,
                Err(error @ StoreError::Archived { .. }) => {
                    why = error.to_string();
                    continue;
                }
                Err(error) => {
                    why = format!("it cannot be read ({error})");
                    continue;
                }
            };
            let (files, path) = (self.0.parts.files.clone(), path.clone());
            let mut checked = Checked::new(bytes, receipt.fingerprint);
            let write = move || write_new(&files, &path, &mut checked, &expected);
            match self.0.parts.quick.run(write).await {
                Ok(got) => return Ok(got),
                Err(error) if is_damage(&error) => {
                    why = format!("what the store has is damaged ({})", place.shown);
                }
                Err(error) => why = format!("it cannot be written ({})", io_words(&error)),
            }
        }
        Err(why)
    }
}

/// Where a key lies below a folder.
fn place_below(to: &Path, key: &ObjectKey) -> Option<PathBuf> {
    keys::check_key(key).ok()?;
    let below = key.0.strip_prefix("photos/").unwrap_or(&key.0);
    let mut path = to.to_path_buf();
    for part in below.split('/') {
        // A key of another program's manifest is no way out of the folder.
        if part.is_empty() || part == "." || part == ".." || part.contains('\\') {
            return None;
        }
        path.push(part);
    }
    Some(path)
}

fn is_equal(files: &dyn FileSystem, path: &Path, expected: &Fingerprint) -> bool {
    let same_size = files.stat(path).is_ok_and(|stat| stat.size == expected.size);
    same_size && files.open(path).is_ok_and(|mut file| fingerprint(&mut file).is_ok_and(|found| found == *expected))
}

/// Writes under the first name that is free. The bytes are proved before the file has its name.
fn write_new(files: &Arc<dyn FileSystem>, path: &Path, bytes: &mut Checked, expected: &Fingerprint) -> io::Result<Got> {
    if let Some(folder) = path.parent() {
        files.create_dirs(folder)?;
    }
    for n in 1..=MOST_NAMES {
        let name = numbered(path, n);
        if n > 1 && is_equal(files.as_ref(), &name, expected) {
            return Ok(Got::Present);
        }
        if !files.stat(&name).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            continue;
        }
        files.create_new(&name, bytes)?;
        return Ok(Got::Written);
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// `IMG_1.jpg`, then `IMG_1 (2).jpg` …
fn numbered(path: &Path, n: u32) -> PathBuf {
    if n == 1 {
        return path.to_path_buf();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!(" ({n})"));
    if let Some(suffix) = path.extension() {
        name.push(".");
        name.push(suffix);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_lie_below_the_folder_and_nowhere_else() {
        let at = |key: &str| place_below(Path::new("/to"), &ObjectKey(key.into()));
        assert_eq!(at("photos/100CANON/a.jpg"), Some("/to/100CANON/a.jpg".into()));
        for hostile in ["photos/../../etc/passwd", "/etc/passwd", "photos//a", "photos/a/.", "", "photos/"] {
            assert_eq!(at(hostile), None, "{hostile}");
        }
        assert_eq!(numbered(Path::new("/a/b.c.jpg"), 3), Path::new("/a/b.c (3).jpg"));
    }
}
