// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "bench/proxy_report/correlations.hpp"

namespace sotto::proxy_report {

/// Members of a space, and their accuracies.
struct TrainedNetworks {
    std::vector<std::string> genomes;
    std::vector<LabelColumn> labels;  ///< a value for each genome; NaN: the field is empty, it was not trained there
};

/// A table with the column `genome` and a label for each column of accuracies: `accuracy`, `accuracy.test`,
/// `accuracy.validation`, `accuracy.table`, and these of a stage (`stage2.accuracy.test`, as in finalists.csv); other
/// columns are passed over, scores of proxies among them. At least one row and one label. Whether a genome is one, its
/// space has to say. Throws input::InputError: file, line, found, expected.
TrainedNetworks read_trained_networks(const std::string& path);
TrainedNetworks parse_trained_networks(std::string_view text, const std::string& file_name);

}  // namespace sotto::proxy_report
