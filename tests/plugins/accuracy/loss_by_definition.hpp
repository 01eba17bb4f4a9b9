// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"

namespace sotto::accuracy_test {

/// The mean cross-entropy that the gradient proxies differentiate, in double, from the definitions alone.
class Loss {
  public:
    /// Noise and labels are those of the proxies for this seed. The factor that each square's output has is the one of
    /// the unchanged weights, as the proxies take it for a constant.
    Loss(const FlatNetwork& network, const Weights& weights, std::size_t images, std::uint64_t seed);

    /// For other weights; `change` as in ForwardRules.
    double operator()(const Weights& weights, const ForwardRules& change = {}) const;

    /// The sum of all outputs of all images, for other images and the statistics of the unchanged ones.
    double output_sum(const Weights& weights, const std::vector<double>& images) const;

    /// d loss / d weight, by central differences.
    Weights gradient(Weights weights) const;

    const std::vector<double>& images() const { return images_; }

  private:
    std::vector<double> outputs(const Weights& weights, const std::vector<double>& images, ForwardRules rules) const;

    const FlatNetwork& network_;
    std::size_t count_;
    std::vector<double> images_;
    std::vector<std::size_t> labels_;
    std::vector<double> square_factors_;
    mutable std::vector<std::vector<std::pair<double, double>>> statistics_;
};

}  // namespace sotto::accuracy_test
