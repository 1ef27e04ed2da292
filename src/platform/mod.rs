//! What only the desktop can do: file dialogs, showing a file, mounted cards, the time zone. Everything behind
//! `cfg(target_os)`.

pub mod cards;
mod dialogs;
mod shell;

pub use cards::{PLACE_VARIABLE, cards};
pub use dialogs::{Pick, Picked, Picker};
pub use shell::{open, open_page, reveal};
