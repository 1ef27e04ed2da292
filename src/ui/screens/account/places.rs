//! The three choices, and the two that need no sign-in to be looked at: this computer, and a settings line to paste.

use eframe::egui::{self, CornerRadius, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2};

use super::fields::Field;
use super::parts::{explain, fact, link, marked, say};
use super::view::{Page, Tab};
use super::{AccountScreen, Turn, words};
use crate::domain::account::{AccountState, AwsSettings, Place};
use crate::protocol::{AccountAsk, NewPlace};
use crate::ui::theme::{self, radius, space};
use crate::ui::widgets::{self, Icon};

/// The choices: name, and what it means in a few words.
const CHOICES: [(Tab, Icon, &str, &str); 3] = [
    (Tab::ThisComputer, Icon::Display, "This computer", "Nothing leaves it"),
    (Tab::Aws, Icon::Cloud, "My AWS", "A bucket of your own"),
    (Tab::Remote, Icon::Vault, "S3-compatible server", "Your server, your keys"),
];
/// Narrower than this, in points, the choices stand below each other.
const SIDE_BY_SIDE: f32 = 470.0;

impl AccountScreen {
    /// Three choices, of which one is looked at and one is in use.
    pub(super) fn choices(&mut self, ui: &mut Ui, account: &AccountState) {
        let used = Tab::of(&account.place);
        let looked_at = self.tab.unwrap_or(used);
        let room = ui.available_width();
        let gap = space::S;
        let (width, layout) = if room >= SIDE_BY_SIDE {
            ((room - 2.0 * gap) / 3.0, egui::Layout::left_to_right(egui::Align::Min))
        } else {
            (room, egui::Layout::top_down(egui::Align::Min))
        };
        let mut chosen = None;
        // Where there is little height, the form needs it more.
        let compact = ui.ctx().content_rect().height() < 480.0;
        ui.with_layout(layout, |ui| {
            ui.spacing_mut().item_spacing = vec2(gap, space::XS);
            for (tab, icon, name, meaning) in CHOICES {
                let state = if tab == used { "In use" } else { meaning };
                if choice(ui, (width, compact), icon, (name, state), tab == looked_at, tab == used) {
                    chosen = Some(tab);
                }
            }
        });
        if let Some(tab) = chosen.filter(|tab| *tab != looked_at) {
            self.tab = Some(tab);
            self.go(Page::Main);
        }
    }

    /// Nothing but this computer.
    pub(super) fn this_computer(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        say(ui, "Photos stay in their own folders, and the vault keeps every version of each.");
        if let Some(vault) = turn.context.model.vault() {
            fact(ui, "Vault", &vault.dir.display().to_string());
        }
        if turn.account().place == Place::ThisComputer {
            let good = theme::tokens(ui).good;
            marked(
                ui,
                Icon::Stored,
                good,
                "This is how it is now. Nothing leaves this computer; no account is needed.",
            );
            return;
        }
        explain(
            ui,
            "Going back to this computer only deletes nothing: what is stored in the bucket stays there. \
             It signs nobody out either.",
        );
    }

    /// A settings line to paste.
    pub(super) fn line(&mut self, ui: &mut Ui, turn: &mut Turn<'_>) {
        say(ui, "Sign in to an AWS account that belongs to you, your family or your studio.");
        if let Some(known) = turn.account().known_aws.clone() {
            fact(ui, "Used before", &format!("{} in {}", widgets::elide_middle(&known.bucket, 40), known.region));
            if widgets::secondary_button(ui, "Use it again").clicked() {
                turn.ask = Some(AccountAsk::Use(NewPlace::AwsLine(known.line())));
            }
            ui.add_space(space::XS);
        }
        explain(ui, "Paste the settings line that you were given. It holds no password.");
        self.fields.show(ui, Field::Line, "Settings line", "lightkeep:1?region=…");
        let typed = self.fields.trimmed(Field::Line);
        if !typed.is_empty() {
            match AwsSettings::from_line(typed) {
                Ok(settings) => {
                    let good = theme::tokens(ui).good;
                    marked(ui, Icon::Stored, good, "The line is whole.");
                    fact(ui, "Bucket", &settings.bucket);
                    fact(ui, "Region", &settings.region);
                }
                Err(error) => {
                    let bad = theme::tokens(ui).bad;
                    marked(ui, Icon::Warning, bad, &words::sentence(&error.to_string()));
                }
            }
        }
        ui.add_space(space::XS);
        ui.add(
            egui::Label::new(theme::secondary(ui, "No line yet? Whoever owns the AWS account makes one with")).wrap(),
        );
        command(ui, "lightkeep cloud deploy");
        explain(ui, "To try it without an AWS account:");
        command(ui, "packaging/aws/try-it");
    }

    /// What stands below the views of an account that needs something: other settings.
    pub(super) fn other_settings(&mut self, ui: &mut Ui, settings: &AwsSettings) {
        ui.add_space(space::S);
        ui.separator();
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().interact_size.y = 0.0;
            let place = format!("{} in {}", widgets::elide_middle(&settings.bucket, 40), settings.region);
            ui.add(egui::Label::new(theme::caption(ui, format!("Bucket {place}"))).wrap());
            if link(ui, "Other settings…") {
                self.go(Page::Line);
            }
        });
    }
}

/// A command to be typed in a terminal, as it stands there.
fn command(ui: &mut Ui, text: &str) {
    let tokens = theme::tokens(ui);
    egui::Frame::new()
        .fill(tokens.control)
        .corner_radius(CornerRadius::same(radius::S))
        .inner_margin(egui::Margin::symmetric(8, 3))
        .show(ui, |ui| ui.add(egui::Label::new(egui::RichText::new(text).monospace()).wrap().selectable(true)));
}

/// One choice: an icon, its name, and what it means below it. True when it was pressed.
fn choice(
    ui: &mut Ui,
    (width, compact): (f32, bool),
    icon: Icon,
    (name, state): (&str, &str),
    on: bool,
    used: bool,
) -> bool {
    let tokens = theme::tokens(ui);
    let body = theme::semibold_font(ui, &TextStyle::Body);
    let small = TextStyle::Small.resolve(ui.style());
    let room = width - 2.0 * space::M - 16.0 - space::S;
    let colour = if on { tokens.accent_text } else { tokens.text };
    let (name_galley, state_galley) = ui.fonts_mut(|fonts| {
        let name = crate::ui::grid::fit_name(fonts, name, &body, room);
        let quiet = if used { tokens.good } else { tokens.text_secondary };
        (fonts.layout_no_wrap(name, body, colour), fonts.layout_no_wrap(state.to_owned(), small, quiet))
    });
    let below_name = if compact { 0.0 } else { state_galley.size().y };
    let height = name_galley.size().y + below_name + 2.0 * if compact { space::XS } else { space::S };
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, ui.is_enabled(), on, name));
    response.ctx.accesskit_node_builder(response.id, |node| node.set_description(state));
    let fill = match (on, response.hovered()) {
        (true, _) => tokens.selection,
        (false, true) => tokens.control_hover,
        (false, false) => tokens.control,
    };
    let stroke = if on { Stroke::new(1.5, tokens.accent) } else { Stroke::new(1.0, tokens.line) };
    ui.painter().rect(rect, CornerRadius::same(radius::M), fill, stroke, StrokeKind::Inside);
    let icon_at = egui::Rect::from_center_size(pos2(rect.left() + space::M + 8.0, rect.center().y), vec2(16.0, 16.0));
    icon.paint(ui.painter(), icon_at, colour);
    let left = icon_at.right() + space::S;
    let top = rect.center().y - (name_galley.size().y + below_name) / 2.0;
    let below = top + name_galley.size().y;
    let beside = left + name_galley.size().x + space::S;
    let middle = rect.center().y - state_galley.size().y / 2.0;
    ui.painter().galley(pos2(left, top), name_galley, colour);
    if !compact {
        ui.painter().galley(pos2(left, below), state_galley, colour);
    } else if beside + state_galley.size().x <= rect.right() - space::S {
        ui.painter().galley(pos2(beside, middle), state_galley, colour);
    }
    if response.has_focus() {
        widgets::focus_ring(ui, rect, radius::M);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand).clicked()
}
