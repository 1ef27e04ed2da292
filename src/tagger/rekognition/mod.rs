//! Amazon Rekognition: labels, faces and lines of text of a picture that is sent along with the request.
//!
//! Requests go at the pace that the service allows: 4 a second at first, more while it keeps up, half as many when it
//! asks for less. The SDK's own retries are off, so that every refusal is seen here. What was answered is never thrown
//! away because something else failed: an answer to a part of what was asked is an answer, and says which part.
//!
//! Source: Amazon Rekognition Developer Guide, `DetectLabels`, `DetectFaces`, `DetectText`, "Guidelines and quotas".

mod call;
mod capped;
mod map;
mod pace;
pub mod people;
mod words;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_rekognition::Client;
use aws_sdk_rekognition::primitives::Blob;
use aws_sdk_rekognition::types::Image;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use tokio::time::Instant;

use super::{Picture, Tagger, TaggerError};
use crate::domain::answers::sound;
use crate::domain::labels::{Answer, Asked, MOST_LABELS, TaggerKind};
use crate::domain::spend::{Images, Operation};
use pace::Pace;

/// Longest picture that may be sent in a request, in bytes (5 MB; "Guidelines and quotas").
const MOST_BYTES: usize = 5 * 1024 * 1024;
/// Length of the longer edge of what is sent, in pixels: enough for small objects, and a fraction of the upload.
const EDGE_PX: u32 = 1_024;
/// Labels below this many percent are not asked for. Low, because an answer is paid for once and kept: what is shown is
/// decided later.
const LEAST_PERCENT: f32 = 50.0;
/// Requests a second at the most, unless somebody says otherwise: the service's own default in its large regions.
const MOST_PER_S: f64 = 50.0;
/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// How long the service is waited for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Patience {
    /// One request.
    pub request: Duration,
    /// One question about one picture, with all its tries and waits.
    pub question: Duration,
    /// Tries of a question that the service did not refuse for being too many.
    pub tries: u32,
    /// The first wait before another try; each is twice as long as the one before.
    pub wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            request: Duration::from_secs(20),
            question: Duration::from_secs(120),
            tries: 5,
            wait: Duration::from_millis(500),
        }
    }
}

/// The tagger.
pub struct Rekognition {
    client: Client,
    region: String,
    patience: Patience,
    began: Instant,
    pace: Mutex<Pace>,
    billed: [AtomicU64; Operation::ALL.len()],
}

impl std::fmt::Debug for Rekognition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rekognition").field("region", &self.region).field("pace", &self.pace).finish_non_exhaustive()
    }
}

impl Rekognition {
    /// With the credentials and the endpoint of a configuration, in another region where one is named.
    #[must_use]
    pub fn new(config: &SdkConfig, region: Option<String>) -> Self {
        Self::with(config, region, Patience::default())
    }

    /// The same with another patience.
    #[must_use]
    pub fn with(config: &SdkConfig, region: Option<String>, patience: Patience) -> Self {
        let region = region.or_else(|| config.region().map(ToString::to_string)).unwrap_or_default();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT.min(patience.request))
            .operation_attempt_timeout(patience.request)
            .operation_timeout(patience.request)
            .build();
        let http = config.http_client().unwrap_or_else(crate::aws::client);
        let config = aws_sdk_rekognition::config::Builder::from(config)
            .region(Region::new(region.clone()))
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .http_client(capped::capped(http))
            .build();
        Self {
            client: Client::from_conf(config),
            region,
            patience,
            began: Instant::now(),
            pace: Mutex::new(Pace::new(MOST_PER_S)),
            billed: Default::default(),
        }
    }

    /// Never asks more often than so many times a second.
    #[must_use]
    pub fn at_most_per_s(self, most: f64) -> Self {
        *self.pace() = Pace::new(most);
        self
    }

    /// Begins with a pace that no test waits for.
    #[cfg(test)]
    pub(crate) fn in_a_hurry(self) -> Self {
        *self.pace() = Pace::beginning(1_000.0, 1_000.0);
        self
    }

    /// Where pictures are sent.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Requests a second that are made at present, at the most.
    #[must_use]
    pub fn per_s(&self) -> f64 {
        self.pace().per_s()
    }

    /// Images that the service has looked at for us since this was made, as far as can be known: those answered, and
    /// those whose answer was lost on its way. What it refused costs nothing.
    #[must_use]
    pub fn billed(&self) -> Images {
        let mut images = Images::default();
        for (operation, count) in Operation::ALL.into_iter().zip(&self.billed) {
            *images.of_mut(operation) = count.load(Ordering::Relaxed);
        }
        images
    }

    fn pace(&self) -> std::sync::MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn labels(&self, picture: &Picture, image: &Image, answer: &mut Answer) -> Result<(), TaggerError> {
        let send = || {
            let request = self.client.detect_labels().image(image.clone());
            request.max_labels(MOST_LABELS as i32).min_confidence(LEAST_PERCENT).send()
        };
        let output = self.ask(Operation::Labels, &picture.content, send).await?;
        (answer.labels, answer.model) = map::labels(output)?;
        answer.asked.labels = true;
        Ok(())
    }

    async fn faces(&self, picture: &Picture, image: &Image, answer: &mut Answer) -> Result<(), TaggerError> {
        let send = || self.client.detect_faces().image(image.clone()).send();
        answer.faces = map::faces(self.ask(Operation::Faces, &picture.content, send).await?)?;
        answer.asked.faces = true;
        Ok(())
    }

    async fn text(&self, picture: &Picture, image: &Image, answer: &mut Answer) -> Result<(), TaggerError> {
        let send = || self.client.detect_text().image(image.clone()).send();
        let (texts, model) = map::texts(self.ask(Operation::Text, &picture.content, send).await?)?;
        answer.texts = texts;
        if !answer.asked.labels {
            answer.model = model;
        }
        answer.asked.text = true;
        Ok(())
    }
}

#[async_trait]
impl Tagger for Rekognition {
    fn kind(&self) -> TaggerKind {
        TaggerKind::Aws
    }

    fn edge_px(&self) -> u32 {
        EDGE_PX
    }

    fn can(&self) -> Asked {
        Asked { labels: true, faces: true, text: true, people: false }
    }

    /// An answer takes about a second, so that many pictures at a time keep up with the pace.
    fn width(&self) -> usize {
        (self.per_s().ceil() as usize).clamp(4, 32)
    }

    /// Where a part of what is asked fails and another does not, the answer is to that other part; asked again for the
    /// rest (`asked.without(answer.asked)`), it says why.
    async fn look(&self, picture: &Picture, asked: Asked) -> Result<Answer, TaggerError> {
        let mut answer = Answer {
            content: picture.content,
            tagger: TaggerKind::Aws,
            model: String::new(),
            asked: Asked::NOTHING,
            labels: Vec::new(),
            faces: Vec::new(),
            texts: Vec::new(),
        };
        if picture.jpeg.len() > MOST_BYTES {
            let why = format!("the picture is too long for Rekognition: {} bytes", picture.jpeg.len());
            return Err(TaggerError::BadPicture(why));
        }
        let image = Image::builder().bytes(Blob::new(picture.jpeg.to_vec())).build();
        let mut first = None;
        for operation in Operation::ALL.into_iter().filter(|operation| operation.is_in(asked)) {
            let done = match operation {
                Operation::Labels => self.labels(picture, &image, &mut answer).await,
                Operation::Faces => self.faces(picture, &image, &mut answer).await,
                Operation::Text => self.text(picture, &image, &mut answer).await,
                // Asked by `people.rs`, which needs a collection.
                Operation::People => continue,
            };
            if let Err(error) = done {
                // What holds for the service or the picture holds for the next question too.
                let is_of_this_question = matches!(error, TaggerError::Nonsense(_));
                first = first.or(Some(error));
                if !is_of_this_question {
                    break;
                }
            }
        }
        match first {
            Some(error) if answer.asked.is_nothing() => Err(error),
            _ => Ok(sound(answer)),
        }
    }
}

#[cfg(test)]
mod tests;
