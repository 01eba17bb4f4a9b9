// SPDX-License-Identifier: Apache-2.0
#include "cost_models/mlp/training/trainable_mlp.hpp"

#include <cmath>
#include <string>
#include <utility>

#include "cost_models/learned/engine_choice.hpp"
#include "cost_models/learned/training/tuning.hpp"
#include "cost_models/mlp/shipped_models.hpp"
#include "engine/random/random.hpp"

namespace sotto::mlp {
namespace {

class MlpTrainer : public training::LatencyTrainer {
  public:
    explicit MlpTrainer(training::TrainerOptions options) : options_(std::move(options)) {}

    std::string_view id() const override { return "mlp"; }

    std::unique_ptr<training::LatencyModel> train(const training::TrainingSet& set,
                                                  const training::TrainingOptions& options) const override {
        const protocol::EngineProfile profile =
            learned::engine_profile(options_.engine, options.setting.name, "trainer options");
        const learned::Observations observations = learned::observe(profile, set);
        TrainingPlan plan;
        plan.seed = options.seed;
        plan.is_cancelled = options.is_cancelled;
        if (options_.tuning_trials > 0) {
            plan.by_type = tune(profile, observations, options_, options);
        }
        return std::make_unique<learned::PredictorModel>(mlp::train(profile, observations, plan).predictor);
    }

  private:
    training::TrainerOptions options_;
};

class TrainableMlp : public training::TrainableModel {
  public:
    std::string_view id() const override { return "mlp"; }

    std::unique_ptr<training::LatencyTrainer> trainer(const training::TrainerOptions& options) const override {
        learned::engine_profile(options.engine, "lan", "trainer options");  // refuses an unknown one here already
        return std::make_unique<MlpTrainer>(options);
    }

    void write(const training::LatencyModel& model, model_file::ModelFile& file) const override {
        const auto& predictor = dynamic_cast<const learned::PredictorModel&>(model).predictor();
        mlp::write(dynamic_cast<const MlpPredictor&>(predictor), file);
    }

    std::unique_ptr<training::LatencyModel> read(const model_file::ModelFile& file,
                                                 const std::string& name) const override {
        return std::make_unique<learned::PredictorModel>(mlp::read(file, name));
    }

    std::span<const model_file::EmbeddedFile> shipped() const override { return shipped_models(); }
};

}  // namespace

const training::TrainableModel& trainable_model() {
    static const TrainableMlp model;
    return model;
}

Hyperparameters trial_hyperparameters(learned::LayerType type, std::uint32_t trial, std::uint64_t seed) {
    constexpr std::uint64_t most_layers = 5;
    constexpr std::uint64_t neuron_step = 16;
    constexpr std::uint64_t most_neuron_steps = 8;
    constexpr double least_rate = 1e-4;
    constexpr double rate_span = 100;
    Hyperparameters hyperparameters;
    if (trial == 0) {
        return hyperparameters;
    }
    random::Stream stream(seed, trial, static_cast<std::uint32_t>(type), random::Purpose::hyperparameters);
    hyperparameters.architecture.hidden.resize(1 + stream.below(most_layers));
    for (std::size_t& neurons : hyperparameters.architecture.hidden) {
        neurons = neuron_step * (1 + stream.below(most_neuron_steps));
    }
    hyperparameters.learning_rate = least_rate * std::pow(rate_span, stream.unit());
    return hyperparameters;
}

HyperparametersByType tune(const protocol::EngineProfile& profile, const learned::Observations& observations,
                           const training::TrainerOptions& options, const training::TrainingOptions& training) {
    const auto hyperparameters_of = [&](std::uint32_t trial) {
        HyperparametersByType by_type;
        for (std::size_t t = 0; t < by_type.size(); ++t) {
            by_type[t] = trial_hyperparameters(static_cast<learned::LayerType>(t), trial, training.seed);
        }
        return by_type;
    };
    const learned::TrialPlan trials{options.tuning_trials,
                                    options.threads,
                                    options.tuning_journal,
                                    "mlp/1 " + std::string(training.setting.name) + " seed " +
                                        std::to_string(training.seed) + " data " + learned::fingerprint(observations),
                                    training.is_cancelled,
                                    options.report};
    const auto losses = learned::run_trials(trials, [&](std::uint32_t trial) {
        TrainingPlan plan;
        plan.by_type = hyperparameters_of(trial);
        plan.seed = training.seed;
        plan.estimates_deviation = false;
        plan.is_cancelled = training.is_cancelled;
        const Trained trained = mlp::train(profile, observations, plan);
        return std::vector<double>(trained.validation_loss.begin(), trained.validation_loss.end());
    });
    HyperparametersByType best;
    for (std::size_t t = 0; t < best.size(); ++t) {
        best[t] = hyperparameters_of(learned::best_trial(losses, t))[t];
    }
    return best;
}

}  // namespace sotto::mlp
