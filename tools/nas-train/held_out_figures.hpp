// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cost_models/model_file/model_file.hpp"
#include "cost_models/training/cross_validation.hpp"
#include "cost_models/training/error_figures.hpp"

namespace sotto::tools {

/// Errors of one way to hold times out, or of a model as it is.
struct HeldOutFigures {
    std::string split;             ///< rows, config, network, or none: nothing was held out
    std::uint32_t fold_count = 0;  ///< 0: a fold for every network
    std::vector<std::uint64_t> seeds;
    std::vector<training::LayerFigures> layers;      ///< over all seeds
    std::vector<training::NetworkFigures> networks;  ///< splits network and none alone
    /// The same splits, where every operation has a time: the fastest run of the slower party.
    std::vector<training::SlowerPartyTotal> totals;
    /// Rows that are in no figure, by layer type: the model, or that of a fold, was not trained on the type.
    std::map<std::string, std::size_t> unknown;
};

struct CrossValidation {
    training::Split split = training::Split::configurations;
    std::uint32_t fold_count = 5;
    std::vector<std::uint64_t> seeds;
    unsigned threads = 1;
};

/// Trains once per fold and seed. `--split network` makes a fold of every network, and takes the first seed alone.
HeldOutFigures cross_validated(const training::TrainingSet& set, const training::LatencyTrainer& trainer,
                               const CrossValidation& how, const training::TrainingOptions& options);

/// Errors of `model` on the set, split `none`. Operations that it does not know are left out and counted.
HeldOutFigures errors_of(const training::TrainingSet& set, const training::LatencyModel& model);

/// Throws std::domain_error, naming it, for an operation that the model does not know.
void require_known(const training::TrainingSet& set, const training::LatencyModel& model);

/// For people: a heading, a table of layers, a table of networks.
std::string to_text(const HeldOutFigures& figures);
nlohmann::ordered_json to_json(const HeldOutFigures& figures);

/// As a model file has them: one for each layer type and role, and, where networks were held out, their totals.
std::vector<model_file::HeldOutError> to_held_out_errors(const HeldOutFigures& figures);

}  // namespace sotto::tools
