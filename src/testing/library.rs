//! Big libraries out of nothing: for the benches, and for tests of what only shows with many photos.

use std::path::{Path, PathBuf};

use crate::catalog::{Access, Candidate, CatalogError, FileKind, Library, ProposedKey, Stop, Writer, open_library};
use crate::domain::query::Query;
use crate::domain::{
    ContentHash, Crc64, Fingerprint, Format, Gps, Metadata, ObjectKey, ObjectVersion, TakenAt, Timestamp, VersionId,
};

/// Tags that generated photos get beside the derived ones, from common to rare.
pub const VOCABULARY: usize = 2_000;

/// A small generator of numbers (SplitMix64): the same seed always gives the same library.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.number() % end.max(1)
    }

    /// A number below `end`, small ones far more often: as words and tags are used.
    pub fn skewed(&mut self, end: u64) -> u64 {
        let unit = (self.number() >> 11) as f64 / (1_u64 << 53) as f64;
        ((end as f64).powf(unit) - 1.0) as u64
    }
}

/// The name of the n-th tag of the vocabulary.
#[must_use]
pub fn tag_name(n: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ka", "lo", "mi", "ran", "sto", "vel", "du", "fen", "gri", "hal", "jor", "pex", "quo", "tir", "wem", "zu"];
    let mut name = String::new();
    let mut rest = n + 256;
    while rest > 0 {
        name.push_str(SYLLABLES[(rest % 16) as usize]);
        rest /= 16;
    }
    name
}

/// The content of the n-th photo of a generated library.
#[must_use]
pub fn content(n: u64, seed: u64) -> ContentHash {
    let mut random = Random(seed ^ n.wrapping_mul(0xD6E8_FEB8_6659_FD93));
    let mut bytes = [0; 32];
    for part in bytes.chunks_exact_mut(8) {
        part.copy_from_slice(&random.number().to_le_bytes());
    }
    ContentHash(bytes)
}

/// Where a shoot was: one of 40 cities a week, and some streets around it.
fn place(day: u64, random: &mut Random) -> Gps {
    const CITIES: [(f64, f64); 8] = [
        (48.85, 2.35),
        (51.5, -0.12),
        (35.01, 135.76),
        (64.14, -21.94),
        (41.89, 12.49),
        (40.71, -74.0),
        (-33.86, 151.2),
        (52.52, 13.4),
    ];
    let week = day / 7;
    let (latitude, longitude) = CITIES[(week % 8) as usize];
    let around = |random: &mut Random| (random.below(2_000) as f64 - 1_000.0) / 10_000.0;
    // Each round through the cities is somewhere else near them, so that there are many places.
    let away = (week / 8 % 5) as f64 * 0.5;
    Gps { latitude: latitude + away + around(random), longitude: longitude + around(random), altitude_m: None }
}

/// The n-th file of a generated shoot: about 300 photos a day over years, `tags_each` keywords and derived tags.
#[must_use]
pub fn candidate(n: u64, tags_each: usize, seed: u64) -> Candidate {
    const CAMERAS: [(&str, &str); 5] = [
        ("Canon", "Canon EOS 70D"),
        ("NIKON CORPORATION", "NIKON D750"),
        ("FUJIFILM", "X-T4"),
        ("SONY", "ILCE-7M3"),
        ("Apple", "iPhone 12"),
    ];
    let mut random = Random(seed.wrapping_add(n));
    let day = n / 300;
    let root = PathBuf::from("/photos/archive");
    let path = root.join(format!("{:03} {}/IMG_{:04}.JPG", day, tag_name(day % 500), n % 10_000));
    let (make, model) = CAMERAS[random.skewed(5) as usize % 5];
    let upright = random.below(3) == 0;
    let (width, height) = if upright { (4_000, 6_000) } else { (6_000, 4_000) };
    // Derived: camera, year, month, season, time of day, shape and folder word; the rest are keywords.
    let keywords = (0..tags_each.saturating_sub(7)).map(|_| tag_name(random.skewed(VOCABULARY as u64))).collect();
    let start_ms = 1_262_304_000_000_i64;
    let metadata = Metadata {
        taken_at: Some(TakenAt {
            local_ms: start_ms + day as i64 * 86_400_000 + 28_800_000 + (n % 300) as i64 * 120_000,
            offset_minutes: Some(60),
        }),
        make: Some(make.to_owned()),
        model: Some(model.to_owned()),
        iso: Some(100 << random.skewed(8)),
        exposure_s: Some(0.004),
        f_number: Some([1.4, 1.8, 2.8, 4.0, 5.6, 8.0, 11.0][random.below(7) as usize]),
        gps: random.below(3).checked_sub(1).map(|_| place(day, &mut random)),
        focal_length_mm: Some(35.0),
        width_px: Some(width),
        height_px: Some(height),
        caption: n
            .is_multiple_of(10)
            .then(|| format!("{} {}", tag_name(random.below(300)), tag_name(random.below(300)))),
        keywords,
        has_picture: true,
        ..Metadata::default()
    };
    let key = format!("photos/archive/{n}.jpg");
    let size = 8_000_000 + random.below(4_000_000);
    Candidate {
        size,
        mtime_ns: start_ms * 1_000_000 + n as i64,
        fingerprint: Fingerprint { size, blake3: content(n, seed), crc64nvme: Crc64(n) },
        kind: FileKind::Photo(Format::Jpeg),
        metadata,
        keys: vec![ProposedKey { fold: key.clone(), key: ObjectKey(key) }],
        path,
        root,
    }
}

/// Makes a library of so many photos in a directory, with about `tags_each` tags on each. Not durable until it returns.
///
/// # Errors
/// As the catalogue says.
pub fn generate(dir: &Path, photos: u64, tags_each: usize, seed: u64) -> Result<(Library, Writer), CatalogError> {
    fill(dir, photos, tags_each, seed, None)
}

/// The same, with a receipt of this store for every photo: a library that has nothing left to do.
///
/// # Errors
/// As the catalogue says.
pub fn generate_stored(
    dir: &Path,
    photos: u64,
    tags_each: usize,
    seed: u64,
    store: &str,
) -> Result<(Library, Writer), CatalogError> {
    fill(dir, photos, tags_each, seed, Some(store))
}

fn fill(
    dir: &Path,
    photos: u64,
    tags_each: usize,
    seed: u64,
    store: Option<&str>,
) -> Result<(Library, Writer), CatalogError> {
    const BATCH: &str = "01HXGENERATED0000000000001";
    let mut library = open_library(dir, Access::Write)?;
    let mut writer =
        library.take_writer().ok_or_else(|| CatalogError::Refused("the library is open already".to_owned()))?;
    writer.careless(true)?;
    if let Some(store) = store {
        writer.enable_store(store)?;
        writer.open_batch(BATCH, store, Timestamp(0))?;
    }
    let mut segment = 0;
    // One block of the search index a time: each of its rows is then written once.
    let mut next = 0;
    while next < photos {
        let end = (next + 4_096).min(photos);
        let files: Vec<_> = (next..end).map(|n| candidate(n, tags_each, seed)).collect();
        let outcomes = writer.take_in(&files, Timestamp(0), &|_, _, _| true)?;
        next = end;
        let Some(store) = store else { continue };
        let versions: Vec<_> = outcomes.iter().map(|outcome| outcome.version).collect();
        let receipts: Vec<_> = versions.iter().copied().zip(files.iter().map(receipt)).collect();
        writer.record_receipts(store, BATCH, &receipts)?;
        segment += 1;
        writer.segment_written(BATCH, segment, &versions, next == photos)?;
    }
    writer.careless(false)?;
    Ok((library, writer))
}

/// A store's proof for a generated file.
fn receipt(file: &Candidate) -> ObjectVersion {
    ObjectVersion {
        key: file.keys[0].key.clone(),
        version: VersionId("1".to_owned()),
        etag: "generated".to_owned(),
        fingerprint: file.fingerprint,
        mtime: Timestamp(file.mtime_ns / 1_000_000),
        stored_at: Timestamp(0),
        current: true,
        class: crate::domain::StorageClass::Standard,
    }
}

/// Gives every photo of a library one of these pictures (JPEG bytes) as its thumbnail; each is kept once.
///
/// # Errors
/// As the catalogue says.
pub fn fill_thumbs(library: &Library, jpegs: &[&[u8]]) -> Result<(), CatalogError> {
    let reader = library.reader()?;
    let mut thumbs = library.thumbs()?;
    let seats = reader.list(&Query::everything(), &Stop::new())?;
    let picture = |n: usize| ContentHash(*blake3::hash(&n.to_le_bytes()).as_bytes());
    let pictures: Vec<_> = jpegs.iter().enumerate().map(|(n, jpeg)| (picture(n), *jpeg)).collect();
    thumbs.put(&pictures)?;
    for (round, part) in seats.chunks(20_000).enumerate() {
        let contents: Vec<_> = reader.cards(part)?.into_iter().map(|card| card.blake3).collect();
        for (n, (content, _)) in pictures.iter().enumerate() {
            let same: Vec<_> =
                contents.iter().skip((n + round) % pictures.len()).step_by(pictures.len()).copied().collect();
            thumbs.put_same(&same, content)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_library_is_whole_and_the_same_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let (library, _writer) = generate(&dir.path().join("a"), 900, 8, 1).unwrap();
        let reader = library.reader().unwrap();
        let find = |query: &str| reader.list(&Query::parse(query).unwrap(), &Stop::new()).unwrap();
        assert_eq!(find("").len(), 900);
        assert_eq!(find("date:2010-01-02").len(), 300);
        assert!(!find("tag:landscape camera:canon iso:>100").is_empty());
        let tags = reader.photo(find("")[0]).unwrap().unwrap().tags.len();
        assert!((7..=9).contains(&tags), "{tags}");
        let (again, _) = generate(&dir.path().join("b"), 900, 8, 1).unwrap();
        assert_eq!(again.reader().unwrap().list(&Query::everything(), &Stop::new()).unwrap(), find(""));
        let (stored, _) = generate_stored(&dir.path().join("c"), 900, 8, 1, "vault").unwrap();
        let status = stored.reader().unwrap().status().unwrap();
        assert_eq!((status.stored, status.waiting, status.unfinished_batches), (900, 0, 0));
        fill_thumbs(&library, &[b"one", b"two"]).unwrap();
        let contents: Vec<_> = reader.cards(&find("")).unwrap().into_iter().map(|card| card.blake3).collect();
        assert!(library.thumbs().unwrap().missing(&contents).unwrap().is_empty());
    }
}
