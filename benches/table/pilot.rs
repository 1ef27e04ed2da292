//! The real window over the real engine, without a screen: all that a frame does but the graphics card's part.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use eframe::egui::{self, Context, Event, RawInput, Rect, Vec2, pos2, vec2};
use lightkeep::app::Window;
use lightkeep::engine::{Mode, OpenOptions, host};
use lightkeep::protocol::{Command, Commands, channel};
use lightkeep::ui::locale::Locale;
use lightkeep::ui::{Side, ViewSettings};
use tokio::runtime::Runtime;

use super::measure::thread_cpu;

/// Time from one frame to the next on a screen of 60 Hz.
const FRAME: Duration = Duration::from_nanos(16_666_667);

/// The window, and whoever moves its wheel.
pub struct Pilot {
    ctx: Context,
    window: Window,
    commands: Commands,
    runtime: Runtime,
    start: Instant,
    next: Instant,
    size: Vec2,
}

impl Pilot {
    /// Opens a window of this size (points) on a library; `cell` is the smallest width of a cell.
    pub fn start(library: &Path, size: Vec2, cell: f32) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let ctx = Context::default();
        let woken = ctx.clone();
        let (end, engine, received) = channel(Arc::new(move || woken.request_repaint()));
        let commands = end.commands.clone();
        let options = OpenOptions { library: Some(library.to_owned()), mode: Mode::Write };
        runtime.spawn(host(options, engine, received, || {}));
        let mut settings = Settings::default();
        let view = ViewSettings { cell, side: Side::None, ..ViewSettings::default() };
        eframe::set_value(&mut settings, "lightkeep", &Remembered { view });
        let window = Window::new(&ctx, Some(&settings), end, Locale::default(), None);
        let now = Instant::now();
        Self { ctx, window, commands, runtime, start: now, next: now, size }
    }

    /// Sends a command past the window.
    pub fn send(&mut self, command: Command) {
        self.commands.send(command).unwrap();
    }

    /// One frame when the screen is due for it, with this wheel movement (points); its processor time on this thread.
    pub fn frame(&mut self, wheel: f32) -> Duration {
        self.next = (self.next + FRAME).max(Instant::now());
        std::thread::sleep(self.next - Instant::now());
        let middle = pos2(self.size.x / 2.0, self.size.y / 2.0);
        let mut input = RawInput {
            screen_rect: Some(Rect::from_min_size(egui::Pos2::ZERO, self.size)),
            time: Some(self.start.elapsed().as_secs_f64()),
            predicted_dt: FRAME.as_secs_f32(),
            max_texture_side: Some(8192),
            focused: true,
            events: vec![Event::PointerMoved(middle)],
            ..RawInput::default()
        };
        if wheel != 0.0 {
            input.events.push(Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: vec2(0.0, -wheel),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Unknown,
                modifiers: egui::Modifiers::NONE,
            });
        }
        let before = thread_cpu();
        self.window.hear(&self.ctx);
        let output = self.ctx.run_ui(input, |ui| self.window.frame(ui));
        let shapes = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let took = thread_cpu() - before;
        assert!(!shapes.is_empty(), "the window is blank");
        took
    }

    /// Cells on the screen, and how many of them show their picture.
    pub fn on_screen(&self) -> (usize, usize) {
        self.window.on_screen()
    }

    /// Frames until every cell shows its picture; how many there are. `None` after this time.
    pub fn fill(&mut self, most: Duration) -> Option<usize> {
        let start = Instant::now();
        while start.elapsed() < most {
            self.frame(0.0);
            let (cells, filled) = self.on_screen();
            if cells > 0 && cells == filled {
                return Some(cells);
            }
        }
        None
    }

    /// Ends the engine in order.
    pub fn close(mut self) {
        self.send(Command::Shutdown);
        // What it still says would fill the channel.
        let deadline = Instant::now() + Duration::from_secs(5);
        while self.runtime.metrics().num_alive_tasks() > 0 && Instant::now() < deadline {
            self.window.hear(&self.ctx);
            std::thread::sleep(Duration::from_millis(5));
        }
        self.runtime.shutdown_timeout(Duration::from_secs(10));
    }
}

/// What the window finds as remembered.
#[derive(serde::Serialize)]
struct Remembered {
    view: ViewSettings,
}

#[derive(Default)]
struct Settings(HashMap<String, String>);

impl eframe::Storage for Settings {
    fn get_string(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn set_string(&mut self, key: &str, value: String) {
        self.0.insert(key.to_owned(), value);
    }

    fn remove_string(&mut self, key: &str) {
        self.0.remove(key);
    }

    fn flush(&mut self) {}
}
