// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "cost_models/analytical/features.hpp"

namespace sotto::analytical {

/// One role's measured times of one layer type in one setting; entries of the vectors belong together.
struct MeasuredRows {
    std::vector<FeatureValues> features;
    std::vector<double> times_ms;
    std::vector<std::uint32_t> configurations;  ///< equal for rows whose layer has the same sizes; 0 ... count - 1
    std::uint32_t configuration_count = 0;
    std::int64_t left_out = 0;  ///< rows whose time is 0: below the resolution of the clock
};

/// Reads a table of the published measurements in their tidy form (one CSV file per setting, role and layer type, with
/// columns net, run, part, position, sizes, time_ms). Adds the names of its networks to `networks`. Strict: throws
/// input::InputError with line and column for a header that differs, a missing or surplus field, a value that is no
/// whole number or out of range, output sizes that do not follow from the input.
MeasuredRows read_measured_rows(const std::string& path, LayerType type, std::set<std::string>& networks);

/// The same from text.
MeasuredRows parse_measured_rows(const std::string& text, const std::string& file_name, LayerType type,
                                 std::set<std::string>& networks);

}  // namespace sotto::analytical
