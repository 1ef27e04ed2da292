//! The composition, from actions to commands and from events to the model.
