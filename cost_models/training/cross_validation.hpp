// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::training {

/// What is held out together.
enum class Split : std::uint8_t {
    rows,  ///< single rows, shuffled, as published: a held-out row's configuration is in the training rows too
    configurations,  ///< all rows of a layer configuration (same kind, sizes and options)
    networks,        ///< one network at a time
};

/// The fold of every time: [network][run][position], 0 ... fold_count - 1.
struct Folds {
    std::uint32_t fold_count = 0;
    std::vector<std::vector<std::vector<std::uint32_t>>> fold_of;
};

/// Deals a set into folds: a function of the set's programs and the seed alone, never of its times. `rows` and
/// `configurations` deal each layer type by itself, so that every fold has its share of each; `networks` makes a fold
/// of every network and takes no count.
Folds deal(const TrainingSet& set, Split split, std::uint32_t fold_count, std::uint64_t seed);

/// The set as a trainer may see it: times of `fold` are NaN.
TrainingSet without_fold(const TrainingSet& set, const Folds& folds, std::uint32_t fold);

/// One held-out time beside its prediction by a model that was trained without its fold.
struct HeldOut {
    std::uint32_t network = 0;
    std::uint32_t run = 0;
    std::uint32_t position = 0;
    RoleTimes measured;
    RoleTimes predicted;
};

/// Trains once per fold and predicts what was held out, every time of the set once, in the order network, run,
/// position. Folds run on `threads` threads; the result does not depend on it. Throws std::logic_error, naming the
/// model and the operation, where a prediction is not finite: the trainer has used a held-out time.
/// `only_networks`: for Split::networks, the networks to hold out (all where empty).
std::vector<HeldOut> cross_validate(const TrainingSet& set, const LatencyTrainer& trainer, const Folds& folds,
                                    const TrainingOptions& options, unsigned threads,
                                    const std::vector<std::string>& only_networks = {});

}  // namespace sotto::training
