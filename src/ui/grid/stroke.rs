//! A stroke of the brush: every photo that the pointer sweeps over, from press to release.

use std::collections::BTreeSet;
use std::sync::Arc;

use eframe::egui::{Pos2, Rect, Response, Ui};

use super::Grid;
use super::layout::Layout;
use crate::domain::Seat;

/// The way between two looks at the pointer is walked in steps of so many points: less than any cell.
const STEP: f32 = 16.0;

/// Photos are kept by seat, so that new results in the middle of a stroke change nothing.
#[derive(Debug, Clone, Default)]
pub struct Stroke {
    /// Whether the pointer paints instead of selecting.
    pub is_on: bool,
    seats: BTreeSet<Seat>,
    last: Option<Pos2>,
    done: Option<Arc<[Seat]>>,
}

impl Stroke {
    /// Whether the stroke on its way has this photo.
    pub fn has(&self, seat: Option<Seat>) -> bool {
        seat.is_some_and(|seat| self.seats.contains(&seat))
    }

    /// The stroke that has just ended, once.
    pub fn take(&mut self) -> Option<Arc<[Seat]>> {
        self.done.take()
    }

    /// Paints one photo, as a stroke of its own.
    pub fn one(&mut self, seat: Seat) {
        self.done = Some([seat].into());
    }
}

impl Grid {
    /// Follows the pointer while its button is down.
    pub(super) fn sweep(&mut self, ui: &Ui, response: &Response, layout: &Layout, view: Rect) {
        let down = response.is_pointer_button_down_on() && ui.input(|input| input.pointer.primary_down());
        if (down || response.clicked())
            && let Some(spot) = response.interact_pointer_pos()
        {
            let from = self.stroke.last.unwrap_or(spot);
            let steps = (from.distance(spot) / STEP).ceil().clamp(1.0, 1_000.0) as u32;
            for step in 1..=steps {
                let at = from.lerp(spot, step as f32 / steps as f32);
                let hit = if view.contains(at) { self.photo_at(layout, at - view.min) } else { None };
                self.stroke.seats.extend(hit.and_then(|at| self.seats.get(at)));
            }
            self.stroke.last = Some(spot);
        }
        if !down {
            self.stroke.last = None;
            let swept = std::mem::take(&mut self.stroke.seats);
            if !swept.is_empty() {
                response.request_focus();
                // In the order of the photos: the newest seat first.
                self.stroke.done = Some(swept.into_iter().rev().collect());
            }
        }
    }
}
