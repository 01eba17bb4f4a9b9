// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/analytical/features.hpp"

namespace sotto::analytical {

/// Where the two parties stand: one machine, LAN (7 Gbit/s, 0.5 ms round trip), WAN (380 Mbit/s, 10 ms).
enum class Setting : std::uint8_t { local, lan, wan };
enum class Role : std::uint8_t { client, server };
inline constexpr std::size_t setting_count = 3;
inline constexpr std::size_t role_count = 2;

std::span<const std::string_view> setting_names();
std::span<const std::string_view> role_names();

/// Of a prediction against measured times.
struct Errors {
    double r2 = 0;
    double mae_ms = 0;  ///< mean absolute error of one operation

    friend bool operator==(const Errors&, const Errors&) = default;
};

/// Time of one operation: intercept_ms + sum over features of ms_per_unit (value - least), and never less than 0.
struct Fit {
    /// One feature: its slope and the range of values it was fitted over (the ends of the min-max scaling).
    struct Term {
        double ms_per_unit = 0;  ///< 0 or more
        double least = 0;
        double most = 0;

        friend bool operator==(const Term&, const Term&) = default;
    };

    std::int64_t rows = 0;
    std::int64_t rows_left_out = 0;
    double intercept_ms = 0;  ///< at the least values of all features; 0 or more
    std::vector<Term> terms;  ///< in the order of LayerTypeInfo::features
    Errors in_sample;
    Errors shuffled_rows;          ///< cross-validated as published: rows of a test configuration were seen in training
    Errors unseen_configurations;  ///< cross-validated with all rows of a configuration on one side

    friend bool operator==(const Fit&, const Fit&) = default;
};

/// One coefficient file: a fit for every setting, role and layer type.
struct Coefficients {
    const Fit& fit(Setting setting, Role role, LayerType type) const {
        return fits[(static_cast<std::size_t>(setting) * role_count + static_cast<std::size_t>(role)) *
                        layer_type_count +
                    static_cast<std::size_t>(type)];
    }
    Fit& fit(Setting setting, Role role, LayerType type) {
        return const_cast<Fit&>(static_cast<const Coefficients&>(*this).fit(setting, role, type));
    }

    std::array<Fit, setting_count * role_count * layer_type_count> fits;
};

/// Reads a coefficient file (docs/cost_models.md). Strict: throws input::InputError with line, found, expected and
/// nearest name for anything that is not JSON, an unknown or missing key, a fit that is missing or stands twice,
/// features out of order, a number out of its range.
Coefficients parse_coefficients(const std::string& text, const std::string& file_name);
Coefficients read_coefficients(const std::string& path);

/// The text of the file that ships, cost_models/pretrained/analytical.json, as it was when the program was built.
std::string_view shipped_coefficients_text();

/// The JSON form; parse_coefficients of it gives the same coefficients.
std::string to_json(const Coefficients& coefficients);

}  // namespace sotto::analytical
