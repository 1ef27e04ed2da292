//! The window as eframe drives it: events in, a frame out, and an orderly end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use eframe::egui::{self, ViewportCommand};
use serde::{Deserialize, Serialize};

use super::actions::{Doing, PickedFor};
use super::card_watch::CardWatch;
use super::events::{Follow, Surroundings};
use super::paper_fonts::PaperFonts;
use super::state::State;
use super::wishes::Wishes;
use crate::platform::Picker;
use crate::protocol::{Command, ErrorCode, UserError, WindowEnd};
use crate::ui::locale::Locale;
use crate::ui::{AccountReply, ThemeChoice, ViewSettings, ViewState};

/// Events taken in one frame: a burst must not make the window stutter.
const EVENTS: usize = 256;
/// How long the engine may take to put everything away.
const CLOSING: Duration = Duration::from_secs(8);
/// How often progress is looked at while something runs.
const PROGRESS: Duration = Duration::from_millis(200);

/// What is remembered from one start to the next.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    theme: ThemeChoice,
    view: ViewSettings,
}

/// Under which name it is remembered.
const REMEMBERED: &str = "lightkeep";

/// Whether the window is on its way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is not.
    Open,
    /// The engine was told, at this moment.
    Closing(Instant),
    /// Everything is put away.
    Closed,
}

/// The window, its state and its end of the channel.
pub struct Window {
    view: ViewState,
    state: State,
    engine: WindowEnd,
    wishes: Wishes,
    picker: Picker<PickedFor>,
    cards: Option<CardWatch>,
    paper_fonts: PaperFonts,
    wake: Arc<dyn Fn() + Send + Sync>,
    end: End,
}

impl Window {
    /// A window over an engine, before its first frame.
    #[must_use]
    pub fn new(
        ctx: &egui::Context,
        storage: Option<&dyn eframe::Storage>,
        engine: WindowEnd,
        locale: Locale,
        home: Option<PathBuf>,
    ) -> Self {
        crate::ui::theme::install(ctx);
        let mut view = ViewState::new(locale, home);
        let remembered: Remembered =
            storage.and_then(|storage| eframe::get_value(storage, REMEMBERED)).unwrap_or_default();
        view.apply(remembered.view);
        let mut state = State::default();
        state.theme = remembered.theme;
        crate::ui::theme::apply(ctx, state.theme);
        let mut commands = Vec::new();
        state.search(String::new(), &mut commands);
        let waker = ctx.clone();
        let mut window = Self {
            view,
            state,
            engine,
            wishes: Wishes::default(),
            picker: Picker::default(),
            cards: None,
            paper_fonts: PaperFonts::default(),
            wake: Arc::new(move || waker.request_repaint()),
            end: End::Open,
        };
        window.send(commands);
        window
    }

    /// Offers to copy memory cards, which this function finds; it is called on a thread of its own.
    pub fn watch_cards(&mut self, look: fn() -> Vec<crate::domain::keep::CardFound>, ctx: &egui::Context) {
        self.cards = Some(CardWatch::start(look, ctx.clone()));
    }

    /// Sends; a full channel is a notice that stays, never a wait.
    fn send(&mut self, commands: Vec<Command>) {
        for command in commands {
            if let Err(refused) = self.engine.commands.send(command)
                && self.end == End::Open
            {
                let error = UserError::new(ErrorCode::Busy, "Lightkeep is behind and did not take the last request")
                    .hint("Wait a moment, then try again.");
                if let Command::Account { .. } = *refused {
                    // Nobody will answer: the dialog does not wait for it.
                    self.state.account_reply = AccountReply::Failed(error.clone());
                }
                self.state.not_taken(&refused, &error);
                self.state.people_not_taken(&refused, &error);
                self.state.toasts.error(&error, now_ms());
            }
        }
    }

    /// Takes what came since the last frame. Before every [`Window::frame`].
    pub fn hear(&mut self, ctx: &egui::Context) {
        let surroundings =
            Surroundings { wake: self.wake.clone(), max_texture_side: ctx.input(|input| input.max_texture_side) };
        if let Some(found) = self.cards.as_ref().and_then(CardWatch::news) {
            self.state.cards_found(found);
        }
        let mut commands = Vec::new();
        let mut wishes = false;
        for taken in 0.. {
            if taken == EVENTS {
                ctx.request_repaint();
                break;
            }
            let Some(event) = self.engine.events.try_next() else { break };
            match self.state.apply(event, now_ms(), &surroundings, &mut commands) {
                Follow::Nothing => {}
                Follow::Wishes => wishes = true,
                Follow::Closed => self.end = End::Closed,
            }
        }
        let running = self.engine.progress.snapshot();
        if !running.is_empty() {
            ctx.request_repaint_after(PROGRESS);
        }
        self.state.progress(running);
        if wishes {
            self.wishes.ask(&mut self.state, &mut commands);
        }
        self.send(commands);
    }

    /// Lets the engine finish before the window goes.
    fn close(&mut self, ctx: &egui::Context) {
        let asked = ctx.input(|input| input.viewport().close_requested());
        match self.end {
            End::Open if asked => {
                self.send(vec![Command::Shutdown]);
                self.end = End::Closing(Instant::now());
                ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                ctx.request_repaint_after(CLOSING);
            }
            End::Closing(since) if since.elapsed() < CLOSING => {
                if asked {
                    ctx.send_viewport_cmd(ViewportCommand::CancelClose);
                }
                ctx.request_repaint_after(CLOSING - since.elapsed());
            }
            End::Closing(_) | End::Closed if !asked => ctx.send_viewport_cmd(ViewportCommand::Close),
            _ => {}
        }
    }

    /// How many photos and arriving files are on the screen, and how many of them show their picture, or that there
    /// is none: for benches, which wait for a filled screen.
    #[must_use]
    pub fn on_screen(&self) -> (usize, usize) {
        self.wishes.filled(&self.state)
    }

    /// Draws one frame and does what was asked for.
    pub fn frame(&mut self, ui: &mut egui::Ui) {
        let ctx = ui.ctx().clone();
        if self.state.textures.frame(&ctx) {
            ctx.request_repaint();
        }
        let now_ms = now_ms();
        if let Some(left) = self.state.toasts.expire(now_ms) {
            ctx.request_repaint_after(Duration::from_millis(left + 20));
        }
        self.paper_fonts.follow(&ctx, &self.state.pages);
        let actions = self.view.show(ui, &self.state.model(now_ms));
        let mut commands = Vec::new();
        let mut doing = Doing {
            state: &mut self.state,
            wishes: &mut self.wishes,
            picker: &mut self.picker,
            commands: &mut commands,
            ctx: &ctx,
        };
        for action in actions {
            doing.act(action);
        }
        doing.picked();
        self.send(commands);
        if matches!(self.end, End::Closing(_)) {
            putting_away(&ctx);
        }
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.hear(ctx);
        self.close(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        self.frame(ui);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        let remembered = Remembered { theme: self.state.theme, view: self.view.settings() };
        eframe::set_value(storage, REMEMBERED, &remembered);
    }

    /// Positions of panels are remembered by name; what egui keeps of single photos is not worth a file.
    fn persist_egui_memory(&self) -> bool {
        false
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// Said while the last photos are put away.
fn putting_away(ctx: &egui::Context) {
    let tokens = crate::ui::theme::tokens_of(ctx);
    egui::Modal::new(egui::Id::unique("putting away")).frame(crate::ui::widgets::dialog_frame(ctx)).show(ctx, |ui| {
        ui.label(crate::ui::theme::title("Putting everything away…"));
        ui.label(egui::RichText::new("What is not stored yet goes on at the next start.").color(tokens.text_secondary));
    });
}

/// Milliseconds since 1970.
fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
