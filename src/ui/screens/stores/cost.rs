//! What keeping costs in each storage class, and which one is used.

use eframe::egui::{self, RichText, Ui};

use crate::domain::StorageClass;
use crate::domain::keep::{ClassCost, KeepSettings};
use crate::protocol::LibraryState;
use crate::ui::screens::Context;
use crate::ui::theme::{self, space};
use crate::ui::widgets;
use crate::ui::words::{dollars, has_remote};
use crate::ui::{Action, KeepAsk, Loadable};

/// Draws it.
pub(super) fn show(ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
    let cost = &context.model.keeping.cost;
    match (cost.value(), cost) {
        (Some(cost), _) => {
            ui.add(egui::Label::new(cost.words.as_str()).wrap().selectable(true));
            let words = format!(
                "An estimate in US dollars without tax, from the prices of {} as of {}.",
                cost.region, cost.as_of
            );
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap());
        }
        (None, Loadable::Failed { error, .. }) => {
            widgets::problem(ui, error, "");
        }
        (None, _) => {
            ui.label(theme::secondary(ui, "Working out the cost…"));
        }
    }
    ui.add_space(space::XS);
    let remote = has_remote(library);
    widgets::section_heading(ui, if remote { "Storage class of originals" } else { "Storage classes" });
    let words = if remote {
        "For what is stored from now on. What is stored already stays as it is. Thumbnails, edits and lists are always \
         read at once."
    } else {
        "Where a bucket of your own is used. The vault costs nothing but its disk."
    };
    ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
    let mut chosen = library.keep.class;
    for class in StorageClass::ALL {
        let cost = cost.value().and_then(|cost| cost.classes.iter().find(|cost| cost.class == class));
        row(ui, class, cost, remote.then_some(&mut chosen), context);
    }
    if chosen != library.keep.class {
        actions.push(Action::Keep(KeepAsk::Settings(KeepSettings { class: chosen, ..library.keep.clone() })));
    }
}

/// One class: what it is called, what it costs, and what it asks for.
fn row(
    ui: &mut Ui,
    class: StorageClass,
    cost: Option<&ClassCost>,
    chosen: Option<&mut StorageClass>,
    context: &Context<'_>,
) {
    let locale = context.locale;
    let tokens = theme::tokens(ui);
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = 24.0;
        let indent = ui.spacing().icon_width + ui.spacing().icon_spacing;
        match chosen {
            Some(chosen) => {
                ui.radio_value(chosen, class, class.label());
            }
            None => {
                ui.label(theme::semibold(class.label()));
            }
        }
        let margin = egui::Margin { left: indent as i8, bottom: space::XS as i8, ..egui::Margin::ZERO };
        egui::Frame::new().inner_margin(margin).show(ui, |ui| {
            if let Some(cost) = cost {
                let month = dollars(cost.month, locale);
                let once = dollars(cost.once, locale);
                let words = format!("about {month} a month, {once} once for the requests");
                ui.add(egui::Label::new(RichText::new(words).color(tokens.text)).wrap());
            }
            let days = cost.map_or_else(|| class.least_days(), |cost| cost.least_days);
            ui.add(egui::Label::new(theme::caption(ui, meaning(class, days))).wrap());
        });
    });
}

/// What a class is for, and the days that are charged at least.
fn meaning(class: StorageClass, days: u32) -> String {
    let what = match class {
        StorageClass::Standard => "Read at once, as often as you like",
        StorageClass::StandardIa => "Read at once, for a price each time",
        StorageClass::IntelligentTiering => "Moved by Amazon itself as it is read or not",
        StorageClass::GlacierInstant => "Read at once, for a higher price each time",
        StorageClass::GlacierFlexible => "Must be thawed before it can be read: minutes to hours",
        StorageClass::DeepArchive => "Must be thawed before it can be read: up to two days",
    };
    match days {
        0 => format!("{what}."),
        days => format!("{what}. Charged for {days} days at least, even where it goes sooner."),
    }
}
