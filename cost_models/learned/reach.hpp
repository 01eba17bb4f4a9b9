// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cost_models/learned/network_inputs.hpp"
#include "cost_models/model_file/model_file.hpp"

namespace sotto::learned {

/// How far the corrections of one layer type may be trusted: what a network says of an operation unlike all that it was
/// trained on is not evidence, and fades with the distance to the nearest one that was.
class Reach {
  public:
    Reach() = default;
    /// Of the operation_inputs of every configuration trained on, at least one. `rows` is scaled by what it gives.
    static Reach of(const std::vector<std::vector<double>>& rows);
    /// From a file: `seen` holds scaled rows one after the other.
    Reach(InputScale scale, std::vector<float> seen, double distance);

    const InputScale& scale() const noexcept { return scale_; }
    const std::vector<float>& seen() const noexcept { return seen_; }
    double distance() const noexcept { return distance_; }

    /// The share of a correction that is applied: 1 / (1 + (d / distance)^2), with d the largest difference in any
    /// scaled input to the nearest configuration that was seen. 1 at one that was, 1/2 at `distance`.
    double share(std::span<const float> scaled) const noexcept;

  private:
    InputScale scale_;
    std::vector<float> seen_;
    double distance_ = 1;
};

/// Tensors of a model file; `prefix` names the layer type.
void write_reach(const std::string& prefix, const Reach& reach, model_file::ModelFile& file);
/// Throws input::InputError of `name`, the file.
Reach read_reach(const std::string& prefix, const model_file::ModelFile& file, const std::string& name);
inline constexpr std::size_t reach_tensor_count = 4;

}  // namespace sotto::learned
