// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "cost_models/learned/observations.hpp"
#include "cost_models/learned/predictor.hpp"
#include "cost_models/training/trainable_model.hpp"

namespace sotto::learned {

/// How much of a model to train.
struct Portion {
    double network_deviation = std::numeric_limits<double>::quiet_NaN();  ///< what the predictor is to state
    /// One member instead of all whose times are averaged, in a third of the steps: somewhat less exact, and quick.
    bool is_sketch = false;
};

/// Trains one model on what is known of the observations: those it was made for, or some of them.
using Recipe = std::function<std::shared_ptr<const Predictor>(const Observations&, const Portion&)>;

/// A learned model as nas-train and the report see it: what mlp and lstm have in common. Stateless; any thread.
class TrainableLearnedModel : public training::TrainableModel {
  public:
    std::unique_ptr<training::LatencyTrainer> trainer(const training::TrainerOptions& options) const override;
    void write(const training::LatencyModel& model, model_file::ModelFile& file) const override;
    std::unique_ptr<training::LatencyModel> read(const model_file::ModelFile& file,
                                                 const std::string& name) const override;

    /// Tunes where the options ask for it. May be called from any thread, and so may what it returns.
    virtual Recipe recipe(const protocol::EngineProfile& profile, const Observations& observations,
                          const training::TrainerOptions& options, const training::TrainingOptions& training) const = 0;

  protected:
    virtual void write_predictor(const Predictor& predictor, model_file::ModelFile& file) const = 0;
    virtual std::shared_ptr<const Predictor> read_predictor(const model_file::ModelFile& file,
                                                            const std::string& name) const = 0;
};

}  // namespace sotto::learned
