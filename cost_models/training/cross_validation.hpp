// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::training {

/// What is held out together.
enum class Split : std::uint8_t {
    rows,  ///< single rows, shuffled, as published: a held-out row's configuration is in the training rows too
    configurations,  ///< all rows of a layer configuration (same kind and sizes)
    networks,        ///< whole networks
};

/// rows, config, network: their names on the command line.
std::string_view split_name(Split split);

/// The fold of every time: [network][run][position], 0 ... fold_count - 1.
struct Folds {
    std::uint32_t fold_count = 0;
    std::vector<std::vector<std::vector<std::uint32_t>>> fold_of;
};

/// Deals a set into folds: a function of the set's programs and the seed alone, never of its times. `rows` and
/// `configurations` deal each layer type by itself, so that every fold has its share of each. `networks` deals whole
/// networks; with a fold_count of 0, which is for it alone, every network is a fold of its own, in the order of the
/// set. A fold may be empty where there are fewer units than folds.
Folds deal(const TrainingSet& set, Split split, std::uint32_t fold_count, std::uint64_t seed);

/// The set as a trainer may see it: times of `fold` are NaN, and not said to be unresolved either.
TrainingSet without_fold(const TrainingSet& set, const Folds& folds, std::uint32_t fold);

/// One held-out time beside its prediction by a model that was trained without its fold.
struct HeldOut {
    std::uint32_t network = 0;
    std::uint32_t run = 0;
    std::uint32_t position = 0;
    std::uint32_t fold = 0;
    RoleTimes measured;   ///< NaN where the set has no time
    RoleTimes predicted;  ///< NaN for a kind of operation that the fold's model was not trained on
    double total_deviation_ms =
        0;  ///< what the model says of the total of what it predicts of the network; NaN: nothing
};

/// Trains once per fold and predicts what was held out, every time of the set once, in the order network, run,
/// position. Folds run on `threads` threads; the result does not depend on it. Throws std::logic_error, naming the
/// model and the operation, where a prediction is not finite: the trainer has used a held-out time; and where one is
/// negative. Throws std::invalid_argument where a fold holds every time of the set. What the trainer throws is passed
/// on, of the first fold that fails.
/// `only_networks`: hold out (and train for) nothing but the folds that these are in, and predict these alone; all
/// where empty. Throws std::invalid_argument for one that the set does not have.
std::vector<HeldOut> cross_validate(const TrainingSet& set, const LatencyTrainer& trainer, const Folds& folds,
                                    const TrainingOptions& options, unsigned threads,
                                    const std::vector<std::string>& only_networks = {});

}  // namespace sotto::training
