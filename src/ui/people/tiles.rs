//! Tiles in rows: people or faces, of which only what can be seen is looked at. Clicks, Ctrl and Shift select, arrows
//! move, and one can be dragged on another.

use std::collections::BTreeSet;
use std::hash::Hash;
use std::ops::Range;

use eframe::egui::{
    self, CornerRadius, CursorIcon, EventFilter, Id, Key, Modifiers, PointerButton, Pos2, Rect, Response, Role,
    ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, vec2,
};

use crate::ui::theme::{self, Tokens, radius, space};

/// What a tile can be told by.
pub trait TileKey: Clone + Ord + Hash + std::fmt::Debug {}
impl<T: Clone + Ord + Hash + std::fmt::Debug> TileKey for T {}

/// How a set of tiles is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Unique in the window.
    pub id: &'a str,
    /// Its accessible name.
    pub label: &'a str,
    /// Width of the picture of a tile, in points.
    pub side: f32,
    /// Height of what stands below the picture, in points.
    pub below: f32,
    /// Whether a plain click opens a tile (it selects otherwise, and a double click opens).
    pub click_opens: bool,
    /// Whether a tile can be dragged on another.
    pub drags: bool,
}

/// What assistive technologies are told of a tile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Says {
    /// `Anna, 14 photos`.
    pub label: String,
    /// More about it, or nothing.
    pub description: String,
}

/// What the tiles keep between frames.
#[derive(Debug, Clone)]
pub struct Tiles<K: TileKey> {
    /// Those that are selected.
    pub selected: BTreeSet<K>,
    /// The one that has the keyboard.
    pub cursor: Option<K>,
    anchor: Option<K>,
    dragged: Option<K>,
    reveal: bool,
    columns: usize,
    page: f32,
}

impl<K: TileKey> Default for Tiles<K> {
    fn default() -> Self {
        Self {
            selected: BTreeSet::new(),
            cursor: None,
            anchor: None,
            dragged: None,
            reveal: false,
            columns: 1,
            page: 0.0,
        }
    }
}

/// What was done to the tiles in this frame.
pub struct Done<K> {
    /// This one was opened: clicked, or double-clicked.
    pub opened: Option<K>,
    /// Enter was pressed on this one.
    pub entered: Option<K>,
    /// The first was dropped on the second.
    pub dropped: Option<(K, K)>,
    /// The tiles that are in sight.
    pub visible: Range<usize>,
    /// The whole area: for menus.
    pub response: Response,
}

/// Around and between tiles, in points.
const GAP: f32 = space::M;

/// Where tiles are.
#[derive(Debug, Clone, Copy)]
struct Grid {
    columns: usize,
    cell: Vec2,
    side: f32,
    left: f32,
}

impl Grid {
    fn new(width: f32, look: &Look<'_>) -> Self {
        let room = (width - GAP).max(1.0);
        let columns = ((room / (look.side + GAP)).floor() as usize).max(1);
        let side = look.side.min((room - GAP).max(40.0));
        let used = columns as f32 * (side + GAP) - GAP;
        // What is left over stands on both sides.
        let left = ((width - used) / 2.0).clamp(GAP / 2.0, space::XL);
        Self { columns, cell: vec2(side + GAP, side + look.below + GAP), side, left }
    }

    fn rows(&self, count: usize) -> usize {
        count.div_ceil(self.columns)
    }

    fn rect(&self, at: usize, origin: Pos2) -> Rect {
        let (row, column) = (at / self.columns, at % self.columns);
        let min = origin + vec2(self.left + column as f32 * self.cell.x, GAP + row as f32 * self.cell.y);
        Rect::from_min_size(min, self.cell - Vec2::splat(GAP))
    }

    fn at(&self, spot: Pos2, origin: Pos2, count: usize) -> Option<usize> {
        let local = spot - origin - vec2(self.left, GAP);
        if local.x < 0.0 || local.y < 0.0 {
            return None;
        }
        let (column, row) = ((local.x / self.cell.x) as usize, (local.y / self.cell.y) as usize);
        let at = row.checked_mul(self.columns)?.checked_add(column)?;
        (column < self.columns && at < count && self.rect(at, origin).contains(spot)).then_some(at)
    }
}

impl<K: TileKey> Tiles<K> {
    /// The id of the area that has the keyboard.
    #[must_use]
    pub fn id(look: &Look<'_>) -> Id {
        Id::unique(("tiles", look.id))
    }

    /// What a gesture is about: the selection, or else the one that has the keyboard.
    #[must_use]
    pub fn targets(&self) -> Vec<K> {
        if self.selected.is_empty() {
            self.cursor.iter().cloned().collect()
        } else {
            self.selected.iter().cloned().collect()
        }
    }

    /// Selects nothing.
    pub fn clear(&mut self) {
        self.selected.clear();
        self.anchor = None;
    }

    /// Forgets what is no longer there; the keyboard goes to what took its place.
    pub fn follow(&mut self, before: &[K], now: &[K]) {
        if before == now {
            return;
        }
        let there: BTreeSet<K> = now.iter().cloned().collect();
        self.selected.retain(|key| there.contains(key));
        if let Some(cursor) = self.cursor.take_if(|cursor| !there.contains(cursor)) {
            let at = before.iter().position(|key| *key == cursor).unwrap_or(0);
            self.cursor = before[at.min(before.len())..].iter().find(|key| there.contains(key)).cloned();
            self.cursor = self.cursor.take().or_else(|| now.get(at.min(now.len().saturating_sub(1))).cloned());
        }
        self.anchor.take_if(|anchor| !there.contains(anchor));
        self.dragged.take_if(|dragged| !there.contains(dragged));
    }

    /// Shows them in all the room there is. `paint` draws what can be seen of one (its rectangle is the picture's
    /// square with what is below), `says` tells of one.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        look: &Look<'_>,
        keys: &[K],
        paint: &mut dyn FnMut(&mut Ui, usize, Rect),
        says: &dyn Fn(usize) -> Says,
    ) -> Done<K> {
        let outer = ui.available_rect_before_wrap();
        let grid = Grid::new(outer.width() - 10.0, look);
        self.columns = grid.columns;
        let height = grid.rows(keys.len()) as f32 * grid.cell.y + GAP;
        let mut scroll = ScrollArea::vertical().id_salt(look.id).auto_shrink(false);
        let state_id = Self::id(look).with("offset");
        self.page = outer.height();
        if let Some(to) = self.reveal_offset(ui, state_id, &grid, keys, outer.height()) {
            scroll = scroll.vertical_scroll_offset(to);
        }
        scroll
            .show_viewport(ui, |ui, viewport| {
                ui.set_height(height);
                let origin = ui.max_rect().min;
                let clip = ui.clip_rect();
                ui.data_mut(|data| data.insert_temp(state_id, viewport.min.y));
                let response = ui.interact(clip, Self::id(look), Sense::click_and_drag());
                let first = ((viewport.min.y - GAP).max(0.0) / grid.cell.y) as usize * grid.columns;
                let last = ((viewport.max.y / grid.cell.y).ceil() as usize).saturating_mul(grid.columns);
                let visible = first.min(keys.len())..last.min(keys.len());
                let entered = self.keys(ui, &response, keys);
                let opened = self.pointer(ui, &response, look, (&grid, origin), keys);
                let dropped = self.drag(ui, &response, look, (&grid, origin), keys);
                self.paint(ui, &response, (&grid, origin), (keys, visible.clone()), paint);
                let pressed = self.describe(ui, &response, look, (&grid, origin), (keys, visible.clone()), says);
                Done { opened: opened.or(pressed), entered, dropped, visible, response }
            })
            .inner
    }

    /// Where to scroll to, so that the one with the keyboard is in sight.
    fn reveal_offset(&mut self, ui: &Ui, state: Id, grid: &Grid, keys: &[K], page: f32) -> Option<f32> {
        if !std::mem::take(&mut self.reveal) {
            return None;
        }
        let at = self.position(keys)?;
        let now = ui.data(|data| data.get_temp::<f32>(state)).unwrap_or(0.0);
        let top = (at / grid.columns) as f32 * grid.cell.y;
        Some(now.min(top).max(top + grid.cell.y + GAP - page))
    }

    fn position(&self, keys: &[K]) -> Option<usize> {
        let cursor = self.cursor.as_ref()?;
        keys.iter().position(|key| key == cursor)
    }

    fn keys(&mut self, ui: &Ui, response: &Response, keys: &[K]) -> Option<K> {
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
        if !response.has_focus() || keys.is_empty() {
            return None;
        }
        let rows = ((self.page / 180.0) as usize).max(1);
        let steps: [(Key, isize); 6] = [
            (Key::ArrowLeft, -1),
            (Key::ArrowRight, 1),
            (Key::ArrowUp, -(self.columns as isize)),
            (Key::ArrowDown, self.columns as isize),
            (Key::PageUp, -((rows * self.columns) as isize)),
            (Key::PageDown, (rows * self.columns) as isize),
        ];
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        let last = keys.len() - 1;
        for extend in [true, false] {
            let modifiers = if extend { Modifiers::SHIFT } else { Modifiers::NONE };
            for (key, by) in steps {
                if pressed(modifiers, key) {
                    let at = self.position(keys).map_or(0, |at| at.saturating_add_signed(by).min(last));
                    self.go(keys, at, extend);
                }
            }
            for (key, at) in [(Key::Home, 0), (Key::End, last)] {
                if pressed(modifiers, key) {
                    self.go(keys, at, extend);
                }
            }
        }
        if pressed(Modifiers::COMMAND, Key::A) {
            self.selected = keys.iter().cloned().collect();
        }
        if pressed(Modifiers::COMMAND, Key::D) {
            self.clear();
        }
        if pressed(Modifiers::NONE, Key::Space)
            && let Some(cursor) = self.cursor.clone()
        {
            self.toggle(cursor);
        }
        self.cursor.clone().filter(|_| pressed(Modifiers::NONE, Key::Enter))
    }

    /// Moves the keyboard; with `extend` the selection grows from where it began.
    fn go(&mut self, keys: &[K], at: usize, extend: bool) {
        if extend {
            let from = self.anchor.clone().or_else(|| self.cursor.clone()).unwrap_or_else(|| keys[at].clone());
            self.extend(keys, from, at);
        } else {
            self.anchor = None;
        }
        self.cursor = Some(keys[at].clone());
        self.reveal = true;
    }

    fn extend(&mut self, keys: &[K], from: K, at: usize) {
        let start = keys.iter().position(|key| *key == from).unwrap_or(at);
        self.selected = keys[start.min(at)..=start.max(at)].iter().cloned().collect();
        self.anchor = Some(from);
    }

    fn toggle(&mut self, key: K) {
        if !self.selected.remove(&key) {
            self.selected.insert(key.clone());
        }
        self.anchor = Some(key);
    }

    fn pointer(
        &mut self,
        ui: &Ui,
        response: &Response,
        look: &Look<'_>,
        (grid, origin): (&Grid, Pos2),
        keys: &[K],
    ) -> Option<K> {
        let spot = response.interact_pointer_pos().or_else(|| response.hover_pos())?;
        let hit = grid.at(spot, origin, keys.len());
        if hit.is_some() && response.hovered() {
            ui.output_mut(|output| output.cursor_icon = CursorIcon::PointingHand);
        }
        let modifiers = ui.input(|input| input.modifiers);
        if response.clicked_by(PointerButton::Secondary) {
            response.request_focus();
            if let Some(at) = hit {
                self.cursor = Some(keys[at].clone());
                if !self.selected.contains(&keys[at]) {
                    self.clear();
                }
            }
            return None;
        }
        if !response.clicked() {
            return None;
        }
        response.request_focus();
        let Some(at) = hit else {
            self.clear();
            return None;
        };
        let key = keys[at].clone();
        if modifiers.command {
            self.toggle(key.clone());
        } else if modifiers.shift {
            let from = self.anchor.clone().or_else(|| self.cursor.clone()).unwrap_or_else(|| key.clone());
            self.extend(keys, from, at);
        } else if look.click_opens || response.double_clicked() {
            self.cursor = Some(key.clone());
            return Some(key);
        } else {
            self.selected = BTreeSet::from([key.clone()]);
            self.anchor = Some(key.clone());
        }
        self.cursor = Some(key);
        None
    }

    fn drag(
        &mut self,
        ui: &Ui,
        response: &Response,
        look: &Look<'_>,
        (grid, origin): (&Grid, Pos2),
        keys: &[K],
    ) -> Option<(K, K)> {
        if !look.drags {
            return None;
        }
        let key_at = |spot: Pos2| grid.at(spot, origin, keys.len()).map(|at| keys[at].clone());
        if response.drag_started() {
            self.dragged = ui.input(|input| input.pointer.press_origin()).and_then(key_at);
        }
        let dragged = self.dragged.clone()?;
        let over = ui.input(|input| input.pointer.latest_pos()).and_then(key_at).filter(|key| *key != dragged);
        if response.drag_stopped() {
            self.dragged = None;
            return over.map(|over| (dragged, over));
        }
        let icon = if over.is_some() { CursorIcon::Grabbing } else { CursorIcon::NoDrop };
        ui.output_mut(|output| output.cursor_icon = icon);
        None
    }

    fn paint(
        &self,
        ui: &mut Ui,
        response: &Response,
        (grid, origin): (&Grid, Pos2),
        (keys, visible): (&[K], Range<usize>),
        paint: &mut dyn FnMut(&mut Ui, usize, Rect),
    ) {
        let tokens = theme::tokens(ui);
        let hovered = response.hover_pos().and_then(|spot| grid.at(spot, origin, keys.len()));
        let target = self.dragged.as_ref().and_then(|dragged| {
            let spot = ui.input(|input| input.pointer.latest_pos())?;
            grid.at(spot, origin, keys.len()).filter(|at| keys[*at] != *dragged)
        });
        for at in visible {
            let rect = grid.rect(at, origin);
            let mark = Mark {
                selected: self.selected.contains(&keys[at]),
                hovered: hovered == Some(at),
                keyboard: response.has_focus() && self.cursor.as_ref() == Some(&keys[at]),
                target: target == Some(at),
            };
            mark.ground(ui, rect, tokens);
            paint(ui, at, rect);
            mark.frame(ui, rect, tokens);
        }
        if let Some(dragged) = &self.dragged
            && let Some(spot) = ui.input(|input| input.pointer.latest_pos())
            && let Some(at) = keys.iter().position(|key| key == dragged)
        {
            let size = Vec2::splat(grid.side);
            ui.scope(|ui| {
                ui.set_opacity(0.75);
                let clip = ui.clip_rect();
                ui.set_clip_rect(clip.expand(grid.side));
                paint(ui, at, Rect::from_min_size(spot - size * 0.3, vec2(size.x, grid.cell.y - GAP)));
                ui.set_clip_rect(clip);
            });
        }
    }

    /// Tells assistive technologies what the tiles are. Gives the one that such a technology clicked.
    fn describe(
        &mut self,
        ui: &mut Ui,
        response: &Response,
        look: &Look<'_>,
        (grid, origin): (&Grid, Pos2),
        (keys, visible): (&[K], Range<usize>),
        says: &dyn Fn(usize) -> Says,
    ) -> Option<K> {
        let id_of = |key: &K| Id::unique(("tile", look.id, key));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(Role::ListBox);
            node.set_label(look.label);
            node.set_multiselectable();
            node.set_size_of_set(keys.len());
            node.set_description(format!("{} in all, {} selected", keys.len(), self.selected.len()));
            if let Some(cursor) = self.cursor.as_ref().filter(|cursor| keys[visible.clone()].contains(cursor)) {
                node.set_active_descendant(id_of(cursor).accesskit_id());
            }
        })?;
        let mut clicked = None;
        let clip = ui.clip_rect();
        let inside = ui.new_child(UiBuilder::new().max_rect(clip).accessibility_parent(response.id));
        for at in visible {
            let (key, rect) = (&keys[at], grid.rect(at, origin));
            let id = id_of(key);
            // It senses nothing, so that the area keeps every click.
            inside.interact(rect, id, Sense::empty());
            let said = says(at);
            ui.ctx().accesskit_node_builder(id, |node| {
                node.set_role(Role::ListBoxOption);
                node.set_label(said.label);
                if !said.description.is_empty() {
                    node.set_description(said.description);
                }
                node.set_bounds(bounds(rect));
                node.set_selected(self.selected.contains(key));
                node.set_position_in_set(at);
                node.add_action(egui::accesskit::Action::Click);
            });
            if ui.input(|input| input.has_accesskit_action_request(id, egui::accesskit::Action::Click)) {
                clicked = Some(key.clone());
            }
        }
        let clicked = clicked?;
        self.cursor = Some(clicked.clone());
        response.request_focus();
        if look.click_opens {
            return Some(clicked);
        }
        self.toggle(clicked);
        None
    }
}

/// How a tile is marked.
#[derive(Debug, Clone, Copy)]
struct Mark {
    selected: bool,
    hovered: bool,
    keyboard: bool,
    target: bool,
}

impl Mark {
    fn ground(self, ui: &Ui, rect: Rect, tokens: &Tokens) {
        let colour = match (self.selected || self.target, self.hovered) {
            (true, _) => tokens.control,
            (false, true) => tokens.placeholder,
            (false, false) => return,
        };
        ui.painter().rect_filled(rect.expand(4.0), CornerRadius::same(radius::L), colour);
    }

    fn frame(self, ui: &Ui, rect: Rect, tokens: &Tokens) {
        let corner = CornerRadius::same(radius::L);
        if self.selected || self.target {
            let stroke = Stroke::new(2.0, tokens.accent);
            ui.painter().rect_stroke(rect.expand(4.0), corner, stroke, StrokeKind::Inside);
        }
        if self.keyboard {
            let stroke = Stroke::new(2.0, tokens.focus);
            ui.painter().rect_stroke(rect.expand(4.0), corner, stroke, StrokeKind::Outside);
        }
    }
}

fn bounds(rect: Rect) -> egui::accesskit::Rect {
    let edge = |value: f32| f64::from(value);
    egui::accesskit::Rect { x0: edge(rect.min.x), y0: edge(rect.min.y), x1: edge(rect.max.x), y1: edge(rect.max.y) }
}

#[cfg(test)]
mod tests {
    use eframe::egui::pos2;

    use super::*;

    const LOOK: Look<'_> = Look { id: "t", label: "T", side: 120.0, below: 40.0, click_opens: true, drags: true };

    #[test]
    fn a_spot_is_in_the_tile_that_is_drawn_there() {
        for width in [60.0, 400.0, 800.0, 1300.0] {
            let grid = Grid::new(width, &LOOK);
            let origin = pos2(10.0, -500.0);
            for at in 0..40 {
                let rect = grid.rect(at, origin);
                assert_eq!(grid.at(rect.center(), origin, 40), Some(at), "{width}");
                assert_eq!(grid.at(rect.center(), origin, at), None, "what is not there is not hit");
                assert_eq!(grid.at(rect.right_bottom() + vec2(GAP / 2.0, GAP / 2.0), origin, 40), None);
            }
            assert!(grid.rect(grid.columns - 1, origin).right() <= origin.x + width.max(70.0), "{width}: {grid:?}");
        }
    }

    #[test]
    fn what_went_is_not_selected_and_the_keyboard_goes_on() {
        let mut tiles = Tiles { selected: BTreeSet::from([2, 3]), cursor: Some(3), ..Tiles::default() };
        tiles.follow(&[1, 2, 3, 4, 5], &[1, 2, 4, 5]);
        assert_eq!((tiles.selected, tiles.cursor), (BTreeSet::from([2]), Some(4)));
        let mut tiles = Tiles { cursor: Some(5), ..Tiles::default() };
        tiles.follow(&[4, 5], &[4]);
        assert_eq!(tiles.cursor, Some(4));
        tiles.follow(&[4], &[]);
        assert_eq!(tiles.cursor, None);
    }
}
