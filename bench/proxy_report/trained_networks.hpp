// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/proxy_report/correlations.hpp"

namespace sotto::proxy_report {

/// The accuracies of a table of trained networks: a label for each column whose name begins with `accuracy`, a value
/// for each row. Other columns are passed over; the column `genome` is for whoever makes the networks
/// (search::read_genomes). Throws input::InputError: file, line, found, expected.
std::vector<LabelColumn> read_trained_networks(const std::string& path);
std::vector<LabelColumn> parse_trained_networks(std::string_view text, const std::string& file_name);

}  // namespace sotto::proxy_report
