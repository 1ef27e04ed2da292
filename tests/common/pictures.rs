//! Pictures that the tests make themselves: small JPEG files with the EXIF of a camera that never was, and others.

use std::io::Cursor;

use image::{ImageFormat, Rgb, RgbImage};

/// A photo to be made.
#[derive(Clone)]
pub struct Shot {
    /// Says which pixels; another seed is another photo.
    pub seed: u32,
    /// Stored pixels, before any turning.
    pub size: (u32, u32),
    pub make: &'static str,
    pub model: &'static str,
    pub lens: &'static str,
    /// `2024:05:17 14:32:05`; empty where no camera wrote one.
    pub taken: String,
    /// `+02:00`; empty where unknown.
    pub offset: &'static str,
    pub orientation: u16,
    pub iso: u16,
    /// Degrees north and east.
    pub gps: Option<(f64, f64)>,
}

impl Shot {
    /// A photo of the default camera at noon of a day.
    pub fn on(day: &str, seed: u32) -> Self {
        Self {
            seed,
            size: (48, 32),
            make: "Acme",
            model: "Box 1",
            lens: "",
            taken: format!("{} 12:00:00", day.replace('-', ":")),
            offset: "",
            orientation: 1,
            iso: 100,
            gps: None,
        }
    }

    /// A picture that no camera wrote anything into.
    pub fn bare(seed: u32) -> Self {
        Self { make: "", model: "", taken: String::new(), iso: 0, ..Self::on("", seed) }
    }

    /// The same second and camera, other bytes: what an editor leaves.
    pub fn edited(&self) -> Self {
        Self { seed: self.seed + 100_000, ..self.clone() }
    }

    /// As a JPEG file.
    pub fn jpeg(&self) -> Vec<u8> {
        with_exif(&jpeg_of(&pixels(self.size, self.seed)), &self.exif())
    }

    /// The EXIF block, a TIFF of its own.
    pub fn exif(&self) -> Vec<u8> {
        let mut main = Ifd::default();
        main.text(0x010F, self.make);
        main.text(0x0110, self.model);
        main.short(0x0112, self.orientation);
        let mut exif = Ifd::default();
        if self.iso > 0 {
            exif.rational(0x829A, &[(1, 250)]);
            exif.rational(0x829D, &[(56, 10)]);
            exif.short(0x8827, self.iso);
            exif.rational(0x920A, &[(35, 1)]);
        }
        exif.text(0x9003, &self.taken);
        exif.text(0x9011, self.offset);
        exif.text(0xA434, self.lens);
        let gps = self.gps.map(|(north, east)| {
            let mut gps = Ifd::default();
            gps.text(0x0001, if north < 0.0 { "S" } else { "N" });
            gps.rational(0x0002, &degrees(north.abs()));
            gps.text(0x0003, if east < 0.0 { "W" } else { "E" });
            gps.rational(0x0004, &degrees(east.abs()));
            gps
        });
        tiff(main, exif, gps)
    }
}

fn degrees(value: f64) -> [(u32, u32); 3] {
    let seconds = (value * 3600.0 * 1000.0).round() as u32;
    [(seconds / 3_600_000, 1), (seconds / 60_000 % 60, 1), (seconds % 60_000, 1000)]
}

/// Pixels that tell one picture from another: a gradient, and a light left upper quarter, so that turning shows.
pub fn pixels((width, height): (u32, u32), seed: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if x < width / 2 && y < height / 2 {
            Rgb([250, 250, (seed % 200) as u8])
        } else {
            let noise = (x * 7 + y * 13).wrapping_mul(seed.wrapping_mul(2_654_435_761) | 1) >> 24;
            Rgb([(x * 60 / width) as u8, (y * 60 / height) as u8, (noise % 100) as u8])
        }
    })
}

/// Any picture as a JPEG file without metadata.
pub fn jpeg_of(pixels: &RgbImage) -> Vec<u8> {
    let mut compress = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    compress.set_size(pixels.width() as usize, pixels.height() as usize);
    compress.set_quality(90.0);
    compress.set_fastest_defaults();
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(pixels.as_raw()).unwrap();
    started.finish().unwrap()
}

/// Any picture in another format.
pub fn encoded(pixels: &RgbImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(pixels.clone()).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Puts an EXIF block behind the start of a JPEG file.
pub fn with_exif(jpeg: &[u8], exif: &[u8]) -> Vec<u8> {
    segment(jpeg, &[b"Exif\0\0", exif].concat())
}

/// Puts an XMP packet behind the start of a JPEG file.
pub fn with_xmp(jpeg: &[u8], xmp: &str) -> Vec<u8> {
    segment(jpeg, &[b"http://ns.adobe.com/xap/1.0/\0", xmp.as_bytes()].concat())
}

fn segment(jpeg: &[u8], content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, content, &jpeg[2..]].concat()
}

/// A sidecar as other programs write it.
pub fn xmp(keywords: &[&str], rating: Option<u8>, caption: Option<&str>) -> String {
    let subjects: String = keywords.iter().map(|word| format!("<rdf:li>{word}</rdf:li>")).collect();
    let rating = rating.map_or(String::new(), |stars| format!("<xmp:Rating>{stars}</xmp:Rating>"));
    let caption = caption.map_or(String::new(), |text| {
        format!("<dc:description><rdf:Alt><rdf:li xml:lang=\"x-default\">{text}</rdf:li></rdf:Alt></dc:description>")
    });
    format!(
        "<?xpacket begin=\"\u{feff}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?><x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\
         <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description rdf:about=\"\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\">{rating}{caption}\
         <dc:subject><rdf:Bag>{subjects}</rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>\
         <?xpacket end=\"w\"?>"
    )
}

/// One directory of a TIFF, little-endian. Entries must come in the order of their tags.
#[derive(Default)]
pub struct Ifd(Vec<(u16, u16, u32, Vec<u8>)>);

impl Ifd {
    pub fn text(&mut self, tag: u16, text: &str) {
        if !text.is_empty() {
            let bytes = [text.as_bytes(), b"\0"].concat();
            self.0.push((tag, 2, bytes.len() as u32, bytes));
        }
    }

    pub fn short(&mut self, tag: u16, value: u16) {
        self.0.push((tag, 3, 1, value.to_le_bytes().to_vec()));
    }

    pub fn long(&mut self, tag: u16, value: u32) {
        self.0.push((tag, 4, 1, value.to_le_bytes().to_vec()));
    }

    pub fn rational(&mut self, tag: u16, values: &[(u32, u32)]) {
        let bytes = values.iter().flat_map(|(a, b)| [a.to_le_bytes(), b.to_le_bytes()].concat()).collect();
        self.0.push((tag, 5, values.len() as u32, bytes));
    }

    /// Bytes from `at` on: the entries, the link to the next directory, and the values that do not fit an entry.
    pub fn bytes(&self, at: usize, next: u32) -> Vec<u8> {
        let mut outside = Vec::new();
        let behind = at + 2 + 12 * self.0.len() + 4;
        let mut bytes = (self.0.len() as u16).to_le_bytes().to_vec();
        for (tag, kind, count, value) in &self.0 {
            bytes.extend([tag.to_le_bytes(), kind.to_le_bytes()].concat());
            bytes.extend(count.to_le_bytes());
            if value.len() <= 4 {
                bytes.extend(value);
                bytes.resize(bytes.len() + 4 - value.len(), 0);
            } else {
                bytes.extend(((behind + outside.len()) as u32).to_le_bytes());
                outside.extend(value);
                outside.resize(outside.len() + outside.len() % 2, 0);
            }
        }
        bytes.extend(next.to_le_bytes());
        bytes.extend(outside);
        bytes
    }
}

fn tiff(mut main: Ifd, exif: Ifd, gps: Option<Ifd>) -> Vec<u8> {
    // Pointers are there while lengths are measured, and right the second time.
    main.long(0x8769, 0);
    if gps.is_some() {
        main.long(0x8825, 0);
    }
    let exif_at = 8 + main.bytes(8, 0).len();
    let gps_at = exif_at + exif.bytes(exif_at, 0).len();
    for entry in &mut main.0 {
        match entry.0 {
            0x8769 => entry.3 = (exif_at as u32).to_le_bytes().to_vec(),
            0x8825 => entry.3 = (gps_at as u32).to_le_bytes().to_vec(),
            _ => {}
        }
    }
    let mut bytes = b"II*\0\x08\0\0\0".to_vec();
    bytes.extend(main.bytes(8, 0));
    bytes.extend(exif.bytes(exif_at, 0));
    if let Some(gps) = gps {
        bytes.extend(gps.bytes(gps_at, 0));
    }
    bytes
}
