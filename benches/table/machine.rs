//! What the figures were measured on.

use std::fs::read_to_string;
use std::process::Command;

use super::data::Data;

/// Processor, memory, kernel and versions, in two lines.
pub fn describe(data: &Data) -> String {
    let field = |file: &str, name: &str| -> Option<String> {
        let text = read_to_string(file).ok()?;
        let line = text.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory_kb = field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<f64>().ok());
    let kernel = read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "{cpu}, {} cores, {:.1} GB memory, {} {}\nLightkeep {}, {}, {}{}; load of the machine at the end: {}",
        std::thread::available_parallelism().map_or(1, usize::from),
        memory_kb.unwrap_or_default() / 1_048_576.0,
        std::env::consts::OS,
        kernel.trim(),
        env!("CARGO_PKG_VERSION"),
        version("rustc", "--version"),
        version("vipsthumbnail", "--vips-version"),
        if data.is_quick { "; QUICK: the sizes are too small to judge by" } else { "" },
        load.split(' ').next().unwrap_or_default(),
    )
}

/// The first line that a program says about itself.
pub fn version(program: &str, option: &str) -> String {
    let said = Command::new(program).arg(option).output().ok().map(|output| output.stdout).unwrap_or_default();
    let line = String::from_utf8_lossy(&said).lines().next().unwrap_or_default().to_owned();
    if line.is_empty() { format!("no {program}") } else { line }
}
