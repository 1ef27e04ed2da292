//! What pages say of photos, and the pages themselves: facts of the catalogue into the layout.

use std::path::Path;
use std::sync::OnceLock;

use crate::domain::PhotoDetail;
use crate::domain::layout::{CaptionFacts, Page, PageSetup, PhotoSetup, PhotoShape, Remembered, paginate};
use crate::print::Fonts;
use crate::protocol::{ErrorCode, UserError};

/// Letters of a receipt's number that are written: enough to find it among all of a library.
const RECEIPT_LETTERS: usize = 12;

/// The fonts of pages; what was measured once is known for as long as the program runs.
pub(super) fn fonts() -> &'static Remembered<Fonts<'static>> {
    static FONTS: OnceLock<Remembered<Fonts<'static>>> = OnceLock::new();
    FONTS.get_or_init(|| Remembered::new(Fonts::of_this_computer()))
}

/// Pages of these photos, with what was chosen for each.
///
/// # Errors
/// Where there is no photo; what is wrong with the setup, in words.
pub(super) fn lay_out(details: &[PhotoDetail], each: &[PhotoSetup], setup: &PageSetup) -> Result<Vec<Page>, UserError> {
    if details.is_empty() {
        return Err(UserError::new(ErrorCode::NotFound, "there is no photo to print")
            .hint("Select photos, or give a query that finds some."));
    }
    let owned: Vec<Owned> = details.iter().map(Owned::of).collect();
    let facts: Vec<CaptionFacts<'_>> = details.iter().zip(&owned).map(|(detail, owned)| owned.facts(detail)).collect();
    let template = setup.overlay.as_ref().map(|overlay| overlay.text.as_str());
    let shapes: Vec<PhotoShape> = details
        .iter()
        .zip(&facts)
        .enumerate()
        .map(|(at, (detail, facts))| {
            let (width_px, height_px) = detail.card.size_px.unwrap_or((0, 0));
            PhotoShape {
                width_px,
                height_px,
                captions: facts.lines(&setup.captions),
                overlay: template.map(|template| facts.fill(template)).unwrap_or_default(),
                setup: each.get(at).copied().unwrap_or_default(),
            }
        })
        .collect();
    let band = |text: &Option<String>| text.as_deref().map(|text| CaptionFacts::fill_common(&facts, text));
    let setup = PageSetup { header: band(&setup.header), footer: band(&setup.footer), ..setup.clone() };
    paginate(&shapes, &setup, fonts()).map_err(|error| UserError::new(ErrorCode::Usage, error.to_string()))
}

/// What facts borrow.
struct Owned {
    folder: String,
    tags: Vec<String>,
    receipt: Option<String>,
}

impl Owned {
    fn of(detail: &PhotoDetail) -> Self {
        let folder = detail.paths.first().and_then(|path| path.path.parent()).and_then(Path::file_name);
        let current = detail.versions.iter().find(|version| version.current);
        let receipt = current.and_then(|version| version.receipts.first());
        Self {
            folder: folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            tags: detail.tags.iter().map(|tag| tag.name.clone()).collect(),
            receipt: receipt.map(|receipt| receipt.receipt.version.0.chars().take(RECEIPT_LETTERS).collect()),
        }
    }

    fn facts<'a>(&'a self, detail: &'a PhotoDetail) -> CaptionFacts<'a> {
        CaptionFacts {
            name: &detail.card.name,
            folder: &self.folder,
            metadata: &detail.metadata,
            title: None,
            caption: None,
            rating: detail.card.rating,
            tags: &self.tags,
            receipt: self.receipt.as_deref(),
        }
    }
}
