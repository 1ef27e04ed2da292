//! A memory card, looked at without leaving a trace: nothing on it is written, and no time of reading where that can be
//! avoided.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::disk::mtime_ns;

/// Folders at the top of a card that operating systems keep for themselves.
const SYSTEM: &[&str] = &[
    ".trashes",
    ".spotlight-v100",
    ".fseventsd",
    ".temporaryitems",
    ".documentrevisions-v100",
    "system volume information",
    "$recycle.bin",
    "lost+found",
];

/// A regular file on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardFile {
    /// Absolute.
    pub path: PathBuf,
    /// Length in bytes.
    pub size: u64,
    /// Modification time in nanoseconds since 1970 (UTC).
    pub mtime_ns: i64,
}

/// Everything on a card.
#[derive(Debug, Default)]
pub struct CardListing {
    /// Regular files, folders in name order.
    pub files: Vec<CardFile>,
    /// What is no photographer's: system folders, links, devices.
    pub left_out: Vec<PathBuf>,
    /// What could not be looked at.
    pub failed: Vec<(PathBuf, io::Error)>,
}

/// Lists a card. No link is followed, so nothing outside it is met. Memory: about 200 bytes a file. `go_on` returning
/// `false` ends it early.
pub fn list_card(card: &Path, go_on: &dyn Fn() -> bool) -> CardListing {
    let mut listing = CardListing::default();
    let mut entries = WalkDir::new(card).follow_links(false).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        if !go_on() {
            break;
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().unwrap_or(card).to_path_buf();
                listing.failed.push((path, error.into()));
                continue;
            }
        };
        let kind = entry.file_type();
        if kind.is_dir() {
            if entry.depth() == 1 && is_system(entry.path()) {
                entries.skip_current_dir();
                listing.left_out.push(entry.into_path());
            }
        } else if kind.is_file() {
            match entry.metadata() {
                Ok(meta) => {
                    listing.files.push(CardFile {
                        size: meta.len(),
                        mtime_ns: mtime_ns(&meta),
                        path: entry.into_path(),
                    });
                }
                Err(error) => listing.failed.push((entry.into_path(), error.into())),
            }
        } else {
            listing.left_out.push(entry.into_path());
        }
    }
    listing
}

fn is_system(dir: &Path) -> bool {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    SYSTEM.contains(&name.as_str()) || name.starts_with(".trash-")
}

/// Opens a file of a card for reading only: a link is not followed, a device is not waited for, and the time of the last
/// reading stays what it was where the system lets us (the file's owner, on Linux).
///
/// # Errors
/// As the operating system says.
pub fn open_untouched(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::OpenOptionsExt as _;

        use rustix::fs::OFlags;
        let open = |flags: OFlags| OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path);
        let careful = OFlags::NONBLOCK | OFlags::NOFOLLOW;
        match open(careful | OFlags::NOATIME) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => open(careful),
            other => other,
        }
    }
    #[cfg(not(target_os = "linux"))]
    OpenOptions::new().read(true).open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_card_is_listed_whole_and_nothing_outside_it() {
        let dir = tempfile::tempdir().unwrap();
        let card = dir.path().join("card");
        for folder in ["DCIM/100", ".Trashes", "System Volume Information", "DCIM/.Trashes"] {
            fs::create_dir_all(card.join(folder)).unwrap();
            fs::write(card.join(folder).join("a.jpg"), b"x").unwrap();
        }
        fs::write(card.join(".hidden"), b"").unwrap();
        fs::write(dir.path().join("secret"), b"s").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(dir.path().join("secret"), card.join("DCIM/link.jpg")).unwrap();
            std::os::unix::fs::symlink(dir.path(), card.join("DCIM/up")).unwrap();
        }
        let listing = list_card(&card, &|| true);
        let names = |paths: Vec<&Path>| -> Vec<String> {
            paths.iter().map(|path| path.strip_prefix(&card).unwrap().display().to_string()).collect()
        };
        let files = names(listing.files.iter().map(|file| file.path.as_path()).collect());
        assert_eq!(files, [".hidden", "DCIM/.Trashes/a.jpg", "DCIM/100/a.jpg"], "only at the top is it the system's");
        let left_out = names(listing.left_out.iter().map(PathBuf::as_path).collect());
        #[cfg(unix)]
        assert_eq!(left_out, [".Trashes", "DCIM/link.jpg", "DCIM/up", "System Volume Information"]);
        assert!(listing.failed.is_empty());
        #[cfg(target_os = "linux")]
        assert!(open_untouched(&card.join("DCIM/link.jpg")).is_err(), "no link is followed");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn reading_leaves_no_time_behind() {
        use std::io::Read as _;
        use std::os::unix::fs::MetadataExt as _;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        fs::write(&path, b"bytes").unwrap();
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        let times = fs::FileTimes::new().set_accessed(old).set_modified(old);
        fs::File::options().write(true).open(&path).unwrap().set_times(times).unwrap();
        let mut bytes = Vec::new();
        open_untouched(&path).unwrap().read_to_end(&mut bytes).unwrap();
        let meta = fs::metadata(&path).unwrap();
        assert_eq!((bytes.as_slice(), meta.atime(), meta.mtime()), (&b"bytes"[..], 1_000_000, 1_000_000));
    }
}
