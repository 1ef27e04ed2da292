//! A real keyring for tests: GNOME Keyring on a private message bus, in a private home. Nothing of the desktop that runs
//! the tests is seen or touched, and all of it ends when the value is dropped.
#![allow(dead_code, reason = "each test program uses its part of this")]
#![allow(clippy::unwrap_used, reason = "a test that fails panics")]

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

/// Longer than anything here takes, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);

/// What the keyring of these tests is unlocked with.
pub const PASSWORD: &str = "only-for-tests";

/// The program that asks people for passwords, by its name on the bus.
const PROMPTER: &str = "org.gnome.keyring.SystemPrompter.service";

/// How it stands with the keyring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// There is one, and it is open.
    Unlocked,
    /// There is one, and it is locked, as after a login without a password. Nobody is there to unlock it.
    Locked,
    /// The service runs and has no keyring at all, as on a new desktop where nothing was ever kept.
    Empty,
    /// There is a bus, and nobody on it offers a keyring.
    NoService,
    /// There is a bus that starts the service when it is asked, and the service ends at once.
    Dies,
    /// There is not even a bus.
    NoBus,
}

/// A bus with a keyring. **Make it on the thread that keeps it until the end** (as every test does): its processes are
/// told to end with that thread, so that none is left when a test is killed.
pub struct SecretService {
    dir: tempfile::TempDir,
    address: String,
    bus: Option<Daemon>,
    keyring: Option<Daemon>,
}

struct Daemon(Child);

impl Daemon {
    fn pid(&self) -> Pid {
        Pid::from_child(&self.0)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = kill_process_group(self.pid(), Signal::KILL);
        let _ = self.0.wait();
    }
}

impl SecretService {
    /// Starts one; returns once it answers. Whoever is asked for the password closes the window at once: see
    /// [`SecretService::times_asked`].
    pub fn start(state: State) -> Self {
        Self::start_on(state, None)
    }

    /// The same on a display, where it asks for its password in a real window.
    pub fn start_on(state: State, display: Option<&str>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["home", "data", "run", "services"] {
            fs::create_dir(dir.path().join(folder)).unwrap();
        }
        let run = dir.path().join("run");
        fs::set_permissions(&run, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        // Nobody listens there.
        let address = format!("unix:path={}", run.join("no-bus").display());
        let mut this = Self { dir, address, bus: None, keyring: None };
        if state != State::NoBus {
            this.offer_services(state == State::Dies, display.is_some());
            this.start_bus(display);
        }
        match state {
            State::Unlocked => this.start_keyring(true),
            State::Empty => this.start_keyring(false),
            State::Locked => {
                this.start_keyring(true);
                this.restart_locked();
            }
            State::NoService | State::Dies | State::NoBus => {}
        }
        this
    }

    /// What a child process needs to see this keyring and no other.
    pub fn envs(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("DBUS_SESSION_BUS_ADDRESS", self.address.clone().into()),
            ("XDG_RUNTIME_DIR", self.path("run").into()),
            ("XDG_DATA_HOME", self.path("data").into()),
            ("HOME", self.path("home").into()),
        ]
    }

    /// The home of whoever uses it.
    pub fn home(&self) -> PathBuf {
        self.path("home")
    }

    /// The folder that the keyring keeps its own files in.
    pub fn files(&self) -> PathBuf {
        self.path("data").join("keyrings")
    }

    /// How often the keyring wanted to open a window for its password.
    pub fn times_asked(&self) -> usize {
        fs::read_to_string(self.path("asked")).map_or(0, |text| text.lines().count())
    }

    /// Ends the keyring's process and starts it again: locked, with everything that was kept before.
    pub fn restart_locked(&mut self) {
        self.end();
        self.start_keyring(false);
    }

    /// Ends it and starts it again with the password.
    pub fn restart_unlocked(&mut self) {
        self.end();
        self.start_keyring(true);
    }

    /// Locks it while it runs, as a screen lock may do.
    pub fn lock(&self) {
        let path = "array:objpath:/org/freedesktop/secrets/collection/login";
        let told = self.tell(
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            &["org.freedesktop.Secret.Service.Lock", path],
        );
        assert!(told.contains("collection/login"), "{told}");
    }

    /// From now on it hangs: the process is there, has the name on the bus, and answers nothing.
    pub fn hang(&self) {
        self.signal(Signal::STOP);
    }

    /// It goes on, and answers what it was asked meanwhile.
    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    /// The keyring's process ends; the bus stays.
    pub fn end(&mut self) {
        self.keyring = None;
        self.wait_for_owner(false);
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.keyring.as_ref().unwrap().pid(), signal).unwrap();
    }

    /// A program in its own process group that ends with this thread.
    fn daemon(&self, program: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", program]).process_group(0);
        command
            .envs(self.envs())
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("GNOME_KEYRING_CONTROL");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// What the bus starts when it is asked for. An own list: the system's would start the machine's keyring for
    /// everybody who asks.
    fn offer_services(&self, dies: bool, shows_windows: bool) {
        let services = self.path("services");
        if dies {
            let text = "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/false\n";
            fs::write(services.join("org.freedesktop.secrets.service"), text).unwrap();
        }
        let prompter = services.join(PROMPTER);
        if shows_windows {
            fs::copy(Path::new("/usr/share/dbus-1/services").join(PROMPTER), prompter).unwrap();
        } else {
            let name = PROMPTER.trim_end_matches(".service");
            let asked = self.path("asked");
            let exec = format!("/bin/sh -c \"echo asked >> {}; exit 1\"", asked.display());
            fs::write(prompter, format!("[D-BUS Service]\nName={name}\nExec={exec}\n")).unwrap();
        }
    }

    fn start_bus(&mut self, display: Option<&str>) {
        let config = self.path("bus.conf");
        fs::write(&config, bus_config(&self.path("run"), &self.path("services"))).unwrap();
        let mut command = self.daemon("dbus-daemon");
        command.args(["--nofork", "--nopidfile", "--print-address"]).stdout(Stdio::piped());
        if let Some(display) = display {
            command.env("DISPLAY", display);
        }
        let mut child = command.arg(format!("--config-file={}", config.display())).spawn().unwrap();
        let mut address = String::new();
        let out = child.stdout.take().unwrap();
        self.bus = Some(Daemon(child));
        BufReader::new(out).read_line(&mut address).unwrap();
        assert!(address.starts_with("unix:"), "the bus did not start: {address:?}");
        self.address = address.trim().to_owned();
    }

    fn start_keyring(&mut self, unlocked: bool) {
        let mut command = self.daemon("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        if unlocked {
            command.arg("--unlock").stdin(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take();
        self.keyring = Some(Daemon(child));
        if let Some(mut stdin) = stdin {
            stdin.write_all(PASSWORD.as_bytes()).unwrap();
        }
        self.wait_for_owner(true);
    }

    /// Waits until somebody has, or nobody has, the name of the service.
    fn wait_for_owner(&self, owned: bool) {
        let started = Instant::now();
        let expected = format!("boolean {owned}");
        loop {
            let told = self.tell(
                "org.freedesktop.DBus",
                "/",
                &["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"],
            );
            if told.contains(&expected) {
                return;
            }
            assert!(started.elapsed() < DEADLINE, "the keyring's name on the bus: not {expected}: {told}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Asks something on the bus, and returns the answer as text.
    fn tell(&self, whom: &str, path: &str, words: &[&str]) -> String {
        let mut command = Command::new("dbus-send");
        command.envs(self.envs()).args(["--session", "--print-reply", "--reply-timeout=20000"]);
        let output = command.arg(format!("--dest={whom}")).arg(path).args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    }
}

fn bus_config(run: &Path, services: &Path) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"
 \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">
<busconfig>
  <type>session</type>
  <listen>unix:dir={}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{}</servicedir>
  <policy context=\"default\">
    <allow send_destination=\"*\" eavesdrop=\"true\"/>
    <allow eavesdrop=\"true\"/>
    <allow own=\"*\"/>
  </policy>
</busconfig>
",
        run.display(),
        services.display()
    )
}
