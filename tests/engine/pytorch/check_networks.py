# SPDX-License-Identifier: Apache-2.0
"""Imports the modules that Sotto wrote and compares what they are and compute with what the test wrote beside them.

    check_networks.py CASES.json
    check_networks.py --names          every name that a layer's attribute or variable could take from Python or PyTorch

Prints a line for each difference; exit code 1 where there is one.
"""
import ast
import builtins
import contextlib
import importlib.util
import io
import json
import keyword
import os
import runpy
import sys

import torch

MASK = 0xFFFFFFFF


def fill(tensor, number, low, high):
    """The same numbers as `fill` in run_network_test.cpp: a hash of the place in the tensor and of the tensor."""
    bits = (torch.arange(tensor.numel(), dtype=torch.int64) + number * 0x9E3779B9) & MASK
    bits = bits ^ (bits >> 16)
    bits = (bits * 0x7FEB352D) & MASK
    bits = bits ^ (bits >> 15)
    bits = (bits * 0x046CA68B) & MASK
    bits = bits ^ (bits >> 16)
    values = low + (high - low) * (bits.double() / 2.0**32)
    with torch.no_grad():
        tensor.copy_(values.view_as(tensor))


def load(path):
    specification = importlib.util.spec_from_file_location("written_model", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def structure(path):
    """The kinds of the statements of the file: text that got out of its place would add some."""
    with open(path, encoding="ascii") as file:
        return [type(statement).__name__ for statement in ast.parse(file.read()).body]


def set_parameters(network, scales):
    """In the order of the submodules, which is that of the layers; `scales` divide weights and biases."""
    number = 1
    scales = iter(scales)
    for layer in network.children():
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.Linear)):
            scale = next(scales)
            bound = (6.0 / layer.weight[0].numel()) ** 0.5
            fill(layer.weight, number, -bound / scale, bound / scale)
            number += 1
            if layer.bias is not None:
                fill(layer.bias, number, -0.1 / scale, 0.1 / scale)
                number += 1
        elif isinstance(layer, (torch.nn.BatchNorm1d, torch.nn.BatchNorm2d)):
            fill(layer.weight, number, 0.5, 1.5)
            fill(layer.bias, number + 1, -0.5, 0.5)
            fill(layer.running_mean, number + 2, -0.5, 0.5)
            fill(layer.running_var, number + 3, 0.5, 1.5)
            number += 4
    if next(scales, None) is not None:
        raise ValueError("fewer layers with weights than Sotto has")


def record_shapes(network, kinds, shapes):
    """Outputs of the submodules but those that pad for another one, in the order in which they run."""
    kinds = iter(kinds)
    kind = next(kinds, None)
    for name, layer in network.named_children():
        if isinstance(layer, (torch.nn.ZeroPad2d, torch.nn.ConstantPad2d)) and kind != "pad":
            continue
        kind = next(kinds, None)
        layer.register_forward_hook(
            lambda _, __, output, name=name: shapes.append((name, (list(output.shape[1:]) + [1, 1])[:3]))
        )


def check(case, folder):
    path = os.path.join(folder, case["file"])
    expected = ["Expr", "Import", "ImportFrom", "Assign"] + ["ClassDef"] * case["classes"] + ["If"]
    if structure(path) != expected:
        yield f"statements {structure(path)}, expected {expected}"
    module = load(path)
    network = module.Network().double()
    if list(module.INPUT_SHAPE) != case["input"]:
        yield f"input {module.INPUT_SHAPE}, expected {case['input']}"
    parameters = sum(parameter.numel() for parameter in network.parameters())
    if parameters != case["parameters"]:
        yield f"{parameters} parameters, expected {case['parameters']}"
    plain = set(dir(torch.nn.Module()))
    for name, _ in network.named_children():
        if name in plain or not name.isidentifier() or keyword.iskeyword(name):
            yield f"a submodule is called {name}"

    images = torch.empty(case["batch"], *module.INPUT_SHAPE, dtype=torch.float64)
    fill(images, 0, -1.0, 1.0)
    set_parameters(network, case["scales"])
    shapes = []
    record_shapes(network, case["kinds"], shapes)
    network.eval()
    with torch.no_grad():
        output = network(images)
    if len(shapes) != len(case["shapes"]):
        yield f"{len(shapes)} layers, expected {len(case['shapes'])}"
    for (name, found), shape in zip(shapes, case["shapes"]):
        if found != shape:
            yield f"output of {name} {found}, expected {shape}"
    if list(output.shape) != [case["batch"]] + case["output"]:
        yield f"output {list(output.shape)}, expected {[case['batch']] + case['output']}"
        return
    values = torch.tensor(case["values"], dtype=torch.float64)
    difference = (output.flatten() - values).abs().max().item()
    if not difference <= 1e-7 * values.abs().max().item():
        yield f"differs by {difference} of {values.abs().max().item()}"

    if case["runs"]:
        network.train()
        if parameters > 0:
            network(images).square().mean().backward()
        for name, parameter in network.named_parameters():
            if parameter.grad is None or not torch.isfinite(parameter.grad).all():
                yield f"no gradient for {name}"
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            runpy.run_path(path, run_name="__main__")
        wanted = f"output {tuple([1] + case['output'])}, {case['parameters']} parameters\n"
        if printed.getvalue() != wanted:
            yield f"printed {printed.getvalue()!r}, expected {wanted!r}"


def main():
    torch.set_num_threads(1)
    if sys.argv[1] == "--names":
        names = set(dir(torch.nn.Module())) | set(dir(builtins)) | set(keyword.kwlist) | {"self", "torch", "nn", "x"}
        print(json.dumps(sorted(names)))
        return 0
    with open(sys.argv[1], encoding="utf-8") as file:
        cases = json.load(file)
    wrong = 0
    for case in cases:
        for difference in check(case, os.path.dirname(sys.argv[1])):
            print(f"{case['name']}: {difference}")
            wrong += 1
    print(f"{len(cases)} networks, {wrong} differences")
    return 1 if wrong else 0


sys.exit(main())
