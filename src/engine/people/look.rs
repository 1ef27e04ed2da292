//! Looking for faces: by Rekognition, which then says whose they may be, or by this computer. Money has an end, and
//! nothing is paid for twice.
//!
//! The order of durable writes: the answer of a photo, its faces and what they cost, in one → what people decided, made
//! true in the collection → suggestions.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};

use super::{COLLECTION, CONSENT, DELETING, Door, MODEL, WANTED};
use crate::catalog::{AwsFace, FoundFace, Untagged};
use crate::domain::labels::{Answer, TaggerKind};
use crate::domain::people::FaceBox;
use crate::domain::spend::{ImagePrices, Images, Spent, dollars, estimate, month_of};
use crate::domain::{ContentHash, Seat};
use crate::engine::cancel::Cancel;
use crate::engine::parts::Engine;
use crate::engine::progress::Reporter;
use crate::protocol::{ErrorCode, Event, LookOrder, LookReport, Phase, UserError};
use crate::tagger::rekognition::people::CollectionFace;
use crate::tagger::{Tagger as _, TaggerError};

/// Photos taken from the catalogue at a time.
const PAGE: usize = 256;
/// Faces asked about at a time.
const SEARCHES: usize = 64;
/// Faces of a collection that are taken over.
const MOST_LISTED: usize = 2_000_000;

/// Money for requests, taken one by one.
pub(super) struct Purse {
    prices: ImagePrices,
    before: Spent,
    pub requests: u64,
    most: u64,
}

impl Purse {
    fn cost(&self, requests: u64) -> u64 {
        self.prices.micro_usd(self.before.images.people, requests)
    }

    /// What is spent in this run, in micro-dollars.
    pub fn spent(&self) -> u64 {
        self.cost(self.requests)
    }

    /// Whether so many more requests can be paid.
    pub fn has(&self, more: u64) -> bool {
        self.cost(self.requests + more) <= self.most
    }

    /// Why not.
    pub fn empty(&self) -> String {
        format!("the limit of {} is reached", dollars(self.most))
    }

    /// Takes the price of one request.
    pub fn take(&mut self) -> Spent {
        let before = self.spent();
        self.requests += 1;
        let micro_usd = Images { people: self.spent() - before, ..Images::default() };
        Spent { images: Images { people: 1, ..Images::default() }, micro_usd }
    }
}

/// One run.
pub(super) struct Run<'a> {
    pub engine: &'a Engine,
    pub door: Door,
    pub purse: Purse,
    pub report: LookReport,
}

impl Engine {
    pub(super) async fn purse(&self, most: Option<u64>) -> Result<Purse, UserError> {
        let settings = self.tag_settings();
        let before = self.spent(None).await?;
        let left = settings.cap_micro_usd().saturating_sub(before.total_micro_usd());
        let most = most.map_or(left, |most| most.min(left));
        Ok(Purse { prices: self.tag_prices(&settings).await, before, requests: 0, most })
    }

    /// Looks for faces in photos, and for whose they may be.
    ///
    /// # Errors
    /// Without consent or account, or where the catalogue cannot be used; what was found until then stays.
    pub async fn look_for_people(
        &self,
        order: LookOrder,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<LookReport, UserError> {
        if order.on_device {
            return self.look_here(order, cancel, reporter).await;
        }
        let _one = self.0.tagging.lock().await;
        reporter.phase(Phase::Counting);
        if order.dry_run {
            return self.weigh_look(order).await;
        }
        if self.people_setting(CONSENT).await?.is_none() {
            return Err(UserError::new(ErrorCode::Denied, "Recognising people is switched off").hint(
                "It sends photos to Amazon Rekognition, which keeps numbers that describe faces in your AWS account. \
                       Read what that means and switch it on first: `lightkeep people consent`.",
            ));
        }
        if self.people_setting(DELETING).await?.is_some() {
            return Err(UserError::new(
                ErrorCode::Denied,
                "All face data is being deleted, and that has not come to its end",
            )
            .hint("Let it end first: `lightkeep people forget-all`."));
        }
        let purse = self.purse(order.most_micro_usd).await?;
        let door = self.people_door().await?;
        let mut run = Run { engine: self, door, purse, report: LookReport::default() };
        let outcome = run.all(order.seats, cancel, reporter).await;
        if run.report.looked_at > 0
            && let Err(error) = self.send_answers().await
        {
            tracing::info!("what was looked through waits for the store ({error})");
        }
        self.0.say.say(Event::PeopleChanged).await;
        outcome?;
        let cost =
            estimate(&Images { people: run.purse.requests, ..Images::default() }, &run.purse.before, &run.purse.prices);
        run.report.requests = run.purse.requests;
        run.report.micro_usd = cost.micro_usd;
        run.report.note = cost.note;
        Ok(run.report)
    }

    async fn weigh_look(&self, order: LookOrder) -> Result<LookReport, UserError> {
        let model = self.people_setting(MODEL).await?.unwrap_or_default();
        let (open, known) = match order.seats {
            Some(seats) => {
                self.read(move |reader| {
                    let photos = reader.contents_of(&seats)?;
                    let contents: HashSet<ContentHash> = photos.iter().map(|photo| photo.content).collect();
                    let mut known = 0;
                    for content in &contents {
                        known += u64::from(reader.was_looked(*content, &model)?);
                    }
                    Ok((contents.len() as u64 - known, known))
                })
                .await?
            }
            None => (self.read(move |reader| reader.unlooked_count(&model)).await?, 0),
        };
        let spent = self.spent(None).await?;
        let prices = self.tag_prices(&self.tag_settings()).await;
        let cost = estimate(&Images { people: open, ..Images::default() }, &spent, &prices);
        let note = format!(
            "{} Each face that is then compared with the people you named costs as much as a photo.",
            cost.note
        );
        Ok(LookReport {
            looked_at: open,
            known,
            requests: open,
            micro_usd: cost.micro_usd,
            note,
            ..LookReport::default()
        })
    }

    /// Faces that this computer finds. They can be named; nobody says whose they may be.
    async fn look_here(&self, order: LookOrder, cancel: &Cancel, reporter: &Reporter) -> Result<LookReport, UserError> {
        let seats = match order.seats {
            Some(seats) => seats,
            None => self.seats("").await?,
        };
        let told = self.find_faces_here(Arc::clone(&seats), order.dry_run, cancel, reporter).await?;
        let mut report = LookReport {
            looked_at: told.looked_at,
            known: told.known,
            stopped: told.stopped,
            failed: told.failed,
            ..LookReport::default()
        };
        if order.dry_run {
            return Ok(report);
        }
        for page in seats.chunks(PAGE) {
            let page = page.to_vec();
            let photos = self.read(move |reader| reader.contents_of(&page)).await?;
            let contents: Vec<ContentHash> = photos.iter().map(|photo| photo.content).collect();
            let known = self.known_answers(contents, TaggerKind::Device).await?;
            let found: Vec<(ContentHash, Vec<FoundFace>)> = known
                .into_iter()
                .filter_map(|known| known.answer.map(|answer| (known.content, answer.faces)))
                .map(|(content, faces)| {
                    let spots = faces.into_iter().filter_map(|face| FaceBox::from_region(face.region));
                    (content, spots.map(|spot| FoundFace { spot, aws: None, user: None }).collect())
                })
                .collect();
            report.faces += found.iter().map(|(_, faces)| faces.len() as u64).sum::<u64>();
            self.write(move |writer| writer.take_faces(&found, TaggerKind::Device)).await?;
        }
        self.0.say.say(Event::PeopleChanged).await;
        Ok(report)
    }
}

impl Run<'_> {
    async fn all(&mut self, seats: Option<Arc<[Seat]>>, cancel: &Cancel, reporter: &Reporter) -> Result<(), UserError> {
        let model = match self.open_collection().await {
            Ok(model) => model,
            Err(error) => return self.stop(error),
        };
        // What another computer of the same person had looked through is not paid for again.
        self.engine.fetch_answers(cancel).await?;
        if let Err(error) = self.take_over(&model).await? {
            return self.stop(error);
        }
        reporter.phase(Phase::Working);
        match seats {
            Some(seats) => {
                reporter.update(|progress| progress.total += seats.len() as u64);
                for page in seats.chunks(PAGE) {
                    let page = page.to_vec();
                    let photos = self.engine.read(move |reader| reader.contents_of(&page)).await?;
                    self.page(photos, &model, cancel, reporter).await?;
                }
            }
            None => {
                let mut after = None;
                loop {
                    let from = model.clone();
                    let page = self.engine.read(move |reader| reader.unlooked(&from, after, PAGE)).await?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.photo);
                    reporter.update(|progress| progress.total += page.len() as u64);
                    self.page(page, &model, cancel, reporter).await?;
                    if self.report.stopped.is_some() || cancel.is_cancelled() {
                        break;
                    }
                }
            }
        }
        reporter.phase(Phase::Finishing);
        if self.report.stopped.is_none() && !cancel.is_cancelled() {
            self.agree(cancel).await?;
        }
        if self.report.stopped.is_none() && !cancel.is_cancelled() {
            self.search(cancel).await?;
        }
        Ok(())
    }

    /// Ends the run early; what was done stays.
    pub(super) fn stop(&mut self, error: TaggerError) -> Result<(), UserError> {
        self.report.stopped.get_or_insert(error.to_string());
        Ok(())
    }

    /// The collection, made where there is none; what tells it from another one of the same name.
    async fn open_collection(&self) -> Result<String, TaggerError> {
        let Door { rekognition, collection } = &self.door;
        let state = match rekognition.collection(collection).await? {
            Some(state) => state,
            None => {
                rekognition.create_collection(collection).await?;
                let made = rekognition.collection(collection).await?;
                made.ok_or_else(|| {
                    TaggerError::Unavailable("the collection that was just made is not there yet".to_owned())
                })?
            }
        };
        Ok(format!("{collection} {}", state.created_ms))
    }

    /// Takes over what the collection has and this library does not know: of a life before, or of another computer.
    async fn take_over(&mut self, model: &str) -> Result<Result<(), TaggerError>, UserError> {
        let engine = self.engine;
        let is_same = engine.people_setting(MODEL).await?.as_deref() == Some(model);
        let Door { rekognition, collection } = self.door.clone();
        let there = match rekognition.collection(&collection).await {
            Ok(state) => state.map_or(0, |state| state.faces),
            Err(error) => return Ok(Err(error)),
        };
        let here = engine.read(|reader| reader.faces_at_aws()).await?;
        if is_same && there == here {
            return Ok(Ok(()));
        }
        let mut faces = Vec::new();
        let mut take = |page: Vec<CollectionFace>| {
            faces.extend(page);
            faces.len() < MOST_LISTED
        };
        if let Err(error) = rekognition.list_faces(&collection, &mut take).await {
            return Ok(Err(error));
        }
        let ids: HashSet<String> = faces.iter().map(|face| face.id.clone()).collect();
        engine.write(move |writer| writer.keep_only_at_aws(&ids)).await?;
        let mut found: HashMap<ContentHash, Vec<FoundFace>> = HashMap::new();
        for face in faces {
            if let Some(content) = face.content {
                found.entry(content).or_default().push(FoundFace {
                    spot: face.spot,
                    aws: Some(face.id),
                    user: face.user,
                });
            }
        }
        let found: Vec<_> = found.into_iter().collect();
        for page in found.chunks(PAGE) {
            let page = page.to_vec();
            let looked: Vec<Answer> = page.iter().map(|(content, _)| looked(*content, model)).collect();
            engine.write(move |writer| writer.take_faces(&page, TaggerKind::Aws)).await?;
            engine.keep_answers(looked).await?;
        }
        engine.set_people(COLLECTION, collection).await?;
        engine.set_people(MODEL, model.to_owned()).await?;
        Ok(Ok(()))
    }

    /// One page of photos: those that were not looked through, as far as the money goes.
    async fn page(
        &mut self,
        photos: Vec<Untagged>,
        model: &str,
        cancel: &Cancel,
        reporter: &Reporter,
    ) -> Result<(), UserError> {
        let from = model.to_owned();
        let (count, mut open) = (photos.len(), Vec::new());
        let photos = self
            .engine
            .read(move |reader| {
                let mut seen = HashSet::new();
                let mut open = Vec::new();
                for photo in photos {
                    if seen.insert(photo.content) && !reader.was_looked(photo.content, &from)? {
                        open.push(photo);
                    }
                }
                Ok(open)
            })
            .await?;
        self.report.known += (count - photos.len()) as u64;
        reporter.update(|progress| progress.done += (count - photos.len()) as u64);
        for photo in photos {
            if !self.purse.has(open.len() as u64 + 1) {
                self.report.stopped.get_or_insert(self.purse.empty());
                break;
            }
            open.push(photo);
        }
        let (engine, door) = (self.engine.clone(), self.door.clone());
        let width = door.rekognition.width();
        let looking = stream::iter(open).map(|photo| {
            let (engine, door) = (engine.clone(), door.clone());
            async move {
                let found = match engine.picture_for(photo, door.rekognition.edge_px()).await {
                    Ok(picture) => door.rekognition.index_faces(&door.collection, &picture).await,
                    Err(why) => Err(TaggerError::BadPicture(why)),
                };
                (photo, found)
            }
        });
        let mut looking = std::pin::pin!(looking.buffer_unordered(width.max(1)));
        while !cancel.is_cancelled() {
            let next = tokio::select! {
                next = looking.next() => next,
                () = cancel.cancelled() => None,
            };
            let Some((photo, found)) = next else { break };
            reporter.update(|progress| progress.done += 1);
            match found {
                Ok(faces) => self.keep(photo, faces, model).await?,
                Err(TaggerError::BadPicture(why) | TaggerError::Nonsense(why)) => self.fail(photo, why).await,
                Err(error) => {
                    self.stop(error)?;
                    break;
                }
            }
        }
        Ok(())
    }

    async fn keep(&mut self, photo: Untagged, faces: Vec<CollectionFace>, model: &str) -> Result<(), UserError> {
        let paid = self.purse.take();
        let now = self.engine.now();
        let answer = looked(photo.content, model);
        let found: Vec<FoundFace> =
            faces.into_iter().map(|face| FoundFace { spot: face.spot, aws: Some(face.id), user: face.user }).collect();
        self.report.looked_at += 1;
        self.report.faces += found.len() as u64;
        self.engine
            .write(move |writer| writer.keep_indexed(answer, &found, now, Some((&month_of(now), &paid))))
            .await?;
        Ok(())
    }

    async fn fail(&mut self, photo: Untagged, why: String) {
        let engine = self.engine;
        engine.note_failure(&mut self.report.failed, photo, why).await;
    }

    /// Asks whose the faces may be that nobody named and that were not asked about yet.
    async fn search(&mut self, cancel: &Cancel) -> Result<(), UserError> {
        if !self.engine.read(|reader| reader.has_users()).await? {
            return Ok(());
        }
        while !cancel.is_cancelled() {
            let faces = self.engine.read(|reader| reader.unsearched(SEARCHES)).await?;
            if faces.is_empty() {
                break;
            }
            let affordable = (1..=faces.len()).take_while(|count| self.purse.has(*count as u64)).count();
            let door = self.door.clone();
            let searching = stream::iter(faces.into_iter().take(affordable)).map(|face: AwsFace| {
                let door = door.clone();
                async move {
                    let users = door.rekognition.search_users(&door.collection, &face.aws).await;
                    (face, users)
                }
            });
            let mut searching = std::pin::pin!(searching.buffer_unordered(door.rekognition.width().max(1)));
            while let Some((face, users)) = searching.next().await {
                match users {
                    Ok(users) => {
                        let (paid, month) = (self.purse.take(), month_of(self.engine.now()));
                        let is_new =
                            self.engine.write(move |writer| writer.suggest(face.face, &users, (&month, &paid))).await?;
                        self.report.suggestions += u64::from(is_new);
                    }
                    Err(error) => {
                        self.stop(error)?;
                    }
                }
            }
            if affordable < SEARCHES && !self.purse.has(1) {
                self.report.stopped.get_or_insert(self.purse.empty());
            }
            if self.report.stopped.is_some() {
                break;
            }
        }
        Ok(())
    }
}

/// That a content was looked through; where its faces are stays here.
fn looked(content: ContentHash, model: &str) -> Answer {
    Answer {
        content,
        tagger: TaggerKind::Aws,
        model: model.to_owned(),
        asked: WANTED,
        labels: Vec::new(),
        faces: Vec::new(),
        texts: Vec::new(),
    }
}
