// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace sotto::learned {

/// y = x W + b in single precision. Every sum is taken in the order of the inputs, one row at a time: the result for a
/// row does not depend on what else is computed, which a BLAS does not promise.
struct DenseLayer {
    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::vector<float> weights;  ///< [inputs][outputs]
    std::vector<float> bias;     ///< [outputs]

    /// y += x W, without the bias.
    void accumulate(const float* x, float* y) const noexcept {
        for (std::size_t i = 0; i < inputs; ++i) {
            const float factor = x[i];
            const float* const row = weights.data() + i * outputs;
            for (std::size_t o = 0; o < outputs; ++o) {
                y[o] += factor * row[o];
            }
        }
    }
    void apply(const float* x, float* y) const noexcept {
        for (std::size_t o = 0; o < outputs; ++o) {
            y[o] = bias[o];
        }
        accumulate(x, y);
    }
};

inline void rectify(std::span<float> values) noexcept {
    for (float& value : values) {
        value = value > 0 ? value : 0;
    }
}

/// A network's output as a factor on a physical time: exp of the output, kept within exp(-limit) and exp(limit), as far
/// as `share` (0 to 1) lets it.
inline double correction_factor(double output, double limit, double share) noexcept {
    return std::exp(share * limit * std::tanh(output / limit));
}

}  // namespace sotto::learned
