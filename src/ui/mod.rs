//! The window: draws `&Model`, keeps its own view state, and returns what a person asked for as [`Action`]s.
//!
//! Nothing in here waits, reads a file, asks a clock or knows an engine.

mod action;
mod model;

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
