//! Colours for paper: from a photo's own profile to that of printer and paper, in one step; and the proof of it.
//!
//! A [`Press`] is the whole way. Colours never pass through sRGB unless sRGB is the goal: an Adobe RGB photo keeps on
//! paper what the paper can show of it. The steps, for the points of a lattice of [`NODES`]³ colours in floating point:
//!
//! 1. the photo's profile to a wide, D50 connection space (ROMM RGB, ISO 22028-2, as `moxcms` has it), and to XYZ,
//! 2. *black-point compensation* where wished: XYZ is scaled so that the photo's black becomes the paper's and white
//!    stays (Adobe Systems' Implementation of Black Point Compensation, 2006, which became ISO 18619:2015). The paper's
//!    black is where its own tables put L* = 0; the standard's curve fit for tables without a clear black is left out,
//! 3. or, for the absolute intent, the paper's white is taken away, so that the photo's own white is printed on it,
//! 4. to the printer's numbers by the table of the intent.
//!
//! Pixels are then interpolated between the four nearest points (tetrahedral), which is within 0.5 ΔE2000 of the exact
//! way; photo and goal with the same profile change nothing at all.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use moxcms::{ColorProfile, DataColorSpace, Layout as Samples, ProfileClass, RenderingIntent, TransformOptions};

use super::colour::{Colours, to_srgb};
use super::delta::{D50, Lab, delta_e2000};
use super::pixels::Pixels;
use super::raster::{Layout, Raster};
use super::sharpen::Sharpening;
use crate::domain::printing::{Intent, Profile};

/// Points of the lattice along each side.
pub const NODES: usize = 33;
/// Profiles above this size are refused: those of printers have some 3 MB.
pub const MOST_PROFILE_BYTES: usize = 8 << 20;
/// A colour whose way to the printer and back moves it further than this in ΔE2000 is outside of what it can print.
/// About 2 is where an eye begins to see a difference side by side (Mahy et al. 1994 found 2.3 for ΔE*ab).
pub const OUTSIDE_DELTA_E: f64 = 2.0;
/// What marks such a colour in a proof.
const MARK: [u8; 3] = [128; 3];
/// Tables kept for the different profiles of a job's photos.
const MOST_TABLES: usize = 16;

/// A profile that can be printed to.
#[derive(Clone)]
pub struct PressProfile {
    profile: Arc<ColorProfile>,
    icc: Arc<Vec<u8>>,
    is_srgb: bool,
}

impl std::fmt::Debug for PressProfile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PressProfile").field("bytes", &self.icc.len()).finish()
    }
}

impl PressProfile {
    /// One of the built-in ones.
    ///
    /// # Errors
    /// For a file, which is read by the caller ([`PressProfile::from_icc`]).
    pub fn built_in(which: &Profile) -> Result<Self, String> {
        let profile = match which {
            Profile::Srgb => ColorProfile::new_srgb(),
            Profile::AdobeRgb => ColorProfile::new_adobe_rgb(),
            Profile::DisplayP3 => ColorProfile::new_display_p3(),
            Profile::File(file) => return Err(format!("this profile must be read first: {}", file.display())),
        };
        let icc = profile.encode().map_err(|error| format!("the profile cannot be written ({error})"))?;
        Ok(Self { profile: Arc::new(profile), icc: Arc::new(icc), is_srgb: *which == Profile::Srgb })
    }

    /// Takes the profile of an ICC file.
    ///
    /// # Errors
    /// One line why it cannot be printed to.
    pub fn from_icc(bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.len() > MOST_PROFILE_BYTES {
            return Err("it is larger than 8 MB".to_owned());
        }
        let parsed = catch_unwind(AssertUnwindSafe(|| ColorProfile::new_from_slice(&bytes).ok())).unwrap_or(None);
        let profile = parsed.ok_or("it is no ICC profile, or damaged")?;
        if !matches!(
            profile.profile_class,
            ProfileClass::OutputDevice | ProfileClass::DisplayDevice | ProfileClass::ColorSpace
        ) {
            return Err("it is no profile of a printer, a screen or a colour space".to_owned());
        }
        if !matches!(profile.color_space, DataColorSpace::Rgb | DataColorSpace::Cmyk) {
            return Err("it is for neither RGB nor CMYK".to_owned());
        }
        let found = Self { profile: Arc::new(profile), icc: Arc::new(bytes), is_srgb: false };
        // A profile that can only be read is of no use here: tried once, so that the reason comes before the job.
        Device::new(&found.profile, Intent::RelativeColorimetric)
            .map_err(|()| "it has no tables that lead to paper".to_owned())?;
        Ok(found)
    }

    /// The ICC file.
    #[must_use]
    pub fn icc(&self) -> Arc<Vec<u8>> {
        Arc::clone(&self.icc)
    }

    /// Whether its numbers are inks: it can be proofed, but no page is written in it.
    #[must_use]
    pub fn is_cmyk(&self) -> bool {
        self.profile.color_space == DataColorSpace::Cmyk
    }
}

/// What comes out of a press.
#[derive(Debug, Clone)]
enum Goal {
    /// sRGB for a printer that manages colours itself.
    Srgb,
    /// The numbers of a profile.
    Paper { profile: PressProfile, intent: Intent, black_point: bool },
    /// sRGB that looks as the paper will.
    Proof { profile: PressProfile, intent: Intent, black_point: bool, paper_white: bool, gamut_warning: bool },
}

/// The way of colours to paper or to its proof, with the sharpening before it.
#[derive(Debug)]
pub struct Press {
    goal: Goal,
    sharpening: Option<Sharpening>,
    tables: Mutex<HashMap<Colours, Arc<Table>>>,
}

impl Press {
    fn with(goal: Goal, sharpening: Option<Sharpening>) -> Self {
        Self { goal, sharpening, tables: Mutex::default() }
    }

    /// Everything becomes sRGB; the printer does the rest.
    #[must_use]
    pub fn srgb(sharpening: Option<Sharpening>) -> Self {
        Self::with(Goal::Srgb, sharpening)
    }

    /// Everything becomes numbers of this profile, which must be RGB.
    ///
    /// # Errors
    /// For a profile of inks.
    pub fn to(
        profile: PressProfile,
        intent: Intent,
        black_point: bool,
        sharpening: Option<Sharpening>,
    ) -> Result<Self, String> {
        if profile.is_cmyk() {
            return Err("a CMYK profile can be proofed but not printed to: choose the printer's RGB profile".to_owned());
        }
        Ok(Self::with(Goal::Paper { profile, intent, black_point }, sharpening))
    }

    /// Everything becomes sRGB that looks as it will on paper.
    #[must_use]
    pub fn proof(proof: &crate::domain::printing::Proof, profile: PressProfile) -> Self {
        let goal = Goal::Proof {
            profile,
            intent: proof.intent,
            black_point: proof.black_point,
            paper_white: proof.paper_white,
            gamut_warning: proof.gamut_warning,
        };
        Self::with(goal, None)
    }

    /// The profile of what comes out; `None` is sRGB.
    #[must_use]
    pub fn icc(&self) -> Option<Arc<Vec<u8>>> {
        match &self.goal {
            Goal::Paper { profile, .. } => Some(Arc::new(embeddable(&profile.icc))),
            Goal::Srgb | Goal::Proof { .. } => None,
        }
    }

    /// A colour of the layout, which is sRGB.
    #[must_use]
    pub fn ink(&self, rgb: [u8; 3]) -> [u8; 3] {
        let mut rgb = rgb;
        self.convert(&mut rgb, &Colours::Srgb);
        rgb
    }

    /// Sharpens and converts. A picture whose profile is damaged or of another kind is taken for sRGB: colours that
    /// are a little off are better than no picture.
    pub(super) fn run(&self, mut raster: Raster, colours: &Colours) -> Pixels {
        if let Some(sharpening) = &self.sharpening {
            sharpening.apply(&mut raster);
        }
        if raster.layout == Layout::Rgb && !matches!(self.goal, Goal::Srgb) {
            self.convert(&mut raster.samples, colours);
            return raster.into_rgb();
        }
        let mut pixels = to_srgb(raster, colours);
        self.convert(&mut pixels.rgb, &Colours::Srgb);
        pixels
    }

    /// Converts RGB samples where they are.
    fn convert(&self, rgb: &mut [u8], from: &Colours) {
        if !matches!(self.goal, Goal::Srgb) {
            self.table(from).apply(rgb);
        }
    }

    /// The table from these colours; from sRGB where they are not understood.
    fn table(&self, from: &Colours) -> Arc<Table> {
        let lock = || self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(from) {
            return Arc::clone(known);
        }
        // Profiles are hostile input: one that breaks the maths is taken for sRGB. Two threads may make the same table;
        // better than that one waits for the other's different one.
        let made = catch_unwind(AssertUnwindSafe(|| self.make(from))).unwrap_or(Err(()));
        let made = match made {
            Ok(table) => Arc::new(table),
            Err(()) if *from == Colours::Srgb => Arc::new(Table::identity()),
            Err(()) => self.table(&Colours::Srgb),
        };
        let mut tables = lock();
        if tables.len() >= MOST_TABLES {
            tables.clear();
        }
        tables.insert(from.clone(), Arc::clone(&made));
        made
    }

    fn make(&self, from: &Colours) -> Result<Table, ()> {
        let source = source(from)?;
        match &self.goal {
            Goal::Srgb => Ok(Table::identity()),
            Goal::Paper { profile, intent, black_point } => {
                let is_same = match from {
                    Colours::Srgb => profile.is_srgb,
                    Colours::Icc(icc) => *icc == *profile.icc,
                    Colours::AdobeRgb => false,
                };
                if is_same && *intent == Intent::RelativeColorimetric {
                    return Ok(Table::identity());
                }
                let way = Way::new(&source, profile, *intent, *black_point)?;
                let mut nodes = lattice();
                way.to_device(&mut nodes)?;
                Ok(Table { nodes: rgb_of(&nodes) })
            }
            Goal::Proof { profile, intent, black_point, paper_white, gamut_warning } => {
                let way = Way::new(&source, profile, *intent, *black_point)?;
                let screen = way.proof(*paper_white, *gamut_warning)?;
                Ok(Table { nodes: screen })
            }
        }
    }
}

/// A profile as files may carry it. PDF 1.7 knows ICC up to 4.2 (ISO 32000-1, table 66), and writers leave out newer
/// ones without a word; 4.3 and 4.4 only add tags that older readers skip, so they are named 4.2. The id, a checksum
/// over all of it, is then unknown, which is written as zeros (ICC.1, 7.2.18).
fn embeddable(icc: &[u8]) -> Vec<u8> {
    const MINOR: usize = 9;
    const ID: std::ops::Range<usize> = 84..100;
    let mut icc = icc.to_vec();
    if icc.len() > ID.end && icc[MINOR - 1] == 4 && icc[MINOR] > 0x20 {
        icc[MINOR] = 0x20;
        icc[ID].fill(0);
    }
    icc
}

fn source(from: &Colours) -> Result<ColorProfile, ()> {
    let profile = match from {
        Colours::Srgb => ColorProfile::new_srgb(),
        Colours::AdobeRgb => ColorProfile::new_adobe_rgb(),
        Colours::Icc(icc) => ColorProfile::new_from_slice(icc).map_err(|_| ())?,
    };
    if profile.color_space == DataColorSpace::Rgb { Ok(profile) } else { Err(()) }
}

/// All points of the lattice, red slowest.
fn lattice() -> Vec<f32> {
    let part = |at: usize| at as f32 / (NODES - 1) as f32;
    let mut nodes = Vec::with_capacity(NODES * NODES * NODES * 3);
    for red in 0..NODES {
        for green in 0..NODES {
            for blue in 0..NODES {
                nodes.extend([part(red), part(green), part(blue)]);
            }
        }
    }
    nodes
}

/// Nodes that are all inside of what can be printed.
fn rgb_of(nodes: &[f32]) -> Vec<[f32; 4]> {
    nodes.chunks_exact(3).map(|node| [node[0], node[1], node[2], 0.0]).collect()
}

type Transform = Arc<dyn moxcms::TransformExecutor<f32> + Send + Sync>;

/// The connection space: wide enough for every photo and paper, encoded so that dark steps are as fine as light ones.
struct Wide {
    profile: ColorProfile,
    gamma: f64,
    to_xyz: [[f64; 3]; 3],
    from_xyz: [[f64; 3]; 3],
}

impl Wide {
    fn new() -> Self {
        let profile = ColorProfile::new_pro_photo_rgb();
        let gamma = match &profile.red_trc {
            Some(moxcms::ToneReprCurve::Parametric(values)) => f64::from(values.first().copied().unwrap_or(1.8)),
            Some(moxcms::ToneReprCurve::Lut(values)) => f64::from(values.first().copied().unwrap_or(461)) / 256.0,
            None => 1.8,
        };
        let matrix = profile.colorant_matrix();
        Self { gamma, to_xyz: matrix.v, from_xyz: matrix.inverse().v, profile }
    }

    fn xyz(&self, rgb: [f32; 3]) -> [f64; 3] {
        times(&self.to_xyz, rgb.map(|sample| f64::from(sample).max(0.0).powf(self.gamma)))
    }

    fn rgb(&self, xyz: [f64; 3]) -> [f32; 3] {
        times(&self.from_xyz, xyz).map(|light| light.clamp(0.0, 1.0).powf(1.0 / self.gamma) as f32)
    }
}

fn times(matrix: &[[f64; 3]; 3], [x, y, z]: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * x + row[1] * y + row[2] * z)
}

/// To a printer's numbers and back.
struct Device {
    to: Transform,
    back: Transform,
    channels: usize,
}

fn options(intent: Intent) -> TransformOptions {
    let rendering_intent = match intent {
        Intent::Perceptual => RenderingIntent::Perceptual,
        // Whites are taken care of here, not there.
        Intent::RelativeColorimetric | Intent::AbsoluteColorimetric => RenderingIntent::RelativeColorimetric,
        Intent::Saturation => RenderingIntent::Saturation,
    };
    TransformOptions { rendering_intent, allow_use_cicp_transfer: false, ..TransformOptions::default() }
}

impl Device {
    fn new(profile: &ColorProfile, intent: Intent) -> Result<Self, ()> {
        let wide = Wide::new();
        let (samples, channels) = match profile.color_space {
            DataColorSpace::Rgb => (Samples::Rgb, 3),
            DataColorSpace::Cmyk => (Samples::Rgba, 4),
            _ => return Err(()),
        };
        let make = || {
            let to = wide.profile.create_transform_f32(Samples::Rgb, profile, samples, options(intent));
            // What the numbers look like on paper is said by the colorimetric tables alone.
            let measured = options(Intent::RelativeColorimetric);
            let back = profile.create_transform_f32(samples, &wide.profile, Samples::Rgb, measured);
            Some(Self { to: to.ok()?, back: back.ok()?, channels })
        };
        catch_unwind(AssertUnwindSafe(make)).unwrap_or(None).ok_or(())
    }

    fn printed(&self, wide: &[f32]) -> Result<(Vec<f32>, Vec<f32>), ()> {
        let mut device = vec![0.0; wide.len() / 3 * self.channels];
        self.to.transform(wide, &mut device).map_err(|_| ())?;
        device.iter_mut().for_each(|sample| *sample = sample.clamp(0.0, 1.0));
        let mut seen = vec![0.0; wide.len()];
        self.back.transform(&device, &mut seen).map_err(|_| ())?;
        Ok((device, seen))
    }
}

/// From a photo's profile to the printer's numbers.
struct Way<'a> {
    wide: Wide,
    source: Transform,
    device: Device,
    target: &'a ColorProfile,
    /// XYZ is scaled and moved by these on its way to the printer.
    scale: [f64; 3],
    shift: [f64; 3],
    /// Black of the paper.
    black: [f64; 3],
}

impl<'a> Way<'a> {
    fn new(source: &ColorProfile, target: &'a PressProfile, intent: Intent, black_point: bool) -> Result<Self, ()> {
        let wide = Wide::new();
        let from =
            source.create_transform_f32(Samples::Rgb, &wide.profile, Samples::Rgb, options(intent)).map_err(|_| ())?;
        let device = Device::new(&target.profile, intent)?;
        let mut way = Self {
            wide,
            source: from,
            device,
            target: &target.profile,
            scale: [1.0; 3],
            shift: [0.0; 3],
            black: [0.0; 3],
        };
        let (_, seen) = way.device.printed(&[0.0; 3])?;
        way.black = way.neutral_black(&seen);
        match intent {
            Intent::AbsoluteColorimetric => {
                let (own, paper) = (media_white(source), media_white(&target.profile));
                way.scale = std::array::from_fn(|at| own[at] / paper[at]);
            }
            _ if black_point => {
                let mut dark = [0.0_f32; 3];
                way.source.transform(&[0.0; 3], &mut dark).map_err(|_| ())?;
                let own = way.neutral_black(&dark);
                way.scale = std::array::from_fn(|at| (D50[at] - way.black[at]) / (D50[at] - own[at]));
                way.shift = std::array::from_fn(|at| D50[at] * (1.0 - way.scale[at]));
            }
            _ => {}
        }
        Ok(way)
    }

    /// A black without colour, no lighter than L* = 50 (ISO 18619).
    fn neutral_black(&self, wide: &[f32]) -> [f64; 3] {
        let lab = Lab::from_xyz(self.wide.xyz([wide[0], wide[1], wide[2]]));
        Lab { l: lab.l.clamp(0.0, 50.0), a: 0.0, b: 0.0 }.to_xyz()
    }

    /// The photo's numbers as the printer is asked for, in the connection space.
    fn asked(&self, nodes: &[f32]) -> Result<Vec<f32>, ()> {
        let mut wide = vec![0.0; nodes.len()];
        self.source.transform(nodes, &mut wide).map_err(|_| ())?;
        if self.scale != [1.0; 3] || self.shift != [0.0; 3] {
            for node in wide.chunks_exact_mut(3) {
                let xyz = self.wide.xyz([node[0], node[1], node[2]]);
                let moved = std::array::from_fn(|at| xyz[at] * self.scale[at] + self.shift[at]);
                node.copy_from_slice(&self.wide.rgb(moved));
            }
        }
        Ok(wide)
    }

    fn to_device(&self, nodes: &mut Vec<f32>) -> Result<(), ()> {
        let wide = self.asked(nodes)?;
        let mut device = vec![0.0; nodes.len()];
        self.device.to.transform(&wide, &mut device).map_err(|_| ())?;
        device.iter_mut().for_each(|sample| *sample = sample.clamp(0.0, 1.0));
        *nodes = device;
        Ok(())
    }

    /// The lattice as a screen shows what is printed.
    fn proof(&self, paper_white: bool, gamut_warning: bool) -> Result<Vec<[f32; 4]>, ()> {
        let asked = self.asked(&lattice())?;
        let (_, seen) = self.device.printed(&asked)?;
        let screen = ColorProfile::new_srgb();
        let to_screen = self
            .wide
            .profile
            .create_transform_f32(Samples::Rgb, &screen, Samples::Rgb, options(Intent::RelativeColorimetric))
            .map_err(|_| ())?;
        let white = media_white(self.target);
        // Without the paper's own white, its black is shown as the screen's too: else every proof looks like fog.
        let lift: [f64; 3] = std::array::from_fn(|at| D50[at] / (D50[at] - self.black[at]));
        let shown: Vec<f32> = seen
            .chunks_exact(3)
            .flat_map(|node| {
                let xyz = self.wide.xyz([node[0], node[1], node[2]]);
                let moved = std::array::from_fn(|at| {
                    if paper_white { xyz[at] * white[at] / D50[at] } else { (xyz[at] - self.black[at]) * lift[at] }
                });
                self.wide.rgb(moved)
            })
            .collect();
        let mut rgb = vec![0.0; shown.len()];
        to_screen.transform(&shown, &mut rgb).map_err(|_| ())?;
        let mut rgb = rgb_of(&rgb);
        for (at, node) in rgb.iter_mut().enumerate() {
            let [red, green, blue, _] = node.map(|sample| sample.clamp(0.0, 1.0));
            let lab = |wide: &[f32]| Lab::from_xyz(self.wide.xyz([wide[0], wide[1], wide[2]]));
            let (one, other) = (&asked[at * 3..at * 3 + 3], &seen[at * 3..at * 3 + 3]);
            let distance = if gamut_warning { delta_e2000(lab(one), lab(other)) } else { 0.0 };
            *node = [red, green, blue, distance as f32];
        }
        Ok(rgb)
    }
}

/// The white of a medium in XYZ; that of screens is D50 by definition, whatever old profiles say.
fn media_white(profile: &ColorProfile) -> [f64; 3] {
    let white = profile.media_white_point.filter(|_| profile.profile_class == ProfileClass::OutputDevice);
    let white = white.map_or(D50, |white| [white.x, white.y, white.z]);
    if white.iter().all(|value| value.is_finite() && *value > 0.2 && *value < 2.0) { white } else { D50 }
}

/// A lattice of colours, to be interpolated.
#[derive(Debug)]
struct Table {
    /// By red, green, blue, the last fastest: the goal's numbers in 0 to 1, and how far outside of what can be printed the
    /// colour is in ΔE2000. Empty changes nothing.
    nodes: Vec<[f32; 4]>,
}

impl Table {
    fn identity() -> Self {
        Self { nodes: Vec::new() }
    }

    fn is_identity(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Converts pixels where they are.
    fn apply(&self, rgb: &mut [u8]) {
        if self.is_identity() {
            return;
        }
        // Neighbours are often equal: skies, borders, masks.
        let (mut last, mut answer) = ([0_u8; 3], self.at([0; 3]));
        for pixel in rgb.chunks_exact_mut(3) {
            if pixel != last {
                last.copy_from_slice(pixel);
                answer = self.at(last);
            }
            pixel.copy_from_slice(&answer);
        }
    }

    /// Between the four corners of the tetrahedron that a colour lies in.
    fn at(&self, rgb: [u8; 3]) -> [u8; 3] {
        const STEPS: [usize; 3] = [NODES * NODES, NODES, 1];
        let scaled = rgb.map(|sample| usize::from(sample) * (NODES - 1));
        let floor = scaled.map(|at| (at / 255).min(NODES - 2));
        let part: [f32; 3] = std::array::from_fn(|at| (scaled[at] - floor[at] * 255) as f32 / 255.0);
        let mut order = [0, 1, 2];
        order.sort_by(|&one, &other| part[other].total_cmp(&part[one]));
        let mut place = floor[0] * STEPS[0] + floor[1] * STEPS[1] + floor[2];
        let node = |place: usize| self.nodes.get(place).copied().unwrap_or_default();
        let (mut from, mut sum) = (node(place), node(place));
        for axis in order {
            place += STEPS[axis];
            let to = node(place);
            for (channel, value) in sum.iter_mut().enumerate() {
                *value += (to[channel] - from[channel]) * part[axis];
            }
            from = to;
        }
        let [red, green, blue, distance] = sum;
        if f64::from(distance) > OUTSIDE_DELTA_E {
            return MARK;
        }
        [red, green, blue].map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8)
    }
}

#[cfg(test)]
mod tests;
