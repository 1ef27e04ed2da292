//! A path that is typed or pasted: always there where a dialog cannot be opened.
//!
//! What people paste is a path, a path in quotes as terminals write it, or what file managers copy: `file://` addresses,
//! one or several. All of these are read; what cannot be a path is said so before anything is asked of the engine.

use std::path::{Path, PathBuf};

use eframe::egui::{self, Key, Ui};

use super::Button;
use crate::ui::theme::{self, space};

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPath {
    /// Nothing was typed.
    #[error("type or paste a path")]
    Empty,
    /// A path from nowhere in particular.
    #[error("give the whole path, from the top: {0}")]
    Relative(String),
    /// An address of another computer, or of no file.
    #[error("not a file on this computer: {0}")]
    Elsewhere(String),
    /// `~` where the home folder is not known.
    #[error("the home folder is not known, give the whole path: {0}")]
    NoHome(String),
    /// A character that no path has.
    #[error("not a path: {0}")]
    Impossible(String),
}

/// Reads one path.
///
/// # Errors
/// Where the text is no absolute path on this computer.
pub fn read_path(text: &str, home: Option<&Path>) -> Result<PathBuf, NoPath> {
    let text = unquoted(text.trim());
    let shown = || text.chars().take(120).collect::<String>();
    if text.is_empty() {
        return Err(NoPath::Empty);
    }
    if text.contains('\0') {
        return Err(NoPath::Impossible(shown()));
    }
    if let Some((scheme, rest)) = text.split_once("://") {
        if !scheme.eq_ignore_ascii_case("file") {
            return Err(NoPath::Elsewhere(shown()));
        }
        let path = rest.strip_prefix("localhost").filter(|rest| rest.starts_with('/')).unwrap_or(rest);
        if !path.starts_with('/') {
            return Err(NoPath::Elsewhere(shown()));
        }
        return from_percent(path).ok_or_else(|| NoPath::Impossible(shown()));
    }
    let path = match text.strip_prefix('~') {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => {
            let home = home.ok_or_else(|| NoPath::NoHome(shown()))?;
            let rest = rest.trim_start_matches('/');
            if rest.is_empty() { home.to_owned() } else { home.join(rest) }
        }
        _ => PathBuf::from(text),
    };
    if path.is_absolute() { Ok(path) } else { Err(NoPath::Relative(shown())) }
}

/// Reads one or several paths: lines, or `file://` addresses in a row, as file managers copy them.
///
/// # Errors
/// Where any of them is no absolute path on this computer: then none is taken.
pub fn read_paths(text: &str, home: Option<&Path>) -> Result<Vec<PathBuf>, NoPath> {
    let is_address = |part: &str| part.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("file://"));
    let addresses = !text.trim().is_empty() && text.split_whitespace().all(is_address);
    let parts: Vec<&str> = if addresses {
        text.split_whitespace().collect()
    } else {
        text.lines().filter(|line| !line.trim().is_empty()).collect()
    };
    if parts.is_empty() {
        return Err(NoPath::Empty);
    }
    parts.into_iter().map(|part| read_path(part, home)).collect()
}

fn unquoted(text: &str) -> &str {
    let within = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    within('"').or_else(|| within('\'')).unwrap_or(text)
}

/// A path from its percent-encoded form (RFC 3986, 2.1); `None` where that is broken.
fn from_percent(text: &str) -> Option<PathBuf> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
            let (high, low) = (digit(rest.next())?, digit(rest.next())?);
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    if bytes.contains(&0) {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt as _;
        // Names are bytes here, and file managers encode those that are not UTF-8 as they are.
        Some(PathBuf::from(std::ffi::OsString::from_vec(bytes)))
    }
    #[cfg(not(unix))]
    {
        String::from_utf8(bytes).ok().map(PathBuf::from)
    }
}

/// A field for a path with its button, and what is wrong with the last try.
#[derive(Debug, Clone, Default)]
pub struct PathField {
    text: String,
    wrong: Option<NoPath>,
    wants_focus: bool,
}

impl PathField {
    /// A field that holds this text already.
    #[must_use]
    pub fn with_text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// An empty field that takes the keyboard when it is shown first.
    #[must_use]
    pub fn focused() -> Self {
        Self { wants_focus: true, ..Self::default() }
    }

    /// Shows it. Gives paths when its button or Enter was pressed and all of them can be paths.
    ///
    /// `name` is the accessible name, `hint` stands in the empty field, `home` is what `~` means.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        (name, hint, button): (&str, &str, &str),
        home: Option<&Path>,
    ) -> Option<Vec<PathBuf>> {
        let mut asked = false;
        ui.vertical(|ui| {
            ui.horizontal(|ui| {
                let room = ui.available_width();
                let font = egui::TextStyle::Button.resolve(ui.style());
                let text = ui.painter().layout_no_wrap(button.to_owned(), font, egui::Color32::PLACEHOLDER).size().x;
                let button_width = text + 2.0 * space::M;
                let wide = room > button_width + 120.0;
                let width = if wide { room - button_width - ui.spacing().item_spacing.x } else { room };
                let field = egui::TextEdit::singleline(&mut self.text)
                    .hint_text(hint)
                    .desired_width(width)
                    .margin(egui::Margin::symmetric(8, 6));
                let response = ui.add(field);
                if std::mem::take(&mut self.wants_focus) {
                    response.request_focus();
                }
                response.ctx.accesskit_node_builder(response.id, |node| node.set_label(name));
                if response.changed() {
                    self.wrong = None;
                }
                asked = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                if wide {
                    asked |= Button::secondary(button).enabled(!self.text.trim().is_empty()).show(ui).clicked();
                }
            });
            if let Some(wrong) = &self.wrong {
                let bad = theme::tokens(ui).bad;
                ui.add(egui::Label::new(egui::RichText::new(wrong.to_string()).color(bad)).wrap());
            }
        });
        if !asked {
            return None;
        }
        match read_paths(&self.text, home) {
            Ok(paths) => {
                self.text.clear();
                self.wrong = None;
                Some(paths)
            }
            Err(wrong) => {
                self.wrong = Some(wrong);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PathBuf, NoPath> {
        read_path(text, Some(Path::new("/home/ada")))
    }

    #[test]
    fn what_people_paste_is_read() {
        for (text, path) in [
            ("/photos/a b.jpg", "/photos/a b.jpg"),
            ("  /photos \n", "/photos"),
            ("\"/photos/a b\"", "/photos/a b"),
            ("'/photos/it is'", "/photos/it is"),
            ("~", "/home/ada"),
            ("~/shoot", "/home/ada/shoot"),
            ("file:///photos/a%20b%25.jpg", "/photos/a b%.jpg"),
            ("FILE://localhost/photos/%C3%A9t%C3%A9", "/photos/été"),
            ("/photos/100%.jpg", "/photos/100%.jpg"),
            ("/odd/it's", "/odd/it's"),
        ] {
            assert_eq!(read(text), Ok(PathBuf::from(path)), "{text}");
        }
    }

    #[test]
    fn what_is_no_path_is_said_so() {
        assert_eq!(read(" "), Err(NoPath::Empty));
        assert!(matches!(read("photos/a"), Err(NoPath::Relative(_))));
        assert!(matches!(read("~bob/a"), Err(NoPath::Relative(_))));
        assert!(matches!(read("https://example.org/a"), Err(NoPath::Elsewhere(_))));
        assert!(matches!(read("file://server/share"), Err(NoPath::Elsewhere(_))));
        assert!(matches!(read("file:///a%zz"), Err(NoPath::Impossible(_))));
        assert!(matches!(read("file:///a%00b"), Err(NoPath::Impossible(_))));
        assert!(matches!(read("/a\0b"), Err(NoPath::Impossible(_))));
        assert!(matches!(read_path("~/a", None), Err(NoPath::NoHome(_))));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_not_utf_8_survive() {
        use std::os::unix::ffi::OsStrExt as _;
        assert_eq!(read("file:///a%FF").unwrap().as_os_str().as_bytes(), b"/a\xff");
    }

    #[test]
    fn several_come_at_once_or_not_at_all() {
        let paths = |text: &str| read_paths(text, None);
        assert_eq!(paths("file:///a%20b file:///c").unwrap().len(), 2);
        assert_eq!(paths("/a b\n/c\n\n").unwrap(), [PathBuf::from("/a b"), PathBuf::from("/c")]);
        assert!(paths("/a\nb").is_err());
        assert_eq!(paths("\n"), Err(NoPath::Empty));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,60}|file://\\PC{0,40}|[\"'~%/é]{0,12}") {
            let _ = read_paths(&text, Some(Path::new("/home/ada")));
        }
    }
}
