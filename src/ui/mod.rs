//! The window: draws `&Model`, keeps its own view state, and returns what a person asked for as [`Action`]s.
//!
//! Nothing in here waits, reads a file, asks a clock or knows an engine.

mod account_button;
mod action;
mod brush;
mod card_banner;
mod completions;
mod drop;
mod facets;
mod finding;
pub mod grid;
mod inspector;
mod keeping;
pub mod keys;
pub mod locale;
mod loupe;
mod menu;
mod model;
mod people;
mod printing;
mod questions;
pub mod screens;
mod search_field;
mod tag_tree;
mod tags;
#[cfg(test)]
mod tests;
pub mod theme;
mod time_bar;
mod toasts;
mod top_bar;
mod view;
pub mod widgets;
mod words;

pub use action::{Action, PrintPick};
pub use finding::{FindAsk, Finding};
pub use keeping::{KeepAsk, Keeping, Task};
pub use model::{AccountReply, Activity, ActivityState, CardCache, Clock, Loadable, Model, Results, Textures, Toast};
pub use people::{FaceList, PAGE, PeopleDo, Peopling};
pub use printing::Printing;
pub use view::{Side, ViewSettings, ViewState};

/// Which theme is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// As the desktop has it.
    #[default]
    System,
    /// Dark.
    Dark,
    /// Light.
    Light,
}
