//! What the camera wrote: EXIF fields into [`Metadata`].
//!
//! Source: EXIF 2.32 sections 4.6.4 to 4.6.7.

use super::dates;
use super::iptc::{self, Iptc};
use super::tiff::{Directory, Tiff};
use crate::domain::{Gps, Metadata, Orientation, Rating};

/// EXIF with the blocks that TIFF files carry in the same directory.
#[derive(Default)]
pub(super) struct Exif<'a> {
    /// The top directories: the picture, its thumbnail, and what else there is.
    pub chain: Vec<Directory<'a>>,
    /// The camera's directory.
    pub camera: Directory<'a>,
    gps: Directory<'a>,
    interop: Directory<'a>,
}

/// Captions that cameras write into every file.
const NO_CAPTIONS: &[&str] = &[
    "OLYMPUS DIGITAL CAMERA",
    "SONY DSC",
    "MINOLTA DIGITAL CAMERA",
    "KONICA MINOLTA DIGITAL CAMERA",
    "DIGITAL CAMERA",
    "SANYO DIGITAL CAMERA",
    "EXIF_JPEG_PICTURE",
    "SAMSUNG",
    "DCIM",
    "DEFAULT",
    "DIGITAL IMAGE",
    "UNTITLED",
    "DSC",
    "JPEG",
];

impl<'a> Exif<'a> {
    /// Reads the directories of TIFF data.
    pub(super) fn parse(data: &'a [u8]) -> Option<Self> {
        let tiff = Tiff::parse(data)?;
        let chain = tiff.chain();
        let top = chain.first()?;
        let follow =
            |directory: &Directory<'a>, tag| directory.uint(tag).and_then(|at| tiff.directory(at)).unwrap_or_default();
        let camera = follow(top, 0x8769);
        let gps = follow(top, 0x8825);
        let interop = follow(&camera, 0xA005);
        Some(Self { chain, camera, gps, interop })
    }

    /// From the separate blocks of a CR3: the top directory, the camera's, and the place's.
    pub(super) fn from_parts(top: &'a [u8], camera: Option<&'a [u8]>, gps: Option<&'a [u8]>) -> Option<Self> {
        let first = |data| Tiff::parse(data).and_then(|tiff| tiff.chain().into_iter().next());
        Some(Self {
            chain: vec![first(top)?],
            camera: camera.and_then(first).unwrap_or_default(),
            gps: gps.and_then(first).unwrap_or_default(),
            interop: Directory::default(),
        })
    }

    /// How the picture is to be turned.
    pub(super) fn orientation(&self) -> Option<Orientation> {
        self.chain.first()?.uint(0x112).and_then(Orientation::from_exif)
    }

    /// Whether the colours are Adobe RGB by the DCF option.
    pub(super) fn is_adobe_rgb(&self) -> bool {
        self.interop.text(1).is_some_and(|index| index.starts_with("R03"))
    }

    /// An XMP packet in the top directory (tag 700).
    pub(super) fn xmp(&self) -> Option<&'a [u8]> {
        Some(self.chain.first()?.get(700)?.bytes)
    }

    /// IPTC in the top directory: bare (tag 33723) or in Photoshop's blocks (34377).
    pub(super) fn iptc(&self) -> Option<Iptc> {
        let top = self.chain.first()?;
        match top.get(33_723) {
            Some(entry) => Some(iptc::parse(entry.bytes)),
            None => iptc::parse_photoshop(top.get(34_377)?.bytes),
        }
    }

    /// Fills in what is known; what is there already stays.
    pub(super) fn fill(&self, metadata: &mut Metadata) {
        let Some(top) = self.chain.first() else { return };
        let camera = &self.camera;
        metadata.orientation = self.orientation().unwrap_or(metadata.orientation);
        fill(&mut metadata.taken_at, || self.taken_at(top));
        fill(&mut metadata.make, || top.text(0x10F));
        fill(&mut metadata.model, || top.text(0x110));
        fill(&mut metadata.lens, || self.lens());
        fill(&mut metadata.iso, || iso(camera).or_else(|| top.uint(0x17).filter(|iso| *iso > 0 && *iso < 1 << 24)));
        fill(&mut metadata.exposure_s, || exposure(camera));
        fill(&mut metadata.f_number, || {
            let from_apex =
                || camera.real(0x9202).filter(|value| (0.01..20.0).contains(value)).map(|v| 2_f64.powf(v / 2.0));
            camera.real(0x829D).filter(|value| (0.5..1000.0).contains(value)).or_else(from_apex).map(to_tenths)
        });
        fill(&mut metadata.focal_length_mm, || camera.real(0x920A).filter(|value| (0.1..100_000.0).contains(value)));
        fill(&mut metadata.gps, || self.place());
        fill(&mut metadata.caption, || {
            top.text(0x10E).filter(|text| !NO_CAPTIONS.contains(&text.to_uppercase().as_str()))
        });
        fill(&mut metadata.rating, || {
            top.uint(0x4746).filter(|stars| *stars > 0).and_then(|stars| Rating::new(u8::try_from(stars).ok()?))
        });
    }

    /// Width and height that the camera noted, for files whose own header says something else (RAW).
    pub(super) fn noted_size(&self) -> Option<(u32, u32)> {
        let size = (self.camera.uint(0xA002)?, self.camera.uint(0xA003)?);
        (size.0 > 0 && size.1 > 0).then_some(size)
    }

    /// When the shutter opened; the date of the last change only where nothing else is there.
    fn taken_at(&self, top: &Directory<'a>) -> Option<crate::domain::TakenAt> {
        let read = |directory: &Directory<'a>, date, subsec, zone| {
            let text = directory.text(date)?;
            dates::parse_exif(&text, self.camera.text(subsec).as_deref(), self.camera.text(zone).as_deref())
        };
        read(&self.camera, 0x9003, 0x9291, 0x9011)
            .or_else(|| read(top, 0x9003, 0x9291, 0x9011))
            .or_else(|| read(&self.camera, 0x9004, 0x9292, 0x9012))
            .or_else(|| read(top, 0x132, 0x9290, 0x9010))
    }

    /// The lens by its name, or by what its specification says.
    fn lens(&self) -> Option<String> {
        let blank = |text: &String| text.chars().all(|letter| matches!(letter, '-' | ' ' | '0' | '.' | 'f' | '/'));
        let model = self.camera.text(0xA434).filter(|text| !blank(text));
        let make = self.camera.text(0xA433).filter(|text| !blank(text));
        if model.is_some() {
            return model;
        }
        let spec = self.camera.get(0xA432).and_then(|entry| {
            let value = |index| entry.real(index).filter(|value| *value > 0.0);
            let (short, long) = (value(0)?, value(1)?);
            let range = if short == long { format!("{short} mm") } else { format!("{short}-{long} mm") };
            Some(match (value(2), value(3)) {
                (Some(wide), Some(tele)) if wide != tele => format!("{range} f/{wide}-{tele}"),
                (Some(wide), _) => format!("{range} f/{wide}"),
                _ => range,
            })
        });
        match (make, spec) {
            (Some(make), Some(spec)) => Some(format!("{make} {spec}")),
            (make, spec) => spec.or(make),
        }
    }

    /// The place, where it is one.
    fn place(&self) -> Option<Gps> {
        let angle = |tag| {
            let entry = self.gps.get(tag)?;
            let part = |index| entry.real(index).unwrap_or(0.0);
            Some(entry.real(0)? + part(1) / 60.0 + part(2) / 3600.0)
        };
        let side = |tag, negative: char| {
            let text = self.gps.text(tag).unwrap_or_default();
            if text.to_ascii_uppercase().starts_with(negative) { -1.0 } else { 1.0 }
        };
        let latitude = angle(2)? * side(1, 'S');
        let longitude = angle(4)? * side(3, 'W');
        let is_place = latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude, longitude) != (0.0, 0.0);
        // Reference 1 is below the sea; tag 5 is a byte.
        let below = if self.gps.uint(5) == Some(1) { -1.0 } else { 1.0 };
        let altitude_m = self.gps.real(6).map(|metres| metres * below).filter(|metres| metres.abs() < 100_000.0);
        is_place.then_some(Gps { latitude, longitude, altitude_m })
    }
}

/// Sets a field that is still empty.
fn fill<T>(field: &mut Option<T>, value: impl FnOnce() -> Option<T>) {
    if field.is_none() {
        *field = value();
    }
}

/// Apertures computed from APEX come out as 5.599…
fn to_tenths(f_number: f64) -> f64 {
    (f_number * 10.0).round() / 10.0
}

/// The sensitivity: 16 bits are too few for some, which then write 65,535 and the real one elsewhere.
fn iso(camera: &Directory<'_>) -> Option<u32> {
    let short = camera.uint(0x8827).filter(|iso| *iso > 0);
    let long = || camera.uint(0x8832).or_else(|| camera.uint(0x8831)).or_else(|| camera.uint(0x8833));
    match short {
        Some(65_535) | None => long().filter(|iso| *iso > 0 && *iso < 1 << 24).or(short),
        known => known,
    }
}

/// Exposure time in seconds, by itself or from APEX.
fn exposure(camera: &Directory<'_>) -> Option<f64> {
    let fine = |seconds: &f64| *seconds > 1e-7 && *seconds < 1e6;
    let from_apex = || camera.real(0x9201).filter(|value| value.abs() < 30.0).map(|value| 2_f64.powf(-value));
    camera.real(0x829A).filter(fine).or_else(|| from_apex().filter(fine))
}
