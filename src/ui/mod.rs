//! The window: draws `&Model`, keeps its own view state, and returns what a person asked for as [`Action`]s.
//!
//! Nothing in here waits, reads a file, asks a clock or knows an engine.

mod action;
mod drop;
pub mod grid;
mod inspector;
pub mod keys;
pub mod locale;
mod loupe;
mod model;
pub mod screens;
mod search_field;
mod tags;
pub mod theme;
mod toasts;
mod top_bar;
pub mod widgets;

pub use action::Action;
pub use model::{Activity, ActivityState, CardCache, Clock, Loadable, Model, Results, Textures, Toast};

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
