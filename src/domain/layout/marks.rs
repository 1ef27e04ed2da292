//! Marks for the knife: crop marks at the corners of photos, and dashed guides along their edges.
//!
//! Both stay off every other photo. What is near a line is found in strips and tiles of the page, so that thousands of
//! photos cost no more each than a dozen.

use super::grid::EPSILON_MM;
use super::{Ink, Marks, Page, PageSetup, PlacedLine, PlacedText, Rect, Stroke, TextRole};

/// From a photo's corner to its marks, in mm.
const GAP_MM: f64 = 1.0;
/// Length of a mark, in mm.
const LENGTH_MM: f64 = 4.0;
/// A mark that is shorter is no help, in mm.
const SHORTEST_MM: f64 = 0.5;
/// Thickness in mm: a hairline.
const WIDTH_MM: f64 = 0.1;
/// Length of a guide's dashes, in mm.
const DASH_MM: f64 = 2.0;
/// Lines on a page, at most; guides beyond are left out.
const MAX_LINES: usize = 40_000;

const STROKE: Stroke = Stroke { width_mm: WIDTH_MM, ink: Ink::grey(0x60) };

/// The lines of a page whose photos and texts are placed.
pub(super) fn lines(page: &Page, marks: Marks, setup: &PageSetup) -> Vec<PlacedLine> {
    let edges: Vec<Rect> = page.photos.iter().map(super::Placed::edge_mm).collect();
    match marks {
        Marks::None => Vec::new(),
        Marks::Crop => crop_marks(page, &edges, &setup.reachable_mm()),
        Marks::Guides => guides(&edges, &setup.reachable_mm()),
    }
}

fn crop_marks(page: &Page, edges: &[Rect], reachable: &Rect) -> Vec<PlacedLine> {
    // Captions are left alone too; overlays and watermarks lie over photos anyway.
    let below = |text: &&PlacedText| !matches!(text.role, TextRole::Overlay | TextRole::Watermark);
    let mut obstacles = edges.to_vec();
    obstacles.extend(page.texts.iter().filter(below).map(PlacedText::bounds_mm));
    let tiles = Tiles::new(page.size_mm, &obstacles);
    let mut lines = Vec::new();
    for edge in edges {
        for (x, outwards) in [(edge.x, -1.0), (edge.right(), 1.0)] {
            for y in [edge.y, edge.bottom()] {
                lines.extend(mark((x, y), (outwards, 0.0), &tiles, reachable));
            }
        }
        for (y, outwards) in [(edge.y, -1.0), (edge.bottom(), 1.0)] {
            for x in [edge.x, edge.right()] {
                lines.extend(mark((x, y), (0.0, outwards), &tiles, reachable));
            }
        }
    }
    lines
}

/// One mark from a corner outwards, as long as it is free.
fn mark(corner: (f64, f64), (right, down): (f64, f64), tiles: &Tiles<'_>, reachable: &Rect) -> Option<PlacedLine> {
    let half = WIDTH_MM / 2.0;
    let at = |length: f64| (corner.0 + right * length, corner.1 + down * length);
    // To the edge of what the printer reaches; across it, the whole thickness counts.
    let along = if right != 0.0 {
        if corner.1 - half < reachable.y || corner.1 + half > reachable.bottom() {
            return None;
        }
        if right > 0.0 { reachable.right() - corner.0 } else { corner.0 - reachable.x }
    } else {
        if corner.0 - half < reachable.x || corner.0 + half > reachable.right() {
            return None;
        }
        if down > 0.0 { reachable.bottom() - corner.1 } else { corner.1 - reachable.y }
    };
    let mut end = (GAP_MM + LENGTH_MM).min(along);
    let strip = |end: f64| {
        let (from, to) = (at(0.0), at(end));
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        let (width, height) = ((from.0 - to.0).abs(), (from.1 - to.1).abs());
        if right != 0.0 { Rect::new(x, y - half, width, WIDTH_MM) } else { Rect::new(x - half, y, WIDTH_MM, height) }
    };
    if end - GAP_MM < SHORTEST_MM {
        return None;
    }
    tiles.near(&strip(end), |other| {
        let whole = strip(end);
        if other.overlaps(&whole, EPSILON_MM) {
            // How far the obstacle is from the corner.
            end = if right > 0.0 {
                other.x - corner.0
            } else if right < 0.0 {
                corner.0 - other.right()
            } else if down > 0.0 {
                other.y - corner.1
            } else {
                corner.1 - other.bottom()
            }
            .clamp(0.0, end);
        }
    });
    (end - GAP_MM >= SHORTEST_MM).then(|| PlacedLine {
        from_mm: at(GAP_MM),
        to_mm: at(end),
        stroke: STROKE,
        dash_mm: None,
    })
}

/// The page in tiles, each with what lies in it.
struct Tiles<'a> {
    all: &'a [Rect],
    per_side: usize,
    size: (f64, f64),
    tiles: Vec<Vec<u32>>,
}

impl<'a> Tiles<'a> {
    fn new((width, height): (f64, f64), all: &'a [Rect]) -> Self {
        let per_side = (all.len() as f64).sqrt().ceil().clamp(1.0, 256.0) as usize;
        let size = (width / per_side as f64, height / per_side as f64);
        let mut this = Self { all, per_side, size, tiles: vec![Vec::new(); per_side * per_side] };
        for (number, rect) in all.iter().enumerate() {
            for tile in this.of(rect) {
                if let Some(tile) = this.tiles.get_mut(tile) {
                    tile.push(number as u32);
                }
            }
        }
        this
    }

    fn of(&self, rect: &Rect) -> impl Iterator<Item = usize> + use<> {
        let per_side = self.per_side;
        let index = |mm: f64, size: f64| ((mm / size).floor().max(0.0) as usize).min(per_side - 1);
        let (left, right) = (index(rect.x, self.size.0), index(rect.right(), self.size.0));
        let (top, bottom) = (index(rect.y, self.size.1), index(rect.bottom(), self.size.1));
        (top..=bottom).flat_map(move |row| (left..=right).map(move |column| row * per_side + column))
    }

    fn near(&self, rect: &Rect, mut each: impl FnMut(&Rect)) {
        let numbers = self.of(rect).filter_map(|tile| self.tiles.get(tile)).flatten();
        numbers.filter_map(|&number| self.all.get(number as usize)).for_each(&mut each);
    }
}

/// Lines over the whole page along every edge, interrupted where another photo lies.
fn guides(edges: &[Rect], reachable: &Rect) -> Vec<PlacedLine> {
    let turned: Vec<Rect> = edges.iter().map(transposed).collect();
    let mut lines = Vec::new();
    for (start, end, x) in upright_guides(edges, reachable) {
        lines.push(guide((x, start), (x, end)));
    }
    for (start, end, y) in upright_guides(&turned, &transposed(reachable)) {
        lines.push(guide((start, y), (end, y)));
    }
    lines.truncate(MAX_LINES);
    lines
}

fn guide(from_mm: (f64, f64), to_mm: (f64, f64)) -> PlacedLine {
    PlacedLine { from_mm, to_mm, stroke: STROKE, dash_mm: Some(DASH_MM) }
}

fn transposed(rect: &Rect) -> Rect {
    Rect::new(rect.y, rect.x, rect.height, rect.width)
}

/// The pieces (from y, to y, x) of upright lines along the left and right edges.
fn upright_guides(edges: &[Rect], reachable: &Rect) -> Vec<(f64, f64, f64)> {
    let half = WIDTH_MM / 2.0;
    let mut at: Vec<f64> = edges.iter().flat_map(|edge| [edge.x, edge.right()]).collect();
    at.sort_by(f64::total_cmp);
    // Edges that touch have one line.
    at.dedup_by(|a, b| (*a - *b).abs() < 1e-6);
    at.retain(|x| x - half >= reachable.x && x + half <= reachable.right());
    // Every edge falls into the strips that it covers, so that a line looks only at those of its own strip.
    let count = (edges.len() as f64).sqrt().ceil().clamp(1.0, 1024.0) as usize;
    let width = (reachable.width / count as f64).max(EPSILON_MM);
    let strip = |x: f64| (((x - reachable.x) / width).floor().max(0.0) as usize).min(count - 1);
    let mut strips: Vec<Vec<&Rect>> = vec![Vec::new(); count];
    for edge in edges {
        for strip in strips.iter_mut().take(strip(edge.right()) + 1).skip(strip(edge.x)) {
            strip.push(edge);
        }
    }
    for strip in &mut strips {
        strip.sort_by(|a, b| a.y.total_cmp(&b.y));
    }
    let mut pieces = Vec::new();
    for x in at {
        let mut from = reachable.y;
        for edge in strips.get(strip(x)).into_iter().flatten() {
            // On its edge a line is welcome, in its inside it is not.
            if x > edge.x + half && x < edge.right() - half {
                if edge.y - from > SHORTEST_MM {
                    pieces.push((from, edge.y, x));
                }
                from = from.max(edge.bottom());
            }
        }
        if reachable.bottom() - from > SHORTEST_MM {
            pieces.push((from, reachable.bottom(), x));
        }
        if pieces.len() > MAX_LINES {
            break;
        }
    }
    pieces
}
