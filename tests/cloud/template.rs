//! The template by itself: clean by AWS's own linter, and the copy for the stand-in differs where it says so only.

use std::path::Path;
use std::process::Command;

use crate::common::servers::{server_program, weakened_template};

fn template() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging/aws/template.yaml").display().to_string()
}

#[test]
fn the_linter_has_nothing_to_say() {
    let said = Command::new(server_program("cfn-lint")).args(["--", &template()]).output().unwrap();
    let text = String::from_utf8_lossy(&said.stdout);
    assert!(said.status.success() && text.trim().is_empty(), "{text}{}", String::from_utf8_lossy(&said.stderr));
}

#[test]
fn the_linter_can_find_something() {
    let dir = tempfile::tempdir().unwrap();
    let broken = dir.path().join("broken.yaml");
    let text = std::fs::read_to_string(template()).unwrap().replace("!Ref LibraryTable", "!Ref Nothing");
    let text = text.replace("!GetAtt LibraryTable.Arn", "!GetAtt LibraryTable.Nothing");
    std::fs::write(&broken, text).unwrap();
    let said = Command::new(server_program("cfn-lint")).arg("--").arg(&broken).output().unwrap();
    assert!(!said.status.success());
}

#[test]
fn the_copy_for_the_stand_in_differs_in_three_lines() {
    let (whole, copy) = (std::fs::read_to_string(template()).unwrap(), weakened_template());
    let copy = String::from_utf8(copy).unwrap();
    let other: Vec<_> = whole.lines().zip(copy.lines()).filter(|(one, two)| one != two).collect();
    assert_eq!(whole.lines().count(), copy.lines().count());
    assert_eq!(other.len(), 3, "{other:#?}");
}
