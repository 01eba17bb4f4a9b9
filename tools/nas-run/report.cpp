// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/report.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/displayed_metric.hpp"
#include "tools/nas-run/finalists_report.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;
using search::Member;

std::optional<std::size_t> latency_metric(const Report& report) {
    return search::latency_metric(report.metrics, report.configuration.objectives);
}

struct Column {
    std::string title;
    std::function<std::string(const Member&)> text;
};

std::vector<Column> columns_of(const Report& report) {
    std::vector<Column> columns;
    const auto add_metric = [&](std::size_t metric) {
        const DisplayedMetric shown = displayed_metric(report.metrics, metric);
        if (shown.is_latency) {
            columns.push_back({shown.name.substr(shown.name.find('.') + 1) + ' ' + shown.unit,
                               [shown](const Member& member) { return fixed(shown.of(member), 3); }});
        } else {
            const bool whole =
                shown.name == "params" || shown.name == "macs" || shown.name == "relus" || shown.name == "comparisons";
            columns.push_back({shown.name, [shown, whole](const Member& member) {
                                   return whole ? fixed(shown.of(member), 0) : significant(shown.of(member));
                               }});
        }
    };
    std::vector<std::size_t> shown;
    const auto show = [&](std::optional<std::size_t> metric) {
        if (metric && std::find(shown.begin(), shown.end(), *metric) == shown.end()) {
            shown.push_back(*metric);
            add_metric(*metric);
        }
    };
    for (const char* name : {"latency.client_ms", "latency.server_ms", "latency.total_ms"}) {
        show(find_metric(report.metrics, name));
    }
    for (const search::Objective& objective : report.configuration.objectives) {
        show(find_metric(report.metrics, objective.metric));
    }
    show(find_metric(report.metrics, "params"));
    if (latency_metric(report) && report.baseline) {
        columns.push_back(
            {"speed-up", [&report](const Member& member) { return fixed(*speed_up(report, member), 2) + 'x'; }});
    }
    return columns;
}

}  // namespace

ordered_json metrics_json(const Report& report, const Member& member) {
    ordered_json object = ordered_json::object();
    for (std::size_t i = 0; i < report.metrics.size(); ++i) {
        // JSON has no NaN: what was not computed is null.
        object[report.metrics[i].name] =
            std::isfinite(member.metrics[i]) ? ordered_json(member.metrics[i]) : ordered_json(nullptr);
    }
    return object;
}

std::string to_table(const Report& report) {
    const std::vector<Column> columns = columns_of(report);
    std::vector<std::vector<std::string>> rows(1);
    rows[0].push_back("id");
    for (const Column& column : columns) {
        rows[0].push_back(column.title);
    }
    const auto add_row = [&](const std::string& id, const Member& member) {
        rows.push_back({id});
        for (const Column& column : columns) {
            rows.back().push_back(column.text(member));
        }
    };
    if (report.baseline) {
        add_row("baseline", *report.baseline);
    }
    for (const Member& member : report.result.front) {
        if (report.best.contains(member.id)) {
            add_row(std::to_string(member.id), member);
        }
    }
    const std::string finalists = finalists_table(report);
    return aligned_table(rows) + (finalists.empty() ? "" : '\n' + finalists);
}

std::string to_json(const Report& report) {
    const search::LoopResult& result = report.result;
    ordered_json reference = ordered_json::object();
    for (std::size_t i = 0; i < report.reference.size(); ++i) {
        reference[report.configuration.objectives[i].metric] = report.reference[i];
    }
    ordered_json front = ordered_json::array();
    for (const Member& member : result.front) {
        const auto place = report.best.find(member.id);
        front.push_back({{"id", member.id},
                         {"best", place == report.best.end() ? ordered_json(nullptr) : ordered_json(place->second)},
                         {"metrics", metrics_json(report, member)},
                         {"genome", report.configuration.space.to_text(member.genome)}});
    }
    ordered_json stages = ordered_json::array();
    for (const search::StageWork& stage : result.stages) {
        stages.push_back({{"id", stage.id}, {"candidates", stage.candidates}});
    }
    const ordered_json document = {
        {"run_dir", report.run_directory},
        {"status", is_complete(report) ? "done" : "interrupted"},
        {"strategy", report.configuration.search.strategy},
        {"seed", report.configuration.search.seed},
        {"evaluations", result.evaluations},
        {"distinct", result.distinct},
        {"cache_hits", result.tally.cache_hits},
        {"rejected", result.tally.rejected},
        {"constrained", result.tally.constrained},
        {"unsupported", result.tally.unsupported},
        {"failed", result.tally.failed},
        {"computed", result.computed},
        {"stages", stages},
        {"exhausted", result.ending == search::Ending::space_exhausted},
        {"generations", result.generations},
        {"front_size", result.front.size()},
        {"hypervolume", result.hypervolume},
        {"hypervolume_reference", reference},
        {"seconds", report.seconds},
        {"baseline", report.baseline ? metrics_json(report, *report.baseline) : ordered_json(nullptr)},
        {"front", front},
        {"finalist_stages", finalist_stages_json(report)},
        {"finalists", finalists_json(report)}};
    return document.dump() + '\n';
}

const Member* fastest_at_no_loss(const Report& report) {
    const auto latency = latency_metric(report);
    if (!latency || !report.baseline) {
        return nullptr;
    }
    const Member* fastest = nullptr;
    for (const Member& member : report.result.front) {
        bool no_loss = true;
        for (const search::Objective& objective : report.configuration.objectives) {
            const std::size_t metric = *find_metric(report.metrics, objective.metric);
            no_loss = no_loss && (objective.metric.starts_with("latency.") ||
                                  objective.minimized(member.metrics[metric]) <=
                                      objective.minimized(report.baseline->metrics[metric]));
        }
        if (no_loss && (fastest == nullptr || member.metrics[*latency] < fastest->metrics[*latency])) {
            fastest = &member;
        }
    }
    return fastest;
}

std::optional<double> speed_up(const Report& report, const Member& member) {
    const auto latency = latency_metric(report);
    if (!latency || !report.baseline) {
        return std::nullopt;
    }
    return report.baseline->metrics[*latency] / member.metrics[*latency];
}

bool is_complete(const Report& report) {
    return report.result.ending != search::Ending::stopped &&
           (report.configuration.stages.empty() || (report.halving != nullptr && report.halving->complete));
}

}  // namespace sotto::tools
