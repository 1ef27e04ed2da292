//! Lightkeep.
fn main() {}
