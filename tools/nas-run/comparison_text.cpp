// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "tools/nas-run/comparison.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;
using statistics::Quartiles;

std::string significant(double value, int digits = 6) {
    if (!std::isfinite(value)) {
        return "-";
    }
    char text[64];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

// A group of one run has no spread.
std::string quartiles_text(const Quartiles& value, std::size_t runs) {
    std::string text = significant(value.median);
    if (runs > 1) {
        text += " (" + significant(value.lower, 5) + " .. " + significant(value.upper, 5) + ')';
    }
    return text;
}

using Row = std::vector<std::string>;

// The first column to the left, the others to the right.
std::string aligned(const std::vector<Row>& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], row[i].size());
        }
    }
    std::string text;
    for (const Row& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string padding(widths[i] - row[i].size(), ' ');
            text += i == 0 ? row[i] + padding : "  " + padding + row[i];
        }
        text += '\n';
    }
    return text;
}

std::size_t group_of(const Comparison& comparison, std::size_t run) {
    std::size_t group = 0;
    while (std::ranges::find(comparison.groups[group].runs, run) == comparison.groups[group].runs.end()) {
        ++group;
    }
    return group;
}

std::vector<Row> run_rows(const Comparison& comparison) {
    Row header = {"run", "group", "seed", "state", "evaluations", "distinct", "front", "hypervolume", "seconds"};
    for (const std::string& title : comparison.runs.front().titles) {
        header.push_back("best " + title);
    }
    std::vector<Row> rows = {header};
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const ComparedRun& run = comparison.runs[i];
        Row& row = rows.emplace_back(
            Row{run.directory, std::to_string(group_of(comparison, i) + 1), std::to_string(run.seed),
                run.finished ? "done" : "unfinished", std::to_string(run.evaluations), std::to_string(run.distinct),
                std::to_string(run.front.size()), significant(run.hypervolume), significant(run.seconds, 4)});
        for (const double best : run.best) {
            row.push_back(significant(best));
        }
    }
    return rows;
}

std::vector<Row> group_rows(const Comparison& comparison) {
    Row header = {"group", "runs", "evaluations", "front", "hypervolume", "seconds"};
    for (const std::string& title : comparison.runs.front().titles) {
        header.push_back("best " + title);
    }
    std::vector<Row> rows = {header};
    for (std::size_t i = 0; i < comparison.groups.size(); ++i) {
        const RunGroup& group = comparison.groups[i];
        const std::size_t runs = group.runs.size();
        Row& row =
            rows.emplace_back(Row{std::to_string(i + 1) + ' ' + group.name, std::to_string(runs),
                                  quartiles_text(group.evaluations, runs), quartiles_text(group.front_size, runs),
                                  quartiles_text(group.hypervolume, runs), quartiles_text(group.seconds, runs)});
        for (const Quartiles& best : group.best) {
            row.push_back(quartiles_text(best, runs));
        }
    }
    return rows;
}

std::vector<Row> pair_rows(const Comparison& comparison) {
    std::vector<Row> rows = {{"groups", "U", "p", "A12", "effect"}};
    for (const GroupPair& pair : comparison.pairs) {
        rows.push_back({std::to_string(pair.first + 1) + " against " + std::to_string(pair.second + 1),
                        significant(pair.test.u), significant(pair.test.p_value, 4) + (pair.test.exact ? "" : " ~"),
                        significant(pair.test.a12, 4), statistics::effect_name(pair.test.a12)});
    }
    return rows;
}

ordered_json number(double value) {
    return std::isfinite(value) ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json json_of(const Quartiles& value) {
    return {{"lower", number(value.lower)}, {"median", number(value.median)}, {"upper", number(value.upper)}};
}

ordered_json by_objective(const Comparison& comparison, const std::vector<double>& values) {
    ordered_json object = ordered_json::object();
    for (std::size_t k = 0; k < values.size(); ++k) {
        object[comparison.runs.front().objectives[k].metric] = number(values[k]);
    }
    return object;
}

}  // namespace

std::string to_text(const Comparison& comparison) {
    std::string text = "reference";
    for (std::size_t k = 0; k < comparison.frame.reference.size(); ++k) {
        text += (k == 0 ? " " : ", ") + comparison.runs.front().titles[k] + ' ' +
                significant(comparison.frame.reference[k]);
    }
    text += comparison.shares_baseline ? "\n\n"
                                       : "; the runs have different baselines: the worst reference of all, in units of "
                                         "the first baseline\n\n";
    text += aligned(run_rows(comparison));
    text += "\nmedian (quartiles) over the runs of a group\n" + aligned(group_rows(comparison));
    if (!comparison.pairs.empty()) {
        text += "\nhypervolume: Mann-Whitney U, two-sided p, chance that a run of the first group has more\n" +
                aligned(pair_rows(comparison));
    }
    return text;
}

std::string to_json(const Comparison& comparison) {
    ordered_json runs = ordered_json::array();
    for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
        const ComparedRun& run = comparison.runs[i];
        runs.push_back({{"run_dir", run.directory},
                        {"group", group_of(comparison, i)},
                        {"strategy", run.strategy},
                        {"seed", run.seed},
                        {"finished", run.finished},
                        {"evaluations", run.evaluations},
                        {"distinct", run.distinct},
                        {"front_size", run.front.size()},
                        {"hypervolume", number(run.hypervolume)},
                        {"seconds", run.seconds},
                        {"best", by_objective(comparison, run.best)}});
    }
    ordered_json groups = ordered_json::array();
    for (const RunGroup& group : comparison.groups) {
        ordered_json best = ordered_json::object();
        for (std::size_t k = 0; k < group.best.size(); ++k) {
            best[comparison.runs.front().objectives[k].metric] = json_of(group.best[k]);
        }
        groups.push_back({{"name", group.name},
                          {"runs", group.runs},
                          {"evaluations", json_of(group.evaluations)},
                          {"front_size", json_of(group.front_size)},
                          {"hypervolume", json_of(group.hypervolume)},
                          {"seconds", json_of(group.seconds)},
                          {"best", best}});
    }
    ordered_json pairs = ordered_json::array();
    for (const GroupPair& pair : comparison.pairs) {
        pairs.push_back({{"first", pair.first},
                         {"second", pair.second},
                         {"u", pair.test.u},
                         {"p", pair.test.p_value},
                         {"exact", pair.test.exact},
                         {"a12", pair.test.a12},
                         {"effect", statistics::effect_name(pair.test.a12)}});
    }
    const ordered_json document = {{"hypervolume_reference", by_objective(comparison, comparison.frame.reference)},
                                   {"hypervolume_scale", by_objective(comparison, comparison.frame.scale)},
                                   {"shares_baseline", comparison.shares_baseline},
                                   {"runs", runs},
                                   {"groups", groups},
                                   {"pairs", pairs}};
    return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace sotto::tools
