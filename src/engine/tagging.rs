//! Tagging: which photos a tagger looks at, for how much at most, and what becomes of its answers.
//!
//! The order of durable writes: the answer (with what it cost) → the tags → the segment in the stores. What was
//! answered is never asked again, whatever happens in between.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt as _};

use super::cancel::Cancel;
use super::parts::Engine;
use super::progress::Reporter;
use crate::catalog::Untagged;
use crate::domain::labels::{Answer, Asked, TaggerKind};
use crate::domain::spend::{ImagePrices, Images, Operation, Spent, estimate};
use crate::domain::tagging::TagSettings;
use crate::domain::{ContentHash, Seat};
use crate::imaging::{self, Fit};
use crate::protocol::{Event, ItemFailure, Phase, TagOrder, TagReport, TaggingState, UserError};
use crate::tagger::on_device::OnDevice;
use crate::tagger::{Picture, Tagger, TaggerError};

/// Photos taken from the catalogue at a time.
const PAGE: usize = 256;
/// Answers written in one transaction at most.
const GROUP: usize = 32;
/// Failures that are told one by one.
const MOST_FAILURES: usize = 1_000;
/// The length of the thumbnail's longer edge in pixels, which is there anyway.
const THUMB_PX: u32 = super::intake::THUMB_PX;
/// How long the screen must have been still before this computer looks at pictures.
const STILL: Duration = Duration::from_millis(400);
/// JPEG quality of what is sent away.
const QUALITY: u8 = 85;

/// One run.
struct Run<'a> {
    engine: &'a Engine,
    tagger: Arc<dyn Tagger>,
    asked: Asked,
    prices: Option<ImagePrices>,
    /// What was spent this month before this run.
    before: Spent,
    /// What may be spent in this run, in micro-dollars.
    most_micro_usd: Option<u64>,
    dry_run: bool,
    report: TagReport,
}

impl Engine {
    /// The settings of tagging.
    #[must_use]
    pub fn tag_settings(&self) -> TagSettings {
        self.0.config.lock().unwrap_or_else(std::sync::PoisonError::into_inner).tagging.clone()
    }

    /// Changes them.
    ///
    /// # Errors
    /// Where the settings cannot be written.
    pub async fn set_tag_settings(&self, tagging: TagSettings) -> Result<(), UserError> {
        self.change_config(move |config| config.tagging = tagging).await
    }

    /// Has photos looked at, and gives them the tags of the answers.
    ///
    /// # Errors
    /// Where there is no such tagger now, or the catalogue cannot be used; what was answered stays.
    pub async fn tag(&self, order: TagOrder, cancel: &Cancel, reporter: &Reporter) -> Result<TagReport, UserError> {
        let _one = self.0.tagging.lock().await;
        reporter.phase(Phase::Counting);
        let settings = self.tag_settings();
        let tagger = self.tagger(order.with, &settings).await?;
        let kind = tagger.kind();
        let is_paid = kind == TaggerKind::Aws;
        let asked = settings.asked().also(tagger.can());
        let prices = if is_paid { Some(tag_prices(&settings, self.rekognition_region().await.ok())) } else { None };
        let before = if is_paid { self.spent(None).await? } else { Spent::default() };
        if is_paid && !order.dry_run {
            // What another library of the same person had answered is not paid for again.
            self.fetch_answers(cancel).await?;
        }
        let left = settings.cap_micro_usd().saturating_sub(before.total_micro_usd());
        let most = is_paid.then(|| order.most_micro_usd.map_or(left, |most| most.min(left)));
        let report = TagReport::new(kind);
        let mut run =
            Run { engine: self, tagger, asked, prices, before, most_micro_usd: most, dry_run: order.dry_run, report };
        let outcome = match order.seats {
            Some(seats) => run.these(&seats, cancel, reporter).await,
            None => run.all_new(cancel, reporter).await,
        };
        if !order.dry_run
            && run.report.looked_at > 0
            && let Err(error) = self.send_answers().await
        {
            tracing::info!("answers of the tagger wait for the store ({error})");
        }
        outcome?;
        run.say_cost();
        Ok(run.report)
    }

    /// Has this computer look for faces, and for nothing else.
    ///
    /// # Errors
    /// Where the model or the catalogue cannot be used; what was answered stays.
    pub(super) async fn find_faces_here(
        &self,
        seats: Arc<[Seat]>,
        dry_run: bool,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<TagReport, UserError> {
        let _one = self.0.tagging.lock().await;
        let tagger = self.tagger_of(TaggerKind::Device, &self.tag_settings()).await?;
        let asked = Asked { faces: true, ..Asked::NOTHING };
        let report = TagReport::new(TaggerKind::Device);
        let before = Spent::default();
        let mut run = Run { engine: self, tagger, asked, prices: None, before, most_micro_usd: None, dry_run, report };
        run.these(&seats, cancel, reporter).await?;
        Ok(run.report)
    }

    /// The tagger that is asked for; that of the settings, or the one on this computer while that one cannot be used.
    async fn tagger(&self, with: Option<TaggerKind>, settings: &TagSettings) -> Result<Arc<dyn Tagger>, UserError> {
        match with {
            Some(kind) => self.tagger_of(kind, settings).await,
            None => match self.tagger_of(settings.with, settings).await {
                Err(error) if settings.with != TaggerKind::Device => {
                    tracing::info!("this computer looks at the photos meanwhile ({error})");
                    self.tagger_of(TaggerKind::Device, settings).await
                }
                found => found,
            },
        }
    }

    async fn tagger_of(&self, kind: TaggerKind, settings: &TagSettings) -> Result<Arc<dyn Tagger>, UserError> {
        let known = self.0.taggers.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get(&kind).cloned();
        if let Some(tagger) = known {
            return Ok(tagger);
        }
        match kind {
            // Made anew for each run: who is signed in, and the region, may be others.
            TaggerKind::Aws => Ok(Arc::new(self.rekognition(settings.region.clone(), None).await?)),
            TaggerKind::Device => {
                let tagger: Arc<dyn Tagger> = Arc::new(OnDevice::new(super::workers::cores().min(2)));
                let mut taggers = self.0.taggers.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                Ok(Arc::clone(taggers.entry(kind).or_insert(tagger)))
            }
        }
    }

    /// What an image costs where Rekognition is asked.
    pub(super) async fn tag_prices(&self, settings: &TagSettings) -> ImagePrices {
        let region = match &settings.region {
            Some(region) => region.clone(),
            None => self.rekognition_region().await.unwrap_or_default(),
        };
        Self::image_prices(&region)
    }

    /// Takes down a photo that could not be looked at, unless very many are taken down already.
    pub(super) async fn note_failure(&self, failed: &mut Vec<ItemFailure>, photo: Untagged, why: String) {
        if failed.len() >= MOST_FAILURES {
            return;
        }
        let path = match self.read(move |reader| reader.photo(photo.seat)).await {
            Ok(Some(detail)) => detail.paths.first().map_or(detail.card.name, |path| path.path.display().to_string()),
            _ => photo.content.to_string(),
        };
        failed.push(ItemFailure { path, why });
    }

    /// The region of the account's own Rekognition; why it cannot be asked now.
    async fn rekognition_region(&self) -> Result<String, UserError> {
        let config = self.account().rekognition().await?;
        Ok(config.region().map(ToString::to_string).unwrap_or_default())
    }

    /// How many photos no tagger has looked at, at most so many.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub(super) async fn has_to_tag(&self) -> Result<bool, UserError> {
        let other = TaggerKind::Aws;
        Ok(!self.read(move |reader| reader.untagged(TaggerKind::Device, Some(other), None, 1)).await?.is_empty())
    }

    /// From how sure on a tagger's word becomes a tag, in percent; all photos follow.
    ///
    /// # Errors
    /// Where the catalogue cannot be written.
    pub async fn set_tag_threshold(&self, tagger: TaggerKind, percent: f32) -> Result<(), UserError> {
        self.write(move |writer| writer.set_tag_threshold(tagger, percent)).await?;
        let mut after = None;
        loop {
            let page = self.read(move |reader| reader.tagged_contents(tagger, after, PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = Some(*last);
            self.write(move |writer| writer.tag_from_answers(&page)).await?;
        }
        self.0.say.say(Event::Changed { seats: None, order: false }).await;
        Ok(())
    }

    /// How tagging is set, and what a run over photos (or all that are new) would be.
    ///
    /// # Errors
    /// Where the catalogue cannot be read.
    pub async fn tagging_state(&self, seats: Option<Arc<[Seat]>>) -> Result<TaggingState, UserError> {
        let settings = self.tag_settings();
        let photos = self.open_questions(TaggerKind::Aws, seats.clone(), settings.asked()).await?;
        let mut images = Images::default();
        photos.iter().for_each(|left| images.add(*left));
        let device = self.open_questions(TaggerKind::Device, seats, Asked::default()).await?;
        let spent = self.spent(None).await?;
        let of = |kind| self.read(move |reader| Ok((reader.tag_threshold(kind)?, reader.sureness(kind)?)));
        let (aws_threshold, aws_sureness) = of(TaggerKind::Aws).await?;
        let (device_threshold, device_sureness) = of(TaggerKind::Device).await?;
        let region = self.rekognition_region().await;
        let aws_problem = region.as_ref().err().map(|error| error.message.clone());
        Ok(TaggingState {
            aws: estimate(&images, &spent, &tag_prices(&settings, region.ok())),
            device_photos: device.len() as u64,
            aws_problem,
            settings,
            aws_threshold,
            device_threshold,
            aws_sureness,
            device_sureness,
            spent,
        })
    }

    /// What a tagger has not been asked yet, for each content that has an open question.
    async fn open_questions(
        &self,
        tagger: TaggerKind,
        seats: Option<Arc<[Seat]>>,
        asked: Asked,
    ) -> Result<Vec<Asked>, UserError> {
        let mut seen = HashSet::new();
        let mut open = Vec::new();
        let mut after = None;
        let mut chunks = seats.as_ref().map(|seats| seats.chunks(PAGE));
        loop {
            let page = match &mut chunks {
                Some(chunks) => {
                    let Some(seats) = chunks.next().map(<[Seat]>::to_vec) else { break };
                    self.read(move |reader| reader.contents_of(&seats)).await?
                }
                None => self.read(move |reader| reader.untagged(tagger, None, after, PAGE)).await?,
            };
            let Some(last) = page.last() else {
                if chunks.is_some() {
                    continue;
                }
                break;
            };
            after = Some(last.photo);
            let contents: Vec<ContentHash> =
                page.iter().map(|photo| photo.content).filter(|content| seen.insert(*content)).collect();
            let left = self.questions_left(contents, tagger, asked).await?;
            open.extend(left.into_iter().map(|(_, left)| left));
        }
        Ok(open)
    }

    /// Waits until nobody scrolls.
    async fn still_screen(&self) {
        loop {
            let last = *self.0.last_wish.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            let quiet = last.map_or(STILL, |last| last.elapsed());
            let Some(left) = STILL.checked_sub(quiet).filter(|left| !left.is_zero()) else { return };
            tokio::time::sleep(left).await;
        }
    }

    /// What a tagger gets to see of a photo.
    pub(super) async fn picture_for(&self, photo: Untagged, edge_px: u32) -> Result<Picture, String> {
        let engine = self.clone();
        let make = move || -> Result<Vec<u8>, String> {
            if edge_px <= THUMB_PX {
                if let Ok(Some(jpeg)) = engine.with_thumbs(|thumbs| thumbs.get(&photo.content)) {
                    return Ok(jpeg);
                }
                return engine.thumb_again(photo.seat);
            }
            let detail = engine
                .read_here(|reader| reader.photo(photo.seat))
                .map_err(|error| error.to_string())?
                .ok_or_else(|| "this photo is no longer in the library".to_owned())?;
            // As the camera held it: what a person turned later would be another picture for the same content.
            let mut source = engine.source(&detail)?;
            source.turn = crate::domain::Orientation::Upright;
            let pixels = source.render(&engine, Fit::LongEdge(edge_px))?;
            imaging::encode_jpeg(&pixels, QUALITY).map_err(|error| error.to_string())
        };
        let made = move || std::panic::catch_unwind(std::panic::AssertUnwindSafe(make));
        let jpeg = self
            .0
            .parts
            .heavy
            .run(made)
            .await
            .unwrap_or_else(|panic| Err(super::errors::panic_words(panic.as_ref())))?;
        Ok(Picture { content: photo.content, jpeg: jpeg.into() })
    }
}

/// What became of one picture.
type Looked = (Untagged, Result<Answer, TaggerError>);

impl Run<'_> {
    async fn these(&mut self, seats: &[Seat], cancel: &Cancel, reporter: &Reporter) -> Result<(), UserError> {
        reporter.update(|progress| progress.total += seats.len() as u64);
        reporter.phase(Phase::Working);
        for page in seats.chunks(PAGE) {
            if cancel.is_cancelled() || self.report.stopped.is_some() {
                break;
            }
            let page = page.to_vec();
            let photos = self.engine.read(move |reader| reader.contents_of(&page)).await?;
            self.page(photos, cancel, reporter).await?;
        }
        Ok(())
    }

    async fn all_new(&mut self, cancel: &Cancel, reporter: &Reporter) -> Result<(), UserError> {
        reporter.phase(Phase::Working);
        let kind = self.tagger.kind();
        // Where the service has spoken, the model on this computer has nothing to add.
        let unless = (kind == TaggerKind::Device).then_some(TaggerKind::Aws);
        let mut after = None;
        while !cancel.is_cancelled() && self.report.stopped.is_none() {
            let page = self.engine.read(move |reader| reader.untagged(kind, unless, after, PAGE)).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.photo);
            reporter.update(|progress| progress.total += page.len() as u64);
            self.page(page, cancel, reporter).await?;
        }
        Ok(())
    }

    /// One page of photos: what is known is applied, the rest is looked at.
    async fn page(&mut self, photos: Vec<Untagged>, cancel: &Cancel, reporter: &Reporter) -> Result<(), UserError> {
        let contents: Vec<ContentHash> = photos.iter().map(|photo| photo.content).collect();
        let known = self.engine.known_answers(contents, self.tagger.kind()).await?;
        let (mut open, mut told, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (photo, known) in photos.into_iter().zip(known) {
            let left = self.asked.without(known.asked);
            if left.is_nothing() {
                self.report.known += 1;
                told.push(photo.content);
            } else if seen.insert(photo.content) {
                open.push((photo, left));
            }
        }
        reporter.update(|progress| progress.done += told.len() as u64);
        if self.dry_run {
            for (_, left) in &open {
                self.report.looked_at += 1;
                self.report.images.add(*left);
            }
            return Ok(());
        }
        self.apply(told).await?;
        let (engine, tagger) = (self.engine.clone(), Arc::clone(&self.tagger));
        let is_here = tagger.kind() == TaggerKind::Device;
        let (affordable, too_dear) = self.affordable(open);
        let looking = stream::iter(affordable).map(|(photo, left)| {
            let (engine, tagger) = (engine.clone(), Arc::clone(&tagger));
            async move {
                if is_here {
                    engine.still_screen().await;
                }
                let answer = match engine.picture_for(photo, tagger.edge_px()).await {
                    Ok(picture) => tagger.look(&picture, left).await,
                    Err(why) => Err(TaggerError::BadPicture(why)),
                };
                (photo, answer)
            }
        });
        let mut looking = std::pin::pin!(looking.buffer_unordered(tagger.width().max(1)).ready_chunks(GROUP));
        while !cancel.is_cancelled() && self.report.stopped.is_none() {
            let next = tokio::select! {
                next = looking.next() => next,
                () = cancel.cancelled() => None,
            };
            let Some(group) = next else { break };
            self.keep(group, reporter).await?;
        }
        if self.report.stopped.is_none() {
            self.report.stopped = too_dear;
        }
        Ok(())
    }

    /// As many as the money left is enough for, and why not all.
    fn affordable(&self, open: Vec<(Untagged, Asked)>) -> (Vec<(Untagged, Asked)>, Option<String>) {
        let (Some(prices), Some(most)) = (&self.prices, self.most_micro_usd) else { return (open, None) };
        let mut images = self.report.images;
        let mut fits = Vec::new();
        for (photo, left) in open {
            images.add(left);
            if prices.of(&self.before.images, &images) > most {
                let why = format!("the limit of ${:.2} is reached", most as f64 / 1e6);
                return (fits, Some(why));
            }
            fits.push((photo, left));
        }
        (fits, None)
    }

    /// Writes answers down, and their tags.
    async fn keep(&mut self, group: Vec<Looked>, reporter: &Reporter) -> Result<(), UserError> {
        let (mut answers, mut images, done) = (Vec::new(), Images::default(), group.len() as u64);
        for (photo, looked) in group {
            match looked {
                Ok(answer) => {
                    images.add(answer.asked);
                    answers.push(answer);
                }
                Err(TaggerError::BadPicture(why) | TaggerError::Nonsense(why)) => self.fail(photo, why).await,
                Err(TaggerError::Unavailable(why) | TaggerError::Denied(why)) => {
                    self.report.stopped.get_or_insert(why);
                }
            }
        }
        let contents: Vec<ContentHash> = answers.iter().map(|answer| answer.content).collect();
        self.report.looked_at += answers.len() as u64;
        match &self.prices {
            None => self.engine.keep_answers(answers).await?,
            Some(prices) => {
                let mut so_far = self.before.images;
                for operation in Operation::ALL {
                    *so_far.of_mut(operation) += self.report.images.of(operation);
                }
                let paid = paid(prices, &so_far, images);
                self.engine.keep_paid_answers(answers, paid).await?;
            }
        }
        for operation in Operation::ALL {
            *self.report.images.of_mut(operation) += images.of(operation);
        }
        self.apply(contents).await?;
        reporter.update(|progress| progress.done += done);
        Ok(())
    }

    async fn apply(&self, contents: Vec<ContentHash>) -> Result<(), UserError> {
        if contents.is_empty() {
            return Ok(());
        }
        let seats = self.engine.write(move |writer| writer.tag_from_answers(&contents)).await?;
        self.engine.0.say.say(Event::Changed { seats: Some(seats.into()), order: false }).await;
        self.engine.0.stale.notify_one();
        Ok(())
    }

    async fn fail(&mut self, photo: Untagged, why: String) {
        let engine = self.engine;
        engine.note_failure(&mut self.report.failed, photo, why).await;
    }

    fn say_cost(&mut self) {
        if let Some(prices) = &self.prices {
            let cost = estimate(&self.report.images, &self.before, prices);
            self.report.micro_usd = cost.micro_usd;
            self.report.note = cost.note;
        }
    }
}

/// What images cost after others of the same month.
/// What an image costs where Rekognition is asked: in the region of the settings, or else in the account's own.
fn tag_prices(settings: &TagSettings, own_region: Option<String>) -> ImagePrices {
    Engine::image_prices(&settings.region.clone().or(own_region).unwrap_or_default())
}

fn paid(prices: &ImagePrices, so_far: &Images, images: Images) -> Spent {
    let mut micro_usd = Images::default();
    for operation in Operation::ALL {
        *micro_usd.of_mut(operation) = prices.micro_usd(so_far.of(operation), images.of(operation));
    }
    Spent { images, micro_usd }
}
