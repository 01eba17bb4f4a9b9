// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto::accuracy {

/// Which units of a network are on for each image of a batch, compared for every pair of images:
/// K[i][j] = sum over units of weight x (1 where the unit is in the same state for i and j, else 0).
/// With weight 1 that is N - hamming(code i, code j), the kernel of Mellor et al. The counts are exact.
class ActivationCodes {
  public:
    explicit ActivationCodes(std::size_t images);

    /// The units of one layer before its activation, values[channel][image][position]; on: value > 0.
    void add(std::span<const float> values, std::size_t positions, double weight);

    /// Weighted number of units; 0 where no layer was added.
    double units() const noexcept { return units_; }
    /// K, row by row.
    const std::vector<double>& kernel() const noexcept { return kernel_; }
    /// ln det(I + K). 0 without units, positive with any.
    double log_determinant() const;

  private:
    std::size_t images_;
    double units_ = 0;
    std::vector<double> kernel_;
    std::vector<std::vector<std::uint64_t>> bits_;
};

}  // namespace sotto::accuracy
