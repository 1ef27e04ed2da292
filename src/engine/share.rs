//! Sharing: one link to a page with copies of photos, under `shares/<ulid>/` of the remote store.
//!
//! Copies first, the page last, so that no link leads to half a share. Everything ends at one moment, which is said
//! before anything is copied. Shares are no part of the proof: no manifest names them and no check looks at them.
//!
//! Originals are linked where they are stored: they were proved there once, are sent no second time, and cannot
//! differ from what the receipt says. The price is that the address shows the names of their folders, which the command
//! line's help says.

use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::errors::store_error;
use super::parts::Engine;
use super::progress::Reporter;
use super::share_page::{PagePhoto, page};
use super::stores::OpenedStore;
use crate::domain::{ObjectKey, PhotoDetail, Seat, Timestamp};
use crate::files::fingerprint_bytes;
use crate::imaging::{self, Fit};
use crate::protocol::{ErrorCode, ItemFailure, OpId, Phase, ShareOrder, ShareReport, UserError};
use crate::store::{Body, Condition, ObjectStore, Put};

/// Long edge of a copy in pixels.
const EDGE_PX: u32 = 2048;
/// Quality of a copy.
const QUALITY: u8 = 88;
/// Copies made and sent at a time: one is made while the other is on its way.
const AT_ONCE: usize = 2;
/// Photos on one page at most: with more, the page itself is too long for a browser to be of use.
const MOST_PHOTOS: usize = 2_000;
/// A link that would end sooner is not made. Seconds.
const LEAST_S: u64 = 60;
/// Longest link that S3 knows, in seconds: 7 days.
const MOST_S: u64 = 7 * 86_400;

/// A copy that is there.
struct Copy {
    detail: PhotoDetail,
    key: ObjectKey,
    size_px: (u32, u32),
    bytes: u64,
    /// The key of the original, where it is wanted and there.
    original: Option<ObjectKey>,
}

impl Engine {
    /// How long a link lasts, asked for `asked_s` seconds or as long as it can, and one line that says so. Copies
    /// nothing.
    ///
    /// # Errors
    /// There is no store that can make links, or it cannot be used now.
    pub async fn share_offer(&self, asked_s: Option<u64>) -> Result<(u64, String), UserError> {
        let (_, longest_s) = self.link_store().await?;
        let lasts_s = asked_s.unwrap_or(longest_s).min(longest_s);
        if lasts_s < LEAST_S {
            return Err(too_short());
        }
        let now = self.now();
        let ends = time_words(Timestamp(now.0.saturating_add(ms(lasts_s))), now);
        let mut words = format!("This link ends at {ends}, in {}", span_words(lasts_s));
        let is_short = asked_s.is_none_or(|asked| asked > longest_s) && longest_s < MOST_S;
        words.push_str(match is_short {
            true if longest_s <= 3_600 => ": links made with a sign-in last at most an hour.",
            true => ": the access key allows no longer.",
            false if asked_s.is_some_and(|asked| asked > longest_s) => ": no link lasts longer than 7 days.",
            false => ".",
        });
        Ok((lasts_s, words))
    }

    /// The store that makes links, and how long they last at most (seconds).
    async fn link_store(&self) -> Result<(OpenedStore, u64), UserError> {
        let mut away = None;
        for (_, opened) in self.stores_ready().await {
            match opened {
                Ok(opened) => match opened.store.longest_link_s().await {
                    Ok(Some(longest_s)) => return Ok((opened, longest_s.min(MOST_S))),
                    Ok(None) => {}
                    Err(error) => away = Some(store_error(&error)),
                },
                Err(error) => away = Some(error),
            }
        }
        Err(away.unwrap_or_else(|| {
            UserError::new(ErrorCode::Unavailable, "a link needs a bucket, and this library has none")
                .hint("Sign in to your AWS, or use an S3-compatible server: `lightkeep account --help`.")
        }))
    }

    /// Makes copies, sends them and their page, and gives the link.
    ///
    /// # Errors
    /// There is no photo, no store that makes links, nothing could be shared, or a person stopped it. What a single
    /// photo lacks is in the report.
    pub async fn share(
        &self,
        op: OpId,
        order: ShareOrder,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<ShareReport, UserError> {
        let photos = order.seats.len();
        if photos == 0 {
            return Err(UserError::new(ErrorCode::NotFound, "there is no photo to share")
                .hint("Select photos, or give a query that finds some."));
        }
        if photos > MOST_PHOTOS {
            let why = format!("{photos} photos are too many for one page; a link holds {MOST_PHOTOS}");
            return Err(UserError::new(ErrorCode::Usage, why));
        }
        let (store, longest_s) = self.link_store().await?;
        let ends_at = Timestamp(self.now().0.saturating_add(ms(order.lasts_s.min(longest_s))));
        reporter.update(|progress| (progress.phase, progress.total) = (Phase::Working, photos as u64));
        tracing::info!(op = op.0, photos, originals = order.originals, "sharing");
        let folder = format!("shares/{}", self.ulid());
        let (mut report, copies) = self.copies(&order, &store, &folder, cancel, reporter).await?;
        if copies.is_empty() {
            let why = report.failed.first().map(|failure| failure.why.clone()).unwrap_or_default();
            return Err(UserError::new(ErrorCode::Failed, format!("none of the photos could be shared: {why}")));
        }
        reporter.phase(Phase::Finishing);
        // Signed only now, so that sending the copies takes nothing from what they may last.
        let mut earliest = ends_at;
        let mut on_page = Vec::with_capacity(copies.len());
        for copy in copies {
            report.bytes += copy.bytes;
            let picture = self.link_until(&store, &copy.key, ends_at, &mut earliest).await?;
            let original = match &copy.original {
                Some(key) => Some(self.link_until(&store, key, ends_at, &mut earliest).await?),
                None => None,
            };
            let (name, caption) = (copy.detail.card.name, copy.detail.metadata.caption);
            on_page.push(PagePhoto { name, caption, picture, original, size_px: copy.size_px });
        }
        report.photos = on_page.len() as u64;
        let html = page(&on_page, &clock_words(earliest)).into_bytes();
        let index = ObjectKey(format!("{folder}/index.html"));
        report.bytes += html.len() as u64;
        put(self, store.store.as_ref(), &index, html).await?;
        report.url = self.link_until(&store, &index, ends_at, &mut earliest).await?;
        report.ends_at = earliest;
        Ok(report)
    }

    /// A link to an object that ends with all others; `earliest` becomes its end where that is sooner.
    async fn link_until(
        &self,
        store: &OpenedStore,
        key: &ObjectKey,
        ends_at: Timestamp,
        earliest: &mut Timestamp,
    ) -> Result<String, UserError> {
        let left_s = u64::try_from((ends_at.0 - self.now().0) / 1000).unwrap_or(0);
        if left_s < LEAST_S {
            return Err(too_short());
        }
        let link = store.store.link(key, left_s).await.map_err(|error| store_error(&error))?;
        *earliest = (*earliest).min(link.ends_at);
        Ok(link.url)
    }

    /// The copies that could be made and sent, in the order of the photos; the rest is in the report.
    async fn copies(
        &self,
        order: &ShareOrder,
        store: &OpenedStore,
        folder: &str,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(ShareReport, Vec<Copy>), UserError> {
        let mut report = ShareReport::default();
        let mut copies = Vec::new();
        let mut wanted = Vec::with_capacity(order.seats.len());
        for (at, seat) in order.seats.iter().enumerate() {
            let key = ObjectKey(format!("{folder}/{:04}.jpg", at + 1));
            wanted.push(self.copy(*seat, key, order.originals, store));
        }
        let mut made = stream::iter(wanted).buffered(AT_ONCE);
        while let Some(copy) = made.next().await {
            if cancel.is_cancelled() {
                return Err(UserError::new(ErrorCode::Cancelled, "it was stopped; no link was made"));
            }
            match copy {
                Ok(copy) => {
                    if order.originals && copy.original.is_none() {
                        let why =
                            format!("its original is not stored in {} now, so that only a copy is linked", store.shown);
                        report.failed.push(ItemFailure { path: copy.detail.card.name.clone(), why });
                    }
                    copies.push(copy);
                }
                Err(failure) => report.failed.push(failure),
            }
            let failed = report.failed.len() as u64;
            reporter.update(|progress| {
                progress.done += 1;
                progress.failed = failed;
            });
        }
        Ok((report, copies))
    }

    /// One copy, made and sent.
    async fn copy(
        &self,
        seat: Seat,
        key: ObjectKey,
        with_original: bool,
        store: &OpenedStore,
    ) -> Result<Copy, ItemFailure> {
        let failure = |path: &str, why: String| ItemFailure { path: path.to_owned(), why };
        let detail = self.read(move |reader| reader.photo(seat)).await.map_err(|error| failure("", error.message))?;
        let detail = detail.ok_or_else(|| failure("", "this photo is no longer in the library".to_owned()))?;
        let name = detail.card.name.clone();
        let (engine, whose) = (self.clone(), detail.clone());
        let make = move || -> Result<(Vec<u8>, (u32, u32)), String> {
            let pixels = engine.source(&whose)?.render(&engine, Fit::LongEdge(EDGE_PX))?;
            let jpeg = imaging::encode_jpeg(&pixels, QUALITY).map_err(|error| error.to_string())?;
            Ok((jpeg, (pixels.width_px, pixels.height_px)))
        };
        let made = self.0.parts.heavy.run(move || std::panic::catch_unwind(std::panic::AssertUnwindSafe(make))).await;
        let (jpeg, size_px) = made
            .unwrap_or_else(|panic| Err(super::errors::panic_words(panic.as_ref())))
            .map_err(|why| failure(&name, why))?;
        let bytes = jpeg.len() as u64;
        put(self, store.store.as_ref(), &key, jpeg).await.map_err(|error| failure(&name, error.message))?;
        let original = if with_original { self.original_in(&detail, store).await } else { None };
        Ok(Copy { detail, key, size_px, bytes, original })
    }

    /// The key under which a store has the photo's current bytes as its current object, where it can be read at once.
    async fn original_in(&self, detail: &PhotoDetail, store: &OpenedStore) -> Option<ObjectKey> {
        let version = detail.versions.iter().find(|version| version.current)?;
        let receipt = version.receipts.iter().find(|receipt| receipt.store == store.name)?;
        let key = &receipt.receipt.key;
        let there = store.store.head(key, None).await.ok()??;
        let is_it = there.fingerprint == receipt.receipt.fingerprint && !there.class.is_archive();
        is_it.then(|| key.clone())
    }
}

async fn put(engine: &Engine, store: &dyn ObjectStore, key: &ObjectKey, bytes: Vec<u8>) -> Result<(), UserError> {
    let expected = fingerprint_bytes(&bytes);
    let body = Body::Bytes(Arc::from(bytes));
    let put = Put::new(key.clone(), body, expected, engine.now(), Condition::IfAbsent);
    match store.put(put).await {
        Ok(_) => Ok(()),
        Err(error) => Err(store_error(&error)),
    }
}

fn too_short() -> UserError {
    UserError::new(ErrorCode::Expired, "the link would end before anybody could follow it")
        .hint("Sign in again, ask for a longer time, or share fewer photos.")
}

fn ms(seconds: u64) -> i64 {
    i64::try_from(seconds.saturating_mul(1000)).unwrap_or(i64::MAX)
}

/// Date and time on this computer's clock, with its distance from UTC: whoever gets the page may live elsewhere.
fn clock_words(at: Timestamp) -> String {
    use chrono::{Local, TimeZone as _};
    match Local.timestamp_millis_opt(at.0).earliest() {
        Some(local) => local.format("%Y-%m-%d %H:%M (UTC%:z)").to_string(),
        None => at.to_rfc3339(),
    }
}

/// `14:05`, with its date where that is not today, on this computer's clock.
fn time_words(at: Timestamp, now: Timestamp) -> String {
    use chrono::{Local, TimeZone as _};
    let local = |time: Timestamp| Local.timestamp_millis_opt(time.0).earliest();
    match (local(at), local(now)) {
        (Some(at), Some(now)) if at.date_naive() == now.date_naive() => at.format("%H:%M").to_string(),
        (Some(at), _) => at.format("%H:%M on %Y-%m-%d").to_string(),
        _ => at.to_rfc3339(),
    }
}

/// `1 hour`, `7 days`, `45 minutes`: rounded down, so that it never promises too much.
fn span_words(seconds: u64) -> String {
    let (count, unit) = match seconds {
        0..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}
