//! What is measured with: made once, kept under `target/bench-data`, never committed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use lightkeep::store::Vault;
use lightkeep::testing::library;

use super::jpegs;

/// Raise it when what is generated changes.
const GENERATION: u32 = 3;

/// Sizes and places.
pub struct Data {
    dir: PathBuf,
    /// Sizes are small, only to see that everything runs.
    pub is_quick: bool,
    /// 24-megapixel files of the import.
    pub import_files: u64,
    /// Files of the dropped folder.
    pub dropped_files: u64,
    /// Files of the tree that is imported again.
    pub tree_files: u64,
    /// Photos of the two libraries.
    pub photos: [u64; 2],
    /// Repetitions of what is repeated.
    pub rounds: usize,
    /// Frames that are measured.
    pub frames: usize,
}

impl Data {
    /// As the environment says.
    pub fn here() -> Self {
        let is_quick = std::env::var_os("LIGHTKEEP_BENCH_QUICK").is_some_and(|value| !value.is_empty());
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("bench-data");
        fs::create_dir_all(&dir).unwrap();
        let (import_files, dropped_files, tree_files, photos, rounds, frames) = if is_quick {
            (6, 60, 1_000, [2_000, 10_000], 2, 120)
        } else {
            (60, 1_000, 100_000, [100_000, 1_000_000], 5, 900)
        };
        Self { dir, is_quick, import_files, dropped_files, tree_files, photos, rounds, frames }
    }

    /// Files of this size that nobody can compress, named as films, which are taken in without being looked into.
    pub fn blobs(&self, count: u64, bytes: u64) -> PathBuf {
        self.kept(&format!("blobs-{count}-{bytes}"), |dir| {
            let mut state = bytes ^ count;
            for number in 0..count {
                let mut file =
                    std::io::BufWriter::new(fs::File::create(dir.join(format!("clip-{number:05}.mov"))).unwrap());
                let mut left = bytes;
                while left > 0 {
                    // SplitMix64 (Steele, Lea, Flood, 2014).
                    state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                    let mut z = state;
                    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                    let word = (z ^ (z >> 31)).to_le_bytes();
                    let some = left.min(8) as usize;
                    std::io::Write::write_all(&mut file, &word[..some]).unwrap();
                    left -= some as u64;
                }
            }
        })
    }

    /// A directory with this in it; made when it is wanted first, and only kept when it is whole.
    fn kept(&self, name: &str, make: impl FnOnce(&Path)) -> PathBuf {
        let place = self.dir.join(format!("{name}-v{GENERATION}"));
        if !place.exists() {
            eprintln!("  making {} …", place.display());
            let start = Instant::now();
            let part = self.dir.join(format!("{name}.part"));
            let _ = fs::remove_dir_all(&part);
            fs::create_dir_all(&part).unwrap();
            make(&part);
            fs::rename(&part, &place).unwrap();
            eprintln!("  made in {:.0} s", start.elapsed().as_secs_f64());
        }
        place
    }

    /// An empty directory on the same disk that goes away by itself.
    pub fn scratch(&self) -> tempfile::TempDir {
        tempfile::Builder::new().prefix("scratch-").tempdir_in(&self.dir).unwrap()
    }

    /// The 24-megapixel files.
    pub fn import_folder(&self) -> PathBuf {
        self.kept(&format!("photos-{}", self.import_files), |dir| {
            let make = |n: u64| {
                let jpeg = jpegs::picture(n + 1);
                fs::write(dir.join(format!("IMG_{n:04}.JPG")), jpegs::as_shot(&jpeg, &jpegs::small(&jpeg), n)).unwrap();
            };
            let half = self.import_files / 2;
            std::thread::scope(|scope| {
                scope.spawn(|| (0..half).for_each(make));
                scope.spawn(|| (half..self.import_files).for_each(make));
            });
        })
    }

    /// A folder as dropped on the window: other files with the same pictures.
    pub fn dropped_folder(&self) -> PathBuf {
        self.numbered("drop", self.dropped_files)
    }

    /// So many 24-megapixel files to be printed.
    pub fn print_folder(&self, count: u64) -> PathBuf {
        self.numbered("print", count)
    }

    /// Files with the pictures of the import, each of them another one.
    fn numbered(&self, name: &str, count: u64) -> PathBuf {
        let pictures = self.import_folder();
        self.kept(&format!("{name}-{count}"), |dir| {
            for n in 0..count {
                let file = pictures.join(format!("IMG_{:04}.JPG", n % self.import_files));
                let mut bytes = fs::read(file).unwrap();
                // The number at the end of EXIF, the first segment.
                let end = 4 + usize::from(u16::from_be_bytes([bytes[4], bytes[5]]));
                bytes[end - 8..end].copy_from_slice(&(1_000_000 + n).to_le_bytes());
                fs::write(dir.join(format!("DSC_{n:04}.JPG")), bytes).unwrap();
            }
        })
    }

    /// A tree of small files, 500 in each folder.
    pub fn tree(&self) -> PathBuf {
        self.kept(&format!("tree-{}", self.tree_files), |dir| {
            for n in 0..self.tree_files {
                let folder = dir.join(format!("{:04}", n / 500));
                if n % 500 == 0 {
                    fs::create_dir(&folder).unwrap();
                }
                fs::write(folder.join(format!("IMG_{n:06}.JPG")), jpegs::tiny(n)).unwrap();
            }
        })
    }

    /// The library of that tree, made by one import, which `first` runs in the given directory.
    pub fn tree_library(&self, first: impl FnOnce(&Path)) -> PathBuf {
        self.kept(&format!("tree-library-{}", self.tree_files), first)
    }

    /// A library of so many photos with 8 tags each, with thumbnails.
    pub fn library(&self, photos: u64) -> PathBuf {
        self.kept(&format!("library-{photos}"), |dir| {
            let thumbs: Vec<Vec<u8>> = (0..40).map(|n| jpegs::picture_of(320, 213, n)).collect();
            // Everything is stored, so that nothing else goes on while a start is measured.
            let vault = Vault::open(&dir.join("vault"), true).unwrap();
            let store = format!("vault-{}", vault.id());
            let (library, _writer) = library::generate_stored(dir, photos, 8, 7, &store).unwrap();
            let thumbs: Vec<&[u8]> = thumbs.iter().map(Vec::as_slice).collect();
            library::fill_thumbs(&library, &thumbs).unwrap();
        })
    }

    /// The same photos for plain SQL.
    pub fn sql(&self, photos: u64, make: impl FnOnce(&Path)) -> PathBuf {
        self.kept(&format!("sql-{photos}"), make)
    }
}
