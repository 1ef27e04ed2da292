//! Every shortcut of the window, from keys to what they mean. Single letters are dead while a text field has the focus.

use eframe::egui::{self, Event, Key, Modifiers};

use super::grid::keys::Step;
use crate::domain::{ColourLabel, Flag, Rating};

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Move through the photos; with `extend` the selection grows.
    Step {
        /// Where to.
        step: Step,
        /// Whether Shift is held.
        extend: bool,
    },
    /// Larger (or smaller) cells, or a closer look in the loupe.
    Zoom {
        /// Larger.
        larger: bool,
    },
    /// Loupe: every pixel, or all of the picture.
    ActualSize,
    /// Select everything.
    SelectAll,
    /// Select nothing.
    SelectNone,
    /// Stars.
    Rate(Rating),
    /// Pick, reject or neither.
    Flag(Flag),
    /// A colour label; where the photo with the keyboard has it already, none.
    Label(ColourLabel),
    /// A quarter turn.
    Turn {
        /// Clockwise.
        right: bool,
    },
    /// Begin or end painting tags, stars or colours on photos.
    Paint,
    /// Give the set of tags with this digit.
    TagSet(u8),
    /// Type tags.
    Tags,
    /// Have photos looked at by a tagger.
    Tagging,
    /// Take back the last gesture.
    Undo,
    /// Do it again.
    Redo,
    /// Remove from the library, after a question.
    Remove,
    /// Delete in the stores, after a question.
    Delete,
    /// Another time, or back to today.
    Time,
    /// Where photos are kept.
    Stores,
    /// Show the loupe.
    Open,
    /// Leave what is open.
    Back,
    /// Print: open the studio.
    Print,
    /// Print one copy as it was printed last, without the studio.
    PrintAgain,
    /// Show the keys.
    Help,
    /// Import.
    Import,
    /// Type a search.
    Find,
    /// Show or hide the inspector.
    Inspector,
    /// Show or hide what narrows a search.
    Facets,
    /// Show or leave the page of people.
    People,
    /// Show or hide the boxes of faces in the loupe.
    Faces,
    /// Draw a box around a face in the loupe.
    DrawFace,
    /// Show or hide the activity panel.
    Activity,
    /// Where photos are stored, and who is signed in there.
    Account,
}

impl Intent {
    /// Whether it changes nothing about photos, so that it also works on those of another time.
    #[must_use]
    pub fn is_for_any_time(self) -> bool {
        !matches!(
            self,
            Self::Rate(_)
                | Self::Flag(_)
                | Self::Label(_)
                | Self::Paint
                | Self::TagSet(_)
                | Self::Turn { .. }
                | Self::Tags
                | Self::Tagging
                | Self::Undo
                | Self::Redo
                | Self::Remove
                | Self::Delete
                | Self::Print
                | Self::PrintAgain
                | Self::People
                | Self::Faces
                | Self::DrawFace
        )
    }
}

impl Intent {
    /// Whether it means the same while the page of people is shown, where there are no photos to rate.
    #[must_use]
    pub fn is_for_people(self) -> bool {
        matches!(
            self,
            Self::Undo
                | Self::Redo
                | Self::Tagging
                | Self::Time
                | Self::Stores
                | Self::Back
                | Self::Help
                | Self::Import
                | Self::Find
                | Self::People
                | Self::Activity
                | Self::Account
        )
    }
}

/// What has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The photos, or nothing.
    Photos,
    /// A button: Enter, Space and the arrows belong to it.
    Control,
    /// A text field: everything without Ctrl belongs to it, and the keys that edit text.
    Text,
}

/// The meaning of a key press, where it has one.
#[must_use]
pub fn intent(key: Key, physical: Option<Key>, modifiers: Modifiers, focus: Focus) -> Option<Intent> {
    let typing = focus == Focus::Text;
    if modifiers.command {
        return with_command(key, modifiers, typing);
    }
    if modifiers.alt && !typing {
        return set_digit(key).or_else(|| physical.and_then(set_digit)).map(Intent::TagSet);
    }
    if typing {
        return (key == Key::F1).then_some(Intent::Help);
    }
    let step = |step| Some(Intent::Step { step, extend: modifiers.shift });
    let photos = focus == Focus::Photos;
    match key {
        Key::ArrowLeft if photos => step(Step::Left),
        Key::ArrowRight if photos => step(Step::Right),
        Key::ArrowUp if photos => step(Step::Up),
        Key::ArrowDown if photos => step(Step::Down),
        Key::Home => step(Step::Home),
        Key::End => step(Step::End),
        Key::PageUp => step(Step::PageUp),
        Key::PageDown => step(Step::PageDown),
        Key::Enter | Key::Space if photos => Some(Intent::Open),
        Key::E => Some(Intent::Open),
        Key::Escape => Some(Intent::Back),
        Key::Minus => Some(Intent::Zoom { larger: false }),
        Key::Equals | Key::Plus => Some(Intent::Zoom { larger: true }),
        Key::Z => Some(Intent::ActualSize),
        Key::P => Some(Intent::Flag(Flag::Pick)),
        Key::X => Some(Intent::Flag(Flag::Reject)),
        Key::U => Some(Intent::Flag(Flag::None)),
        Key::T => Some(Intent::Tags),
        Key::K => Some(Intent::Paint),
        Key::I => Some(Intent::Inspector),
        Key::B => Some(Intent::Facets),
        Key::O => Some(Intent::People),
        Key::F => Some(Intent::Faces),
        Key::N => Some(Intent::DrawFace),
        Key::Delete if modifiers.shift => Some(Intent::Delete),
        Key::Delete => Some(Intent::Remove),
        Key::F1 | Key::Questionmark => Some(Intent::Help),
        // Where digits need Shift (French keyboards), the place of the key counts.
        _ => digit(key).or_else(|| physical.and_then(digit)),
    }
}

fn with_command(key: Key, modifiers: Modifiers, typing: bool) -> Option<Intent> {
    match key {
        Key::F => Some(Intent::Find),
        Key::O => Some(Intent::Import),
        Key::P if modifiers.alt => Some(Intent::PrintAgain),
        Key::P => Some(Intent::Print),
        Key::J => Some(Intent::Activity),
        Key::H => Some(Intent::Time),
        Key::K => Some(Intent::Stores),
        Key::T => Some(Intent::Tagging),
        Key::Comma => Some(Intent::Account),
        Key::Slash | Key::Questionmark => Some(Intent::Help),
        // Text fields select, undo and paste by themselves.
        _ if typing => None,
        Key::A => Some(Intent::SelectAll),
        Key::D => Some(Intent::SelectNone),
        Key::Z if modifiers.shift => Some(Intent::Redo),
        Key::Z => Some(Intent::Undo),
        Key::Y => Some(Intent::Redo),
        Key::OpenBracket => Some(Intent::Turn { right: false }),
        Key::CloseBracket => Some(Intent::Turn { right: true }),
        _ => None,
    }
}

/// The digit of a set of tags.
#[must_use]
pub fn set_digit(key: Key) -> Option<u8> {
    const DIGITS: [Key; 9] =
        [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];
    (1..).zip(DIGITS).find(|(_, digit)| *digit == key).map(|(number, _)| number)
}

/// Stars and colour labels.
fn digit(key: Key) -> Option<Intent> {
    let stars = match key {
        Key::Num0 => 0,
        Key::Num1 => 1,
        Key::Num2 => 2,
        Key::Num3 => 3,
        Key::Num4 => 4,
        Key::Num5 => 5,
        Key::Num6 => return Some(Intent::Label(ColourLabel::Red)),
        Key::Num7 => return Some(Intent::Label(ColourLabel::Yellow)),
        Key::Num8 => return Some(Intent::Label(ColourLabel::Green)),
        Key::Num9 => return Some(Intent::Label(ColourLabel::Blue)),
        _ => return None,
    };
    Rating::new(stars).map(Intent::Rate)
}

/// Takes the keys that mean something out of this frame's input, in order, and text that was pasted. What `is_wanted`
/// does not let pass stays for others.
pub fn take(ctx: &egui::Context, focus: Focus, is_wanted: fn(Intent) -> bool) -> (Vec<Intent>, Vec<String>) {
    let (mut intents, mut pasted) = (Vec::new(), Vec::new());
    ctx.input_mut(|input| {
        input.events.retain(|event| match event {
            Event::Key { key, physical_key, pressed: true, modifiers, .. } => {
                let meaning = intent(*key, *physical_key, *modifiers, focus).filter(|meaning| is_wanted(*meaning));
                intents.extend(meaning);
                meaning.is_none()
            }
            Event::Paste(text) if focus != Focus::Text => {
                pasted.push(text.clone());
                false
            }
            _ => true,
        });
    });
    (intents, pasted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTERS: [Key; 7] = [Key::P, Key::X, Key::U, Key::T, Key::I, Key::E, Key::Z];

    #[test]
    fn letters_and_digits_are_dead_while_typing() {
        for key in LETTERS.into_iter().chain([Key::Num3, Key::Minus, Key::Delete, Key::ArrowLeft, Key::Space]) {
            assert_eq!(intent(key, None, Modifiers::NONE, Focus::Text), None, "{key:?}");
            assert!(intent(key, None, Modifiers::NONE, Focus::Photos).is_some(), "{key:?}");
        }
        assert_eq!(intent(Key::A, None, Modifiers::COMMAND, Focus::Text), None, "selects the text");
        assert_eq!(intent(Key::Z, None, Modifiers::COMMAND, Focus::Text), None, "undoes the typing");
        assert_eq!(intent(Key::F, None, Modifiers::COMMAND, Focus::Text), Some(Intent::Find));
    }

    #[test]
    fn a_button_keeps_its_own_keys() {
        for key in [Key::Enter, Key::Space, Key::ArrowDown] {
            assert_eq!(intent(key, None, Modifiers::NONE, Focus::Control), None, "{key:?}");
        }
        assert!(intent(Key::P, None, Modifiers::NONE, Focus::Control).is_some());
    }

    #[test]
    fn stars_by_place_where_digits_need_shift() {
        let french = intent(Key::Quote, Some(Key::Num3), Modifiers::NONE, Focus::Photos);
        assert_eq!(french, Some(Intent::Rate(Rating::new(3).expect("three stars"))));
    }

    #[test]
    fn text_scale_stays_with_egui() {
        for key in [Key::Plus, Key::Minus, Key::Equals, Key::Num0] {
            assert_eq!(intent(key, None, Modifiers::COMMAND, Focus::Photos), None, "{key:?}");
        }
    }
}
