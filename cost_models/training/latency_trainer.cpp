// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/latency_trainer.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <vector>

namespace sotto::training {
namespace {

constexpr std::array<Setting, 3> known_settings = {
    {{"local", {std::numeric_limits<double>::infinity(), 0}}, {"lan", {7000, 0.5}}, {"wan", {380, 10}}}};

bool knows(const LatencyModel& model, const sotto_operation& operation) {
    try {
        RoleTimes times;
        model.predict({&operation, 1}, {&times, 1});
        return true;
    } catch (const std::domain_error&) {
        return false;
    }
}

}  // namespace

KnownPart predict_known(const LatencyModel& model, std::span<const sotto_operation> program,
                        std::span<RoleTimes> times) {
    try {
        model.predict(program, times);
        return {std::vector<bool>(program.size(), true), model.total_deviation_ms(program, times)};
    } catch (const std::domain_error&) {
        constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
        std::fill(times.begin(), times.end(), RoleTimes{not_known, not_known});
    }
    KnownPart part;
    std::vector<sotto_operation> known;
    for (const sotto_operation& operation : program) {
        part.is_known.push_back(knows(model, operation));
        if (part.is_known.back()) {
            known.push_back(operation);
        }
    }
    std::vector<RoleTimes> predicted(known.size());
    model.predict(known, predicted);
    for (std::size_t i = 0, next = 0; i < part.is_known.size(); ++i) {
        if (part.is_known[i]) {
            times[i] = predicted[next++];
        }
    }
    part.total_deviation_ms = model.total_deviation_ms(known, predicted);
    return part;
}

std::span<const Setting> settings() {
    return known_settings;
}

const Setting* find_setting(std::string_view name) {
    const auto found = std::find_if(known_settings.begin(), known_settings.end(),
                                    [&](const Setting& setting) { return setting.name == name; });
    return found == known_settings.end() ? nullptr : &*found;
}

}  // namespace sotto::training
