//! Opening a library's catalogue.

use std::path::{Path, PathBuf};

use super::error::Result;
use super::reader::Reader;
use super::thumbs::Thumbs;
use super::writer::Writer;

/// What a process wants with the library. Only the holder of the library's lock may ask for `Write`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading; never makes or changes a file of the library.
    Read,
    /// Reading and writing; makes the library where there is none, and brings an older one up to date.
    Write,
}

/// An open library: a factory for readers, and the one writer.
#[derive(Debug)]
pub struct Library {
    dir: PathBuf,
    access: Access,
    writer: Option<Writer>,
}

/// Opens the library in a directory.
pub fn open_library(dir: &Path, access: Access) -> Result<Library> {
    unimplemented!()
}

impl Library {
    /// A new reader with its own connection.
    pub fn reader(&self) -> Result<Reader> {
        unimplemented!()
    }
    /// The writer, once; `None` for `Access::Read` or when it is taken.
    pub fn take_writer(&mut self) -> Option<Writer> {
        self.writer.take()
    }
    /// A new handle on the thumbnails.
    pub fn thumbs(&self) -> Result<Thumbs> {
        unimplemented!()
    }
    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }
}
