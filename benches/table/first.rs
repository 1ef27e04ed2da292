//! A folder dropped on the window: how soon its first photos are to be seen.

use std::time::{Duration, Instant};

use eframe::egui::vec2;
use lightkeep::protocol::{Command, OpId};

use super::data::Data;
use super::measure::{median, percentile};
use super::pilot::Pilot;
use super::table::{Met, Row};

/// The row.
pub fn rows(data: &Data) -> Vec<Row> {
    let folder = data.dropped_folder();
    let mut all_ms = Vec::new();
    let mut first_ms = Vec::new();
    let mut cells = 0;
    // One more round first, so that the files are in memory as those of a folder just looked at.
    for round in 0..=data.rounds * 2 {
        let scratch = data.scratch();
        let mut pilot = Pilot::start(&scratch.path().join("library"), vec2(1360.0, 860.0), 176.0);
        for _ in 0..30 {
            pilot.frame(0.0);
        }
        let start = Instant::now();
        pilot.send(Command::Import { op: OpId(1 << 40), roots: vec![folder.clone()], store: true });
        let mut first = None;
        let all = loop {
            pilot.frame(0.0);
            let (on_screen, filled) = pilot.on_screen();
            if filled > 0 && first.is_none() {
                first = Some(start.elapsed());
            }
            if on_screen > 0 && on_screen == filled {
                cells = on_screen;
                break start.elapsed();
            }
            assert!(start.elapsed() < Duration::from_secs(60), "the dropped photos are never shown");
        };
        pilot.close();
        if round > 0 {
            all_ms.push(all.as_secs_f64() * 1e3);
            first_ms.push(first.unwrap_or(all).as_secs_f64() * 1e3);
        }
    }
    let middle = median(&all_ms);
    vec![Row::new(
        format!("{} photos dropped until a screen of {cells} shows pictures", data.dropped_files),
        format!(
            "{middle:.0} ms, slowest {:.0} (the first after {:.0} ms)",
            percentile(&all_ms, 1.0),
            median(&first_ms)
        ),
        "150 ms",
        Met::from(middle < 150.0),
    )]
}
