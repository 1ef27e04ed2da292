//! Memory cards that are mounted: anything where desktops mount things that has a `DCIM` folder.

use std::path::{Path, PathBuf};

use crate::domain::keep::CardFound;

/// The cards that are there now, by name. Looks at disks, so never on the thread of the window.
#[must_use]
pub fn cards() -> Vec<CardFound> {
    let mut found: Vec<CardFound> = mounts().iter().filter_map(|dir| card(dir)).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.dir.cmp(&b.dir)));
    found.dedup_by(|a, b| a.dir == b.dir);
    found
}

fn card(dir: &Path) -> Option<CardFound> {
    let name = dir.file_name()?.to_string_lossy().into_owned();
    dir.join("DCIM").is_dir().then(|| CardFound { dir: dir.to_path_buf(), name })
}

/// Folders that may be cards: below the places of the system, and one level below those of a person.
fn mounts() -> Vec<PathBuf> {
    let mut dirs = Vec::new();
    let extra = std::env::var_os("LIGHTKEEP_CARDS").map(PathBuf::from);
    let places = ["/media", "/run/media", "/Volumes"].map(PathBuf::from);
    for place in places.into_iter().chain(extra) {
        for dir in folders(&place) {
            dirs.extend(folders(&dir));
            dirs.push(dir);
        }
    }
    dirs
}

fn folders(dir: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    entries.flatten().take(64).map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}
