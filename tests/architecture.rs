//! The house's law: which folder of `src/` may use what. This test is the table's only enforcement.
//!
//! It reads `src/` as text, so that it needs no compiler plug-in and its complaints name a file and a line. The table
//! stands in `src/lib.rs`, for people; a change of one is a change of both.

use std::fs;
use std::path::{Path, PathBuf};

const MOST_LINES: usize = 600;

/// One folder's law.
struct Law {
    folder: &'static str,
    /// Sibling modules that it may name after `crate::`.
    may: &'static [&'static str],
    /// Words that must not stand in it at all.
    never: &'static [&'static str],
}

const EGUI: &[&str] = &["egui::", "eframe"];
const CLOUD: &[&str] = &["aws_sdk", "aws_config"];
const SQL: &[&str] = &["rusqlite"];
const TOKIO: &[&str] = &["tokio"];
const IO: &[&str] = &["std::fs", "std::net", "std::process", "std::env"];
// A `Duration` is a number; what is forbidden is asking what time it is.
const CLOCKS: &[&str] =
    &["SystemTime", "time::Instant", "Instant::now", "OffsetDateTime::now", "Utc::now", "Local::now"];

const LAWS: &[(Law, &[&[&str]])] = &[
    (Law { folder: "domain", may: &["domain"], never: &[] }, &[EGUI, CLOUD, SQL, TOKIO, IO, CLOCKS]),
    (Law { folder: "protocol", may: &["domain", "protocol"], never: &[] }, &[EGUI, CLOUD, SQL, TOKIO, IO]),
    (
        Law {
            folder: "engine",
            may: &[
                "protocol", "domain", "catalog", "aws", "account", "store", "tagger", "imaging", "files", "print",
                "cloud", "config", "trace", "engine", "testing",
            ],
            never: &[],
        },
        &[EGUI],
    ),
    (Law { folder: "catalog", may: &["domain", "catalog"], never: &[] }, &[EGUI, CLOUD, TOKIO]),
    (Law { folder: "aws", may: &["domain", "aws"], never: &[] }, &[EGUI, SQL]),
    (Law { folder: "account", may: &["domain", "aws", "account"], never: &[] }, &[EGUI, SQL]),
    (Law { folder: "cloud", may: &["domain", "aws", "cloud"], never: &[] }, &[EGUI, SQL]),
    (Law { folder: "store", may: &["domain", "aws", "files", "store"], never: &[] }, &[EGUI, SQL]),
    (Law { folder: "tagger", may: &["domain", "aws", "imaging", "tagger"], never: &[] }, &[EGUI, SQL]),
    (Law { folder: "imaging", may: &["domain", "imaging"], never: &[] }, &[EGUI, CLOUD, SQL, TOKIO]),
    (Law { folder: "files", may: &["domain", "files"], never: &[] }, &[EGUI, CLOUD, SQL]),
    (Law { folder: "print", may: &["domain", "print"], never: &[] }, &[EGUI, CLOUD, SQL]),
    (Law { folder: "config", may: &["domain", "config"], never: &[] }, &[EGUI, CLOUD, SQL, TOKIO]),
    (Law { folder: "trace", may: &["domain", "trace"], never: &[] }, &[EGUI, CLOUD, SQL]),
    (Law { folder: "platform", may: &["domain", "platform"], never: &[] }, &[CLOUD, SQL]),
    (Law { folder: "ui", may: &["domain", "protocol", "ui"], never: &["std::fs"] }, &[CLOUD, SQL, TOKIO, CLOCKS]),
    (
        Law {
            folder: "app",
            may: &[
                "protocol", "domain", "catalog", "account", "store", "tagger", "imaging", "files", "print", "cloud",
                "config", "trace", "engine", "platform", "ui", "app",
            ],
            never: &[],
        },
        &[SQL],
    ),
    (
        Law { folder: "cli", may: &["engine", "protocol", "domain", "config", "trace", "platform", "cli"], never: &[] },
        &[EGUI, SQL, CLOUD],
    ),
    (
        Law {
            folder: "testing",
            may: &[
                "protocol", "domain", "catalog", "account", "store", "tagger", "imaging", "files", "print", "cloud",
                "config", "trace", "engine", "platform", "testing",
            ],
            never: &[],
        },
        &[],
    ),
];

/// The program part of a source file: comments and test modules may name what they like.
fn program_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let end = text.find("\n#[cfg(test)]\nmod tests").unwrap_or(text.len());
    text[..end].lines().enumerate().map(|(number, line)| (number + 1, line.split("//").next().unwrap_or_default()))
}

/// What modules of `crate::` a line names. A macro stands at the root of the crate wherever it is written.
fn crate_modules(line: &str) -> impl Iterator<Item = &str> {
    line.split("crate::").skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        (!rest[end..].starts_with('!')).then_some(&rest[..end])
    })
}

/// Every way in which one file breaks the law.
fn breaches(path: &Path, text: &str, folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let shown = path.display();
    if !text.starts_with("//!") {
        found.push(format!("{shown}: does not begin with a `//!` line that says what it is for"));
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        found.push(format!("{shown}: {lines} lines, at most {MOST_LINES}"));
    }
    let is_test = path.components().any(|part| part.as_os_str().to_string_lossy().contains("tests"));
    let Some((law, never)) = LAWS.iter().find(|(law, _)| law.folder == folder) else {
        if !["lib", "main"].contains(&folder) {
            found.push(format!("{shown}: the folder is not in the table"));
        }
        return found;
    };
    if is_test {
        return found;
    }
    for (number, line) in program_lines(text) {
        for module in crate_modules(line).filter(|module| !module.is_empty()) {
            if !law.may.contains(&module) {
                found.push(format!("{shown}:{number}: `{folder}` must not use `crate::{module}`"));
            }
        }
        for word in law.never.iter().chain(never.iter().copied().flatten()) {
            if line.contains(word) {
                found.push(format!("{shown}:{number}: `{folder}` must not name `{word}`"));
            }
        }
    }
    found
}

#[allow(clippy::unwrap_used, reason = "a helper of tests")]
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_folder_keeps_to_the_table() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    assert!(files.len() > 20, "the sources were not found");
    let mut all = Vec::new();
    for path in files {
        let inside = path.strip_prefix(&src).unwrap().to_owned();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let folder = first.trim_end_matches(".rs").to_owned();
        all.extend(breaches(&inside, &fs::read_to_string(&path).unwrap(), &folder));
    }
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

#[test]
fn top_level_is_what_the_design_says() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "assets",
        "icons",
        "packaging",
        "tests",
        "benches",
        "README.md",
        ".ci",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "clippy.toml",
        "rustfmt.toml",
        ".gitignore",
        ".gitattributes",
        ".git",
        "target",
        ".config",
    ];
    for entry in fs::read_dir(env!("CARGO_MANIFEST_DIR")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name.as_str()), "not in the design's top level: {name}");
    }
}

#[test]
fn the_table_in_the_documentation_names_every_folder() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (law, _) in LAWS {
        assert!(text.contains(&format!("| `{}`", law.folder)), "src/lib.rs does not describe `{}`", law.folder);
    }
}

/// The law must be able to fail: each of these breaks it once.
#[test]
fn broken_examples_are_caught() {
    let check = |folder: &str, text: &str| breaches(Path::new(folder).join("x.rs").as_path(), text, folder);
    assert!(check("domain", "//! x\nuse crate::files::Disk;\n")[0].contains("crate::files"));
    assert!(check("ui", "//! x\nlet now = Instant::now();\n")[0].contains("must not name"));
    assert!(check("imaging", "//! x\nuse tokio::task;\n")[0].contains("tokio"));
    assert!(check("engine", "//! x\nuse eframe::egui;\n")[0].contains("eframe"));
    assert!(check("catalog", "//! x\nfn f() { crate::store::memory::new() }\n")[0].contains("crate::store"));
    assert!(check("domain", "use std::fmt;\n")[0].contains("`//!`"));
    assert!(check("nowhere", "//! x\n")[0].contains("not in the table"));
    assert!(check("domain", &format!("//! x\n{}", "\n".repeat(601)))[0].contains("lines"));
    assert!(check("domain", "//! x\n// use crate::files\nuse crate::domain::Seat;\n").is_empty());
}
