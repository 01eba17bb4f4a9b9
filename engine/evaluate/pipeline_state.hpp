// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/evaluate/evaluation_cache.hpp"
#include "engine/evaluate/hash_set.hpp"
#include "engine/evaluate/limits.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/evaluate/stages.hpp"
#include "engine/evaluate/workers.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/secure/lowering.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::evaluate {

struct PipelineState {
    /// A candidate of the wave in work.
    struct Item {
        arch::Network network;
        std::vector<arch::LayerIndex> order;
        bool alive = false;  ///< to be computed, and no stage has decided it yet
        bool done = false;   ///< its evaluation stands
    };

    /// What one worker needs; kept, so that the thousandth candidate allocates little.
    struct Scratch {
        secure::Lowering lowering;
        secure::SecureProgram program;
        std::vector<std::unique_ptr<plugin::CandidateView>> views;
        std::vector<std::size_t> indices;
        std::vector<const plugin::CandidateView*> candidates;
        std::vector<plugin::Score> scores;
    };

    PipelineState(plugin::Registry& registry, PipelineOptions requested);

    std::size_t metric_index(std::string_view name, const input::SourceLocation& location) const;
    void resolve_limits();

    /// What is remembered of a network, in the cache or by the recall function. Not thread-safe.
    bool recall(arch::CanonicalHash hash, Evaluation& evaluation);

    PipelineOptions options;
    Workers workers;
    Stages stages;
    EvaluationCache cache;
    HashSet seen;
    Counters counters;
    std::function<bool(const arch::CanonicalHash&, Evaluation&)> recall_function;
    std::vector<MetricLimit> limits;
    std::size_t first_costly = 0;  ///< stage from which candidates go one by one
    bool lowers = false;           ///< a stage needs the secure program
    std::vector<Scratch> scratch;  ///< by slot
    std::vector<Item> items;       ///< by place in the wave
};

}  // namespace sotto::evaluate
