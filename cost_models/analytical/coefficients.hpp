// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cost_models/analytical/features.hpp"
#include "cost_models/model_file/model_file.hpp"

namespace sotto::analytical {

enum class Role : std::uint8_t { client, server };
inline constexpr std::size_t role_count = 2;

/// Time of one operation: intercept_ms + sum over features of ms_per_unit (value - least), and never less than 0.
struct Fit {
    /// One feature: its slope and the range of values it was fitted over (the ends of the min-max scaling).
    struct Term {
        double ms_per_unit = 0;  ///< 0 or more
        double least = 0;
        double most = 0;

        friend bool operator==(const Term&, const Term&) = default;
    };

    std::int64_t rows = 0;  ///< times it was fitted to; 0: this layer type was not measured
    std::int64_t rows_left_out = 0;
    double intercept_ms = 0;  ///< at the least values of all features; 0 or more
    std::vector<Term> terms;  ///< in the order of LayerTypeInfo::features

    friend bool operator==(const Fit&, const Fit&) = default;
};

/// What the model knows of one engine in one setting. A layer type that was measured has a fit for both roles.
struct Coefficients {
    const Fit& fit(Role role, LayerType type) const { return fits[index(role, type)]; }
    Fit& fit(Role role, LayerType type) { return fits[index(role, type)]; }
    bool has(LayerType type) const { return fit(Role::client, type).rows > 0; }

    std::array<Fit, role_count * layer_type_count> fits;
    /// Standard deviation of the relative error of a whole network's total; nothing where too few networks tell.
    std::optional<double> network_deviation;

    friend bool operator==(const Coefficients&, const Coefficients&) = default;

  private:
    static std::size_t index(Role role, LayerType type) {
        return static_cast<std::size_t>(role) * layer_type_count + static_cast<std::size_t>(type);
    }
};

/// Reads the parameters of a model file of `analytical`. Strict: throws input::InputError, with `name` for the file,
/// for an unknown or missing key, a fit that stands twice or for one role alone, features out of order, a number out of
/// its range, tensors.
Coefficients read_coefficients(const model_file::ModelFile& model, const std::string& name);

/// Fills in what reading takes: model, version, roles, features, parameters, no tensors.
void write_coefficients(const Coefficients& coefficients, model_file::ModelFile& model);

}  // namespace sotto::analytical
