//! `print`: pages, papers and what is said.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::common::Lab;
use crate::common::pictures::Shot;

fn lab(photos: u32) -> Lab {
    let lab = Lab::new();
    for n in 0..photos {
        let orientation = if n == 1 { 6 } else { 1 };
        let shot = Shot { size: (300, 200), orientation, ..Shot::on("2024-05-17", n) };
        lab.put(format!("Ångström {n}.jpg"), shot.jpeg());
    }
    lab.import();
    lab
}

/// Page count, and the size of the first page in points, as poppler reads them; `None` where there is no poppler.
fn pdfinfo(file: &Path) -> Option<(u64, (f64, f64))> {
    let output = Command::new("pdfinfo").arg(file).output().ok()?;
    let text = String::from_utf8(output.stdout).unwrap();
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    let size = value("Page size:");
    let sides: Vec<f64> = size.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    Some((value("Pages:").parse().unwrap(), (sides[0], sides[1])))
}

#[test]
fn every_layout_and_paper_makes_its_pages() {
    let lab = lab(5);
    let file = lab.path("out.pdf");
    let out = file.to_str().unwrap();
    let mm = |points: f64| points * 25.4 / 72.0;
    for (args, pages, size) in [
        (vec!["--layout", "single", "--paper", "A4"], 5, (210.0, 297.0)),
        (vec!["--layout", "single", "--paper", "A3", "--landscape", "--fill"], 5, (420.0, 297.0)),
        (vec!["--layout", "contact", "--rows", "2", "--columns", "2", "--paper", "Letter"], 2, (215.9, 279.4)),
        (vec!["--layout", "contact", "--rows", "1", "--columns", "2", "--paper", "10x15"], 3, (100.0, 150.0)),
        (vec!["--layout", "single", "--paper", "13x18", "--margin-mm", "0", "--copies", "2"], 10, (130.0, 180.0)),
        (
            vec!["--layout", "contact", "--paper", "A4", "--caption", "name,date,camera,exposure", "--page-numbers"],
            1,
            (210.0, 297.0),
        ),
    ] {
        let answer = lab.ok(["print", "", "-o", out].into_iter().chain(args.iter().copied()));
        let photos = 5;
        assert_eq!(answer, json!({"pages": pages, "photos": photos, "file": out}), "{args:?}");
        assert!(fs::read(&file).unwrap().starts_with(b"%PDF-"));
        if let Some((found, (width, height))) = pdfinfo(&file) {
            assert_eq!(found, pages, "{args:?}");
            assert!((mm(width) - size.0).abs() < 0.1 && (mm(height) - size.1).abs() < 0.1, "{args:?} {width} {height}");
        }
    }
}

#[test]
fn captions_with_accents_can_be_read_from_the_file() {
    let lab = lab(1);
    let file = lab.path("out.pdf");
    lab.ok(["print", "", "--layout", "contact", "--paper", "A4", "--caption", "name", "-o", file.to_str().unwrap()]);
    if let Ok(output) = Command::new("pdftotext").arg(&file).arg("-").output() {
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Ångström 0"), "{text}");
    }
}

#[test]
fn wrong_words_are_wrong_use_and_leave_nothing() {
    let lab = lab(1);
    let out = lab.path("out.pdf");
    let out = out.to_str().unwrap();
    for args in [
        vec!["--layout", "single", "--paper", "Z9"],
        vec!["--layout", "round", "--paper", "A4"],
        vec!["--layout", "contact", "--paper", "A4", "--rows", "0"],
        vec!["--layout", "single", "--paper", "A4", "--margin-mm", "500"],
        vec!["--layout", "single", "--paper", "A4", "--margin-mm", "nan"],
        vec!["--layout", "single", "--paper", "A4", "--caption", "shoe-size"],
        vec!["--layout", "single"],
    ] {
        lab.error(["print", "", "-o", out].into_iter().chain(args.iter().copied()), 2, "usage");
    }
    assert!(!Path::new(out).exists());
    let (code, answer) = lab.any(["print", "nothing-is-called-this", "--layout", "single", "--paper", "A4", "-o", out]);
    assert!(code == 2 || code == 3, "no photo, no page: {code} {answer}");
    let nowhere = lab.path("no/such/out.pdf");
    lab.error(["print", "", "--layout", "single", "--paper", "A4", "-o", nowhere.to_str().unwrap()], 3, "unavailable");
}

#[test]
fn a_photo_that_is_gone_is_a_marked_frame_and_said() {
    let lab = lab(2);
    let before = lab.found("");
    let gone = before[0]["path"].as_str().unwrap();
    fs::remove_file(gone).unwrap();
    fs::remove_dir_all(lab.vault().join("photos")).unwrap();
    let file = lab.path("out.pdf");
    let ran = lab.run(["print", "", "--layout", "single", "--paper", "A4", "-o", file.to_str().unwrap()]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains(gone), "{ran:?}");
    assert!(file.is_file());
}

#[test]
fn an_original_is_never_the_file_that_is_written() {
    let lab = lab(1);
    let original = lab.photos().join("Ångström 0.jpg");
    let before = fs::read(&original).unwrap();
    let link = lab.path("link.jpg");
    std::os::unix::fs::symlink(&original, &link).unwrap();
    for file in [&original, &link] {
        let file = file.to_str().unwrap();
        lab.error(["print", "", "--layout", "single", "--paper", "A4", "-o", file], 2, "usage");
        lab.error(["thumb", original.to_str().unwrap(), "-o", file], 2, "usage");
    }
    assert_eq!(fs::read(&original).unwrap(), before);
}
