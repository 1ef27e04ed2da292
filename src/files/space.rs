//! What a disk has room for, whether two paths share one, and copies that cost none.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The path itself, or the nearest directory above it that exists.
fn existing(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    path.ancestors().find(|at| at.exists()).map(Path::to_path_buf).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Bytes that an ordinary user may still write on the disk of `path`, which need not exist yet.
///
/// # Errors
/// As the operating system says; `Unsupported` where it cannot tell.
pub fn free_bytes(path: &Path) -> io::Result<u64> {
    let path = existing(path)?;
    #[cfg(unix)]
    {
        let stat = rustix::fs::statvfs(&path)?;
        Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Whether two paths, which need not exist yet, lie on one disk, so that one failure takes both.
///
/// Device numbers decide, so that two partitions of one disk, or two subvolumes, count as two.
///
/// # Errors
/// As the operating system says; `Unsupported` where it cannot tell.
pub fn same_disk(a: &Path, b: &Path) -> io::Result<bool> {
    let (a, b) = (fs::metadata(existing(a)?)?, fs::metadata(existing(b)?)?);
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        Ok(a.dev() == b.dev())
    }
    #[cfg(not(unix))]
    {
        let _ = (a, b);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Makes `to`, an empty file, share the blocks of `from` where the file system can (Btrfs, XFS, bcachefs). `false`
/// where it cannot: then nothing has happened. The copy is only as good as its source: prove it by reading it.
#[must_use]
pub fn reflink(from: &File, to: &File) -> bool {
    #[cfg(target_os = "linux")]
    {
        rustix::fs::ioctl_ficlone(to, from).is_ok()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (from, to);
        false
    }
}

/// Asks the system to forget its cached pages of a file that was synced, so that the next read comes from the disk.
/// A request, not a promise; nothing happens where there is no such thing.
pub fn drop_cached(file: &File) {
    #[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
    {
        let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
    }
    #[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
    let _ = file;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_path_to_be_made_is_measured_where_it_will_lie() {
        let dir = tempfile::tempdir().unwrap();
        let later = dir.path().join("not/yet");
        assert!(free_bytes(&later).unwrap() > 0);
        assert!(same_disk(&later, dir.path()).unwrap());
        if let Ok(false) = same_disk(Path::new("/proc"), dir.path()) {
            assert!(!same_disk(&later, Path::new("/proc/self")).unwrap());
        }
    }

    #[test]
    fn a_reflink_is_the_same_bytes_or_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), b"bytes").unwrap();
        let from = File::open(dir.path().join("a")).unwrap();
        let to = File::create(dir.path().join("b")).unwrap();
        let expected: &[u8] = if reflink(&from, &to) { b"bytes" } else { b"" };
        assert_eq!(fs::read(dir.path().join("b")).unwrap(), expected);
    }
}
