//! A print server of the test's own, with a queue whose printer writes PDF files.
//!
//! Everything stands in one folder: configuration, spool, cache, the socket. The one thing that is not CUPS's own is the
//! backend, which runs Debian's `cups-pdf` with another `/etc/cups` in a mount namespace: it has no other way to be told
//! where its files go.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lightkeep::domain::printers::{Job, JobState};
use lightkeep::print::printers::cups::Ipp;
use lightkeep::print::printers::wire::Place;
use lightkeep::print::printers::{Limits, PrintSystem as _};

use crate::common::servers::free_port;
use crate::common::until;

/// The queue.
pub const QUEUE: &str = "Paper_Tray";

/// A running print server; it and all that it started end with this.
pub struct Cups {
    child: Option<Child>,
    dir: tempfile::TempDir,
    spool: Option<String>,
    port: u16,
}

impl Cups {
    /// Starts one with its queue.
    pub fn start() -> Self {
        Self::started(None)
    }

    /// The same with a spool that has no room for more than this.
    pub fn start_with_spool_of(size: &str) -> Self {
        Self::started(Some(size.to_owned()))
    }

    fn started(spool: Option<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // Filters run as another user.
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut cups = Self { child: None, dir, spool, port: free_port() };
        for name in ["root", "spool", "cache", "state", "tmp", "pdf-etc", "pdf", "bin", "bin/backend"] {
            fs::create_dir(cups.path(name)).unwrap();
        }
        fs::set_permissions(cups.path("tmp"), fs::Permissions::from_mode(0o1777)).unwrap();
        cups.configure();
        cups.run();
        cups.add_queue(QUEUE, "cups-pdf:/");
        cups
    }

    fn configure(&self) {
        let dir = self.dir.path().display();
        let files = format!(
            "ServerRoot {dir}/root\nServerBin {dir}/bin\nStateDir {dir}/state\nCacheDir {dir}/cache\nRequestRoot \
             {dir}/spool\nTempDir {dir}/tmp\nAccessLog {dir}/access.log\nErrorLog {dir}/error.log\nPageLog \
             {dir}/page.log\nSystemGroup root\n"
        );
        fs::write(self.path("files.conf"), files).unwrap();
        let port = self.port;
        let config = format!(
            "Listen {dir}/cups.sock\nListen 127.0.0.1:{port}\nLogLevel debug\nMaxLogSize 0\nDirtyCleanInterval 0\nBrowsing No\nPreserveJobFiles Yes\nMaxJobs 50\n<Location />\n  \
             Order allow,deny\n  Allow all\n</Location>\n<Policy default>\n  JobPrivateAccess default\n  JobPrivateValues none\n  <Limit Cancel-Job Restart-Job \
             Send-Document>\n    Require user @OWNER @SYSTEM\n    Order deny,allow\n  </Limit>\n  <Limit All>\n    Order \
             deny,allow\n  </Limit>\n</Policy>\n"
        );
        fs::write(self.path("cupsd.conf"), config).unwrap();
        for part in fs::read_dir("/usr/lib/cups").unwrap().map(|entry| entry.unwrap().path()) {
            if !part.ends_with("backend") {
                std::os::unix::fs::symlink(&part, self.path("bin").join(part.file_name().unwrap())).unwrap();
            }
        }
        let pdf = format!(
            "Out {dir}/pdf\nAnonDirName {dir}/pdf\nSpool {dir}/pdf-spool\nLog {dir}\nLogType 7\nLabel 2\nUserUMask 0022\n"
        );
        fs::write(self.path("pdf-etc/cups-pdf.conf"), pdf).unwrap();
        let backend = format!(
            "#!/bin/sh\nexec unshare -m sh -c 'mount --bind {dir}/pdf-etc /etc/cups && exec \
             /usr/lib/cups/backend/cups-pdf \"$@\"' cups-pdf \"$@\"\n"
        );
        let file = self.path("bin/backend/cups-pdf");
        fs::write(&file, backend).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
    }

    /// Starts the server, also once more after [`Cups::stop`].
    pub fn run(&mut self) {
        let log = fs::File::create(self.path("cupsd.log")).unwrap();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL"]).process_group(0);
        if let Some(size) = &self.spool {
            let script = "mount -t tmpfs -o mode=710,size=$1 none \"$2\" && shift 2 && exec \"$@\"";
            command.args(["unshare", "-m", "sh", "-c", script, "sh", size]).arg(self.path("spool"));
        }
        command.args(["cupsd", "-f"]);
        command.arg("-c").arg(self.path("cupsd.conf")).arg("-s").arg(self.path("files.conf"));
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").stdin(Stdio::null()).stdout(log.try_clone().unwrap());
        self.child = Some(command.stderr(log).spawn().unwrap());
        let socket = self.socket();
        until("cupsd answers", || std::os::unix::net::UnixStream::connect(&socket).is_ok());
    }

    /// Ends the server, as a crash does.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let group = rustix::process::Pid::from_child(&child);
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
            let _ = child.wait();
        }
    }

    /// Adds a queue with the driver of `cups-pdf`.
    pub fn add_queue(&self, name: &str, device: &str) {
        let ppd = "/usr/share/ppd/cups-pdf/CUPS-PDF_opt.ppd";
        self.tell("lpadmin", &["-p", name, "-v", device, "-P", ppd, "-E", "-D", "Paper tray", "-L", "The cellar"]);
    }

    /// Runs one of CUPS's own commands on this server.
    #[track_caller]
    pub fn tell(&self, program: &str, args: &[&str]) -> String {
        let mut command = Command::new(program);
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("CUPS_SERVER", self.socket()).env("LC_ALL", "C");
        let output = command.args(args).output().unwrap();
        assert!(output.status.success(), "{program} {args:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The attributes of a job, as CUPS's own program shows them.
    pub fn attributes_of_job(&self, number: i32) -> String {
        let test = self.path("job.test");
        let text = "{ OPERATION Get-Job-Attributes GROUP operation-attributes-tag ATTR charset attributes-charset utf-8 \
                    ATTR language attributes-natural-language en ATTR uri job-uri $uri ATTR keyword \
                    requested-attributes all,media-col }";
        fs::write(&test, text).unwrap();
        let uri = format!("ipp://localhost:{}/jobs/{number}", self.port);
        let mut command = Command::new("ipptool");
        command.arg("-tv").arg(&uri).arg(&test).env("CUPS_SERVER", self.socket()).env("LC_ALL", "C");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.path("cups.sock")
    }

    /// The way to it.
    pub fn ipp(&self) -> Ipp {
        Ipp::at(Place::Socket(self.socket()), Limits::default())
    }

    /// PDF files that came out of the queue.
    pub fn printed(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.path("pdf")).unwrap().map(|entry| entry.unwrap().path());
        let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
        found.sort();
        found
    }

    /// Waits until a job is over; how it ended.
    #[track_caller]
    pub fn ended(&self, printer: &str, number: i32) -> Job {
        let started = Instant::now();
        loop {
            let job = self.ipp().job(printer, number, &crate::go).unwrap();
            if job.state.is_over() || job.state == JobState::Stopped {
                return job;
            }
            assert!(started.elapsed() < Duration::from_secs(30), "{job:?} does not end:\n{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the server says of its work.
    pub fn log(&self) -> String {
        let text = fs::read(self.path("error.log")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        text.lines().filter(|line| line.contains("[Job ") || !line.starts_with('D')).collect::<Vec<_>>().join("\n")
    }

    /// A path in its folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.dir.path().join(name)
    }
}

impl Drop for Cups {
    fn drop(&mut self) {
        self.stop();
    }
}
