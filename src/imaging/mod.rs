//! Bytes to metadata, oriented pixels and thumbnails.
//!
//! Everything here is a pure function of the bytes given: callers read a file once and pass it on. All input is
//! hostile. Sizes are checked before memory is taken, codecs run behind a guard, and long work looks at a
//! [`Deadline`], so that each fault ends as one [`Unreadable`] sentence.
//!
//! The way of a photo: [`sniff()`] says what the bytes are, [`inspect`] reads what the camera wrote, [`first_look`]
//! gives the camera's own little picture at once, [`thumbnail`] makes the stored one, [`render`] the large ones.
//!
//! For paper, [`render_cut`] takes a part of a photo through a [`Press`] (profiles, proof, sharpening).
//!
//! Codecs decode into a `Raster` in the file's own colour space (grey, RGB or CMYK), which is shrunk first, then
//! taken to sRGB by its ICC profile, then turned upright: the cheap order, since each step sees fewer pixels.

mod colour;
mod dates;
mod dc;
mod delta;
mod exif;
mod guard;
mod heic;
mod huffman;
mod inspect;
mod iptc;
mod jpeg;
mod jpeg_header;
mod look;
mod other;
mod pixels;
pub mod press;
mod raster;
mod raw;
mod render;
pub mod sharpen;
pub mod sniff;
mod tiff;
pub mod xmp;

#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod tests;

pub use delta::{Lab, delta_e2000};
pub use guard::{Deadline, Unreadable};
pub use inspect::{apply_sidecar, inspect};
pub use look::first_look;
pub use pixels::{Pixels, decode_jpeg_thumb, encode_jpeg, resize};
pub use press::{Press, PressProfile};
pub use render::{
    Cut, Fit, Thumbnail, cut_cost_bytes, decode_cost_bytes, render, render_cut, render_proof, thumbnail, untouched,
};
pub use sharpen::Sharpening;
pub use sniff::{Kind, sniff};
pub use xmp::Xmp;
