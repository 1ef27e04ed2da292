//! A sequential JPEG at 1/8 of its size, by the averages of its 8 × 8 blocks alone.
//!
//! Large pictures need no more for a thumbnail. A general decoder reads every coefficient to throw 63 of 64 away;
//! here they are passed over several at a time, which is some times faster, and entropy decoding is nearly all of
//! the work. Whatever is unusual or damaged is left to libjpeg: then the answer is `None`.
//!
//! Source: ISO/IEC 10918-1, annexes A.2 (order of blocks), B.2 (segments), F.2.2 (sequential decoding).

use super::guard::Deadline;
use super::huffman::{Bits, Table};
use super::jpeg_header::{Coding, Header, segments};
use super::raster::{Kernel, Layout, Raster, Region, resample};

/// Pictures with a shorter side are left to libjpeg.
const MIN_SIDE_PX: u32 = 64;

/// One component, one sample per block.
struct Plane {
    across: usize,
    down: usize,
    samples: Vec<u8>,
    /// Blocks per full-size pixel, across and down; the last block may lie partly outside the picture.
    scale: (f64, f64),
}

/// The averages of all components.
pub(super) struct Averages {
    planes: Vec<Plane>,
}

/// What the segments before the scan set.
struct Setup {
    /// The first quantiser of each table.
    quantisers: [u16; 4],
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    /// Units between two restart markers; 0 is none.
    restart: usize,
    /// For each component of the scan: index in the frame, DC table, AC table.
    scan: Vec<(usize, usize, usize)>,
    /// Where the coded data begins.
    data_at: usize,
}

/// Reads the averages, or `None` where libjpeg should do it.
pub(super) fn decode(bytes: &[u8], header: &Header<'_>, deadline: Deadline) -> Option<Averages> {
    let count = header.components.len();
    let ids: Vec<u8> = header.components.iter().map(|one| one.id).collect();
    let plain = header.coding == Coding::Sequential && header.precision == 8 && header.scan_components == count;
    // RGB and inks are rare enough for libjpeg.
    let colours = count == 1 || (count == 3 && header.adobe != Some(0) && ids != *b"RGB");
    // In strips of a few blocks the padding of the last one would count too much.
    if !plain || !colours || header.width.min(header.height) < MIN_SIDE_PX {
        return None;
    }
    let setup = setup(bytes, header)?;
    let (most_across, most_down) = header.largest_sampling();
    let (unit_width, unit_height) = if count == 1 { (8, 8) } else { (8 * most_across, 8 * most_down) };
    let units_across = u64::from(header.width).div_ceil(unit_width) as usize;
    let units_down = u64::from(header.height).div_ceil(unit_height) as usize;
    let mut planes: Vec<Plane> = header
        .components
        .iter()
        .map(|one| {
            let (h, v) = if count == 1 { (1, 1) } else { (usize::from(one.horizontal), usize::from(one.vertical)) };
            let (across, down) = (units_across * h, units_down * v);
            let scale = (h as f64 / unit_width as f64, v as f64 / unit_height as f64);
            Plane { across, down, samples: vec![128; across * down], scale }
        })
        .collect();
    read_scan(bytes, header, &setup, (units_across, units_down), &mut planes, deadline)?;
    Some(Averages { planes })
}

/// Reads all blocks of the scan.
fn read_scan(
    bytes: &[u8],
    header: &Header<'_>,
    setup: &Setup,
    (units_across, units_down): (usize, usize),
    planes: &mut [Plane],
    deadline: Deadline,
) -> Option<()> {
    let mut parts = Vec::new();
    for (index, dc, ac) in &setup.scan {
        let component = header.components[*index];
        let quantiser = i32::from(setup.quantisers[usize::from(component.quantiser & 3)]);
        let (dc, ac) = (setup.dc[*dc].as_ref()?, setup.ac[*ac].as_ref()?);
        let size = if planes.len() == 1 { (1, 1) } else { (component.horizontal, component.vertical) };
        parts.push((*index, dc, ac, quantiser, usize::from(size.0), usize::from(size.1)));
    }
    let mut bits = Bits::new(bytes, setup.data_at);
    let mut last = [0_i32; 4];
    let (mut until_restart, mut restarts) = (setup.restart, 0_u8);
    for unit_y in 0..units_down {
        if unit_y % 16 == 0 && (deadline.is_over() || bits.is_overrun()) {
            return None;
        }
        for unit_x in 0..units_across {
            if setup.restart != 0 {
                if until_restart == 0 {
                    bits.restart(restarts)?;
                    restarts = (restarts + 1) & 7;
                    until_restart = setup.restart;
                    last = [0; 4];
                }
                until_restart -= 1;
            }
            for &(index, dc, ac, quantiser, h, v) in &parts {
                let plane = &mut planes[index];
                for y in unit_y * v..unit_y * v + v {
                    for x in unit_x * h..unit_x * h + h {
                        let value = last[index].wrapping_add(dc.difference(&mut bits)?);
                        last[index] = value;
                        ac.pass_block(&mut bits)?;
                        let sample = (value.wrapping_mul(quantiser).wrapping_add(4) >> 3).saturating_add(128);
                        plane.samples[y * plane.across + x] = sample.clamp(0, 255) as u8;
                    }
                }
            }
        }
    }
    (!bits.is_overrun()).then_some(())
}

/// Reads the tables.
fn setup(bytes: &[u8], header: &Header<'_>) -> Option<Setup> {
    let mut setup = Setup {
        quantisers: [0; 4],
        dc: [const { None }; 4],
        ac: [const { None }; 4],
        restart: 0,
        scan: Vec::new(),
        data_at: 0,
    };
    for segment in segments(bytes) {
        match segment.marker {
            0xDB => quantisers(segment.body, &mut setup)?,
            0xC4 => tables(segment.body, &mut setup)?,
            0xDD => setup.restart = usize::from(u16::from_be_bytes(segment.body.get(..2)?.try_into().ok()?)),
            0xDA => {
                for pair in segment.body.get(1..1 + 2 * header.components.len())?.chunks_exact(2) {
                    let index = header.components.iter().position(|one| one.id == pair[0])?;
                    setup.scan.push((index, usize::from(pair[1] >> 4 & 3), usize::from(pair[1] & 3)));
                }
                setup.data_at = segment.end;
            }
            _ => {}
        }
    }
    let mut indices: Vec<usize> = setup.scan.iter().map(|part| part.0).collect();
    indices.sort_unstable();
    indices.dedup();
    (indices.len() == header.components.len()).then_some(setup)
}

/// Reads a DQT segment.
fn quantisers(mut body: &[u8], setup: &mut Setup) -> Option<()> {
    while let Some(&kind) = body.first() {
        let wide = kind >> 4 != 0;
        let first = if wide { u16::from_be_bytes(body.get(1..3)?.try_into().ok()?) } else { u16::from(*body.get(1)?) };
        setup.quantisers[usize::from(kind & 3)] = first;
        body = body.get(1 + if wide { 128 } else { 64 }..)?;
    }
    Some(())
}

/// Reads a DHT segment.
fn tables(mut body: &[u8], setup: &mut Setup) -> Option<()> {
    while let Some(&kind) = body.first() {
        let counts: &[u8; 16] = body.get(1..17)?.try_into().ok()?;
        let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
        let table = Table::new(counts, body.get(17..17 + total)?)?;
        let place = if kind >> 4 == 0 { &mut setup.dc } else { &mut setup.ac };
        place[usize::from(kind & 3)] = Some(table);
        body = &body[17 + total..];
    }
    Some(())
}

impl Averages {
    /// A part (in full-size pixels) at another size, each component by itself, then taken to RGB.
    pub(super) fn resampled(&self, region: Region, out: (u32, u32)) -> Raster {
        let mut parts = self.planes.iter().map(|plane| {
            let size = (plane.across as u32, plane.down as u32);
            resample(&plane.samples, Layout::Grey, size, region.scaled(plane.scale), out, Kernel::Averaged)
        });
        let luma = parts.next().unwrap_or_default();
        let (Some(blue), Some(red)) = (parts.next(), parts.next()) else {
            return Raster { width: out.0, height: out.1, layout: Layout::Grey, samples: luma };
        };
        let mut samples = Vec::with_capacity(luma.len() * 3);
        for ((y, cb), cr) in luma.iter().zip(&blue).zip(&red) {
            samples.extend_from_slice(&to_rgb(i32::from(*y), i32::from(*cb) - 128, i32::from(*cr) - 128));
        }
        Raster { width: out.0, height: out.1, layout: Layout::Rgb, samples }
    }
}

/// JFIF's YCbCr (BT.601, full range) to RGB, in 16 bits behind the point.
fn to_rgb(y: i32, cb: i32, cr: i32) -> [u8; 3] {
    let round = |value: i32| ((value + 0x8000) >> 16).clamp(0, 255) as u8;
    let y = y << 16;
    [round(y + 91_881 * cr), round(y - 22_554 * cb - 46_802 * cr), round(y + 116_130 * cb)]
}
