//! The stand-ins for AWS that tests start: ministack, weed as a second S3 with a disk, and moto for Rekognition, on free
//! loopback ports, each in a folder of its own.
//!
//! Each is killed with its whole process group when the value is dropped, and by the kernel when the thread that started
//! it ends, so that a test that was itself killed leaves nothing behind. For the same reason it must be started in the
//! test's own thread and never be put into a static.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{BIN, Ran};

/// The region that tests work in.
pub const REGION: &str = "eu-central-1";
/// The name of the stack that [`Ministack::deployed`] makes.
pub const STACK: &str = "lightkeep";
/// How long the server may take to answer for the first time.
const START: Duration = Duration::from_secs(60);
/// How long one answer may take.
const ANSWER: Duration = Duration::from_secs(30);

/// The virtual environment with the pinned servers, which `tests/run` makes.
pub fn servers() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("target"),
        |dir| Path::new(env!("CARGO_MANIFEST_DIR")).join(dir),
    );
    target.join("servers")
}

/// A program of that environment.
#[track_caller]
pub fn server_program(name: &str) -> PathBuf {
    let path = servers().join("bin").join(name);
    assert!(path.exists(), "the test servers are not installed ({name}): run `tests/run`, which does it");
    path
}

/// The template as `packaging/aws/try-it` deploys it.
#[track_caller]
pub fn weakened_template() -> Vec<u8> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/aws");
    let edited = Command::new("sed").arg("-f").arg(dir.join("stand-in.sed")).arg(dir.join("template.yaml")).output();
    let edited = edited.unwrap();
    assert!(edited.status.success(), "{edited:?}");
    edited.stdout
}

/// A port of this computer that nobody has.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running ministack with signatures and policies checked (`AUTH=true`).
pub struct Ministack {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Ministack {
    /// Starts one, and waits until it answers.
    #[track_caller]
    pub fn start() -> Self {
        // Between a port that is found free and a server that takes it another process may come.
        (0..5).find_map(|_| Self::try_start()).expect("ministack found no free port five times")
    }

    #[track_caller]
    fn try_start() -> Option<Self> {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        let log = std::fs::File::create(dir.path().join("server.log")).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(server_program("ministack"))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", dir.path())
            .env("TMPDIR", dir.path())
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("AUTH", "true")
            .env("IOT_MTLS_ENABLED", "0")
            .env("SFTP_ENABLED", "0")
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap();
        let mut server = Self { child, port, dir };
        let started = Instant::now();
        loop {
            if server.child.try_wait().unwrap().is_some() {
                assert!(server.log().contains("in use"), "ministack did not start: {}", server.log());
                return None;
            }
            if request(server.port, "GET", "/_ministack/health").is_some_and(|(status, _)| status == 200) {
                return Some(server);
            }
            assert!(started.elapsed() < START, "ministack does not answer: {}", server.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts one and builds our template in it, as it is, through the real program; the settings line.
    #[track_caller]
    pub fn deployed() -> (Self, String) {
        let server = Self::start();
        let line = server.deploy(&[]);
        (server, line)
    }

    /// The same with the copy of the template that `packaging/aws/try-it` uses, in which people who signed in reach
    /// the bucket although the stand-in does not know the policy variable that separates them.
    #[track_caller]
    pub fn deployed_weakened() -> (Self, String) {
        let server = Self::start();
        let template = weakened_template();
        let file = server.dir().join("template.yaml");
        std::fs::write(&file, template).unwrap();
        let line = server.deploy(&["--template", file.to_str().unwrap()]);
        (server, line)
    }

    /// Deploys with the real program; the settings line. The stand-in knows only the classic sign-in pages.
    #[track_caller]
    pub fn deploy(&self, more: &[&str]) -> String {
        let args = [&["cloud", "deploy", "--yes", "--json", "--login-pages", "classic"], more].concat();
        let ran = self.lightkeep(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.json()["line"].as_str().expect("deploy says the settings line").to_owned()
    }

    /// The program against this server as the account's owner, started in the server's own folder. `args` begin with
    /// `cloud`, whose sub-commands get the endpoint and the region by environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(BIN);
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        // Nothing of whoever runs the tests may be read or reached.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command
            .env("HOME", self.dir.path())
            .env("AWS_ENDPOINT_URL", self.endpoint())
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    /// Runs [`Ministack::command`].
    pub fn lightkeep(&self, args: &[&str]) -> Ran {
        Ran::new(self.command(args).output().unwrap())
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its own folder, which goes away with it.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        std::fs::read(self.dir.path().join("server.log"))
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Asks for one of its own addresses; the body.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str) -> Vec<u8> {
        let (status, body) = request(self.port, method, path).expect("ministack answers");
        assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
        body
    }

    /// Every mail sent so far: to whom, subject and text.
    #[track_caller]
    pub fn mails(&self) -> Vec<(String, String)> {
        let answer: Value = serde_json::from_slice(&self.ask("GET", "/_ministack/ses/messages")).unwrap();
        let accounts = answer["messages"].as_object().unwrap().values();
        let mails = accounts.flat_map(|mails| mails.as_array().unwrap().clone());
        mails
            .flat_map(|mail| {
                let text = format!("{} {}", mail["Subject"].as_str().unwrap(), mail["BodyText"].as_str().unwrap());
                let to = mail["To"].as_array().unwrap().clone();
                to.into_iter().map(move |to| (to.as_str().unwrap().to_owned(), text.clone()))
            })
            .collect()
    }

    /// The codes mailed to an address so far, oldest first.
    #[track_caller]
    pub fn confirmation_codes(&self, email: &str) -> Vec<String> {
        let mine = self.mails().into_iter().filter(|(to, _)| to.eq_ignore_ascii_case(email));
        mine.filter_map(|(_, text)| {
            text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).map(ToOwned::to_owned)
        })
        .collect()
    }

    /// Forgets everything: stacks, users, objects and mails.
    #[track_caller]
    pub fn reset(&self) {
        self.ask("POST", "/_ministack/reset");
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        kill_group(&mut self.child);
    }
}

fn kill_group(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

/// A running `weed server`: S3 with a real disk, versions and every checksum. It knows one pair of keys.
pub struct Weed {
    child: Child,
    port: u16,
    dir: tempfile::TempDir,
}

impl Weed {
    /// The access key that it knows.
    pub const ACCESS: &str = "AKIALIGHTKEEPTESTS00";
    /// Its secret.
    pub const SECRET: &str = "lightkeep/tests/secret/of/the/loopback+0";

    /// Starts one, and waits until it answers. It takes a while longer until it takes a bucket: try again.
    #[track_caller]
    pub fn start() -> Self {
        (0..5).find_map(|_| Self::try_start()).expect("weed found no free ports five times")
    }

    #[track_caller]
    fn try_start() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        // All at once, so that they differ.
        let listeners: Vec<_> = (0..8).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<u16> = listeners.iter().map(|it| it.local_addr().unwrap().port()).collect();
        drop(listeners);
        let names = ["s3", "master", "volume", "filer"];
        let open = names.iter().zip(&ports).map(|(name, port)| format!("-{name}.port={port}"));
        let inner = names.iter().zip(&ports[4..]).map(|(name, port)| format!("-{name}.port.grpc={port}"));
        let keys = serde_json::json!({ "identities": [{
            "name": "tests",
            "credentials": [{ "accessKey": Self::ACCESS, "secretKey": Self::SECRET }],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }]});
        std::fs::write(dir.path().join("s3.json"), keys.to_string()).unwrap();
        for name in ["data", "log"] {
            std::fs::create_dir(dir.path().join(name)).unwrap();
        }
        let log = std::fs::File::create(dir.path().join("server.log")).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(server_program("weed"))
            .args(["-logdir=log", "server", "-dir=data", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3"])
            .args(["-s3.config=s3.json", "-s3.allowDeleteBucketNotEmpty=false", "-s3.autoCreateBucket=false"])
            .args(["-s3.iam=false", "-s3.domainName=localhost", "-s3.port.iceberg=0", "-s3.port.lance=0"])
            .args(["-master.volumeSizeLimitMB=1024", "-volume.max=0"])
            .args(open.chain(inner))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", dir.path())
            .env("TMPDIR", dir.path())
            .env("WEED_S3_SSE_KEY", "tests")
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap();
        let mut server = Self { child, port: ports[0], dir };
        let started = Instant::now();
        loop {
            if server.child.try_wait().unwrap().is_some() {
                let log =
                    String::from_utf8_lossy(&std::fs::read(server.dir.path().join("server.log")).unwrap()).into_owned();
                assert!(log.contains("in use"), "weed did not start: {log}");
                return None;
            }
            if request(server.port, "GET", "/").is_some() {
                return Some(server);
            }
            assert!(started.elapsed() < START, "weed does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps what it has.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }
}

impl Drop for Weed {
    fn drop(&mut self) {
        kill_group(&mut self.child);
    }
}

/// A running `moto_server`. Its answers of Rekognition are canned: they show that the protocol is right, and nothing of
/// what the service sees.
pub struct Moto {
    child: Child,
    port: u16,
    _dir: tempfile::TempDir,
}

impl Moto {
    /// Starts one, and waits until it answers.
    #[track_caller]
    pub fn start() -> Self {
        (0..5).find_map(|_| Self::try_start()).expect("moto_server found no free port five times")
    }

    #[track_caller]
    fn try_start() -> Option<Self> {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        let log = std::fs::File::create(dir.path().join("server.log")).unwrap();
        let child = Command::new("setpriv")
            .args(["--pdeathsig", "KILL"])
            .arg(server_program("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("HOME", dir.path())
            .env("TMPDIR", dir.path())
            .current_dir(dir.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .process_group(0)
            .spawn()
            .unwrap();
        let mut server = Self { child, port, _dir: dir };
        let started = Instant::now();
        loop {
            if server.child.try_wait().unwrap().is_some() {
                return None;
            }
            if request(server.port, "GET", "/moto-api/data.json").is_some_and(|(status, _)| status == 200) {
                return Some(server);
            }
            assert!(started.elapsed() < START, "moto_server does not answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Where it listens.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        kill_group(&mut self.child);
    }
}

/// One request without an HTTP library: status and body, or `None` where nobody answers.
pub fn request(port: u16, method: &str, path: &str) -> Option<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(ANSWER)).ok()?;
    let head =
        format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let status = std::str::from_utf8(&answer[..end]).ok()?.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer.split_off(end + 4)))
}
