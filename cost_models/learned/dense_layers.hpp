// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace sotto::learned {

/// y = x W + b in single precision, for several rows at once. Every sum is taken in the order of the inputs: the result
/// for a row does not depend on what else is computed, which a BLAS does not promise.
struct DenseLayer {
    static constexpr float largest_weight = 1e15F;  ///< of a file's weights and biases, to either side

    std::size_t inputs = 0;
    std::size_t outputs = 0;
    std::vector<float> weights;  ///< [inputs][outputs]
    std::vector<float> bias;     ///< [outputs]

    /// y += x W, without the bias; x: [rows][inputs], y: [rows][outputs].
    void accumulate(std::size_t rows, const float* x, float* y) const noexcept { accumulate(rows, x, y, 0, inputs); }
    /// The same of `count` inputs from `first` on, all that x has: [rows][count]. Going on with the next inputs gives
    /// the same bits as taking all at once.
    void accumulate(std::size_t rows, const float* x, float* y, std::size_t first, std::size_t count) const noexcept;
    void apply(std::size_t rows, const float* x, float* y) const noexcept {
        set_bias(rows, y);
        accumulate(rows, x, y);
    }
    void set_bias(std::size_t rows, float* y) const noexcept;
};

/// Between 0 and 1e18, so that no sum of the next layer overflows (512 x 1e18 x DenseLayer::largest_weight).
inline void rectify(std::span<float> values) noexcept {
    constexpr float largest = 1e18F;
    for (float& value : values) {
        value = std::min(value > 0 ? value : 0, largest);
    }
}

/// A network's output as a factor on a physical time: exp of the output, kept within exp(-limit) and exp(limit), as far
/// as `share` (0 to 1) lets it.
inline double correction_factor(double output, double limit, double share) noexcept {
    return std::exp(share * limit * std::tanh(output / limit));
}

}  // namespace sotto::learned
