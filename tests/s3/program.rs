//! The real program with a real bucket: stored, killed, gone on, verified, and rebuilt on an empty computer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lightkeep::store::ObjectStore as _;
use serde_json::Value;

use crate::common::pictures::Shot;
use crate::common::{Lab, Random, Running, seed};
use crate::place::Place;

/// A library whose remote store is the bucket of a place.
struct Shop {
    place: Place,
    lab: Lab,
}

impl Shop {
    /// With or without a vault beside the bucket.
    async fn open(vault: bool) -> Self {
        let shop = Self { place: Place::weed().await, lab: Lab::new() };
        let keys = &shop.place.keys;
        let (access, secret) = (keys.access_key_id(), keys.secret_access_key());
        fs::write(
            shop.lab.path("credentials"),
            format!("[photographer]\naws_access_key_id = {access}\naws_secret_access_key = {secret}\n"),
        )
        .unwrap();
        shop.settings(&shop.lab.library, vault);
        shop
    }

    fn settings(&self, library: &std::path::Path, vault: bool) {
        fs::create_dir_all(library).unwrap();
        let text = format!(
            "account = \"remote\"\n[vault]\noff = {}\n[remote]\nendpoint = \"{}\"\nregion = \"eu-central-1\"\n\
             bucket = \"photos\"\npath_style = true\nprofile = \"photographer\"\n",
            !vault, self.place.endpoint
        );
        fs::write(library.join("config.toml"), text).unwrap();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.lab.command(words);
        command
            .env("AWS_SHARED_CREDENTIALS_FILE", self.lab.path("credentials"))
            .env("AWS_CONFIG_FILE", self.lab.path("no config"))
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// Exit code and answer.
    #[track_caller]
    fn run(&self, words: &[&str]) -> (i32, Value) {
        let ran = crate::common::Ran::new(self.command(words).arg("--json").output().unwrap());
        (ran.code, ran.json())
    }

    #[track_caller]
    fn ok(&self, words: &[&str]) -> Value {
        let (code, answer) = self.run(words);
        assert_eq!(code, 0, "{words:?}: {answer}");
        answer
    }

    /// Versions by key, of everything below a prefix of the bucket.
    async fn versions(&self, prefix: &str) -> BTreeMap<String, usize> {
        let mut options = self.place.options();
        options.prefix = "lightkeep".into();
        let store = lightkeep::store::s3::S3::new(options, Default::default(), lightkeep::store::Parts::real());
        let mut found = BTreeMap::new();
        let mut each = |listed: lightkeep::store::Listed| {
            *found.entry(listed.key.0).or_default() += 1;
            true
        };
        store.list(prefix, true, &mut each).await.unwrap();
        found
    }
}

fn shots(lab: &Lab, count: u32) {
    for n in 0..count {
        lab.put(format!("{}/IMG_{n:04}.jpg", n % 5), Shot { size: (16, 16), ..Shot::on("2024-05-17", n) }.jpeg());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_library_goes_to_vault_and_bucket_and_comes_back_from_the_bucket_alone() {
    let mut shop = Shop::open(true).await;
    shots(&shop.lab, 30);
    shop.lab.put("0/IMG_0000.jpg.xmp", "<x/>");
    let photos = shop.lab.photos().display().to_string();
    let report = shop.ok(&["import", &photos]);
    assert_eq!(report["added"], 30);
    // Each of the two stores has the thirty and the sidecar.
    assert_eq!(report["stored"], 62, "{report}");
    let stores = shop.ok(&["stores"]);
    let names: Vec<&str> = stores["stores"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["vault", "s3"]);
    assert!(stores["stores"].as_array().unwrap().iter().all(|it| it["receipts"] == 31 && it["waiting"] == 0));
    let batches = shop.ok(&["batches"]);
    assert_eq!(batches["batches"].as_array().unwrap().len(), 2, "{batches}");
    assert!(batches["batches"].as_array().unwrap().iter().all(|it| it["state"] == "final" && it["stored"] == 31));
    let found = shop.ok(&["search", "", "--limit", "100"]);
    assert!(found["photos"].as_array().unwrap().iter().all(|photo| photo["stored"] == true));
    shop.ok(&["rate", "", "--rating", "4"]);
    let again = shop.ok(&["store"]);
    assert_eq!((&again["stored"], &again["batch"]), (&0.into(), &Value::Null));
    let there = shop.versions("").await;
    assert!(there.values().all(|versions| *versions == 1), "{there:?}");
    assert_eq!(there.keys().filter(|key| key.starts_with("thumbs/")).count(), 30);
    assert_eq!(there.keys().filter(|key| key.starts_with("edits/")).count(), 1);

    // An empty computer with the bucket alone.
    let before = shop.ok(&["search", "", "--limit", "100"]);
    let empty = shop.lab.path("empty");
    shop.settings(&empty, false);
    shop.lab.library = empty;
    let rebuilt = shop.ok(&["open-store", "--remote"]);
    assert_eq!(rebuilt["photos"], 30, "{rebuilt}");
    let after = shop.ok(&["search", "", "--limit", "100"]);
    for (old, new) in before["photos"].as_array().unwrap().iter().zip(after["photos"].as_array().unwrap()) {
        for key in ["id", "blake3", "path", "taken_at", "rating", "tags", "stored"] {
            assert_eq!(old[key], new[key], "{key}");
        }
    }
}

/// Kills of the test.
const KILLS: u32 = 100;
/// Files of its batch.
const FILES: u32 = 1_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_a_hundred_times_every_file_is_there_once() {
    let mut random = Random(seed());
    let shop = Shop::open(false).await;
    shots(&shop.lab, FILES - 1);
    // One that goes in parts: it must go on in its middle.
    let film: Vec<u8> = (0..24_000_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    shop.lab.put("film.mov", &film);
    let photos = shop.lab.photos().display().to_string();
    shop.ok(&["import", "--no-store", &photos]);
    // Slow enough that there is work left for the last kill.
    shop.ok(&["stores", "set", "--limit", "900kB"]);
    let (mut killed, mut ended) = (0, 0);
    while killed < KILLS {
        let mut command = shop.command(&["--json", "store"]);
        let mut running = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let moment = Instant::now() + Duration::from_millis(60 + random.below(400));
        loop {
            if running.0.try_wait().unwrap().is_some() {
                ended += 1;
                assert!(ended < 20, "everything is stored before it could be killed: {killed} kills");
                break;
            }
            if Instant::now() >= moment {
                running.0.kill().unwrap();
                running.0.wait().unwrap();
                killed += 1;
                break;
            }
            std::thread::sleep(Duration::from_micros(500));
        }
    }
    eprintln!("{killed} killed, {ended} ended before");
    shop.ok(&["stores", "set", "--limit", "0"]);
    shop.ok(&["store"]);
    let again = shop.ok(&["store"]);
    assert_eq!((&again["stored"], &again["waiting"]), (&0.into(), &0.into()), "{again}");
    let there = shop.versions("photos/").await;
    assert_eq!(there.len() as u32, FILES);
    let twice: BTreeSet<_> = there.iter().filter(|(_, versions)| **versions != 1).collect();
    assert!(twice.is_empty(), "more than one version: {twice:?}");
    let verified = shop.ok(&["verify", "--store", "s3", "--level", "3"]);
    assert_eq!((&verified["checked"], &verified["ok"]), (&FILES.into(), &FILES.into()), "{verified}");
    for list in ["missing", "corrupt", "unknown"] {
        assert_eq!(verified[list].as_array().unwrap().len(), 0, "{verified}");
    }
}
