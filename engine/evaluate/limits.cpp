// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/limits.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace sotto::evaluate {
namespace {

double relative_excess(double excess, double limit) {
    return limit == 0 ? excess : excess / std::abs(limit);
}

}  // namespace

std::string readable_number(double value) {
    std::array<char, 64> buffer;
    if (std::abs(value) >= 1e15 || value != std::floor(value)) {
        const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
        return {buffer.data(), end};
    }
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<long long>(std::abs(value))).ptr;
    std::string text;
    for (const char* digit = buffer.data(); digit != end; ++digit) {
        if (digit != buffer.data() && (end - digit) % 3 == 0) {
            text += ',';
        }
        text += *digit;
    }
    return value < 0 ? '-' + text : text;
}

bool breaks_limits(std::span<const MetricLimit> limits, std::span<const plugin::Metric> metrics, std::size_t begin,
                   std::size_t end, Evaluation& evaluation) {
    bool broken = false;
    const auto note = [&](const MetricLimit& limit, const char* relation, double bound, double excess) {
        evaluation.reason += broken ? "; " : "";
        evaluation.reason += metrics[limit.metric].name + ' ' + readable_number(evaluation.metrics[limit.metric]) +
                             relation + readable_number(bound);
        evaluation.constraint_violation += relative_excess(excess, bound);
        broken = true;
    };
    for (const MetricLimit& limit : limits) {
        if (limit.metric < begin || limit.metric >= end) {
            continue;
        }
        const double value = evaluation.metrics[limit.metric];
        if (limit.most && value > *limit.most) {
            note(limit, " is over the limit ", *limit.most, value - *limit.most);
        }
        if (limit.least && value < *limit.least) {
            note(limit, " is under the limit ", *limit.least, *limit.least - value);
        }
    }
    if (broken) {
        evaluation.status = Evaluation::Status::constrained;
    }
    return broken;
}

}  // namespace sotto::evaluate
