// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/report.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string_view>

#include "tools/nas-run/aligned_table.hpp"
#include "tools/nas-run/finalists_report.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;
using search::Member;

constexpr std::string_view latency_prefix = "latency.";
constexpr std::string_view milliseconds_suffix = "_ms";

std::optional<std::size_t> find_metric(const Report& report, std::string_view name) {
    for (std::size_t i = 0; i < report.metrics.size(); ++i) {
        if (report.metrics[i].name == name) {
            return i;
        }
    }
    return std::nullopt;
}

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
        const std::string& name = report.metrics[metric].name;
        if (name.starts_with(latency_prefix) && name.ends_with(milliseconds_suffix)) {
            std::string title = name.substr(latency_prefix.size());
            title.resize(title.size() - milliseconds_suffix.size());
            columns.push_back(
                {title + " s", [metric](const Member& member) { return fixed(member.metrics[metric] / 1000, 3); }});
        } else {
            const bool whole = name == "params" || name == "macs" || name == "relus" || name == "comparisons";
            columns.push_back({name, [metric, whole](const Member& member) {
                                   const double value = member.metrics[metric];
                                   return whole ? fixed(value, 0) : significant(value);
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
        show(find_metric(report, name));
    }
    for (const search::Objective& objective : report.configuration.objectives) {
        show(find_metric(report, objective.metric));
    }
    show(find_metric(report, "params"));
    const auto latency = latency_metric(report);
    if (latency && report.baseline) {
        const double baseline = report.baseline->metrics[*latency];
        columns.push_back({"speed-up", [latency, baseline](const Member& member) {
                               return fixed(baseline / member.metrics[*latency], 2) + 'x';
                           }});
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
    const bool is_complete =
        result.ending != search::Ending::stopped &&
        (report.configuration.stages.empty() || (report.halving != nullptr && report.halving->complete));
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
        {"status", is_complete ? "done" : "interrupted"},
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
        {"seconds", result.seconds},
        {"baseline", report.baseline ? metrics_json(report, *report.baseline) : ordered_json(nullptr)},
        {"front", front},
        {"finalist_stages", finalist_stages_json(report)},
        {"finalists", finalists_json(report)}};
    return document.dump() + '\n';
}

std::optional<double> speed_up_at_no_loss(const Report& report) {
    const auto latency = latency_metric(report);
    if (!latency || !report.baseline) {
        return std::nullopt;
    }
    std::optional<double> best;
    for (const Member& member : report.result.front) {
        bool no_loss = true;
        for (const search::Objective& objective : report.configuration.objectives) {
            const std::size_t metric = *find_metric(report, objective.metric);
            no_loss = no_loss && (objective.metric.starts_with(latency_prefix) ||
                                  objective.minimized(member.metrics[metric]) <=
                                      objective.minimized(report.baseline->metrics[metric]));
        }
        if (no_loss) {
            best = std::max(best.value_or(0), report.baseline->metrics[*latency] / member.metrics[*latency]);
        }
    }
    return best;
}

}  // namespace sotto::tools
