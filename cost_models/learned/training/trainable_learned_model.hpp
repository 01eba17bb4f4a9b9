// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cost_models/learned/observations.hpp"
#include "cost_models/learned/predictor.hpp"
#include "cost_models/training/trainable_model.hpp"

namespace sotto::learned {

/// A learned model as nas-train and the report see it: what mlp and lstm have in common. Stateless; any thread.
class TrainableLearnedModel : public training::TrainableModel {
  public:
    std::unique_ptr<training::LatencyTrainer> trainer(const training::TrainerOptions& options) const override;
    void write(const training::LatencyModel& model, model_file::ModelFile& file) const override;
    std::unique_ptr<training::LatencyModel> read(const model_file::ModelFile& file,
                                                 const std::string& name) const override;

    /// Tunes where the options ask for it, and trains.
    virtual std::shared_ptr<const Predictor> train(const protocol::EngineProfile& profile,
                                                   const Observations& observations,
                                                   const training::TrainerOptions& options,
                                                   const training::TrainingOptions& training) const = 0;

  protected:
    virtual void write_predictor(const Predictor& predictor, model_file::ModelFile& file) const = 0;
    virtual std::shared_ptr<const Predictor> read_predictor(const model_file::ModelFile& file,
                                                            const std::string& name) const = 0;
};

}  // namespace sotto::learned
