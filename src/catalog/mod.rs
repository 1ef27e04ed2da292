//! The catalogue.

mod error;
mod open;
mod reader;
mod thumbs;
mod types;
mod writer;

pub use error::{CatalogError, Result};
pub use open::{Access, Library, open_library};
pub use reader::Reader;
pub use thumbs::Thumbs;
pub use types::*;
pub use writer::Writer;
