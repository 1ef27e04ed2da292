//! `ippeveprinter`, CUPS's own driverless printer, as a photo printer with the attributes of `photo-printer.conf`.
//!
//! It insists on a system bus although it announces nothing: it gets one of its own.

use std::fs;
use std::net::TcpStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common::servers::free_port;
use crate::common::{Running, until};

/// A running printer.
pub struct Eve {
    _printer: Running,
    _avahi: Option<Running>,
    _bus: Running,
    bus: String,
    dir: tempfile::TempDir,
    port: u16,
}

/// A bus daemon that lets everybody do everything, listening at a path.
pub fn bus(dir: &Path, kind: &str) -> (Running, String) {
    let (socket, config) = (dir.join("bus"), dir.join("bus.conf"));
    let text = format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n<busconfig><type>{kind}</type>\
         <listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow user=\"*\"/><allow \
         own=\"*\"/><allow send_destination=\"*\" eavesdrop=\"true\"/><allow receive_sender=\"*\"/></policy></busconfig>",
        socket.display()
    );
    fs::write(&config, text).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "dbus-daemon", "--nofork", "--nopidfile"]).process_group(0);
    command.arg(format!("--config-file={}", config.display()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let child = Running(command.spawn().unwrap());
    until("the bus listens", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    (child, format!("unix:path={}", socket.display()))
}

/// Avahi keeps its process number at one place of the system: it gets another such place.
fn avahi(dir: &Path, bus: &str) -> Running {
    let config = dir.join("avahi.conf");
    let text = "[server]\nallow-interfaces=lo\nuse-ipv4=yes\nuse-ipv6=no\n[publish]\n[reflector]\n[rlimits]\n";
    fs::write(&config, text).unwrap();
    let script = "mkdir -p /run/avahi-daemon && mount -t tmpfs none /run/avahi-daemon && exec avahi-daemon -f \"$1\" \
                  --no-drop-root --no-chroot --no-rlimits";
    let log = fs::File::create(dir.join("avahi.log")).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "unshare", "-m", "sh", "-c", script, "sh"]).arg(config).process_group(0);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", bus).env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    let child = Running(command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap());
    until("Avahi has started", || fs::read_to_string(dir.join("avahi.log")).unwrap().contains("startup complete"));
    child
}

impl Eve {
    /// Starts one; `command` is run for each job with the document's path, and may take its time.
    pub fn start(command: Option<&str>) -> Self {
        Self::started(command, false)
    }

    /// The same, announced by an Avahi of the test's own, which speaks to this computer only.
    pub fn start_announced() -> Self {
        Self::started(None, true)
    }

    /// The address of its system bus.
    pub fn bus(&self) -> &str {
        &self.bus
    }

    fn started(command: Option<&str>, announced: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("spool")).unwrap();
        fs::create_dir(dir.path().join("keys")).unwrap();
        let (bus, address) = bus(dir.path(), "system");
        let attributes = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/printing/photo-printer.conf");
        let avahi = announced.then(|| avahi(dir.path(), &address));
        for _ in 0..5 {
            let port = free_port();
            let log = fs::File::create(dir.path().join("log")).unwrap();
            let mut printer = Command::new("setpriv");
            printer.args(["--pdeathsig", "KILL", "ippeveprinter", "-vvv", "-k", "-n", "localhost"]);
            printer.args(if announced { &[][..] } else { &["-r", "off"] });
            printer.args(["-p", &port.to_string()]).arg("-a").arg(&attributes);
            printer.arg("-d").arg(dir.path().join("spool")).arg("-K").arg(dir.path().join("keys"));
            if let Some(command) = command {
                let script = dir.path().join("command");
                fs::write(&script, format!("#!/bin/sh\n{command}\n")).unwrap();
                fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
                printer.arg("-c").arg(script);
            }
            printer
                .arg("Photo printer")
                .env("DBUS_SYSTEM_BUS_ADDRESS", &address)
                .env("PATH", "/usr/sbin:/usr/bin:/bin");
            printer.process_group(0).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
            let mut child = Running(printer.spawn().unwrap());
            let mut ended = false;
            until("the printer answers", || {
                ended = child.0.try_wait().unwrap().is_some();
                ended || TcpStream::connect(("127.0.0.1", port)).is_ok()
            });
            // Between a port that is found free and a server that takes it another process may come.
            if !ended {
                return Self { _printer: child, _avahi: avahi, _bus: bus, bus: address, dir, port };
            }
        }
        panic!("no printer: {}", fs::read_to_string(dir.path().join("log")).unwrap());
    }

    /// Its address.
    pub fn address(&self, scheme: &str) -> String {
        format!("{scheme}://localhost:{}/ipp/print", self.port)
    }

    /// The documents that it received.
    pub fn received(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.dir.path().join("spool")).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
        found.sort();
        found
    }

    /// The attributes of a job, as CUPS's own program shows them.
    pub fn attributes_of_job(&self, number: i32) -> String {
        let test = self.dir.path().join("job.test");
        let text = format!(
            "{{ OPERATION Get-Job-Attributes GROUP operation-attributes-tag ATTR charset attributes-charset utf-8 ATTR \
             language attributes-natural-language en ATTR uri printer-uri $uri ATTR integer job-id {number} ATTR keyword \
             requested-attributes all }}"
        );
        fs::write(&test, text).unwrap();
        let output = Command::new("ipptool").arg("-tv").arg(self.address("ipp")).arg(&test).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    /// A path in its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}
