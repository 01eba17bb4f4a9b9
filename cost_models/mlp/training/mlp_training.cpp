// SPDX-License-Identifier: Apache-2.0
#include "cost_models/mlp/training/mlp_training.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <utility>
#include <vector>

#include <torch/torch.h>

#include "cost_models/learned/training/initial_weights.hpp"
#include "cost_models/learned/training/single_thread.hpp"
#include "engine/random/random.hpp"

namespace sotto::mlp {

using learned::BothRoles;
using learned::DenseLayer;
using learned::LayerType;
using learned::Observation;
using learned::Observations;

namespace {

constexpr std::size_t role_count = training::role_count;

// One configuration of a layer type: equal operations at all their places.
struct Configuration {
    learned::Workload work;
    std::array<std::vector<double>, role_count> own_ms;  // measured, without the waits
    double weight = 0;
};

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

// Own times of every operation as far as they are known: those of linear types corrected, so that the lag is.
using OwnTimes = std::vector<std::vector<BothRoles>>;

std::vector<Configuration> configurations_of(LayerType type, const Observations& observations,
                                             const learned::PhysicalTimes& physical, const OwnTimes& own) {
    std::map<std::array<std::int64_t, 20>, Configuration> by_key;
    for (std::size_t n = 0; n < observations.size(); ++n) {
        for (std::size_t i = 0; i < observations[n].size(); ++i) {
            const Observation& one = observations[n][i];
            if (one.work.type != type || one.weight == 0) {
                continue;
            }
            const BothRoles wait = physical.wait_ms(one.work, i > 0 ? own[n][i - 1] : BothRoles{});
            Configuration& configuration = by_key[one.key.values];
            configuration.work = one.work;
            configuration.weight += one.weight;
            for (std::size_t role = 0; role < role_count; ++role) {
                configuration.own_ms[role].push_back(one.time_ms[role] - wait[role]);
            }
        }
    }
    std::vector<Configuration> result;
    for (auto& [key, configuration] : by_key) {
        result.push_back(std::move(configuration));
    }
    return result;
}

// All members of both roles side by side: [role * members + member].
struct Problem {
    torch::Tensor inputs;    // [configurations, inputs]
    torch::Tensor physical;  // [networks, configurations], ms
    torch::Tensor measured;  // the same
    torch::Tensor fitted;    // the same: weight of a configuration that is trained on, else 0
    torch::Tensor left_out;  // the same: weight of one that the member validates with, else 0
    double penalty = 0;
};

torch::Tensor tensor_of(const std::vector<float>& values, std::vector<std::int64_t> shape) {
    return torch::tensor(values, torch::kFloat32).reshape(shape);
}

Problem problem_of(const std::vector<Configuration>& configurations, const learned::PhysicalTimes& physical,
                   const learned::InputScale& scale, const std::vector<std::vector<double>>& inputs, LayerType type,
                   const TrainingPlan& plan) {
    constexpr double usual_penalty = 0.03;
    constexpr double many_configurations = 100;
    constexpr double most_penalty = 25;
    constexpr std::size_t parts = 6;
    const std::size_t count = configurations.size();
    const auto members = static_cast<std::size_t>(plan.members);
    std::vector<float> scaled(count * learned::operation_input_count);
    double weight_sum = 0;
    for (std::size_t i = 0; i < count; ++i) {
        scale.apply(inputs[i], {scaled.data() + i * learned::operation_input_count, learned::operation_input_count});
        weight_sum += configurations[i].weight;
    }
    random::Stream order(plan.seed, 0, static_cast<std::uint32_t>(type), random::Purpose::validation_part);
    const std::vector<std::size_t> shuffled = learned::shuffled_indices(order, count);
    std::vector<std::size_t> part(count);
    for (std::size_t i = 0; i < count; ++i) {
        part[shuffled[i]] = i % parts;
    }
    std::vector<float> base;
    std::vector<float> target;
    std::vector<float> fitted;
    std::vector<float> left_out;
    for (std::size_t role = 0; role < role_count; ++role) {
        for (std::size_t member = 0; member < members; ++member) {
            for (std::size_t i = 0; i < count; ++i) {
                const double weight = configurations[i].weight * static_cast<double>(count) / weight_sum;
                const bool validates = count >= parts && part[i] == member % parts;
                base.push_back(static_cast<float>(physical.own_ms(configurations[i].work)[role]));
                target.push_back(static_cast<float>(
                    std::max(median(configurations[i].own_ms[role]), learned::PhysicalTimes::least_own_ms)));
                fitted.push_back(validates ? 0 : static_cast<float>(weight));
                left_out.push_back(validates ? static_cast<float>(weight) : 0);
            }
        }
    }
    const auto rows = static_cast<std::int64_t>(count);
    const auto networks = static_cast<std::int64_t>(role_count * members);
    const double rarity = many_configurations / static_cast<double>(count);
    return {tensor_of(scaled, {rows, static_cast<std::int64_t>(learned::operation_input_count)}),
            tensor_of(base, {networks, rows}),
            tensor_of(target, {networks, rows}),
            tensor_of(fitted, {networks, rows}),
            tensor_of(left_out, {networks, rows}),
            usual_penalty * std::clamp(rarity * rarity, 1.0, most_penalty)};
}

struct Networks {
    std::vector<torch::Tensor> weights;  // [networks, inputs, outputs] each
    std::vector<torch::Tensor> biases;   // [networks, 1, outputs]

    std::vector<torch::Tensor> parameters() const {
        std::vector<torch::Tensor> all = weights;
        all.insert(all.end(), biases.begin(), biases.end());
        return all;
    }

    // Log corrections, [networks, configurations].
    torch::Tensor forward(const torch::Tensor& inputs) const {
        torch::Tensor x = inputs.unsqueeze(0).expand({weights.front().size(0), -1, -1});
        for (std::size_t i = 0; i < weights.size(); ++i) {
            x = torch::baddbmm(biases[i], x, weights[i]);
            if (i + 1 < weights.size()) {
                x = torch::relu(x);
            }
        }
        return x.squeeze(2);
    }
};

// He et al., "Delving deep into rectifiers", 2015; the last layer starts small, so that corrections start near none.
Networks initial_networks(const Architecture& architecture, LayerType type, const TrainingPlan& plan) {
    constexpr double last_layer_share = 0.1;
    random::Stream stream(plan.seed, 0, static_cast<std::uint32_t>(type), random::Purpose::network_weights);
    const auto networks = static_cast<std::int64_t>(role_count) * plan.members;
    Networks result;
    std::size_t inputs = learned::operation_input_count;
    for (std::size_t layer = 0; layer <= architecture.hidden.size(); ++layer) {
        const bool is_last = layer == architecture.hidden.size();
        const std::size_t outputs = is_last ? 1 : architecture.hidden[layer];
        const double deviation = std::sqrt(2.0 / static_cast<double>(inputs)) * (is_last ? last_layer_share : 1);
        const auto rows = static_cast<std::int64_t>(inputs);
        const auto columns = static_cast<std::int64_t>(outputs);
        result.weights.push_back(
            tensor_of(learned::normal_numbers(stream, static_cast<std::size_t>(networks) * inputs * outputs, deviation),
                      {networks, rows, columns})
                .requires_grad_());
        result.biases.push_back(torch::zeros({networks, 1, columns}).requires_grad_());
        inputs = outputs;
    }
    return result;
}

torch::Tensor huber(const torch::Tensor& errors) {
    const torch::Tensor size = errors.abs();
    return torch::where(size < 1, 0.5 * size * size, size - 0.5);
}

struct Losses {
    torch::Tensor total;     // scalar, with penalty, over what is trained on
    torch::Tensor left_out;  // [networks]
};

Losses losses_of(const Problem& problem, const torch::Tensor& scale, const torch::Tensor& outputs) {
    constexpr double relative_floor_ms = 5;
    constexpr double relative_share = 0.05;
    constexpr double correction_deviation = 0.2;
    const torch::Tensor times =
        problem.physical * torch::exp(correction_limit * torch::tanh(outputs / correction_limit));
    const torch::Tensor errors = times - problem.measured;
    const torch::Tensor each =
        huber(errors / (relative_floor_ms + relative_share * problem.measured)) + huber(errors / scale);
    const torch::Tensor number = problem.fitted.sum(1);
    const torch::Tensor penalties = (outputs / correction_deviation).square().mean(1);
    const torch::Tensor by_network = (each * problem.fitted).sum(1) / number + problem.penalty * penalties;
    // Where there is too little to leave any of it out, the training itself has to tell.
    const torch::Tensor left_out = problem.left_out.sum(1);
    const torch::Tensor validation =
        torch::where(left_out > 0, (each * problem.left_out).sum(1) / left_out.clamp_min(1e-6), by_network);
    return {by_network.sum(), validation.detach()};
}

// Keeps, for each network by itself, the weights with the least loss on what it left out.
class BestWeights {
  public:
    explicit BestWeights(const Networks& networks) {
        for (const torch::Tensor& parameter : networks.parameters()) {
            best_.push_back(parameter.detach().clone());
        }
        loss_ = torch::full({best_.front().size(0)}, std::numeric_limits<float>::infinity());
    }

    void offer(const Networks& networks, const torch::Tensor& loss) {
        const torch::NoGradGuard no_gradients;
        const torch::Tensor is_better = loss < loss_;
        loss_ = torch::where(is_better, loss, loss_);
        const std::vector<torch::Tensor> now = networks.parameters();
        for (std::size_t i = 0; i < now.size(); ++i) {
            best_[i] = torch::where(is_better.reshape({-1, 1, 1}), now[i], best_[i]);
        }
    }

    const std::vector<torch::Tensor>& weights() const { return best_; }
    double mean_loss() const { return loss_.mean().item<double>(); }

  private:
    std::vector<torch::Tensor> best_;
    torch::Tensor loss_;
};

BestWeights optimise(const Problem& problem, const Hyperparameters& hyperparameters, LayerType type,
                     const TrainingPlan& plan) {
    constexpr double weight_decay = 1e-3;
    constexpr double first_kept_share = 0.4;
    constexpr int validation_interval = 5;
    constexpr double scale_share = 0.1;
    Networks networks = initial_networks(hyperparameters.architecture, type, plan);
    torch::optim::AdamW optimizer(networks.parameters(),
                                  torch::optim::AdamWOptions(hyperparameters.learning_rate).weight_decay(weight_decay));
    auto& options = static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups().front().options());
    const torch::Tensor scale = (problem.measured.std(1, false, true) + 1) * scale_share;
    BestWeights best(networks);
    for (int step = 0; step < plan.steps; ++step) {
        if (plan.is_cancelled && plan.is_cancelled()) {
            throw training::Cancelled{};
        }
        const double progress = static_cast<double>(step) / plan.steps;
        options.lr(hyperparameters.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * progress)) + 1e-5);
        const Losses losses = losses_of(problem, scale, networks.forward(problem.inputs));
        const bool is_last = step + 1 == plan.steps;
        if (is_last || (progress >= first_kept_share && step % validation_interval == 0)) {
            best.offer(networks, losses.left_out);
        }
        optimizer.zero_grad();
        losses.total.backward();
        optimizer.step();
    }
    return best;
}

// [networks, inputs, outputs] and [networks, 1, outputs] as layers by role and member.
void copy_weights(const std::vector<torch::Tensor>& weights, int members, TypeNetworks& networks) {
    const std::size_t layers = weights.size() / 2;
    for (std::size_t role = 0; role < role_count; ++role) {
        for (int member = 0; member < members; ++member) {
            std::vector<DenseLayer>& copied = networks.members[role].emplace_back();
            const auto index = static_cast<std::int64_t>(role) * members + member;
            for (std::size_t layer = 0; layer < layers; ++layer) {
                const torch::Tensor weight = weights[layer][index].contiguous();
                const torch::Tensor bias = weights[layers + layer][index].contiguous();
                const float* const w = weight.data_ptr<float>();
                const float* const b = bias.data_ptr<float>();
                copied.push_back({static_cast<std::size_t>(weight.size(0)),
                                  static_cast<std::size_t>(weight.size(1)),
                                  {w, w + weight.numel()},
                                  {b, b + bias.numel()}});
            }
        }
    }
}

struct TrainedType {
    TypeNetworks networks;
    double validation_loss = std::numeric_limits<double>::quiet_NaN();
};

TrainedType train_type(LayerType type, const Observations& observations, const learned::PhysicalTimes& physical,
                       const OwnTimes& own, const TrainingPlan& plan) {
    const std::vector<Configuration> configurations = configurations_of(type, observations, physical, own);
    std::vector<std::vector<double>> inputs;
    for (const Configuration& configuration : configurations) {
        std::vector<double>& row = inputs.emplace_back(learned::operation_input_count);
        learned::operation_inputs(configuration.work, physical.own_ms(configuration.work), row);
    }
    TrainedType result;
    result.networks.reach = learned::Reach::of(inputs);
    const Problem problem = problem_of(configurations, physical, result.networks.reach.scale(), inputs, type, plan);
    const BestWeights best = optimise(problem, plan.by_type[static_cast<std::size_t>(type)], type, plan);
    copy_weights(best.weights(), plan.members, result.networks);
    result.validation_loss = best.mean_loss();
    return result;
}

}  // namespace

Trained train(const protocol::EngineProfile& profile, const Observations& observations, const TrainingPlan& plan) {
    const learned::PhysicalTimes physical = learned::fit_physical_times(observations);
    const learned::OneThread one_thread;
    OwnTimes own(observations.size());
    for (std::size_t n = 0; n < observations.size(); ++n) {
        for (const Observation& one : observations[n]) {
            own[n].push_back(physical.own_ms(one.work));
        }
    }
    std::array<TypeNetworks, learned::layer_type_count> networks;
    Trained result;
    result.validation_loss.fill(std::numeric_limits<double>::quiet_NaN());
    const auto train_types = [&](bool linear) {
        for (std::size_t t = 0; t < learned::layer_type_count; ++t) {
            const auto type = static_cast<LayerType>(t);
            if (physical.knows(type) && learned::is_linear(type) == linear) {
                TrainedType trained = train_type(type, observations, physical, own, plan);
                networks[t] = std::move(trained.networks);
                result.validation_loss[t] = trained.validation_loss;
            }
        }
    };
    train_types(true);
    // The lag that the linear operations leave, as it will be predicted.
    const MlpPredictor linear_part(profile, physical, 0, networks);
    for (std::size_t n = 0; n < observations.size(); ++n) {
        for (std::size_t i = 0; i < observations[n].size(); ++i) {
            const learned::Workload& work = observations[n][i].work;
            if (learned::is_linear(work.type) && physical.knows(work.type)) {
                own[n][i] = linear_part.corrected(work);
            }
        }
    }
    train_types(false);
    result.predictor = std::make_shared<MlpPredictor>(profile, physical, plan.network_deviation, std::move(networks));
    return result;
}

}  // namespace sotto::mlp
