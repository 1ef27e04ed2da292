//! Finding photos: for scripts with everything that is said of them, and for the grid as seats.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::sync::Arc;

use super::errors::resolve_error;
use super::parts::Engine;
use super::stores::shown_store;
use crate::catalog::Stop;
use crate::domain::query::{Query, QueryError};
use crate::domain::{PhotoDetail, PhotoId, Seat, StoredState};
use crate::protocol::{ErrorCode, UserError};

/// What a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// How many photos fit, of which `photos` are the first.
    pub total: u64,
    /// Newest first, then by path.
    pub photos: Vec<FoundPhoto>,
}

/// One photo that a search found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundPhoto {
    /// Everything.
    pub detail: PhotoDetail,
    /// The path to show: one that exists, where there is one.
    pub path: Option<PathBuf>,
    /// Names of the enabled stores that have the current version.
    pub stores: Vec<String>,
}

impl FoundPhoto {
    fn new(mut detail: PhotoDetail, enabled: &[String]) -> Self {
        let path = detail.paths.first().map(|path| path.path.clone());
        let has_it = |name: &&String| {
            let current = detail.versions.iter().find(|version| version.current);
            current.is_some_and(|version| {
                version.receipts.iter().any(|receipt| receipt.store == **name && receipt.damage.is_none())
            })
        };
        let stores = enabled.iter().filter(has_it).map(|name| shown_store(name).to_owned()).collect();
        for version in &mut detail.versions {
            version.receipts.retain(|receipt| enabled.contains(&receipt.store));
            for receipt in &mut version.receipts {
                receipt.store = shown_store(&receipt.store).to_owned();
            }
        }
        Self { detail, path, stores }
    }

    /// Whether every enabled store has it.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.detail.card.stored == StoredState::Stored
    }
}

/// A wrong query in words.
pub(super) fn query_error(error: &QueryError) -> UserError {
    UserError::new(ErrorCode::Usage, format!("the query cannot be understood: {error}"))
        .hint("`lightkeep search --help` shows the search language.")
}

impl Engine {
    /// Finds photos with all that is known of them.
    ///
    /// # Errors
    /// Where the query is wrong or the catalogue cannot be read.
    pub async fn search(&self, query: &str, limit: usize) -> Result<Found, UserError> {
        let query = Query::parse(query).map_err(|error| query_error(&error))?;
        self.read(move |reader| {
            let stop = Stop::new();
            let (total, seats) = reader.page_by_path(&query, limit, &stop)?;
            let enabled = enabled(reader)?;
            let mut photos = Vec::with_capacity(seats.len());
            for seat in seats {
                if let Some(detail) = reader.photo(seat)? {
                    photos.push(FoundPhoto::new(detail, &enabled));
                }
            }
            Ok(Found { total, photos })
        })
        .await
    }

    /// Every photo that a query finds, in display order.
    ///
    /// # Errors
    /// As [`Engine::search`].
    pub async fn seats(&self, query: &str) -> Result<Arc<[Seat]>, UserError> {
        let query = Query::parse(query).map_err(|error| query_error(&error))?;
        self.read(move |reader| reader.page_by_path(&query, usize::MAX, &Stop::new()).map(|(_, seats)| seats.into()))
            .await
    }

    /// The photo that a text names: an id, a hash, a unique prefix, or a path.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] or [`ErrorCode::Ambiguous`].
    pub async fn resolve(&self, text: impl AsRef<OsStr>) -> Result<PhotoId, UserError> {
        let text = text.as_ref();
        // A relative path is one seen from here.
        let absolute = std::path::absolute(text).ok();
        let text = text.to_string_lossy().into_owned();
        let found = self
            .read(move |reader| {
                if let Some(path) = absolute
                    && let Some(id) = reader.photo_at(&path)?
                {
                    return Ok(Ok(id));
                }
                Ok(reader.resolve(&text))
            })
            .await?;
        found.map_err(|error| resolve_error(&error))
    }

    /// Everything about one photo.
    ///
    /// # Errors
    /// As [`Engine::resolve`].
    pub async fn show(&self, text: impl AsRef<OsStr>) -> Result<FoundPhoto, UserError> {
        let id = self.resolve(text).await?;
        self.photo(id).await
    }

    /// Everything about the photo with this id.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`] where there is none.
    pub async fn photo(&self, id: PhotoId) -> Result<FoundPhoto, UserError> {
        let found = self
            .read(move |reader| {
                let enabled = enabled(reader)?;
                Ok(reader.photo_by_id(id)?.map(|detail| FoundPhoto::new(detail, &enabled)))
            })
            .await?;
        found.ok_or_else(|| UserError::new(ErrorCode::NotFound, format!("there is no photo {id}")))
    }

    /// Everything about the photo in a seat, as the inspector shows it; `None` where it is gone.
    pub(super) async fn detail(&self, seat: Seat) -> Result<Option<FoundPhoto>, UserError> {
        self.read(move |reader| {
            let enabled = enabled(reader)?;
            Ok(reader.photo(seat)?.map(|detail| FoundPhoto::new(detail, &enabled)))
        })
        .await
    }
}

fn enabled(reader: &crate::catalog::Reader) -> Result<Vec<String>, crate::catalog::CatalogError> {
    Ok(reader.stores()?.into_iter().filter(|store| store.enabled).map(|store| store.name).collect())
}
