//! One file on its way into the catalogue: read once, hashed, its metadata and thumbnail made. Blocking.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::errors::{io_words, panic_words};
use super::parts::Engine;
use super::walk::{Found, shown_suffix, suffix};
use crate::catalog::{Candidate, FileKind, ProposedKey};
use crate::domain::keys;
use crate::domain::{ContentHash, Fingerprint, Format, Metadata, ObjectKey};
use crate::files::{Content, FileSystem, SteadyRead, read_steady};
use crate::imaging::{self, Fit, Kind, Unreadable};
use crate::protocol::ItemFailure;

/// Files up to this size are held in memory while they are looked at; longer ones are streamed through the hash, and
/// only their first megabytes are looked at. Bytes.
pub(super) const WHOLE_FILE_BYTES: u64 = 384 << 20;
/// Files above this size are held one at a time, whatever the number of workers. Bytes.
const LARGE_FILE_BYTES: u64 = 64 << 20;
/// Long edge of the stored thumbnail in pixels.
pub(super) const THUMB_PX: u32 = 320;
/// A decode that takes more memory than this waits until it is alone. Bytes.
const EXPENSIVE_BYTES: u64 = 160 << 20;
/// The longest sidecar that is read, in bytes.
const MOST_SIDECAR_BYTES: u64 = 16 << 20;

/// What became of one file that was read.
pub(super) enum Prepared {
    /// For the catalogue, with its thumbnail where one could be made.
    Candidate(Box<Candidate>, Option<Vec<u8>>),
    /// Not a photo after all, by suffix.
    Skipped(String),
    /// A photo that cannot be read.
    Unreadable(ItemFailure),
}

/// What the keys of one dropped folder begin with.
#[derive(Debug, Clone)]
pub(super) struct Root {
    /// The folder.
    pub dir: PathBuf,
    /// Its unique name in keys.
    pub name: String,
}

/// Reads one file. Never panics: a fault of a codec is that file's failure. With `everything`, what is no photo, or
/// one whose picture cannot be read, is a companion: stored byte for byte, and not shown.
pub(super) fn prepare(engine: &Engine, found: &Found, root: &Root, everything: bool) -> Prepared {
    let unreadable = |why: String| Prepared::Unreadable(ItemFailure { path: found.path.display().to_string(), why });
    match catch_unwind(AssertUnwindSafe(|| read(engine, found, root, everything))) {
        Ok(Ok(prepared)) => prepared,
        Ok(Err(why)) => unreadable(why),
        Err(panic) => unreadable(panic_words(panic.as_ref())),
    }
}

fn read(engine: &Engine, found: &Found, root: &Root, everything: bool) -> Result<Prepared, String> {
    let files = engine.0.parts.files.as_ref();
    // What has no known suffix is worth a look at its first bytes only.
    if found.kind == Kind::Other && !everything {
        let head = read_head(files, &found.path, imaging::sniff::SNIFF_BYTES as u64).map_err(|e| io_words(&e))?;
        if !matches!(imaging::sniff(&head, suffix(&found.path).as_deref()), Kind::Photo(_)) {
            return Ok(Prepared::Skipped(shown_suffix(&found.path)));
        }
    }
    let _one_large_file = (found.stat.size > LARGE_FILE_BYTES)
        .then(|| futures::executor::block_on(engine.0.large_file.clone().acquire_owned()).ok());
    let steady = read_steady(files, &found.path, WHOLE_FILE_BYTES).map_err(|error| io_words(&error))?;
    let kind = imaging::sniff(steady.content.bytes(), suffix(&found.path).as_deref());
    let (kind, metadata, thumb) = match kind {
        Kind::Photo(format) => {
            // A codec that gives up must not take the bytes with it.
            let looked = catch_unwind(AssertUnwindSafe(|| look(engine, &found.path, &steady, format)))
                .unwrap_or_else(|panic| Err(panic_words(panic.as_ref())));
            match looked {
                Ok((metadata, thumb)) => (FileKind::Photo(format), metadata, thumb),
                Err(_) if everything => (FileKind::Sidecar, Metadata::default(), None),
                Err(why) => return Err(why),
            }
        }
        Kind::Companion => (FileKind::Sidecar, Metadata::default(), None),
        Kind::Video => (FileKind::Video, Metadata::default(), None),
        Kind::Other if everything => (FileKind::Sidecar, Metadata::default(), None),
        Kind::Other => return Ok(Prepared::Skipped(shown_suffix(&found.path))),
    };
    let candidate = Candidate {
        path: found.path.clone(),
        root: root.dir.clone(),
        size: steady.stat.size,
        mtime_ns: steady.stat.mtime_ns,
        fingerprint: steady.fingerprint,
        kind,
        metadata,
        keys: proposed_keys(root, &found.path, &steady.fingerprint),
    };
    Ok(Prepared::Candidate(Box::new(candidate), thumb))
}

/// Metadata and thumbnail of a photo. A photo whose pixels are damaged is unreadable, unless its format often has none.
fn look(
    engine: &Engine,
    path: &Path,
    steady: &SteadyRead,
    format: Format,
) -> Result<(Metadata, Option<Vec<u8>>), String> {
    let bytes = steady.content.bytes();
    if steady.fingerprint.size == 0 {
        return Err(Unreadable::Empty.to_string());
    }
    let whole = matches!(steady.content, Content::Whole(_));
    let mut metadata = match imaging::inspect(bytes, format) {
        Ok(metadata) => metadata,
        // A file that is longer than what is held may have its structure at its end: kept, without a picture.
        Err(_) if !whole => Metadata::default(),
        Err(why) => return Err(why.to_string()),
    };
    // Ours last, so that it wins.
    for name in crate::files::sidecar::names(path).into_iter().rev() {
        if let Some(xmp) = read_sidecar(engine.0.parts.files.as_ref(), &name) {
            imaging::apply_sidecar(&mut metadata, &xmp);
        }
    }
    if !metadata.has_picture {
        return Ok((metadata, None));
    }
    let thumb = match thumbnail(engine, bytes, format, steady.fingerprint.blake3) {
        Ok(jpeg) => Some(jpeg),
        Err(Unreadable::NoPicture) => None,
        Err(_) if !whole || matches!(format, Format::Raw | Format::Dng | Format::Heic) => None,
        // An honest header over pixels that would take too much: a photo all the same, without a picture.
        Err(Unreadable::TooLarge { .. } | Unreadable::Unsupported(_)) => None,
        Err(why) => return Err(why.to_string()),
    };
    metadata.has_picture = thumb.is_some();
    Ok((metadata, thumb))
}

/// The stored thumbnail of some bytes; not made again where it is there already.
pub(super) fn thumbnail(
    engine: &Engine,
    bytes: &[u8],
    format: Format,
    content: ContentHash,
) -> Result<Vec<u8>, Unreadable> {
    if let Ok(Some(jpeg)) = engine.with_thumbs(|thumbs| thumbs.get(&content)) {
        return Ok(jpeg);
    }
    let _alone = alone_if_expensive(engine, bytes, format, Fit::LongEdge(THUMB_PX));
    imaging::thumbnail(bytes, format, THUMB_PX).map(|thumbnail| thumbnail.jpeg)
}

/// Waits, on this worker, until no other expensive decode runs, where this one is expensive itself.
pub(super) fn alone_if_expensive(
    engine: &Engine,
    bytes: &[u8],
    format: Format,
    fit: Fit,
) -> Option<tokio::sync::OwnedSemaphorePermit> {
    permit_if_expensive(engine, imaging::decode_cost_bytes(bytes, format, fit))
}

/// The same for a cost in bytes.
pub(super) fn permit_if_expensive(engine: &Engine, cost_bytes: u64) -> Option<tokio::sync::OwnedSemaphorePermit> {
    if cost_bytes < EXPENSIVE_BYTES {
        return None;
    }
    futures::executor::block_on(engine.0.large_decode.clone().acquire_owned()).ok()
}

/// What another program wrote about a photo.
fn read_sidecar(files: &dyn FileSystem, path: &Path) -> Option<imaging::Xmp> {
    let stat = files.stat(path).ok()?;
    if stat.size > MOST_SIDECAR_BYTES {
        return None;
    }
    let bytes = read_head(files, path, MOST_SIDECAR_BYTES).ok()?;
    match imaging::xmp::parse(&bytes) {
        Ok(xmp) => Some(xmp),
        Err(why) => {
            tracing::warn!(path = %path.display(), "the sidecar cannot be understood ({why})");
            None
        }
    }
}

/// The first bytes of a file.
pub(super) fn read_head(files: &dyn FileSystem, path: &Path, most_bytes: u64) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut head = Vec::new();
    files.open(path)?.take(most_bytes).read_to_end(&mut head)?;
    Ok(head)
}

/// Keys for a file, the preferred one first.
fn proposed_keys(root: &Root, path: &Path, fingerprint: &Fingerprint) -> Vec<ProposedKey> {
    let relative = path.strip_prefix(&root.dir).unwrap_or(path);
    let key = keys::photo_key(&root.name, relative);
    let other = keys::with_hash(&key, fingerprint.blake3);
    // As good as unique: the whole hash in the name.
    let last = ObjectKey(format!("photos/{}/{}", root.name, fingerprint.blake3));
    [key, other, last].into_iter().map(|key| ProposedKey { fold: keys::fold(&key.0), key }).collect()
}
