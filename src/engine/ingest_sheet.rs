//! The receipt sheet of a card, written beside the copies.

use std::io::{BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::errors::io_words;
use super::ingest::Proved;
use super::ingest_copy::wall_date;
use super::parts::Engine;
use crate::domain::ingest_template::plain_name;
use crate::files::durable;
use crate::print::Fonts;
use crate::print::receipt_sheet::{ReceiptSheet, SheetFile};

/// Digits of a BLAKE3 on paper: enough that no two files of a life share them.
const SHORT_HASH: usize = 16;
/// Names tried for a sheet.
const MOST_NAMES: u32 = 1_000;
/// The most of an older sheet that is read to see whether it is the same, in bytes.
const MOST_SHEET_BYTES: u64 = 64 << 20;

impl Engine {
    /// Writes the sheet to `TO/receipts/DATE CARD.pdf`. No sheet is ever written over: one that says the same is left
    /// as it is, beside one that says something else there is a ` (2)`.
    pub(super) async fn write_sheet(
        &self,
        to: &Path,
        card: &str,
        stores: &[&'static str],
        proved: Vec<Proved>,
    ) -> Result<PathBuf, String> {
        let created = self.now();
        let (year, month, day) = wall_date(created.0.saturating_mul(1_000_000));
        let date = format!("{year:04}-{month:02}-{day:02}");
        let (folder, ulid) = (to.join("receipts"), self.ulid());
        let mut sheet = ReceiptSheet {
            card: card.to_owned(),
            date: date.clone(),
            stores: stores.iter().map(|store| (*store).to_owned()).collect(),
            id: String::new(),
            created,
            files: proved.into_iter().map(sheet_file).collect(),
        };
        sheet.id = id_of(&sheet);
        let base = plain_name(&format!("{date} {card}"));
        let work = move || {
            durable::create_dirs(&folder).map_err(|error| io_words(&error))?;
            for number in 1..=MOST_NAMES {
                let name = if number == 1 { format!("{base}.pdf") } else { format!("{base} ({number}).pdf") };
                let path = folder.join(name);
                if path.symlink_metadata().is_err() {
                    return write(&sheet, &path, &ulid).map_err(|error| format!("{error}: {}", path.display()));
                }
                if says(&path, &sheet.id) {
                    return Ok(path);
                }
            }
            Err(format!("there are too many sheets of this name: {base}"))
        };
        self.0.parts.heavy.run(work).await
    }
}

fn sheet_file(proved: Proved) -> SheetFile {
    let path = &proved.file.path;
    // The last folder tells files apart that cameras number alike.
    let folder = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy());
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    SheetFile {
        name: folder.map_or_else(|| name.clone().into_owned(), |folder| format!("{folder}/{name}")),
        size_bytes: proved.fingerprint.size,
        blake3: proved.fingerprint.blake3.to_string().chars().take(SHORT_HASH).collect(),
        crc64nvme: proved.fingerprint.crc64nvme.to_string(),
        versions: proved.receipts.into_iter().map(|receipt| receipt.version.0).collect(),
    }
}

/// A number for all that the sheet says, but for its day.
fn id_of(sheet: &ReceiptSheet) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        hasher.update(&(text.len() as u64).to_le_bytes());
        hasher.update(text.as_bytes());
    };
    add(&sheet.card);
    sheet.stores.iter().for_each(|store| add(store));
    for file in &sheet.files {
        add(&file.name);
        add(&file.size_bytes.to_string());
        add(&file.blake3);
        add(&file.crc64nvme);
        file.versions.iter().for_each(|version| add(version));
    }
    hasher.finalize().to_hex().chars().take(24).collect()
}

/// Whether a sheet has this number in its title, which PDF keeps as ASCII or as UTF-16.
fn says(path: &Path, id: &str) -> bool {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST_SHEET_BYTES).read_to_end(&mut bytes));
    let wide: Vec<u8> = id.encode_utf16().flat_map(u16::to_be_bytes).collect();
    read.is_ok()
        && (memchr::memmem::find(&bytes, id.as_bytes()).is_some() || memchr::memmem::find(&bytes, &wide).is_some())
}

fn write(sheet: &ReceiptSheet, path: &Path, ulid: &str) -> Result<PathBuf, String> {
    let beside = |what: &str| path.with_file_name(format!(".lightkeep-{ulid}.{what}"));
    let make = |what: &str| std::fs::File::options().read(true).write(true).create_new(true).open(beside(what));
    let written = (|| {
        let words = |error: std::io::Error| io_words(&error);
        let mut spool = make("spool").map_err(words)?;
        let mut out = BufWriter::new(make("pdf").map_err(words)?);
        sheet.write(&Fonts::shipped(), &mut spool, &mut out).map_err(|error| error.to_string())?;
        out.flush().map_err(words)?;
        out.get_ref().sync_all().map_err(words)?;
        std::fs::rename(beside("pdf"), path).map_err(words)?;
        durable::sync_dir(&durable::parent_of(path)).map_err(words)
    })();
    for what in ["spool", "pdf"] {
        let _ = std::fs::remove_file(beside(what));
    }
    written.map(|()| path.to_owned())
}
