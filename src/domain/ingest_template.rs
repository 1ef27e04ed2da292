//! Where the files of a card go: a template like `{year}/{date} {name}`, filled in and made safe as folder names.
//!
//! Whatever a card or a camera is called, the result is a relative path of plain names: it never leaves the folder that
//! it is put below, and it can be made on every file system.

use std::path::PathBuf;
use std::str::FromStr;

/// The template that is used where none is given.
pub const USUAL: &str = "{year}/{date} {name}";
/// The longest folder name that is made, in bytes: room for ` (2)` and for what file systems encode.
const MOST_NAME_BYTES: usize = 120;
/// The longest template, in bytes.
const MOST_TEMPLATE_BYTES: usize = 1_000;

/// What can stand in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Year,
    Month,
    Day,
    Date,
    Name,
    Camera,
}

impl Field {
    const ALL: [(&'static str, Self); 6] = [
        ("year", Self::Year),
        ("month", Self::Month),
        ("day", Self::Day),
        ("date", Self::Date),
        ("name", Self::Name),
        ("camera", Self::Camera),
    ];
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
}

/// A template that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestTemplate {
    /// One list for each folder.
    folders: Vec<Vec<Piece>>,
}

/// What a template is filled in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFacts<'a> {
    /// Year, month, day on the wall clock of the camera.
    pub ymd: (i32, u8, u8),
    /// The card's name.
    pub name: &'a str,
    /// The camera's name, where it is known.
    pub camera: Option<&'a str>,
}

impl FromStr for IngestTemplate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() > MOST_TEMPLATE_BYTES {
            return Err(format!("a template has at most {MOST_TEMPLATE_BYTES} bytes"));
        }
        if text.starts_with('/') || text.split('/').any(|folder| matches!(folder.trim(), "." | "..")) {
            return Err(format!("a template names folders below the one given, without `.` and `..`: {text}"));
        }
        let folders: Result<Vec<_>, String> =
            text.split('/').filter(|folder| !folder.trim().is_empty()).map(pieces).collect();
        Ok(Self { folders: folders? })
    }
}

fn pieces(folder: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = folder;
    while let Some(start) = rest.find(['{', '}']) {
        let wrong = || {
            let known: Vec<String> = Field::ALL.iter().map(|(name, _)| format!("{{{name}}}")).collect();
            format!("a template has the fields {}, not: {}", known.join(" "), &rest[start..])
        };
        let (before, field) = rest.split_at(start);
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let (name, after) = field.strip_prefix('{').and_then(|field| field.split_once('}')).ok_or_else(wrong)?;
        let (_, field) = Field::ALL.iter().find(|(known, _)| *known == name).ok_or_else(wrong)?;
        pieces.push(Piece::Field(*field));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

impl IngestTemplate {
    /// The folders for a file: a relative path of plain names, maybe empty.
    #[must_use]
    pub fn folder(&self, facts: &TemplateFacts<'_>) -> PathBuf {
        let (year, month, day) = facts.ymd;
        let mut path = PathBuf::new();
        for folder in &self.folders {
            let mut name = String::new();
            for piece in folder {
                match piece {
                    Piece::Text(text) => name.push_str(text),
                    Piece::Field(Field::Year) => name.push_str(&format!("{year:04}")),
                    Piece::Field(Field::Month) => name.push_str(&format!("{month:02}")),
                    Piece::Field(Field::Day) => name.push_str(&format!("{day:02}")),
                    Piece::Field(Field::Date) => name.push_str(&format!("{year:04}-{month:02}-{day:02}")),
                    Piece::Field(Field::Name) => name.push_str(facts.name),
                    Piece::Field(Field::Camera) => name.push_str(facts.camera.unwrap_or("unknown camera")),
                }
            }
            let name = plain_name(&name);
            if !name.is_empty() {
                path.push(name);
            }
        }
        path
    }
}

/// A name for one folder or file that every file system takes: no separators, controls or characters that Windows
/// refuses, no dots or spaces at its ends, no device. May be empty.
#[must_use]
pub fn plain_name(text: &str) -> String {
    let refused = |c: char| c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let swapped: String = text.chars().map(|c| if refused(c) { '_' } else { c }).collect();
    let at_ends = |c: char| c == '.' || c.is_whitespace();
    let mut name = swapped.trim_matches(at_ends);
    if name.len() > MOST_NAME_BYTES {
        let end = (0..=MOST_NAME_BYTES).rev().find(|at| name.is_char_boundary(*at)).unwrap_or(0);
        name = name[..end].trim_end_matches(at_ends);
    }
    let base = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered = |device: &str| {
        base.strip_prefix(device).is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    };
    if matches!(base.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT") {
        return format!("_{name}");
    }
    name.to_owned()
}

/// The name with a number before its first dot: `IMG_1.jpg.xmp` becomes `IMG_1 (2).jpg.xmp`, so that what belongs
/// together keeps one base name. Number 1 is the name itself.
#[must_use]
pub fn numbered_name(name: &std::ffi::OsStr, number: u32) -> std::ffi::OsString {
    if number < 2 {
        return name.to_owned();
    }
    let bytes = name.as_encoded_bytes();
    // A dot at the very beginning is part of the name.
    let dot = bytes.iter().skip(1).position(|byte| *byte == b'.').map_or(bytes.len(), |at| at + 1);
    match name.to_str() {
        Some(text) => format!("{} ({number}){}", &text[..dot], &text[dot..]).into(),
        None => {
            let mut whole = name.to_owned();
            whole.push(format!(" ({number})"));
            whole
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::{Component, Path};

    use proptest::prelude::*;

    use super::*;

    fn filled(template: &str, name: &str, camera: Option<&str>) -> PathBuf {
        let facts = TemplateFacts { ymd: (2024, 5, 7), name, camera };
        template.parse::<IngestTemplate>().unwrap().folder(&facts)
    }

    #[test]
    fn fields_become_folders() {
        assert_eq!(filled(USUAL, "EOS_DIGITAL", None), Path::new("2024/2024-05-07 EOS_DIGITAL"));
        assert_eq!(
            filled("{year}/{month}/{day}/{camera}", "x", Some("Canon EOS 5D")),
            Path::new("2024/05/07/Canon EOS 5D")
        );
        assert_eq!(filled("a//{camera}/", "x", None), Path::new("a/unknown camera"));
        assert_eq!(filled("", "x", None), Path::new(""));
    }

    #[test]
    fn names_from_outside_cannot_leave_the_folder() {
        assert_eq!(filled("{name}/a", "../../etc", None), Path::new("_.._etc/a"));
        assert_eq!(filled("{name}/a", "..", None), Path::new("a"), "a name of dots is none");
        assert_eq!(filled("{name}", "/etc/passwd", None), Path::new("_etc_passwd"));
        assert_eq!(filled("{name}", "C:\\x", None), Path::new("C__x"));
        assert_eq!(filled("{name}", "con.txt", None), Path::new("_con.txt"));
        assert_eq!(filled("{name}", ".hidden. ", None), Path::new("hidden"));
    }

    #[test]
    fn what_is_no_template_is_named() {
        for wrong in ["/abs", "a/../b", "..", "./a", "{nam}", "{year", "year}", "{{year}}"] {
            assert!(wrong.parse::<IngestTemplate>().is_err(), "{wrong}");
        }
        assert!("{nam}".parse::<IngestTemplate>().unwrap_err().contains("{year} {month} {day} {date} {name} {camera}"));
    }

    #[test]
    fn numbers_go_before_the_first_dot() {
        let name = |name: &str, number| numbered_name(OsStr::new(name), number).into_string().unwrap();
        assert_eq!(name("IMG_1.JPG", 1), "IMG_1.JPG");
        assert_eq!(name("IMG_1.JPG", 2), "IMG_1 (2).JPG");
        assert_eq!(name("IMG_1.jpg.xmp", 3), "IMG_1 (3).jpg.xmp");
        assert_eq!(name(".nomedia", 2), ".nomedia (2)");
        assert_eq!(name("README", 2), "README (2)");
    }

    proptest! {
        #[test]
        fn no_name_escapes(template in "(\\{(year|month|day|date|name|camera)\\}|[a-z. /\\\\:]){0,12}", name in "\\PC{0,40}|[./\\\\]{0,9}", camera in ".{0,300}") {
            let Ok(parsed) = template.parse::<IngestTemplate>() else { return Ok(()) };
            let folder = parsed.folder(&TemplateFacts { ymd: (1999, 12, 31), name: &name, camera: Some(&camera) });
            prop_assert!(folder.is_relative());
            for part in folder.components() {
                let Component::Normal(part) = part else { return Err(TestCaseError::fail(format!("{folder:?}"))) };
                let part = part.to_str().unwrap();
                prop_assert!(!part.is_empty() && part.len() <= MOST_NAME_BYTES + 1);
                prop_assert!(!part.starts_with('.') && !part.ends_with(['.', ' ']), "{}", part);
                prop_assert!(!part.chars().any(|c| c.is_control() || "/\\:*?\"<>|".contains(c)), "{}", part);
                prop_assert_eq!(&plain_name(part), part, "once is enough");
            }
        }
    }
}
