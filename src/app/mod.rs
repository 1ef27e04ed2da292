//! The composition of the window: events become the model, actions become commands, pixels become textures.

mod actions;
mod card_watch;
mod cards;
mod events;
mod finding;
mod keeping;
mod launch;
mod paper_fonts;
mod people;
mod printing;
mod run;
mod state;
mod textures;
mod toasts;
mod window;
mod wishes;

#[cfg(test)]
mod tests;

pub use launch::{Launch, handed_over, launch};
pub use run::{AppOptions, StartError, run};
pub use window::Window;
