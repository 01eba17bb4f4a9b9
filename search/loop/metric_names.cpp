// SPDX-License-Identifier: Apache-2.0
#include "search/loop/metric_names.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sotto::search {

MetricNames::MetricNames() {
    for (const char* name : {"params", "macs", "relus", "comparisons"}) {
        add(name, plugin::Direction::minimize);
    }
}

void MetricNames::add_plugin(const plugin::Description& plugin, const input::SourceLocation& place) {
    for (const plugin::Metric& metric : plugin.metrics) {
        if (index_of(metric.name) != names_.size()) {
            throw input::InputError({place,
                                     "two sources of one metric",
                                     '\'' + metric.name + "' of '" + plugin.id + '\'',
                                     "each metric once",
                                     {}});
        }
        add(metric.name, metric.direction);
    }
}

plugin::Direction MetricNames::direction(const std::string& name, const input::SourceLocation& place) const {
    const std::size_t index = index_of(name);
    if (index == names_.size()) {
        const std::vector<std::string_view> views(names_.begin(), names_.end());
        throw input::InputError({place, "unknown metric", '\'' + name + '\'', input::list_names(views),
                                 std::string(input::nearest_name(name, views))});
    }
    return directions_[index];
}

void MetricNames::add(std::string name, plugin::Direction direction) {
    names_.push_back(std::move(name));
    directions_.push_back(direction);
}

std::size_t MetricNames::index_of(const std::string& name) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), name) - names_.begin());
}

}  // namespace sotto::search
