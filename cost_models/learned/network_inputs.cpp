// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/network_inputs.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

namespace sotto::learned {
namespace {

constexpr std::array<std::string_view, operation_input_count> names = {
    "truncates",
    "is homomorphic",
    "log input ciphertexts",
    "log output ciphertexts",
    "log scalar products",
    "log polynomial products",
    "log output elements",
    "log multiplications",
    "log parameters",
    "log parameters that collide in the cache",
    "log parameters that collide severely",
    "log comparisons one after the other",
    "log kernel",
    "log stride",
    "log input channels",
    "log output channels",
    "log input elements",
    "log input area",
    "log elements under all windows",
    "log forward pool draws",
    "log backward pool draws",
    "log bytes",
    "log physical client ms",
    "log physical server ms",
};

constexpr std::array<std::string_view, place_input_count> place_names = {
    "conv",
    "relu",
    "maxpool",
    "avgpool",
    "bn",
    "trunc",
    "fc",
    "follows a linear operation",
    "log weights before",
    "forward pool before",
    "forward pool after",
    "backward pool before",
    "backward pool after",
    "refills",
    "log refills",
    "log first-touched draws",
    "log pools used",
};

constexpr double least_deviation = 1e-6;

}  // namespace

std::span<const std::string_view> operation_input_names() {
    return names;
}

std::span<const std::string_view> place_input_names() {
    return place_names;
}

void operation_inputs(const OwnWorkload& work, const BothRoles& own_ms, std::span<double> inputs) {
    assert(inputs.size() == operation_input_count);
    const protocol::OperationCounts& counts = work.counts;
    const std::array<double, operation_input_count - 2> sizes = {counts.input_ciphertexts,
                                                                 counts.output_ciphertexts,
                                                                 counts.scalar_products,
                                                                 counts.polynomial_products,
                                                                 counts.elements,
                                                                 counts.macs,
                                                                 counts.parameters,
                                                                 counts.cache_conflict_parameters,
                                                                 counts.severe_cache_conflict_parameters,
                                                                 work.comparisons,
                                                                 work.kernel,
                                                                 work.stride,
                                                                 work.input_channels,
                                                                 work.output_channels,
                                                                 work.input_elements,
                                                                 work.input_area,
                                                                 work.gathered_elements,
                                                                 counts.forward_draws,
                                                                 counts.backward_draws,
                                                                 counts.client_sent_bytes + counts.server_sent_bytes,
                                                                 own_ms[0],
                                                                 own_ms[1]};
    inputs[0] = work.truncates ? 1 : 0;
    inputs[1] = work.is_homomorphic ? 1 : 0;
    std::transform(sizes.begin(), sizes.end(), inputs.begin() + 2, [](double size) { return std::log1p(size); });
}

void place_inputs(const OwnWorkload& work, const Place& place, bool sees_pool, std::span<double> inputs) {
    assert(inputs.size() == place_input_count);
    std::fill(inputs.begin(), inputs.end(), 0.0);
    inputs[static_cast<std::size_t>(work.type)] = 1;
    std::size_t next = layer_type_count;
    inputs[next++] = place.follows_linear ? 1 : 0;
    inputs[next++] = std::log1p(place.matrix_before);
    if (!sees_pool) {
        return;
    }
    constexpr double thousandths = 1000;
    for (const double value :
         {place.forward_before, place.forward_after, place.backward_before, place.backward_after,
          std::min(place.refills, 3.0), std::log1p(place.refills), std::log1p(place.first_touch_draws),
          std::log1p(thousandths * (work.forward_use + work.backward_use))}) {
        inputs[next++] = value;
    }
    assert(next == place_input_count);
}

InputScale InputScale::of(const std::vector<std::vector<double>>& rows) {
    assert(!rows.empty());
    const std::size_t count = rows.front().size();
    const auto number = static_cast<double>(rows.size());
    std::vector<double> mean(count, 0);
    std::vector<double> factor(count, 0);
    for (std::size_t i = 0; i < count; ++i) {
        double sum = 0;
        for (const std::vector<double>& row : rows) {
            sum += row[i];
        }
        mean[i] = sum / number;
        double squares = 0;
        for (const std::vector<double>& row : rows) {
            squares += (row[i] - mean[i]) * (row[i] - mean[i]);
        }
        const double deviation = std::sqrt(squares / number);
        factor[i] = deviation > least_deviation ? 1 / deviation : 0;
    }
    return InputScale(std::move(mean), std::move(factor));
}

InputScale::InputScale(std::vector<double> mean, std::vector<double> factor)
    : mean_(std::move(mean)), factor_(std::move(factor)) {
    assert(mean_.size() == factor_.size());
}

void InputScale::apply(std::size_t first, std::span<const double> inputs, std::span<float> scaled) const noexcept {
    assert(first + inputs.size() <= size() && scaled.size() == inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const double centred = inputs[i] - mean_[first + i];
        scaled[i] = std::clamp(static_cast<float>(centred * factor_[first + i]), -limit, limit);
    }
}

}  // namespace sotto::learned
