//! Pictures larger than thumbnails for the photos of the page in sight, and those that show what the paper will.

use eframe::egui::Ui;

use super::PrintScreen;
use super::paint::Sheet;
use crate::domain::Seat;
use crate::domain::layout::Page;
use crate::ui::Action;

/// Thumbnails have this long edge; larger pictures are asked for from here on.
const THUMB_PX: f32 = 320.0;
/// Steps of their long edge, so that a window being resized does not ask for a picture at every frame.
const STEP_PX: f32 = 512.0;
/// No larger, however close one looks.
const MOST_PX: f32 = 4096.0;
/// Photos of a page that get a larger picture; on a page with more they are small.
const MOST: usize = 24;

impl PrintScreen {
    /// Asks for the pictures that this page needs, once.
    pub(super) fn want_pictures(&mut self, ui: &Ui, sheet: &Sheet, page: &Page, actions: &mut Vec<Action>) {
        let proof = self.colour.wanted(&self.job.setup.pixels);
        let was_proof = self.pictures.as_ref().is_some_and(|(_, _, proof)| proof.is_some());
        let longest = |side: f32| side * sheet.scale * ui.pixels_per_point();
        let edges = page.photos.iter().map(|placed| longest(placed.image_mm.width.max(placed.image_mm.height) as f32));
        let edge = edges.fold(0.0, f32::max);
        if edge <= THUMB_PX && proof.is_none() && !was_proof {
            return;
        }
        let edge = ((edge / STEP_PX).ceil() * STEP_PX).clamp(STEP_PX, MOST_PX) as u32;
        let mut seats: Vec<Seat> = Vec::new();
        for placed in &page.photos {
            if let Some(seat) = self.job.photos.get(placed.photo)
                && !seats.contains(seat)
                && seats.len() < MOST
            {
                seats.push(*seat);
            }
        }
        let Some(first) = seats.first().copied() else { return };
        if let Some((had, size, before)) = &self.pictures
            && *had == seats
            && *size >= edge
            && *before == proof
        {
            return;
        }
        self.pictures = Some((seats.clone(), edge, proof.clone()));
        let mut ahead: Vec<Seat> = seats.into_iter().skip(1).collect();
        let last = page.photos.iter().map(|placed| placed.photo).max();
        if ahead.len() + 1 < MOST {
            ahead.extend(last.and_then(|last| self.job.photos.get(last + 1)).copied());
        }
        actions.push(Action::ShowPicture { seat: first, long_edge_px: Some(edge), proof, ahead });
    }
}
