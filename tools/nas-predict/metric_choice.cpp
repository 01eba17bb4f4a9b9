// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/metric_choice.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "engine/input/input_error.hpp"

namespace sotto::tools {
namespace {

using input::InputError;
using plugin::Description;
using plugin::Metric;

bool gives(const Description& description, const std::string& name) {
    return std::any_of(description.metrics.begin(), description.metrics.end(),
                       [&](const Metric& metric) { return metric.name == name; });
}

bool is_count(std::span<const Metric> counts, const std::string& name) {
    return std::any_of(counts.begin(), counts.end(), [&](const Metric& metric) { return metric.name == name; });
}

bool is_costly(const Description& description) {
    return description.typical_cost_us > costliest_of_pattern_us;
}

/// Every metric there is, and whether a plug-in that a pattern may run gives it.
std::map<std::string, bool> known_metrics(std::span<const Metric> counts, std::span<const Description> known) {
    std::map<std::string, bool> names;
    for (const Metric& metric : counts) {
        names[metric.name] = true;
    }
    for (const Description& description : known) {
        for (const Metric& metric : description.metrics) {
            names[metric.name] = names[metric.name] || !is_costly(description);
        }
    }
    return names;
}

[[noreturn]] void refuse(const std::string& request, const std::map<std::string, bool>& names) {
    std::vector<std::string_view> list;
    for (const auto& [name, of_pattern] : names) {
        list.push_back(name);
    }
    throw InputError({{},
                      is_pattern(request) ? "--metrics: no metric fits" : "--metrics: nothing gives this metric",
                      '\'' + request + '\'',
                      input::list_names(list) + "; latencies are given by a cost model, --model ID",
                      is_pattern(request) ? std::string() : std::string(input::nearest_name(request, list))});
}

const Description& best_giver(std::span<const Description> known, const std::set<std::string>& missing,
                              const std::set<std::string>& named) {
    const Description* best = nullptr;
    std::size_t most = 0;
    for (const Description& description : known) {
        std::size_t given = 0;
        bool was_named = false;
        for (const Metric& metric : description.metrics) {
            given += missing.count(metric.name);
            was_named = was_named || (missing.count(metric.name) > 0 && named.count(metric.name) > 0);
        }
        const bool allowed = was_named || !is_costly(description);
        const bool better =
            given > most || (given == most && best != nullptr && description.typical_cost_us < best->typical_cost_us);
        if (allowed && given > 0 && better) {
            best = &description;
            most = given;
        }
    }
    return *best;
}

}  // namespace

bool is_pattern(std::string_view request) {
    return request.find('*') != std::string_view::npos;
}

MetricChoice choose_metrics(const std::vector<std::string>& requests, std::span<const Metric> counts,
                            std::span<const Description> known) {
    MetricChoice choice;
    const std::map<std::string, bool> names = known_metrics(counts, known);
    std::vector<std::string> wanted;
    std::set<std::string> named;
    const auto want = [&](const std::string& name) {
        if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) {
            wanted.push_back(name);
        }
    };
    for (const std::string& request : requests) {
        if (!is_pattern(request)) {
            if (names.count(request) == 0) {
                refuse(request, names);
            }
            named.insert(request);
            want(request);
            continue;
        }
        bool fits = false;
        for (const auto& [name, of_pattern] : names) {
            if (::fnmatch(request.c_str(), name.c_str(), FNM_NOESCAPE) != 0) {
                continue;
            }
            fits = true;
            if (of_pattern) {
                want(name);
            } else if (std::find(requests.begin(), requests.end(), name) == requests.end()) {
                choice.notes.push_back("'" + request + "' leaves out " + name +
                                       ", which takes more than 10 s a network: name it to have it");
            }
        }
        if (!fits) {
            refuse(request, names);
        }
    }

    std::set<std::string> missing;
    for (const std::string& name : wanted) {
        if (!is_count(counts, name)) {
            missing.insert(name);
        }
    }
    while (!missing.empty()) {
        const Description& giver = best_giver(known, missing, named);
        choice.plug_ins.push_back(giver);
        for (const Metric& metric : giver.metrics) {
            missing.erase(metric.name);
        }
    }
    for (const std::string& name : wanted) {
        std::size_t giver = choice.plug_ins.size();
        std::span<const Metric> metrics = counts;
        if (!is_count(counts, name)) {
            const auto found = std::find_if(choice.plug_ins.begin(), choice.plug_ins.end(),
                                            [&](const Description& description) { return gives(description, name); });
            giver = static_cast<std::size_t>(found - choice.plug_ins.begin());
            metrics = found->metrics;
        }
        choice.metrics.push_back(
            {*std::find_if(metrics.begin(), metrics.end(), [&](const Metric& metric) { return metric.name == name; }),
             giver});
    }
    return choice;
}

}  // namespace sotto::tools
