// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/finalists_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/stage_shortfalls.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;
using search::Finalist;

// Calls each(rank, finalist): 0 and the baseline, then 1, 2, ... and the finalists.
template <typename Each>
void for_each_row(const search::HalvingResult& result, Each&& each) {
    if (result.baseline) {
        each(std::size_t{0}, *result.baseline);
    }
    for (std::size_t i = 0; i < result.finalists.size(); ++i) {
        each(i + 1, result.finalists[i]);
    }
}

// Every metric that a stage gives, once.
std::vector<std::string> stage_metrics(const search::RunConfiguration& configuration) {
    std::vector<std::string> names;
    for (const search::HalvingStage& stage : configuration.stages) {
        for (const plugin::Metric& metric : stage.metrics) {
            if (std::find(names.begin(), names.end(), metric.name) == names.end()) {
                names.push_back(metric.name);
            }
        }
    }
    return names;
}

// As the last stage that gave it says; NaN where none did.
double latest(const search::RunConfiguration& configuration, const Finalist& finalist, const std::string& metric) {
    double value = std::numeric_limits<double>::quiet_NaN();
    for (std::size_t stage = 0; stage < finalist.scores.size(); ++stage) {
        const std::vector<double>& found = finalist.scores[stage].metrics;
        for (std::size_t k = 0; k < found.size(); ++k) {
            if (configuration.stages[stage].metrics[k].name == metric) {
                value = found[k];
            }
        }
    }
    return value;
}

ordered_json number_json(double value) {
    return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json scores_json(const search::RunConfiguration& configuration, const Finalist& finalist) {
    ordered_json scores = ordered_json::array();
    for (std::size_t stage = 0; stage < finalist.scores.size(); ++stage) {
        const evaluate::Evaluation& score = finalist.scores[stage];
        ordered_json metrics = ordered_json::object();
        for (std::size_t k = 0; k < score.metrics.size(); ++k) {
            metrics[configuration.stages[stage].metrics[k].name] = number_json(score.metrics[k]);
        }
        scores.push_back({{"stage", stage + 1},
                          {"id", configuration.stages[stage].plugin.id},
                          {"status", std::string(evaluate::to_text(score.status))},
                          {"reason", score.reason},
                          {"metrics", metrics}});
    }
    return scores;
}

}  // namespace

std::vector<std::vector<std::string>> finalists_rows(const Report& report) {
    if (report.halving == nullptr) {
        return {};
    }
    const auto latency = search::latency_metric(report.metrics, report.configuration.objectives);
    const bool has_baseline = report.halving->baseline.has_value();
    const std::vector<std::string> metrics = stage_metrics(report.configuration);
    std::vector<std::vector<std::string>> rows = {{"rank", "id", "stage"}};
    if (latency) {
        rows[0].emplace_back("latency s");
    }
    rows[0].insert(rows[0].end(), metrics.begin(), metrics.end());
    if (latency && has_baseline) {
        rows[0].emplace_back("speed-up");
    }
    for_each_row(*report.halving, [&](std::size_t rank, const Finalist& finalist) {
        std::vector<std::string>& row = rows.emplace_back(
            std::vector<std::string>{rank == 0 ? "baseline" : std::to_string(rank), std::to_string(finalist.member.id),
                                     std::to_string(finalist.scores.size())});
        if (latency) {
            row.push_back(fixed(finalist.member.metrics[*latency] / 1000, 3));
        }
        for (const std::string& metric : metrics) {
            row.push_back(significant(latest(report.configuration, finalist, metric)));
        }
        if (latency && has_baseline) {
            row.push_back(
                fixed(report.halving->baseline->member.metrics[*latency] / finalist.member.metrics[*latency], 2) + 'x');
        }
    });
    return rows;
}

std::string finalists_table(const Report& report) {
    return aligned_table(finalists_rows(report));
}

ordered_json finalists_json(const Report& report) {
    ordered_json list = ordered_json::array();
    if (report.halving == nullptr) {
        return list;
    }
    const auto latency = search::latency_metric(report.metrics, report.configuration.objectives);
    for_each_row(*report.halving, [&](std::size_t rank, const Finalist& finalist) {
        const std::optional<Finalist>& baseline = report.halving->baseline;
        const double share = latency && baseline
                                 ? finalist.member.metrics[*latency] / baseline->member.metrics[*latency]
                                 : std::numeric_limits<double>::quiet_NaN();
        list.push_back({{"rank", rank},
                        {"id", finalist.member.id},
                        {"latency_of_baseline", number_json(share)},
                        {"stages", scores_json(report.configuration, finalist)},
                        {"metrics", metrics_json(report, finalist.member)},
                        {"hash", to_text(finalist.hash)},
                        {"genome", report.configuration.space.to_text(finalist.member.genome)}});
    });
    return list;
}

ordered_json finalist_stages_json(const Report& report) {
    ordered_json list = ordered_json::array();
    if (report.halving != nullptr) {
        for (std::size_t stage = 0; stage < report.halving->computed.size(); ++stage) {
            const StageShortfalls shortfalls = stage_shortfalls(*report.halving, stage);
            list.push_back({{"id", report.configuration.stages[stage].plugin.id},
                            {"by", report.configuration.stages[stage].by},
                            {"computed", report.halving->computed[stage]},
                            {"unsupported", shortfalls.unsupported},
                            {"failed", shortfalls.failed}});
        }
    }
    return list;
}

}  // namespace sotto::tools
