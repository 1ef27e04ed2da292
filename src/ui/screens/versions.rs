//! The versions of one photo: what it was, the proof that it is stored, and the way back.

use std::collections::HashSet;

use eframe::egui::{self, CornerRadius, Frame, Margin, RichText, TextStyle, Ui};

use super::dialog::{Dialog, Shown, body, footer};
use super::{Context, picker_problem};
use crate::domain::{PhotoDetail, PhotoVersion, Seat, StoreReceipt};
use crate::protocol::{RestoreTo, ThumbKey, ThumbWish};
use crate::ui::grid::picture;
use crate::ui::theme::{self, radius, space};
use crate::ui::widgets::{self, Button, Icon, PathField};
use crate::ui::words::{one_line, store_words};
use crate::ui::{Action, Loadable, Model};

/// Versions whose pictures are asked for.
const MOST_PICTURES: usize = 200;

/// The dialog's view state.
#[derive(Debug, Clone)]
pub struct VersionsScreen {
    seat: Seat,
    asked: bool,
    /// Versions whose receipts are shown.
    opened: HashSet<u32>,
    /// The version that a person wants on top, until it is confirmed.
    confirming: Option<u32>,
    /// The version that goes beside the original, while its folder is chosen.
    beside: Option<u32>,
    typed: PathField,
}

impl VersionsScreen {
    /// For this photo.
    #[must_use]
    pub fn new(seat: Seat) -> Self {
        Self { seat, asked: false, opened: HashSet::new(), confirming: None, beside: None, typed: PathField::default() }
    }

    /// With one receipt open and one question asked, to look at both.
    #[cfg(test)]
    pub(super) fn look_at(&mut self, opened: u32, confirming: u32) {
        self.opened.insert(opened);
        self.confirming = Some(confirming);
    }

    /// The thumbnails of its versions.
    #[must_use]
    pub fn in_sight(&self, model: &Model<'_>) -> Vec<ThumbWish> {
        let detail = model.detail.value().filter(|detail| detail.card.seat == self.seat);
        let versions = detail.into_iter().flat_map(|detail| &detail.versions);
        // Only the present content can be made again from the file that is there.
        let wish = |version: &PhotoVersion| ThumbWish {
            key: ThumbKey::Content(version.blake3),
            seat: version.current.then_some(self.seat),
        };
        versions.take(MOST_PICTURES).map(wish).collect()
    }

    /// Draws it over the window.
    pub fn show(&mut self, ctx: &egui::Context, context: &Context<'_>, actions: &mut Vec<Action>) -> Shown {
        let detail = context.model.detail.value().filter(|detail| detail.card.seat == self.seat);
        if detail.is_none() && !self.asked {
            actions.push(Action::ShowDetail(self.seat));
        }
        self.asked = true;
        let title = detail.map_or_else(|| "Versions".to_owned(), |detail| format!("Versions of {}", detail.card.name));
        let dialog = Dialog { id: "versions", title: &title, width: 620.0, tall: false };
        let outcome = dialog.show(ctx, |ui| {
            body(ui, true, |ui| match (detail, context.model.detail) {
                (Some(detail), _) => self.list(ui, detail, context, actions),
                (None, Loadable::Failed { error, .. }) => {
                    widgets::problem(ui, error, "");
                }
                (None, _) => {
                    ui.label(theme::secondary(ui, "Reading the versions…"));
                }
            });
            footer(ui, |ui| widgets::primary_button(ui, "Done").clicked())
        });
        if outcome.dialog.closed || outcome.dialog.confirmed || outcome.inner { Shown::Closed } else { Shown::Open }
    }

    fn list(&mut self, ui: &mut Ui, detail: &PhotoDetail, context: &Context<'_>, actions: &mut Vec<Action>) {
        if detail.versions.is_empty() {
            ui.add(egui::Label::new(theme::secondary(ui, "No version is known of this photo yet.")).wrap());
            return;
        }
        if detail.versions.iter().all(|version| version.receipts.is_empty()) {
            let words = "Not stored yet. A version can be restored once a store has proved that it has it.";
            ui.add(egui::Label::new(theme::secondary(ui, words)).wrap());
            ui.add_space(space::XS);
        }
        for version in &detail.versions {
            ui.push_id(version.number, |ui| self.version(ui, detail, version, context, actions));
            ui.add_space(space::XS);
        }
    }

    fn version(
        &mut self,
        ui: &mut Ui,
        detail: &PhotoDetail,
        version: &PhotoVersion,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) {
        let tokens = theme::tokens(ui);
        Frame::new()
            .fill(tokens.panel)
            .stroke(egui::Stroke::new(1.0, tokens.line))
            .corner_radius(CornerRadius::same(radius::L))
            .inner_margin(Margin::same(space::L as i8))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.horizontal_top(|ui| {
                    thumbnail(ui, version, context);
                    ui.vertical(|ui| {
                        heading(ui, version, context);
                        in_stores(ui, version);
                    });
                });
                if self.opened.contains(&version.number) {
                    ui.scope(|ui| proof(ui, version, context));
                    ui.add_space(space::XS);
                }
                if self.confirming == Some(version.number) {
                    self.confirm(ui, detail, version, actions);
                } else {
                    self.buttons(ui, detail, version, actions);
                }
                if self.beside == Some(version.number)
                    && let Some(problem) = picker_problem(context.model)
                {
                    ui.add(egui::Label::new(theme::secondary(ui, problem)).wrap());
                    let words = ("Folder to restore into", "/home/me/Restored", "Restore here");
                    let typed = self.typed.show(ui, words, context.home);
                    if let Some(folder) = typed.and_then(|paths| paths.into_iter().next()) {
                        self.beside = None;
                        actions.push(Action::Restore {
                            photo: detail.card.id,
                            version: version.number,
                            to: RestoreTo::Folder(folder),
                        });
                    }
                }
            });
    }

    fn buttons(&mut self, ui: &mut Ui, detail: &PhotoDetail, version: &PhotoVersion, actions: &mut Vec<Action>) {
        if version.receipts.is_empty() {
            return;
        }
        let number = version.number;
        ui.horizontal_wrapped(|ui| {
            let beside = widgets::secondary_button(ui, "Restore beside…");
            name(&beside, format!("Restore version {number} beside…"));
            if beside.clicked() {
                self.beside = Some(number);
                actions.push(Action::PickRestoreFolder { photo: detail.card.id, version: number });
            }
            // What is current and still there would only be replaced by itself.
            let lost = detail.paths.iter().all(|path| path.gone);
            if !version.current || lost {
                let in_place = widgets::secondary_button(ui, "Restore in place");
                name(&in_place, format!("Restore version {number} in place"));
                if in_place.clicked() {
                    self.confirming = Some(number);
                }
            }
            let open = self.opened.contains(&number);
            let receipts = Button::quiet(if open { "Hide receipt" } else { "Show receipt" }).show(ui);
            name(&receipts, format!("{} of version {number}", if open { "Hide receipt" } else { "Show receipt" }));
            if receipts.clicked() && !self.opened.remove(&number) {
                self.opened.insert(number);
            }
        });
    }

    fn confirm(&mut self, ui: &mut Ui, detail: &PhotoDetail, version: &PhotoVersion, actions: &mut Vec<Action>) {
        let place = detail.paths.first().map_or_else(String::new, |path| path.path.display().to_string());
        let question = format!("Put version {} in the place of the file that is there now?", version.number);
        ui.add(egui::Label::new(theme::semibold(question)).wrap());
        let comfort = format!(
            "The present file is stored first, so it stays among the versions. Without a receipt for it nothing is \
             replaced. {place}"
        );
        ui.add(egui::Label::new(theme::secondary(ui, comfort)).wrap());
        ui.horizontal_wrapped(|ui| {
            let keep = widgets::secondary_button(ui, "Keep the present file");
            // The safe answer has the keyboard as soon as the question is asked.
            if ui.memory(|memory| memory.focused().is_none()) {
                keep.request_focus();
                keep.scroll_to_me(None);
            }
            let replace = widgets::danger_button(ui, "Replace it");
            if replace.clicked() {
                actions.push(Action::Restore {
                    photo: detail.card.id,
                    version: version.number,
                    to: RestoreTo::InPlace,
                });
            }
            if replace.clicked() || keep.clicked() {
                self.confirming = None;
            }
        });
    }
}

fn name(response: &egui::Response, text: String) {
    response.ctx.accesskit_node_builder(response.id, |node| node.set_label(text));
}

fn heading(ui: &mut Ui, version: &PhotoVersion, context: &Context<'_>) {
    let tokens = theme::tokens(ui);
    let locale = context.locale;
    ui.horizontal_wrapped(|ui| {
        // As high as its text, not as a button.
        ui.spacing_mut().interact_size.y = 0.0;
        ui.label(theme::semibold(format!("Version {}", version.number)));
        if version.current {
            let mark = RichText::new("Current").small().color(tokens.accent_text).background_color(tokens.selection);
            ui.label(mark);
        }
    });
    let stored = match version.receipts.iter().map(|receipt| receipt.receipt.stored_at).max() {
        Some(moment) => format!("Stored {}", locale.moment(moment)),
        None => "Not stored".to_owned(),
    };
    let facts = [stored, locale.bytes(version.size_bytes), format!("saved {}", locale.moment(version.mtime))];
    let by = version.receipts.iter().find_map(|receipt| receipt.by.as_deref());
    let by = by.map(|by| format!("by {}", widgets::elide_middle(&one_line(by), 60)));
    let facts: Vec<String> = facts.into_iter().chain(by).collect();
    ui.add(egui::Label::new(theme::secondary(ui, facts.join("  ·  "))).wrap());
}

/// Width of the picture of a version, in points.
const PICTURE: f32 = 96.0;

/// What it looked like.
fn thumbnail(ui: &mut Ui, version: &PhotoVersion, context: &Context<'_>) {
    let tokens = theme::tokens(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(PICTURE, PICTURE * 0.75), egui::Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(radius::S), tokens.placeholder);
    let name = format!("Picture of version {}", version.number);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &name));
    match context.model.textures.thumb(&ThumbKey::Content(version.blake3)) {
        Some(Ok((texture, size))) => {
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            let place = egui::Rect::from_center_size(rect.center(), (size * scale).round());
            ui.painter().add(picture(texture, place, 0, egui::Color32::WHITE));
        }
        Some(Err(why)) => {
            let place = egui::Rect::from_center_size(rect.center(), egui::Vec2::splat(24.0));
            Icon::NoPicture.paint(ui.painter(), place, tokens.text_secondary);
            response.on_hover_text(why);
        }
        None => {}
    }
}

/// Which stores have it, how they keep it, and what is wrong with it there.
fn in_stores(ui: &mut Ui, version: &PhotoVersion) {
    let tokens = theme::tokens(ui);
    for receipt in &version.receipts {
        let store = store_words(&receipt.store);
        let class = receipt.receipt.class;
        if let Some(why) = &receipt.damage {
            let words = RichText::new(format!("Damaged in {store}: {why}")).color(tokens.bad);
            ui.add(egui::Label::new(words).wrap());
            continue;
        }
        let kept = match class {
            class if class.is_archive() => format!(", archived ({}): must be thawed first", class.label()),
            crate::domain::StorageClass::Standard => String::new(),
            class => format!(", {}", class.label()),
        };
        ui.add(egui::Label::new(theme::caption(ui, format!("In {store}{kept}"))).wrap());
    }
}

/// What each store has answered, to be read out to it or to anybody who doubts.
fn proof(ui: &mut Ui, version: &PhotoVersion, context: &Context<'_>) {
    ui.spacing_mut().item_spacing.y = space::XS;
    for StoreReceipt { store, batch, receipt, .. } in &version.receipts {
        ui.add_space(space::XS);
        ui.label(theme::semibold(format!("Receipt of {}", store_words(store))));
        let size = context.locale.number(receipt.fingerprint.size);
        for (label, value) in [
            ("Key", receipt.key.to_string()),
            ("Version id", receipt.version.to_string()),
            ("Batch", batch.clone()),
            ("Stored", context.locale.moment(receipt.stored_at)),
            ("Size", format!("{size} bytes")),
            ("BLAKE3", receipt.fingerprint.blake3.to_hex()),
            ("CRC-64", receipt.fingerprint.crc64nvme.to_string()),
        ] {
            let machine = label != "Stored" && label != "Size";
            ui.horizontal_top(|ui| {
                ui.spacing_mut().interact_size.y = 0.0;
                let size = egui::vec2(72.0, ui.text_style_height(&TextStyle::Small));
                ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Min), |ui| {
                    ui.set_min_width(size.x);
                    ui.label(theme::caption(ui, label));
                });
                let value = RichText::new(value).small();
                let value = if machine { value.family(egui::FontFamily::Monospace) } else { value };
                ui.add(egui::Label::new(value).wrap().selectable(true));
            });
        }
    }
}
