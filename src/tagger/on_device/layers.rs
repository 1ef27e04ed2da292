//! The layers of the network: each pixel through a matrix, or each channel through a small window.
//!
//! Numbers lie row by row, in a row pixel by pixel, in a pixel channel by channel. So a convolution of one pixel is one
//! product of matrices, and a window is the same few sums for many channels at a time, which is what processors do
//! best: the width of their registers is asked for at run time (`rten_simd`).

use rten_gemm::{BiasVector, GemmExecutor, GemmInputA, GemmInputB, GemmOptions, PackedBMatrix};
use rten_simd::functional::simd_map;
use rten_simd::ops::{BitOps, NumOps};
use rten_simd::{Isa, SimdOp};
use rten_tensor::NdTensorView;

/// Channels of a window are a multiple of this, so that no register of any processor is filled in part.
pub(super) const LANES: usize = 16;

/// Most that a number is after a layer with a bend, least being nothing: "ReLU6".
const MOST: f32 = 6.0;

/// A matrix that each pixel's channels are multiplied by, and what is added.
pub(super) struct Pointwise {
    weights: PackedBMatrix<f32>,
    bias: Vec<f32>,
    from: usize,
}

/// What becomes of that which is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Onto {
    /// It is overwritten.
    Nothing,
    /// The product is added to it.
    Itself,
}

impl Pointwise {
    /// From the weights of each output in turn, as ONNX has them.
    ///
    /// # Errors
    /// A sentence, where the weights are not `from` × as many as there are numbers to add.
    pub(super) fn new(weights: &[f32], bias: Vec<f32>, from: usize) -> Result<Self, String> {
        let view = NdTensorView::try_from_data([bias.len(), from], weights).map_err(|fault| fault.to_string())?;
        // Laid out once as the product wants them.
        let weights = GemmExecutor::<f32>::default().prepack_b(view.transposed());
        Ok(Self { weights, bias, from })
    }

    /// How many channels come out.
    pub(super) fn to(&self) -> usize {
        self.bias.len()
    }

    /// Every pixel of `input` into `output`.
    ///
    /// # Errors
    /// A sentence, where sizes do not fit.
    pub(super) fn run(&self, input: &[f32], output: &mut [f32], onto: Onto) -> Result<(), String> {
        let pixels = output.len() / self.to();
        let input = NdTensorView::try_from_data([pixels, self.from], input).map_err(|fault| fault.to_string())?;
        let options = GemmOptions {
            beta: if onto == Onto::Itself { 1.0 } else { 0.0 },
            bias: Some(BiasVector::Row(&self.bias)),
            ..GemmOptions::default()
        };
        let (one, other) = (GemmInputA::Unpacked(input), GemmInputB::Packed(&self.weights));
        GemmExecutor::<f32>::default().gemm(output, one, other, options).map_err(|fault| fault.to_string())
    }
}

/// A window of weights for each channel, moved over the picture; less than nothing becomes nothing before and after.
#[derive(Debug)]
pub(super) struct Depthwise {
    /// For each place of the window in turn, row by row, one weight a channel.
    weights: Vec<f32>,
    bias: Vec<f32>,
    window: usize,
    stride: usize,
}

impl Depthwise {
    /// From the windows of each channel in turn, as ONNX has them.
    ///
    /// # Errors
    /// A sentence, where the network is none of ours.
    pub(super) fn new(weights: &[f32], bias: Vec<f32>, window: usize, stride: usize) -> Result<Self, String> {
        let (channels, taps) = (bias.len(), window * window);
        if ![3, 5].contains(&window) || ![1, 2].contains(&stride) || !channels.is_multiple_of(LANES) {
            return Err(format!("no window of {window} in steps of {stride} over {channels} channels"));
        }
        if weights.len() != taps * channels {
            return Err(format!("a window has {} weights in place of {}", weights.len(), taps * channels));
        }
        let weights = (0..taps * channels).map(|at| weights[at % channels * taps + at / channels]).collect();
        Ok(Self { weights, bias, window, stride })
    }

    pub(super) fn channels(&self) -> usize {
        self.bias.len()
    }

    /// Width and height of what comes out of a square.
    pub(super) fn side_after(&self, side: usize) -> usize {
        side.div_ceil(self.stride)
    }

    /// The square `input`, which is bent on the way, into `output`.
    ///
    /// # Errors
    /// A sentence, where sizes do not fit.
    pub(super) fn run(&self, input: &mut [f32], output: &mut [f32], side: usize) -> Result<(), String> {
        let (to, channels) = (self.side_after(side), self.channels());
        if input.len() != side * side * channels || output.len() != to * to * channels {
            return Err("a layer is given a picture of another size".to_owned());
        }
        // TensorFlow's "same": what is missing is added, the odd pixel below and right.
        let missing = ((to - 1) * self.stride + self.window).saturating_sub(side);
        let sides = Sides { from: side, to, before: missing / 2 };
        match self.window {
            3 => Window::<3, 9> { layer: self, sides, input, output }.dispatch(),
            _ => Window::<5, 25> { layer: self, sides, input, output }.dispatch(),
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
struct Sides {
    from: usize,
    to: usize,
    /// Rows and columns of nothing that are thought above and left of the picture.
    before: usize,
}

/// One window of `K` × `K` = `TAPS` over one picture.
struct Window<'a, const K: usize, const TAPS: usize> {
    layer: &'a Depthwise,
    sides: Sides,
    input: &'a mut [f32],
    output: &'a mut [f32],
}

impl<const K: usize, const TAPS: usize> SimdOp for Window<'_, K, TAPS> {
    type Output = ();

    #[inline(always)]
    fn eval<I: Isa>(self, isa: I) {
        let ops = isa.f32();
        let (zero, most) = (ops.zero(), ops.splat(MOST));
        let Self { layer: Depthwise { weights, bias, stride, .. }, sides, input, output } = self;
        let channels = bias.len();
        let row = sides.from * channels;
        // What of the window lies within the picture, where it starts at this place with the margin counted.
        let within = |start: usize| sides.before.saturating_sub(start)..K.min(sides.from + sides.before - start);
        let mut bent = 0;
        for (y, line) in output.chunks_exact_mut(sides.to * channels).enumerate() {
            let top = y * stride;
            let rows = within(top);
            // Rows are bent right before they are first wanted: then they are near.
            let wanted = (top + rows.end - sides.before) * row;
            if wanted > bent {
                simd_map(
                    ops,
                    &mut input[bent..wanted],
                    #[inline(always)]
                    |x| ops.clamp(x, zero, most),
                );
                bent = wanted;
            }
            for channel in (0..channels).step_by(ops.len()) {
                let mut taps = [zero; TAPS];
                for (number, tap) in taps.iter_mut().enumerate() {
                    *tap = ops.load(&weights[number * channels + channel..]);
                }
                let start = ops.load(&bias[channel..]);
                for x in 0..sides.to {
                    let left = x * stride;
                    let columns = within(left);
                    let mut sum = start;
                    if rows.len() == K && columns.len() == K {
                        let at = (top - sides.before) * row + (left - sides.before) * channels + channel;
                        for down in 0..K {
                            let pixels = &input[at + down * row..];
                            for right in 0..K {
                                sum = ops.mul_add(ops.load(&pixels[right * channels..]), taps[down * K + right], sum);
                            }
                        }
                    } else {
                        for down in rows.clone() {
                            for right in columns.clone() {
                                let at = (top + down - sides.before) * row;
                                let pixel = &input[at + (left + right - sides.before) * channels + channel..];
                                let weight = ops.load(&weights[(down * K + right) * channels + channel..]);
                                sum = ops.mul_add(ops.load(pixel), weight, sum);
                            }
                        }
                    }
                    ops.store(ops.clamp(sum, zero, most), &mut line[x * channels + channel..]);
                }
            }
        }
    }
}

/// For each channel the mean over all pixels, after the bend.
pub(super) fn means(input: &[f32], channels: usize) -> Vec<f32> {
    let mut sums = vec![0.0; channels];
    for pixel in input.chunks_exact(channels) {
        for (sum, number) in sums.iter_mut().zip(pixel) {
            *sum += number.clamp(0.0, MOST);
        }
    }
    let pixels = (input.len() / channels.max(1)) as f32;
    sums.into_iter().map(|sum| sum / pixels).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANNELS: usize = 2 * LANES;

    /// Numbers of both signs, also beyond the bend.
    fn numbers(count: usize) -> Vec<f32> {
        (0..count).map(|at| ((at * 37 + at / 11) % 113) as f32 / 8.0 - 6.0).collect()
    }

    /// The same sums, one at a time, by the definition.
    fn plainly(input: &[f32], weights: &[f32], bias: &[f32], side: usize, window: usize, stride: usize) -> Vec<f32> {
        let to = side.div_ceil(stride);
        let before = ((to - 1) * stride + window).saturating_sub(side) / 2;
        let mut output = Vec::new();
        for (y, x, channel) in (0..to * to * CHANNELS).map(|at| (at / CHANNELS / to, at / CHANNELS % to, at % CHANNELS))
        {
            let mut sum = bias[channel];
            for (down, right) in (0..window * window).map(|tap| (tap / window, tap % window)) {
                let (y, x) = ((y * stride + down).wrapping_sub(before), (x * stride + right).wrapping_sub(before));
                if y < side && x < side {
                    let weight = weights[channel * window * window + down * window + right];
                    sum += input[(y * side + x) * CHANNELS + channel].clamp(0.0, MOST) * weight;
                }
            }
            output.push(sum.clamp(0.0, MOST));
        }
        output
    }

    #[test]
    fn a_window_of_the_tagger_s_network_is_the_sum_of_its_definition_on_every_processor() {
        for (side, window, stride) in
            [(9, 3, 1), (9, 3, 2), (8, 3, 2), (7, 5, 1), (8, 5, 2), (9, 5, 2), (2, 5, 1), (1, 3, 2)]
        {
            let weights: Vec<f32> = numbers(window * window * CHANNELS).iter().map(|number| number / 40.0).collect();
            let bias = numbers(CHANNELS);
            let input = numbers(side * side * CHANNELS);
            let expected = plainly(&input, &weights, &bias, side, window, stride);
            let layer = Depthwise::new(&weights, bias, window, stride).unwrap();
            let close = |ours: &[f32], who: &str| {
                let worst = ours.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-4, "{who}: side {side}, window {window}, step {stride}: {worst}");
            };
            let mut output = vec![f32::NAN; expected.len()];
            layer.run(&mut input.clone(), &mut output, side).unwrap();
            close(&output, "this processor");
            output.fill(f32::NAN);
            let to = layer.side_after(side);
            let before = ((to - 1) * stride + window).saturating_sub(side) / 2;
            let (sides, input) = (Sides { from: side, to, before }, &mut input.clone());
            let isa = rten_simd::isa::GenericIsa::new();
            match window {
                3 => Window::<3, 9> { layer: &layer, sides, input, output: &mut output }.eval(isa),
                _ => Window::<5, 25> { layer: &layer, sides, input, output: &mut output }.eval(isa),
            }
            close(&output, "any processor");
        }
    }

    #[test]
    fn layers_of_other_sizes_are_refused() {
        assert!(Depthwise::new(&[0.0; 9 * 17], vec![0.0; 17], 3, 1).is_err(), "17 channels");
        assert!(Depthwise::new(&[0.0; 16], vec![0.0; 16], 3, 1).is_err(), "one weight a window");
        let layer = Depthwise::new(&[0.0; 9 * 16], vec![0.0; 16], 3, 1).unwrap();
        assert!(layer.run(&mut [0.0; 16], &mut [0.0; 17], 1).is_err());
        assert!(Pointwise::new(&[0.0; 7], vec![0.0; 2], 4).is_err());
        let layer = Pointwise::new(&[1.0, 2.0, 3.0, 4.0], vec![10.0, 20.0], 2).unwrap();
        assert!(layer.run(&[0.0; 3], &mut [0.0; 2], Onto::Nothing).is_err());
        let mut output = [f32::NAN; 4];
        layer.run(&[1.0, 0.0, 0.0, 1.0], &mut output, Onto::Nothing).unwrap();
        assert_eq!(output, [11.0, 23.0, 12.0, 24.0]);
        layer.run(&[1.0, 0.0, 0.0, 1.0], &mut output, Onto::Itself).unwrap();
        assert_eq!(output, [22.0, 46.0, 24.0, 48.0]);
    }

    #[test]
    fn means_are_bent_first() {
        assert_eq!(means(&[-1.0, 2.0, 9.0, 4.0], 2), [3.0, 3.0]);
    }
}
