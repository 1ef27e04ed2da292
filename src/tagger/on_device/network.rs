//! EfficientNet-Lite0: a picture of 224 × 224 pixels in, a number for each of 1,000 classes out.
//!
//! It is a chain of blocks that widen each pixel's channels, look around each pixel with a small window, and narrow the
//! channels again. That is little enough to be carried out here, with the matrix product of `rten`: its runtime takes
//! three times as long for the whole, because it looks around one number at a time.

use super::layers::{Depthwise, Onto, Pointwise, means};
use super::vocabulary::CLASSES;
use super::weights::Weights;

/// Width and height that it wants, in pixels.
pub(super) const SIDE_PX: usize = 224;

/// Repeats, window, stride, how many times as many channels within, channels out.
/// Source: `efficientnet/lite/efficientnet_lite_builder.py`, as in `packaging/models/build.py`.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];

/// Channels after the first layer, and before the last.
const STEM: usize = 32;
const HEAD: usize = 1280;

/// Width and height of what the first layer gives.
const STEM_SIDE: usize = SIDE_PX / 2;

/// Numbers of which the first layer makes one pixel: three colours of 3 × 3 pixels.
const PATCH: usize = 27;

/// Room for what lies between two layers. Kept for the next picture, since fresh memory costs time.
#[derive(Debug)]
pub(super) struct Desk {
    /// Before the window; 5 MB.
    wide: Vec<f32>,
    /// Behind it; 2 MB.
    seen: Vec<f32>,
    /// Between two blocks; 1 MB.
    narrow: Vec<f32>,
}

/// The part of a block before and behind its window, and what is kept of its input.
struct Block {
    /// None where the first layer has made enough channels.
    expand: Option<Pointwise>,
    around: Depthwise,
    project: Pointwise,
    onto: Onto,
}

/// The network with its weights, as 32-bit floats: about 19 MB.
pub(super) struct Network {
    stem: Pointwise,
    blocks: Vec<Block>,
    head: Pointwise,
    classes: Pointwise,
}

impl Network {
    /// Reads the shipped model; its weights, which have 8 bits in the file, are made into floats here, once.
    ///
    /// # Errors
    /// A sentence, where these bytes are no such network.
    pub(super) fn load(onnx: &[u8]) -> Result<Self, String> {
        let network = Weights::read(onnx).and_then(|mut weights| Self::build(&mut weights));
        network.map_err(|fault| format!("the model cannot be read: {fault}"))
    }

    fn build(weights: &mut Weights) -> Result<Self, String> {
        let stem = pointwise(weights, "_conv_stem", PATCH, STEM)?;
        let (mut blocks, mut channels) = (Vec::new(), STEM);
        for (repeats, window, stride, times, to) in STAGES {
            for repeat in 0..repeats {
                let name = format!("_blocks.{}", blocks.len());
                let wide = channels * times;
                let expand = (times > 1).then(|| pointwise(weights, &format!("{name}._expand_conv"), channels, wide));
                blocks.push(Block {
                    expand: expand.transpose()?,
                    around: depthwise(weights, &name, wide, window, if repeat == 0 { stride } else { 1 })?,
                    project: pointwise(weights, &format!("{name}._project_conv"), wide, to)?,
                    onto: if repeat == 0 { Onto::Nothing } else { Onto::Itself },
                });
                channels = to;
            }
        }
        let head = pointwise(weights, "_conv_head", channels, HEAD)?;
        Ok(Self { stem, blocks, head, classes: pointwise(weights, "_fc", HEAD, CLASSES)? })
    }

    /// Room for one picture on its way.
    pub(super) fn desk(&self) -> Desk {
        let (mut wide, mut seen, mut narrow) = (STEM_SIDE * STEM_SIDE * STEM, STEM_SIDE * STEM_SIDE * PATCH, 0);
        let mut side = STEM_SIDE;
        for block in &self.blocks {
            wide = wide.max(side * side * block.around.channels());
            side = block.around.side_after(side);
            seen = seen.max(side * side * block.around.channels());
            narrow = narrow.max(side * side * block.project.to());
        }
        wide = wide.max(side * side * HEAD);
        Desk { wide: vec![0.0; wide], seen: vec![0.0; seen], narrow: vec![0.0; narrow] }
    }

    /// What the network gives for its input: a number of any size for each class.
    ///
    /// # Errors
    /// A sentence, where the input has another size or the numbers are none.
    pub(super) fn logits(&self, planes: &[f32], desk: &mut Desk) -> Result<Vec<f32>, String> {
        if planes.len() != 3 * SIDE_PX * SIDE_PX {
            return Err(format!("a picture of {} numbers is not {SIDE_PX} pixels wide and high", planes.len()));
        }
        let Desk { wide, seen, narrow } = desk;
        let mut side = STEM_SIDE;
        let patches = &mut seen[..side * side * PATCH];
        patch(planes, patches);
        self.stem.run(patches, &mut wide[..side * side * STEM], Onto::Nothing)?;
        let mut channels = STEM;
        for Block { expand, around, project, onto } in &self.blocks {
            let wide = &mut wide[..side * side * around.channels()];
            if let Some(expand) = expand {
                expand.run(&narrow[..side * side * channels], wide, Onto::Nothing)?;
            }
            let before = side;
            side = around.side_after(side);
            let seen = &mut seen[..side * side * around.channels()];
            around.run(wide, seen, before)?;
            channels = project.to();
            project.run(seen, &mut narrow[..side * side * channels], *onto)?;
        }
        let wide = &mut wide[..side * side * HEAD];
        self.head.run(&narrow[..side * side * channels], wide, Onto::Nothing)?;
        let mut logits = vec![0.0; CLASSES];
        self.classes.run(&means(wide, HEAD), &mut logits, Onto::Nothing)?;
        if logits.iter().any(|number| !number.is_finite()) {
            return Err("it gives no number for each class".to_owned());
        }
        Ok(logits)
    }
}

fn pointwise(weights: &mut Weights, layer: &str, from: usize, to: usize) -> Result<Pointwise, String> {
    let bias = weights.floats(&format!("{layer}.bias"))?;
    if bias.len() != to {
        return Err(format!("{layer} has {} outputs in place of {to}", bias.len()));
    }
    Pointwise::new(&weights.of(layer)?, bias, from).map_err(|fault| format!("{layer}: {fault}"))
}

fn depthwise(
    weights: &mut Weights,
    block: &str,
    channels: usize,
    window: usize,
    stride: usize,
) -> Result<Depthwise, String> {
    let layer = format!("{block}._depthwise_conv");
    let bias = weights.floats(&format!("{layer}.bias"))?;
    if bias.len() != channels {
        return Err(format!("{layer} has {} channels in place of {channels}", bias.len()));
    }
    Depthwise::new(&weights.of(&layer)?, bias, window, stride).map_err(|fault| format!("{layer}: {fault}"))
}

/// For each pixel of the first layer what it looks at, in the order of its weights; nothing below and right of the
/// picture, as TensorFlow's "same" has it.
fn patch(planes: &[f32], patches: &mut [f32]) {
    for (number, patch) in patches.chunks_exact_mut(PATCH).enumerate() {
        let (top, left) = (number / STEM_SIDE * 2, number % STEM_SIDE * 2);
        for (at, tap) in patch.iter_mut().enumerate() {
            let (plane, y, x) = (at / 9, top + at % 9 / 3, left + at % 3);
            let is_within = y < SIDE_PX && x < SIDE_PX;
            *tap = if is_within { planes[(plane * SIDE_PX + y) * SIDE_PX + x] } else { 0.0 };
        }
    }
}

/// Logits as shares of one whole.
pub(super) fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - most).exp()).collect();
    let whole: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_one_together_however_large_the_logits() {
        let shares = softmax(&[1000.0, 1000.0, -1000.0]);
        assert_eq!(shares, [0.5, 0.5, 0.0]);
    }

    #[test]
    fn bytes_that_are_no_model_are_a_sentence() {
        assert!(Network::load(b"no model at all").err().unwrap().starts_with("the model cannot be read"));
        assert!(Network::load(&super::super::MODEL[..100_000]).is_err());
    }
}
