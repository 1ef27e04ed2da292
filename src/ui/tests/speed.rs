//! How long a frame takes; not a test with a limit, but a figure to look at: run with `--release --run-ignored only`.

use std::time::Instant;

use eframe::egui::{self, Event, Modifiers, MouseWheelUnit, Pos2, RawInput, Rect, pos2, vec2};

use super::fake::World;

#[test]
#[ignore = "prints a measurement"]
fn frames() {
    for photos in [100_000, 1_000_000] {
        let ctx = egui::Context::default();
        crate::ui::theme::install(&ctx);
        let mut world = World::with(photos, 200, 60_000);
        world.view.apply(crate::ui::ViewSettings { cell: 112.0, ..Default::default() });
        let screen = Rect::from_min_size(Pos2::ZERO, vec2(1920.0, 1080.0));
        let mut times = Vec::new();
        let mut cells = 0;
        for frame in 0..600 {
            let mut input = RawInput { screen_rect: Some(screen), ..RawInput::default() };
            input.time = Some(f64::from(frame) / 60.0);
            input.events.push(Event::PointerMoved(pos2(600.0, 500.0)));
            if frame > 300 {
                input.events.push(Event::MouseWheel {
                    source: egui::MouseWheelSource::Unknown,
                    unit: MouseWheelUnit::Point,
                    delta: vec2(0.0, -900.0),
                    phase: egui::TouchPhase::Move,
                    modifiers: Modifiers::NONE,
                });
            }
            world.cards.lookups.set(0);
            let start = Instant::now();
            let output = ctx.run_ui(input, |ui| world.frame(ui));
            let shapes = ctx.tessellate(output.shapes.clone(), 1.0);
            let took = start.elapsed();
            cells = world.cards.lookups.get();
            std::hint::black_box(shapes);
            output.drop_without_applying_deltas();
            world.actions.clear();
            times.push((frame > 300, took));
        }
        let report = |fling: bool| {
            let mut of: Vec<_> = times.iter().skip(20).filter(|(f, _)| *f == fling).map(|(_, took)| *took).collect();
            of.sort();
            (of[of.len() / 2], of[of.len() * 99 / 100])
        };
        println!("{photos}: {cells} cells; still {:?}, flinging {:?} (median, 99th)", report(false), report(true));
    }
}
