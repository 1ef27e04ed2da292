//! A person with a keyring, an AWS of their own (a stand-in), and a library.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::secret_service::{SecretService, State};
use crate::common::servers::{Ministack, server_program};
use crate::common::{BIN, Ran};

pub const EMAIL: &str = "ann.adams@example.org";
pub const PASSWORD: &str = "Correct-horse-7-battery";

/// One person's computer. Its server is killed when it is dropped.
pub struct Home {
    pub keyring: SecretService,
    pub server: Ministack,
    /// The settings line.
    pub line: String,
    pub dir: tempfile::TempDir,
}

impl Home {
    /// With an open keyring and a stack; nobody is signed up.
    pub fn new() -> Self {
        Self::with(State::Unlocked)
    }

    pub fn with(state: State) -> Self {
        let keyring = SecretService::start(state);
        let (server, line) = Ministack::deployed();
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("run")).unwrap();
        let home = Self { keyring, server, line, dir };
        home.ok(&["use", &home.line], &[]);
        home
    }

    pub fn library(&self) -> PathBuf {
        self.dir.path().join("library")
    }

    /// The program, in this person's environment.
    pub fn program(&self) -> Command {
        let mut command = Command::new(BIN);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
        command.env("HOME", self.dir.path()).envs(self.keyring.envs());
        command.arg("--library").arg(self.library());
        command
    }

    /// `lightkeep account …` with these lines on standard input.
    pub fn account(&self, args: &[&str], lines: &[&str]) -> Ran {
        let mut command = self.program();
        command.args(["account", "--json"]).args(args);
        run(command, lines)
    }

    /// The same, which must work.
    #[track_caller]
    pub fn ok(&self, args: &[&str], lines: &[&str]) -> Value {
        let ran = self.account(args, lines);
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
        ran.json()
    }

    /// The same, which must not work; the error's code and message.
    #[track_caller]
    pub fn fails(&self, args: &[&str], lines: &[&str]) -> (String, String) {
        let ran = self.account(args, lines);
        assert!(ran.code > 1, "{args:?}: {ran:?}");
        let error = ran.json()["error"].clone();
        (error["code"].as_str().unwrap().to_owned(), error["message"].as_str().unwrap().to_owned())
    }

    /// The newest code mailed to an address, once there are at least so many.
    #[track_caller]
    pub fn code(&self, email: &str, at_least: usize) -> String {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let codes = self.server.confirmation_codes(email);
            if codes.len() >= at_least {
                return codes.last().unwrap().clone();
            }
            assert!(Instant::now() < deadline, "no mail with a code came: {:?}", self.server.mails());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Somebody who signed up, confirmed and signed in.
    #[track_caller]
    pub fn signed_in(&self) -> Value {
        self.ok(&["sign-up"], &[EMAIL, PASSWORD]);
        let code = self.code(EMAIL, 1);
        self.ok(&["confirm"], &[EMAIL, &code]);
        self.ok(&["sign-in"], &[EMAIL, PASSWORD])
    }

    /// Runs Python with boto3 against the stand-in as its owner; `pool`, `client` and `aws(name)` are there.
    #[track_caller]
    pub fn python(&self, code: &str) -> String {
        let part = |name: &str| {
            let from = self.line.find(&format!("{name}=")).unwrap() + name.len() + 1;
            self.line[from..].split('&').next().unwrap().to_owned()
        };
        let before = format!(
            "import boto3, json\ndef aws(name):\n    return boto3.client(name, endpoint_url='{}', region_name='{}', \
             aws_access_key_id='test', aws_secret_access_key='test')\npool = '{}'\nclient = '{}'\nbucket = '{}'\n",
            self.server.endpoint(),
            part("region"),
            part("pool"),
            part("client"),
            part("bucket")
        );
        python(&format!("{before}{code}"))
    }
}

/// Runs Python of the servers' environment.
#[track_caller]
pub fn python(code: &str) -> String {
    let output = Command::new(server_program("python")).args(["-c", code]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A code of an authenticator app, 30 seconds before or after now where `steps` is not 0 (RFC 6238).
pub fn totp(key: &str, steps: i64) -> String {
    python(&format!(
        "import hmac, base64, struct, time\nk = '{key}'\nk += '=' * (-len(k) % 8)\nm = struct.pack('>Q', \
         int(time.time()) // 30 + {steps})\nh = hmac.new(base64.b32decode(k), m, 'sha1').digest()\no = h[-1] & 15\n\
         print('%06d' % ((struct.unpack('>I', h[o:o+4])[0] & 0x7fffffff) % 1000000))"
    ))
}

/// Runs a program with lines on its standard input; it must end within a minute.
#[track_caller]
pub fn run(mut command: Command, lines: &[&str]) -> Ran {
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap();
    let mut input = child.stdin.take().unwrap();
    for line in lines {
        let _ = writeln!(input, "{line}");
    }
    drop(input);
    let pid = rustix::process::Pid::from_child(&child);
    let (done, ended) = std::sync::mpsc::channel();
    let watch = std::thread::spawn(move || {
        if ended.recv_timeout(Duration::from_secs(90)).is_err() {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
    });
    let output = child.wait_with_output().unwrap();
    let _ = done.send(());
    watch.join().unwrap();
    Ran::new(output)
}

/// Every file below a folder, with its bytes.
pub fn files_below(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                found.push((path.clone(), std::fs::read(&path).unwrap_or_default()));
            }
        }
    }
    found
}
