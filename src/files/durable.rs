//! Small steps that make writes last and keep private things private.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Makes the names in a directory durable. File systems that have no such thing (FAT, SMB, Windows) are left alone.
///
/// # Errors
/// As the operating system says.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(windows) {
        return Ok(());
    }
    match File::open(dir).and_then(|dir| dir.sync_all()) {
        Err(error) if is_not_offered(&error) => Ok(()),
        other => other,
    }
}

/// Whether an error only says that the file system has no such service.
#[must_use]
pub fn is_not_offered(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported)
}

/// Creates a directory and its parents durably: each new one is synced into its parent.
///
/// # Errors
/// As the operating system says.
pub fn create_dirs(dir: &Path) -> io::Result<()> {
    let mut missing: Vec<&Path> = Vec::new();
    let mut at = dir;
    while !at.is_dir() {
        missing.push(at);
        match at.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => at = parent,
            _ => break,
        }
    }
    for new in missing.iter().rev() {
        match fs::create_dir(new) {
            // Somebody else made it first, or a file is in the way.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if !new.is_dir() {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
            }
            other => other?,
        }
        sync_dir(&parent_of(new))?;
    }
    Ok(())
}

/// The directory that a path lies in; `.` for a bare name.
#[must_use]
pub fn parent_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// Creates a directory, with its parents, that only its owner may enter (0700), and makes it so where it exists.
///
/// # Errors
/// As the operating system says.
pub fn private_dir(dir: &Path) -> io::Result<()> {
    create_dirs(dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = fs::metadata(dir)?.permissions().mode();
        if mode & 0o077 != 0 {
            match fs::set_permissions(dir, fs::Permissions::from_mode(0o700)) {
                Err(error) if is_not_offered(&error) => {}
                other => other?,
            }
        }
    }
    Ok(())
}

/// Options to create or open a file that only its owner may read (0600).
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Replaces a small file of our own, or makes it: whole, or as it was.
///
/// # Errors
/// Where the folder cannot be written; what was there stays.
pub fn replace_small(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use io::Write as _;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let temporary = path.with_file_name(name);
    let mut file = private_file().write(true).create(true).truncate(true).open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&temporary, path)?;
    sync_dir(&parent_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn private_things_are_the_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let deep = dir.path().join("a/b");
        private_dir(&deep).unwrap();
        assert_eq!(mode(&deep), 0o700);
        fs::set_permissions(&deep, fs::Permissions::from_mode(0o755)).unwrap();
        private_dir(&deep).unwrap();
        assert_eq!(mode(&deep), 0o700);
        private_file().write(true).create_new(true).open(deep.join("f")).unwrap();
        assert_eq!(mode(&deep.join("f")), 0o600);
    }

    #[test]
    fn a_small_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        for text in ["first", "2"] {
            replace_small(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "nothing is left beside it");
        assert!(replace_small(&dir.path().join("none/a.json"), b"x").is_err());
    }

    #[test]
    fn directories_are_made_once_and_a_file_in_the_way_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        create_dirs(&dir.path().join("a/b/c")).unwrap();
        create_dirs(&dir.path().join("a/b/c")).unwrap();
        fs::write(dir.path().join("file"), b"x").unwrap();
        assert!(create_dirs(&dir.path().join("file/below")).is_err());
    }
}
