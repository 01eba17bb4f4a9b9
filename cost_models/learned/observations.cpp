// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/observations.hpp"

#include <stdexcept>

#include "cost_models/training/repeated_times.hpp"

namespace sotto::learned {
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
            const training::RepeatedTimes repeated = training::repeated_times(network, position);
            if (repeated.runs > 0) {
                observation.time_ms = {repeated.times.client_ms, repeated.times.server_ms};
                observation.weight = static_cast<double>(repeated.runs);
                is_empty = false;
            }
        }
    }
    if (is_empty) {
        throw std::invalid_argument("found no time to learn from");
    }
    return result;
}

}  // namespace sotto::learned
