//! A card's files to their places: which name each gets, the copy, and reading it back. Blocking.
//!
//! Files of one folder and base name are one group: they go to one folder under one base name, so that a companion
//! stays with its photo. A name that other bytes have is never written over; the group then gets ` (2)`.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use chrono::{Datelike as _, Local, TimeZone as _};

use super::cancel::Cancel;
use super::errors::io_words;
use super::walk::{stem, suffix};
use crate::domain::ingest_template::{IngestTemplate, TemplateFacts, numbered_name};
use crate::domain::{Fingerprint, Metadata, keys};
use crate::files::card::{CardFile, open_untouched};
use crate::files::{FileSystem, Fingerprinter, durable, fingerprint, space};
use crate::imaging::{Kind, inspect, sniff};

/// Beginnings of a file in which its date is looked for, the shorter first. Bytes.
const HEADS: [u64; 2] = [256 << 10, 8 << 20];
/// An unfinished copy that did not grow for so long is nobody's.
const ABANDONED: Duration = Duration::from_secs(60);
/// Names tried for a group before it is given up.
const MOST_NAMES: u32 = 10_000;

/// Files of a card that belong together, and their folder below the destination.
#[derive(Debug)]
pub(super) struct Group {
    pub files: Vec<CardFile>,
    pub folder: PathBuf,
}

/// What became of one file of the card.
#[derive(Debug)]
pub(super) struct Copied {
    pub file: CardFile,
    /// The copy, and what its bytes were when they were read back; or why there is none.
    pub copy: Result<(PathBuf, Fingerprint), String>,
    /// Whether it was written now.
    pub written: bool,
}

/// Everything that copying needs.
pub(super) struct Copier<'a> {
    pub files: &'a dyn FileSystem,
    /// The card, without links.
    pub card: &'a Path,
    pub to: &'a Path,
    pub cancel: &'a Cancel,
    /// Names that this run has given away.
    pub taken: HashSet<String>,
    /// Folders in which nothing unfinished of an earlier run is left.
    pub swept: HashSet<PathBuf>,
}

/// Sorts a card's files into groups, each with its folder. `None` where it was stopped.
pub(super) fn plan(files: Vec<CardFile>, template: &IngestTemplate, name: &str, cancel: &Cancel) -> Option<Vec<Group>> {
    let mut stems: BTreeMap<Vec<u8>, Vec<CardFile>> = BTreeMap::new();
    for file in files {
        // IMG_1.JPG and img_1.xmp belong together; a.jpg and A.JPG cannot, for they cannot have one name with a number.
        let mut key = stem(&file.path).to_ascii_lowercase();
        while stems.get(&key).is_some_and(|group| group.iter().any(|other| folded(&other.path) == folded(&file.path))) {
            key.push(0);
        }
        stems.entry(key).or_default().push(file);
    }
    let mut groups = Vec::with_capacity(stems.len());
    for files in stems.into_values() {
        if cancel.is_cancelled() {
            return None;
        }
        let metadata = files.iter().find_map(metadata_of);
        let taken = metadata.as_ref().and_then(|metadata| metadata.taken_at).map(|taken| taken.local().date());
        let ymd = taken.map_or_else(
            || wall_date(files.iter().map(|file| file.mtime_ns).min().unwrap_or_default()),
            |date| (date.year(), date.month().into(), date.day()),
        );
        let camera = metadata.as_ref().and_then(Metadata::camera);
        let folder = template.folder(&TemplateFacts { ymd, name, camera: camera.as_deref() });
        groups.push(Group { files, folder });
    }
    Some(groups)
}

/// The date on this computer's wall clock.
pub(super) fn wall_date(ns: i64) -> (i32, u8, u8) {
    match Local.timestamp_millis_opt(ns.div_euclid(1_000_000)).earliest() {
        Some(at) => (at.year(), at.month() as u8, at.day() as u8),
        None => (1970, 1, 1),
    }
}

/// What a photo says of itself at its beginning; `None` where it is no photo or says nothing.
fn metadata_of(file: &CardFile) -> Option<Metadata> {
    let mut best = None;
    for most in HEADS {
        let mut head = Vec::new();
        open_untouched(&file.path).ok()?.take(most).read_to_end(&mut head).ok()?;
        let Kind::Photo(format) = sniff(&head, suffix(&file.path).as_deref()) else { return None };
        let found = std::panic::catch_unwind(|| inspect(&head, format).ok()).ok().flatten();
        best = found.or(best);
        if best.as_ref().is_some_and(|metadata| metadata.taken_at.is_some()) || file.size <= most {
            break;
        }
    }
    best
}

impl Copier<'_> {
    /// Bytes that are not at their places yet, as far as names and sizes tell.
    pub fn missing_bytes(&self, groups: &[Group]) -> u64 {
        let is_there = |folder: &Path, file: &CardFile| {
            let name = file.path.file_name().unwrap_or_default();
            self.files.stat(&self.to.join(folder).join(name)).is_ok_and(|stat| stat.size == file.size)
        };
        let missing = |group: &Group| -> u64 {
            group.files.iter().filter(|file| !is_there(&group.folder, file)).map(|file| file.size).sum()
        };
        groups.iter().map(missing).sum()
    }

    /// Copies a group and reads it back; one answer for each file. `read` hears of bytes as they go by.
    pub fn group(&mut self, group: Group, read: &mut dyn FnMut(u64)) -> Vec<Copied> {
        let folder = self.to.join(&group.folder);
        let all_failed = |files: Vec<CardFile>, why: &str| {
            files.into_iter().map(|file| Copied { file, copy: Err(why.to_owned()), written: false }).collect()
        };
        if let Err(why) = self.make_folder(&folder) {
            return all_failed(group.files, &why);
        }
        if self.swept.insert(folder.clone()) {
            sweep(&folder);
        }
        let mut known: Vec<Option<Fingerprint>> = vec![None; group.files.len()];
        let number = match self.free_number(&folder, &group.files, &mut known) {
            Ok(number) => number,
            Err(why) => return all_failed(group.files, &why),
        };
        let mut copied = Vec::with_capacity(group.files.len());
        for (file, known) in group.files.into_iter().zip(known) {
            let path = folder.join(numbered_name(file.path.file_name().unwrap_or_default(), number));
            self.taken.insert(folded(&path));
            let done = match known {
                // Found there with the same bytes, read from both just now.
                Some(seen) => Ok((seen, false)),
                None => self.copy(&file, &path, read).map(|seen| (seen, true)),
            };
            copied.push(match done {
                Ok((seen, written)) => Copied { file, copy: Ok((path, seen)), written },
                Err(why) => Copied { file, copy: Err(why), written: false },
            });
        }
        copied
    }

    /// The smallest number under which every file of the group has a free name, or one that has its bytes already;
    /// `known` then tells which have.
    fn free_number(&self, folder: &Path, files: &[CardFile], known: &mut [Option<Fingerprint>]) -> Result<u32, String> {
        let mut on_card: Vec<Option<Fingerprint>> = vec![None; files.len()];
        'numbers: for number in 1..=MOST_NAMES {
            known.fill(None);
            let mut names: HashSet<String> = HashSet::new();
            for (at, file) in files.iter().enumerate() {
                let path = folder.join(numbered_name(file.path.file_name().unwrap_or_default(), number));
                // Two of one group that differ only in case cannot lie beside each other everywhere.
                let mut taken = !names.insert(folded(&path)) || self.taken.contains(&folded(&path));
                if is_taken(&path, self.files) {
                    taken = true;
                    let same_size = self.files.stat(&path).is_ok_and(|stat| stat.size == file.size);
                    if same_size {
                        let of_card = match on_card[at] {
                            Some(seen) => seen,
                            None => *on_card[at].insert(self.read_card(file)?),
                        };
                        if self.read_back(&path).is_ok_and(|there| there == of_card) {
                            known[at] = Some(of_card);
                            taken = false;
                        }
                    }
                }
                if taken {
                    continue 'numbers;
                }
            }
            return Ok(number);
        }
        Err(format!("there is no free name left in {}", folder.display()))
    }

    /// Makes the folder, unless that would write on the card: a link may lead there.
    fn make_folder(&self, folder: &Path) -> Result<(), String> {
        let exists = folder.ancestors().find(|at| at.exists()).unwrap_or(folder);
        let real = std::fs::canonicalize(exists).map_err(|error| io_words(&error))?;
        if real.starts_with(self.card) {
            return Err("its folder would lie on the card, which is never written".to_owned());
        }
        durable::create_dirs(folder)
            .map_err(|error| format!("its folder cannot be made ({}): {}", io_words(&error), folder.display()))
    }

    fn read_card(&self, file: &CardFile) -> Result<Fingerprint, String> {
        let mut source = Source::new(open_untouched(&file.path), self.cancel)?;
        io::copy(&mut source, &mut io::sink()).map_err(|error| card_words(&error))?;
        Ok(source.seen.finish())
    }

    /// One file: copied under a name of its own, durable, and read back from the disk.
    fn copy(&self, file: &CardFile, path: &Path, read: &mut dyn FnMut(u64)) -> Result<Fingerprint, String> {
        let mut source = Source::new(open_untouched(&file.path), self.cancel)?;
        source.read = Some(read);
        let written = self.files.create_new(path, &mut source);
        let (seen, failed) = (source.seen.finish(), source.failed);
        if let Err(error) = written {
            return Err(match failed {
                true => card_words(&error),
                false => format!("it cannot be written ({}): {}", io_words(&error), path.display()),
            });
        }
        let proved = self.prove(file, path, seen);
        if proved.is_err() {
            // Made a moment ago, and not what it should be: it must not pass for the photo.
            let _ = std::fs::remove_file(path);
        }
        proved
    }

    fn prove(&self, file: &CardFile, path: &Path, seen: Fingerprint) -> Result<Fingerprint, String> {
        if seen.size != file.size {
            return Err("it changed on the card while it was read".to_owned());
        }
        keep_time(path, file.mtime_ns);
        let back = self
            .read_back(path)
            .map_err(|error| format!("its copy cannot be read back ({}): {}", io_words(&error), path.display()))?;
        if back == seen {
            return Ok(back);
        }
        Err(format!(
            "its copy does not read back the same, so it was removed; the disk may be failing: {}",
            path.display()
        ))
    }

    /// What is on the disk, not in memory, as far as the system can be asked for that.
    fn read_back(&self, path: &Path) -> io::Result<Fingerprint> {
        if let Ok(file) = std::fs::File::open(path) {
            space::drop_cached(&file);
        }
        fingerprint(&mut self.files.open(path)?)
    }
}

/// Removes the unfinished copies that a killed run left. One that still grows is somebody's work.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let ulid = name.to_str().and_then(|name| name.strip_prefix(".lightkeep-")?.strip_suffix(".tmp"));
        let is_ours = ulid.is_some_and(|ulid| ulid::Ulid::from_string(ulid).is_ok());
        let age = entry.metadata().and_then(|meta| meta.modified()).map(|time| time.elapsed().unwrap_or_default());
        if is_ours && age.is_ok_and(|age| age > ABANDONED) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// The copy is as old as what it is a copy of. Where that cannot be, it is a copy all the same.
fn keep_time(path: &Path, mtime_ns: i64) {
    let Ok(since) = u64::try_from(mtime_ns) else { return };
    let kept = std::fs::File::options().write(true).open(path).and_then(|file| {
        file.set_modified(UNIX_EPOCH + Duration::from_nanos(since))?;
        file.sync_all()
    });
    if let Err(error) = kept {
        tracing::warn!(path = %path.display(), "the time of a copy could not be set ({error})");
    }
}

/// A path as file systems compare names at their strictest.
fn folded(path: &Path) -> String {
    keys::fold(&path.to_string_lossy())
}

fn card_words(error: &io::Error) -> String {
    format!("it cannot be read from the card ({})", io_words(error))
}

/// Whether anything has this name, a broken link too.
fn is_taken(path: &Path, files: &dyn FileSystem) -> bool {
    path.symlink_metadata().is_ok() || files.stat(path).is_ok()
}

/// A file of the card on its way: hashed as it goes by, and ended by a cancel.
struct Source<'a> {
    file: std::fs::File,
    seen: Fingerprinter,
    cancel: &'a Cancel,
    read: Option<&'a mut dyn FnMut(u64)>,
    /// Whether it was the reading that failed.
    failed: bool,
}

impl<'a> Source<'a> {
    fn new(file: io::Result<std::fs::File>, cancel: &'a Cancel) -> Result<Self, String> {
        let file = file.map_err(|error| card_words(&error))?;
        Ok(Self { file, seen: Fingerprinter::new(), cancel, read: None, failed: false })
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() {
            self.failed = true;
            return Err(io::Error::other("it was stopped"));
        }
        let count =
            self.file.read(buffer).inspect_err(|error| self.failed |= error.kind() != io::ErrorKind::Interrupted)?;
        self.seen.update(&buffer[..count]);
        if let Some(read) = &mut self.read {
            read(count as u64);
        }
        Ok(count)
    }
}

/// A card's name for people and for folders: the folder's, or that of the file system where it has none.
pub(super) fn card_name(card: &Path) -> String {
    let name: OsString = card.file_name().unwrap_or_else(|| std::ffi::OsStr::new("card")).to_owned();
    name.to_string_lossy().into_owned()
}
