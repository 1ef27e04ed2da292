//! A real window with one of the screens on an invented library, to look at: `LIGHTKEEP_SCREEN=print cargo test …
//! screens::tests_demo -- --ignored`. `LIGHTKEEP_THEME=light`, `LIGHTKEEP_ZOOM=2` and `LIGHTKEEP_TROUBLE=1` change the
//! rest. The scenes of `account` follow each other with F9.

use std::sync::Arc;

use eframe::egui;
use winit::platform::x11::EventLoopBuilderExtX11 as _;

use super::tests_fake::*;
use super::*;
use crate::domain::layout::{CaptionField, Layout, PageSetup};
use crate::protocol::{
    ErrorCode, ImportReport, OpId, OpKind, OpReport, PrintReport, ThumbKey, UserError, VerifyReport,
};
use crate::ui::locale::Locale;
use crate::ui::{Action, Activity, ActivityState, Loadable, ViewState, theme};

enum Screen {
    Print(Box<PrintScreen>),
    Activity(ActivityPanel),
    Versions(VersionsScreen),
    Stores(Box<StoresScreen>),
    Help(HelpScreen),
    Welcome(WelcomeScreen),
    Account(Box<AccountScreen>),
    /// The whole window; the scenes of the account are those of its bar.
    Window(Box<ViewState>),
}

struct Demo {
    fake: Fake,
    screen: Screen,
    textures: Vec<egui::TextureHandle>,
    /// Which scene of the account is shown.
    scene: usize,
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Hills under an evening sky, each a little different.
fn picture(n: u32, (width, height): (usize, usize)) -> egui::ColorImage {
    let hue = n as f32 * 0.13;
    let pixels = (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as f32 / width as f32, (i / width) as f32 / height as f32);
            let hill = 0.62 + 0.14 * (x * 7.0 + hue * 9.0).sin() + 0.05 * (x * 19.0 + hue).cos();
            let (h, s, v) = if y > hill {
                (0.3 + hue * 0.1, 0.4, 0.55 - (y - hill) * 0.7)
            } else {
                (0.05 + hue, 0.55 - y * 0.5, 0.65 + y * 0.35)
            };
            egui::epaint::Hsva::new(h.fract(), s, v, 1.0).into()
        })
        .collect();
    egui::ColorImage::new([width, height], pixels)
}

fn activities() -> Vec<Activity> {
    let suffixes = vec![("txt".into(), 12), ("mp3".into(), 3), (String::new(), 1)];
    let import = ImportReport {
        files: 1209,
        added: 1204,
        duplicates: 3,
        unreadable: failures(2),
        not_stored: failures(1200),
        stored: 4,
        skipped: 16,
        skipped_by_suffix: suffixes,
        ..Default::default()
    };
    let verify = VerifyReport { checked: 9120, ok: 9120, ..Default::default() };
    let print =
        PrintReport { pages: 3, photos: 36, file: "/home/ada/Prints/sheet.pdf".into(), ..PrintReport::default() };
    let failed = UserError::new(ErrorCode::Unavailable, "The vault's disk is not there: /media/backup/vault")
        .hint("Connect the disk, or choose another place for the vault.");
    vec![
        running(9, OpKind::Import, "Import of 2 folders", 1240, 8140),
        ended(8, "Import of “Card from Saturday”", OpReport::Import(import)),
        ended(7, "Verify, level 3", OpReport::Verify(verify)),
        Activity { op: OpId(6), title: "Storing 36 photos".into(), state: ActivityState::Ended(Err(failed)) },
        ended(5, "Print of 36 photos", OpReport::Print(print)),
    ]
}

impl Demo {
    fn new(ctx: &egui::Context) -> Self {
        theme::install(ctx);
        theme::apply(
            ctx,
            if env("LIGHTKEEP_THEME") == "light" {
                crate::ui::ThemeChoice::Light
            } else {
                crate::ui::ThemeChoice::Dark
            },
        );
        ctx.set_zoom_factor(env("LIGHTKEEP_ZOOM").parse().unwrap_or(1.0));
        let mut fake = Fake { activities: activities(), ..Fake::default() };
        if env("LIGHTKEEP_TROUBLE") == "1" {
            let mut state = library();
            state.vault.problem = Some("The disk of the vault is not there: /media/ada/Photos".into());
            fake.library = Loadable::Ready(state);
            let error = "No file dialog could be opened on this desktop. Type or paste a path instead.";
            fake.picker = Loadable::Failed { error: error.into(), previous: None };
        }
        let desk = crate::protocol::PrintDesk::default();
        fake.printing.desk = Loadable::Ready((desk, Vec::new().into()));
        if env("LIGHTKEEP_TROUBLE") != "1" {
            fake.printing.printers = Loadable::Ready(super::tests_printers::printers());
        }
        let mut textures = Vec::new();
        for n in 0..40 {
            let size = if n % 4 == 3 { (213, 320) } else { (320, 213) };
            let handle = ctx.load_texture(format!("p{n}"), picture(n, size), egui::TextureOptions::LINEAR);
            fake.textures.thumbs.insert(ThumbKey::Content(hash(n)), (handle.id(), handle.size_vec2()));
            textures.push(handle);
        }
        let count = if env("LIGHTKEEP_SCREEN") == "single" { 5 } else { 36 };
        let photos: Arc<[_]> = (0..count).map(seat).collect();
        let sheet = PageSetup {
            layout: Layout::Contact { rows: 4, columns: 3 },
            captions: vec![CaptionField::Name, CaptionField::Date],
            header: Some("Lisbon, May 2024".into()),
            page_numbers: true,
            ..PrintScreen::first_setup(&fake.locale)
        };
        let screen = match env("LIGHTKEEP_SCREEN").as_str() {
            "print" => Screen::Print(Box::new(PrintScreen::new(photos, sheet))),
            "impossible" => {
                let margins_mm = crate::domain::layout::Margins { left: 150.0, right: 90.0, top: 10.0, bottom: 10.0 };
                Screen::Print(Box::new(PrintScreen::new(photos, PageSetup { margins_mm, ..sheet })))
            }
            "single" => {
                Screen::Print(Box::new(PrintScreen::new(photos, PageSetup { landscape: true, ..PageSetup::default() })))
            }
            "activity" => {
                let mut panel = ActivityPanel::default();
                panel.open_failures(OpId(8));
                Screen::Activity(panel)
            }
            "versions" => {
                fake.detail = Loadable::Ready(detail(3, true));
                let mut screen = VersionsScreen::new(seat(0));
                screen.look_at(3, 1);
                Screen::Versions(screen)
            }
            "stores" => Screen::Stores(Box::default()),
            "account" => {
                let screen = Screen::Account(Box::new(AccountScreen::new(false)));
                let mut demo = Self { fake, screen, textures, scene: 0 };
                demo.show_scene();
                return demo;
            }
            "window" => Screen::Window(Box::new(ViewState::new(Locale::from_env_name("en_GB"), None))),
            "help" => Screen::Help(HelpScreen::default()),
            _ => Screen::Welcome(WelcomeScreen::default()),
        };
        Self { fake, screen, textures, scene: 0 }
    }

    /// Shows this scene of the account.
    fn show_scene(&mut self) {
        let mut scenes = super::account::tests::scenes::all();
        let at = self.scene % scenes.len();
        let (_, scene) = scenes.swap_remove(at);
        (self.fake.account, self.fake.account_reply) = (scene.account, scene.reply);
        if let Screen::Account(screen) = &mut self.screen {
            **screen = scene.screen;
        }
    }
}

impl eframe::App for Demo {
    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let tokens = theme::tokens(ui);
        ui.painter().rect_filled(ctx.content_rect(), 0.0, tokens.canvas);
        assert_eq!(self.textures.len(), 40);
        if ctx.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::F9)) {
            self.scene += 1;
            self.show_scene();
        }
        let screen = &mut self.screen;
        self.fake.with(|context, actions| {
            let _ = match screen {
                Screen::Print(screen) => screen.show(&ctx, context, actions),
                Screen::Versions(screen) => screen.show(&ctx, context, actions),
                Screen::Stores(screen) => screen.show(&ctx, context, actions),
                Screen::Help(screen) => screen.show(&ctx, context),
                Screen::Account(screen) => screen.show(&ctx, context, actions),
                Screen::Window(view) => {
                    actions.extend(view.show(ui, context.model));
                    Shown::Open
                }
                Screen::Activity(panel) => {
                    let frame = egui::Frame::new().fill(tokens.panel).inner_margin(16);
                    egui::Panel::right("activity")
                        .default_size(420.0)
                        .frame(frame)
                        .show(ui, |ui| panel.show(ui, context, actions));
                    Shown::Open
                }
                Screen::Welcome(screen) => {
                    screen.show(ui, context, actions);
                    Shown::Open
                }
            };
        });
        for action in self.fake.take() {
            if let Action::Preview { photos, each, setup } = action {
                self.fake.lay_out_each(&photos, &each, &setup);
                ctx.request_repaint();
            }
        }
    }
}

#[test]
#[ignore = "opens a window to look at"]
fn look() {
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default().with_inner_size([1560.0, 940.0]).with_maximized(true),
        event_loop_builder: Some(Box::new(|builder| {
            builder.with_any_thread(true).with_x11();
        })),
        ..Default::default()
    };
    eframe::run_native("Screens", options, Box::new(|cc| Ok(Box::new(Demo::new(&cc.egui_ctx))))).unwrap();
}
