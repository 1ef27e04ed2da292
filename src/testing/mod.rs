//! Builders, fakes and fault decorators for tests and benches; never part of a release.

pub mod library;
