//! Pictures like those of a 24-megapixel camera, out of nothing.

use lightkeep::imaging::{Pixels, encode_jpeg, resize};
use lightkeep::testing::library::Random;

/// Size of the pictures in pixels.
pub const SIZE_PX: (u32, u32) = (6000, 4000);
/// About 4 MB for each picture.
const QUALITY: u8 = 85;

/// A picture as a camera writes it.
pub fn picture(seed: u64) -> Vec<u8> {
    picture_of(SIZE_PX.0, SIZE_PX.1, seed)
}

/// Many sizes of detail, and the noise of a sensor.
pub fn picture_of(width_px: u32, height_px: u32, seed: u64) -> Vec<u8> {
    let (width, height) = (width_px as usize, height_px as usize);
    let mut random = Random(seed);
    // Planes of random points, each finer and weaker than the one before, drawn smooth.
    let planes = [(1024_usize, 70_i32), (256, 40), (64, 24), (16, 14), (4, 8)];
    let planes: Vec<(usize, i32, Vec<[i32; 3]>)> = planes
        .into_iter()
        .map(|(step, strength)| {
            let points = (width / step + 2) * (height / step + 2);
            let mut point = || {
                let number = random.number();
                [0, 8, 16].map(|shift| (number >> shift & 255) as i32 - 128)
            };
            (step, strength, (0..points).map(|_| point()).collect())
        })
        .collect();
    let mut rgb = Vec::with_capacity(width * height * 3);
    let mut row = vec![[0_i32; 3]; width];
    for y in 0..height {
        row.fill([128 << 8; 3]);
        for (step, strength, points) in &planes {
            add(&mut row, y, *step, *strength, points);
        }
        for samples in &row {
            let noise = random.number();
            for (channel, sample) in samples.iter().enumerate() {
                let grain = ((noise >> (channel * 8) & 15) + (noise >> (channel * 8 + 32) & 15)) as i32 - 15;
                rgb.push(((sample >> 8) + grain / 2).clamp(0, 255) as u8);
            }
        }
    }
    encode_jpeg(&Pixels { width_px, height_px, rgb }, QUALITY).unwrap()
}

/// Adds one plane to a row of samples (in 256ths).
fn add(row: &mut [[i32; 3]], y: usize, step: usize, strength: i32, points: &[[i32; 3]]) {
    let columns = row.len() / step + 2;
    let down = (y % step) as i32 * 256 / step as i32;
    let first = y / step * columns;
    let mix = |a: [i32; 3], b: [i32; 3], part: i32| [0, 1, 2].map(|c| a[c] + (((b[c] - a[c]) * part) >> 8));
    let at = |column: usize| mix(points[first + column], points[first + columns + column], down);
    let mut left = at(0);
    for (column, cell) in row.chunks_mut(step).enumerate() {
        let right = at(column + 1);
        for (x, samples) in cell.iter_mut().enumerate() {
            let value = mix(left, right, (x * 256 / step) as i32);
            (0..3).for_each(|c| samples[c] += value[c] * strength * 2);
        }
        left = right;
    }
}

/// The same picture as the n-th of a shoot: with a camera's EXIF and its small picture of 160 pixels.
pub fn as_shot(jpeg: &[u8], small: &[u8], n: u64) -> Vec<u8> {
    let tiff = exif(small, n);
    let mut file = vec![0xFF, 0xD8, 0xFF, 0xE1];
    file.extend_from_slice(&u16::try_from(tiff.len() + 8).unwrap().to_be_bytes());
    file.extend_from_slice(b"Exif\0\0");
    file.extend_from_slice(&tiff);
    file.extend_from_slice(&jpeg[2..]);
    file
}

/// The small picture that a camera puts beside its large one.
pub fn small(jpeg: &[u8]) -> Vec<u8> {
    let pixels = lightkeep::imaging::decode_jpeg_thumb(jpeg).unwrap();
    encode_jpeg(&resize(&pixels, 160, 107), 80).unwrap()
}

/// A small JPEG, different for each number.
pub fn tiny(n: u64) -> Vec<u8> {
    let mut random = Random(n);
    let rgb = (0..24 * 16).flat_map(|_| [random.number() as u8; 3]).collect();
    encode_jpeg(&Pixels { width_px: 24, height_px: 16, rgb }, 60).unwrap()
}

/// A TIFF structure (EXIF 2.3): camera, the moment, and the small picture.
fn exif(small: &[u8], n: u64) -> Vec<u8> {
    // Where everything lies: three directories, then what they point at.
    const TEXTS: u32 = 8 + 54 + 30 + 42;
    let moment = format!("2024:05:{:02} {:02}:{:02}:{:02}\0", n / 1800 % 28 + 1, 8 + n / 200 % 9, n / 4 % 60, n % 60);
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let mut directory = |entries: &[(u16, u16, u32, u32)], next: u32| {
        tiff.extend_from_slice(&(entries.len() as u16).to_le_bytes());
        for (tag, kind, count, value) in entries {
            tiff.extend_from_slice(&tag.to_le_bytes());
            tiff.extend_from_slice(&kind.to_le_bytes());
            tiff.extend_from_slice(&count.to_le_bytes());
            tiff.extend_from_slice(&value.to_le_bytes());
        }
        tiff.extend_from_slice(&next.to_le_bytes());
    };
    directory(&[(0x010F, 2, 12, TEXTS), (0x0110, 2, 16, TEXTS + 12), (0x0112, 3, 1, 1), (0x8769, 4, 1, 62)], 92);
    directory(&[(0x8827, 3, 1, 200), (0x9003, 2, 20, TEXTS + 28)], 0);
    directory(&[(0x0103, 3, 1, 6), (0x0201, 4, 1, TEXTS + 48), (0x0202, 4, 1, small.len() as u32)], 0);
    tiff.extend_from_slice(b"Lightbench \0Generated 24 MP\0");
    tiff.extend_from_slice(moment.as_bytes());
    tiff.extend_from_slice(small);
    // What makes each file another one: a number behind the small picture.
    tiff.extend_from_slice(&n.to_le_bytes());
    tiff
}
