//! The kill test: the process is killed at random points during import and store, fifty times, and started again.
//! Nothing is lost, nothing is there twice, every byte is as it was, and the vault alone gives the same library back.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::pictures::Shot;
use common::{Lab, Random, Running, seed};
use serde_json::{Value, json};

const PHOTOS: u32 = 300;
const KILLS: u32 = 50;
/// New versions and photos that arrive with each start, so that there is work until the last kill.
const CHANGES: u32 = 8;

/// What the library must hold: for each path, every content that was ever imported whole may be there, and the last
/// one must be.
struct Shoot {
    lab: Lab,
    random: Random,
    shots: Vec<Shot>,
}

impl Shoot {
    fn new(seed: u64) -> Self {
        let lab = Lab::new();
        let shots: Vec<Shot> = (0..PHOTOS).map(|n| Shot { size: (16, 16), ..Shot::on("2024-05-17", n) }).collect();
        for (n, shot) in shots.iter().enumerate() {
            lab.put(name(n), shot.jpeg());
            if n % 10 == 0 {
                lab.put(format!("{}.xmp", name(n)), format!("<!-- {n} -->"));
            }
        }
        Self { lab, random: Random(seed), shots }
    }

    /// Some photos are edited, some are copied, some are moved.
    fn change(&mut self) {
        for _ in 0..CHANGES {
            let n = self.random.below(self.shots.len() as u64) as usize;
            let path = self.lab.photos().join(name(n));
            match self.random.below(4) {
                0 | 1 => {
                    self.shots[n] = self.shots[n].edited();
                    self.lab.change(name(n), self.shots[n].jpeg());
                }
                2 => {
                    fs::copy(&path, path.with_extension("copy.jpg")).unwrap();
                }
                _ => {
                    let new = Shot { size: (16, 16), ..Shot::on("2024-05-18", 1_000 + self.shots.len() as u32) };
                    self.lab.put(name(self.shots.len()), new.jpeg());
                    self.shots.push(new);
                }
            }
        }
    }

    fn start(&self) -> Running {
        let mut command = self.lab.command([OsStr::new("--json"), OsStr::new("import"), self.lab.photos().as_os_str()]);
        Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// Starts and kills after a random while, at most `most`; whether it had ended before by itself.
    fn start_and_kill(&mut self, most: Duration) -> bool {
        let mut running = self.start();
        let moment = Instant::now() + most.mul_f64(self.random.below(10_000) as f64 / 10_000.0);
        while Instant::now() < moment {
            if running.0.try_wait().unwrap().is_some() {
                return true;
            }
            std::thread::sleep(Duration::from_micros(300));
        }
        running.0.kill().unwrap();
        running.0.wait().unwrap();
        false
    }
}

fn name(n: usize) -> String {
    format!("{}/IMG_{n:04}.jpg", n % 7)
}

/// Contents by key of everything stored, current or old.
fn stored_contents(lab: &Lab) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, hash) in lab.tree(lab.vault()) {
        let key = if let Some(old) = path.strip_prefix(".versions/photos/") {
            if old.ends_with(".index.jsonl") {
                continue;
            }
            old.rsplit_once('/').unwrap().0.to_owned()
        } else if let Some(current) = path.strip_prefix("photos/") {
            current.to_owned()
        } else {
            continue;
        };
        found.entry(key).or_default().push(hash);
    }
    found
}

#[test]
fn killed_fifty_times_nothing_is_lost_and_nothing_is_twice() {
    let mut shoot = Shoot::new(seed());
    // How long a whole run takes is measured once, on a library of its own.
    let whole = {
        let started = Instant::now();
        let other = Lab::new();
        assert!(
            other
                .command([OsStr::new("import"), shoot.lab.photos().as_os_str()])
                .stdout(Stdio::null())
                .status()
                .unwrap()
                .success()
        );
        started.elapsed()
    };
    let (mut killed, mut ended) = (0, 0);
    while killed < KILLS {
        // The first kills fall into the big import, later ones into short runs.
        let most = if killed < KILLS / 3 { whole / 3 } else { whole / 8 };
        if shoot.start_and_kill(most) {
            ended += 1;
            assert!(ended < 500, "runs end before they can be killed: {killed} killed");
            shoot.change();
        } else {
            killed += 1;
            if killed % 4 == 0 {
                shoot.change();
            }
        }
    }
    eprintln!("{killed} killed, {ended} ended before, {} photos", shoot.shots.len());
    let lab = &shoot.lab;
    let (code, report) = lab.any([OsStr::new("import"), lab.photos().as_os_str()]);
    assert_eq!((code, &report["unreadable"]), (0, &json!([])), "{report}");
    let again = lab.import();
    assert_eq!((&again["stored"], &again["batch"]), (&json!(0), &Value::Null), "{again}");
    assert_eq!(again["unchanged"], again["files"]);

    // Nothing is lost: every file's content has a receipt (a copy may be of an older version of another file).
    let files: BTreeMap<String, String> =
        lab.tree(lab.photos()).into_iter().filter(|(name, _)| name.ends_with(".jpg")).collect();
    let wanted: BTreeSet<&String> = files.values().collect();
    let photos = lab.found("");
    let contents: Vec<&str> = photos.iter().map(|photo| photo["blake3"].as_str().unwrap()).collect();
    assert!(photos.iter().all(|photo| photo["stored"] == json!(true)));
    // Nothing is twice: no content is the current one of two photos, and no version repeats the one before it.
    assert_eq!(contents.iter().collect::<BTreeSet<_>>().len(), contents.len());
    let stored = stored_contents(lab);
    let mut all = 0;
    let mut kept = BTreeSet::new();
    for photo in &photos {
        let shown = lab.show(photo["id"].as_str().unwrap());
        let versions = shown["versions"].as_array().unwrap();
        let hashes: Vec<&str> = versions.iter().map(|version| version["blake3"].as_str().unwrap()).collect();
        assert_eq!(hashes.iter().collect::<BTreeSet<_>>().len(), hashes.len(), "a version twice: {shown}");
        let receipts = shown["receipts"].as_array().unwrap();
        let key = receipts[0]["key"].as_str().unwrap().strip_prefix("photos/").unwrap();
        let mut here = stored[key].clone();
        here.sort();
        let mut proved: Vec<String> = receipts.iter().map(|one| one["blake3"].as_str().unwrap().to_owned()).collect();
        proved.sort();
        assert_eq!(here, proved, "the vault has exactly what the receipts say: {key}");
        all += receipts.len();
        kept.extend(proved);
    }
    for content in wanted {
        assert!(kept.contains(content), "lost: {content}");
    }
    let sidecars = stored.keys().filter(|key| key.ends_with(".xmp")).count();
    assert_eq!(stored.values().map(Vec::len).sum::<usize>(), all + sidecars);
    assert_eq!(lab.verified() as usize, all + sidecars);
    let left: Vec<_> = lab.tree(&lab.library).into_keys().filter(|name| name.contains(".part")).collect();
    assert!(left.len() < 100, "{left:?}");

    // The vault alone gives the same library.
    let before = lab.ok(["search", "", "--limit", "100000"]);
    let vault = lab.path("vault aside");
    fs::rename(lab.vault(), &vault).unwrap();
    fs::remove_dir_all(&lab.library).unwrap();
    lab.ok([OsStr::new("open-store"), vault.as_os_str()]);
    let after = lab.ok(["search", "", "--limit", "100000"]);
    for (old, new) in before["photos"].as_array().unwrap().iter().zip(after["photos"].as_array().unwrap()) {
        assert_eq!(new, old);
    }
    assert_eq!(after["total"], before["total"]);
    assert_eq!(lab.verified() as usize, all + sidecars);
}
