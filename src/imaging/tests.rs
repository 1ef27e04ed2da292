//! The whole way from bytes to pixels, on pictures made here.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use proptest::prelude::*;

use super::*;
use crate::domain::{Format, Orientation, TakenAt};

/// Wide as asked: the left half red, the right half blue, the lower third green over both, all with some texture.
fn picture(width: u32, height: u32) -> Pixels {
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let grain = ((x * 7 + y * 13) % 16) as u8;
            let pixel = if y * 3 >= height * 2 {
                [20, 200, 30]
            } else if x * 2 < width {
                [200, 20, 30]
            } else {
                [30, 20, 200]
            };
            rgb.extend(pixel.map(|sample: u8| sample + grain));
        }
    }
    Pixels { width_px: width, height_px: height, rgb }
}

/// One field of a directory: tag, type, count, value or offset.
type Field = (u16, u16, u32, u32);

/// Little-endian TIFF data of one top directory, one camera directory, and what lies behind them.
fn tiff(top: &[Field], camera: &[Field], tail: &[u8]) -> Vec<u8> {
    let directory = |fields: &[Field]| {
        let mut bytes = (fields.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, count, value) in fields {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(count.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend([0; 4]);
        bytes
    };
    let camera_at = 8 + 2 + (top.len() as u32 + 1) * 12 + 4;
    let mut fields = top.to_vec();
    fields.push((0x8769, 4, 1, camera_at));
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(directory(&fields));
    bytes.extend(directory(camera));
    bytes.extend(tail);
    bytes
}

/// A JPEG with a marker segment behind its first two bytes.
fn with_segment(jpeg: &[u8], marker: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, marker], &len, body, &jpeg[2..]].concat()
}

fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    with_segment(jpeg, 0xE1, &[b"Exif\0\0", tiff].concat())
}

/// The pixel at a place given in hundredths.
fn at(pixels: &Pixels, x: u32, y: u32) -> [u8; 3] {
    let (x, y) = (pixels.width_px * x / 100, pixels.height_px * y / 100);
    let start = (y * pixels.width_px + x) as usize * 3;
    pixels.rgb[start..start + 3].try_into().unwrap()
}

fn is_near(pixel: [u8; 3], expected: [u8; 3]) -> bool {
    pixel.iter().zip(expected).all(|(one, other)| one.abs_diff(other) < 40)
}

const RED: [u8; 3] = [208, 28, 38];
const BLUE: [u8; 3] = [38, 28, 208];
const GREEN: [u8; 3] = [28, 208, 38];

#[test]
fn a_jpeg_comes_out_upright_at_every_scale() {
    let jpeg = with_exif(&encode_jpeg(&picture(1603, 1201), 90).unwrap(), &tiff(&[(0x112, 3, 1, 6)], &[], &[]));
    let metadata = inspect(&jpeg, Format::Jpeg).unwrap();
    assert_eq!((metadata.width_px, metadata.height_px), (Some(1201), Some(1603)));
    assert_eq!(metadata.orientation, Orientation::Rotate90);
    for edge in [100, 320, 700, 1500, 5000] {
        let pixels = render(&jpeg, Format::Jpeg, Fit::LongEdge(edge)).unwrap();
        assert_eq!(pixels.height_px, edge.min(1603), "{edge}");
        assert_eq!(pixels.rgb.len(), (pixels.width_px * pixels.height_px * 3) as usize);
        // A quarter to the right: what was at the bottom is left, what was left is on top.
        assert!(is_near(at(&pixels, 10, 50), GREEN), "{edge}: {:?}", at(&pixels, 10, 50));
        assert!(is_near(at(&pixels, 80, 20), RED), "{edge}: {:?}", at(&pixels, 80, 20));
        assert!(is_near(at(&pixels, 80, 80), BLUE), "{edge}: {:?}", at(&pixels, 80, 80));
    }
}

/// A JPEG of samples of any kind.
fn encode_as(space: mozjpeg::ColorSpace, (width, height): (u32, u32), quality: f32, samples: &[u8]) -> Vec<u8> {
    let mut encoder = mozjpeg::Compress::new(space);
    encoder.set_fastest_defaults();
    encoder.set_size(width as usize, height as usize);
    encoder.set_quality(quality);
    let mut started = encoder.start_compress(Vec::new()).unwrap();
    started.write_scanlines(samples).unwrap();
    started.finish().unwrap()
}

#[test]
fn averages_are_those_of_libjpeg() {
    for (width, height, quality) in [(1600, 1200, 80), (1203, 905, 92), (811, 1337, 60), (640, 190, 30)] {
        let source = picture(width, height);
        let greens: Vec<u8> = source.rgb.iter().skip(1).step_by(3).copied().collect();
        let grey = encode_as(mozjpeg::ColorSpace::JCS_GRAYSCALE, (width, height), f32::from(quality), &greens);
        // Chroma is averaged twice as coarsely at the edges of colours, so that only the mean can agree closely.
        for (jpeg, allowed) in [(grey, 0.3), (encode_jpeg(&source, quality).unwrap(), 4.0)] {
            let header = jpeg_header::parse(&jpeg).unwrap();
            let out = (width / 12, height / 12);
            let whole = raster::Region::whole((width, height));
            let own = dc::decode(&jpeg, &header, Deadline::start()).unwrap().resampled(whole, out);
            let theirs = jpeg::decode(&jpeg, &header, 1, Deadline::start()).unwrap();
            let theirs = theirs.resampled(whole.scaled((0.125, 0.125)), out, raster::Kernel::Averaged);
            let sum: u64 = own.samples.iter().zip(&theirs.samples).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            let mean = sum as f64 / own.samples.len() as f64;
            assert!(mean < allowed, "{width} x {height}: {mean}");
        }
    }
}

#[test]
fn a_grey_jpeg_and_one_of_inks() {
    let grey = encode_as(mozjpeg::ColorSpace::JCS_GRAYSCALE, (64, 64), 95.0, &[90; 64 * 64]);
    for fit in [Fit::Full, Fit::LongEdge(4)] {
        assert!(is_near(at(&render(&grey, Format::Jpeg, fit).unwrap(), 50, 50), [90; 3]));
    }
    // Adobe writes inks inverted: no cyan left over means full cyan.
    let inks = encode_as(mozjpeg::ColorSpace::JCS_CMYK, (64, 64), 95.0, &[0, 255, 255, 255].repeat(64 * 64));
    assert!(memchr::memmem::find(&inks, b"Adobe").is_some());
    for fit in [Fit::Full, Fit::LongEdge(20), Fit::LongEdge(4)] {
        let pixel = at(&render(&inks, Format::Jpeg, fit).unwrap(), 50, 50);
        assert!(is_near(pixel, [0, 255, 255]), "{pixel:?}");
    }
}

#[test]
fn other_formats_in_all_their_depths() {
    let source = picture(90, 60);
    let rgb = DynamicImage::ImageRgb8(image::RgbImage::from_raw(90, 60, source.rgb.clone()).unwrap());
    let cases = [
        (Format::Png, ImageFormat::Png, rgb.clone()),
        (Format::Png, ImageFormat::Png, DynamicImage::ImageRgb16(rgb.to_rgb16())),
        (Format::Png, ImageFormat::Png, DynamicImage::ImageRgba16(rgb.to_rgba16())),
        (Format::Tiff, ImageFormat::Tiff, rgb.clone()),
        (Format::Tiff, ImageFormat::Tiff, DynamicImage::ImageRgb16(rgb.to_rgb16())),
        (Format::Webp, ImageFormat::WebP, rgb.clone()),
        (Format::Bmp, ImageFormat::Bmp, rgb.clone()),
        (Format::Gif, ImageFormat::Gif, rgb.clone()),
    ];
    for (format, kind, image) in cases {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, kind).unwrap();
        let bytes = bytes.into_inner();
        assert_eq!(sniff(&bytes, None), Kind::Photo(format));
        assert_eq!(inspect(&bytes, format).unwrap().width_px, Some(90));
        let thumb = thumbnail(&bytes, format, 45).unwrap();
        assert_eq!((thumb.width_px, thumb.height_px), (45, 30), "{format:?}");
        let pixels = decode_jpeg_thumb(&thumb.jpeg).unwrap();
        assert!(
            is_near(at(&pixels, 20, 30), RED) && is_near(at(&pixels, 80, 30), BLUE),
            "{format:?} {:?}",
            image.color()
        );
    }
}

#[test]
fn transparency_lies_on_white() {
    let clear = image::RgbaImage::from_pixel(20, 20, image::Rgba([0, 0, 0, 0]));
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::ImageRgba8(clear).write_to(&mut bytes, ImageFormat::Png).unwrap();
    let pixels = render(bytes.get_ref(), Format::Png, Fit::Full).unwrap();
    assert!(pixels.rgb.iter().all(|sample| *sample == 255));
}

#[test]
fn what_the_camera_wrote_is_read() {
    // Two directories and their fields are 8 + 2 + 6·12 + 4 + 2 + 6·12 + 4 bytes long; texts follow.
    let base = 164;
    let tail = b"Canon\0\0\0Canon EOS 70D \0\0\x32\x30\x32\x34:05:03 12:00:01\0\x01\0\0\0\xFA\0\0\0\x1C\0\0\0\x0A\0\0\0+02:00\0\0";
    let top =
        [(0x10F, 2, 6, base), (0x110, 2, 16, base + 8), (0x112, 3, 1, 1), (0x132, 2, 20, base + 24), (0x4746, 3, 1, 4)];
    let camera = [
        (0x829A, 5, 1, base + 44),
        (0x829D, 5, 1, base + 52),
        (0x8827, 3, 1, 800),
        (0x9003, 2, 20, base + 24),
        (0x9011, 2, 7, base + 60),
        (0x9291, 2, 3, u32::from_le_bytes(*b"25\0\0")),
    ];
    let jpeg = with_exif(&encode_jpeg(&picture(64, 48), 80).unwrap(), &tiff(&top, &camera, tail));
    let metadata = inspect(&jpeg, Format::Jpeg).unwrap();
    assert_eq!(metadata.camera().as_deref(), Some("Canon EOS 70D"));
    assert_eq!(metadata.taken_at.map(TakenAt::to_rfc3339).as_deref(), Some("2024-05-03T12:00:01.250+02:00"));
    assert_eq!((metadata.iso, metadata.exposure_s, metadata.f_number), (Some(800), Some(0.004), Some(2.8)));
    assert_eq!(metadata.rating.map(|rating| rating.stars()), Some(4));
}

#[test]
fn a_raw_file_shows_its_embedded_picture_or_says_that_it_has_none() {
    let inner = encode_jpeg(&picture(800, 600), 85).unwrap();
    let small = encode_jpeg(&picture(160, 120), 85).unwrap();
    let chance = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xC4];
    let raw = [tiff(&[(0x112, 3, 1, 8)], &[], &[0; 40]), chance.to_vec(), small, inner, vec![7; 99]].concat();
    let metadata = inspect(&raw, Format::Raw).unwrap();
    assert!(metadata.has_picture);
    assert_eq!((metadata.width_px, metadata.height_px), (Some(600), Some(800)));
    let pixels = render(&raw, Format::Raw, Fit::LongEdge(320)).unwrap();
    assert_eq!((pixels.width_px, pixels.height_px), (240, 320));
    // A quarter to the left: what was at the bottom is right.
    assert!(is_near(at(&pixels, 90, 50), GREEN) && is_near(at(&pixels, 20, 80), RED));
    let bare = tiff(&[(0x112, 3, 1, 8)], &[], &[0; 40]);
    assert!(!inspect(&bare, Format::Dng).unwrap().has_picture);
    assert_eq!(thumbnail(&bare, Format::Dng, 320), Err(Unreadable::NoPicture));
    assert!(inspect(b"rubbish", Format::Raw).is_err());
}

#[test]
fn the_first_look_is_upright() {
    let small = encode_jpeg(&picture(160, 120), 85).unwrap();
    let mut exif = tiff(&[(0x112, 3, 1, 6)], &[], &[]);
    // The second top directory stands at the end; the first one's link to it is behind its fields.
    let second = exif.len() as u32;
    exif[34..38].copy_from_slice(&second.to_le_bytes());
    let thumb_at = second + 2 + 24 + 4;
    exif.extend([2, 0, 0x01, 0x02, 4, 0, 1, 0, 0, 0]);
    exif.extend(thumb_at.to_le_bytes());
    exif.extend([0x02, 0x02, 4, 0, 1, 0, 0, 0]);
    exif.extend((small.len() as u32).to_le_bytes());
    exif.extend([0; 4]);
    exif.extend(&small);
    let jpeg = with_exif(&encode_jpeg(&picture(640, 480), 80).unwrap(), &exif);
    let look = first_look(&jpeg[..jpeg.len().min(16_000)]).unwrap();
    assert_eq!((look.width_px, look.height_px), (120, 160));
    assert!(is_near(at(&look, 10, 50), GREEN));
    assert_eq!(first_look(&jpeg[..400]), None);
    assert_eq!(first_look(b""), None);
}

#[test]
fn bombs_are_refused_before_they_go_off() {
    // A progressive frame of 65,500 × 65,500 would want gigabytes of coefficients.
    let frame = |marker: u8, side: u16| {
        let [high, low] = side.to_be_bytes();
        let mut bytes = vec![0xFF, 0xD8, 0xFF, marker, 0, 17, 8, high, low, high, low, 3];
        bytes.extend([1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
        bytes.extend([0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 0]);
        bytes
    };
    let huge = [frame(0xC2, 65_500), vec![0; 100]].concat();
    assert!(matches!(thumbnail(&huge, Format::Jpeg, 320), Err(Unreadable::TooLarge { .. })));
    assert!(decode_cost_bytes(&huge, Format::Jpeg, Fit::LongEdge(320)) > 1 << 30);
    let many = [frame(0xC2, 5000), [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0].repeat(1000)].concat();
    assert!(matches!(thumbnail(&many, Format::Jpeg, 320), Err(Unreadable::Unsupported(_))));
    let sequential = [frame(0xC0, 65_500), vec![0; 100]].concat();
    assert!(matches!(render(&sequential, Format::Jpeg, Fit::Full), Err(Unreadable::TooLarge { .. })));
    let mut png = b"\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\xFF\0\0\0\xFF\0\x08\x06\0\0\0".to_vec();
    png.extend([0; 40]);
    assert!(thumbnail(&png, Format::Png, 320).is_err());
}

#[test]
fn nothing_and_rubbish_are_one_line() {
    for format in Format::ALL {
        assert_eq!(thumbnail(b"", format, 320), Err(Unreadable::Empty), "{format:?}");
        assert_eq!(inspect(b"", format), Err(Unreadable::Empty), "{format:?}");
        let why =
            render(b"\xFF\xD8\xFF\xE0rubbish that goes on for a while", format, Fit::Full).unwrap_err().to_string();
        assert_eq!(why.lines().count(), 1);
    }
}

#[test]
fn a_cut_jpeg_keeps_its_upper_part() {
    let jpeg = encode_jpeg(&picture(800, 600), 90).unwrap();
    let pixels = render(&jpeg[..jpeg.len() / 2], Format::Jpeg, Fit::LongEdge(300)).unwrap();
    assert!(is_near(at(&pixels, 20, 10), RED) && is_near(at(&pixels, 80, 10), BLUE));
}

#[test]
fn xmp_in_any_dress() {
    let packet = br#"<?xpacket begin=""?><a:xmpmeta xmlns:a="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <r:Description xmlns:z="http://ns.adobe.com/xap/1.0/" xmlns:d="http://purl.org/dc/elements/1.1/" z:Rating="-1" z:Label="Rot &amp; mehr">
        <d:subject><r:Bag><r:li>Z&#xFC;rich</r:li><r:li> a &lt; b </r:li><r:li>a &lt; b</r:li><r:li>&unknown;</r:li></r:Bag></d:subject>
        <d:title><r:Alt><r:li xml:lang="de">Titel</r:li><r:li xml:lang="x-default">Title</r:li><r:li xml:lang="fr">Titre</r:li></r:Alt></d:title>
        <h:hierarchicalSubject xmlns:h="http://ns.adobe.com/lightroom/1.0/"><r:Bag><r:li>Places|Europe|Bern</r:li></r:Bag></h:hierarchicalSubject>
        <p:DateCreated xmlns:p="http://ns.adobe.com/photoshop/1.0/">2020-01-02T03:04:05Z</p:DateCreated>
        <x:Other xmlns:x="x"><r:Description><d:description>not ours</d:description></r:Description></x:Other>
      </r:Description></r:RDF></a:xmpmeta>"#;
    let xmp = xmp::parse(packet).unwrap();
    assert_eq!(xmp.subjects, ["Zürich", "a < b"]);
    assert_eq!(xmp.keywords(), ["Zürich", "a < b", "Bern"]);
    assert_eq!((xmp.title.as_deref(), xmp.description.as_deref()), (Some("Title"), None));
    assert_eq!((xmp.verdict, xmp.label.as_deref()), (Some(xmp::Verdict::Reject), Some("Rot & mehr")));
    assert!(xmp.taken_at.is_some());
    let jpeg = with_segment(
        &encode_jpeg(&picture(64, 48), 80).unwrap(),
        0xE1,
        &[b"http://ns.adobe.com/xap/1.0/\0", &packet[..]].concat(),
    );
    assert_eq!(inspect(&jpeg, Format::Jpeg).unwrap().keywords, xmp.keywords());
}

#[test]
fn hostile_xmp_is_refused_or_harmless() {
    assert!(xmp::parse("<a>".repeat(5000).as_bytes()).is_err());
    assert!(xmp::parse(b"no xml at all").is_err());
    assert!(xmp::parse(b"").is_err());
    let laughs = br#"<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <r:Description xmlns:d="http://purl.org/dc/elements/1.1/"><d:title>&b;!</d:title></r:Description></r:RDF>"#;
    assert_eq!(xmp::parse(laughs).unwrap().title.as_deref(), Some("!"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn flipped_bytes_never_panic(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12)) {
        let mut jpeg = with_exif(&encode_jpeg(&picture(200, 150), 80).unwrap(), &tiff(&[(0x112, 3, 1, 6)], &[], &[]));
        for (index, value) in flips {
            let index = index.index(jpeg.len());
            jpeg[index] = value;
        }
        let _ = (inspect(&jpeg, Format::Jpeg), first_look(&jpeg), inspect(&jpeg, Format::Raw));
        if let Ok(thumb) = thumbnail(&jpeg, Format::Jpeg, 20) {
            prop_assert!(thumb.width_px.max(thumb.height_px) <= 20);
        }
    }

    #[test]
    fn every_fit_is_kept(width in 1u32..300, height in 1u32..300, box_width in 1u32..200, box_height in 1u32..200) {
        let flat = Pixels { width_px: width, height_px: height, rgb: vec![99; (width * height * 3) as usize] };
        let jpeg = encode_jpeg(&flat, 80).unwrap();
        let inside = render(&jpeg, Format::Jpeg, Fit::Within { width_px: box_width, height_px: box_height }).unwrap();
        prop_assert!(inside.width_px <= box_width.min(width) && inside.height_px <= box_height.min(height));
        let cover = render(&jpeg, Format::Jpeg, Fit::Cover { width_px: box_width, height_px: box_height }).unwrap();
        prop_assert!(cover.width_px <= box_width.min(width) && cover.height_px <= box_height.min(height));
        if width >= box_width && height >= box_height {
            prop_assert_eq!((cover.width_px, cover.height_px), (box_width, box_height));
        }
    }
}
