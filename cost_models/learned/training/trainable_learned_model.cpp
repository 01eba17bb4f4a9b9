// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/trainable_learned_model.hpp"

#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "cost_models/learned/engine_choice.hpp"
#include "cost_models/training/network_deviation.hpp"

namespace sotto::learned {
namespace {

constexpr const char* options_name = "trainer options";

// What tells how far off a model is on what it has not seen, without being the model.
class SketchTrainer : public training::LatencyTrainer {
  public:
    SketchTrainer(std::string_view id, const protocol::EngineProfile& profile, const Recipe& recipe)
        : id_(id), profile_(profile), recipe_(recipe) {}

    std::string_view id() const override { return id_; }

    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& /*options*/) const override {
        Portion portion;
        portion.is_sketch = true;
        return std::make_unique<PredictorModel>(recipe_(observe(profile_, set), portion));
    }

  private:
    std::string_view id_;
    const protocol::EngineProfile& profile_;
    const Recipe& recipe_;
};

class LearnedTrainer : public training::LatencyTrainer {
  public:
    LearnedTrainer(const TrainableLearnedModel& model, training::TrainerOptions options)
        : model_(model), options_(std::move(options)) {}

    std::string_view id() const override { return model_.id(); }

    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& options) const override {
        training::require_times_of_both_roles(set);
        const protocol::EngineProfile profile = engine_profile(options_.engine, options.setting.name, options_name);
        const Observations observations = observe(profile, set);
        const Recipe recipe = model_.recipe(profile, observations, options_, options);
        if (options_.tuning_trials > 0 && options_.report) {
            options_.report("training with the hyperparameters that were chosen");
        }
        Portion portion;
        if (options.estimates_deviation) {
            portion.network_deviation = training::network_deviation(set, SketchTrainer(id(), profile, recipe), options);
            if (std::isnan(portion.network_deviation)) {
                throw std::invalid_argument("found " + std::to_string(set.size()) +
                                            " networks, expected 3 or more with times to tell how far off one can be");
            }
        }
        return std::make_unique<PredictorModel>(recipe(observations, portion));
    }

  private:
    const TrainableLearnedModel& model_;
    training::TrainerOptions options_;
};

}  // namespace

std::unique_ptr<training::LatencyTrainer> TrainableLearnedModel::trainer(
    const training::TrainerOptions& options) const {
    engine_profile(options.engine, "lan", options_name);  // refuses an unknown one here already
    return std::make_unique<LearnedTrainer>(*this, options);
}

void TrainableLearnedModel::write(const training::LatencyModel& model, model_file::ModelFile& file) const {
    write_predictor(dynamic_cast<const PredictorModel&>(model).predictor(), file);
}

std::unique_ptr<training::LatencyModel> TrainableLearnedModel::read(const model_file::ModelFile& file,
                                                                    const std::string& name) const {
    return std::make_unique<PredictorModel>(read_predictor(file, name));
}

}  // namespace sotto::learned
