//! This test program, started once more with another environment: it does what it reads from standard input, one order
//! a line, and says how each ended.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use lightkeep::account::{Keyring, LockProblem, RefreshLock};
use lightkeep::domain::Secret;
use lightkeep::domain::account::KeyringProblem;
use serde_json::{Value, json};

/// Says to the test below that it is to be a client.
const MARK: &str = "LIGHTKEEP_TEST_KEYRING_CLIENT";

/// Before each answer, to tell it from what the test harness prints.
const SIGN: &str = "answer: ";

/// A client process.
pub struct Client {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Client {
    pub fn start(envs: &[(&'static str, OsString)]) -> Self {
        Self::without(envs, &[])
    }

    /// With some variables not even set.
    pub fn without(envs: &[(&'static str, OsString)], without: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "client::the_client", "--nocapture"]).env(MARK, "1");
        command.envs(envs.iter().cloned()).env_remove("DISPLAY");
        for name in without {
            command.env_remove(name);
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (orders, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, orders, answers }
    }

    /// Gives an order and waits for no answer.
    pub fn order(&mut self, what: &str, entry: &str, more: &str) {
        writeln!(self.orders, "{}", json!([what, entry, more])).unwrap();
    }

    /// The next answer.
    pub fn answer(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(self.answers.read_line(&mut line).unwrap(), 0, "the client ended");
            // The harness may have begun the line already.
            if let Some((_, answer)) = line.split_once(SIGN) {
                return serde_json::from_str(answer).unwrap();
            }
        }
    }

    fn ask(&mut self, what: &str, entry: &str, more: &str) -> String {
        self.order(what, entry, more);
        self.answer()
    }

    pub fn get(&mut self, entry: &str) -> String {
        self.ask("get", entry, "")
    }

    /// So many at once; `slow 40` where all ended alike.
    pub fn get_many(&mut self, entry: &str, times: usize) -> String {
        self.ask("get many", entry, &times.to_string())
    }

    pub fn set(&mut self, entry: &str, secret: &str) -> String {
        self.ask("set", entry, secret)
    }

    pub fn remove(&mut self, entry: &str) -> String {
        self.ask("remove", entry, "")
    }

    pub fn unlock(&mut self) -> String {
        self.ask("unlock", "", "")
    }

    pub fn take_lock(&mut self, dir: &Path, entry: &str) -> String {
        self.ask("take", entry, dir.to_str().unwrap())
    }

    pub fn drop_lock(&mut self) -> String {
        self.ask("drop", "", "")
    }

    /// The directory for locks that it would use.
    pub fn lock_dir(&mut self) -> String {
        self.ask("lock dir", "", "")
    }

    /// How many threads it has now.
    pub fn threads(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap().count()
    }

    /// Ends it as a crash would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test of its own: see the top.
#[test]
fn the_client() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let keyring = Keyring::system();
    let mut held = None;
    for line in std::io::stdin().lines() {
        let order: Vec<String> = serde_json::from_str(&line.unwrap()).unwrap();
        let [what, entry, more] = order.as_slice() else { panic!("{order:?}") };
        let answer = runtime.block_on(obey(&keyring, &mut held, what, entry, more));
        println!("{SIGN}{}", Value::from(answer));
    }
}

async fn obey(keyring: &Keyring, held: &mut Option<RefreshLock>, what: &str, entry: &str, more: &str) -> String {
    match what {
        "get" => got(keyring.get(entry).await),
        "get many" => {
            let all = (0..more.parse().unwrap()).map(|_| keyring.get(entry));
            let mut counts = BTreeMap::<String, usize>::new();
            for answer in futures::future::join_all(all).await {
                *counts.entry(got(answer)).or_default() += 1;
            }
            counts.iter().map(|(answer, count)| format!("{answer} {count}")).collect::<Vec<_>>().join(", ")
        }
        "set" => done(keyring.set(entry, &Secret::from(more)).await),
        "remove" => done(keyring.remove(entry).await),
        "unlock" => done(keyring.unlock().await),
        "unlock in 1.5 s" => {
            let limit = Duration::from_millis(1500);
            done(Keyring::system_with_limits(limit, limit).unlock().await)
        }
        "take" => {
            let limit = Duration::from_millis(300);
            match RefreshLock::take_within(Path::new(more), entry, limit).await {
                Ok(lock) => {
                    *held = Some(lock);
                    "held".to_owned()
                }
                Err(LockProblem::Busy) => "busy".to_owned(),
                Err(LockProblem::Io(error)) => error.to_string(),
            }
        }
        "drop" => {
            *held = None;
            "ok".to_owned()
        }
        "lock dir" => RefreshLock::usual_dir().unwrap().to_str().unwrap().to_owned(),
        other => panic!("{other}"),
    }
}

fn got(answer: Result<Option<Secret>, KeyringProblem>) -> String {
    match answer {
        Ok(Some(secret)) => format!("some {}", secret.expose()),
        Ok(None) => "none".to_owned(),
        Err(problem) => named(&problem),
    }
}

fn done(answer: Result<(), KeyringProblem>) -> String {
    answer.map_or_else(|problem| named(&problem), |()| "ok".to_owned())
}

fn named(problem: &KeyringProblem) -> String {
    match problem {
        KeyringProblem::Locked => "locked".to_owned(),
        KeyringProblem::Absent => "absent".to_owned(),
        KeyringProblem::Slow => "slow".to_owned(),
        KeyringProblem::Failed(why) => format!("failed: {why}"),
    }
}
