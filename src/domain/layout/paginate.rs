//! From shapes and a page setup to pages.

use super::check::check;
use super::grid::{Grid, too_large};
use super::pack::{self, Piece, Room, Spot};
use super::photo::{FrameKind, fixed_quarters, oriented, place};
use super::text::{Bands, Texts, caption_mm};
use super::{
    Layout, LayoutError, MAX_PAGES, MAX_PLACED, Marks, Measure, Page, PageSetup, PhotoShape, PrintSize, Rect, Turn,
    marks,
};

/// A place for a photo on a page.
#[derive(Debug, Clone, Copy)]
struct Slot {
    photo: usize,
    frame_mm: Rect,
    kind: FrameKind,
}

/// What a layout decides: the places on each page.
type Plan = Vec<Vec<Slot>>;

/// Lays photos out on pages; see the module for order, copies, sizes and rotation.
///
/// # Errors
/// Where the setup has a value that no page can have, or leaves no room for photos.
pub fn paginate(photos: &[PhotoShape], setup: &PageSetup, measure: &dyn Measure) -> Result<Vec<Page>, LayoutError> {
    check(photos, setup)?;
    let bands = Bands::new(setup);
    let plan = plan(photos, setup, bands.room)?;
    let (count, copies) = (plan.len(), setup.copies as usize);
    within(count, copies)?;
    let mut texts = Texts::new(setup, measure);
    let mut stack: Vec<Page> = Vec::with_capacity(count);
    for (number, slots) in plan.iter().enumerate() {
        stack.push(page(slots, (number + 1, count), (photos, setup), &bands, &mut texts));
    }
    let mut pages = Vec::with_capacity(count * copies);
    for _ in 1..copies {
        pages.extend_from_slice(&stack);
    }
    pages.extend(stack);
    Ok(pages)
}

fn page(
    slots: &[Slot],
    number: (usize, usize),
    (photos, setup): (&[PhotoShape], &PageSetup),
    bands: &Bands,
    texts: &mut Texts<'_>,
) -> Page {
    let mut page = Page::blank(setup.page_size_mm());
    page.background = setup.background;
    page.photos.reserve(slots.len());
    texts.header(&mut page, bands, number);
    for slot in slots {
        let Some(shape) = photos.get(slot.photo) else { continue };
        let placed = place(slot.photo, shape, slot.frame_mm, slot.kind, setup);
        // A single photo's caption follows its image; elsewhere the captions of a row share their baselines.
        let foot_mm = match setup.layout {
            Layout::Single => placed.edge_mm().bottom(),
            _ => placed.frame_mm.bottom(),
        };
        texts.caption(&mut page, &placed, shape, foot_mm);
        page.photos.push(placed);
    }
    texts.over(&mut page, photos, number);
    texts.footer(&mut page, bands, number);
    let wanted = match (&setup.layout, setup.marks) {
        (Layout::Id { .. }, Marks::None) => Marks::Guides,
        (_, wanted) => wanted,
    };
    page.lines = marks::lines(&page, wanted, setup);
    page
}

/// Refuses what would exhaust the memory.
fn within(pages: usize, copies: usize) -> Result<(), LayoutError> {
    match pages.checked_mul(copies) {
        Some(all) if all <= MAX_PAGES => Ok(()),
        all => Err(LayoutError::Pages(all.unwrap_or(usize::MAX))),
    }
}

/// How many photos each copy of the job has.
fn wished(photos: &[PhotoShape]) -> usize {
    photos.iter().map(|shape| shape.setup.copies as usize).fold(0, usize::saturating_add)
}

/// The photos in their order, each as often as it is wished, where each of these takes `places`.
fn in_order(photos: &[PhotoShape], setup: &PageSetup, places: usize) -> Result<Vec<usize>, LayoutError> {
    let things = [places, setup.copies as usize, 1 + setup.captions.len()];
    let all = things.into_iter().fold(wished(photos), usize::saturating_mul);
    if all > MAX_PLACED {
        return Err(LayoutError::Placed(all));
    }
    let each = |(photo, shape): (usize, &PhotoShape)| std::iter::repeat_n(photo, shape.setup.copies as usize);
    Ok(photos.iter().enumerate().flat_map(each).collect())
}

fn plan(photos: &[PhotoShape], setup: &PageSetup, room: Rect) -> Result<Plan, LayoutError> {
    let caption_mm = caption_mm(setup);
    let captioned = FrameKind::Cell { stands: caption_mm > 0.0 };
    let grid = |grid: Grid, kind| {
        // Before the places are made: a hostile file may ask for millions of pages.
        within(wished(photos).div_ceil(grid.per_page()), setup.copies as usize)?;
        let order = in_order(photos, setup, 1)?;
        Ok(in_cells(&order, &grid, kind))
    };
    match &setup.layout {
        Layout::Single => grid(Grid::even((1, 1), room, setup, caption_mm)?, FrameKind::Cell { stands: false }),
        &Layout::Contact { rows, columns } => grid(Grid::even((rows, columns), room, setup, caption_mm)?, captioned),
        &Layout::NUp { count } => grid(Grid::n_up(count, photos, room, setup, caption_mm)?, captioned),
        &Layout::Cells { width_mm, height_mm } => {
            grid(Grid::of_size(PrintSize { width_mm, height_mm }, room, setup, caption_mm)?, captioned)
        }
        &Layout::Id { size, count } => id(photos, setup, room, size, count),
        Layout::Package { sizes } => package(photos, setup, room, sizes),
        &Layout::Packed { size } => packed(photos, setup, room, size),
    }
}

fn in_cells(order: &[usize], grid: &Grid, kind: FrameKind) -> Plan {
    let slot = |(cell, &photo): (usize, &usize)| Slot { photo, frame_mm: grid.frame(cell), kind };
    order.chunks(grid.per_page()).map(|chunk| chunk.iter().enumerate().map(slot).collect()).collect()
}

/// ID photos: a sheet for each photo that fills its page, and one after the other where their number is given.
fn id(
    photos: &[PhotoShape],
    setup: &PageSetup,
    room: Rect,
    size: PrintSize,
    count: Option<u32>,
) -> Result<Plan, LayoutError> {
    let upright = Grid::of_size(size, room, setup, caption_mm(setup));
    let may_turn = photos.iter().all(|shape| fixed_quarters(shape).is_none());
    let lying = may_turn
        .then(|| Grid::of_size(PrintSize::new(size.height_mm, size.width_mm), room, setup, caption_mm(setup)).ok());
    // Lying only where that saves paper, or gets more on it.
    let better = |other: &Grid, grid: &Grid| match count {
        Some(count) => {
            let pages = |grid: &Grid| (photos.len() * count as usize).div_ceil(grid.per_page());
            pages(other) < pages(grid)
        }
        None => other.per_page() > grid.per_page(),
    };
    let (grid, turned) = match (upright, lying.flatten()) {
        (Ok(grid), Some(other)) if better(&other, &grid) => (other, true),
        (Err(_), Some(other)) => (other, true),
        (upright, _) => (upright?, false),
    };
    let kind = FrameKind::Id { turned };
    if let Some(count) = count {
        let order = in_order(photos, setup, count as usize)?;
        let order: Vec<usize> =
            order.into_iter().flat_map(|photo| std::iter::repeat_n(photo, count as usize)).collect();
        within(order.len().div_ceil(grid.per_page()), setup.copies as usize)?;
        return Ok(in_cells(&order, &grid, kind));
    }
    let order = in_order(photos, setup, grid.per_page())?;
    within(order.len(), setup.copies as usize)?;
    Ok(order.into_iter().flat_map(|photo| in_cells(&vec![photo; grid.per_page()], &grid, kind)).collect())
}

/// The room for prints of exact sizes.
fn packing_room(setup: &PageSetup, room: Rect) -> Room {
    Room { width: room.width, height: room.height, spacing: setup.spacing_mm, caption: caption_mm(setup) }
}

fn piece(shape: &PhotoShape, size: PrintSize, place: &Room, room: Rect) -> Result<Piece, LayoutError> {
    let size = oriented(size, shape, fixed_quarters(shape).unwrap_or(0));
    let piece = Piece { width: size.width_mm, height: size.height_mm, may_turn: shape.setup.turn == Turn::Auto };
    if place.takes(&piece) { Ok(piece) } else { Err(too_large(size, room)) }
}

fn slot(photo: usize, piece: &Piece, spot: &Spot, room: Rect) -> Slot {
    let (width, height) = if spot.turned { (piece.height, piece.width) } else { (piece.width, piece.height) };
    let frame_mm = Rect::new(room.x + spot.x, room.y + spot.y, width, height);
    Slot { photo, frame_mm, kind: FrameKind::Print { turned: spot.turned } }
}

/// Picture packages: the same arrangement for all photos whose prints lie alike, which is packed once.
fn package(photos: &[PhotoShape], setup: &PageSetup, room: Rect, sizes: &[PrintSize]) -> Result<Plan, LayoutError> {
    in_order(photos, setup, sizes.len())?;
    let place = packing_room(setup, room);
    let mut known: Vec<(Vec<(Piece, usize)>, Plan)> = Vec::new();
    let mut plan = Plan::new();
    for (photo, shape) in photos.iter().enumerate() {
        let mut groups: Vec<(Piece, usize)> = Vec::with_capacity(sizes.len());
        for &size in sizes {
            let piece = piece(shape, size, &place, room)?;
            match groups.iter_mut().find(|(other, _)| *other == piece) {
                Some((_, count)) => *count += shape.setup.copies as usize,
                None => groups.push((piece, shape.setup.copies as usize)),
            }
        }
        let at = match known.iter().position(|(other, _)| *other == groups) {
            Some(at) => at,
            None => {
                let pages = arranged(&groups, &place, room);
                known.push((groups, pages));
                known.len() - 1
            }
        };
        let pages = known.get(at).map(|(_, pages)| pages.as_slice()).unwrap_or_default();
        within(plan.len() + pages.len(), setup.copies as usize)?;
        plan.extend(pages.iter().map(|page| page.iter().map(|slot| Slot { photo, ..*slot }).collect()));
    }
    Ok(plan)
}

fn arranged(groups: &[(Piece, usize)], place: &Room, room: Rect) -> Plan {
    let mut plan: Plan = Vec::new();
    for page in pack::fewest_pages(groups, place) {
        let of = |(group, spot): &(usize, Spot)| groups.get(*group).map(|(piece, _)| slot(0, piece, spot, room));
        let mut slots: Vec<Slot> = page.iter().filter_map(of).collect();
        // One photo in many sizes: in reading order.
        slots.sort_by(|a, b| a.frame_mm.y.total_cmp(&b.frame_mm.y).then_with(|| a.frame_mm.x.total_cmp(&b.frame_mm.x)));
        plan.push(slots);
    }
    plan
}

fn packed(photos: &[PhotoShape], setup: &PageSetup, room: Rect, size: PrintSize) -> Result<Plan, LayoutError> {
    let order = in_order(photos, setup, 1)?;
    let place = packing_room(setup, room);
    let mut pieces = Vec::with_capacity(order.len());
    for shape in photos {
        let piece = piece(shape, shape.setup.size.unwrap_or(size), &place, room)?;
        pieces.extend(std::iter::repeat_n(piece, shape.setup.copies as usize));
    }
    let mut next = order.iter().zip(&pieces);
    let pages = pack::in_order(&pieces, &place);
    Ok(pages
        .iter()
        .map(|page| {
            page.iter().zip(next.by_ref()).map(|(spot, (&photo, piece))| slot(photo, piece, spot, room)).collect()
        })
        .collect())
}
