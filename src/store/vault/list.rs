//! Listing a vault, a folder at a time, in the order of keys.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::PoisonError;

use super::index::{DirIndex, INDEX_NAME, is_version};
use super::look::{archived, found_version, is_file, is_missing, order};
use super::{Core, Place, VERSIONS};
use crate::domain::keys::check_key;
use crate::domain::{ObjectKey, VersionId};
use crate::files::disk::mtime_ns;
use crate::store::{Listed, StoreError};

/// What a folder has, in the order of keys.
pub enum Item {
    /// A folder below, by its path.
    Dir(String),
    /// The versions of one key, newest first, or only the current one.
    Objects(Vec<Listed>),
}

/// Names in one directory of the disk.
#[derive(Default)]
struct Names {
    /// Size in bytes and modification time in nanoseconds.
    files: BTreeMap<String, (u64, i64)>,
    dirs: BTreeSet<String>,
}

impl Core {
    /// The objects and folders of `dir` that a listing of `prefix` has to show or enter.
    pub fn page(&self, dir: &str, prefix: &str, versions: bool) -> Result<Vec<Item>, StoreError> {
        let path = if dir.is_empty() { self.dir.clone() } else { self.dir.join(dir) };
        let kept = self.versions_dir(dir);
        let index = self.index(dir);
        let mut index = index.lock().unwrap_or_else(PoisonError::into_inner);
        let read = |path: &Path| names(path).map_err(|error| self.fault("looking into the vault", path, 0, error));
        index.refresh().map_err(|error| self.fault("reading the vault's record", &kept, 0, error))?;
        let (here, old) = (read(&path)?, read(&kept)?);
        let key_of = |name: &str| if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") };

        let recorded: BTreeSet<&String> =
            index.names().filter(|name| old.dirs.contains(*name) && !here.files.contains_key(*name)).collect();
        let lost: BTreeSet<&String> = old
            .dirs
            .iter()
            .filter(|name| !here.dirs.contains(*name) && !here.files.contains_key(*name))
            .filter(|name| is_archive(&kept.join(name)))
            .collect();
        // Hidden files without a line are those of other programs (`.DS_Store`).
        let files = here.files.keys().filter(|name| !name.starts_with('.') || !index.records(name).is_empty());
        let objects: BTreeSet<&String> = files.chain(recorded).chain(lost).collect();
        let folders = here.dirs.iter().chain(old.dirs.iter().filter(|name| !objects.contains(name)));

        // A folder sorts as its keys do: with the slash behind its name.
        let mut items: BTreeMap<String, Item> = BTreeMap::new();
        for name in folders.collect::<BTreeSet<_>>() {
            let below = format!("{}/", key_of(name));
            // At the top are our own tree, and those of the system and of other programs (`.Trash-1000`).
            let foreign = dir.is_empty() && name.starts_with('.') && (*name == VERSIONS || !old.dirs.contains(name));
            if foreign || !(below.starts_with(prefix) || prefix.starts_with(&below)) {
                continue;
            }
            items.insert(below, Item::Dir(key_of(name)));
        }
        for name in objects {
            let key = ObjectKey(key_of(name));
            if key.0.starts_with(prefix) && check_key(&key).is_ok() {
                let place = self.place(&key)?;
                let found =
                    self.listed(&place, &index, here.files.get(name).copied(), old.dirs.contains(name), versions)?;
                items.insert(key.0, Item::Objects(found));
            }
        }
        Ok(items.into_values().collect())
    }

    fn listed(
        &self,
        place: &Place,
        index: &DirIndex,
        here: Option<(u64, i64)>,
        has_old: bool,
        versions: bool,
    ) -> Result<Vec<Listed>, StoreError> {
        let records = index.records(&place.name);
        let last = index.last(&place.name);
        let last_is_old = has_old && last.is_some_and(|last| is_file(&place.version_path(&last.version)));
        let listed = |version: VersionId, size, current| {
            let recorded = records.iter().find(|record| record.version == version).map(|record| record.fingerprint);
            Listed { key: place.key.clone(), version, size, recorded, current }
        };
        let mut found = Vec::new();
        let current = match (here, last) {
            (Some((size, _)), Some(last)) if !last_is_old => Some((last.version.clone(), size)),
            (Some((size, mtime_ns)), _) => Some((found_version(&place.name, size, mtime_ns, records), size)),
            (None, Some(last)) if last_is_old => {
                let meta = fs::symlink_metadata(place.version_path(&last.version));
                meta.ok().map(|meta| (last.version.clone(), meta.len()))
            }
            (None, _) => None,
        };
        let current_version = current.as_ref().map(|(version, _)| version.clone());
        found.extend(current.map(|(version, size)| listed(version, size, true)));
        if versions && has_old {
            let archived = archived(&place.archive)
                .map_err(|error| self.fault("looking into the vault", &place.archive, 0, error))?;
            for version in order(index, &place.name, archived) {
                let meta = fs::symlink_metadata(place.version_path(&version)).ok().filter(fs::Metadata::is_file);
                if let (Some(meta), true) = (meta, current_version.as_ref() != Some(&version)) {
                    found.push(listed(version, meta.len(), false));
                }
            }
        }
        Ok(found)
    }
}

/// Whether a directory below `.versions` holds versions of one key (whose lines and current file may be lost) rather
/// than folders.
fn is_archive(dir: &Path) -> bool {
    let Ok(mut entries) = fs::read_dir(dir) else { return false };
    entries.any(|entry| {
        let name = entry.ok().and_then(|entry| entry.file_name().into_string().ok());
        name.is_some_and(|name| is_version(&VersionId(name)))
    })
}

fn names(dir: &Path) -> std::io::Result<Names> {
    let mut names = Names::default();
    let entries = match fs::read_dir(dir) {
        Err(error) if is_missing(&error) => return Ok(names),
        other => other?,
    };
    for entry in entries {
        let entry = entry?;
        // A name that is not UTF-8 is no key.
        let Ok(name) = entry.file_name().into_string() else { continue };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            names.dirs.insert(name);
        } else if kind.is_file() && name != INDEX_NAME {
            match entry.metadata() {
                Ok(meta) => names.files.insert(name, (meta.len(), mtime_ns(&meta))),
                // Renamed away since; whoever did that has it elsewhere.
                Err(error) if is_missing(&error) => None,
                Err(error) => return Err(error),
            };
        }
    }
    Ok(names)
}
