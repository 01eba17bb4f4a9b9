// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/observations.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace sotto::learned {
namespace {

constexpr std::size_t few_runs = 8;

double trimmed_mean(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t cut = values.size() / 10;
    double sum = 0;
    for (std::size_t i = cut; i < values.size() - cut; ++i) {
        sum += values[i];
    }
    return sum / static_cast<double>(values.size() - 2 * cut);
}

void add_times(const training::MeasuredNetwork& network, std::size_t position, Observation& observation) {
    std::vector<training::RoleTimes> known;
    for (const std::vector<training::RoleTimes>& run : network.runs) {
        if (!std::isnan(run[position].client_ms) && !std::isnan(run[position].server_ms)) {
            known.push_back(run[position]);
        }
    }
    if (known.empty()) {
        return;
    }
    observation.weight = static_cast<double>(known.size());
    if (network.runs.size() < few_runs) {
        const auto fastest = std::min_element(known.begin(), known.end(), [](const auto& left, const auto& right) {
            return std::max(left.client_ms, left.server_ms) < std::max(right.client_ms, right.server_ms);
        });
        observation.time_ms = {fastest->client_ms, fastest->server_ms};
        return;
    }
    for (std::size_t role = 0; role < observation.time_ms.size(); ++role) {
        std::vector<double> values;
        values.reserve(known.size());
        for (const training::RoleTimes& times : known) {
            values.push_back(times.of(static_cast<training::Role>(role)));
        }
        observation.time_ms[role] = trimmed_mean(std::move(values));
    }
}

}  // namespace

Observations observe(const protocol::EngineProfile& profile, const training::TrainingSet& set) {
    Observations result;
    bool is_empty = true;
    for (const training::MeasuredNetwork& network : set) {
        std::vector<Observation>& observed = result.emplace_back();
        const std::vector<Workload> work = workloads(profile, network.operations);
        for (std::size_t position = 0; position < work.size(); ++position) {
            Observation& observation = observed.emplace_back();
            observation.work = work[position];
            observation.key = operation_key(network.operations[position]);
            add_times(network, position, observation);
            is_empty = is_empty && observation.weight == 0;
        }
    }
    if (is_empty) {
        throw std::invalid_argument("found no time to learn from");
    }
    return result;
}

}  // namespace sotto::learned
