// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cassert>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/learned/physical_times.hpp"
#include "cost_models/learned/workload.hpp"

namespace sotto::learned {

/// What the networks see of an operation by itself, the same for all types: two flags, and logarithms log(1 + x) of
/// sizes, protocol counts and the physical own times.
inline constexpr std::size_t operation_input_count = 24;
std::span<const std::string_view> operation_input_names();
void operation_inputs(const OwnWorkload& work, const BothRoles& own_ms, std::span<double> inputs);

/// What the recurrent network sees besides: the layer type, and how the pools stand before and after.
inline constexpr std::size_t place_input_count = layer_type_count + 2 + 8;
std::span<const std::string_view> place_input_names();
/// sees_pool false: everything about the pools is 0 (the ablation).
void place_inputs(const OwnWorkload& work, const Place& place, bool sees_pool, std::span<double> inputs);

/// Brings inputs to mean 0 and deviation 1 over the operations that were trained on, and cuts them off at `limit`
/// deviations: a network must not be asked far outside of what it has seen.
class InputScale {
  public:
    static constexpr float limit = 3;

    InputScale() = default;
    /// Of `rows`, all of one length, at least one. Inputs that do not vary become 0 whatever they are.
    static InputScale of(const std::vector<std::vector<double>>& rows);
    /// From a file: factor is 1 / deviation, or 0.
    InputScale(std::vector<double> mean, std::vector<double> factor);

    std::size_t size() const noexcept { return mean_.size(); }
    const std::vector<double>& mean() const noexcept { return mean_; }
    const std::vector<double>& factor() const noexcept { return factor_; }
    void apply(std::span<const double> inputs, std::span<float> scaled) const noexcept {
        assert(inputs.size() == size());
        apply(0, inputs, scaled);
    }
    /// The same for a part of a row, from its input `first` on.
    void apply(std::size_t first, std::span<const double> inputs, std::span<float> scaled) const noexcept;

  private:
    std::vector<double> mean_;
    std::vector<double> factor_;
};

}  // namespace sotto::learned
