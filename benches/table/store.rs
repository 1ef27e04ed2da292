//! Storing in a bucket, beside the usual tools: same server, same files, in turn.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::http::{HttpClient as _, HttpConnector as _, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::body::SdkBody;
use futures::StreamExt as _;

use super::account::common::BIN;
use super::account::common::servers::{REGION, Weed};
use super::data::Data;
use super::measure::{cpu_s_of, median, megabytes, status_bytes};
use super::table::{Met, Row};

/// The bucket.
const BUCKET: &str = "bench";
/// What all write under.
const PREFIX: &str = "run";
/// Requests at a time of the raw loop.
const RAW_WIDTH: usize = 16;

/// One run of a program.
#[derive(Debug, Clone, Copy)]
struct Cost {
    wall_s: f64,
    cpu_s: f64,
    peak_bytes: u64,
    /// Processor time of the server meanwhile: it has the same two cores.
    server_s: f64,
}

impl Cost {
    fn words(&self) -> String {
        format!("{:.2} s, {:.2} CPU-s, server {:.2} CPU-s", self.wall_s, self.cpu_s, self.server_s)
    }
}

/// What the requests of the raw loop ask of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// To take the bytes.
    Nothing,
    /// What ours ask: that nothing is overwritten, that the checksum is right, and the metadata.
    TheSame,
}

/// A new server with an empty bucket that keeps versions. Each side gets one: nobody finds another's files, nor a
/// server or a disk that is full of them.
struct Shop {
    server: Weed,
    runtime: tokio::runtime::Runtime,
    dir: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let keys = format!("aws_access_key_id = {}\naws_secret_access_key = {}\n", Weed::ACCESS, Weed::SECRET);
        std::fs::write(dir.path().join("credentials"), format!("[default]\n{keys}[photographer]\n{keys}")).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let shop = Self { server: Weed::start(), runtime, dir };
        shop.make_bucket();
        // What the last side left to be written is not this one's.
        assert!(Command::new("sync").status().unwrap().success());
        shop
    }

    fn client(&self) -> aws_sdk_s3::Client {
        let keys = Credentials::new(Weed::ACCESS, Weed::SECRET, None, None, "bench");
        let config =
            lightkeep::aws::config(REGION, Some(&self.server.endpoint()), Some(SharedCredentialsProvider::new(keys)));
        aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build())
    }

    fn make_bucket(&self) {
        self.runtime.block_on(async {
            let client = self.client();
            let started = Instant::now();
            while client.create_bucket().bucket(BUCKET).send().await.is_err() {
                assert!(started.elapsed() < Duration::from_secs(60), "no bucket");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            let on = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
            client.put_bucket_versioning().bucket(BUCKET).versioning_configuration(on).send().await.unwrap();
        });
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("AWS_SHARED_CREDENTIALS_FILE", self.dir.path().join("credentials"))
            .env("AWS_CONFIG_FILE", self.dir.path().join("no config"))
            .env("AWS_REGION", REGION)
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("AWS_CA_BUNDLE")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// A library that has taken these files in and stored nothing yet, with this bucket as its one store.
    fn library(&self, files: &Path) -> PathBuf {
        let library = self.dir.path().join("library");
        std::fs::create_dir_all(&library).unwrap();
        let endpoint = self.server.endpoint();
        let text = format!(
            "account = \"remote\"\n[vault]\noff = true\n[remote]\nendpoint = \"{endpoint}\"\nregion = \"{REGION}\"\n\
             bucket = \"{BUCKET}\"\nprefix = \"{PREFIX}\"\npath_style = true\nprofile = \"photographer\"\n"
        );
        std::fs::write(library.join("config.toml"), text).unwrap();
        let mut import = self.command(BIN);
        import.arg("--library").arg(&library).args(["import", "--no-store"]).arg(files).stderr(Stdio::null());
        assert!(import.status().unwrap().success());
        library
    }

    /// Runs a program to its end, and looks what the server did for it.
    fn cost(&self, command: &mut Command) -> Cost {
        let before = cpu_s_of(self.server.pid());
        let cost = run(command.stderr(Stdio::null()));
        Cost { server_s: cpu_s_of(self.server.pid()) - before, ..cost }
    }

    fn ours(&self, library: &Path, words: &[&std::ffi::OsStr]) -> Cost {
        self.cost(self.command(BIN).arg("--library").arg(library).arg("--json").args(words))
    }

    fn s5cmd(&self, files: &Path, verb: &str) -> Option<Cost> {
        let mut command = self.command(s5cmd()?);
        command.args(["--endpoint-url", &self.server.endpoint(), "--numworkers", "16", "--log", "error", verb]);
        command.arg(format!("{}/", files.display())).arg(format!("s3://{BUCKET}/{PREFIX}/photos/"));
        Some(self.cost(&mut command))
    }

    fn rclone(&self, files: &Path) -> Option<Cost> {
        let mut command = self.command(found("rclone")?);
        command.args([
            "copy",
            "--transfers",
            "16",
            "--checkers",
            "16",
            "--s3-no-check-bucket",
            "--s3-provider",
            "Other",
        ]);
        command.args(["--s3-env-auth", "--s3-force-path-style", "--s3-endpoint", &self.server.endpoint()]);
        command.args(["--config", "/dev/null", "--s3-region", REGION]);
        command.arg(files).arg(format!(":s3:{BUCKET}/{PREFIX}/photos"));
        Some(self.cost(&mut command))
    }

    fn aws(&self, files: &Path, verb: &[&str]) -> Option<Cost> {
        let mut command = self.command(found("aws")?);
        command.args(["--endpoint-url", &self.server.endpoint(), "--region", REGION, "s3"]).args(verb);
        command.arg("--only-show-errors").arg(files).arg(format!("s3://{BUCKET}/{PREFIX}/photos/"));
        Some(self.cost(&mut command))
    }

    /// The same files by the HTTP client alone: addresses signed and checksums made beforehand, no hashes, no
    /// catalogue, no receipts. Wall time in seconds.
    fn raw(&self, files: &Path, asks: Asks) -> f64 {
        let paths: Vec<PathBuf> = std::fs::read_dir(files).unwrap().map(|entry| entry.unwrap().path()).collect();
        self.runtime.block_on(async {
            let client = self.client();
            let mut requests = Vec::new();
            for path in paths {
                requests.push((signed(&client, &path, asks).await, path));
            }
            let http = lightkeep::aws::client();
            let components = RuntimeComponentsBuilder::for_tests()
                .with_time_source(Some(SystemTimeSource::new()))
                .with_sleep_impl(Some(TokioSleep::new()))
                .build()
                .unwrap();
            let connector = http.http_connector(&HttpConnectorSettings::builder().build(), &components);
            let started = Instant::now();
            let sent = futures::stream::iter(requests)
                .map(|(signed, path)| {
                    let connector = connector.clone();
                    async move {
                        let bytes = tokio::task::spawn_blocking(move || std::fs::read(path).unwrap()).await.unwrap();
                        let mut request = HttpRequest::get(signed.uri()).unwrap();
                        request.set_method("PUT").unwrap();
                        for (name, value) in signed.headers() {
                            request.headers_mut().insert(name.to_owned(), value.to_owned());
                        }
                        request.headers_mut().insert("content-length", bytes.len().to_string());
                        *request.body_mut() = SdkBody::from(bytes);
                        let answer = connector.call(request).await.unwrap();
                        assert!(answer.status().is_success(), "{:?}", answer.status());
                    }
                })
                .buffer_unordered(RAW_WIDTH)
                .count()
                .await;
            assert!(sent > 0);
            started.elapsed().as_secs_f64()
        })
    }
}

/// A request of the raw loop, signed.
async fn signed(client: &aws_sdk_s3::Client, path: &Path, asks: Asks) -> PresignedRequest {
    let until = PresigningConfig::expires_in(Duration::from_secs(3600)).unwrap();
    let key = format!("{PREFIX}/{}", path.file_name().unwrap().to_string_lossy());
    let mut put = client.put_object().bucket(BUCKET).key(key);
    if asks == Asks::TheSame {
        let seen = lightkeep::files::fingerprint(&mut std::fs::File::open(path).unwrap()).unwrap();
        put = put.if_none_match("*").checksum_crc64_nvme(seen.crc64nvme.to_s3());
        put = put.metadata("lightkeep-blake3", seen.blake3.to_hex()).metadata("lightkeep-mtime", "1700000000000");
        put = put.content_type("video/quicktime").storage_class(aws_sdk_s3::types::StorageClass::Standard);
    }
    put.presigned(until).await.unwrap()
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file())
}

fn s5cmd() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("peers").join("bin/s5cmd");
    found("s5cmd").or_else(|| own.is_file().then_some(own))
}

/// Runs a program to its end; what it took of time, processor and memory.
#[allow(clippy::zombie_processes, reason = "wait4 waits for it, and says what it used")]
fn run(command: &mut Command) -> Cost {
    let started = Instant::now();
    let child = command.spawn().unwrap();
    let (mut status, pid) = (0, i32::try_from(child.id()).unwrap());
    let watch = Watch::new(child.id());
    // SAFETY: all zeros is a value of this plain structure.
    #[allow(unsafe_code, reason = "the standard library does not know what one child used")]
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes one status and one `rusage`, which are there; nobody else waits for this child.
    #[allow(unsafe_code, reason = "as above")]
    let ended = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut used) };
    let wall_s = started.elapsed().as_secs_f64();
    assert!(ended == pid && status == 0, "{command:?} ended with {status}");
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    let cpu_s = seconds(used.ru_utime) + seconds(used.ru_stime);
    Cost { wall_s, cpu_s, peak_bytes: watch.end(), server_s: 0.0 }
}

/// Looks at a process's greatest memory so far, again and again. (`VmHWM` begins anew with each program that a process
/// becomes; `ru_maxrss` will not do: a child of a large process
/// inherits the mark of its parent, and this one has held files of gigabytes.)
struct Watch {
    over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<u64>,
}

impl Watch {
    fn new(pid: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let ended = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let (mut most, file) = (0, format!("/proc/{pid}/status"));
            while !ended.load(Ordering::Relaxed) {
                most = status_bytes(&file, "VmHWM").unwrap_or(0).max(most);
                std::thread::sleep(Duration::from_millis(5));
            }
            most
        });
        Self { over, thread }
    }

    fn end(self) -> u64 {
        self.over.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

fn middle(costs: &[Cost]) -> Cost {
    let of = |value: fn(&Cost) -> f64| median(&costs.iter().map(value).collect::<Vec<_>>());
    Cost {
        wall_s: of(|cost| cost.wall_s),
        cpu_s: of(|cost| cost.cpu_s),
        peak_bytes: costs.iter().map(|cost| cost.peak_bytes).max().unwrap_or(0),
        server_s: of(|cost| cost.server_s),
    }
}

/// One set of files: all sides in turn.
fn set(data: &Data, count: u64, bytes: u64, rounds: usize) -> Vec<Row> {
    let files = data.blobs(count, bytes);
    let (mut ours, mut s5, mut rclone, mut aws) = (vec![], vec![], vec![], vec![]);
    let (mut raw, mut bare) = (Vec::new(), Vec::new());
    let (mut again, mut peers_again) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let shop = Shop::open();
        let library = shop.library(&files);
        ours.push(shop.ours(&library, &["store".as_ref()]));
        again.push(shop.ours(&library, &["import".as_ref(), files.as_os_str()]));
        drop(shop);
        let shop = Shop::open();
        s5.extend(shop.s5cmd(&files, "cp"));
        peers_again.extend(shop.s5cmd(&files, "sync"));
        drop(shop);
        rclone.extend(Shop::open().rclone(&files));
        raw.push(Shop::open().raw(&files, Asks::TheSame));
        bare.push(Shop::open().raw(&files, Asks::Nothing));
    }
    // A tool that takes minutes is asked once.
    aws.extend(Shop::open().aws(&files, &["cp", "--recursive"]));
    let name = format!("{count} files of {}", megabytes_or_kilobytes(bytes));
    let us = middle(&ours);
    let peers: Vec<(&str, Cost)> = [("s5cmd", &s5), ("rclone", &rclone), ("aws s3 cp", &aws)]
        .into_iter()
        .filter(|(_, costs)| !costs.is_empty())
        .map(|(name, costs)| (name, middle(costs)))
        .collect();
    let Some((_, best)) = peers.iter().min_by(|a, b| a.1.wall_s.total_cmp(&b.1.wall_s)) else {
        return vec![Row::new(format!("store {name}"), "needs s5cmd, rclone or aws", "", Met::Open)];
    };
    let all: Vec<String> = peers.iter().map(|(name, cost)| format!("{name} {}", cost.words())).collect();
    let mut rows = vec![
        Row::new(
            format!("store {name}: wall time"),
            us.words(),
            "1.0 × the best peer",
            Met::from(us.wall_s <= best.wall_s),
        )
        .against(all.join("; "), Some(best.wall_s / us.wall_s)),
    ];
    if let Some((_, s5)) = peers.iter().find(|(name, _)| *name == "s5cmd") {
        rows.push(
            Row::new(
                format!("store {name}: processor time"),
                format!("{:.2} s", us.cpu_s),
                "1.0 × s5cmd (aim 0.7)",
                Met::from(us.cpu_s <= s5.cpu_s),
            )
            .against(format!("s5cmd {:.2} s", s5.cpu_s), Some(s5.cpu_s / us.cpu_s)),
        );
    }
    rows.push(Row::new(
        format!("store {name}: most memory"),
        megabytes(us.peak_bytes),
        "200 MB",
        Met::from(us.peak_bytes < 200_000_000),
    ));
    let (raw, bare) = (median(&raw), median(&bare));
    rows.push(
        Row::new(
            format!("store {name}: against the HTTP client alone, same requests"),
            format!("{:.2} s", us.wall_s),
            "0.85 of its rate",
            Met::from(raw / us.wall_s >= 0.85),
        )
        .against(format!("{raw:.2} s (without condition, checksum and metadata {bare:.2} s)"), Some(raw / us.wall_s)),
    );
    if count >= 200 && !peers_again.is_empty() {
        rows.push(again_row(&name, middle(&again), middle(&peers_again)));
    }
    for row in &rows {
        eprintln!("  {}: {} ({})", row.what, row.ours, row.other);
    }
    rows
}

/// The same files once more, nothing changed.
fn again_row(name: &str, us: Cost, peer: Cost) -> Row {
    Row::new(
        format!("{name} again, nothing changed"),
        format!("{:.2} s, {:.2} CPU-s", us.wall_s, us.cpu_s),
        "0.2 × the best peer",
        Met::from(us.wall_s <= 0.2 * peer.wall_s),
    )
    .against(format!("s5cmd sync {:.2} s, {:.2} CPU-s", peer.wall_s, peer.cpu_s), Some(peer.wall_s / us.wall_s))
}

fn megabytes_or_kilobytes(bytes: u64) -> String {
    if bytes < 1_000_000 { format!("{} kB", bytes / 1000) } else { megabytes(bytes) }
}

/// The rows of all sets.
pub fn rows(data: &Data) -> Vec<Row> {
    some(data, usize::MAX)
}

/// Those of many small files alone: a minute or two.
pub fn small(data: &Data) -> Vec<Row> {
    some(data, 1)
}

fn some(data: &Data, most: usize) -> Vec<Row> {
    if !super::account::common::servers::servers().join("bin/weed").exists() {
        return vec![Row::new("store in a bucket", "needs the servers that tests/run installs", "", Met::Open)];
    }
    let sets: &[(u64, u64, usize)] = if data.is_quick {
        &[(200, 100_000, 2), (20, 5_000_000, 2), (1, 64_000_000, 2)]
    } else {
        &[(10_000, 100_000, 2), (1, 2_000_000_000, 2), (1_000, 5_000_000, 1)]
    };
    sets.iter().take(most).flat_map(|(count, bytes, rounds)| set(data, *count, *bytes, *rounds)).collect()
}
