//! `sidecar write` and `sidecar read`, with the programs that photographers use: what we write they read, what they
//! write we read, and nothing is lost on the way.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::common::pictures::{Shot, xmp};
use crate::common::{Lab, keys};

/// Words that separators, quotes and letters of other alphabets are hidden in.
const WORDS: [&str; 5] = ["dog", "Straße, nass", "a \"quoted\" <tag>", "père & fils", "夕焼け"];

/// Runs another program where all must be well; what it printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("tests/run installs it: {command:?}: {error}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{command:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn exiftool(file: &Path, args: &[&str]) -> String {
    run(Command::new("exiftool").args(["-overwrite_original", "-charset", "utf8"]).args(args).arg(file))
}

/// All that exiftool finds in a file, by `Group:Name`.
fn exiftool_json(file: &Path) -> Value {
    let text = exiftool(file, &["-json", "-struct", "-G1", "-n"]);
    serde_json::from_str::<Value>(&text).unwrap()[0].clone()
}

fn exiv2(file: &Path, commands: &[&str]) -> String {
    let commands = commands.iter().flat_map(|command| ["-M", command]);
    run(Command::new("exiv2").args(commands).arg(file))
}

/// All that exiv2 finds: key and value of each line.
fn exiv2_lines(file: &Path) -> Vec<(String, String)> {
    let text = run(Command::new("exiv2").args(["-q", "-PXkv", "print"]).arg(file));
    let lines = text.lines().filter_map(|line| line.split_once(char::is_whitespace));
    lines.map(|(key, value)| (key.to_owned(), value.trim().to_owned())).collect()
}

fn lab() -> (Lab, PathBuf) {
    let lab = Lab::new();
    lab.put("a.jpg", Shot::on("2024-05-17", 1).jpeg());
    lab.import();
    let sidecar = lab.photos().join("a.jpg.xmp");
    (lab, sidecar)
}

fn decide(lab: &Lab) {
    let adds = WORDS.iter().flat_map(|word| ["--add", word]);
    lab.ok(["tag", "a"].into_iter().chain(adds));
    lab.ok(["rate", "a", "--rating", "4"]);
    lab.ok(["rate", "a", "--flag", "pick"]);
}

/// The words that were written by somebody, in the order of the photo.
fn written(lab: &Lab) -> Vec<String> {
    let photo = lab.show(lab.photos().join("a.jpg"));
    let tags = photo["tag_sources"].as_array().unwrap().iter();
    let ours = tags.filter(|tag| ["user", "keyword"].contains(&tag["source"].as_str().unwrap()));
    ours.map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
}

fn sorted(words: &Value) -> Vec<String> {
    let mut words: Vec<String> = match words {
        Value::Array(all) => {
            all.iter().map(|word| word.as_str().map_or_else(|| word.to_string(), ToOwned::to_owned)).collect()
        }
        one => vec![one.as_str().unwrap().to_owned()],
    };
    words.sort();
    words
}

fn all_words() -> Vec<String> {
    sorted(&json!(WORDS))
}

#[test]
fn writing_and_reading_say_what_they_did() {
    let (lab, sidecar) = lab();
    let report = lab.ok(["sidecar", "write"]);
    assert_eq!(keys(&report), ["conflicts", "failed", "merged", "unchanged", "written"]);
    assert_eq!((&report["written"], sidecar.exists()), (&json!(0), false));
    decide(&lab);
    assert_eq!(lab.ok(["sidecar", "write", "a"])["written"], json!(1));
    let again = lab.ok(["sidecar", "write"]);
    assert_eq!((&again["written"], &again["unchanged"]), (&json!(0), &json!(1)));
    // It is a companion like any other: stored, checked, brought back.
    let photo = lab.show(lab.photos().join("a.jpg"));
    assert_eq!(photo["companions"][0]["stored"], json!(true), "{photo}");
    assert!(lab.tree(lab.vault()).keys().any(|key| key.ends_with("a.jpg.xmp")));
    lab.verified();
    // Broken by somebody else: left alone, and told.
    std::fs::write(&sidecar, "<x:xmpmeta").unwrap();
    let (code, report) = lab.any(["sidecar", "read"]);
    assert_eq!((code, report["failed"].as_array().unwrap().len()), (1, 1), "{report}");
    let (code, report) = lab.any(["sidecar", "write"]);
    assert_eq!((code, &report["written"]), (1, &json!(0)));
    assert_eq!(std::fs::read(&sidecar).unwrap(), b"<x:xmpmeta");
}

#[test]
fn a_conflict_is_told_in_the_report_and_by_an_import() {
    let (lab, sidecar) = lab();
    decide(&lab);
    lab.ok(["sidecar", "write"]);
    let text = std::fs::read_to_string(&sidecar).unwrap();
    lab.change("a.jpg.xmp", text.replace(">4<", ">1<"));
    lab.ok(["rate", "a", "--rating", "5"]);
    let report = lab.ok(["sidecar", "read"]);
    let path = sidecar.to_str().unwrap();
    assert_eq!(report["conflicts"], json!([{"path": path, "field": "rating", "here": "5", "there": "1"}]));
    assert_eq!(lab.names("rating:5"), ["a.jpg"]);
    assert_eq!(lab.ok(["sidecar", "write"])["written"], json!(1), "it stays here, and is written there");
    let text = std::fs::read_to_string(&sidecar).unwrap();
    lab.change("a.jpg.xmp", text.replace(">5<", ">2<"));
    lab.ok(["rate", "a", "--rating", "3"]);
    let ran = lab.run([std::ffi::OsStr::new("import"), lab.photos().as_os_str()]);
    assert!(ran.code == 0 && ran.out.contains("rating 3 here, 2 there"), "{ran:?}");
}

#[test]
fn where_settings_say_so_every_edit_is_written() {
    let (lab, sidecar) = lab();
    std::fs::write(lab.library.join("config.toml"), "[sidecars]\nwrite = \"always\"\n").unwrap();
    lab.ok(["rate", "a", "--rating", "4"]);
    assert_eq!(exiftool_json(&sidecar)["XMP-xmp:Rating"], json!(4));
    lab.ok(["undo"]);
    assert_eq!(exiftool_json(&sidecar)["XMP-xmp:Rating"], json!(0));
}

#[test]
fn what_we_write_exiftool_and_exiv2_read() {
    let (lab, sidecar) = lab();
    lab.put("a.xmp", xmp(&[], None, Some("Über den &lt;Wolken&gt; &amp; &#34;Seen&#34;")));
    lab.import();
    decide(&lab);
    assert_eq!(lab.ok(["sidecar", "write"])["written"], json!(1));
    let caption = "Über den <Wolken> & \"Seen\"";
    let seen = exiftool_json(&sidecar);
    assert!(seen.get("ExifTool:Warning").is_none() && seen.get("ExifTool:Error").is_none(), "{seen}");
    assert_eq!((&seen["XMP-xmp:Rating"], &seen["XMP-xmpDM:Pick"]), (&json!(4), &json!(1)), "{seen}");
    assert_eq!(sorted(&seen["XMP-dc:Subject"]), all_words());
    assert_eq!(sorted(&seen["XMP-lr:HierarchicalSubject"]), all_words());
    assert_eq!(sorted(&seen["XMP-digiKam:TagsList"]), all_words());
    assert_eq!(seen["XMP-dc:Description"], json!(caption));
    let seen = exiv2_lines(&sidecar);
    let value = |key: &str| seen.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    assert_eq!(value("Xmp.xmp.Rating"), Some("4"), "{seen:?}");
    assert_eq!(value("Xmp.digiKam.PickLabel"), Some("3"));
    assert_eq!(value("Xmp.dc.description"), Some(format!("lang=\"x-default\" {caption}").as_str()));
    let subject = value("Xmp.dc.subject").unwrap();
    assert!(WORDS.iter().all(|word| subject.contains(word)), "{subject}");
}

#[test]
fn what_exiftool_writes_we_read_and_both_ways_nothing_is_lost() {
    let (lab, sidecar) = lab();
    let mut args: Vec<String> = WORDS.iter().map(|word| format!("-XMP-dc:Subject={word}")).collect();
    args.extend([
        "-XMP-xmp:Rating=3".to_owned(),
        "-XMP-xmp:Label=Red".to_owned(),
        "-XMP-dc:Title=Title".to_owned(),
        "-XMP-dc:Description=Words".to_owned(),
        "-XMP-dc:Description-de=Wörter".to_owned(),
        "-XMP-lr:HierarchicalSubject=Animal|dog".to_owned(),
        "-XMP-crs:Exposure2012=+0.35".to_owned(),
        "-XMP-photoshop:City=Köln".to_owned(),
        "-XMP-mwg-rs:RegionInfo={AppliedToDimensions={W=600,H=400,Unit=pixel},RegionList=[{Area={X=0.5,Y=0.25,W=0.1,\
         H=0.2,Unit=normalized},Name=Ann,Type=Face},{Area={X=0.1,Y=0.1,W=0.1,H=0.1,Unit=normalized},Name=Rex,Type=Pet}]}"
            .to_owned(),
    ]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    exiftool(&sidecar, &args);
    let before = exiftool_json(&sidecar);
    lab.import();
    assert_eq!(sorted(&json!(written(&lab))), all_words());
    let photo = lab.show(lab.photos().join("a.jpg"));
    assert_eq!((&photo["rating"], &photo["exif"]["caption"]), (&json!(3), &json!("Words")), "{photo}");
    lab.ok(["rate", "a", "--rating", "5"]);
    lab.ok(["tag", "a", "--add", "new", "--remove", "dog"]);
    assert_eq!(lab.ok(["sidecar", "write"])["written"], json!(1));
    let after = exiftool_json(&sidecar);
    assert_eq!(after["XMP-xmp:Rating"], json!(5));
    let expected: Vec<&str> = WORDS[1..].iter().copied().chain(["new"]).collect();
    assert_eq!(sorted(&after["XMP-dc:Subject"]), sorted(&json!(expected)));
    assert!(!after.to_string().contains("Animal|dog"), "{after}");
    let changed = ["Rating", "Subject", "HierarchicalSubject", "TagsList", "FileModifyDate", "FileSize", "Date"];
    for (key, value) in before.as_object().unwrap() {
        if !changed.iter().any(|name| key.contains(name)) {
            assert_eq!(after.get(key), Some(value), "{key} is not as it was");
        }
    }
}

#[test]
fn what_exiv2_writes_we_read_and_back_again() {
    let (lab, sidecar) = lab();
    decide(&lab);
    lab.ok(["sidecar", "write"]);
    exiv2(
        &sidecar,
        &[
            "set Xmp.xmp.Rating 2",
            "set Xmp.dc.description lang=x-default From exiv2",
            "set Xmp.dc.subject XmpBag one more",
            "set Xmp.photoshop.City Köln",
        ],
    );
    let report = lab.ok(["sidecar", "read"]);
    assert_eq!((&report["conflicts"], report["failed"].as_array().unwrap().len()), (&json!([]), 0), "{report}");
    let photo = lab.show(lab.photos().join("a.jpg"));
    assert_eq!((&photo["rating"], &photo["exif"]["caption"]), (&json!(2), &json!("From exiv2")), "{photo}");
    assert!(written(&lab).contains(&"one more".to_owned()), "{photo}");
    lab.ok(["rate", "a", "--flag", "reject"]);
    assert_eq!(lab.ok(["sidecar", "write"])["written"], json!(1));
    let seen = exiv2_lines(&sidecar);
    let value = |key: &str| seen.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str());
    assert_eq!((value("Xmp.xmp.Rating"), value("Xmp.photoshop.City")), (Some("-1"), Some("Köln")), "{seen:?}");
}

/// darktable exports a photo with its sidecar; the packet in the export is what darktable made of it.
fn darktable(lab: &Lab, sidecar: &Path, name: &str) -> PathBuf {
    let out = lab.path(name);
    let mut command = Command::new("darktable-cli");
    command.arg(lab.photos().join("a.jpg")).arg(sidecar).arg(&out);
    command.args(["--core", "--library", ":memory:", "--conf", "opencl=FALSE", "--configdir"]).arg(lab.path("dt"));
    command.arg("--cachedir").arg(lab.path("dt-cache")).env("HOME", lab.dir.path());
    run(&mut command);
    out
}

#[test]
fn what_we_write_darktable_reads_and_its_history_stays() {
    let (lab, sidecar) = lab();
    // darktable itself parts keywords at commas.
    lab.ok(["tag", "a", "--add", "dog", "--add", "a \"quoted\" <tag>", "--add", "夕焼け"]);
    lab.ok(["rate", "a", "--rating", "4"]);
    lab.ok(["sidecar", "write"]);
    let seen = exiftool_json(&darktable(&lab, &sidecar, "first.jpg"));
    let words = ["dog", "a \"quoted\" <tag>", "夕焼け"];
    assert_eq!(
        (&seen["XMP-xmp:Rating"], sorted(&seen["XMP-dc:Subject"])),
        (&json!(4), sorted(&json!(words))),
        "{seen}"
    );
    // The other way round: darktable's own packet as the sidecar, with its history.
    run(Command::new("exiv2").args(["-f", "-eX", "-l"]).arg(lab.dir.path()).arg(lab.path("first.jpg")));
    let packet = std::fs::read_to_string(lab.path("first.xmp")).unwrap();
    lab.change("a.jpg.xmp", packet.replace("xmp:Rating=\"4\"", "xmp:Rating=\"2\""));
    let before = exiftool_json(&sidecar);
    assert!(before["XMP-darktable:History"].is_array(), "{before}");
    let report = lab.ok(["sidecar", "read"]);
    assert_eq!((&report["merged"], &report["conflicts"]), (&json!(1), &json!([])), "{report}");
    assert_eq!(lab.names("rating:2"), ["a.jpg"]);
    lab.ok(["rate", "a", "--rating", "5"]);
    lab.ok(["tag", "a", "--add", "new"]);
    assert_eq!(lab.ok(["sidecar", "write"])["written"], json!(1));
    let after = exiftool_json(&sidecar);
    assert_eq!(after["XMP-darktable:History"], before["XMP-darktable:History"]);
    let seen = exiftool_json(&darktable(&lab, &sidecar, "second.jpg"));
    assert_eq!(seen["XMP-xmp:Rating"], json!(5));
    assert!(sorted(&seen["XMP-dc:Subject"]).contains(&"new".to_owned()), "{seen}");
}
