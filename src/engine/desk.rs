//! The printer's desk: layouts that are kept, the job in progress, and what is asked of printers.
//!
//! `print.json` in the library holds the job in progress and what was last used with each printer; `layouts/` holds one
//! small JSON file for each layout, named after it. Both can be thrown away.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::errors::{io_words, user_error};
use super::parts::Engine;
use crate::domain::printing::{JobPhoto, SavedLayout};
use crate::domain::{Seat, keys};
use crate::protocol::{ErrorCode, MissingOriginals, PrintAnswer, PrintAsk, PrintDesk, UserError};

/// The desk's file.
const DESK: &str = "print.json";
/// The layouts' folder.
const LAYOUTS: &str = "layouts";
/// Larger than any layout; a file beyond is none.
const MOST_BYTES: u64 = 1 << 20;
/// Photos of a job that outlive a restart, at most.
const MOST_PHOTOS: usize = 20_000;
/// Layouts that are read, at most.
const MOST_LAYOUTS: usize = 500;

impl Engine {
    /// Answers a question about printing.
    ///
    /// # Errors
    /// Why it cannot be answered or done, in words.
    pub async fn printing(&self, ask: PrintAsk) -> Result<PrintAnswer, UserError> {
        let engine = self.clone();
        match ask {
            PrintAsk::Missing(seats) => {
                self.0.parts.quick.run(move || engine.missing(&seats)).await.map(PrintAnswer::Missing)
            }
            PrintAsk::Desk => {
                let found = self.0.parts.quick.run(move || engine.desk()).await?;
                Ok(PrintAnswer::Desk(Box::new(found.0), found.1))
            }
            PrintAsk::Remember(desk) => {
                self.0.parts.quick.run(move || engine.remember(*desk)).await.map(|()| PrintAnswer::Remembered)
            }
            PrintAsk::Layouts
            | PrintAsk::Keep(_)
            | PrintAsk::Forget(_)
            | PrintAsk::Export { .. }
            | PrintAsk::Take(_) => {
                let work = move || engine.layouts_after(ask);
                self.0.parts.quick.run(work).await.map(PrintAnswer::Layouts)
            }
            PrintAsk::Printers | PrintAsk::Jobs | PrintAsk::Cancel { .. } | PrintAsk::Reprint { .. } => {
                self.ask_printers(ask).await
            }
        }
    }

    /// Layouts by name, after one was kept, forgotten, written out or taken in.
    fn layouts_after(&self, ask: PrintAsk) -> Result<Vec<SavedLayout>, UserError> {
        match ask {
            PrintAsk::Keep(layout) => self.keep_layout(&layout)?,
            PrintAsk::Forget(name) => {
                let path = self.layout_path(&name);
                std::fs::remove_file(&path).map_err(|error| wrong("the layout cannot be removed", &error, &path))?;
            }
            PrintAsk::Export { name, file } => {
                let layout = self.layout(&name)?;
                write(&file, &shared(layout)).map_err(|error| wrong("the layout cannot be written", &error, &file))?;
            }
            PrintAsk::Take(file) => self.keep_layout(&read_layout(&file)?)?,
            _ => {}
        }
        Ok(self.layouts())
    }

    fn keep_layout(&self, layout: &SavedLayout) -> Result<(), UserError> {
        if layout.name.trim().is_empty() {
            return Err(UserError::new(ErrorCode::Usage, "the layout has no name: give it one"));
        }
        let path = self.layout_path(&layout.name);
        write(&path, layout).map_err(|error| wrong("the layout cannot be kept", &error, &path))
    }

    /// A kept layout by its name.
    ///
    /// # Errors
    /// Where there is none of this name, or its file is none.
    pub fn layout(&self, name: &str) -> Result<SavedLayout, UserError> {
        let path = self.layout_path(name);
        if !path.exists() {
            let known: Vec<String> = self.layouts().into_iter().map(|layout| layout.name).collect();
            let hint = if known.is_empty() {
                "Save one in the print window first.".to_owned()
            } else {
                format!("There are: {}.", known.join(", "))
            };
            return Err(UserError::new(ErrorCode::NotFound, format!("no layout is saved as {name}")).hint(hint));
        }
        read_layout(&path)
    }

    /// Every kept layout that can be read, by name.
    fn layouts(&self) -> Vec<SavedLayout> {
        let Ok(dir) = std::fs::read_dir(self.0.dir.join(LAYOUTS)) else { return Vec::new() };
        let files = dir.filter_map(Result::ok).map(|entry| entry.path());
        let named = files.filter(|path| path.extension().is_some_and(|suffix| suffix == "json"));
        let mut layouts: Vec<SavedLayout> =
            named.take(MOST_LAYOUTS).filter_map(|path| read_layout(&path).ok()).collect();
        layouts.sort_by_key(|layout| layout.name.to_lowercase());
        layouts
    }

    /// One function names stored keys and these files alike, so that any name is a file on any disk.
    fn layout_path(&self, name: &str) -> PathBuf {
        let name = keys::encode_component(name.trim().as_bytes());
        self.0.dir.join(LAYOUTS).join(format!("{name}.json"))
    }

    fn desk(&self) -> Result<(PrintDesk, Arc<[Seat]>), UserError> {
        let path = self.0.dir.join(DESK);
        // A desk that cannot be read is an empty one: nothing on it is worth a question.
        let mut desk: PrintDesk =
            read_short(&path).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        desk.photos.truncate(MOST_PHOTOS);
        let look = |reader: &crate::catalog::Reader| {
            let mut found = Vec::new();
            for photo in &desk.photos {
                found.push(reader.seat(photo.photo)?);
            }
            Ok(found)
        };
        let found = self.read_here(look).map_err(|error| user_error(&error))?;
        let kept: Vec<(JobPhoto, Seat)> =
            desk.photos.drain(..).zip(found).filter_map(|(photo, seat)| Some((photo, seat?))).collect();
        let (photos, seats): (Vec<JobPhoto>, Vec<Seat>) = kept.into_iter().unzip();
        desk.photos = photos;
        Ok((desk, seats.into()))
    }

    fn remember(&self, mut desk: PrintDesk) -> Result<(), UserError> {
        desk.photos.truncate(MOST_PHOTOS);
        let path = self.0.dir.join(DESK);
        write(&path, &desk).map_err(|error| wrong("the print job cannot be remembered", &error, &path))
    }

    /// Which originals are not on this computer.
    fn missing(&self, seats: &[Seat]) -> Result<MissingOriginals, UserError> {
        let mut missing = MissingOriginals::default();
        for seat in seats {
            let Some(detail) = self.read_here(|reader| reader.photo(*seat)).map_err(|error| user_error(&error))? else {
                continue;
            };
            if detail.paths.iter().any(|path| path.path.is_file()) {
                continue;
            }
            missing.seats.push(*seat);
            let stored = detail.versions.iter().find(|version| version.current && !version.receipts.is_empty());
            if let Some(version) = stored {
                missing.fetchable += 1;
                missing.bytes += version.size_bytes;
            }
        }
        Ok(missing)
    }
}

/// What is shared of a layout: no printer of this desk.
fn shared(mut layout: SavedLayout) -> SavedLayout {
    if let Some(ticket) = &mut layout.setup.ticket {
        ticket.printer.clear();
    }
    layout
}

fn read_layout(path: &Path) -> Result<SavedLayout, UserError> {
    let text = read_short(path).map_err(|error| wrong("the layout cannot be read", &error, path))?;
    serde_json::from_slice(&text)
        .map_err(|error| UserError::new(ErrorCode::Usage, format!("this is no layout ({error}): {}", path.display())))
}

fn read_short(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "the file is too large"));
    }
    Ok(bytes)
}

fn write(path: &Path, value: &impl serde::Serialize) -> std::io::Result<()> {
    let text = serde_json::to_vec_pretty(value).map_err(std::io::Error::other)?;
    if let Some(dir) = path.parent() {
        crate::files::durable::create_dirs(dir)?;
    }
    crate::files::durable::replace_small(path, &text)
}

fn wrong(what: &str, error: &std::io::Error, path: &Path) -> UserError {
    UserError::new(ErrorCode::Unavailable, format!("{what} ({}): {}", io_words(error), path.display()))
}
