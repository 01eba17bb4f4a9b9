// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cost_models/model_file/shipped_models.hpp"
#include "cost_models/training/latency_trainer.hpp"

namespace sotto::training {

/// What a trainer is told besides the data.
struct TrainerOptions {
    model_file::EngineProfile engine;  ///< whose times the data are; the model refuses one it does not know
    std::uint32_t tuning_trials = 0;   ///< random trials of hyperparameters; 0: the model's defaults
    unsigned threads = 1;              ///< for the trials; the result does not depend on it
    /// Where finished trials are kept, so that a tuning that was stopped goes on; empty: nowhere.
    std::string tuning_journal;
    /// Takes lines about the progress for people, from any thread; may be empty.
    std::function<void(std::string_view)> report;
};

/// One kind of cost model as nas-train and the report of all models see it: how it is fitted, written and read.
/// Stateless; every function from any thread.
class TrainableModel {
  public:
    virtual ~TrainableModel() = default;

    /// `analytical`, `protocol`, `mlp`, `lstm`: of the cost model, its trainer and its files.
    virtual std::string_view id() const = 0;

    /// Throws input::InputError for options that this model has no use for (an engine it does not know, tuning).
    virtual std::unique_ptr<LatencyTrainer> trainer(const TrainerOptions& options) const = 0;

    /// Fills in what this kind of model knows of a model its trainer made: model, model_version, roles, features,
    /// parameters, tensors, and what engine.parameters the model relies on. The rest is the caller's.
    virtual void write(const LatencyModel& model, model_file::ModelFile& file) const = 0;

    /// The model of a file; predicts what the written one does, to the last bit. Throws input::InputError, with `name`
    /// for the file.
    virtual std::unique_ptr<LatencyModel> read(const model_file::ModelFile& file, const std::string& name) const = 0;

    /// Whether its predictions depend on TrainingOptions::setting.link. A model without a use for it takes what the
    /// link does to its times from the measurements alone.
    virtual bool uses_link() const { return false; }

    /// The model files of this kind that come with Sotto.
    virtual std::span<const model_file::EmbeddedFile> shipped() const = 0;

    /// A model adapted to another machine or link from few operations (50-100). The default: input::InputError, since
    /// the kind of model cannot.
    virtual std::unique_ptr<LatencyModel> calibrate(const LatencyModel& model, const TrainingSet& set,
                                                    const TrainingOptions& options) const;
};

}  // namespace sotto::training
