//! Every store as a card: where it is, how much it has, what is wrong, and how far it is.

use eframe::egui::{self, Align, Layout, RichText, Sense, Ui, Vec2};

use super::{StoresScreen, running};
use crate::domain::Timestamp;
use crate::domain::keep::StoreState;
use crate::protocol::{LibraryState, OpKind};
use crate::ui::screens::outcome::{part_done, progress_words};
use crate::ui::screens::{Context, picker_problem, same_disk_label};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Amount, Button, Icon};
use crate::ui::words::{VAULT, has_remote, one_line, store_title, store_words, stores};
use crate::ui::{Action, Activity, ActivityState, KeepAsk};

/// The query that finds what is not stored.
const NOT_STORED: &str = "stored:no";

impl StoresScreen {
    /// All of them. Gives a query whose photos are wanted.
    pub(super) fn overview(
        &mut self,
        ui: &mut Ui,
        library: &LibraryState,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> Option<&'static str> {
        let mut photos = None;
        let about = "Every photo is kept in each of these, with all its versions, as plain files with readable names.";
        ui.add(egui::Label::new(theme::secondary(ui, about)).wrap());
        ui.add_space(space::XS);
        for store in stores(library) {
            ui.push_id(&store.name, |ui| {
                card(ui, |ui| {
                    if self.store(ui, &store, library, context, actions) {
                        photos = Some(NOT_STORED);
                    }
                });
            });
            ui.add_space(space::XS);
        }
        all_of_them(ui, library, context, actions);
        if has_remote(library) {
            ui.add_space(space::S);
            self.line.show(ui, library, context.locale, actions);
        }
        photos
    }

    /// One store. True where its photos that need a person are wanted.
    fn store(
        &mut self,
        ui: &mut Ui,
        store: &StoreState,
        library: &LibraryState,
        context: &Context<'_>,
        actions: &mut Vec<Action>,
    ) -> bool {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 6.0;
        let remote = store.name != VAULT;
        let paused = remote && library.keep.paused;
        head(ui, store, paused, library, actions);
        let place = one_line(&store.place);
        let place = widgets::elide_middle(&place, 160);
        let whole = place.len() >= store.place.len();
        let label = ui.add(egui::Label::new(theme::secondary(ui, place)).wrap().selectable(true));
        if !whole {
            label.on_hover_text(&store.place);
        }
        let show = counts(ui, store, context);
        if let Some(problem) = &store.problem {
            let hint = match store.retry_at {
                Some(at) => {
                    let now = Timestamp(context.model.clock.now_ms);
                    format!("Retries at {} by itself.", context.locale.near_moment(at, now))
                }
                None if remote => "Photos wait until it works again.".to_owned(),
                None => "Connect the disk, or choose another place. Photos wait until then.".to_owned(),
            };
            widgets::problem(ui, problem, &hint);
        } else if paused {
            ui.label(theme::secondary(ui, "Paused. Nothing is sent until you resume it; this computer keeps working."));
        }
        progress(ui, store, paused, context, actions);
        if !remote {
            self.vault(ui, library, context, actions);
        }
        show
    }

    /// What only the vault has: a disk, and another one to choose.
    fn vault(&mut self, ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
        let vault = &library.vault;
        if vault.problem.is_none() {
            if let Some(free) = vault.free_bytes {
                let bytes = context.locale.bytes(free);
                ui.label(theme::secondary(ui, format!("{bytes} free on its disk")));
            }
            if vault.same_disk {
                same_disk_label(ui);
            }
        }
        ui.horizontal_wrapped(|ui| {
            if Button::secondary("Choose another disk…").icon(Icon::Folder).show(ui).clicked() {
                actions.push(Action::PickVault);
            }
            if vault.problem.is_none() && widgets::quiet_button(ui, "Show in folder").clicked() {
                actions.push(Action::Reveal(vault.dir.clone()));
            }
            if Button::quiet("Type a path").selected(self.typing).show(ui).clicked() {
                self.typing = !self.typing;
            }
        });
        let problem = picker_problem(context.model);
        if let Some(problem) = problem {
            ui.add(egui::Label::new(theme::secondary(ui, problem)).wrap());
        }
        if self.typing || problem.is_some() {
            let words = ("Vault folder", "/media/disk/Photos vault", "Use this");
            if let Some(dir) = self.typed.show(ui, words, context.home).and_then(|paths| paths.into_iter().next()) {
                self.typing = false;
                actions.push(Action::SetVault(dir));
            }
        }
    }
}

/// A frame around one store.
pub(super) fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let tokens = theme::tokens(ui);
    egui::Frame::new()
        .fill(tokens.panel)
        .stroke(egui::Stroke::new(1.0, tokens.line))
        .corner_radius(theme::radius::L)
        .inner_margin(egui::Margin::same(space::L as i8))
        .show(ui, content)
        .inner
}

fn head(ui: &mut Ui, store: &StoreState, paused: bool, library: &LibraryState, actions: &mut Vec<Action>) {
    let tokens = theme::tokens(ui);
    ui.horizontal(|ui| {
        let remote = store.name != VAULT;
        let icon = if remote { Icon::Cloud } else { Icon::Vault };
        let (rect, _) = ui.allocate_exact_size(Vec2::splat(18.0), Sense::hover());
        icon.paint(ui.painter(), rect.shrink(1.0), tokens.text);
        let title = ui.label(theme::semibold(store_title(&store.name)));
        title.ctx.accesskit_node_builder(title.id, |node| node.set_role(egui::Role::Heading));
        if remote {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let word = if paused { "Resume" } else { "Pause" };
                let button = Button::secondary(word).show(ui);
                let name = format!("{word} {}", store_words(&store.name));
                button.ctx.accesskit_node_builder(button.id, |node| node.set_label(name));
                if button.clicked() {
                    let keep = crate::domain::keep::KeepSettings { paused: !paused, ..library.keep.clone() };
                    actions.push(Action::Keep(KeepAsk::Settings(keep)));
                }
            });
        }
    });
}

/// `1,204 stored, 36 waiting`, and a button for what needs a person. True where that was pressed.
fn counts(ui: &mut Ui, store: &StoreState, context: &Context<'_>) -> bool {
    let tokens = theme::tokens(ui);
    let locale = context.locale;
    let row = |ui: &mut Ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let mut words = format!("{} stored", locale.number(store.receipts));
        if store.waiting > 0 {
            words.push_str(&format!(", {} waiting", locale.number(store.waiting)));
        }
        if store.needs_you > 0 {
            words.push(',');
        }
        ui.label(words);
        if store.needs_you == 0 {
            return false;
        }
        let verb = if store.needs_you == 1 { "needs" } else { "need" };
        let words = format!("{} {verb} you — show", locale.number(store.needs_you));
        Button::quiet(&words)
            .colour(tokens.bad)
            .small()
            .tooltip("Show the photos that are not stored")
            .show(ui)
            .clicked()
    };
    ui.scope(|ui| {
        // As high as its text, or as the small button beside it, so that both stand on one line.
        ui.spacing_mut().interact_size.y = if store.needs_you > 0 { 24.0 } else { 0.0 };
        ui.horizontal_wrapped(row).inner
    })
    .inner
}

/// How far it is: of the run that goes on now, or of everything where none does.
fn progress(ui: &mut Ui, store: &StoreState, paused: bool, context: &Context<'_>, actions: &mut Vec<Action>) {
    let title = store_title(&store.name);
    if let Some((activity, progress)) = storing(context.model.activities, &store.name) {
        widgets::bar(ui, title, part_done(progress).map_or(Amount::Unknown, Amount::Part));
        let stopping = matches!(activity.state, ActivityState::Stopping(_));
        ui.horizontal_wrapped(|ui| {
            let words = if stopping { "Stopping…".to_owned() } else { progress_words(progress, context.locale) };
            ui.label(theme::secondary(ui, words));
            if !stopping {
                let stop = Button::quiet("Stop").small().show(ui);
                let name = format!("Stop storing in {}", store_words(&store.name));
                stop.ctx.accesskit_node_builder(stop.id, |node| node.set_label(name));
                if stop.clicked() {
                    actions.push(Action::Cancel(activity.op));
                }
            }
        });
        return;
    }
    let all = store.receipts + store.waiting + store.needs_you;
    if store.waiting + store.needs_you == 0 {
        return;
    }
    widgets::bar(ui, title, Amount::Part(store.receipts as f64 / all as f64));
    let part = context.locale.percent(store.receipts as f64 / all as f64);
    let state = match (paused, store.problem.is_some()) {
        (true, _) => "paused",
        (_, true) => "waits for the store",
        _ if store.waiting > 0 => "goes on by itself",
        _ => "the rest needs you",
    };
    ui.label(theme::secondary(ui, format!("{part} stored  ·  {state}")));
}

/// The run that fills this store: its title ends with the store's name.
fn storing<'a>(activities: &'a [Activity], store: &str) -> Option<(&'a Activity, &'a crate::protocol::Progress)> {
    let words = store_words(store);
    running(activities, OpKind::Store).find(|(activity, _)| activity.title.contains(words))
}

/// What goes for all stores together.
fn all_of_them(ui: &mut Ui, library: &LibraryState, context: &Context<'_>, actions: &mut Vec<Action>) {
    let stores = stores(library);
    if library.photos == 0 {
        ui.label(theme::secondary(ui, "Nothing to store yet."));
        return;
    }
    let left: u64 = stores.iter().map(|store| store.waiting + store.needs_you).sum();
    if left == 0 {
        let away = stores.iter().any(|store| store.problem.is_some());
        let (words, good) = match library.stored {
            _ if away => ("A store is away. What it has is as it was last seen.", false),
            stored if stored < library.photos => {
                ("Some photos have no file and no stored copy; see their inspector.", false)
            }
            _ => ("Every photo is stored.", true),
        };
        let tokens = theme::tokens(ui);
        let colour = if good { tokens.good } else { tokens.text_secondary };
        ui.add(egui::Label::new(RichText::new(words).color(colour)).wrap());
        return;
    }
    if running(context.model.activities, OpKind::Store).next().is_some() {
        return;
    }
    let needs: u64 = stores.iter().map(|store| store.needs_you).sum();
    ui.horizontal_wrapped(|ui| {
        if Button::secondary("Store now").enabled(!super::all_away(library)).show(ui).clicked() {
            actions.push(Action::Store);
        }
        if needs > 0 && Button::secondary("Try what needs you again").show(ui).clicked() {
            actions.push(Action::Keep(KeepAsk::TryAgain(None)));
        }
    });
}
