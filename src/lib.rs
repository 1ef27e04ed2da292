//! Lightkeep: a desktop photo manager for photographers who want their pictures in their own folders,
//! their own vault and on their own paper.

pub mod catalog;
pub mod domain;
pub mod files;
pub mod store;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
