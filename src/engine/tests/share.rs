//! Links: what is copied for one, in which order, when it ends, and what is not in it.

use std::sync::Mutex;

use async_trait::async_trait;

use super::*;
use crate::domain::{ObjectVersion, Receipt, VersionId};
use crate::engine::stores::{OpenedStore, RemoteSlot};
use crate::protocol::{ErrorCode, ShareOrder, ShareReport};
use crate::store::{Link, Listed, Put, StoreError};

/// Memory with links, which a sign-in lets live for an hour.
struct Linking {
    memory: Memory,
    longest_s: u64,
    now: Arc<AtomicI64>,
    puts: Mutex<Vec<String>>,
}

#[async_trait]
impl ObjectStore for Linking {
    fn name(&self) -> &str {
        "aws"
    }
    async fn put(&self, put: Put) -> Result<Receipt, StoreError> {
        self.puts.lock().unwrap().push(put.key.0.clone());
        self.memory.put(put).await
    }
    async fn head(&self, key: &ObjectKey, version: Option<&VersionId>) -> Result<Option<ObjectVersion>, StoreError> {
        self.memory.head(key, version).await
    }
    async fn read(
        &self,
        key: &ObjectKey,
        version: Option<&VersionId>,
    ) -> Result<Box<dyn std::io::Read + Send>, StoreError> {
        self.memory.read(key, version).await
    }
    async fn versions(&self, key: &ObjectKey) -> Result<Vec<ObjectVersion>, StoreError> {
        self.memory.versions(key).await
    }
    async fn list(
        &self,
        prefix: &str,
        versions: bool,
        each: &mut (dyn FnMut(Listed) -> bool + Send),
    ) -> Result<(), StoreError> {
        self.memory.list(prefix, versions, each).await
    }
    async fn restore(&self, key: &ObjectKey, version: &VersionId) -> Result<Receipt, StoreError> {
        self.memory.restore(key, version).await
    }
    async fn free_bytes(&self) -> Result<Option<u64>, StoreError> {
        Ok(None)
    }
    async fn delete(&self, key: &ObjectKey) -> Result<Option<VersionId>, StoreError> {
        self.memory.delete(key).await
    }
    async fn link(&self, key: &ObjectKey, lasts_s: u64) -> Result<Link, StoreError> {
        assert!(self.memory.head(key, None).await.unwrap().is_some(), "a link to nothing: {key}");
        let ends_at = Timestamp(self.now.load(Ordering::Relaxed) + lasts_s as i64 * 1_000);
        Ok(Link { url: format!("https://bucket.test/{key}?a=1&s={lasts_s}"), ends_at })
    }
    async fn longest_link_s(&self) -> Result<Option<u64>, StoreError> {
        Ok(Some(self.longest_s))
    }
}

fn with_links(world: &World, process: &Process, longest_s: u64) -> Arc<Linking> {
    let linking =
        Arc::new(Linking { memory: world.memory.clone(), longest_s, now: world.now.clone(), puts: Mutex::default() });
    let opened = OpenedStore { name: "aws-b/p".to_owned(), shown: "aws", store: linking.clone() };
    *process.engine.0.remote.lock().unwrap() = RemoteSlot::Open { place: "b/p".to_owned(), opened };
    linking
}

async fn share(process: &Process, originals: bool, lasts_s: u64) -> Result<ShareReport, UserError> {
    let seats = process.engine.seats("").await.unwrap();
    let reporter = Reporter::new(&process.engine, OP, OpKind::Share);
    process.engine.share(OP, ShareOrder { seats, originals, lasts_s }, &Cancel::default(), &reporter).await
}

async fn bytes(world: &World, key: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let mut from = world.memory.read(&ObjectKey(key.to_owned()), None).await.unwrap();
    std::io::Read::read_to_end(&mut from, &mut all).unwrap();
    all
}

/// A photo that says where it was taken.
fn photo_with_a_place() -> Vec<u8> {
    let pixels = crate::imaging::Pixels { width_px: 2, height_px: 2, rgb: vec![200; 12] };
    let jpeg = crate::imaging::encode_jpeg(&pixels, 90).unwrap();
    // TIFF with Make and a GPS block: 52° 30' north, 13° 24' east.
    let mut exif: Vec<u8> = b"Exif\0\0II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend(b"\x0f\x01\x02\0\x04\0\0\0Me!\0\x25\x88\x04\0\x01\0\0\0\x26\0\0\0\0\0\0\0");
    exif.extend(b"\x04\0\x01\0\x02\0\x02\0\0\0N\0\0\0\x02\0\x05\0\x03\0\0\0\x5c\0\0\0");
    exif.extend(b"\x03\0\x02\0\x02\0\0\0E\0\0\0\x04\0\x05\0\x03\0\0\0\x74\0\0\0\0\0\0\0");
    for degrees in [52_u32, 30, 0, 13, 24, 0] {
        exif.extend(degrees.to_le_bytes());
        exif.extend(1_u32.to_le_bytes());
    }
    let mut whole = jpeg[..2].to_vec();
    whole.extend([0xFF, 0xE1]);
    whole.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    whole.extend(&exif);
    whole.extend(&jpeg[2..]);
    whole
}

#[tokio::test]
async fn a_link_leads_to_a_page_with_copies_that_say_nothing() {
    let world = World::new();
    world.files.put(Path::new(SHOOT).join("a<b>&\"c.jpg"), &photo_with_a_place());
    world.put("two.png", 2);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    let placed = process.photos().await.into_iter().find(|photo| photo.card.name.ends_with(".jpg")).unwrap();
    assert!(placed.metadata.gps.is_some(), "the original says where it was taken");
    let linking = with_links(&world, &process, 3_600);
    let report = share(&process, false, 7 * 86_400).await.unwrap();
    assert_eq!((report.photos, report.failed.len()), (2, 0), "{:?}", report.failed);
    let puts = linking.puts.lock().unwrap().clone();
    assert!(puts[0].ends_with("/0001.jpg") && puts[1].ends_with("/0002.jpg"), "{puts:?}");
    assert!(puts[2].starts_with("shares/") && puts[2].ends_with("/index.html"), "the page is the last: {puts:?}");
    assert_eq!(puts.len(), 3);
    let html = String::from_utf8(bytes(&world, &puts[2]).await).unwrap();
    assert_eq!(html.matches("<img src=\"https://bucket.test/shares/").count(), 2);
    assert!(html.contains("a&lt;b&gt;&amp;&quot;c.jpg") && !html.contains("a<b>"), "{html}");
    assert!(!html.contains("Original"), "only what was asked for");
    assert!(report.url.starts_with(&format!("https://bucket.test/{}", puts[2])));
    let left_ms = report.ends_at.0 - world.now.load(Ordering::Relaxed);
    assert!((3_500_000..=3_600_000).contains(&left_ms), "no longer than the sign-in allows: {left_ms}");
    for key in &puts[..2] {
        let copy = bytes(&world, key).await;
        let metadata = crate::imaging::inspect(&copy, crate::domain::Format::Jpeg).unwrap();
        assert!(metadata.gps.is_none() && metadata.make.is_none() && metadata.taken_at.is_none(), "{metadata:?}");
        // By the file's own structure: no application segment but JFIF, no comment.
        let mut at = 2;
        while copy[at + 1] != 0xDA {
            let (marker, length) = (copy[at + 1], usize::from(u16::from_be_bytes([copy[at + 2], copy[at + 3]])));
            assert!(!matches!(marker, 0xE1..=0xEF | 0xFE), "a segment {marker:#x} in {key}");
            at += 2 + length;
        }
    }
    // The original's bytes went nowhere.
    let shared: Vec<_> = world.objects("shares/").await;
    assert!(shared.iter().all(|(_, hash)| *hash != placed.card.blake3));
    let checked = {
        let reporter = Reporter::new(&process.engine, OP, OpKind::Verify);
        let level = crate::protocol::VerifyLevel::EveryByte;
        process.engine.verify("vault", level, None, &Cancel::default(), &reporter).await.unwrap()
    };
    assert!(checked.unknown.is_empty(), "a share is not unknown: {checked:?}");
}

#[tokio::test]
async fn originals_are_linked_where_they_are_stored() {
    let world = World::new();
    world.put("one.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    process.store().await.unwrap();
    with_links(&world, &process, 86_400);
    // The bucket has no receipt for it yet: a copy alone, and that is said.
    let report = share(&process, true, 3_600).await.unwrap();
    assert_eq!((report.photos, report.failed.len()), (1, 1));
    assert!(report.failed[0].why.contains("is not stored in aws now"), "{:?}", report.failed);
    process.engine.write(|writer| writer.enable_store("aws-b/p")).await.unwrap();
    let item = process.engine.read(|reader| reader.pending("aws-b/p", None, None, 1)).await.unwrap().remove(0);
    let receipt = world.memory.head(&item.key, None).await.unwrap().unwrap();
    let key = receipt.key.0.clone();
    process
        .engine
        .write(move |writer| {
            writer.open_batch("01HXGENERATED0000000000009", "aws-b/p", Timestamp(1))?;
            writer.record_receipts("aws-b/p", "01HXGENERATED0000000000009", &[(item.version, receipt)])
        })
        .await
        .unwrap();
    let report = share(&process, true, 3_600).await.unwrap();
    assert_eq!(report.failed, []);
    let index = report.url.strip_prefix("https://bucket.test/").unwrap().split('?').next().unwrap();
    let html = String::from_utf8(bytes(&world, index).await).unwrap();
    assert!(html.contains(&format!("<a href=\"https://bucket.test/{key}?a=1&amp;s=")), "{html}");
}

#[tokio::test]
async fn the_end_is_named_before_and_what_cannot_be_is_refused() {
    let world = World::new();
    world.put("one.png", 1);
    let process = world.open().await;
    process.import().await.unwrap();
    let none = share(&process, false, 3_600).await.unwrap_err();
    assert_eq!((none.code, none.message.contains("needs a bucket")), (ErrorCode::Unavailable, true));
    assert!(process.engine.share_offer(None).await.is_err());
    with_links(&world, &process, 3_600);
    let (lasts_s, words) = process.engine.share_offer(Some(7 * 86_400)).await.unwrap();
    assert_eq!(lasts_s, 3_600);
    assert!(
        words.starts_with("This link ends at ")
            && words.ends_with(", in 1 hour: links made with a sign-in last at most an hour."),
        "{words}"
    );
    let (lasts_s, words) = process.engine.share_offer(Some(1_800)).await.unwrap();
    assert!(lasts_s == 1_800 && words.ends_with(", in 30 minutes."), "{words}");
    assert!(world.objects("shares/").await.is_empty(), "an offer copies nothing");
    with_links(&world, &process, 7 * 86_400);
    let (_, words) = process.engine.share_offer(None).await.unwrap();
    assert!(words.ends_with(", in 7 days."), "{words}");
    with_links(&world, &process, 20);
    assert_eq!(share(&process, false, 3_600).await.unwrap_err().code, ErrorCode::Expired);
    let reporter = Reporter::new(&process.engine, OP, OpKind::Share);
    let order = ShareOrder { seats: [].into(), originals: false, lasts_s: 60 };
    let error = process.engine.share(OP, order, &Cancel::default(), &reporter).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::NotFound);
}
