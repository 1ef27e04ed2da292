//! Faults of the parts, as people and scripts read them.

use crate::catalog::{CatalogError, ResolveError};
use crate::config::ConfigError;
use crate::protocol::{ErrorCode, UserError};
use crate::store::StoreError;

/// A fault of the catalogue in words, with what to do.
pub(super) fn user_error(error: &CatalogError) -> UserError {
    let message = error.to_string();
    match error {
        CatalogError::TooNew { .. } => UserError::new(ErrorCode::TooNew, message),
        CatalogError::Corrupt { .. } => UserError::new(ErrorCode::Corrupt, message).hint(
            "The damaged file is kept. Move it away and run `lightkeep open-store VAULT`, or import the folders again; \
             ratings and tags come back from the vault.",
        ),
        CatalogError::Missing { .. } => {
            UserError::new(ErrorCode::NotFound, message).hint("Import a folder first: `lightkeep import FOLDER`.")
        }
        CatalogError::Busy => UserError::new(ErrorCode::Busy, message),
        CatalogError::ReadOnly { .. } | CatalogError::Io { .. } => UserError::new(ErrorCode::Unavailable, message)
            .hint("Check that the disk is there and not read-only. Nothing that was stored is lost."),
        CatalogError::DiskFull { .. } => UserError::new(ErrorCode::DiskFull, message),
        CatalogError::Stopped => UserError::new(ErrorCode::Cancelled, message),
        CatalogError::NotFound(_) => UserError::new(ErrorCode::NotFound, message),
        CatalogError::Refused(_) => UserError::new(ErrorCode::Usage, message),
        CatalogError::Internal(_) => UserError::new(ErrorCode::Failed, message),
    }
}

/// Why a text does not name one photo.
pub(super) fn resolve_error(error: &ResolveError) -> UserError {
    match error {
        ResolveError::NotFound(_) => UserError::new(ErrorCode::NotFound, error.to_string())
            .hint("`lightkeep search` lists ids; a path must be the one that was imported."),
        ResolveError::Ambiguous(..) => UserError::new(ErrorCode::Ambiguous, error.to_string()),
        ResolveError::Catalog(error) => user_error(error),
    }
}

/// A fault of a store in words, with what to do.
pub(super) fn store_error(error: &StoreError) -> UserError {
    let message = error.to_string();
    match error {
        StoreError::NotFound { .. } => UserError::new(ErrorCode::NotFound, message),
        StoreError::Full { .. } => {
            UserError::new(ErrorCode::DiskFull, message).hint("Free some space, or choose a vault on another disk.")
        }
        StoreError::Unavailable(_) => UserError::new(ErrorCode::Unavailable, message)
            .hint("Connect its disk or the network; it is tried again by itself. `lightkeep stores` says how each store stands."),
        _ => UserError::new(ErrorCode::Failed, message),
    }
}

/// A fault of the settings.
pub(super) fn config_error(error: &ConfigError) -> UserError {
    UserError::new(ErrorCode::Usage, error.to_string()).hint("Mend the file or remove it.")
}

/// What the operating system said, without the number that means nothing to people.
pub(super) fn io_words(error: &std::io::Error) -> String {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::NotFound => "it is not there any more".to_owned(),
        Kind::PermissionDenied => "it may not be read by you".to_owned(),
        Kind::ResourceBusy => "it kept changing while it was read; import it again when it is finished".to_owned(),
        Kind::InvalidInput => "it is no regular file".to_owned(),
        _ => {
            let words = error.to_string();
            words.split(" (os error").next().unwrap_or(&words).to_owned()
        }
    }
}

/// Words as text for a catch-all of a panic in a codec or a library: the operation goes on without the item.
pub(super) fn panic_words(panic: &(dyn std::any::Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    format!("Lightkeep has a fault here ({})", text.unwrap_or_else(|| "unknown".to_owned()))
}
