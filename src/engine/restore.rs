//! Restore: an old version back, beside the original or on top of it. Nothing is ever removed.

use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::cancel::Cancel;
use super::errors::{io_words, store_error};
use super::find::FoundPhoto;
use super::parts::Engine;
use super::progress::Reporter;
use crate::domain::{ContentHash, Fingerprint, PhotoId, StoreReceipt};
use crate::files::{self, fingerprint};
use crate::protocol::{ErrorCode, OpId, Phase, RestoreTo, UserError};

/// Names tried beside one that is taken.
const MOST_NAMES: u32 = 1_000;

impl Engine {
    /// Brings a version back; the file written.
    ///
    /// # Errors
    /// Where there is no such stored version, its bytes are not what the receipt says, the place cannot be written, or
    /// what lies at the original's place could not be stored before.
    pub async fn restore(
        &self,
        op: OpId,
        photo: PhotoId,
        version: u32,
        to: RestoreTo,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<PathBuf, UserError> {
        let found = self.photo(photo).await?;
        let receipts = receipts_of(&found, version)?;
        reporter.update(|progress| {
            progress.phase = Phase::Working;
            (progress.total, progress.total_bytes) = (1, receipts[0].receipt.fingerprint.size);
        });
        // First all of it against the receipt, so that nothing is written that is not what was stored.
        let (place, receipt) = self.proved_place(&receipts).await?;
        let open = || async {
            let bytes = place.store.read(&receipt.key, Some(&receipt.version)).await;
            bytes.map_err(|error| store_error(&error))
        };
        if cancel.is_cancelled() {
            return Err(UserError::new(ErrorCode::Cancelled, "restoring was stopped; nothing was written"));
        }
        match to {
            RestoreTo::Folder(dir) => {
                let name = name_of(&found);
                let bytes = open().await?;
                let engine = self.clone();
                self.0
                    .parts
                    .quick
                    .run(move || engine.write_beside(&dir, &name, version, bytes, &receipt.fingerprint))
                    .await
            }
            RestoreTo::InPlace => {
                let path = place_of(&found)?;
                let mut targets = Vec::new();
                match self.present(&found, &path, &receipt.fingerprint.blake3).await? {
                    Present::Wanted => {}
                    Present::Nothing | Present::Stored => targets.push(path.clone()),
                    Present::OnlyHere(content) => {
                        self.keep_first(op, &path, content, cancel, reporter).await?;
                        targets.push(path.clone());
                    }
                }
                // Copies that are gone come back too; those that are there are left alone, whatever they hold.
                targets.extend(self.lost_copies(&found, &path).await);
                for target in &targets {
                    let (files, mut bytes, to) = (self.0.parts.files.clone(), open().await?, target.clone());
                    let written = self.0.parts.quick.run(move || files.replace(&to, &mut bytes)).await;
                    written.map_err(|error| cannot_write(&error, target))?;
                }
                if !targets.is_empty() {
                    // The files are a new content now: catalogued and stored like any other, as a version on top.
                    self.import(op, targets, cancel, reporter).await?;
                    self.store(op, cancel, reporter).await?;
                }
                Ok(path)
            }
        }
    }

    fn write_beside(
        &self,
        dir: &Path,
        name: &OsString,
        version: u32,
        mut bytes: Box<dyn Read + Send>,
        expected: &Fingerprint,
    ) -> Result<PathBuf, UserError> {
        let files = self.0.parts.files.as_ref();
        for n in 0..MOST_NAMES {
            let path = dir.join(free_name(name, version, n));
            match files.create_new(&path, &mut bytes) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot_write(&error, &path)),
                Ok(_) => {
                    let mut written = files.open(&path).map_err(|error| cannot_write(&error, &path))?;
                    let seen = fingerprint(&mut written).map_err(|error| cannot_write(&error, &path))?;
                    if seen != *expected {
                        return Err(UserError::new(
                            ErrorCode::Corrupt,
                            format!(
                                "what was written does not read back the same; that disk may be failing: {}",
                                path.display()
                            ),
                        ));
                    }
                    return Ok(path);
                }
            }
        }
        Err(UserError::new(ErrorCode::Failed, format!("no free name in the folder: {}", dir.display())))
    }

    /// Other places of the photo where there is no file any more.
    async fn lost_copies(&self, found: &FoundPhoto, first: &Path) -> Vec<PathBuf> {
        let others = found.detail.paths.iter().filter(|path| !path.gone && path.path != first);
        let others: Vec<PathBuf> = others.map(|path| path.path.clone()).collect();
        let files = self.0.parts.files.clone();
        let is_lost =
            move |path: &PathBuf| files.stat(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        self.0.parts.quick.run(move || others.into_iter().filter(is_lost).collect()).await
    }

    /// What lies at the original's place now.
    async fn present(&self, found: &FoundPhoto, path: &Path, wanted: &ContentHash) -> Result<Present, UserError> {
        let (files, here) = (self.0.parts.files.clone(), path.to_owned());
        let present = self.0.parts.quick.run(move || files::read_steady(files.as_ref(), &here, 0)).await;
        let present = match present {
            Ok(read) => read.fingerprint.blake3,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Present::Nothing),
            Err(error) => return Err(cannot_write(&error, path)),
        };
        let stored = |content| {
            let versions = &found.detail.versions;
            versions.iter().any(|version| version.blake3 == content && !version.receipts.is_empty())
        };
        Ok(match present {
            present if present == *wanted => Present::Wanted,
            present if stored(present) => Present::Stored,
            present => Present::OnlyHere(present),
        })
    }

    /// Bytes that are stored nowhere are stored before they are replaced, or they are not replaced.
    async fn keep_first(
        &self,
        op: OpId,
        path: &Path,
        content: ContentHash,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(), UserError> {
        let import = self.import(op, vec![path.to_owned()], cancel, reporter).await?;
        self.store(op, cancel, reporter).await?;
        let kept = match self.show(&content.to_hex()).await {
            Ok(found) => {
                let versions = &found.detail.versions;
                versions.iter().any(|version| version.blake3 == content && !version.receipts.is_empty())
            }
            Err(_) => false,
        };
        if kept {
            return Ok(());
        }
        let why = import.unreadable.first().map_or("it could not be stored", |failure| failure.why.as_str());
        Err(UserError::new(
            ErrorCode::Failed,
            format!("the file holds bytes that are not stored, and would be lost ({why}): {}", path.display()),
        )
        .hint("Restore beside it with --to DIR."))
    }
}

/// What lies at the original's place.
enum Present {
    /// No file.
    Nothing,
    /// The very version that is wanted.
    Wanted,
    /// A version that is stored.
    Stored,
    /// Bytes with no receipt.
    OnlyHere(ContentHash),
}

fn cannot_write(error: &io::Error, path: &Path) -> UserError {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "its folder is not there".to_owned(),
        _ => io_words(error),
    };
    UserError::new(ErrorCode::Unavailable, format!("the file cannot be written ({why}): {}", path.display()))
}

/// The receipts of a version, at least one.
fn receipts_of(found: &FoundPhoto, number: u32) -> Result<Vec<StoreReceipt>, UserError> {
    let missing =
        |what: String| UserError::new(ErrorCode::NotFound, what).hint("`lightkeep versions PHOTO` lists them.");
    let version = found
        .detail
        .versions
        .iter()
        .find(|version| version.number == number)
        .ok_or_else(|| missing(format!("there is no version {number} of {}", found.detail.card.name)))?;
    if version.receipts.is_empty() {
        return Err(missing(format!("version {number} of {} is not stored", found.detail.card.name)));
    }
    Ok(version.receipts.clone())
}

/// The original's place: a file that is there, else the last known one.
fn place_of(found: &FoundPhoto) -> Result<PathBuf, UserError> {
    let path = found.detail.paths.first().map(|path| path.path.clone());
    path.ok_or_else(|| {
        UserError::new(ErrorCode::NotFound, format!("no place of {} is known", found.detail.card.name))
            .hint("Restore it into a folder with --to DIR.")
    })
}

fn name_of(found: &FoundPhoto) -> OsString {
    let path = found.path.as_deref().and_then(Path::file_name);
    path.map_or_else(|| found.detail.card.name.clone().into(), OsString::from)
}

/// `IMG_1.jpg`, then `IMG_1 (version 2).jpg`, then `IMG_1 (version 2, 2).jpg` …
fn free_name(name: &OsString, version: u32, n: u32) -> OsString {
    let path = Path::new(name);
    let mark = match n {
        0 => return name.clone(),
        1 => format!(" (version {version})"),
        n => format!(" (version {version}, {n})"),
    };
    let mut free = path.file_stem().unwrap_or(name).to_owned();
    free.push(mark);
    if let Some(suffix) = path.extension() {
        free.push(".");
        free.push(suffix);
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_say_which_version_they_are() {
        let name = OsString::from("IMG.1.jpg");
        let names: Vec<_> = (0..3).map(|n| free_name(&name, 2, n)).collect();
        assert_eq!(names, ["IMG.1.jpg", "IMG.1 (version 2).jpg", "IMG.1 (version 2, 2).jpg"]);
        assert_eq!(free_name(&OsString::from("noext"), 1, 1), "noext (version 1)");
    }
}
