//! The first look at what was dropped: every file by name, sorted into photos, companions, videos and the rest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::channel::mpsc::UnboundedSender;

use super::cancel::Cancel;
use crate::files::{FileSystem, Stat, Walked};
use crate::imaging::{Kind, sniff};
use crate::protocol::ItemFailure;

/// A file that may be wanted.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// Absolute path.
    pub path: PathBuf,
    /// Index of the root it lies under.
    pub root: usize,
    /// Size and time.
    pub stat: Stat,
    /// What its name says.
    pub kind: Kind,
}

/// A piece of a walk.
pub(super) enum Piece {
    /// Files, in walk order.
    Files(Vec<Found>),
    /// What could not be read.
    Failed(ItemFailure),
    /// The walk is over; what was passed over, by suffix.
    End(BTreeMap<String, u64>),
}

/// Files in one piece: enough to keep workers busy, few enough that the first pieces come at once.
const PIECE: usize = 256;

/// Walks the roots and sends pieces until the end, or until it is cancelled. Blocking. Memory: about 150 bytes a file.
pub(super) fn walk(files: &dyn FileSystem, roots: &[PathBuf], cancel: &Cancel, to: &UnboundedSender<Piece>) {
    let mut piece = Vec::with_capacity(PIECE);
    let mut skipped = BTreeMap::new();
    files.walk(roots, &mut |walked| {
        match walked {
            Walked::File { path, root, stat } => match sniff(&[], suffix(&path).as_deref()) {
                Kind::Other if is_never_a_photo(&path) => {
                    *skipped.entry(shown_suffix(&path)).or_insert(0) += 1;
                }
                kind => {
                    // Files of one base name stay together: a sidecar that changed has its photo read again.
                    if piece.len() >= PIECE && piece.last().is_none_or(|last: &Found| stem(&last.path) != stem(&path)) {
                        let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE));
                        let _ = to.unbounded_send(Piece::Files(full));
                    }
                    piece.push(Found { path, root, stat, kind });
                }
            },
            Walked::Failed { path, error } => {
                let why = super::errors::io_words(&error);
                let _ = to.unbounded_send(Piece::Failed(ItemFailure { path: path.display().to_string(), why }));
            }
        }
        !cancel.is_cancelled()
    });
    let _ = to.unbounded_send(Piece::Files(piece));
    let _ = to.unbounded_send(Piece::End(skipped));
}

/// Looks at these files and sends them in pieces, whatever they are, until it is cancelled. Blocking.
pub(super) fn walk_these(
    files: &dyn FileSystem,
    mut these: Vec<PathBuf>,
    cancel: &Cancel,
    to: &UnboundedSender<Piece>,
) {
    these.sort();
    these.dedup();
    for part in these.chunks(PIECE) {
        let mut piece = Vec::with_capacity(part.len());
        for path in part {
            match files.stat(path) {
                Ok(stat) => {
                    let kind = sniff(&[], suffix(path).as_deref());
                    piece.push(Found { path: path.clone(), root: 0, stat, kind });
                }
                Err(error) => {
                    let why = super::errors::io_words(&error);
                    let _ = to.unbounded_send(Piece::Failed(ItemFailure { path: path.display().to_string(), why }));
                }
            }
        }
        let _ = to.unbounded_send(Piece::Files(piece));
        if cancel.is_cancelled() {
            break;
        }
    }
    let _ = to.unbounded_send(Piece::End(BTreeMap::new()));
}

/// Folder and base name, up to the first dot: what a photo and its companions share.
pub(super) fn stem(path: &Path) -> &[u8] {
    let bytes = crate::domain::path_text::path_bytes(path);
    let name = path.file_name().map_or(0, |name| name.as_encoded_bytes().len());
    let start = bytes.len().saturating_sub(name);
    // A dot at the very beginning is part of the name.
    let dot = bytes[start..].iter().skip(1).position(|byte| *byte == b'.').map(|at| start + at + 1);
    &bytes[..dot.unwrap_or(bytes.len())]
}

/// The end of a name, without the dot.
pub(super) fn suffix(path: &Path) -> Option<String> {
    path.extension().map(|suffix| suffix.to_string_lossy().into_owned())
}

/// A suffix for people: `.txt`, or `no suffix`.
pub(super) fn shown_suffix(path: &Path) -> String {
    match suffix(path) {
        Some(suffix) if suffix.len() <= 12 => format!(".{}", suffix.to_lowercase()),
        Some(_) => "other".to_owned(),
        None => "no suffix".to_owned(),
    }
}

/// Common names of files that are not worth opening to see whether they are pictures after all.
fn is_never_a_photo(path: &Path) -> bool {
    const NEVER: &[&str] = &[
        "txt", "md", "pdf", "doc", "docx", "xls", "xlsx", "odt", "html", "htm", "json", "xml", "csv", "log", "ini",
        "db", "db-wal", "db-shm", "zip", "gz", "tar", "7z", "rar", "exe", "dll", "so", "py", "rs", "js", "mp3", "flac",
        "ogg", "m4a", "lnk", "url", "lrcat", "lrdata", "ithmb", "psd", "psb", "ai", "eps", "svg", "ico",
    ];
    suffix(path).is_some_and(|suffix| NEVER.contains(&suffix.to_ascii_lowercase().as_str()))
}
