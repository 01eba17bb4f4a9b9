// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "search/statistics/rank_correlation.hpp"
#include "tools/nas-predict/metric_choice.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace sotto::proxy_report {

/// Accuracies of the scored members, in their order.
struct LabelColumn {
    std::string id;        ///< in JSON
    std::string title;     ///< for people
    std::string data_set;  ///< a Label's column: which published figures stand beside it
    std::vector<double> values;
};

/// How a metric ranks the members beside a label.
struct Correlations {
    std::string metric;
    std::string label;  ///< LabelColumn::id
    std::string title;
    std::size_t networks = 0;  ///< that have a score and an accuracy
    statistics::RankCorrelation rho;
    statistics::RankCorrelation tau;
    std::optional<double> published;  ///< absolute Spearman over all networks
};

/// Every metric with every label, label by label. A member without a value is left out of that metric's figures.
std::vector<Correlations> correlate(const tools::MetricChoice& choice,
                                    const std::vector<tools::ScoredCandidate>& scored,
                                    const std::vector<LabelColumn>& labels);

/// A table for each label.
void print(const std::vector<Correlations>& correlations);
nlohmann::ordered_json to_json(const std::vector<Correlations>& correlations);

}  // namespace sotto::proxy_report
