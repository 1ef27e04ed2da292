//! The tagger that needs nobody: a small network and a face finder, both shipped with the program, run in it.
//!
//! The thumbnail that there is anyway → its pixels → the middle square through EfficientNet-Lite0 → 1,000 shares →
//! words of the vocabulary. No request leaves the computer. Where the model files come from, and how they are made
//! again, stands in `assets/tagger/README.md`.

mod faces;
mod funnel;
mod input;
mod layers;
mod network;
mod seeta;
mod vocabulary;
mod weights;

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::Semaphore;

use self::faces::{Care, Faces};
use self::input::input;
use self::network::{Desk, Network, softmax};
use self::vocabulary::Vocabulary;
use super::{Picture, Tagger, TaggerError};
use crate::domain::Format;
use crate::domain::labels::{Answer, Asked, Face, Label, MOST_LABELS, TaggerKind};
use crate::imaging::{Fit, Pixels, decode_cost_bytes, render};

/// The network with its weights in 8 bits.
const MODEL: &[u8] = include_bytes!("../../../assets/tagger/efficientnet-lite0.onnx");
/// SeetaFace's frontal detector.
const FACES: &[u8] = include_bytes!("../../../assets/tagger/seetaface-frontal.bin");
/// Which class is which word.
const VOCABULARY: &str = include_str!("../../../assets/tagger/vocabulary.tsv");

/// What is written beside each answer. Raise the number behind the dot when weights, words or thresholds change.
const MODEL_NAME: &str = "efficientnet-lite0/1.0";

/// The longer edge of the pictures it wants: the stored thumbnail.
const EDGE_PX: u32 = 320;

/// A larger picture is looked at in this size, so that nothing that is handed in costs more than a moment.
const MOST_EDGE_PX: u32 = 2 * EDGE_PX;

/// Memory that decoding one picture may take, in bytes: a 24-megapixel JPEG at full size would need more.
const MOST_DECODE_BYTES: u64 = 64 << 20;

/// A face this high, as a share of the picture's height, makes it a portrait.
const PORTRAIT: f32 = 0.25;

/// As many faces make it a picture of a group.
const GROUP: usize = 3;

/// The models, ready to look.
struct Eye {
    network: Network,
    faces: Faces,
    vocabulary: Vocabulary,
}

/// What one look is done with; kept for the next.
struct Place {
    /// One thread keeps a look on one core, so that the number of looks is the number of cores in use: the matrix
    /// product would take all of them.
    thread: ThreadPool,
    desk: Desk,
}

/// The tagger on this computer.
pub struct OnDevice {
    width: usize,
    /// As many looks at a time, whoever asks: each takes some megabytes.
    room: Arc<Semaphore>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Loaded with the first picture, so that a start costs nothing.
    eye: OnceLock<Result<Eye, String>>,
    /// Places where nobody looks now: as many at most as looks at a time.
    idle: Mutex<Vec<Place>>,
}

impl fmt::Debug for OnDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnDevice").field("width", &self.width).finish_non_exhaustive()
    }
}

impl OnDevice {
    /// One that looks at `width` pictures at a time, each on one core; zero counts as one.
    #[must_use]
    pub fn new(width: usize) -> Self {
        let width = width.clamp(1, 64);
        Self { width, room: Arc::new(Semaphore::new(width)), shared: Arc::default() }
    }

    /// What the network itself gives for an input of 3 × 224 × 224 numbers: a number for each class, before they are
    /// made into shares. For the comparison with other runtimes only.
    ///
    /// # Errors
    /// [`TaggerError::Nonsense`] where the input has another size.
    #[cfg(any(test, feature = "testing"))]
    pub fn logits(&self, planes: &[f32]) -> Result<Vec<f32>, TaggerError> {
        self.shared.logits(self.shared.eye()?, planes)
    }
}

#[async_trait]
impl Tagger for OnDevice {
    fn kind(&self) -> TaggerKind {
        TaggerKind::Device
    }

    fn edge_px(&self) -> u32 {
        EDGE_PX
    }

    fn can(&self) -> Asked {
        Asked { labels: true, faces: true, text: false, people: false }
    }

    fn width(&self) -> usize {
        self.width
    }

    async fn look(&self, picture: &Picture, asked: Asked) -> Result<Answer, TaggerError> {
        let asked = Asked { text: false, ..asked };
        let room = Arc::clone(&self.room).acquire_owned().await;
        let room = room.map_err(|_| TaggerError::Unavailable("The tagger is being closed.".to_owned()))?;
        let (shared, picture) = (Arc::clone(&self.shared), picture.clone());
        let looking = tokio::task::spawn_blocking(move || {
            // Held by the work, which goes on where the one who asked has left.
            let _room = room;
            shared.look(&picture, asked)
        });
        looking.await.unwrap_or_else(|fault| {
            if fault.is_panic() {
                Err(TaggerError::BadPicture("The picture cannot be looked at: the model fails over it.".to_owned()))
            } else {
                Err(TaggerError::Unavailable("The tagger is being closed.".to_owned()))
            }
        })
    }
}

impl Shared {
    fn eye(&self) -> Result<&Eye, TaggerError> {
        let eye = self.eye.get_or_init(|| {
            let vocabulary = Vocabulary::parse(VOCABULARY)?;
            Ok(Eye { network: Network::load(MODEL)?, faces: Faces::load(FACES)?, vocabulary })
        });
        eye.as_ref().map_err(|fault| TaggerError::Unavailable(format!("The tagger on this computer fails: {fault}")))
    }

    /// What the network gives, on one core.
    fn logits(&self, eye: &Eye, planes: &[f32]) -> Result<Vec<f32>, TaggerError> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let known = idle().pop();
        let mut place = match known {
            Some(place) => place,
            None => {
                let thread = ThreadPoolBuilder::new().num_threads(1).build();
                let no_thread = |fault| TaggerError::Unavailable(format!("The tagger on this computer fails: {fault}"));
                Place { thread: thread.map_err(no_thread)?, desk: eye.network.desk() }
            }
        };
        let Place { thread, desk } = &mut place;
        let logits = thread.install(|| eye.network.logits(planes, desk));
        idle().push(place);
        logits.map_err(TaggerError::Nonsense)
    }

    fn look(&self, picture: &Picture, asked: Asked) -> Result<Answer, TaggerError> {
        let pixels = decode(&picture.jpeg)?;
        let eye = self.eye()?;
        let faces = match asked {
            Asked { faces: true, .. } => eye.faces.find(&pixels, Care::Search),
            // Also where only words are wanted: the network was never taught what a person is.
            Asked { labels: true, .. } => eye.faces.find(&pixels, Care::Glance),
            _ => Vec::new(),
        };
        let labels = if asked.labels {
            let shares = softmax(&self.logits(eye, &input(&pixels))?);
            with_people(eye.vocabulary.labels(&shares), &faces, &eye.vocabulary)
        } else {
            Vec::new()
        };
        Ok(Answer {
            content: picture.content,
            tagger: TaggerKind::Device,
            model: MODEL_NAME.to_owned(),
            asked,
            labels,
            faces: if asked.faces { faces } else { Vec::new() },
            texts: Vec::new(),
        })
    }
}

/// The pixels of a picture that somebody handed in.
fn decode(jpeg: &[u8]) -> Result<Pixels, TaggerError> {
    let bad = |why: String| TaggerError::BadPicture(format!("The picture cannot be looked at: {why}"));
    let fit = Fit::LongEdge(MOST_EDGE_PX);
    if decode_cost_bytes(jpeg, Format::Jpeg, fit) > MOST_DECODE_BYTES {
        return Err(bad("it is far too large for a thumbnail".to_owned()));
    }
    render(jpeg, Format::Jpeg, fit).map_err(|fault| bad(fault.to_string()))
}

/// The labels with what faces say: that there are people, and how they stand before the camera.
fn with_people(mut labels: Vec<Label>, faces: &[Face], vocabulary: &Vocabulary) -> Vec<Label> {
    let Some(surest) = faces.first() else {
        labels.truncate(MOST_LABELS);
        return labels;
    };
    let mut said = vec![("Person", surest.confidence)];
    if let [only] = faces
        && only.region.height >= PORTRAIT
    {
        said.push(("Portrait", only.confidence));
    }
    if let Some(last) = faces.get(GROUP - 1) {
        said.push(("Group", last.confidence));
    }
    for label in said.into_iter().filter_map(|(name, confidence)| vocabulary.named(name, confidence)) {
        match labels.iter_mut().find(|known| known.name == label.name) {
            Some(known) => known.confidence = known.confidence.max(label.confidence),
            None => labels.push(label),
        }
    }
    labels.sort_by(|one, other| other.confidence.total_cmp(&one.confidence));
    labels.truncate(MOST_LABELS);
    labels
}
