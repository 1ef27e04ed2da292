//! Lightkeep: a desktop photo manager for photographers who want their pictures in their own folders,
//! their own vault and on their own paper.

pub mod app;
pub mod domain;
pub mod files;
pub mod platform;
pub mod print;
pub mod protocol;
pub mod store;
pub mod ui;
