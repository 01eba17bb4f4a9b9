// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/reach.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

#include "cost_models/learned/physical_file.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::learned {
namespace {

constexpr std::size_t width = operation_input_count;
constexpr double least_distance = 0.5;
constexpr double usual_distances = 3;  // to the nearest other one, that a correction reaches

float distance_between(const float* left, const float* right) {
    float largest = 0;
    for (std::size_t i = 0; i < width; ++i) {
        largest = std::max(largest, std::abs(left[i] - right[i]));
    }
    return largest;
}

// `except`: the row that is not looked at.
float nearest(const std::vector<float>& seen, const float* scaled, std::size_t except) {
    float least = std::numeric_limits<float>::infinity();
    for (std::size_t row = 0; row < seen.size() / width; ++row) {
        if (row != except) {
            least = std::min(least, distance_between(seen.data() + row * width, scaled));
        }
    }
    return least;
}

}  // namespace

Reach Reach::of(const std::vector<std::vector<double>>& rows) {
    InputScale scale = InputScale::of(rows);
    std::vector<float> seen(rows.size() * width);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        scale.apply(rows[row], {seen.data() + row * width, width});
    }
    std::vector<float> distances;
    for (std::size_t row = 0; row < rows.size() && rows.size() > 1; ++row) {
        distances.push_back(nearest(seen, seen.data() + row * width, row));
    }
    double usual = 0;
    if (!distances.empty()) {
        const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
        std::nth_element(distances.begin(), middle, distances.end());
        usual = *middle;
    }
    return Reach(std::move(scale), std::move(seen), std::max(usual_distances * usual, least_distance));
}

Reach::Reach(InputScale scale, std::vector<float> seen, double distance)
    : scale_(std::move(scale)), seen_(std::move(seen)), distance_(distance) {
    assert(seen_.size() % width == 0);
}

double Reach::share(std::span<const float> scaled) const noexcept {
    assert(scaled.size() == width);
    const double ratio = static_cast<double>(nearest(seen_, scaled.data(), seen_.size())) / distance_;
    return 1 / (1 + ratio * ratio);
}

void write_reach(const std::string& prefix, const Reach& reach, model_file::ModelFile& file) {
    write_scale(prefix + ".inputs", reach.scale(), file);
    file.tensors.push_back({prefix + ".seen", {reach.seen().size() / width, width}, reach.seen()});
    file.tensors.push_back({prefix + ".reach", {1}, std::vector<double>{reach.distance()}});
}

Reach read_reach(const std::string& prefix, const model_file::ModelFile& file, const std::string& name) {
    InputScale scale = read_scale(prefix + ".inputs", width, file, name);
    const std::string seen = prefix + ".seen";
    const auto found = std::find_if(file.tensors.begin(), file.tensors.end(),
                                    [&](const model_file::Tensor& tensor) { return tensor.name == seen; });
    if (found == file.tensors.end() || found->shape.size() != 2 || found->shape[0] == 0) {
        throw input::InputError({{name, 0, 0}, "tensor '" + seen + "' is missing or empty", "", "rows of inputs", {}});
    }
    const std::vector<float>& rows = model_file::float_tensor(file, seen, {found->shape[0], width}, name);
    const double distance = model_file::double_tensor(file, prefix + ".reach", {1}, name).front();
    if (!(distance > 0)) {
        throw input::InputError({{name, 0, 0},
                                 "tensor '" + prefix + ".reach' has a value out of range",
                                 std::to_string(distance),
                                 "a positive distance",
                                 {}});
    }
    return Reach(std::move(scale), rows, distance);
}

}  // namespace sotto::learned
