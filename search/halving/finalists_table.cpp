// SPDX-License-Identifier: Apache-2.0
#include "search/halving/finalists_table.hpp"

#include <array>
#include <cinttypes>
#include <cmath>
#include <cstdio>
#include <optional>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/input/csv.hpp"
#include "engine/run/front_files.hpp"
#include "search/loop/result_files.hpp"

namespace sotto::search {
namespace {

void append(std::string& row, const std::string& field) {
    row += row.empty() ? "" : ",";
    row += input::csv_field(field);
}

/// As the names of learning curves and checkpoints have it (docs/trained_accuracy.md).
std::string seed_text(std::uint64_t seed) {
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016" PRIx64, seed);
    return text.data();
}

std::string value_text(double value) {
    return std::isnan(value) ? "" : run::number_text(value);
}

}  // namespace

std::string finalists_csv(const RunConfiguration& configuration, std::span<const plugin::Metric> metrics,
                          const HalvingResult& result, const std::map<std::uint64_t, std::string>& best) {
    const std::vector<std::size_t> columns = column_order(configuration, metrics);
    const std::optional<std::size_t> latency = latency_metric(metrics, configuration.objectives);

    std::string header;
    for (const char* title : {"rank", "id", "stage"}) {
        append(header, title);
    }
    for (std::size_t stage = 0; stage < configuration.stages.size(); ++stage) {
        for (const plugin::Metric& metric : configuration.stages[stage].metrics) {
            append(header, "stage" + std::to_string(stage + 1) + '.' + run::column_title(metric.name, metric.unit));
        }
    }
    append(header, "latency_of_baseline");
    for (const std::size_t column : columns) {
        append(header, run::column_title(metrics[column].name, metrics[column].unit));
    }
    for (const char* title : {"hash", "seed", "best", "reason", "genome"}) {
        append(header, title);
    }

    std::string text = header + '\n';
    const auto add = [&](std::size_t rank, const Finalist& finalist) {
        std::string row = std::to_string(rank);
        append(row, std::to_string(finalist.member.id));
        append(row, std::to_string(finalist.scores.size()));
        for (std::size_t stage = 0; stage < configuration.stages.size(); ++stage) {
            for (std::size_t k = 0; k < configuration.stages[stage].metrics.size(); ++k) {
                const bool is_known = stage < finalist.scores.size() && k < finalist.scores[stage].metrics.size();
                append(row, is_known ? value_text(finalist.scores[stage].metrics[k]) : "");
            }
        }
        const bool is_comparable = latency && result.baseline;
        append(row, is_comparable
                        ? value_text(finalist.member.metrics[*latency] / result.baseline->member.metrics[*latency])
                        : "");
        for (const std::size_t column : columns) {
            append(row, value_text(finalist.member.metrics[column]));
        }
        append(row, to_text(finalist.hash));
        append(row, seed_text(evaluate::candidate_seed(configuration.search.seed, finalist.hash)));
        const auto place = best.find(finalist.member.id);
        append(row, place == best.end() ? "" : place->second);
        append(row, finalist.scores.empty() ? "" : finalist.scores.back().reason);
        append(row, configuration.space.to_text(finalist.member.genome));
        text += row + '\n';
    };
    if (result.baseline) {
        add(0, *result.baseline);
    }
    for (std::size_t i = 0; i < result.finalists.size(); ++i) {
        add(i + 1, result.finalists[i]);
    }
    return text;
}

}  // namespace sotto::search
