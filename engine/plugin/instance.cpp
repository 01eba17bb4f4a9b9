// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/instance.hpp"

#include <cassert>
#include <cmath>
#include <cstdio>
#include <utility>

#include "engine/plugin/metric_value.hpp"

namespace sotto::plugin {
namespace {

std::string number_text(double value) {
    char buffer[40];
    std::snprintf(buffer, sizeof buffer, "%g", value);
    return buffer;
}

std::string fault_text(double value) {
    if (is_unwritten(value)) {
        return "was not written";
    }
    if (!std::isfinite(value)) {
        return "found " + number_text(value) + ", expected a finite number";
    }
    return "found " + number_text(value) + ", expected 0 or more";
}

bool is_sound(double value, bool non_negative) {
    return std::isfinite(value) && !(non_negative && value < 0);
}

}  // namespace

Instance::Instance(Description description)
    : description_(std::move(description)),
      subject_(to_text(description_.kind) + " '" + description_.id + '\'' +
               (description_.library.empty() ? "" : " (" + description_.library + ')')) {}

std::string Instance::fault_of(std::span<const double> metrics) const {
    assert(metrics.size() == description_.metrics.size());
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        const Metric& metric = description_.metrics[i];
        if (!is_sound(metrics[i], metric.non_negative)) [[unlikely]] {
            return "metric '" + metric.name + "' " + fault_text(metrics[i]);
        }
    }
    return {};
}

void Instance::require_deviations(std::span<const double> deviations) const {
    assert(deviations.size() == description_.metrics.size());
    for (std::size_t i = 0; i < deviations.size(); ++i) {
        if (!is_sound(deviations[i], true)) {
            throw PluginError(subject_ + ": standard deviation of '" + description_.metrics[i].name + "' " +
                              fault_text(deviations[i]));
        }
    }
}

void Instance::fail(Score& score, const std::string& reason) const {
    score.status = Score::Status::failed;
    score.reason = subject_ + ": " + reason;
    score.metrics.clear();
}

}  // namespace sotto::plugin
