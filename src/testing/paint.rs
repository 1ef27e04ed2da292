//! What egui would show, as pixels: its triangles drawn without a graphics card, as its own shader blends them.

use std::collections::HashMap;

use eframe::egui::epaint::{Primitive, Vertex};
use eframe::egui::{ClippedPrimitive, ImageData, Rect, TextureId, TexturesDelta};

use crate::imaging::Pixels;

/// Red, green, blue and alpha, premultiplied, 0 to 1, as sRGB's own numbers: egui blends in these.
type Rgba = [f32; 4];

/// A texture, or one of its smaller copies.
struct Level {
    width: usize,
    height: usize,
    texels: Vec<Rgba>,
}

impl Level {
    fn texel(&self, x: i64, y: i64) -> Rgba {
        let clamped = |at: i64, side: usize| at.clamp(0, side as i64 - 1) as usize;
        self.texels[clamped(y, self.height) * self.width + clamped(x, self.width)]
    }

    fn bilinear(&self, u: f32, v: f32) -> Rgba {
        let (x, y) = (u * self.width as f32 - 0.5, v * self.height as f32 - 0.5);
        let (left, top) = (x.floor(), y.floor());
        let row = |down: i64| {
            let (at, below) = (left as i64, top as i64 + down);
            mix(self.texel(at, below), self.texel(at + 1, below), x - left)
        };
        mix(row(0), row(1), y - top)
    }

    /// Half as large, each texel the mean of four.
    fn half(&self) -> Self {
        let (width, height) = ((self.width / 2).max(1), (self.height / 2).max(1));
        let mut texels = Vec::with_capacity(width * height);
        for y in 0..height as i64 {
            for x in 0..width as i64 {
                let row = |down: i64| mix(self.texel(2 * x, 2 * y + down), self.texel(2 * x + 1, 2 * y + down), 0.5);
                texels.push(mix(row(0), row(1), 0.5));
            }
        }
        Self { width, height, texels }
    }
}

fn mix(one: Rgba, other: Rgba, part: f32) -> Rgba {
    std::array::from_fn(|at| one[at] + (other[at] - one[at]) * part)
}

/// A window without a screen: the textures that egui gave it, and what it draws with them.
#[derive(Default)]
pub struct Canvas {
    textures: HashMap<TextureId, Vec<Level>>,
}

impl Canvas {
    /// Takes new and changed textures; those that ask for smaller copies get them.
    pub fn take(&mut self, mut delta: TexturesDelta) {
        for (id, changes) in &delta.set {
            for change in changes {
                let ImageData::Color(image) = &change.image;
                let [width, height] = image.size;
                let texels = image.pixels.iter().map(|pixel| pixel.to_array().map(|sample| f32::from(sample) / 255.0));
                let levels = self.textures.entry(*id).or_default();
                match (change.pos, levels.first_mut()) {
                    (Some([left, top]), Some(whole)) => {
                        for (at, texel) in texels.enumerate() {
                            whole.texels[(top + at / width) * whole.width + left + at % width] = texel;
                        }
                    }
                    _ => *levels = vec![Level { width, height, texels: texels.collect() }],
                }
                levels.truncate(1);
                while change.options.mipmap_mode.is_some()
                    && let Some(smaller) = levels.last().filter(|last| last.width.max(last.height) > 1).map(Level::half)
                {
                    levels.push(smaller);
                }
            }
        }
        // It insists on having been looked at.
        delta.clear();
    }

    /// Draws tessellated shapes on white, `size_px` from the window's top left corner.
    #[must_use]
    pub fn draw(&self, primitives: &[ClippedPrimitive], size_px: (u32, u32), pixels_per_point: f32) -> Pixels {
        let (width, height) = (size_px.0 as usize, size_px.1 as usize);
        let mut target = Target { width, height, pixels: vec![[1.0; 3]; width * height] };
        for ClippedPrimitive { clip_rect, primitive } in primitives {
            let Primitive::Mesh(mesh) = primitive else { continue };
            let levels = &self.textures[&mesh.texture_id];
            let clip = *clip_rect * pixels_per_point;
            for corners in mesh.indices.chunks_exact(3) {
                let corner = |at: usize| {
                    let vertex = mesh.vertices[corners[at] as usize];
                    Vertex { pos: vertex.pos * pixels_per_point, ..vertex }
                };
                target.triangle([corner(0), corner(1), corner(2)], clip, levels);
            }
        }
        let rgb = target.pixels.iter().flatten().map(|sample| (sample * 255.0).round() as u8).collect();
        Pixels { width_px: size_px.0, height_px: size_px.1, rgb }
    }
}

struct Target {
    width: usize,
    height: usize,
    pixels: Vec<[f32; 3]>,
}

impl Target {
    fn triangle(&mut self, mut corners: [Vertex; 3], clip: Rect, levels: &[Level]) {
        let place = |vertex: &Vertex| (f64::from(vertex.pos.x), f64::from(vertex.pos.y));
        let cross = |a: (f64, f64), b: (f64, f64), p: (f64, f64)| (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0);
        let mut area = cross(place(&corners[0]), place(&corners[1]), place(&corners[2]));
        if area < 0.0 {
            corners.swap(1, 2);
            area = -area;
        }
        if area == 0.0 || !area.is_finite() {
            return;
        }
        let at = [place(&corners[0]), place(&corners[1]), place(&corners[2])];
        let edges = [(at[1], at[2]), (at[2], at[0]), (at[0], at[1])];
        // A pixel on an edge belongs to one of both triangles: where the edge is its top or its left.
        let owns = edges.map(|(a, b)| b.1 < a.1 || (b.1 == a.1 && b.0 > a.0));
        let bounds = Rect::from_points(&corners.map(|vertex| vertex.pos));
        let span = |from: f32, to: f32, least: f32, most: f32, side: usize| {
            let (from, to) = (from.floor().max(least.round()), to.ceil().min(most.round()));
            from.clamp(0.0, side as f32) as usize..to.clamp(0.0, side as f32) as usize
        };
        let columns = span(bounds.left(), bounds.right(), clip.left(), clip.right(), self.width);
        let level = level_of(&corners, area as f32, levels);
        for y in span(bounds.top(), bounds.bottom(), clip.top(), clip.bottom(), self.height) {
            for x in columns.clone() {
                let middle = (x as f64 + 0.5, y as f64 + 0.5);
                let parts = edges.map(|(a, b)| cross(a, b, middle));
                if parts.iter().zip(owns).any(|(part, owns)| *part < 0.0 || (*part == 0.0 && !owns)) {
                    continue;
                }
                let parts = parts.map(|part| (part / area) as f32);
                let blend = |of: &dyn Fn(&Vertex) -> f32| -> f32 {
                    corners.iter().zip(parts).map(|(vertex, part)| of(vertex) * part).sum()
                };
                let texel = sample(levels, level, blend(&|vertex| vertex.uv.x), blend(&|vertex| vertex.uv.y));
                let paint: Rgba = std::array::from_fn(|at| {
                    texel[at] * blend(&|vertex| f32::from(vertex.color.to_array()[at])) / 255.0
                });
                for (below, over) in self.pixels[y * self.width + x].iter_mut().zip(paint) {
                    *below = (over + *below * (1.0 - paint[3])).clamp(0.0, 1.0);
                }
            }
        }
    }
}

/// How much smaller the texture is shown than it is, in halvings: as OpenGL chooses its smaller copies.
fn level_of(corners: &[Vertex; 3], area: f32, levels: &[Level]) -> f32 {
    let [a, b, c] = corners;
    let (ab, ac) = (b.pos - a.pos, c.pos - a.pos);
    let slope = |ab_of: f32, ac_of: f32, side: usize| {
        let across = (ab_of * ac.y - ac_of * ab.y) / area * side as f32;
        let down = (ac_of * ab.x - ab_of * ac.x) / area * side as f32;
        (across, down)
    };
    let u = slope(b.uv.x - a.uv.x, c.uv.x - a.uv.x, levels[0].width);
    let v = slope(b.uv.y - a.uv.y, c.uv.y - a.uv.y, levels[0].height);
    u.0.hypot(v.0).max(u.1.hypot(v.1)).log2().clamp(0.0, levels.len() as f32 - 1.0)
}

fn sample(levels: &[Level], level: f32, u: f32, v: f32) -> Rgba {
    let (larger, smaller) = (&levels[level.floor() as usize], &levels[level.ceil() as usize]);
    if level.fract() == 0.0 {
        larger.bilinear(u, v)
    } else {
        mix(larger.bilinear(u, v), smaller.bilinear(u, v), level.fract())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{self, Color32, ColorImage, Mesh, RawInput, Shape, TextureFilter, TextureOptions, pos2, vec2};

    fn drawn(draw: impl Fn(&egui::Painter)) -> Pixels {
        let ctx = egui::Context::default();
        let input = || RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(16.0, 16.0))),
            ..RawInput::default()
        };
        let mut canvas = Canvas::default();
        let output = ctx.run_ui(input(), |ui| draw(&ui.ctx().layer_painter(egui::LayerId::background())));
        canvas.take(output.textures_delta);
        canvas.draw(&ctx.tessellate(output.shapes, 1.0), (16, 16), 1.0)
    }

    fn at(pixels: &Pixels, x: usize, y: usize) -> [u8; 3] {
        pixels.rgb[(y * 16 + x) * 3..][..3].try_into().unwrap()
    }

    #[test]
    fn rectangles_cover_their_pixels_once_and_clips_cut() {
        let red = Color32::from_rgba_unmultiplied(255, 0, 0, 128);
        let pixels = drawn(|painter| {
            let mut mesh = Mesh::default();
            mesh.add_colored_rect(Rect::from_min_max(pos2(2.0, 2.0), pos2(10.0, 10.0)), red);
            let clip = Rect::from_min_max(pos2(0.0, 0.0), pos2(16.0, 8.0));
            painter.with_clip_rect(clip).add(Shape::mesh(mesh));
        });
        for y in 0..16 {
            for x in 0..16 {
                let inside = (2..10).contains(&x) && (2..8).contains(&y);
                let wanted = if inside { [255, 127, 127] } else { [255; 3] };
                assert_eq!(at(&pixels, x, y), wanted, "{x} {y}");
            }
        }
    }

    #[test]
    fn textures_keep_their_pixels_at_their_size_and_their_mean_far_smaller() {
        let checks = |x: usize, y: usize| if (x + y).is_multiple_of(2) { Color32::WHITE } else { Color32::BLACK };
        for (side, mean) in [(16, false), (128, true)] {
            let pixels = drawn(|painter| {
                let pixels = (0..side * side).map(|at| checks(at % side, at / side)).collect();
                let options = TextureOptions { mipmap_mode: Some(TextureFilter::Linear), ..TextureOptions::LINEAR };
                let image = ColorImage::new([side, side], pixels);
                let texture = painter.ctx().load_texture("checks", image, options);
                let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
                painter.image(
                    texture.id(),
                    Rect::from_min_size(pos2(0.0, 0.0), vec2(16.0, 16.0)),
                    whole,
                    Color32::WHITE,
                );
                // Kept until the frame is drawn.
                painter.ctx().data_mut(|data| data.insert_temp(egui::Id::NULL, texture));
            });
            for (x, y) in [(4, 4), (5, 4), (9, 12)] {
                let wanted = if mean { [128; 3] } else { checks(x, y).to_array()[..3].try_into().unwrap() };
                assert_eq!(at(&pixels, x, y), wanted, "{side} {x} {y}");
            }
        }
    }
}
