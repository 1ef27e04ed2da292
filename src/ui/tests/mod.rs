//! The window by role and label, over a made-up model. No picture is rendered, so that no graphics card is needed.

mod account;
mod browse;
mod elsewhere;
mod fake;
mod grid;
mod keyboard;
mod painting;
mod parts;
mod people;
mod speed;
