// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/displayed_metric.hpp"

#include "engine/run/front_files.hpp"

namespace sotto::tools {
namespace {

constexpr std::string_view latency_prefix = "latency.";
constexpr std::string_view milliseconds_suffix = "_ms";

}  // namespace

std::string DisplayedMetric::title() const {
    return run::column_title(name, unit);
}

DisplayedMetric displayed_metric(std::span<const plugin::Metric> metrics, std::size_t index) {
    const plugin::Metric& metric = metrics[index];
    DisplayedMetric shown{index, metric.name, metric.unit == "1" ? std::string() : metric.unit, 1, false};
    if (metric.name.starts_with(latency_prefix) && metric.name.ends_with(milliseconds_suffix)) {
        shown.name.resize(shown.name.size() - milliseconds_suffix.size());
        shown.unit = "s";
        shown.unit_size = 1000;
        shown.is_latency = true;
    }
    return shown;
}

std::optional<std::size_t> find_metric(std::span<const plugin::Metric> metrics, std::string_view name) {
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        if (metrics[i].name == name) {
            return i;
        }
    }
    return std::nullopt;
}

}  // namespace sotto::tools
