//! The first start, and any library without photos: one thing to do, and where everything will be.

use eframe::egui::{self, Align, Layout, Rect, Shape, Stroke, Ui, pos2, vec2};

use super::{Context, picker_problem, same_disk_label};
use crate::domain::account::Place;
use crate::ui::Action;
use crate::ui::Loadable;
use crate::ui::theme::{self, radius, space};
use crate::ui::widgets::{self, Button, Icon, PathField};

/// Width of what is read, in points.
const COLUMN: f32 = 520.0;

/// The screen's view state.
#[derive(Debug, Clone, Default)]
pub struct WelcomeScreen {
    import: PathField,
    open: PathField,
    /// Whether the vault to be opened is typed.
    opening: bool,
}

impl WelcomeScreen {
    /// Draws it into the room of the grid. True when the account is wanted.
    pub fn show(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
        let mut account = false;
        egui::ScrollArea::vertical().id_salt("welcome").auto_shrink([false, false]).show(ui, |ui| {
            let room = ui.available_size();
            let width = COLUMN.min(room.x - 2.0 * space::L).max(120.0);
            // A little above the middle, where the eye expects it; at the top where there is no room.
            let height = ui.data(|data| data.get_temp::<f32>(ui.scope_id().with("height"))).unwrap_or(420.0);
            ui.add_space(((room.y - height) * 0.4).max(space::L));
            let top = ui.cursor().top();
            ui.horizontal(|ui| {
                ui.add_space(((room.x - width) / 2.0).max(0.0));
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Center), |ui| {
                    ui.set_width(width);
                    account = self.column(ui, context, actions);
                });
            });
            let used = ui.cursor().top() - top;
            ui.data_mut(|data| data.insert_temp(ui.scope_id().with("height"), used));
        });
        account
    }

    fn column(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) -> bool {
        let hovered = ui.input(|input| !input.raw.hovered_files.is_empty());
        let top = ui.cursor().min;
        let tokens = theme::tokens(ui);
        let zone = ui.scope(|ui| {
            ui.set_width(ui.available_width());
            ui.add_space(space::XXL);
            picture(ui);
            ui.add_space(space::L);
            ui.add(egui::Label::new(theme::title("Drop a folder of photos here").size(24.0)).wrap());
            let calm = "They stay where they are. Nothing is moved, renamed or changed.";
            ui.add(egui::Label::new(theme::secondary(ui, calm)).wrap());
            ui.add_space(space::M);
            if Button::primary("Import folders…").icon(Icon::Import).min_width(170.0).show(ui).clicked() {
                actions.push(Action::PickImportFolders);
            }
            ui.add_space(space::S);
            let inner = (ui.available_width() - 2.0 * space::XXL).max(120.0);
            ui.allocate_ui_with_layout(vec2(inner, 0.0), Layout::top_down(Align::Min), |ui| {
                ui.set_width(inner);
                let words = ("Folder to import", "or type or paste a path", "Import");
                if let Some(paths) = self.import.show(ui, words, context.home) {
                    actions.push(Action::Import(paths));
                }
                if let Some(problem) = picker_problem(context.model) {
                    ui.add(egui::Label::new(theme::secondary(ui, problem)).wrap());
                }
            });
            ui.add_space(space::XL);
        });
        let rect = Rect::from_min_max(top, pos2(zone.response.rect.right(), zone.response.rect.bottom()));
        let colour = if hovered { tokens.accent } else { tokens.outline };
        dashed(ui, rect, Stroke::new(if hovered { 2.0 } else { 1.0 }, colour));
        ui.add_space(space::L);
        self.open_vault(ui, context, actions);
        ui.add_space(space::L);
        places(ui, context);
        ui.add_space(space::S);
        // Whoever has it already finds it in the bar.
        context.model.account.place == Place::ThisComputer && widgets::quiet_button(ui, "Use your own AWS…").clicked()
    }

    fn open_vault(&mut self, ui: &mut Ui, context: &Context<'_>, actions: &mut Vec<Action>) {
        if Button::secondary("Open an existing vault…").icon(Icon::Vault).show(ui).clicked() {
            self.opening = true;
            self.open = PathField::focused();
            actions.push(Action::PickOpenStore);
        }
        let why = "Brings back photos, versions, tags and ratings from a vault, on this or an empty computer.";
        ui.add(egui::Label::new(theme::caption(ui, why)).wrap());
        if self.opening && picker_problem(context.model).is_some() {
            let words = ("Vault to open", "/media/disk/Photos vault", "Open");
            if let Some(dir) = self.open.show(ui, words, context.home).and_then(|paths| paths.into_iter().next()) {
                self.opening = false;
                actions.push(Action::OpenStore(dir));
            }
        }
    }
}

/// Where the library and the vault are, and what that is worth.
fn places(ui: &mut Ui, context: &Context<'_>) {
    match (context.model.library.value(), context.model.library) {
        (Some(library), _) => {
            let words = format!("Library: {}", library.dir.display());
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap().selectable(true));
            let words = format!("Vault: {}", library.vault.dir.display());
            ui.add(egui::Label::new(theme::caption(ui, words)).wrap().selectable(true));
            if let Some(problem) = &library.vault.problem {
                widgets::problem(ui, problem, "");
            } else if library.vault.same_disk {
                same_disk_label(ui);
            }
        }
        (None, Loadable::Failed { error, .. }) => {
            widgets::problem(ui, error, "");
        }
        (None, _) => {}
    }
}

/// Three empty frames, one before the other: pictures that are still to come.
fn picture(ui: &mut Ui) {
    let tokens = theme::tokens(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(146.0, 72.0), egui::Sense::hover());
    let frame = vec2(90.0, 64.0);
    let painter = ui.painter();
    for (step, shift) in [vec2(-36.0, 8.0), vec2(36.0, 8.0), vec2(0.0, 0.0)].into_iter().enumerate() {
        let front = step == 2;
        let at = Rect::from_center_size(rect.center() + shift, if front { frame } else { frame * 0.8 });
        let fill = if front { tokens.control } else { tokens.placeholder };
        let stroke = Stroke::new(1.0, if front { tokens.outline } else { tokens.line });
        painter.rect(at, f32::from(radius::M), fill, stroke, egui::StrokeKind::Inside);
        if front {
            let hill = |x: f32, y: f32| at.min + vec2(x * at.width(), y * at.height());
            let line = [(0.10, 0.80), (0.36, 0.44), (0.52, 0.64), (0.68, 0.50), (0.90, 0.80)];
            let points = line.map(|(x, y)| hill(x, y)).to_vec();
            painter.add(Shape::line(points, Stroke::new(1.5, tokens.text_secondary)));
            painter.circle_filled(hill(0.72, 0.27), 5.0, tokens.accent);
        }
    }
}

/// A rounded outline of dashes: something can be put down here.
fn dashed(ui: &Ui, rect: Rect, stroke: Stroke) {
    let corner = 14.0;
    let mut points = Vec::new();
    for (centre, from) in [
        (rect.right_top() + vec2(-corner, corner), 0.75_f32),
        (rect.right_bottom() + vec2(-corner, -corner), 0.0),
        (rect.left_bottom() + vec2(corner, -corner), 0.25),
        (rect.left_top() + vec2(corner, corner), 0.5),
    ] {
        for step in 0..=8_u8 {
            let (sine, cosine) = ((from + f32::from(step) / 32.0) * std::f32::consts::TAU).sin_cos();
            points.push(centre + vec2(cosine, sine) * corner);
        }
    }
    if let Some(first) = points.first().copied() {
        points.push(first);
    }
    ui.painter().extend(Shape::dashed_line(&points, stroke, 6.0, 5.0));
}
