//! Icons as strokes on a 16 × 16 grid, so that they are sharp at every text scale and take the text's colour.

use eframe::egui::epaint::PathShape;
use eframe::egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// An icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// An arrow into a tray.
    Import,
    /// A lens.
    Search,
    /// Light theme.
    Sun,
    /// Dark theme.
    Moon,
    /// Theme of the desktop.
    Display,
    /// An i in a circle.
    Info,
    /// A pulse.
    Activity,
    /// An ×.
    Close,
    /// A tick.
    Check,
    /// A tick in a circle: stored.
    Stored,
    /// A clock: waits to be stored.
    Waiting,
    /// A triangle with an exclamation mark.
    Warning,
    /// A flag: picked.
    Pick,
    /// An × in a circle: rejected.
    Reject,
    /// Small tiles.
    TilesSmall,
    /// Large tiles.
    TilesLarge,
    /// A quarter turn to the left.
    TurnLeft,
    /// A quarter turn to the right.
    TurnRight,
    /// To the one before.
    Previous,
    /// To the next.
    Next,
    /// What is below is shown.
    Down,
    /// A strongbox.
    Vault,
    /// A printer.
    Print,
    /// Older ones of the same.
    Versions,
    /// A folder.
    Folder,
    /// A tag.
    Tag,
    /// A plus.
    Plus,
    /// Back.
    Undo,
    /// A picture with a line through it: nothing to show.
    NoPicture,
    /// A keyboard.
    Keyboard,
    /// A bin.
    Remove,
    /// Head and shoulders: an account.
    Person,
    /// Two of them: people in photos.
    People,
    /// The same with an exclamation mark: the account needs a person.
    PersonNeeds,
    /// A cloud: a store that is not in this room.
    Cloud,
    /// A cloud with a line through it: out of reach.
    Offline,
    /// An eye: show what is masked.
    Eye,
    /// An eye with a line through it: mask it again.
    EyeOff,
}

/// Strokes of an icon: open or closed lines, and circles, in units of the 16 × 16 grid.
enum Part {
    Line(&'static [(f32, f32)]),
    Closed(&'static [(f32, f32)]),
    Circle(f32, f32, f32),
    Dot(f32, f32, f32),
    /// Centre, radius, start and end in turns clockwise from three o'clock.
    Arc(f32, f32, f32, f32, f32),
}

use Part::{Arc, Circle, Closed, Dot, Line};

/// The outline of a cloud.
const CLOUD_PART: Part = Closed(&[
    (4.4, 12.8),
    (2.7, 12.2),
    (1.6, 10.6),
    (1.8, 8.8),
    (3.2, 7.4),
    (4.6, 7.2),
    (5.2, 5.2),
    (6.9, 3.9),
    (9.0, 3.8),
    (10.8, 5.0),
    (11.5, 6.8),
    (13.2, 7.4),
    (14.4, 9.0),
    (14.3, 10.9),
    (13.1, 12.4),
    (11.6, 12.8),
]);
const CLOUD: &[Part] = &[CLOUD_PART];
/// The outline of an eye.
const EYE_PART: Part = Closed(&[
    (1.4, 8.0),
    (3.4, 5.7),
    (5.6, 4.4),
    (8.0, 3.9),
    (10.4, 4.4),
    (12.6, 5.7),
    (14.6, 8.0),
    (12.6, 10.3),
    (10.4, 11.6),
    (8.0, 12.1),
    (5.6, 11.6),
    (3.4, 10.3),
]);

impl Icon {
    #[expect(clippy::too_many_lines, reason = "a table of drawings")]
    fn parts(self) -> &'static [Part] {
        match self {
            Self::Import => &[
                Line(&[(8.0, 2.0), (8.0, 10.0)]),
                Line(&[(4.8, 7.0), (8.0, 10.2), (11.2, 7.0)]),
                Line(&[(2.5, 10.5), (2.5, 13.5), (13.5, 13.5), (13.5, 10.5)]),
            ],
            Self::Search => &[Circle(7.0, 7.0, 4.5), Line(&[(10.4, 10.4), (14.0, 14.0)])],
            Self::Sun => &[
                Circle(8.0, 8.0, 3.0),
                Line(&[(8.0, 1.2), (8.0, 2.8)]),
                Line(&[(8.0, 13.2), (8.0, 14.8)]),
                Line(&[(1.2, 8.0), (2.8, 8.0)]),
                Line(&[(13.2, 8.0), (14.8, 8.0)]),
                Line(&[(3.2, 3.2), (4.3, 4.3)]),
                Line(&[(11.7, 11.7), (12.8, 12.8)]),
                Line(&[(3.2, 12.8), (4.3, 11.7)]),
                Line(&[(11.7, 4.3), (12.8, 3.2)]),
            ],
            Self::Moon => &[Arc(8.0, 8.0, 6.0, 0.02, 0.73), Arc(11.2, 4.9, 5.2, 0.16, 0.59)],
            Self::Display => &[
                Closed(&[(1.8, 2.8), (14.2, 2.8), (14.2, 10.8), (1.8, 10.8)]),
                Line(&[(8.0, 10.8), (8.0, 13.5)]),
                Line(&[(5.0, 13.5), (11.0, 13.5)]),
            ],
            Self::Info => &[Circle(8.0, 8.0, 6.3), Line(&[(8.0, 7.4), (8.0, 11.3)]), Dot(8.0, 4.9, 0.95)],
            Self::Activity => &[Line(&[(1.5, 8.5), (4.5, 8.5), (6.5, 3.0), (9.5, 13.0), (11.5, 8.5), (14.5, 8.5)])],
            Self::Close => &[Line(&[(4.0, 4.0), (12.0, 12.0)]), Line(&[(12.0, 4.0), (4.0, 12.0)])],
            Self::Check => &[Line(&[(3.0, 8.5), (6.5, 12.0), (13.0, 4.5)])],
            Self::Stored => &[Circle(8.0, 8.0, 6.2), Line(&[(5.2, 8.3), (7.2, 10.3), (10.9, 5.9)])],
            Self::Waiting => &[Circle(8.0, 8.0, 6.2), Line(&[(8.0, 4.4), (8.0, 8.2), (10.6, 9.8)])],
            Self::Warning => &[
                Closed(&[(8.0, 2.0), (14.6, 13.5), (1.4, 13.5)]),
                Line(&[(8.0, 6.4), (8.0, 9.6)]),
                Dot(8.0, 11.6, 0.85),
            ],
            Self::Pick => &[
                Line(&[(4.0, 1.8), (4.0, 14.4)]),
                Closed(&[(4.0, 2.6), (12.8, 2.6), (10.6, 5.7), (12.8, 8.8), (4.0, 8.8)]),
            ],
            Self::Reject => {
                &[Circle(8.0, 8.0, 6.2), Line(&[(5.6, 5.6), (10.4, 10.4)]), Line(&[(10.4, 5.6), (5.6, 10.4)])]
            }
            Self::TilesSmall => &[
                Closed(&[(2.5, 2.5), (5.5, 2.5), (5.5, 5.5), (2.5, 5.5)]),
                Closed(&[(10.5, 2.5), (13.5, 2.5), (13.5, 5.5), (10.5, 5.5)]),
                Closed(&[(2.5, 10.5), (5.5, 10.5), (5.5, 13.5), (2.5, 13.5)]),
                Closed(&[(10.5, 10.5), (13.5, 10.5), (13.5, 13.5), (10.5, 13.5)]),
            ],
            Self::TilesLarge => &[Closed(&[(2.0, 3.0), (14.0, 3.0), (14.0, 13.0), (2.0, 13.0)])],
            Self::TurnLeft => &[Arc(8.0, 8.6, 5.4, -0.62, 0.28), Line(&[(2.9, 2.2), (3.4, 5.6), (6.8, 5.3)])],
            Self::TurnRight => &[Arc(8.0, 8.6, 5.4, 0.22, 1.12), Line(&[(13.1, 2.2), (12.6, 5.6), (9.2, 5.3)])],
            Self::Previous => &[Line(&[(10.0, 3.0), (5.0, 8.0), (10.0, 13.0)])],
            Self::Next => &[Line(&[(6.0, 3.0), (11.0, 8.0), (6.0, 13.0)])],
            Self::Down => &[Line(&[(3.0, 6.0), (8.0, 11.0), (13.0, 6.0)])],
            Self::Vault => &[
                Closed(&[(2.0, 2.5), (14.0, 2.5), (14.0, 12.5), (2.0, 12.5)]),
                Circle(8.0, 7.5, 2.6),
                Line(&[(8.0, 3.6), (8.0, 4.9)]),
                Line(&[(4.5, 12.5), (4.5, 14.2)]),
                Line(&[(11.5, 12.5), (11.5, 14.2)]),
            ],
            Self::Print => &[
                Line(&[(4.5, 6.0), (4.5, 2.0), (11.5, 2.0), (11.5, 6.0)]),
                Line(&[(4.5, 11.5), (2.0, 11.5), (2.0, 6.0), (14.0, 6.0), (14.0, 11.5), (11.5, 11.5)]),
                Closed(&[(4.5, 9.5), (11.5, 9.5), (11.5, 14.0), (4.5, 14.0)]),
            ],
            Self::Versions => &[
                Closed(&[(2.0, 6.5), (10.5, 6.5), (10.5, 13.8), (2.0, 13.8)]),
                Line(&[(4.2, 4.3), (12.6, 4.3), (12.6, 11.6)]),
                Line(&[(6.4, 2.1), (14.6, 2.1), (14.6, 9.4)]),
            ],
            Self::Folder => &[Closed(&[(1.8, 3.5), (6.2, 3.5), (7.8, 5.3), (14.2, 5.3), (14.2, 12.8), (1.8, 12.8)])],
            Self::Tag => &[Closed(&[(2.2, 2.2), (7.8, 2.2), (14.0, 8.4), (8.4, 14.0), (2.2, 7.8)]), Dot(5.2, 5.2, 1.0)],
            Self::Plus => &[Line(&[(8.0, 3.0), (8.0, 13.0)]), Line(&[(3.0, 8.0), (13.0, 8.0)])],
            Self::Undo => &[
                Line(&[(6.0, 2.5), (2.8, 5.7), (6.0, 8.9)]),
                Line(&[(2.8, 5.7), (9.5, 5.7), (12.4, 7.0), (13.4, 9.6), (12.4, 12.2), (9.5, 13.5), (6.0, 13.5)]),
            ],
            Self::NoPicture => {
                &[Closed(&[(2.0, 3.0), (14.0, 3.0), (14.0, 13.0), (2.0, 13.0)]), Line(&[(3.2, 14.6), (12.8, 1.4)])]
            }
            Self::Keyboard => &[
                Closed(&[(1.2, 4.0), (14.8, 4.0), (14.8, 12.2), (1.2, 12.2)]),
                Line(&[(5.0, 9.9), (11.0, 9.9)]),
                Dot(4.2, 6.8, 0.75),
                Dot(8.0, 6.8, 0.75),
                Dot(11.8, 6.8, 0.75),
            ],
            Self::Remove => &[
                Line(&[(2.5, 4.2), (13.5, 4.2)]),
                Line(&[(6.0, 4.2), (6.0, 2.2), (10.0, 2.2), (10.0, 4.2)]),
                Line(&[(3.8, 4.2), (4.6, 14.0), (11.4, 14.0), (12.2, 4.2)]),
            ],
            Self::Person => &[Circle(8.0, 5.2, 3.0), Arc(8.0, 15.0, 5.8, 0.53, 0.97)],
            Self::People => &[
                Circle(5.8, 5.6, 2.6),
                Arc(5.8, 14.6, 5.0, 0.54, 0.96),
                Arc(10.6, 5.2, 2.3, -0.28, 0.3),
                Arc(10.4, 14.2, 4.8, 0.77, 0.97),
            ],
            Self::PersonNeeds => &[
                Circle(6.0, 5.2, 2.8),
                Arc(6.0, 14.6, 5.2, 0.53, 0.97),
                Line(&[(13.8, 2.6), (13.8, 7.6)]),
                Dot(13.8, 10.4, 0.95),
            ],
            Self::Cloud => CLOUD,
            Self::Offline => &[CLOUD_PART, Line(&[(2.2, 14.6), (13.8, 1.8)])],
            Self::Eye => &[EYE_PART, Circle(8.0, 8.0, 2.1)],
            Self::EyeOff => &[EYE_PART, Circle(8.0, 8.0, 2.1), Line(&[(2.6, 13.8), (13.4, 2.2)])],
        }
    }

    /// Paints it into a square.
    pub fn paint(self, painter: &Painter, rect: Rect, colour: Color32) {
        painter.extend(self.shapes(rect, colour));
    }

    /// Its shapes, for painters that sort what they paint.
    pub fn shapes(self, rect: Rect, colour: Color32) -> impl Iterator<Item = Shape> {
        let unit = rect.width() / 16.0;
        let stroke = Stroke::new((1.5 * unit).max(1.0), colour);
        let at = move |x: f32, y: f32| rect.min + eframe::egui::vec2(x, y) * unit;
        let points = move |points: &[(f32, f32)]| points.iter().map(|(x, y)| at(*x, *y)).collect::<Vec<_>>();
        self.parts().iter().map(move |part| match *part {
            Line(line) => Shape::Path(PathShape::line(points(line), stroke)),
            Closed(line) => Shape::Path(PathShape::closed_line(points(line), stroke)),
            Circle(x, y, radius) => Shape::circle_stroke(at(x, y), radius * unit, stroke),
            Dot(x, y, radius) => Shape::circle_filled(at(x, y), radius * unit, colour),
            Arc(x, y, radius, from, to) => Shape::Path(PathShape::line(arc(at(x, y), radius * unit, from, to), stroke)),
        })
    }
}

fn arc(centre: Pos2, radius: f32, from: f32, to: f32) -> Vec<Pos2> {
    const STEPS: u8 = 20;
    (0..=STEPS)
        .map(|step| {
            let turn = from + (to - from) * f32::from(step) / f32::from(STEPS);
            let (sine, cosine) = (turn * std::f32::consts::TAU).sin_cos();
            pos2(centre.x + radius * cosine, centre.y + radius * sine)
        })
        .collect()
}
