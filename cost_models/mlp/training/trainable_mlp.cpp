// SPDX-License-Identifier: Apache-2.0
#include "cost_models/mlp/training/trainable_mlp.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "cost_models/learned/training/trainable_learned_model.hpp"
#include "cost_models/learned/training/tuning.hpp"
#include "cost_models/mlp/shipped_models.hpp"
#include "engine/random/random.hpp"

namespace sotto::mlp {
namespace {

std::vector<std::string> type_names() {
    std::vector<std::string> names;
    for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
        names.emplace_back(learned::layer_type_name(static_cast<learned::LayerType>(t)));
    }
    return names;
}

std::string in_words(const Hyperparameters& hyperparameters) {
    std::string text = "hidden layers of";
    for (const std::size_t neurons : hyperparameters.architecture.hidden) {
        text += ' ' + std::to_string(neurons);
    }
    return text + ", learning rate " + std::to_string(hyperparameters.learning_rate);
}

class TrainableMlp : public learned::TrainableLearnedModel {
  public:
    std::string_view id() const override { return "mlp"; }

    learned::Recipe recipe(const protocol::EngineProfile& profile, const learned::Observations& observations,
                           const training::TrainerOptions& options,
                           const training::TrainingOptions& training) const override {
        TrainingPlan plan;
        plan.seed = training.seed;
        plan.is_cancelled = training.is_cancelled;
        if (options.tuning_trials > 0) {
            plan.by_type = tune(profile, observations, options, training);
        }
        return [profile, plan](const learned::Observations& seen, const learned::Portion& portion) {
            TrainingPlan part = plan;
            part.network_deviation = portion.network_deviation;
            if (portion.is_sketch) {
                part.members = 1;
                part.steps /= 3;
            }
            return mlp::train(profile, seen, part).predictor;
        };
    }

    std::span<const model_file::EmbeddedFile> shipped() const override { return shipped_models(); }

  protected:
    void write_predictor(const learned::Predictor& predictor, model_file::ModelFile& file) const override {
        mlp::write(dynamic_cast<const MlpPredictor&>(predictor), file);
    }

    std::shared_ptr<const learned::Predictor> read_predictor(const model_file::ModelFile& file,
                                                             const std::string& name) const override {
        return mlp::read(file, name);
    }
};

}  // namespace

const training::TrainableModel& trainable_model() {
    static const TrainableMlp model;
    return model;
}

Hyperparameters trial_hyperparameters(learned::LayerType type, std::uint32_t trial, std::uint64_t seed) {
    constexpr std::uint64_t most_layers = 5;
    constexpr std::uint64_t neuron_step = 16;
    constexpr std::uint64_t most_neuron_steps = 40;  // 640 neurons
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
                                    "mlp/2 " + std::string(training.setting.name) + " seed " +
                                        std::to_string(training.seed) + " data " + learned::fingerprint(observations),
                                    training.is_cancelled,
                                    options.report,
                                    type_names()};
    const auto losses = learned::run_trials(trials, [&](std::uint32_t trial) {
        TrainingPlan plan;
        plan.by_type = hyperparameters_of(trial);
        plan.seed = training.seed;
        plan.is_cancelled = training.is_cancelled;
        const Trained trained = mlp::train(profile, observations, plan);
        return std::vector<double>(trained.validation_loss.begin(), trained.validation_loss.end());
    });
    HyperparametersByType best;
    for (std::size_t t = 0; t < best.size(); ++t) {
        const std::uint32_t chosen = learned::best_trial(losses, t);
        best[t] = hyperparameters_of(chosen)[t];
        learned::report_choice(trials, losses, t, chosen, in_words(best[t]));
    }
    return best;
}

}  // namespace sotto::mlp
