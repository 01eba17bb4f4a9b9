#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the inputs of the ONNX fuzz target into corpus/onnx_network: small right models, damaged ones, and hostile ones.

The files are kept; this is how they were made. Needs ONNX (Debian 12: python3-onnx 1.12).
"""
import pathlib
import random
import sys

import numpy as np
import onnx
import onnx.helper
import onnx.numpy_helper
from onnx import TensorProto, helper

HERE = pathlib.Path(__file__).parent
OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "corpus" / "onnx_network")
MODELS = HERE.parent / "engine" / "onnx" / "models"


def save(name, content):
    (OUT / f"{name}.onnx").write_bytes(content)


def integers(name, values):
    return onnx.numpy_helper.from_array(np.array(values, np.int64), name)


def sized(name, dimensions, data_type=TensorProto.FLOAT):
    """A tensor of a size, without data."""
    tensor = TensorProto(name=name, data_type=data_type)
    tensor.dims.extend(dimensions)
    return tensor


def model(nodes, weights=(), shape=("N", 4, 8, 8), output="y", opset=13):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], list(weights))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)]).SerializeToString()


def node(operator, inputs, output="y", **attributes):
    return helper.make_node(operator, inputs, [output], **attributes)


def nested_if(depth):
    inner = helper.make_graph([node("Relu", ["x"])], "inner", [], [])
    for _ in range(depth):
        inner = helper.make_graph([node("If", ["x"], then_branch=inner, else_branch=inner.__class__())], "g", [], [])
    return [node("If", ["x"], then_branch=inner)]


def hostile():
    lowest = -2**63
    yield "empty_model", b""
    yield "text", b"network: resnet\ninput: {shape: [3, 224, 224]}\n"
    yield "relu", model([node("Relu", ["x"])])
    yield "only_input", model([], output="x")
    yield "self_reference", model([node("Add", ["x", "y"])])
    yield "cycle", model([node("Relu", ["b"], "a"), node("Relu", ["a"], "b"), node("Add", ["x", "b"])])
    yield "no_outputs", model([helper.make_node("Relu", ["x"], [])])
    yield "empty_names", model([helper.make_node("Relu", [""], ["", "y"])])
    yield "nested_if", model(nested_if(40))
    yield "nested_too_deep", model(nested_if(120))
    yield "huge_image", model([node("Relu", ["x"])], shape=(1, 2**20, 2**16, 2**16))
    yield "overflowing_image", model([node("Relu", ["x"])], shape=(1, 2**62, 2**62, 2**62))
    yield "huge_weights", model([node("Conv", ["x", "w"])], [sized("w", [2**40, 4, 1, 1])])
    yield "overflowing_weights", model([node("Conv", ["x", "w"])], [sized("w", [2**62, 4, 2**62, 2**62])])
    yield "zero_hides_size", model([node("Reshape", ["w", "s"], "v"), node("Transpose", ["v"], "t"),
                                    node("Conv", ["x", "t"])],
                                   [sized("w", [2**40, 0]), integers("s", [0, 2**40])])
    yield "zero_rows_slice", model([node("Slice", ["w", "s", "e"], "t"), node("Reshape", ["x", "t"])],
                                   [sized("w", [2**40, 0], TensorProto.INT64), integers("s", [0]), integers("e", [2**40])])
    yield "zero_transpose", model([node("Transpose", ["w"], "t"), node("Reshape", ["x", "t"])],
                                  [sized("w", [0, 2**40], TensorProto.INT64)])
    yield "rank_bomb", model([node("Relu", ["x"])], [sized("w", [1] * 500)])
    yield "shape_bomb", model([node("ConstantOfShape", ["s"], "t"), node("Reshape", ["x", "t"])],
                              [integers("s", [1024] * 8)])
    yield "concat_bomb", model([node("Concat", ["s"] * 40, "t", axis=0), node("Concat", ["t"] * 40, "u", axis=0),
                                node("Reshape", ["x", "u"])], [integers("s", [1])])
    yield "doubling_channels", model([node("Concat", ["x" if i == 0 else f"a{i - 1}"] * 2,
                                           "y" if i == 29 else f"a{i}", axis=1) for i in range(30)])
    yield "doubling_sums", model([node("Add", ["x" if i == 0 else f"a{i - 1}"] * 2, "y" if i == 39 else f"a{i}")
                                  for i in range(40)])
    yield "lowest_axis", model([node("Concat", ["x", "x"], axis=lowest)])
    yield "lowest_flatten", model([node("Flatten", ["x"], axis=lowest)])
    yield "lowest_slice", model([node("Slice", ["s", "b", "b", "a", "b"], "t"), node("Reshape", ["x", "t"])],
                                [integers("s", [1, -1]), integers("b", [lowest]), integers("a", [0])])
    yield "lowest_shape", model([node("Shape", ["x"], "t", start=lowest, end=2**63 - 1), node("Reshape", ["x", "t"])],
                                opset=15)
    yield "lowest_reshape", model([node("Reshape", ["x", "s"])], [integers("s", [lowest, 1])])
    yield "lowest_squeeze", model([node("Squeeze", ["x", "s"])], [integers("s", [lowest])])
    yield "lowest_pads", model([node("MaxPool", ["x"], kernel_shape=[2, 2], pads=[lowest] * 4)])
    yield "lowest_group", model([node("Conv", ["x", "w"], group=lowest)], [sized("w", [4, 4, 1, 1])])
    yield "largest_group", model([node("Conv", ["x", "w"], group=2**63 - 1)], [sized("w", [4, 4, 1, 1])])
    yield "large_ceil", model([node("MaxPool", ["x"], kernel_shape=[65536, 1], strides=[65536, 65536], ceil_mode=1,
                                    pads=[65535, 0, 65535, 0])])
    yield "same_lower", model([node("MaxPool", ["x"], kernel_shape=[3, 2], strides=[2, 3], auto_pad="SAME_LOWER")])
    yield "bad_names", model([helper.make_node("Relu", ["x"], ["a"], name="~"),
                              helper.make_node("Relu", ["a"], ["b"], name="a: [b, 'c'] #d"),
                              helper.make_node("Relu", ["b"], ["c"], name="null"),
                              helper.make_node("Relu", ["c"], ["y"], name=" spaces \t")])
    yield "channels_last", model([node("Transpose", ["x"], "t", perm=[0, 3, 1, 2]), node("GlobalMaxPool", ["t"], "p"),
                                  node("Transpose", ["p"], "u", perm=[0, 2, 3, 1]), node("Squeeze", ["u", "a"], "v"),
                                  node("MatMul", ["v", "w"], "m"), node("Add", ["m", "b"], "n"), node("Softmax", ["n"])],
                                 [integers("a", [1, 2]), sized("w", [4, 3]), sized("b", [3])], shape=(1, 8, 8, 4))
    yield "channels_last_squeezed", model([node("Transpose", ["x"], "t", perm=[0, 3, 1, 2]),
                                           node("Transpose", ["t"], "u", perm=[0, 2, 3, 1]),
                                           node("Squeeze", ["u"], "v"), node("Unsqueeze", ["v", "a"], "w"),
                                           node("GlobalMaxPool", ["w"])],
                                          [integers("a", [0, 1])], shape=(1, 1, 1, 4))
    yield "bias_of_a_sum", model([node("Conv", ["x", "w"], "c"), node("Add", ["b", "c"])],
                                 [sized("w", [3, 4, 1, 1]), sized("b", [3, 1, 1])])
    yield "left_out_nodes", model([node("Relu", ["x"]), node("Abs", ["x"], "z"), node("LSTM", ["z"], "q")])
    yield "wrong_attribute_types", model([node("Conv", ["x", "w"], pads=1, strides="s", group=[1])],
                                         [sized("w", [3, 4, 1, 1])])


def damaged():
    source = random.Random(1)
    for name in ("tensorflow_13", "pad_16", "training_14", "dense_block"):
        content = (MODELS / f"{name}.onnx").read_bytes()
        yield name, content
        yield f"{name}_cut", content[:source.randrange(len(content) // 4, len(content))]
        for number in range(4):
            changed = bytearray(content)
            for _ in range(3):
                changed[source.randrange(len(changed))] = source.randrange(256)
            yield f"{name}_changed_{number}", bytes(changed)


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for generate in (hostile, damaged):
        for file_name, file_content in generate():
            save(file_name, file_content)
    print(len(list(OUT.iterdir())), "files")
