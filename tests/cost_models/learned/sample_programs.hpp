// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sotto/plugin.h"

#include "cost_models/protocol/engine_profile.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::sample {

sotto_operation convolution(std::int32_t channels, std::int32_t size, std::int32_t filters, std::int32_t kernel);
sotto_operation relu(std::int64_t elements, bool truncates = true);
sotto_operation max_pool(std::int32_t channels, std::int32_t size);
sotto_operation average_pool(std::int32_t channels, std::int32_t size);
sotto_operation truncation(std::int64_t elements);
sotto_operation normalization(std::int32_t channels, std::int32_t size);
sotto_operation fully_connected(std::int32_t inputs, std::int32_t outputs);

const protocol::EngineProfile& engine();

/// Networks of a dozen operations of every layer type, sizes drawn from `seed`.
std::vector<std::vector<sotto_operation>> programs(std::uint64_t seed, std::size_t count);

/// Times of `programs`, all runs alike: what `times` gives for (program, position).
template <typename Times>
training::TrainingSet training_set(const std::vector<std::vector<sotto_operation>>& programs, std::size_t runs,
                                   Times&& times) {
    training::TrainingSet set;
    for (std::size_t n = 0; n < programs.size(); ++n) {
        std::vector<training::RoleTimes> run;
        for (std::size_t i = 0; i < programs[n].size(); ++i) {
            run.push_back(times(programs[n], i));
        }
        set.push_back(
            {"network" + std::to_string(n), programs[n], std::vector<std::vector<training::RoleTimes>>(runs, run)});
    }
    return set;
}

}  // namespace sotto::sample
