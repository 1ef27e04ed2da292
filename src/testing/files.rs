//! A file system in memory for the simulator, and what every [`FileSystem`] must do.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::files::{FileSystem, ReadSeek, Stat, Walked, disk::VAULT_MARKER};

/// Nanoseconds that the clock of [`MemoryFiles`] moves with each write.
const TICK_NS: i64 = 1_000_000_000;

#[derive(Clone, Default)]
struct Entry {
    bytes: Arc<[u8]>,
    mtime_ns: i64,
    /// What the file becomes right after each of the next openings.
    next: VecDeque<Vec<u8>>,
    broken: bool,
}

/// Files in memory; directories are where files are. Times come from a counter, so that a run can be repeated.
#[derive(Default)]
pub struct MemoryFiles {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: BTreeMap<PathBuf, Entry>,
    now_ns: i64,
}

impl State {
    fn write(&mut self, path: &Path, bytes: &[u8]) -> Stat {
        self.now_ns += TICK_NS;
        let now_ns = self.now_ns;
        let entry = self.files.entry(path.to_path_buf()).or_default();
        entry.bytes = bytes.into();
        entry.mtime_ns = now_ns;
        Stat { size: bytes.len() as u64, mtime_ns: now_ns }
    }

    fn get(&self, path: &Path) -> io::Result<&Entry> {
        if let Some(entry) = self.files.get(path) {
            return Ok(entry);
        }
        let below = self.files.keys().any(|file| file.starts_with(path));
        Err(if below { io::ErrorKind::InvalidInput } else { io::ErrorKind::NotFound }.into())
    }

    /// Whether one of our own vaults or libraries lies between a root and a file below it.
    fn is_passed_over(&self, root: &Path, file: &Path) -> bool {
        let Ok(below) = file.strip_prefix(root) else { return true };
        if below.components().any(|part| part.as_os_str().as_encoded_bytes().starts_with(b".")) {
            return true;
        }
        file.ancestors().skip(1).take_while(|dir| dir.starts_with(root)).any(|dir| {
            let has = |name: &str| self.files.contains_key(&dir.join(name));
            has(VAULT_MARKER) || (has("catalog.db") && has("lock"))
        })
    }
}

impl MemoryFiles {
    /// No file at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a file, over whatever is there, one tick later.
    pub fn put(&self, path: impl AsRef<Path>, bytes: &[u8]) {
        self.state().write(path.as_ref(), bytes);
    }

    /// Takes a file away. Whether there was one.
    pub fn remove(&self, path: impl AsRef<Path>) -> bool {
        self.state().files.remove(path.as_ref()).is_some()
    }

    /// From now on a file cannot be opened (`PermissionDenied`).
    pub fn break_file(&self, path: impl AsRef<Path>) {
        self.state().files.entry(path.as_ref().to_path_buf()).or_default().broken = true;
    }

    /// After each of the next openings the file becomes the next of these.
    pub fn change_on_open(&self, path: impl AsRef<Path>, next: Vec<Vec<u8>>) {
        self.state().files.entry(path.as_ref().to_path_buf()).or_default().next = next.into();
    }
}

impl FileSystem for MemoryFiles {
    fn walk(&self, roots: &[PathBuf], each: &mut dyn FnMut(Walked) -> bool) {
        let mut met = std::collections::BTreeSet::new();
        for (root, given) in roots.iter().enumerate() {
            let found: Vec<(PathBuf, Stat)> = {
                let state = self.state();
                let below = state.files.range(given.clone()..).take_while(|(path, _)| path.starts_with(given));
                let wanted = below.filter(|(path, _)| *path == given || !state.is_passed_over(given, path));
                wanted.map(|(path, entry)| (path.clone(), stat(entry))).collect()
            };
            if found.is_empty() && self.state().get(given).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
                let failed = Walked::Failed { path: given.clone(), error: io::ErrorKind::NotFound.into() };
                if !each(failed) {
                    return;
                }
            }
            for (path, stat) in found {
                if met.insert(path.clone()) && !each(Walked::File { path, root, stat }) {
                    return;
                }
            }
        }
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.state().get(path).map(stat)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        let mut state = self.state();
        let entry = state.get(path)?.clone();
        if entry.broken {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if let Some(next) = state.files.get_mut(path).and_then(|entry| entry.next.pop_front()) {
            state.write(path, &next);
        }
        Ok(Box::new(Cursor::new(entry.bytes)))
    }

    fn create_dirs(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn create_new(&self, path: &Path, from: &mut dyn io::Read) -> io::Result<Stat> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        let mut state = self.state();
        if state.files.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        Ok(state.write(path, &bytes))
    }

    fn replace(&self, path: &Path, from: &mut dyn io::Read) -> io::Result<Stat> {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        Ok(self.state().write(path, &bytes))
    }
}

fn stat(entry: &Entry) -> Stat {
    Stat { size: entry.bytes.len() as u64, mtime_ns: entry.mtime_ns }
}

/// A reader that gives some bytes and then fails: a disk pulled half-way.
pub struct FailsAfter(pub Cursor<Vec<u8>>);

impl io::Read for FailsAfter {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self.0.read(to)? {
            0 => Err(io::Error::other("the disk was pulled")),
            n => Ok(n),
        }
    }
}

/// Files and failures met on a walk, as paths below `top`.
pub fn walked(fs: &dyn FileSystem, top: &Path, roots: &[&str]) -> (Vec<String>, Vec<String>) {
    let roots: Vec<PathBuf> = roots.iter().map(|root| top.join(root)).collect();
    let (mut files, mut failed) = (Vec::new(), Vec::new());
    let below = |path: &Path| path.strip_prefix(top).unwrap_or(path).to_string_lossy().into_owned();
    fs.walk(&roots, &mut |met| {
        match met {
            Walked::File { path, .. } => files.push(below(&path)),
            Walked::Failed { path, .. } => failed.push(below(&path)),
        }
        true
    });
    (files, failed)
}

/// What every [`FileSystem`] must do, tried below `top`, an empty directory that exists. `put` writes a file there
/// with the directories it needs.
pub fn check_file_system(fs: &dyn FileSystem, top: &Path, put: &dyn Fn(&Path, &[u8])) {
    for name in [
        "b/2.jpg",
        "b/10.jpg",
        "a.jpg",
        "b/.hidden.jpg",
        ".trash/x.jpg",
        "vault/.lightkeep-vault",
        "vault/p",
        "library/catalog.db",
        "library/lock",
        "library/previews/p.jpg",
        "c/catalog.db",
    ] {
        put(&top.join(name), name.as_bytes());
    }
    let (files, failed) = walked(fs, top, &[""]);
    assert_eq!(files, ["a.jpg", "b/10.jpg", "b/2.jpg", "c/catalog.db"], "in name order, ours and hidden passed over");
    assert_eq!(failed, [""; 0]);
    let (files, failed) = walked(fs, top, &["b", "a.jpg", "b", ".trash", "nowhere"]);
    let mut files = files;
    files.sort();
    assert_eq!(files, [".trash/x.jpg", "a.jpg", "b/10.jpg", "b/2.jpg"], "each once; what is asked for is not hidden");
    assert_eq!(failed, ["nowhere"]);
    let mut met = 0;
    fs.walk(&[top.to_path_buf()], &mut |_| {
        met += 1;
        false
    });
    assert_eq!(met, 1, "false ends the walk");

    let read = |path: &Path| {
        let mut bytes = Vec::new();
        fs.open(path).unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    };
    let a = top.join("a.jpg");
    assert_eq!(fs.stat(&a).unwrap().size, 5);
    assert_eq!(fs.stat(&top.join("b")).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    assert_eq!(fs.stat(&top.join("no")).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(fs.open(&top.join("no")).err().unwrap().kind(), io::ErrorKind::NotFound);

    let error = fs.create_new(&a, &mut &b"other"[..]).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(read(&a), b"a.jpg", "never overwritten");
    let new = top.join("b/new");
    assert_eq!(fs.create_new(&new, &mut &b"new bytes"[..]).unwrap(), fs.stat(&new).unwrap());
    assert_eq!(fs.replace(&a, &mut &b"replaced"[..]).unwrap().size, 8);
    assert_eq!(read(&a), b"replaced");

    let half = || FailsAfter(Cursor::new(b"half".to_vec()));
    assert!(fs.replace(&a, &mut half()).is_err());
    assert_eq!(read(&a), b"replaced", "unharmed");
    assert!(fs.create_new(&top.join("b/half"), &mut half()).is_err());
    let (files, _) = walked(fs, top, &["b"]);
    assert_eq!(files, ["b/10.jpg", "b/2.jpg", "b/new"], "nothing left behind");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_a_file_system() {
        let files = MemoryFiles::new();
        check_file_system(&files, Path::new("/top"), &|path, bytes| files.put(path, bytes));
    }

    #[test]
    fn a_broken_file_cannot_be_opened() {
        let files = MemoryFiles::new();
        files.put("/a", b"x");
        files.break_file("/a");
        assert_eq!(files.open(Path::new("/a")).err().unwrap().kind(), io::ErrorKind::PermissionDenied);
    }
}
