// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/dense_layers.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace sotto::learned {
namespace {

// Four outputs of one row: every processor that is supported has registers of this size.
using Lanes = float __attribute__((vector_size(16)));
constexpr std::size_t lane_count = 4;

Lanes load(const float* from) noexcept {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

void store(const Lanes& lanes, float* to) noexcept {
    std::memcpy(to, &lanes, sizeof lanes);
}

struct Task {
    const float* x;  // of the first row
    const float* weights;
    float* y;
    std::size_t inputs;
    std::size_t outputs;
};

// Sums of Rows x (Vectors * 4) outputs stay in registers while the inputs go by: weights are loaded once for all rows.
template <std::size_t Rows, std::size_t Vectors>
void add_lanes(const Task& task, std::size_t output) noexcept {
    Lanes sums[Rows][Vectors];
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t v = 0; v < Vectors; ++v) {
            sums[r][v] = load(task.y + r * task.outputs + output + v * lane_count);
        }
    }
    const float* weights = task.weights + output;
    for (std::size_t i = 0; i < task.inputs; ++i, weights += task.outputs) {
        for (std::size_t v = 0; v < Vectors; ++v) {
            const Lanes of_input = load(weights + v * lane_count);
            for (std::size_t r = 0; r < Rows; ++r) {
                sums[r][v] += task.x[r * task.inputs + i] * of_input;
            }
        }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
        for (std::size_t v = 0; v < Vectors; ++v) {
            store(sums[r][v], task.y + r * task.outputs + output + v * lane_count);
        }
    }
}

template <std::size_t Rows>
void add_one(const Task& task, std::size_t output) noexcept {
    float sums[Rows];
    for (std::size_t r = 0; r < Rows; ++r) {
        sums[r] = task.y[r * task.outputs + output];
    }
    const float* weight = task.weights + output;
    for (std::size_t i = 0; i < task.inputs; ++i, weight += task.outputs) {
        for (std::size_t r = 0; r < Rows; ++r) {
            sums[r] += task.x[r * task.inputs + i] * *weight;
        }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
        task.y[r * task.outputs + output] = sums[r];
    }
}

template <std::size_t Rows>
void add_rows(const Task& task) noexcept {
    std::size_t output = 0;
    for (; output + 2 * lane_count <= task.outputs; output += 2 * lane_count) {
        add_lanes<Rows, 2>(task, output);
    }
    for (; output + lane_count <= task.outputs; output += lane_count) {
        add_lanes<Rows, 1>(task, output);
    }
    for (; output < task.outputs; ++output) {
        add_one<Rows>(task, output);
    }
}

}  // namespace

void DenseLayer::accumulate(std::size_t rows, const float* x, float* y, std::size_t first,
                            std::size_t count) const noexcept {
    assert(first + count <= inputs);
    Task task = {x, weights.data() + first * outputs, y, count, outputs};
    const auto advance = [&](std::size_t done) {
        task.x += done * count;
        task.y += done * outputs;
        rows -= done;
    };
    while (rows >= 4) {
        add_rows<4>(task);
        advance(4);
    }
    if (rows >= 2) {
        add_rows<2>(task);
        advance(2);
    }
    if (rows == 1) {
        add_rows<1>(task);
    }
}

void DenseLayer::set_bias(std::size_t rows, float* y) const noexcept {
    for (std::size_t row = 0; row < rows; ++row) {
        std::copy(bias.begin(), bias.end(), y + row * outputs);
    }
}

}  // namespace sotto::learned
