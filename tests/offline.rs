//! No request leaves the machine: everything works in a network namespace with nothing in it, and the kernel's
//! counters there say that nothing was even tried.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test that fails panics, and says how to repeat it")]

mod common;

use std::ffi::OsStr;
use std::process::Command;

use common::pictures::Shot;
use common::{BIN, Lab, Ran};
use serde_json::Value;

/// The words that start a program in a network namespace of its own; `None` where the system does not allow it.
fn unshare() -> Option<Vec<&'static str>> {
    let ways = [vec!["unshare", "-n"], vec!["unshare", "-rn"]];
    let works = |way: &Vec<&str>| {
        Command::new(way[0]).args(&way[1..]).arg("true").output().is_ok_and(|output| output.status.success())
    };
    let found = ways.into_iter().find(works);
    if found.is_none() {
        eprintln!("SKIPPED: this system allows no network namespace (neither `unshare -n` nor `unshare -rn`)");
    }
    found
}

/// Runs commands one after the other; then prints the interfaces with their counters, and every socket that is there.
const SCRIPT: &str = r#"
bin=$1; library=$2; photos=$3; out=$4; up=$5
if [ "$up" = up ]; then ip link set lo up || exit 90; fi
set -e
run() { "$bin" --library "$library" --json "$@"; }
run import "$photos"
run search ''
run show "$photos/a.jpg"
run thumb "$photos/a.jpg" -o "$out/t.jpg"
run tag '' --add offline
run rate '' --rating 3
run undo
run vault "$out/vault"
run store
run status
run versions "$photos/a.jpg"
run restore "$photos/a.jpg" --version 1 --to "$out"
run verify --level 3
run print '' --layout contact --paper A4 -o "$out/p.pdf"
"$bin" --library "$out/second" --json open-store "$out/vault"
echo ---
cat /proc/net/dev
echo ---
cat /proc/net/snmp
"#;

fn run(up: &str) -> Option<()> {
    let way = unshare()?;
    let lab = Lab::new();
    lab.put("a.jpg", Shot { gps: Some((48.1, 11.6)), ..Shot::on("2024-05-17", 1) }.jpeg());
    lab.put("b.jpg", Shot::on("2024-05-18", 2).jpeg());
    std::fs::create_dir(lab.path("out")).unwrap();
    let mut command = Command::new(way[0]);
    command.args(&way[1..]).args(["sh", "-c", SCRIPT, "sh", BIN]);
    command.args([lab.library.as_os_str(), lab.photos().as_os_str(), lab.path("out").as_os_str(), OsStr::new(up)]);
    let ran = Ran::new(command.output().unwrap());
    if ran.code == 90 {
        eprintln!("SKIPPED: there is no `ip` to bring the loopback up");
        return None;
    }
    assert_eq!(ran.code, 0, "{ran:?}");
    let parts: Vec<&str> = ran.out.split("---\n").collect();
    let answers: Vec<Value> = parts[0].lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 15);
    assert_eq!(answers[14]["photos"], serde_json::json!(2));
    // Two lines of headings, then one for each interface: only the loopback, and not a byte through it.
    let interfaces: Vec<Vec<&str>> =
        parts[1].lines().skip(2).map(|line| line.split([':', ' ']).filter(|word| !word.is_empty()).collect()).collect();
    assert_eq!(interfaces.iter().map(|words| words[0]).collect::<Vec<_>>(), ["lo"], "{}", parts[1]);
    assert!(interfaces[0][1..].iter().all(|count| *count == "0"), "{}", parts[1]);
    // Nor was anything tried that the kernel had to refuse: no connection was opened, no datagram or packet asked for.
    for (protocol, fields) in [
        ("Tcp", &["ActiveOpens", "PassiveOpens", "AttemptFails", "OutSegs"][..]),
        ("Udp", &["OutDatagrams", "SndbufErrors"]),
        ("Ip", &["OutRequests", "OutNoRoutes", "OutDiscards"]),
    ] {
        for field in fields {
            assert_eq!(counter(parts[2], protocol, field), 0, "{protocol} {field}\n{}", parts[2]);
        }
    }
    Some(())
}

/// A counter of `/proc/net/snmp`: a line of names, then a line of numbers.
fn counter(text: &str, protocol: &str, field: &str) -> u64 {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(&format!("{protocol}: ")));
    let (names, numbers) = (lines.next().unwrap(), lines.next().unwrap());
    let at = names.split(' ').position(|name| name == field).unwrap();
    numbers.split(' ').nth(at).unwrap().parse().unwrap()
}

#[test]
fn everything_works_with_no_network_at_all() {
    run("down");
}

#[test]
fn no_request_is_made_where_one_could_be() {
    run("up");
}

/// The counters can tell: a program that does ask is caught.
#[test]
fn a_request_would_be_seen() {
    let Some(way) = unshare() else { return };
    let script = "ip link set lo up && (exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null; cat /proc/net/snmp";
    let output = Command::new(way[0]).args(&way[1..]).args(["bash", "-c", script]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(counter(&text, "Tcp", "ActiveOpens") > 0, "{text}");
}
