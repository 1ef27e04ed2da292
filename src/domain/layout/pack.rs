//! Packing prints of different sizes on pages.
//!
//! Several simple ways are tried for each page and the one that takes the most wins; all of them cost the same for each
//! further print, so that ten thousand are packed in the time of ten thousand. See J. Jylänki, "A Thousand Ways to Pack
//! the Bin" (2010), for shelves and guillotine cuts.

use super::grid::EPSILON_MM;

/// Free rectangles that a page remembers; the smallest beyond are forgotten.
const MAX_FREE: usize = 96;

/// A print to be packed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    /// Width in mm of the print as it is looked at.
    pub width: f64,
    /// Height in mm.
    pub height: f64,
    /// Whether it may lie turned by a quarter.
    pub may_turn: bool,
}

/// Where a print lies in the room.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// Left edge in mm.
    pub x: f64,
    /// Top edge in mm.
    pub y: f64,
    /// Whether its sides are exchanged.
    pub turned: bool,
}

/// A way to lie: whether turned, and the width and height that it takes.
type Way = (bool, f64, f64);

/// The room for prints on each page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    /// Width in mm.
    pub width: f64,
    /// Height in mm.
    pub height: f64,
    /// Between prints, in mm.
    pub spacing: f64,
    /// Kept free below each print, in mm.
    pub caption: f64,
}

impl Room {
    /// Whether the print fits on an empty page.
    pub(super) fn takes(&self, piece: &Piece) -> bool {
        self.ways(piece).any(|(_, width, height)| {
            width <= self.width + self.spacing + EPSILON_MM && height <= self.height + self.spacing + EPSILON_MM
        })
    }

    /// The ways a print can lie, with its caption and the spacing to the next.
    fn ways(&self, piece: &Piece) -> impl Iterator<Item = Way> + use<> {
        let (across, down) = (self.spacing, self.spacing + self.caption);
        let upright = (false, piece.width + across, piece.height + down);
        let turned = (true, piece.height + across, piece.width + down);
        std::iter::once(upright).chain(piece.may_turn.then_some(turned))
    }
}

/// Packs prints in their order: no print lies on an earlier page than the one before it. Each must fit on a page.
pub(super) fn in_order(pieces: &[Piece], room: &Room) -> Vec<Vec<Spot>> {
    let mut pages = Vec::new();
    let mut left = pieces;
    while !left.is_empty() {
        let mut best: Vec<Spot> = Vec::new();
        for method in METHODS {
            let mut sheet = Sheet::new(method, room);
            let spots: Vec<Spot> = left.iter().map_while(|piece| sheet.put(piece)).collect();
            if spots.len() > best.len() {
                best = spots;
            }
            if best.len() == left.len() {
                break;
            }
        }
        if best.is_empty() {
            return pages;
        }
        left = left.get(best.len()..).unwrap_or_default();
        pages.push(best);
    }
    pages
}

/// Packs groups of equal prints (print, how many) on as few pages as the tried ways need; order does not count.
///
/// Gives the group and the place of each. Each print must fit on a page.
pub(super) fn fewest_pages(groups: &[(Piece, usize)], room: &Room) -> Vec<Vec<(usize, Spot)>> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    let area = |&group: &usize| groups.get(group).map_or(0.0, |(piece, _)| piece.width * piece.height);
    order.sort_by(|a, b| area(b).total_cmp(&area(a)));
    let mut best: Option<Vec<Vec<(usize, Spot)>>> = None;
    for method in METHODS {
        let mut counts: Vec<usize> = groups.iter().map(|(_, count)| *count).collect();
        let mut pages = Vec::new();
        loop {
            let mut sheet = Sheet::new(method, room);
            let mut page = Vec::new();
            for &group in &order {
                let (Some((piece, _)), Some(count)) = (groups.get(group), counts.get_mut(group)) else { continue };
                while *count > 0 {
                    let Some(spot) = sheet.put(piece) else { break };
                    page.push((group, spot));
                    *count -= 1;
                }
            }
            if page.is_empty() {
                break;
            }
            pages.push(page);
        }
        if best.as_ref().is_none_or(|best| pages.len() < best.len()) {
            best = Some(pages);
        }
    }
    best.unwrap_or_default()
}

/// A way of packing.
#[derive(Debug, Clone, Copy)]
enum Method {
    /// Rows, from the left, each as high as its highest print; which way is tried first.
    Shelf(Lie),
    /// The best free rectangle, which is cut in two.
    Guillotine(Score, Cut),
}

/// Which way a print lies where both are possible.
#[derive(Debug, Clone, Copy)]
enum Lie {
    AsIs,
    Turned,
    Across,
    Upright,
}

/// What makes a free rectangle the best.
#[derive(Debug, Clone, Copy)]
enum Score {
    ShortSide,
    Area,
    Top,
}

/// Along which side of a print the rest is cut.
#[derive(Debug, Clone, Copy)]
enum Cut {
    Shorter,
    Longer,
    Rows,
    Columns,
}

/// Calm pages first: of ways that take equally many the first one wins.
const METHODS: [Method; 9] = [
    Method::Shelf(Lie::AsIs),
    Method::Shelf(Lie::Across),
    Method::Shelf(Lie::Upright),
    Method::Shelf(Lie::Turned),
    Method::Guillotine(Score::Top, Cut::Rows),
    Method::Guillotine(Score::ShortSide, Cut::Shorter),
    Method::Guillotine(Score::ShortSide, Cut::Longer),
    Method::Guillotine(Score::Area, Cut::Shorter),
    Method::Guillotine(Score::Area, Cut::Columns),
];

/// A free part of a page.
#[derive(Debug, Clone, Copy)]
struct Free {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Free {
    fn takes(&self, width: f64, height: f64) -> bool {
        width <= self.width + EPSILON_MM && height <= self.height + EPSILON_MM
    }
}

/// A page that is being filled. Its room is larger by one spacing, as every print is.
struct Sheet {
    method: Method,
    room: Room,
    /// Shelf: what is left of the lowest row. Its height is the page's rest.
    row: Free,
    row_height: f64,
    free: Vec<Free>,
}

impl Sheet {
    fn new(method: Method, room: &Room) -> Self {
        let row = Free { x: 0.0, y: 0.0, width: room.width + room.spacing, height: room.height + room.spacing };
        Self { method, room: *room, row, row_height: 0.0, free: vec![row] }
    }

    /// The place of one more print, if there is any.
    fn put(&mut self, piece: &Piece) -> Option<Spot> {
        match self.method {
            Method::Shelf(lie) => self.on_shelf(piece, lie),
            Method::Guillotine(score, cut) => self.cut_out(piece, score, cut),
        }
    }

    fn on_shelf(&mut self, piece: &Piece, lie: Lie) -> Option<Spot> {
        let turned_first = match lie {
            Lie::AsIs => false,
            Lie::Turned => true,
            Lie::Across => piece.height > piece.width,
            Lie::Upright => piece.width > piece.height,
        };
        let mut ways: Vec<Way> = self.room.ways(piece).collect();
        if turned_first {
            ways.reverse();
        }
        let full = self.room.width + self.room.spacing;
        let y = self.row.y + self.row_height;
        let rest = self.row.y + self.row.height - y;
        let next = Free { x: 0.0, y, width: full, height: rest };
        for (turned, width, height) in ways {
            // The lowest row may still grow.
            if self.row.takes(width, height) {
                let spot = Spot { x: self.row.x, y: self.row.y, turned };
                self.row.x += width;
                self.row.width -= width;
                self.row_height = self.row_height.max(height);
                return Some(spot);
            }
            if next.takes(width, height) {
                self.row = Free { x: width, width: full - width, ..next };
                self.row_height = height;
                return Some(Spot { x: 0.0, y, turned });
            }
        }
        None
    }

    fn cut_out(&mut self, piece: &Piece, score: Score, cut: Cut) -> Option<Spot> {
        let mut best: Option<((f64, f64), usize, Way)> = None;
        for (at, free) in self.free.iter().enumerate() {
            for way @ (_, width, height) in self.room.ways(piece) {
                if !free.takes(width, height) {
                    continue;
                }
                let (over_x, over_y) = (free.width - width, free.height - height);
                let value = match score {
                    Score::ShortSide => (over_x.min(over_y), over_x.max(over_y)),
                    Score::Area => (free.width * free.height, over_x.min(over_y)),
                    Score::Top => (free.y, free.x),
                };
                if best.is_none_or(|(least, _, _)| value < least) {
                    best = Some((value, at, way));
                }
            }
        }
        let (_, at, (turned, width, height)) = best?;
        let free = self.free.swap_remove(at);
        let (over_x, over_y) = (free.width - width, free.height - height);
        let rows = match cut {
            Cut::Rows => true,
            Cut::Columns => false,
            Cut::Shorter => over_x < over_y,
            Cut::Longer => over_x >= over_y,
        };
        let (beside, below) = if rows { (height, free.width) } else { (free.height, width) };
        self.remember(Free { x: free.x + width, width: over_x, height: beside, ..free });
        self.remember(Free { y: free.y + height, width: below, height: over_y, ..free });
        Some(Spot { x: free.x, y: free.y, turned })
    }

    fn remember(&mut self, free: Free) {
        if free.width <= EPSILON_MM || free.height <= EPSILON_MM {
            return;
        }
        self.free.push(free);
        if self.free.len() > MAX_FREE {
            let area = |free: &Free| free.width * free.height;
            let least = self.free.iter().enumerate().min_by(|a, b| area(a.1).total_cmp(&area(b.1)));
            if let Some((at, _)) = least {
                self.free.swap_remove(at);
            }
        }
    }
}
