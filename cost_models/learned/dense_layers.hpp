// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace sotto::learned {

/// y = x W + b in single precision, for several rows at once. Every sum is taken in the order of the inputs: the result
/// for a row does not depend on what else is computed, which a BLAS does not promise.
struct DenseLayer {
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
