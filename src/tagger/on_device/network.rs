//! EfficientNet-Lite0: a picture of 224 × 224 pixels in, a share for each of 1,000 classes out.

use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, OpRegistry, RunOptions, ThreadPool};
use rten_tensor::NdTensor;

use super::vocabulary::CLASSES;
use crate::imaging::{Pixels, resize};

/// Width and height that it wants, in pixels.
pub(super) const SIDE_PX: usize = 224;

/// What the network was trained with: samples of 0 to 255, less this, by the other.
/// Source: `efficientnet/lite/efficientnet_lite_builder.py`, `MEAN_RGB` and `STDDEV_RGB`.
const MEAN: f32 = 127.0;
const SPREAD: f32 = 128.0;

/// The network with its weights, as 32-bit floats: about 19 MB.
#[derive(Debug)]
pub(super) struct Network {
    model: Model,
    input: NodeId,
    output: NodeId,
}

impl Network {
    /// Reads the shipped model; its weights, which have 8 bits in the file, are made into floats here, once.
    ///
    /// # Errors
    /// A sentence, where these bytes are no such network.
    pub(super) fn load(onnx: &'static [u8]) -> Result<Self, String> {
        // Only what the network is made of, so that the linker leaves out the rest of the runtime.
        let operators: OpRegistry =
            rten::op_registry!(Add, Clip, Conv, DequantizeLinear, Flatten, Gemm, GlobalAveragePool);
        let mut options = ModelOptions::with_ops(operators);
        options.prepack_weights(true);
        let model = options.load_static_slice(onnx).map_err(|fault| format!("the model cannot be read: {fault}"))?;
        let (&[input], &[output]) = (model.input_ids(), model.output_ids()) else {
            return Err("the model has not one input and one output".to_owned());
        };
        Ok(Self { model, input, output })
    }

    /// What the network gives for its input: a number of any size for each class.
    ///
    /// # Errors
    /// A sentence of the runtime's.
    pub(super) fn logits(&self, picture: &[f32], threads: &Arc<ThreadPool>) -> Result<Vec<f32>, String> {
        let shape = [1, 3, SIDE_PX, SIDE_PX];
        let picture = NdTensor::try_from_data(shape, picture.to_vec()).map_err(|fault| fault.to_string())?;
        let options = RunOptions::default().with_thread_pool(Some(Arc::clone(threads)));
        let inputs = vec![(self.input, picture.into())];
        let [logits] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|fault| fault.to_string())?;
        let logits: NdTensor<f32, 2> = logits.try_into().map_err(|_| "it gives no numbers".to_owned())?;
        let logits = logits.into_data();
        if logits.len() != CLASSES || logits.iter().any(|number| !number.is_finite()) {
            return Err("it gives no number for each class".to_owned());
        }
        Ok(logits)
    }
}

/// The network's input: the middle square of the picture, one plane for each colour.
pub(super) fn input(pixels: &Pixels) -> Vec<f32> {
    let square = resize(&middle(pixels), SIDE_PX as u32, SIDE_PX as u32);
    let mut planes = Vec::with_capacity(3 * SIDE_PX * SIDE_PX);
    for colour in 0..3 {
        planes.extend(square.rgb.iter().skip(colour).step_by(3).map(|&sample| (f32::from(sample) - MEAN) / SPREAD));
    }
    planes
}

/// The largest square in the middle.
fn middle(pixels: &Pixels) -> Pixels {
    let (width, height) = (pixels.width_px as usize, pixels.height_px as usize);
    let side = width.min(height);
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    let mut rgb = Vec::with_capacity(side * side * 3);
    for row in top..top + side {
        let from = (row * width + left) * 3;
        rgb.extend_from_slice(&pixels.rgb[from..from + side * 3]);
    }
    Pixels { width_px: side as u32, height_px: side as u32, rgb }
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
    fn the_middle_square_is_taken() {
        let rgb: Vec<u8> = (0..4 * 2).flat_map(|number| [number; 3]).collect();
        let square = middle(&Pixels { width_px: 4, height_px: 2, rgb });
        assert_eq!((square.width_px, square.height_px), (2, 2));
        assert_eq!(square.rgb.chunks(3).map(|pixel| pixel[0]).collect::<Vec<_>>(), [1, 2, 5, 6]);
    }

    #[test]
    fn colours_are_planes_around_nothing() {
        let red = Pixels { width_px: 3, height_px: 5, rgb: [255, 127, 0].repeat(15) };
        let planes = input(&red);
        assert_eq!(planes.len(), 3 * SIDE_PX * SIDE_PX);
        let plane = SIDE_PX * SIDE_PX;
        assert_eq!([planes[0], planes[plane], planes[2 * plane]], [1.0, 0.0, -127.0 / 128.0]);
    }

    #[test]
    fn shares_are_one_together_however_large_the_logits() {
        let shares = softmax(&[1000.0, 1000.0, -1000.0]);
        assert_eq!(shares, [0.5, 0.5, 0.0]);
    }

    #[test]
    fn bytes_that_are_no_model_are_a_sentence() {
        assert!(Network::load(b"no model at all").unwrap_err().starts_with("the model cannot be read"));
        assert!(Network::load(&super::super::MODEL[..100_000]).is_err());
    }
}
