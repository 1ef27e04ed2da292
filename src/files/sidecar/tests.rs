//! Round trips, what stays, and what is refused.

use proptest::prelude::*;

use super::*;
use crate::domain::sidecar::Person;
use crate::domain::{Flag, Rating};

/// As Lightroom writes them: attributes, a prefix of its own for everything, develop settings.
const ADOBE: &str = r#"<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0">
 <!-- a comment -->
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmp:Rating="3"
   xmp:Label="Red"
   crs:Exposure2012="+0.35">
   <dc:subject>
    <rdf:Bag>
     <rdf:li>dog</rdf:li>
     <rdf:li>lake</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <dc:description>
    <rdf:Alt>
     <rdf:li xml:lang="x-default">A dog</rdf:li>
     <rdf:li xml:lang="de">Ein Hund</rdf:li>
    </rdf:Alt>
   </dc:description>
   <crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"#;

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn said(bytes: &[u8]) -> Fields {
    Sidecar::parse(bytes).unwrap().fields().clone()
}

fn changed(text: &str, change: impl FnOnce(&mut Fields)) -> String {
    let sidecar = Sidecar::parse(text.as_bytes()).unwrap();
    let mut wanted = sidecar.fields().clone();
    change(&mut wanted);
    let bytes = sidecar.saying(&wanted, Some((600, 400))).unwrap().unwrap();
    assert!(said(&bytes).says_the_same(&wanted.tidied()));
    String::from_utf8(bytes).unwrap()
}

#[test]
fn only_the_places_that_say_something_else_change() {
    let text = changed(ADOBE, |fields| {
        fields.rating = Rating::new(5);
        fields.caption = Some("A <dog> & a lake".into());
    });
    let expected =
        ADOBE.replace("xmp:Rating=\"3\"", "xmp:Rating=\"5\"").replace(">A dog<", ">A &lt;dog&gt; &amp; a lake<");
    assert_eq!(text, expected, "all else is as it was, byte for byte");
    let text = changed(&text, |fields| {
        fields.keywords = words(&["dog", "cat"]);
        fields.label = None;
    });
    for kept in [
        "<!-- a comment -->",
        "crs:Exposure2012=\"+0.35\">",
        "Ein Hund",
        "<rdf:li>0, 0</rdf:li>",
        "<rdf:li>dog</rdf:li>",
    ] {
        assert!(text.contains(kept), "{kept} is gone from {text}");
    }
    assert!(!text.contains("lake</rdf:li>\n     <rdf:li>cat") && !text.contains("xmp:Label"), "{text}");
    for list in ["dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"] {
        assert!(text.contains(&format!("<{list}")), "{list} is not in {text}");
    }
}

#[test]
fn nothing_to_say_is_nothing_to_write() {
    let sidecar = Sidecar::parse(ADOBE.as_bytes()).unwrap();
    let fields = sidecar.fields().clone();
    assert_eq!(sidecar.saying(&fields, None), Ok(None));
    assert_eq!(fields.rating, Rating::new(3));
    assert_eq!((fields.label.as_deref(), fields.caption.as_deref()), (Some("Red"), Some("A dog")));
    assert_eq!(fields.keywords, ["dog", "lake"]);
}

#[test]
fn a_hierarchy_is_read_from_either_list_and_written_to_both() {
    let text = r#"<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><r:Description
        xmlns:rdf="urn:other" xmlns:dc="urn:third" xmlns:l="http://ns.adobe.com/lightroom/1.0/"><l:hierarchicalSubject><r:Bag>
        <r:li>Animal|Dog</r:li><r:li>Music|AC/DC</r:li><r:li>flat</r:li></r:Bag></l:hierarchicalSubject></r:Description></r:RDF>"#;
    let before = said(text.as_bytes());
    assert_eq!(before.paths, [["Animal", "Dog"], ["Music", "AC/DC"]]);
    assert_eq!(before.keywords, ["flat", "Dog", "AC/DC"]);
    let after = changed(text, |fields| fields.keywords.extend(words(&["a|b", "c/d", "new"])));
    assert!(
        after.contains("xmlns:dc2=\"http://purl.org/dc/elements/1.1/\""),
        "no prefix gets another meaning: {after}"
    );
    assert!(after.contains("<r:li>Animal/Dog</r:li>") && after.contains("<r:li>new</r:li>"), "{after}");
    assert!(!after.contains("Music/AC/DC") && after.matches("a|b").count() == 1, "{after}");
    let gone = changed(&after, |fields| {
        fields.keywords.retain(|word| word != "Dog" && word != "flat");
        fields.paths.retain(|path| path[1] != "Dog");
    });
    assert!(!gone.contains("Dog") && !gone.contains("flat"), "{gone}");
}

#[test]
fn flags_and_stars_are_where_programs_look_for_them() {
    let fresh = Sidecar::fresh().unwrap();
    let write = |fields: &Fields| String::from_utf8(fresh.saying(fields, None).unwrap().unwrap()).unwrap();
    let picked = write(&Fields { rating: Rating::new(4), flag: Flag::Pick, ..Fields::default() });
    for part in ["<xmp:Rating ", ">4</", "xmpDM:pick", "digiKam:PickLabel"] {
        assert!(picked.contains(part), "{part} is not in {picked}");
    }
    let rejected = changed(&picked, |fields| (fields.flag, fields.rating) = (Flag::Reject, None));
    assert!(rejected.contains(">-1</") && said(rejected.as_bytes()).flag == Flag::Reject, "{rejected}");
    let back = changed(&rejected, |fields| (fields.flag, fields.rating) = (Flag::None, Rating::new(2)));
    assert_eq!((said(back.as_bytes()).flag, said(back.as_bytes()).rating), (Flag::None, Rating::new(2)));
}

#[test]
fn a_colour_is_a_label_and_digikams_own_number_follows_it() {
    let fresh = Sidecar::fresh().unwrap();
    let red = Fields { label: Some("Red".into()), ..Fields::default() };
    let text = String::from_utf8(fresh.saying(&red, None).unwrap().unwrap()).unwrap();
    assert!(text.contains(">Red</") && !text.contains("ColorLabel"), "{text}");
    let digikam = text.replace(
        "<xmp:Label",
        "<digiKam:ColorLabel xmlns:digiKam=\"http://www.digikam.org/ns/1.0/\">5</digiKam:ColorLabel><xmp:Label",
    );
    let blue = changed(&digikam, |fields| fields.label = Some("Yellow".into()));
    assert!(blue.contains(">Yellow</") && blue.contains(">3</digiKam:ColorLabel>"), "{blue}");
    let none = changed(&blue, |fields| fields.label = None);
    assert!(none.contains(">0</digiKam:ColorLabel>") && said(none.as_bytes()).label.is_none(), "{none}");
    let only = none.replace(">0</digiKam", ">5</digiKam");
    assert_eq!(said(only.as_bytes()).label.as_deref(), Some("Blue"), "digiKam's alone is understood");
}

#[test]
fn regions_that_are_no_faces_stay() {
    let person = |name: &str| Person { name: name.into(), x: 0.5, y: 0.25, w: 0.125, h: 0.1 };
    let bare = changed(ADOBE, |fields| fields.people = vec![person("Ann"), person("Bob \"B\" <x>")]);
    assert!(bare.contains("stDim:w=\"600\"") && bare.contains("crs:Exposure2012"), "{bare}");
    let list = bare.rfind("<rdf:Bag>").unwrap() + "<rdf:Bag>".len();
    let pet = "<rdf:li><rdf:Description mwg-rs:Type=\"Pet\" mwg-rs:Name=\"Rex\"/></rdf:li>";
    let with_pet = format!("{}{pet}{}", &bare[..list], &bare[list..]);
    assert_eq!(said(with_pet.as_bytes()).people.len(), 2, "a pet is nobody");
    let after = changed(&with_pet, |fields| fields.people = vec![person("Bob \"B\" <x>"), person("Cy")]);
    assert!(!after.contains("Ann") && after.contains("Cy") && after.contains(pet), "{after}");
}

#[test]
fn utf16_comes_back_as_utf16_and_other_letters_are_refused() {
    let caption = |fields: &mut Fields| fields.caption = Some("Grüße 🦉".into());
    for (mark, unit) in [([0xFF, 0xFE], u16::to_le_bytes as fn(u16) -> [u8; 2]), ([0xFE, 0xFF], u16::to_be_bytes)] {
        let text = format!("<?xml version='1.0' encoding='UTF-16'?>{ADOBE}")
            .replace("<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>", "");
        let bytes: Vec<u8> = mark.into_iter().chain(text.encode_utf16().flat_map(unit)).collect();
        let sidecar = Sidecar::parse(&bytes).unwrap();
        let mut wanted = sidecar.fields().clone();
        caption(&mut wanted);
        let after = sidecar.saying(&wanted, None).unwrap().unwrap();
        assert_eq!(after[..2], mark);
        assert_eq!(said(&after).caption, wanted.caption);
        assert!(Sidecar::parse(&bytes[..bytes.len() - 1]).is_err());
    }
    let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE4</a>";
    let marked = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>a</a>";
    assert!(Sidecar::parse(latin).unwrap_err().to_string().contains("UTF-8"));
    assert!(Sidecar::parse(marked).unwrap_err().to_string().contains("iso-8859-1"));
}

#[test]
fn what_is_hostile_is_refused_in_one_line() {
    let rdf = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'";
    let bomb = format!("<!DOCTYPE x [<!ENTITY a 'aaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]><rdf:RDF {rdf}>&b;</rdf:RDF>");
    let huge = vec![b' '; 100 << 20];
    for wrong in [bomb.as_bytes(), &huge, b"", b"\xFF\xD8\xFF\xE1 a picture", b"<svg/>", b"<rdf:RDF/>", b"\0\0\0"] {
        let error = Sidecar::parse(wrong).unwrap_err().to_string();
        assert!(!error.is_empty() && !error.contains('\n') && error.len() < 200, "{error}");
    }
}

#[test]
fn an_rdf_without_a_description_gets_one() {
    for inside in ["", " ", "<other/>"] {
        let text = format!("<a:RDF xmlns:a='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>{inside}</a:RDF>");
        let text = if inside.is_empty() { text.replace("></a:RDF>", "/>") } else { text };
        let after = changed(&text, |fields| fields.keywords = words(&["x"]));
        assert!(after.contains("<a:Description a:about=\"\">") && after.contains(inside), "{after}");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Zäß ]{1,12}",
        2 => any::<String>(),
        1 => "[,|/\"'<>&;\\]\\n\\t]{1,6}",
        1 => Just("x,|/\"".repeat(2_000)),
    ]
}

fn any_fields() -> impl Strategy<Value = Fields> {
    let person = (any_text(), 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64, 0.0..1.0_f64)
        .prop_map(|(name, x, y, w, h)| Person { name, x, y, w, h });
    let flag = prop_oneof![Just(Flag::None), Just(Flag::Pick), Just(Flag::Reject)];
    let texts = (proptest::option::of(any_text()), proptest::option::of(any_text()), proptest::option::of(any_text()));
    let lists = (
        proptest::collection::vec(any_text(), 0..6),
        proptest::collection::vec(proptest::collection::vec(any_text(), 1..4), 0..4),
        proptest::collection::vec(person, 0..3),
    );
    (proptest::option::of(0..=5_u8), flag, texts, lists).prop_map(
        |(rating, flag, (label, title, caption), (keywords, paths, people))| Fields {
            rating: rating.and_then(Rating::new),
            flag,
            label,
            keywords,
            paths,
            title,
            caption,
            people,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// From nothing, and from what said something else: what is written is read again, and the rest stays.
    #[test]
    fn what_is_written_is_read_again(first in any_fields(), second in any_fields()) {
        let mut bytes = Sidecar::parse(ADOBE.as_bytes()).unwrap().saying(&first, Some((4, 3))).unwrap();
        for fields in [&second, &first, &Fields::default()] {
            let before = bytes.unwrap_or_else(|| ADOBE.as_bytes().to_vec());
            let sidecar = Sidecar::parse(&before).unwrap();
            let after = sidecar.saying(fields, None).unwrap().unwrap_or(before);
            prop_assert!(said(&after).says_the_same(&fields.tidied()));
            let text = String::from_utf8(after.clone()).unwrap();
            for kept in ["<!-- a comment -->", "crs:Exposure2012=\"+0.35\"", "<crs:ToneCurve><rdf:Seq><rdf:li>0, 0</rdf:li></rdf:Seq></crs:ToneCurve>"] {
                prop_assert!(text.contains(kept), "{} is gone", kept);
            }
            bytes = Some(after);
        }
        let fresh = Sidecar::fresh().unwrap().saying(&first, None).unwrap();
        if let Some(fresh) = fresh {
            prop_assert!(said(&fresh).says_the_same(&first.tidied()));
        }
    }

    /// Whatever the bytes: an answer, and no panic.
    #[test]
    fn anything_at_all_has_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400), at in 0..1_200_usize, byte in any::<u8>()) {
        let _ = Sidecar::parse(&bytes);
        let mut damaged = ADOBE.as_bytes().to_vec();
        let at = at % damaged.len();
        damaged[at] = byte;
        if let Ok(sidecar) = Sidecar::parse(&damaged) {
            let _ = sidecar.saying(&Fields { rating: Rating::new(1), keywords: words(&["x"]), ..Fields::default() }, None);
        }
    }
}
