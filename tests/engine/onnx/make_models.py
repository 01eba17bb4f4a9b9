#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the ONNX files of this folder's tests into models/. The files are kept; this is how they were made.

Needs PyTorch and ONNX (Debian 12: python3-torch 1.13, python3-onnx 1.12). The networks are written here from their
papers and from torchvision's and TensorFlow's arrangement of them, not from configs/networks.
"""
import io
import pathlib
import sys
import warnings

import numpy as np
import onnx
import onnx.checker
import onnx.helper
import onnx.numpy_helper
import onnx.shape_inference
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import TensorProto, helper

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "models")
torch.manual_seed(1)
torch.set_num_threads(1)
warnings.filterwarnings("ignore")


def save(model, name):
    path = OUT / f"{name}.onnx"
    path.write_bytes(model.SerializeToString())
    print(f"{path.stat().st_size:7d} {path.name}")


def weights_outside(model):
    """Leaves the shapes of all weights and moves their values to an external file, which is not kept."""
    for tensor in model.graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < 2:
            continue
        tensor.ClearField("raw_data")
        tensor.ClearField("float_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="w")
    return model


# --- What torch.onnx.export writes ---------------------------------------------------------------------------------


def export(network, shape, name, opset, training=torch.onnx.TrainingMode.EVAL, dynamic=False, outside=False):
    file = io.BytesIO()
    options = {}
    if dynamic:
        options = {"dynamic_axes": {"image": {0: "batch"}, "scores": {0: "batch"}}}
    network.train(training == torch.onnx.TrainingMode.TRAINING)
    torch.onnx.export(network, torch.zeros(1, *shape), file, opset_version=opset, training=training,
                      do_constant_folding=training == torch.onnx.TrainingMode.EVAL,
                      input_names=["image"], output_names=["scores"], **options)
    model = onnx.load_model_from_string(file.getvalue())
    onnx.checker.check_model(model)
    save(weights_outside(model) if outside else model, name)


class Fire(nn.Module):
    def __init__(self, channels, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, squeeze, 1)
        self.expand1 = nn.Conv2d(squeeze, expand, 1)
        self.expand3 = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = F.relu(self.squeeze(x))
        return torch.cat([F.relu(self.expand1(x)), F.relu(self.expand3(x))], 1)


class SqueezeNet(nn.Module):
    """Version 1.1."""

    def __init__(self):
        super().__init__()
        pool = lambda: nn.MaxPool2d(3, 2)
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 3, stride=2), nn.ReLU(), pool(),
            Fire(64, 16, 64), Fire(128, 16, 64), pool(),
            Fire(128, 32, 128), Fire(256, 32, 128), pool(),
            Fire(256, 48, 192), Fire(384, 48, 192), Fire(384, 64, 256), Fire(512, 64, 256))
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(512, 1000, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1))

    def forward(self, x):
        return self.classifier(self.features(x))


class BasicBlock(nn.Module):
    def __init__(self, channels, out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.down = nn.Sequential()
        if stride != 1 or channels != out:
            self.down = nn.Sequential(nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + self.down(x))


class ResNet18(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
                                  nn.MaxPool2d(3, 2, 1))
        blocks, channels = [], 64
        for out, stride in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
            blocks.append(BasicBlock(channels, out, stride))
            channels = out
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(512, 1000)

    def forward(self, x):
        return self.fc(self.blocks(self.stem(x)).mean((2, 3)))


class PreActivationBlock(nn.Module):
    """Short names: they are most of the file."""

    def __init__(self, channels, width, stride, first):
        super().__init__()
        self.n0 = nn.BatchNorm2d(channels)
        self.s = nn.Conv2d(channels, 4 * width, 1, stride, bias=False) if first else None
        self.c1 = nn.Conv2d(channels, width, 1, bias=False)
        self.n1 = nn.BatchNorm2d(width)
        self.c2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.n2 = nn.BatchNorm2d(width)
        self.c3 = nn.Conv2d(width, 4 * width, 1, bias=False)

    def forward(self, x):
        a = F.relu(self.n0(x))
        if self.s is not None:
            x = self.s(a)
        return x + self.c3(F.relu(self.n2(self.c2(F.relu(self.n1(self.c1(a)))))))


class ResNet50(nn.Module):
    """Pre-activation; 1001 classes as in TensorFlow's official model."""

    def __init__(self):
        super().__init__()
        # ceil_mode makes the pool's padding SAME.
        self.stem = nn.Sequential(nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.MaxPool2d(3, 2, ceil_mode=True))
        blocks, channels = [], 64
        for stage, (width, count) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3))):
            for block in range(count):
                stride = 2 if stage > 0 and block == 0 else 1
                blocks.append(PreActivationBlock(channels, width, stride, block == 0))
                channels = 4 * width
        self.b = nn.Sequential(*blocks)
        self.bn = nn.BatchNorm2d(2048)
        self.fc = nn.Linear(2048, 1001)

    def forward(self, x):
        x = F.relu(self.bn(self.b(self.stem(x))))
        return self.fc(F.adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1))


class DenseBlock(nn.Module):
    """Two layers as torchvision arranges them: the first joins a list of one."""

    def __init__(self):
        super().__init__()
        self.bn = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(6)])
        self.conv1 = nn.ModuleList([nn.Conv2d(4, 8, 1, bias=False), nn.Conv2d(6, 8, 1, bias=False)])
        self.conv2 = nn.ModuleList([nn.Conv2d(8, 2, 3, padding=1, bias=False) for _ in range(2)])
        self.inner = nn.ModuleList([nn.BatchNorm2d(8) for _ in range(2)])
        self.transition = nn.Sequential(nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 4, 1, bias=False), nn.AvgPool2d(2, 2))

    def forward(self, x):
        parts = [x]
        for layer in range(2):
            y = torch.cat(parts, 1)
            y = self.conv1[layer](F.relu(self.bn[layer](y)))
            parts.append(self.conv2[layer](F.relu(self.inner[layer](y))))
        return self.transition(torch.cat(parts, 1))


class Tail(nn.Module):
    """One convolution and an end that people write in different ways."""

    def __init__(self, end, features=4):
        super().__init__()
        self.end = end
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.bn = nn.BatchNorm2d(4)
        self.pool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.fc = nn.Linear(features, 5)

    def forward(self, x):
        if self.end == "pad":
            x = nn.ZeroPad2d((1, 2, 0, 3))(x)
        x = self.pool(F.relu(self.bn(self.conv(x))))
        return {
            "pad": lambda: x.mean((2, 3), keepdim=True),
            "view": lambda: self.fc(x.view(x.size(0), -1)),
            "flatten": lambda: F.log_softmax(self.fc(torch.flatten(x, 1)), 1),
            "dropout": lambda: F.softmax(self.fc(F.dropout(torch.flatten(x, 1), 0.5, self.training)), 1),
            "mean": lambda: self.fc(x.mean((2, 3))),
            "maximum": lambda: self.fc(x.amax((2, 3))),
            "no_batch": lambda: self.fc(F.adaptive_avg_pool2d(x, 1).squeeze()),
            "flat_pool": lambda: self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1)),
        }[self.end]()


class Activations(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(4, 4, (1, 3), (2, 1), (0, 1), groups=g, bias=g == 4) for g in (1, 2, 4)])
        self.fc = nn.Linear(4, 3, bias=False)
        self.average = nn.AvgPool2d(3, 1, 1)

    def forward(self, x):
        x = self.convs[0](x).pow(2)
        x = torch.square(self.convs[1](x))
        x = self.convs[2](x).clamp(min=0)
        return self.fc(torch.flatten(F.adaptive_max_pool2d(self.average(nn.Identity()(x)), 1), 1))


def torch_models():
    keep = torch.onnx.TrainingMode.PRESERVE  # batch normalisations are not folded
    export(SqueezeNet(), (3, 227, 227), "squeezenet", 9, outside=True)
    export(ResNet18().eval(), (3, 224, 224), "resnet18", 13, training=keep, dynamic=True, outside=True)
    export(ResNet50().eval(), (3, 224, 224), "resnet50", 16, training=keep, outside=True)
    export(DenseBlock().eval(), (4, 8, 8), "dense_block", 11, training=keep)
    export(Tail("pad"), (3, 8, 8), "pad_9", 9)
    export(Tail("pad"), (3, 8, 8), "pad_16", 16)
    export(Tail("view", 64), (3, 8, 8), "view_9", 9)
    export(Tail("view", 64), (3, 8, 8), "view_13", 13, dynamic=True)
    export(Tail("flatten", 64), (3, 8, 8), "flatten_10", 10)
    export(Tail("dropout", 64), (3, 8, 8), "training_14", 14, training=torch.onnx.TrainingMode.TRAINING)
    export(Tail("mean"), (3, 8, 8), "mean_12", 12)
    export(Tail("maximum"), (3, 8, 8), "maximum_13", 13)
    export(Tail("no_batch"), (3, 8, 8), "no_batch_15", 15)
    export(Tail("flat_pool"), (3, 8, 8), "flat_pool_16", 16)
    export(Activations(), (4, 8, 8), "activations_16", 16)


# --- What tf2onnx writes -------------------------------------------------------------------------------------------


class Graph:
    """Nodes in a row, each reading the one before it where it says nothing else."""

    def __init__(self, shape, opset):
        self.opset = opset
        self.shape = shape
        self.nodes, self.weights, self.known = [], [], {}
        self.last = "image"

    def tensor(self, *dims, values=None):
        """An initializer; equal ones are one, as exporters have it."""
        array = np.zeros(dims, np.float32) if values is None else values
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.known:
            self.known[key] = f"w{len(self.weights)}"
            self.weights.append(onnx.numpy_helper.from_array(array, self.known[key]))
        return self.known[key]

    def add(self, operator, *more, source=None, **attributes):
        output = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, [source or self.last, *more], [output], **attributes))
        self.last = output
        return output

    def conv(self, channels, out, kernel, source=None, **attributes):
        return self.add("Conv", self.tensor(out, channels, kernel, kernel), source=source, **attributes)

    def batch_norm(self, channels, source=None):
        one = self.tensor(channels)
        return self.add("BatchNormalization", one, one, one, one, source=source, epsilon=1e-3)

    def model(self, output_shape):
        graph = helper.make_graph(
            self.nodes, "tf2onnx", [helper.make_tensor_value_info("image", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info(self.last, TensorProto.FLOAT, output_shape)], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)])
        if self.opset <= 17:
            onnx.checker.check_model(model)
            onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)
        return model


def densenet121():
    g = Graph([1, 3, 224, 224], 11)
    g.conv(3, 64, 7, strides=[2, 2], auto_pad="SAME_UPPER")
    g.batch_norm(64)
    g.add("Relu")
    g.add("MaxPool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    channels = 64
    for block, layers in enumerate((6, 12, 24, 16)):
        for _ in range(layers):
            before = g.last
            g.batch_norm(channels)
            g.add("Relu")
            g.conv(channels, 128, 1)
            g.batch_norm(128)
            g.add("Relu")
            g.conv(128, 32, 3, pads=[1, 1, 1, 1])
            g.add("Concat", g.last, source=before, axis=1)
            channels += 32
        g.batch_norm(channels)
        g.add("Relu")
        if block < 3:
            g.conv(channels, channels // 2, 1)
            g.add("AveragePool", kernel_shape=[2, 2], strides=[2, 2], auto_pad="VALID")
            channels //= 2
    g.add("ReduceMean", axes=[2, 3], keepdims=1)
    g.add("Conv", g.tensor(1000, channels, 1, 1), g.tensor(1000))
    return g.model([1, 1000, 1, 1])


def tensorflow_style(opset):
    """Channels last at the input, biases apart, a Reshape to a vector, a softmax under another name."""
    g = Graph(["N", 10, 8, 3], opset)
    g.add("Transpose", perm=[0, 3, 1, 2])
    g.conv(3, 4, 3, strides=[2, 2], auto_pad="SAME_LOWER")
    g.add("Add", g.tensor(1, 4, 1, 1))
    g.add("Relu")
    if opset >= 18:
        pads, axes = np.array([1, 0, 0, 2]), np.array([2, 3])
        g.add("Pad", g.tensor(values=pads), "", g.tensor(values=axes))
    elif opset >= 11:
        g.add("Pad", g.tensor(values=np.array([0, 0, 1, 0, 0, 0, 0, 2])))
    else:
        g.add("Pad", pads=[0, 0, 1, 0, 0, 0, 0, 2])
    g.add("MaxPool", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER")
    g.batch_norm(4)
    left = g.conv(4, 4, 1)
    if opset >= 18:
        g.add("ReduceMean", g.tensor(values=np.array([-2, -1])), source=left, keepdims=0)
    else:
        g.add("ReduceMean", source=left, axes=[-2, -1], keepdims=0)
    mean = g.last
    g.add("Transpose", source=left, perm=[0, 2, 3, 1])
    g.add("Reshape", g.tensor(values=np.array([-1, 36])))
    g.add("MatMul", g.tensor(36, 4))
    g.add("Add", g.tensor(4))
    g.add("Sum", g.last, source=mean)
    g.add("MatMul", g.tensor(4, 6))
    g.add("Softmax")
    g.add("Identity")
    return g.model(["N", 6])


def tensorflow_models():
    save(weights_outside(densenet121()), "densenet121")
    for opset in (9, 13, 18):
        save(tensorflow_style(opset), f"tensorflow_{opset}")


if __name__ == "__main__":
    OUT.mkdir(exist_ok=True)
    torch_models()
    tensorflow_models()
