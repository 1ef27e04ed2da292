//! Taggers: who looks at a picture and says what is in it. The engine decides which pictures, when, and for how much.

pub mod on_device;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::ContentHash;
use crate::domain::labels::{Answer, Asked, TaggerKind};

/// A picture to look at.
#[derive(Clone)]
pub struct Picture {
    /// The original it was made from.
    pub content: ContentHash,
    /// An upright sRGB JPEG of ours without any metadata: no place and no camera leaves the computer with it.
    pub jpeg: Arc<[u8]>,
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("content", &self.content).field("bytes", &self.jpeg.len()).finish()
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaggerError {
    /// Nobody answers, or not now: it is worth another try later.
    #[error("{0}")]
    Unavailable(String),
    /// A person must act: no permission, no account, wrong region.
    #[error("{0}")]
    Denied(String),
    /// This picture cannot be looked at; the others can.
    #[error("{0}")]
    BadPicture(String),
    /// The answer makes no sense.
    #[error("{0}")]
    Nonsense(String),
}

/// One that looks at pictures.
#[async_trait]
pub trait Tagger: Send + Sync + fmt::Debug {
    /// Which one.
    fn kind(&self) -> TaggerKind;

    /// The length of the longer edge of the pictures it wants, in pixels. 320: the thumbnail that there is anyway.
    fn edge_px(&self) -> u32;

    /// What it can be asked at all.
    fn can(&self) -> Asked;

    /// How many pictures at a time are good.
    fn width(&self) -> usize;

    /// Looks at one picture. The answer's `asked` is what was really looked for.
    ///
    /// # Errors
    /// [`TaggerError`]: whether to try again, to ask a person, or to leave this picture alone.
    async fn look(&self, picture: &Picture, asked: Asked) -> Result<Answer, TaggerError>;
}
