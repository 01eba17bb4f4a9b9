# SPDX-License-Identifier: Apache-2.0
"""synflow and NASWOT as a researcher writes them in Python, on the same LibTorch, networks, weights and images as Sotto.

    proxies.py NETWORKS.json synflow|naswot SIZE BATCH PROCESSES THREADS

Prints one JSON object: seconds for all networks, without starting Python and reading the file, and the scores.
"""
import json
import sys
import time

import numpy
import torch
import torch.multiprocessing
import torch.nn.functional as functional
from scipy.special import ndtri

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


def mix(values):
    """The finaliser of SplitMix64 over an array."""
    values = (values ^ (values >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
    return values ^ (values >> numpy.uint64(31))


def draw(count, seed, stream):
    """Whole numbers below 2^24 (plugins/accuracy/random_weights.hpp)."""
    with numpy.errstate(over="ignore"):
        start = mix(mix(numpy.array([seed], numpy.uint64)) ^ numpy.uint64(stream))
        counter = numpy.arange(1, (count + 1) // 2 + 1, dtype=numpy.uint64)
        bits = mix(start + numpy.uint64(GOLDEN) * counter)
    halves = numpy.empty(2 * len(bits), numpy.uint64)
    halves[0::2] = bits & numpy.uint64(0xFFFFFFFF)
    halves[1::2] = bits >> numpy.uint64(32)
    return (halves[:count] >> numpy.uint64(8)).astype(numpy.int64)


def make_weights(network, dtype):
    weights = {}
    for index, layer in enumerate(network["layers"]):
        if "weight" in layer:
            shape = layer["weight"]
            fan_in = int(numpy.prod(shape[1:]))
            drawn = draw(int(numpy.prod(shape)), int(network["seed"]), int(layer["key"]))
            bound = (6.0 / fan_in) ** 0.5
            values = bound * (drawn + 0.5 - 2.0**23) / 2.0**23
            weights[index] = torch.from_numpy(values.astype(numpy.float32).reshape(shape)).to(dtype)
    return weights


def make_noise(network, size, batch):
    channels = network["layers"][0]["channels"]
    drawn = draw(channels * batch * size * size, int(network["seed"]), 0x6E6F697365)
    values = ndtri((drawn // 2 + 0.5) / 2.0**23).astype(numpy.float32)
    return torch.from_numpy(values.reshape(channels, batch, size, size)).permute(1, 0, 2, 3).contiguous()


def forward(network, weights, images, normalizes, activate):
    maps = []
    for index, layer in enumerate(network["layers"]):
        operands = [maps[operand] for operand in layer["operands"]]
        kind = layer["kind"]
        if kind == "input":
            result = images
        elif kind == "convolution":
            result = functional.conv2d(operands[0], weights[index], None, layer["stride"], layer["pad"], 1, layer["groups"])
        elif kind == "normalization":
            result = functional.batch_norm(operands[0], None, None, training=True) if normalizes else operands[0]
        elif kind == "relu":
            result = activate(operands[0])
        elif kind == "average_pool":
            result = functional.avg_pool2d(operands[0], layer["kernel"], layer["stride"], layer["pad"])
        elif kind == "global_average_pool":
            result = operands[0].mean((2, 3), keepdim=True)
        elif kind == "fully_connected":
            result = functional.linear(operands[0].flatten(1), weights[index])
        elif kind == "add":
            result = operands[0]
            for operand in operands[1:]:
                result = result + operand
        else:
            raise ValueError(f"layer kind {kind}")
        maps.append(result)
    return maps[-1]


def synflow(network, weights, size):
    for weight in weights.values():
        weight.requires_grad_(True)
    images = torch.ones(1, network["layers"][0]["channels"], size, size, dtype=torch.float64)
    forward(network, weights, images, False, functional.relu).sum().backward()
    with torch.no_grad():
        return sum((weight * weight.grad).abs().sum() for weight in weights.values()).log().item()


def naswot(network, weights, noise):
    batch = noise.shape[0]
    kernel = torch.zeros(batch, batch, dtype=torch.float64)

    def activate(values):
        on = (values > 0).flatten(1).float()
        off = 1 - on
        kernel.add_((on @ on.t() + off @ off.t()).double())
        return functional.relu(values)

    with torch.no_grad():
        forward(network, weights, noise, True, activate)
        return torch.linalg.slogdet(torch.eye(batch, dtype=torch.float64) + kernel)[1].item()


def score_part(networks, proxy, size, batch, threads, barrier, results):
    torch.set_num_threads(threads)
    prepared = []
    for network in networks:
        if proxy == "synflow":
            weights = {index: weight.abs() for index, weight in make_weights(network, torch.float64).items()}
            prepared.append((network, weights, size))
        else:
            prepared.append((network, make_weights(network, torch.float32), make_noise(network, size, batch)))
    score = synflow if proxy == "synflow" else naswot
    barrier.wait()
    start = time.perf_counter()
    scores = [score(*arguments) for arguments in prepared]
    results.put((scores, start, time.perf_counter()))


def main():
    file, proxy, size, batch, processes, threads = sys.argv[1:]
    size, batch, processes, threads = int(size), int(batch), int(processes), int(threads)
    with open(file, encoding="utf-8") as stream:
        networks = json.load(stream)
    context = torch.multiprocessing.get_context("fork")
    barrier = context.Barrier(processes)
    queues = [context.Queue() for _ in range(processes)]
    workers = [
        context.Process(target=score_part, args=(networks[part::processes], proxy, size, batch, threads, barrier, queues[part]))
        for part in range(processes)
    ]
    for worker in workers:
        worker.start()
    parts = [queue.get() for queue in queues]
    for worker in workers:
        worker.join()
    scores = [None] * len(networks)
    for part, (found, _, _) in enumerate(parts):
        scores[part::processes] = found
    seconds = max(end for _, _, end in parts) - min(start for _, start, _ in parts)
    print(json.dumps({"seconds": seconds, "scores": scores}))


if __name__ == "__main__":
    main()
