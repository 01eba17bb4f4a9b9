// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/comparison.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "engine/input/input_error.hpp"

namespace sotto::tools {
namespace {

constexpr std::size_t curve_points = 200;

std::string objectives_text(const ComparedRun& run) {
    std::string text;
    for (const search::Objective& objective : run.objectives) {
        text += (text.empty() ? "" : ", ") + std::string(to_text(objective.goal)) + ' ' + objective.metric;
    }
    return text;
}

void require_same_objectives(const std::vector<ComparedRun>& runs) {
    const std::string expected = objectives_text(runs.front());
    for (const ComparedRun& run : runs) {
        const std::string found = objectives_text(run);
        if (found != expected) {
            throw input::InputError(
                {{run.directory, 0, 0}, "has other objectives than " + runs.front().directory, found, expected, {}});
        }
    }
}

CommonFrame common_frame(const std::vector<ComparedRun>& runs) {
    CommonFrame frame;
    frame.reference = runs.front().reference;
    std::uint64_t longest = 1;
    for (const ComparedRun& run : runs) {
        for (std::size_t k = 0; k < frame.reference.size(); ++k) {
            const search::Objective& objective = run.objectives[k];
            frame.reference[k] = objective.minimized(
                std::max(objective.minimized(frame.reference[k]), objective.minimized(run.reference[k])));
        }
        longest = std::max(longest, run.evaluations);
    }
    const auto with_baseline =
        std::find_if(runs.begin(), runs.end(), [](const ComparedRun& run) { return run.baseline.has_value(); });
    frame.scale = with_baseline == runs.end() ? std::vector<double>(frame.reference.size(), 1)
                                              : search::hypervolume_scale(*with_baseline->baseline);
    for (std::size_t i = 1; i <= curve_points; ++i) {
        const std::uint64_t evaluations = (longest * i + curve_points - 1) / curve_points;
        if (frame.checkpoints.empty() || frame.checkpoints.back() < evaluations) {
            frame.checkpoints.push_back(evaluations);
        }
    }
    return frame;
}

// What tells groups apart: the settings that are not the same in all of them, those of the space as one.
std::string name_of(const ComparedRun& run, const std::vector<ComparedRun>& runs) {
    std::set<std::string> differing;
    for (const ComparedRun& other : runs) {
        for (const auto& [key, value] : run.settings) {
            const auto found = other.settings.find(key);
            if (found == other.settings.end() || found->second != value) {
                differing.insert(key);
            }
        }
        for (const auto& [key, value] : other.settings) {
            if (run.settings.count(key) == 0) {
                differing.insert(key);
            }
        }
    }
    std::string name;
    const auto add = [&](const std::string& part) { name += (name.empty() ? "" : ", ") + part; };
    bool names_space = false;
    bool names_initial = false;
    for (const std::string& key : differing) {
        if (key.rfind("space.", 0) == 0) {
            if (!std::exchange(names_space, true)) {
                add("space " + run.space);
            }
        } else if (key.rfind("search.initial", 0) == 0) {
            if (!std::exchange(names_initial, true)) {
                add(run.settings.count("search.initial[0].genome") == 0 ? "no initial" : "initial");
            }
        } else {
            const auto found = run.settings.find(key);
            const std::string value = found == run.settings.end() ? "none" : found->second;
            add((key.rfind("search.", 0) == 0 ? key.substr(7) : key) + ' ' + value);
        }
    }
    return name.empty() ? "strategy " + run.strategy : name;
}

std::vector<RunGroup> group(const std::vector<ComparedRun>& runs) {
    std::vector<RunGroup> groups;
    std::map<std::map<std::string, std::string>, std::size_t> known;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const auto [place, is_new] = known.try_emplace(runs[i].settings, groups.size());
        if (is_new) {
            groups.emplace_back().name = name_of(runs[i], runs);
        }
        groups[place->second].runs.push_back(i);
    }
    // Settings that a name does not spell out, such as those of two spaces of one name.
    std::map<std::string, int> uses;
    for (RunGroup& each : groups) {
        if (const int use = ++uses[each.name]; use > 1) {
            each.name += " #" + std::to_string(use);
        }
    }
    return groups;
}

void summarise(RunGroup& group, const std::vector<ComparedRun>& runs, const CommonFrame& frame) {
    const auto quartiles_of = [&](auto&& value) {
        std::vector<double> values;
        for (const std::size_t i : group.runs) {
            values.push_back(static_cast<double>(value(runs[i])));
        }
        return statistics::quartiles(values);
    };
    group.hypervolume = quartiles_of([](const ComparedRun& run) { return run.hypervolume; });
    group.front_size = quartiles_of([](const ComparedRun& run) { return run.front.size(); });
    group.evaluations = quartiles_of([](const ComparedRun& run) { return run.evaluations; });
    group.seconds = quartiles_of([](const ComparedRun& run) { return run.seconds; });
    for (std::size_t k = 0; k < frame.reference.size(); ++k) {
        group.best.push_back(quartiles_of([&](const ComparedRun& run) { return run.best[k]; }));
    }
    // Runs of a group are sampled at the same checkpoints, each as far as it went.
    std::size_t points = runs[group.runs.front()].curve.size();
    for (const std::size_t i : group.runs) {
        points = std::min(points, runs[i].curve.size());
    }
    for (std::size_t at = 0; at < points; ++at) {
        const std::uint64_t evaluations = runs[group.runs.front()].curve[at].evaluations;
        const bool is_shared = std::all_of(group.runs.begin(), group.runs.end(),
                                           [&](std::size_t i) { return runs[i].curve[at].evaluations == evaluations; });
        if (is_shared) {
            group.curve.push_back(
                {evaluations, quartiles_of([&](const ComparedRun& run) { return run.curve[at].hypervolume; })});
        }
    }
}

std::vector<double> hypervolumes(const RunGroup& group, const std::vector<ComparedRun>& runs) {
    std::vector<double> values;
    for (const std::size_t i : group.runs) {
        values.push_back(runs[i].hypervolume);
    }
    return values;
}

}  // namespace

Comparison compare(const std::vector<std::string>& directories) {
    Comparison comparison;
    for (const std::string& directory : directories) {
        comparison.runs.push_back(read_compared_run(directory));
    }
    require_same_objectives(comparison.runs);
    comparison.frame = common_frame(comparison.runs);
    for (ComparedRun& run : comparison.runs) {
        trace(run, comparison.frame);
        comparison.shares_baseline = comparison.shares_baseline && run.reference == comparison.runs.front().reference &&
                                     run.baseline == comparison.runs.front().baseline;
    }
    comparison.groups = group(comparison.runs);
    for (RunGroup& each : comparison.groups) {
        summarise(each, comparison.runs, comparison.frame);
    }
    for (std::size_t first = 0; first < comparison.groups.size(); ++first) {
        for (std::size_t second = first + 1; second < comparison.groups.size(); ++second) {
            comparison.pairs.push_back(
                {first, second,
                 statistics::rank_test(hypervolumes(comparison.groups[first], comparison.runs),
                                       hypervolumes(comparison.groups[second], comparison.runs))});
        }
    }
    return comparison;
}

}  // namespace sotto::tools
