//! A laboratory for tests of the real program: an own folder with photos, a library, and the ways to run it.
#![allow(dead_code, reason = "each test program uses its part of this")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

#[cfg(target_os = "linux")]
pub mod desktop;
pub mod pictures;
#[cfg(target_os = "linux")]
pub mod secret_service;
pub mod servers;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than any command of a test takes, also on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(120);

/// The program.
pub const BIN: &str = env!("CARGO_BIN_EXE_lightkeep");

/// An own world for one test; it goes away with it.
pub struct Lab {
    pub dir: tempfile::TempDir,
    /// The library in use, below [`Lab::dir`].
    pub library: PathBuf,
}

/// What a run said.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// From an ended process. A panic anywhere is a failure of the test, whatever the exit code.
    pub fn new(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("all output is UTF-8");
        let code = output.status.code().unwrap_or(-1);
        let ran = Self { code, out: text(output.stdout), err: text(output.stderr) };
        assert!(!ran.err.contains("panicked"), "the program panicked: {}", ran.err);
        ran
    }

    /// The one JSON object on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert!(value.is_object(), "{}", self.out);
        value
    }
}

impl Lab {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("library");
        fs::create_dir(dir.path().join("photos")).unwrap();
        Self { dir, library }
    }

    /// A path in the lab.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The folder of photos.
    pub fn photos(&self) -> PathBuf {
        self.path("photos")
    }

    /// The default vault.
    pub fn vault(&self) -> PathBuf {
        self.library.join("vault")
    }

    /// Writes a file below `photos`, with the folders it needs.
    pub fn put(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.photos().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Changes a file so that its modification time is another one for sure, however coarse the clock.
    pub fn change(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.photos().join(name);
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, bytes).unwrap();
        let file = fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(before + Duration::from_secs(2)).unwrap();
        path
    }

    /// The program, with this library, not yet started.
    pub fn command<I, S>(&self, args: I) -> Command
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let mut command = Command::new(BIN);
        command.arg("--library").arg(&self.library).args(args).stdin(Stdio::null());
        // The outcome must not depend on who runs the tests.
        command
            .env("LC_ALL", "de_DE.UTF-8")
            .env("TZ", "Asia/Tokyo")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    /// Runs it as people see it.
    pub fn run<I, S>(&self, args: I) -> Ran
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        Ran::new(self.command(args).output().unwrap())
    }

    /// Runs it with `--json`; its object and its exit code.
    #[track_caller]
    pub fn any<I, S>(&self, args: I) -> (i32, Value)
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let ran = Ran::new(self.command(args).arg("--json").output().unwrap());
        (ran.code, ran.json())
    }

    /// The same where all must be well.
    #[track_caller]
    pub fn ok<I, S>(&self, args: I) -> Value
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let ran = Ran::new(self.command(args).arg("--json").output().unwrap());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()
    }

    /// The same where it must fail with this exit code and this `error.code`.
    #[track_caller]
    pub fn error<I, S>(&self, args: I, code: i32, name: &str) -> String
    where
        I: IntoIterator<Item = S>,
        S: AsRef<OsStr>,
    {
        let (got, value) = self.any(args);
        let error = value.get("error").unwrap_or_else(|| panic!("no error: {value}"));
        let keys: Vec<_> = error.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["code", "hint", "message"], "{value}");
        assert_eq!((got, error["code"].as_str()), (code, Some(name)), "{value}");
        let message = error["message"].as_str().unwrap().to_owned();
        assert!(!message.is_empty() && !message.contains('\n') && error["hint"].is_string(), "{value}");
        message
    }

    /// Imports the folder of photos where all must be well.
    #[track_caller]
    pub fn import(&self) -> Value {
        self.ok([OsStr::new("import"), self.photos().as_os_str()])
    }

    /// The photos that a query finds.
    #[track_caller]
    pub fn found(&self, query: &str) -> Vec<Value> {
        self.ok(["search", query, "--limit", "1000000"])["photos"].as_array().unwrap().clone()
    }

    /// File names of the photos that a query finds, in their order.
    #[track_caller]
    pub fn names(&self, query: &str) -> Vec<String> {
        self.found(query).iter().map(|photo| name_of(photo["path"].as_str().unwrap())).collect()
    }

    /// Everything about a photo.
    #[track_caller]
    pub fn show(&self, photo: impl AsRef<OsStr>) -> Value {
        self.ok([OsStr::new("show"), photo.as_ref()])
    }

    /// Every file of the default vault or another folder: path below it, and its content's hash.
    pub fn tree(&self, dir: impl AsRef<Path>) -> BTreeMap<String, String> {
        files_below(dir.as_ref())
            .into_iter()
            .map(|path| {
                let name = path.strip_prefix(dir.as_ref()).unwrap().to_string_lossy().into_owned();
                (name, blake3::hash(&fs::read(&path).unwrap()).to_hex().to_string())
            })
            .collect()
    }

    /// All is well down to every byte: nothing missing, corrupt or unknown; how many versions there are.
    #[track_caller]
    pub fn verified(&self) -> u64 {
        let report = self.ok(["verify", "--level", "3"]);
        for list in ["missing", "corrupt", "unknown"] {
            assert_eq!(report[list], serde_json::json!([]), "{report}");
        }
        assert_eq!(report["checked"], report["ok"]);
        report["checked"].as_u64().unwrap()
    }
}

/// The last part of a path.
pub fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_owned()
}

/// Every regular file below a folder, sorted.
pub fn files_below(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = walkdir::WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    found.sort();
    found
}

/// Waits until something is so, looking often; fails with `what` after [`DEADLINE`].
#[track_caller]
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < DEADLINE, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A child that is killed, and waited for, when the test is over.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The keys of an object.
#[track_caller]
pub fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A seed for a randomised test: of this run, or the one in `LIGHTKEEP_SEED`. It is printed, so that a failure can be
/// repeated.
pub fn seed() -> u64 {
    let given = std::env::var("LIGHTKEEP_SEED").ok().map(|text| text.parse().expect("LIGHTKEEP_SEED is a number"));
    let now = || std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos() as u64;
    let seed = given.unwrap_or_else(now);
    eprintln!("LIGHTKEEP_SEED={seed}");
    seed
}

/// A small generator: SplitMix64 (Steele, Lea, Flood, 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }
}
