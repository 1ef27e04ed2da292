//! The window's screens beside the grid: dialogs over it, the activity panel, and what stands in an empty library.
//!
//! Each screen is a small struct with its own view state. It is drawn from `&Model`, adds [`Action`](super::Action)s,
//! and says whether it stays. Whoever composes the window decides which is shown.

mod account;
mod activity;
mod delete;
mod dialog;
mod help;
mod ingest;
mod outcome;
mod people;
mod print;
mod share;
mod stores;
mod tagging;
#[cfg(test)]
mod tests;
#[cfg(all(test, target_os = "linux"))]
mod tests_demo;
#[cfg(test)]
mod tests_fake;
#[cfg(test)]
mod tests_keep;
#[cfg(test)]
mod tests_print;
#[cfg(test)]
mod tests_printers;
#[cfg(test)]
mod tests_stores;
#[cfg(test)]
mod tests_tagging;
pub mod trouble;
mod versions;
mod welcome;

pub use account::{AccountScreen, initials};
pub use activity::ActivityPanel;
pub use delete::DeleteScreen;
pub use dialog::Shown;
pub use help::{HelpScreen, SHORTCUTS, Shortcut};
pub use ingest::IngestScreen;
pub(in crate::ui) use ingest::card_name;
pub use people::{PeoplePage, Wanted as PeopleWanted};
pub(in crate::ui) use print::quick_order;
pub use print::{Destination, PrintScreen, PrintView, Unit};
pub use share::ShareScreen;
pub use stores::StoresScreen;
pub use tagging::TaggingScreen;
pub use versions::VersionsScreen;
pub use welcome::WelcomeScreen;

use std::path::Path;

use eframe::egui;

use super::locale::Locale;
use super::{Loadable, Model, theme};

/// What every screen is drawn from.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What is known.
    pub model: &'a Model<'a>,
    /// How numbers and dates are written.
    pub locale: &'a Locale,
    /// What `~` means in a typed path, where known.
    pub home: Option<&'a Path>,
}

/// Why a file dialog could not be opened, so that a path can be typed instead.
fn picker_problem<'a>(model: &Model<'a>) -> Option<&'a str> {
    match model.picker {
        Loadable::Failed { error, .. } => Some(error),
        _ => None,
    }
}

/// What a vault on the photos' own disk is worth, in the words of the design.
fn same_disk_label(ui: &mut egui::Ui) {
    let words = "⚠  Second copy on the same disk: does not survive its loss";
    ui.add(egui::Label::new(egui::RichText::new(words).color(theme::tokens(ui).warn)).wrap());
}

/// One current version that the vault has, as the tests of the window need it.
#[cfg(test)]
pub(in crate::ui) fn versions_for_tests(
    damage: Option<&str>,
    class: crate::domain::StorageClass,
) -> Vec<crate::domain::PhotoVersion> {
    let mut versions = tests_fake::detail(1, true).versions;
    for receipt in versions.iter_mut().flat_map(|version| &mut version.receipts) {
        receipt.damage = damage.map(str::to_owned);
        receipt.receipt.class = class;
    }
    versions
}
