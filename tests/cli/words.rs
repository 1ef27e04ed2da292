//! The words themselves: help, wrong use, exit codes, the lock, and no display.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::common::pictures::Shot;
use crate::common::{BIN, Lab, Ran, Running, until};

const COMMANDS: [&str; 71] = [
    "import",
    "search",
    "facets",
    "show",
    "thumb",
    "tag",
    "tags",
    "tags tree",
    "tags merge",
    "tags move",
    "rate",
    "undo",
    "sidecar",
    "sidecar write",
    "sidecar read",
    "people",
    "people list",
    "people state",
    "people faces",
    "people name",
    "people accept",
    "people reject",
    "people rename",
    "people merge",
    "people split",
    "people hide",
    "people draw",
    "people no-face",
    "people consent",
    "people look",
    "people forget-all",
    "vault",
    "store",
    "status",
    "open-store",
    "versions",
    "receipt",
    "restore",
    "delete",
    "undelete",
    "verify",
    "print",
    "printers",
    "jobs",
    "ingest",
    "link",
    "cost",
    "account",
    "account use",
    "account remote",
    "account status",
    "account check",
    "account sign-up",
    "account confirm",
    "account sign-in",
    "account mfa",
    "account forgot",
    "account reset",
    "account password",
    "account sign-out",
    "account delete",
    "account token",
    "account refresh",
    "account revoke",
    "cloud",
    "cloud deploy",
    "cloud show",
    "cloud doctor",
    "cloud remove",
    "completions",
    "",
];

/// Every word of every help, and with it every JSON key: a contract with scripts.
#[test]
fn help_is_pinned() {
    let mut all = String::new();
    for name in COMMANDS {
        let mut command = Command::new(BIN);
        command.args(name.split(' ').chain(["--help"]).filter(|word| !word.is_empty())).env("COLUMNS", "100");
        let ran = Ran::new(command.output().unwrap());
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{name}");
        all.push_str(&format!("===== lightkeep {name}\n{}\n", ran.out));
    }
    insta::with_settings!({ snapshot_path => "../snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("help", all);
    });
}

#[test]
fn wrong_use_is_two_and_one_object() {
    let lab = Lab::new();
    for args in [
        vec!["nonsense"],
        vec!["import"],
        vec!["search", "--limit", "many"],
        vec!["show"],
        vec!["verify", "--level", "4"],
        vec!["restore", "x"],
        vec!["completions", "cobol"],
        vec!["search", "--no-such-flag"],
        vec!["rate", "", "--flag", "maybe"],
    ] {
        lab.error(args.clone(), 2, "usage");
        let ran = lab.run(args.clone());
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(!ran.err.is_empty());
    }
    assert!(!lab.library.exists(), "wrong words make no library");
}

#[test]
fn an_empty_library_answers_everything() {
    let lab = Lab::new();
    assert_eq!(lab.ok(["search", ""]), json!({"total": 0, "photos": []}));
    assert_eq!(lab.ok(["status"])["photos"], json!(0));
    assert_eq!(lab.ok(["undo"])["changed"], json!(0));
    assert_eq!(lab.ok(["verify", "--level", "3"])["checked"], json!(0));
    assert_eq!(lab.ok(["store"])["stored"], json!(0));
    assert_eq!(lab.ok(["rate", "", "--rating", "1"])["changed"], json!(0));
    lab.error(["show", "abc"], 3, "not_found");
}

#[test]
fn completions_are_scripts() {
    for (shell, word) in [("bash", "_lightkeep"), ("zsh", "#compdef"), ("fish", "complete -c lightkeep")] {
        let ran = Ran::new(Command::new(BIN).args(["completions", shell]).output().unwrap());
        assert!(ran.code == 0 && ran.out.contains(word), "{shell}");
    }
    let ran = Ran::new(Command::new(BIN).arg("--version").output().unwrap());
    assert_eq!((ran.code, ran.out.starts_with("lightkeep ")), (0, true));
}

/// Another process, not ours, holds the library's lock until it is killed.
fn hold(lab: &Lab) -> Running {
    let mut child = Command::new("flock")
        .arg(lab.library.join("lock"))
        .args(["sh", "-c", "echo held; exec cat"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("flock (util-linux) is there");
    let mut said = [0; 5];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut said).unwrap();
    assert_eq!(&said, b"held\n");
    Running(child)
}

#[test]
fn while_another_process_writes_commands_that_write_say_four_and_reading_goes_on() {
    let lab = Lab::new();
    let path = lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let photo = path.to_str().unwrap();
    let (thumb, pdf, other) = (lab.path("t.jpg"), lab.path("p.pdf"), lab.path("other"));
    let (thumb, pdf, other) = (thumb.to_str().unwrap(), pdf.to_str().unwrap(), other.to_str().unwrap());
    let held = hold(&lab);
    for args in [
        vec!["import", photo],
        vec!["tag", "", "--add", "x"],
        vec!["rate", "", "--rating", "1"],
        vec!["undo"],
        vec!["store"],
        vec!["vault", other],
        vec!["open-store", other],
        vec!["restore", photo, "--version", "1", "--in-place"],
    ] {
        lab.error(args, 4, "busy");
    }
    for args in [
        vec!["search", ""],
        vec!["show", photo],
        vec!["thumb", photo, "-o", thumb],
        vec!["status"],
        vec!["vault"],
        vec!["versions", photo],
        vec!["verify", "--level", "3"],
        vec!["restore", photo, "--version", "1", "--to", lab.dir.path().to_str().unwrap()],
        vec!["print", "", "--layout", "single", "--paper", "A4", "-o", pdf],
    ] {
        lab.ok(args);
    }
    drop(held);
    let mut last = 0;
    until("the lock is free again", || {
        last = lab.any(["rate", "", "--rating", "1"]).0;
        last == 0
    });
}

#[test]
fn reading_goes_on_while_an_import_writes() {
    let lab = Lab::new();
    for n in 0..150 {
        lab.put(format!("{n:03}.jpg"), Shot { size: (200, 150), ..Shot::on("2024-05-17", n) }.jpeg());
    }
    let mut import = lab.command([OsStr::new("import"), lab.photos().as_os_str()]);
    let mut import = Running(import.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    until("the import has begun", || lab.library.join("vault").is_dir());
    let mut seen = Vec::new();
    until("the import has ended", || {
        seen.push(lab.ok(["search", ""])["total"].as_u64().unwrap());
        import.0.try_wait().unwrap().is_some()
    });
    assert!(seen.is_sorted(), "never fewer than before: {seen:?}");
    assert_eq!(lab.found("stored:yes").len(), 150);
}

#[test]
fn without_a_display_the_program_says_so_in_one_line() {
    let lab = Lab::new();
    let ran = lab.run::<_, &str>([]);
    assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    assert_eq!(ran.err.trim_end().lines().count(), 1, "{ran:?}");
    for name in COMMANDS.into_iter().filter(|name| !["", "completions"].contains(name)) {
        let name = name.split(' ').next().unwrap();
        assert!(ran.err.contains(name), "{name}: {ran:?}");
    }
    let ran = lab.run(["--json"]);
    assert_eq!(ran.code, 2, "{ran:?}");
    assert!(ran.out.is_empty() || ran.json()["error"]["code"].is_string(), "{ran:?}");
    assert!(!lab.library.exists());
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let mut child = lab.command(["search", ""]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::new(child.wait_with_output().unwrap());
    assert!(ran.err.is_empty(), "{ran:?}");
}

#[test]
fn a_trace_is_json_lines() {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    let trace = lab.path("trace.jsonl");
    lab.ok([OsStr::new("--trace"), trace.as_os_str(), OsStr::new("import"), lab.photos().as_os_str()]);
    let text = std::fs::read_to_string(trace).unwrap();
    assert!(!text.is_empty());
    for line in text.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}
