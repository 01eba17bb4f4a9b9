// SPDX-License-Identifier: Apache-2.0
#include "cost_models/lstm/training/trainable_lstm.hpp"

#include <cmath>
#include <string>

#include "cost_models/learned/training/trainable_learned_model.hpp"
#include "cost_models/learned/training/tuning.hpp"
#include "cost_models/lstm/shipped_models.hpp"
#include "engine/random/random.hpp"

namespace sotto::lstm {
namespace {

std::string_view id_of(bool sees_pool) {
    return sees_pool ? "lstm" : "lstm-no-pool";
}

std::string in_words(const Hyperparameters& hyperparameters) {
    const Architecture& architecture = hyperparameters.architecture;
    std::string text = "embedding of " + std::to_string(architecture.embedding) + ", recurrent layer of " +
                       std::to_string(architecture.hidden) + ", dense layers of";
    for (const std::size_t neurons : architecture.dense) {
        text += ' ' + std::to_string(neurons);
    }
    return text + ", learning rate " + std::to_string(hyperparameters.learning_rate);
}

class TrainableLstm : public learned::TrainableLearnedModel {
  public:
    explicit TrainableLstm(bool sees_pool) : sees_pool_(sees_pool) {}

    std::string_view id() const override { return id_of(sees_pool_); }

    learned::Recipe recipe(const protocol::EngineProfile& profile, const learned::Observations& observations,
                           const training::TrainerOptions& options,
                           const training::TrainingOptions& training) const override {
        TrainingPlan plan;
        plan.seed = training.seed;
        plan.sees_pool = sees_pool_;
        plan.is_cancelled = training.is_cancelled;
        if (options.tuning_trials > 0) {
            plan.hyperparameters = tune(profile, observations, sees_pool_, options, training);
        }
        return [profile, plan](const learned::Observations& seen, const learned::Portion& portion) {
            TrainingPlan part = plan;
            part.network_deviation = portion.network_deviation;
            if (portion.is_sketch) {
                part.members = 1;
                part.epochs /= 3;
            }
            return lstm::train(profile, seen, part).predictor;
        };
    }

    std::span<const model_file::EmbeddedFile> shipped() const override {
        return sees_pool_ ? shipped_models() : std::span<const model_file::EmbeddedFile>();
    }

  protected:
    void write_predictor(const learned::Predictor& predictor, model_file::ModelFile& file) const override {
        lstm::write(dynamic_cast<const LstmPredictor&>(predictor), file);
    }

    std::shared_ptr<const learned::Predictor> read_predictor(const model_file::ModelFile& file,
                                                             const std::string& name) const override {
        return lstm::read(file, name);
    }

  private:
    bool sees_pool_;
};

}  // namespace

const training::TrainableModel& trainable_model() {
    static const TrainableLstm model(true);
    return model;
}

const training::TrainableModel& ablated_model() {
    static const TrainableLstm model(false);
    return model;
}

Hyperparameters trial_hyperparameters(std::uint32_t trial, std::uint64_t seed) {
    constexpr std::uint64_t neuron_step = 8;
    constexpr std::uint64_t least_neuron_steps = 2;
    constexpr std::uint64_t neuron_choices = 7;  // 16 to 64
    constexpr std::uint64_t most_dense_layers = 20;
    constexpr std::uint64_t dense_step = 32;
    constexpr std::uint64_t most_dense_steps = 16;  // 512 neurons
    constexpr double least_rate = 1e-5;
    constexpr double rate_span = 1000;
    Hyperparameters hyperparameters;
    if (trial == 0) {
        return hyperparameters;
    }
    random::Stream stream(seed, trial, 0, random::Purpose::hyperparameters);
    Architecture& architecture = hyperparameters.architecture;
    architecture.embedding = neuron_step * (least_neuron_steps + stream.below(neuron_choices));
    architecture.hidden = neuron_step * (least_neuron_steps + stream.below(neuron_choices));
    architecture.dense.resize(1 + stream.below(most_dense_layers));
    for (std::size_t& neurons : architecture.dense) {
        neurons = dense_step * (1 + stream.below(most_dense_steps));
    }
    hyperparameters.learning_rate = least_rate * std::pow(rate_span, stream.unit());
    return hyperparameters;
}

Hyperparameters tune(const protocol::EngineProfile& profile, const learned::Observations& observations, bool sees_pool,
                     const training::TrainerOptions& options, const training::TrainingOptions& training) {
    const learned::TrialPlan trials{options.tuning_trials,
                                    options.threads,
                                    options.tuning_journal,
                                    std::string(id_of(sees_pool)) + "/2 " + std::string(training.setting.name) +
                                        " seed " + std::to_string(training.seed) + " data " +
                                        learned::fingerprint(observations),
                                    training.is_cancelled,
                                    options.report,
                                    {""}};
    const auto losses = learned::run_trials(trials, [&](std::uint32_t trial) {
        TrainingPlan plan;
        plan.hyperparameters = trial_hyperparameters(trial, training.seed);
        plan.seed = training.seed;
        plan.sees_pool = sees_pool;
        plan.is_cancelled = training.is_cancelled;
        return std::vector<double>{lstm::train(profile, observations, plan).validation_loss};
    });
    const std::uint32_t chosen = learned::best_trial(losses, 0);
    const Hyperparameters best = trial_hyperparameters(chosen, training.seed);
    learned::report_choice(trials, losses, 0, chosen, in_words(best));
    return best;
}

}  // namespace sotto::lstm
