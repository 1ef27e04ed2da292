//! Rules of [`super`] as properties over hostile names.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use proptest::prelude::*;

use super::*;

fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// What names become when they are only composed: the most that can come back.
fn composed(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in name.utf8_chunks() {
        out.extend(chunk.valid().nfc().collect::<String>().bytes());
        out.extend(chunk.invalid());
    }
    out
}

/// Names as hostile file systems have them: any bytes but NUL and the slash, with the troublemakers made likely.
fn names() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        any::<char>().prop_map(|c| c.to_string().into_bytes()),
        proptest::collection::vec(any::<u8>(), 1..3),
        proptest::sample::select(vec![
            "%",
            "%41",
            ".",
            "..",
            " ",
            ":",
            "CON",
            "nul",
            "com1",
            "COM²",
            "\u{301}",
            "e\u{301}",
            "<\u{338}",
            "~",
            "A",
            "ß",
            "İ",
            "ς",
            ".JPG",
            "\u{85}",
            "\n",
            "|",
            "\u{1d15e}",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| {
        let mut name = pieces.concat();
        name.retain(|byte| *byte != 0 && *byte != b'/');
        if name.is_empty() { b"x".to_vec() } else { name }
    })
}

proptest! {
    #[test]
    fn every_name_gives_a_valid_component_that_reads_back(name in names()) {
        let component = encode_component(&name);
        prop_assert_eq!(check_key(&ObjectKey(format!("photos/{component}"))), Ok(()));
        prop_assert_eq!(decode_component(&component), Some(composed(&name)));
        prop_assert!(component != "." && component != ".." && !component.is_empty());
    }

    #[test]
    fn different_names_give_different_components(a in names(), b in names()) {
        prop_assert_eq!(encode_component(&a) == encode_component(&b), composed(&a) == composed(&b));
    }

    #[test]
    fn long_names_are_valid_short_and_apart(a in names(), b in names(), times in 30_usize..200) {
        let (long_a, long_b) = (a.repeat(times), b.repeat(times));
        let (key_a, key_b) = (encode_component(&long_a), encode_component(&long_b));
        prop_assert!(key_a.len() <= MAX_COMPONENT_BYTES);
        prop_assert_eq!(check_key(&ObjectKey(format!("photos/{key_a}"))), Ok(()));
        prop_assert!(decode_component(&key_a).is_some());
        prop_assert_eq!(key_a == key_b, composed(&long_a) == composed(&long_b) || long_a == long_b);
    }

    #[test]
    fn whole_keys_are_valid_at_any_depth(parts in proptest::collection::vec(names(), 1..40), times in 1_usize..40) {
        let relative = parts.iter().map(|part| part.repeat(times)).collect::<Vec<_>>().join(&b'/');
        let root = root_name(path(&parts[0]));
        let key = photo_key(&root, path(&relative));
        prop_assert!(key.0.len() <= MAX_PHOTO_KEY_BYTES, "{}", key.0.len());
        prop_assert!(key.0.starts_with("photos/"));
        prop_assert_eq!(check_key(&key), Ok(()));
        let marked = with_hash(&key, ContentHash([0xab; 32]));
        prop_assert_eq!(check_key(&marked), Ok(()));
        prop_assert_eq!(check_key(&sidecar_key(&marked)), Ok(()));
    }

    #[test]
    fn folding_is_settled_after_once_and_blind_to_case_and_form(name in "\\PC{0,12}") {
        let folded = fold(&name);
        prop_assert_eq!(fold(&folded), folded.clone());
        prop_assert_eq!(fold(&name.nfd().collect::<String>()), folded.clone());
        prop_assert_eq!(fold(&name.nfc().collect::<String>()), folded.clone());
        let upper: String = name.chars().flat_map(char::to_uppercase).collect();
        prop_assert_eq!(fold(&upper), folded);
    }
}

#[test]
fn plain_names_stay_as_they_are() {
    let key = photo_key("100CANON", path("Été 2024/IMG 0001.JPG".as_bytes()));
    assert_eq!(key.0, "photos/100CANON/Été 2024/IMG 0001.JPG");
    assert_eq!(photo_key("r", path(b"../a/./b")).0, "photos/r/.%2E/a/b");
    assert_eq!(photo_key("r", path(b"/etc/passwd")).0, "photos/r/etc/passwd");
    assert_eq!(photo_key("r", path(b"")).0, "photos/r/%00");
}

#[test]
fn what_some_system_refuses_is_escaped() {
    let cases: [(&[u8], &str); 11] = [
        (b"100%.jpg", "100%25.jpg"),
        (b"a:b*c?.jpg", "a%3Ab%2Ac%3F.jpg"),
        (b"end.", "end%2E"),
        (b"end ", "end%20"),
        (b".", "%2E"),
        (b"..", ".%2E"),
        (b"CON.jpg", "%43ON.jpg"),
        (b"com1 .tar.gz", "%63om1 .tar.gz"),
        (b"console.jpg", "console.jpg"),
        (b"\xff\xfe.jpg", "%FF%FE.jpg"),
        (b"a\nb", "a%0Ab"),
    ];
    for (name, expected) in cases {
        assert_eq!(encode_component(name), expected);
    }
    // Composed, and a mark that would join an escape's last digit is escaped with it.
    assert_eq!(encode_component("e\u{301}.jpg".as_bytes()), "é.jpg");
    assert_eq!(encode_component(":\u{301}".as_bytes()), "%3A%CC%81");
}

#[test]
fn names_that_one_folder_cannot_hold_fold_to_the_same() {
    assert_eq!(fold("photos/a/IMG.JPG"), fold("photos/A/img.jpg"));
    assert_eq!(fold("STRASSE"), fold("straße"));
    assert_eq!(fold("ΣΑΣ"), fold("σας"));
    assert_eq!(fold("e\u{301}"), fold("É"));
    assert_ne!(fold("a"), fold("á"));
}

#[test]
fn a_second_photo_gets_its_own_name_and_so_do_its_companions() {
    let hash = ContentHash([0xab; 32]);
    let key = ObjectKey("photos/r/IMG_1.JPG".into());
    let second = with_hash(&key, hash);
    assert_eq!(second.0, "photos/r/IMG_1~abababab.JPG");
    assert_eq!(with_hash(&ObjectKey("photos/r/.hidden".into()), hash).0, "photos/r/.hidden~abababab");
    let companion = |name: &str| companion_key(&second, Path::new("/in/IMG_1.JPG"), &Path::new("/in").join(name)).0;
    assert_eq!(companion("IMG_1.MOV"), "photos/r/IMG_1~abababab.MOV");
    assert_eq!(companion("IMG_1.JPG.pp3"), "photos/r/IMG_1~abababab.JPG.pp3");
    assert_eq!(companion("other.xmp"), "photos/r/other.xmp");
    assert_eq!(companion("IMG_10.MOV"), "photos/r/IMG_10.MOV");
    assert_eq!(sidecar_key(&second).0, "photos/r/IMG_1~abababab.JPG.xmp");
}

#[test]
fn the_other_keys_are_as_the_design_says() {
    assert_eq!(manifest_key("01J", 1).0, "batches/01J/0001.jsonl");
    assert_eq!(manifest_key("01J", 12_345).0, "batches/01J/12345.jsonl");
    assert_eq!(edits_key("laptop", "01J").0, "edits/laptop/01J.jsonl");
    assert_eq!(tags_key("on_device", "01J").0, "tags/on_device/01J.jsonl");
    assert_eq!(thumb_key(ContentHash([1; 32])).0, format!("thumbs/{}.jpg", "01".repeat(32)));
    assert_eq!(root_name(Path::new("/media/card/100CANON")), "100CANON");
    assert_eq!(root_name(Path::new("/")), "root");
    assert!(root_name(Path::new(&"x".repeat(250))).len() <= 200);
}

#[test]
fn hostile_keys_are_refused() {
    let long = "a/".repeat(600) + "b";
    for key in [
        "",
        "/etc/passwd",
        "a/../b",
        "..",
        ".",
        "a//b",
        "a/",
        "a\\b",
        "C:/x",
        "a\0b",
        "a/nul.txt",
        ".versions/x",
        ".VERSIONS",
        ".versions2/x",
        ".lightkeep-vault",
        "photos/.index.jsonl",
        "e\u{301}",
        &"x".repeat(256),
        &long,
    ] {
        assert!(check_key(&ObjectKey(key.into())).is_err(), "{key}");
    }
    assert_eq!(check_key(&ObjectKey("photos/.versions/x".into())), Ok(()));
}
