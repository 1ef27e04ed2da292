//! The inspector: everything about the photo that has the keyboard, and what can be decided about the selection.

use eframe::egui::{self, Align, CornerRadius, Layout, Rect, ScrollArea, Sense, TextStyle, Ui, Vec2, vec2};

use super::grid::{self, Grid};
use super::keys::Intent;
use super::locale::Locale;
use super::theme::{self, radius, space};
use super::widgets::{self, Button, Icon, field_row, label_row, section_heading, star_row};
use super::words::store_words;
use super::{Action, Model, people};
use crate::domain::{Card, Change, Flag, Metadata, PhotoDetail, Seat, StoredState, places};
use crate::protocol::ThumbKey;

/// What the inspector keeps between frames.
#[derive(Debug, Clone, Default)]
pub struct Inspector {
    asked: Option<(Seat, u64)>,
    caption: Option<(Seat, String)>,
}

/// What a button in it asks the window for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// The same as a key.
    Do(Intent),
    /// The versions of this photo.
    Versions(Seat),
    /// Something about who is in it.
    People(people::Wanted),
}

impl Inspector {
    /// Shows it in a panel of its own.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        model: &Model<'_>,
        locale: &Locale,
        grid: &Grid,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let seat = grid.selection.cursor.and_then(|at| model.results.seats.get(at)).copied();
        let selected = grid.selection.target_count();
        let Some(seat) = seat else {
            ui.add_space(space::XL);
            ui.vertical_centered(|ui| ui.label(theme::secondary(ui, "Select a photo to see what is known of it.")));
            return None;
        };
        let now = (seat, model.results.generation);
        if self.asked != Some(now) {
            self.asked = Some(now);
            actions.push(Action::ShowDetail(seat));
        }
        let card = model.cards.card(seat);
        let detail = model.detail.value().filter(|detail| detail.card.seat == seat);
        let card = card.or(detail.map(|detail| &detail.card))?;
        let mut wanted = None;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            // A bar floats over the right edge; and nothing in here may make the panel wider than it was dragged.
            ui.set_width(ui.available_width() - 8.0);
            ui.spacing_mut().item_spacing.y = 6.0;
            preview(ui, model, card);
            if selected > 1 {
                ui.label(theme::semibold(locale.count(selected as u64, "photo selected", "photos selected")));
                ui.label(theme::caption(ui, "Stars, labels, flags, tags and turns go to all of them."));
            } else {
                title(ui, card, locale);
            }
            let now = !model.is_elsewhere();
            if !now {
                ui.label(theme::caption(ui, "As it was. Nothing can be changed here."));
            }
            let decided = ui.add_enabled_ui(now, |ui| decisions(ui, card, grid, model, actions)).inner;
            if let Some(intent) = decided {
                wanted = Some(Wanted::Do(intent));
            }
            if selected > 1 && !now {
                return;
            }
            if selected > 1 {
                if Button::secondary("Add or remove tags…").icon(Icon::Tag).tooltip("T").show(ui).clicked() {
                    wanted = Some(Wanted::Do(Intent::Tags));
                }
                return;
            }
            match detail {
                Some(detail) => wanted = self.details(ui, detail, model, locale, actions).or(wanted.take()),
                None => {
                    if let super::Loadable::Failed { error, .. } = model.detail {
                        widgets::problem(ui, error, "");
                    }
                }
            }
            ui.add_space(space::L);
        });
        wanted
    }

    fn details(
        &mut self,
        ui: &mut Ui,
        detail: &PhotoDetail,
        model: &Model<'_>,
        locale: &Locale,
        actions: &mut Vec<Action>,
    ) -> Option<Wanted> {
        let (seat, now) = (detail.card.seat, !model.is_elsewhere());
        let mut wanted = None;
        if now {
            stored(ui, &detail.card);
        }
        kept(ui, detail);
        if now {
            section_heading(ui, "Tags");
            if let Some(name) = super::tags::chips(ui, &detail.tags) {
                actions.push(Action::Edit { seats: [seat].into(), change: Change::RemoveTag(name) });
            }
            if Button::secondary("Add tag").icon(Icon::Plus).tooltip("T").show(ui).clicked() {
                wanted = Some(Wanted::Do(Intent::Tags));
            }
            if let Some(asked) = people::section(ui, model, seat, locale, actions) {
                wanted = Some(Wanted::People(asked));
            }
            self.caption(ui, detail, actions);
        } else {
            said(ui, detail);
        }
        camera(ui, &detail.metadata, locale);
        picture(ui, detail, locale, actions);
        files(ui, detail, actions);
        let versions = detail.versions.len();
        let text = match versions {
            0 | 1 => "Versions".to_owned(),
            many => format!("Versions ({})", locale.number(many as u64)),
        };
        ui.add_space(space::XS);
        if Button::secondary(&text).icon(Icon::Versions).show(ui).clicked() {
            wanted = Some(Wanted::Versions(seat));
        }
        wanted
    }

    /// The caption, kept when the field is left or Ctrl+Enter is pressed; Esc takes the typing back.
    fn caption(&mut self, ui: &mut Ui, detail: &PhotoDetail, actions: &mut Vec<Action>) {
        let seat = detail.card.seat;
        let stored = detail.metadata.caption.clone().unwrap_or_default();
        section_heading(ui, "Caption");
        // A caption being typed for another photo belongs to that photo: it was left by choosing this one.
        if let Some((other, text)) = self.caption.take_if(|(other, _)| *other != seat) {
            actions.push(caption_edit(other, text));
        }
        let mut text = self.caption.as_ref().map_or_else(|| stored.clone(), |(_, text)| text.clone());
        let id = egui::Id::unique(("caption", seat.0));
        let focused = ui.memory(|memory| memory.has_focus(id));
        let keep = focused && ui.input_mut(|i| i.consume_key(egui::Modifiers::COMMAND, egui::Key::Enter));
        let drop = focused && ui.input_mut(|i| i.consume_key(egui::Modifiers::NONE, egui::Key::Escape));
        let field = egui::TextEdit::multiline(&mut text)
            .id(id)
            .hint_text("Write a caption")
            .margin(egui::Margin::symmetric(8, 6))
            .desired_rows(2)
            .desired_width(f32::INFINITY);
        // What an agency wrote can be a page long; it scrolls in itself.
        let scroll = ScrollArea::vertical().id_salt("caption").max_height(132.0);
        let response = scroll.show(ui, |ui| ui.add(field)).inner.accessible_name("Caption");
        if response.changed() {
            self.caption = Some((seat, text));
        }
        if drop {
            self.caption = None;
        }
        if keep || drop {
            response.surrender_focus();
        }
        if (keep || response.lost_focus())
            && let Some((seat, text)) = self.caption.take()
            && text != stored
        {
            actions.push(caption_edit(seat, text));
        }
    }
}

fn caption_edit(seat: Seat, text: String) -> Action {
    let caption = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Action::Edit { seats: [seat].into(), change: Change::Caption(caption) }
}

fn preview(ui: &mut Ui, model: &Model<'_>, card: &Card) {
    let tokens = theme::tokens(ui);
    let width = ui.available_width();
    let (rect, _) = ui.allocate_exact_size(vec2(width, (width * 0.68).round()), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(radius::M), tokens.canvas);
    match model.textures.thumb(&ThumbKey::Content(card.blake3)) {
        Some(Ok((texture, size))) => {
            let upright = if card.quarter_turns % 2 == 1 { vec2(size.y, size.x) } else { size };
            let inner = rect.shrink(space::S);
            let scale = (inner.width() / upright.x).min(inner.height() / upright.y).min(1.5);
            let place = Rect::from_center_size(inner.center(), (upright * scale).round());
            ui.painter().add(grid::picture(texture, place, card.quarter_turns, egui::Color32::WHITE));
        }
        None if card.has_picture => {}
        _ => {
            let place = Rect::from_center_size(rect.center(), Vec2::splat(36.0));
            Icon::NoPicture.paint(ui.painter(), place, tokens.text_secondary);
        }
    }
}

fn title(ui: &mut Ui, card: &Card, locale: &Locale) {
    let name = egui::Label::new(theme::semibold(&card.name).size(15.0)).wrap_mode(egui::TextWrapMode::Wrap);
    ui.add(name.selectable(true));
    let date = card.taken_at.map_or_else(|| "No date".to_owned(), |taken| locale.date_time(taken));
    ui.label(theme::secondary(ui, date));
}

/// Stars, labels, flags and turns: they go to the whole selection.
fn decisions(ui: &mut Ui, card: &Card, grid: &Grid, model: &Model<'_>, actions: &mut Vec<Action>) -> Option<Intent> {
    let mut intent = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        if let (_, Some(rating)) = star_row(ui, card.rating) {
            let seats = grid.selection.targets(&model.results.seats);
            actions.push(Action::Edit { seats, change: Change::Rating(rating) });
        }
        ui.add_space(space::S);
        if let Some(label) = label_row(ui, card.label) {
            let seats = grid.selection.targets(&model.results.seats);
            actions.push(Action::Edit { seats, change: Change::Label(label) });
        }
        ui.add_space(space::S);
        for (icon, name, flag) in [(Icon::Pick, "Pick (P)", Flag::Pick), (Icon::Reject, "Reject (X)", Flag::Reject)] {
            let on = card.flag == flag;
            if Button::icon_only(icon, name).selected(on).show(ui).clicked() {
                intent = Some(Intent::Flag(if on { Flag::None } else { flag }));
            }
        }
        for (icon, name, right) in
            [(Icon::TurnLeft, "Turn left (Ctrl+[)", false), (Icon::TurnRight, "Turn right (Ctrl+])", true)]
        {
            if Button::icon_only(icon, name).show(ui).clicked() {
                intent = Some(Intent::Turn { right });
            }
        }
    });
    intent
}

fn stored(ui: &mut Ui, card: &Card) {
    let tokens = theme::tokens(ui);
    let (icon, colour, text, why) = match &card.stored {
        StoredState::Stored => (Icon::Stored, tokens.good, "Stored", ""),
        StoredState::Queued => (Icon::Waiting, tokens.text_secondary, "Waits to be stored", ""),
        StoredState::Sending => (Icon::Waiting, tokens.text_secondary, "Being stored", ""),
        StoredState::Waiting { why, .. } => (Icon::Waiting, tokens.warn, "Will be stored later", why.as_str()),
        StoredState::NeedsYou { why } => (Icon::Warning, tokens.bad, "Not stored, needs you", why.as_str()),
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
        icon.paint(ui.painter(), rect, colour);
        ui.label(egui::RichText::new(text).color(colour));
    });
    if !why.is_empty() {
        ui.add(egui::Label::new(theme::secondary(ui, why)).wrap());
    }
}

/// Tags and caption where they cannot be changed: to be read.
fn said(ui: &mut Ui, detail: &PhotoDetail) {
    if !detail.tags.is_empty() {
        section_heading(ui, "Tags");
        let names: Vec<&str> = detail.tags.iter().map(|tag| tag.name.as_str()).collect();
        ui.add(egui::Label::new(names.join(", ")).wrap().selectable(true));
    }
    if let Some(caption) = &detail.metadata.caption {
        section_heading(ui, "Caption");
        ui.add(egui::Label::new(caption).wrap().selectable(true));
    }
}

/// What is wrong with the stored copies of the current version, and what must be thawed before it can be read.
fn kept(ui: &mut Ui, detail: &PhotoDetail) {
    let tokens = theme::tokens(ui);
    let current = detail.versions.iter().find(|version| version.current);
    for receipt in current.into_iter().flat_map(|version| &version.receipts) {
        let store = store_words(&receipt.store);
        let lines = [
            receipt.damage.as_ref().map(|why| (Icon::Warning, tokens.bad, format!("Damaged in {store}: {why}"))),
            receipt.receipt.class.is_archive().then(|| {
                let class = receipt.receipt.class.label();
                let words = format!("Archived in {store} ({class}): it must be thawed before it can be read there");
                (Icon::Cloud, tokens.text_secondary, words)
            }),
        ];
        for (icon, colour, words) in lines.into_iter().flatten() {
            ui.horizontal_top(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
                icon.paint(ui.painter(), rect, colour);
                ui.add(egui::Label::new(egui::RichText::new(words).color(colour)).wrap());
            });
        }
    }
}

fn camera(ui: &mut Ui, metadata: &Metadata, locale: &Locale) {
    let exposure = [
        metadata.exposure_s.and_then(|seconds| locale.exposure(seconds)),
        metadata.f_number.map(|number| format!("f/{}", locale.short_decimal(number))),
        metadata.iso.map(|iso| format!("ISO {iso}")),
        metadata.focal_length_mm.map(|length| format!("{} mm", locale.short_decimal(length))),
    ];
    let exposure = exposure.into_iter().flatten().collect::<Vec<_>>().join("  ·  ");
    let rows = [
        ("Camera", metadata.camera()),
        ("Lens", metadata.lens.clone()),
        ("Exposure", (!exposure.is_empty()).then_some(exposure)),
    ];
    if rows.iter().any(|(_, value)| value.is_some()) {
        section_heading(ui, "Camera");
        for (label, value) in rows {
            if let Some(value) = value {
                field_row(ui, label, &value);
            }
        }
    }
}

fn picture(ui: &mut Ui, detail: &PhotoDetail, locale: &Locale, actions: &mut Vec<Action>) {
    section_heading(ui, "Picture");
    if let Some(title) = &detail.metadata.title {
        field_row(ui, "Title", title);
    }
    if let Some((width, height)) = detail.card.size_px {
        let megapixels = f64::from(width) * f64::from(height) / 1e6;
        field_row(ui, "Size", &format!("{width} × {height} px  ·  {} MP", locale.decimal(megapixels, 1)));
    }
    let format = detail.card.format.name().to_uppercase();
    field_row(ui, "File", &format!("{format}  ·  {}", locale.bytes(detail.size_bytes)));
    if let Some(gps) = detail.metadata.gps {
        if let Some(place) = places::shipped().at(&gps) {
            field_row(ui, "Near", &place.names().collect::<Vec<_>>().join(", "));
        }
        let place = format!("{:.5}, {:.5}", gps.latitude, gps.longitude);
        if widgets::field_link(ui, "Place", &place).on_hover_text("Copy the coordinates").clicked() {
            actions.push(Action::Copy(place));
        }
        if let Some(altitude) = gps.altitude_m {
            field_row(ui, "Altitude", &format!("{} m", locale.decimal(altitude, 0)));
        }
    }
}

fn files(ui: &mut Ui, detail: &PhotoDetail, actions: &mut Vec<Action>) {
    let heading = if detail.paths.len() == 1 { "File" } else { "Files" };
    section_heading(ui, heading);
    for path in &detail.paths {
        let text = path.path.to_string_lossy();
        ui.with_layout(Layout::right_to_left(Align::TOP), |ui| {
            if path.gone {
                ui.label(theme::caption(ui, "gone"))
                    .on_hover_text("The last look found another photo, or nothing, here");
            } else if Button::icon_only(Icon::Folder, "Show in the file manager").small().show(ui).clicked() {
                actions.push(Action::Reveal(path.path.clone()));
            }
            ui.with_layout(Layout::left_to_right(Align::TOP), |ui| {
                let font = TextStyle::Small.resolve(ui.style());
                let width = ui.available_width();
                let lines = ui.fonts_mut(|fonts| grid::fit_name(fonts, &text, &font, width * 1.9));
                ui.add(egui::Label::new(theme::caption(ui, lines)).wrap()).on_hover_text(text.as_ref());
            });
        });
    }
    for companion in &detail.companions {
        let name = companion.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let state = if companion.stored { "with it, stored" } else { "with it, not stored yet" };
        ui.label(theme::caption(ui, format!("{name}  ·  {state}")));
    }
}
