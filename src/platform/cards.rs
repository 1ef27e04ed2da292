//! Memory cards that are mounted: folders with a `DCIM` in the places where systems mount them.

use std::path::{Path, PathBuf};

use crate::domain::keep::CardFound;

/// Environment variable with one more folder whose children are looked at; for tests.
pub const PLACE_VARIABLE: &str = "LIGHTKEEP_CARDS";
/// Folders looked at below one place: more than anybody has mounted.
const MOST: usize = 256;

/// The cards that are there now, by path. Looks at a few folders, and opens no file; a mount that does not answer can
/// take as long as the system lets it, so this belongs on a worker thread.
#[must_use]
pub fn cards() -> Vec<CardFound> {
    let mut mounts = Vec::new();
    if let Some(place) = std::env::var_os(PLACE_VARIABLE).filter(|place| !place.is_empty()) {
        mounts.extend(children(Path::new(&place)));
    }
    mounts.extend(system_mounts());
    found(mounts)
}

/// Those of the folders that look like a card.
fn found(mounts: Vec<PathBuf>) -> Vec<CardFound> {
    let mut cards: Vec<CardFound> = mounts.into_iter().filter(|dir| has_dcim(dir)).map(card).collect();
    cards.sort_by(|a, b| a.dir.cmp(&b.dir));
    cards.dedup_by(|a, b| a.dir == b.dir);
    cards
}

fn card(dir: PathBuf) -> CardFound {
    // A drive letter has no name of its own.
    let name = dir.file_name().map_or_else(|| dir.display().to_string(), |name| name.to_string_lossy().into_owned());
    CardFound { dir, name }
}

/// Cameras write it in capitals; a file system may show it otherwise.
fn has_dcim(dir: &Path) -> bool {
    ["DCIM", "dcim", "Dcim"].iter().any(|name| dir.join(name).is_dir())
}

fn children(place: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(place) else { return Vec::new() };
    entries.filter_map(Result::ok).map(|entry| entry.path()).take(MOST).collect()
}

#[cfg(all(unix, not(target_os = "macos")))]
fn system_mounts() -> Vec<PathBuf> {
    // /media/CARD, /media/USER/CARD and /run/media/USER/CARD.
    let media = children(Path::new("/media"));
    let deeper = media.iter().cloned().chain(children(Path::new("/run/media"))).flat_map(|dir| children(&dir));
    let deeper: Vec<PathBuf> = deeper.take(MOST).collect();
    media.into_iter().chain(deeper).collect()
}

#[cfg(target_os = "macos")]
fn system_mounts() -> Vec<PathBuf> {
    children(Path::new("/Volumes"))
}

#[cfg(windows)]
fn system_mounts() -> Vec<PathBuf> {
    (b'D'..=b'Z').map(|letter| PathBuf::from(format!("{}:\\", char::from(letter)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_dcim_is_a_card_and_nothing_else_is() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["EOS_DIGITAL/DCIM/100CANON", "backup/photos", "B/dcim"] {
            std::fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        std::fs::create_dir(dir.path().join("no")).unwrap();
        std::fs::write(dir.path().join("no/DCIM"), b"a file").unwrap();
        let cards = found(children(dir.path()));
        let names: Vec<_> = cards.iter().map(|card| (card.name.as_str(), card.dir.clone())).collect();
        assert_eq!(names, [("B", dir.path().join("B")), ("EOS_DIGITAL", dir.path().join("EOS_DIGITAL"))]);
        assert_eq!(found(children(&dir.path().join("absent"))), []);
    }
}
