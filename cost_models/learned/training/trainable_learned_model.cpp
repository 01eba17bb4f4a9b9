// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/trainable_learned_model.hpp"

#include <utility>

#include "cost_models/learned/engine_choice.hpp"

namespace sotto::learned {
namespace {

constexpr const char* options_name = "trainer options";

class LearnedTrainer : public training::LatencyTrainer {
  public:
    LearnedTrainer(const TrainableLearnedModel& model, training::TrainerOptions options)
        : model_(model), options_(std::move(options)) {}

    std::string_view id() const override { return model_.id(); }

    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& options) const override {
        const protocol::EngineProfile profile = engine_profile(options_.engine, options.setting.name, options_name);
        return std::make_unique<PredictorModel>(model_.train(profile, observe(profile, set), options_, options));
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
