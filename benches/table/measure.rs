//! Time, memory and how to sum them up.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a program to its end; how long that took.
pub fn timed(command: &mut Command) -> Duration {
    let start = Instant::now();
    let output = command.stdin(Stdio::null()).output().unwrap();
    let took = start.elapsed();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    took
}

/// Runs several programs side by side; how long until the last has ended.
pub fn timed_together(commands: Vec<Command>) -> Duration {
    let start = Instant::now();
    let quiet = |mut command: Command| command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let mut children: Vec<Child> = commands.into_iter().map(quiet).collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    start.elapsed()
}

/// Runs a program to its end; the most memory it had, in bytes (`VmHWM`, looked at every 5 ms).
pub fn peak_bytes(command: &mut Command) -> u64 {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let file = format!("/proc/{}/status", child.id());
    let mut most = 0;
    loop {
        most = most.max(status_bytes(&file, "VmHWM").unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}");
            return most;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A line of a process's status, in bytes.
pub fn status_bytes(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// Processor time of another process and all its threads so far, in seconds (proc(5); hundredths of a second).
pub fn cpu_s_of(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Its name, in parentheses, may have spaces.
    let fields = stat.rsplit_once(')').unwrap().1;
    let ticks = fields.split_ascii_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

/// Time that this thread has run on a processor.
pub fn thread_cpu() -> Duration {
    clock(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Time that all threads of this process have run on a processor.
pub fn process_cpu() -> Duration {
    clock(libc::CLOCK_PROCESS_CPUTIME_ID)
}

fn clock(which: libc::clockid_t) -> Duration {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes one `timespec`, which is there.
    #[allow(unsafe_code, reason = "the standard library has no clock of processor time")]
    let done = unsafe { libc::clock_gettime(which, &raw mut now) };
    assert_eq!(done, 0, "this system has no clock of processor time");
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Processor time of all programs that were run and have ended.
pub fn children_cpu() -> Duration {
    // SAFETY: all zeros is a value of this plain structure.
    #[allow(unsafe_code, reason = "the standard library does not know what children used")]
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: the call writes one `rusage`, which is there.
    #[allow(unsafe_code, reason = "as above")]
    let done = unsafe { libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut used) };
    assert_eq!(done, 0, "this system does not tell what children used");
    let time = |value: libc::timeval| Duration::new(value.tv_sec as u64, value.tv_usec as u32 * 1000);
    time(used.ru_utime) + time(used.ru_stime)
}

/// The value that this part (0 to 1) of the values does not exceed.
pub fn percentile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (part * sorted.len() as f64).ceil() as usize;
    sorted[at.clamp(1, sorted.len()) - 1]
}

/// The one in the middle.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// Bytes in millions.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.0} MB", bytes as f64 / 1e6)
}
