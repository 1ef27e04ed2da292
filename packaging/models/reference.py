#!/usr/bin/env python3
"""Writes tests/tagger/logits.tsv: what another runtime gives for made-up inputs with the shipped model.

    V/bin/python reference.py            ONNX Runtime on the shipped file, into tests/tagger/logits.tsv
    V/bin/python reference.py --original also compares with the unaltered float weights, computed in numpy

The inputs are formulas over integers, so that tests/tagger.rs makes the same ones without any picture codec.
"""

import sys

import numpy as np
import onnxruntime

import build

LOGITS = build.OUTPUT.parents[2] / "tests/tagger/logits.tsv"


def inputs() -> list:
    """Three pictures of 224 x 224 as samples of 0 to 255: a pattern, a slope and three discs."""
    colour, y, x = np.indices((3, build.SIDE_PX, build.SIDE_PX))
    pattern = (colour * 7 + y * 13 + x * 29) % 251
    slope = x * (colour + 1) // 3 + y * (3 - colour) // 7
    disc = np.where((x - 112) ** 2 + (y - 112) ** 2 < (60 + 20 * colour) ** 2, 230 - 60 * colour, 40 + 50 * colour)
    return [((samples - 127) / 128).astype(np.float32)[None] for samples in (pattern, slope, disc)]


def convolve(x: np.ndarray, weight: np.ndarray, stride: int, depthwise: bool) -> np.ndarray:
    """TensorFlow's "same" convolution of (channels, height, width), by the definition."""
    kernel, (_, height, width) = weight.shape[2], x.shape
    rows, columns = -(-height // stride), -(-width // stride)
    pads = [max((out - 1) * stride + kernel - size, 0) for out, size in ((rows, height), (columns, width))]
    x = np.pad(x, [(0, 0)] + [(pad // 2, pad - pad // 2) for pad in pads])
    total = 0
    for dy in range(kernel):
        for dx in range(kernel):
            part = x[:, dy : dy + (rows - 1) * stride + 1 : stride, dx : dx + (columns - 1) * stride + 1 : stride]
            tap = weight[:, :, dy, dx]
            total = total + (part * tap[:, :1, None] if depthwise else np.tensordot(tap, part, 1))
    return total


def original(tensors: dict, picture: np.ndarray) -> np.ndarray:
    """The network as it was trained: batch normalisation on its own, floats of 64 bits."""
    tensors = {name: value.astype(np.float64) for name, value in tensors.items()}

    def layer(x, name, norm, stride=1, depthwise=False, clip=True):
        x = convolve(x, tensors[f"{name}.weight"], stride, depthwise)
        part = lambda what: tensors[f"{norm}.{what}"][:, None, None]
        x = (x - part("running_mean")) / np.sqrt(part("running_var") + build.EPSILON) * part("weight") + part("bias")
        return np.clip(x, 0, 6) if clip else x

    x = layer(picture.astype(np.float64), "_conv_stem", "_bn0", 2)
    block = 0
    for repeats, _, stride, expansion, _ in build.STAGES:
        for repeat in range(repeats):
            name, entry = f"_blocks.{block}", x
            if expansion != 1:
                x = layer(x, f"{name}._expand_conv", f"{name}._bn0")
            x = layer(x, f"{name}._depthwise_conv", f"{name}._bn1", stride if repeat == 0 else 1, depthwise=True)
            x = layer(x, f"{name}._project_conv", f"{name}._bn2", clip=False)
            x = x + entry if x.shape == entry.shape else x
            block += 1
    x = layer(x, "_conv_head", "_bn1").mean(axis=(1, 2))
    return tensors["_fc.weight"] @ x + tensors["_fc.bias"]


def main():
    session = onnxruntime.InferenceSession(build.OUTPUT, providers=["CPUExecutionProvider"])
    logits = [session.run(None, {"picture": picture})[0][0] for picture in inputs()]
    lines = ["\t".join(f"{value:.6f}" for value in row) for row in np.stack(logits, axis=1)]
    LOGITS.write_text("\n".join(lines) + "\n")
    print(f"{LOGITS.name}: {len(lines)} classes, {len(logits)} inputs")
    if "--original" in sys.argv:
        tensors = build.read(build.download())
        shares = lambda values: np.exp(values - values.max()) / np.exp(values - values.max()).sum()
        for number, (picture, ours) in enumerate(zip(inputs(), logits)):
            floats = original(tensors, picture[0])
            worst = np.abs(shares(floats) - shares(ours)).max()
            same = len(set(np.argsort(floats)[-5:]) & set(np.argsort(ours)[-5:]))
            print(f"input {number}: 8 bits change the share of a class by {worst:.2%} at most, {same} of the first five"
                  " classes are the same")


if __name__ == "__main__":
    main()
