//! The tagger as a whole.
