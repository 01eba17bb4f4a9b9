// SPDX-License-Identifier: Apache-2.0
#include "cost_models/lstm/training/lstm_training.hpp"

#include <algorithm>
#include <array>
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

namespace sotto::lstm {

using learned::BothRoles;
using learned::DenseLayer;
using learned::Observation;
using learned::Observations;

namespace {

constexpr std::int64_t roles = training::role_count;
constexpr std::size_t longest_stretch = 64;

// All operations of all networks, one after the other.
struct Data {
    std::vector<std::pair<std::size_t, std::size_t>> networks;  // first operation and end
    torch::Tensor inputs;                                       // [operations, inputs], scaled
    torch::Tensor physical;                                     // [operations, 2], own ms
    torch::Tensor wait;                                         // [operations, 2], ms, but for the lag
    torch::Tensor lag_factor;                // [operations, 2]: how much of the lag before is waited for
    torch::Tensor measured;                  // [operations, 2], ms; 0 where not known
    torch::Tensor weight;                    // [operations], 0 where not known
    torch::Tensor penalty;                   // [operations]
    std::vector<std::size_t> configuration;  // of each operation
    std::vector<bool> follows_linear;        // of each operation
    std::size_t configuration_count = 0;
};

torch::Tensor tensor_of(const std::vector<float>& values, std::vector<std::int64_t> shape) {
    return torch::tensor(values, torch::kFloat32).reshape(shape);
}

// Types with few configurations are corrected with more restraint.
std::array<double, learned::layer_type_count> penalties(const Observations& observations) {
    constexpr double many_configurations = 100;
    constexpr double most_penalty = 25;
    std::array<std::map<std::array<std::int64_t, 20>, bool>, learned::layer_type_count> keys;
    for (const std::vector<Observation>& network : observations) {
        for (const Observation& one : network) {
            if (one.weight > 0) {
                keys[static_cast<std::size_t>(one.work.type)][one.key.values] = true;
            }
        }
    }
    std::array<double, learned::layer_type_count> result{};
    for (std::size_t t = 0; t < result.size(); ++t) {
        const double rarity = many_configurations / static_cast<double>(std::max<std::size_t>(keys[t].size(), 1));
        result[t] = std::clamp(rarity * rarity, 1.0, most_penalty);
    }
    return result;
}

Data data_of(const Observations& observations, const learned::PhysicalTimes& physical, bool sees_pool,
             learned::InputScale& scale) {
    Data data;
    std::vector<std::vector<double>> inputs;
    std::vector<std::vector<double>> known_inputs;
    std::vector<float> own_ms;
    std::vector<float> wait;
    std::vector<float> lag_factor;
    std::vector<float> measured;
    std::vector<float> weight;
    std::vector<float> penalty;
    std::map<std::array<std::int64_t, 20>, std::size_t> configurations;
    const std::array<double, learned::layer_type_count> penalty_of = penalties(observations);
    double weight_sum = 0;
    std::size_t known = 0;
    for (const std::vector<Observation>& network : observations) {
        data.networks.emplace_back(inputs.size(), inputs.size() + network.size());
        for (const Observation& one : network) {
            const BothRoles own = physical.own_ms(one.work);
            network_inputs(one.work, own, sees_pool, inputs.emplace_back());
            const BothRoles no_lag =
                sees_pool ? physical.wait_ms(one.work, BothRoles{}) : physical.expected_wait_ms(one.work, BothRoles{});
            const BothRoles ahead_of_server = physical.wait_ms(one.work, {0, 1});
            const BothRoles ahead_of_client = physical.wait_ms(one.work, {1, 0});
            const BothRoles base = physical.wait_ms(one.work, BothRoles{});
            const std::array<double, 2> lag = {ahead_of_server[0] - base[0], ahead_of_client[1] - base[1]};
            for (std::size_t role = 0; role < own.size(); ++role) {
                own_ms.push_back(static_cast<float>(own[role]));
                wait.push_back(static_cast<float>(no_lag[role]));
                lag_factor.push_back(static_cast<float>(lag[role]));
                measured.push_back(static_cast<float>(one.time_ms[role]));
            }
            weight.push_back(static_cast<float>(one.weight));
            penalty.push_back(static_cast<float>(penalty_of[static_cast<std::size_t>(one.work.type)]));
            data.follows_linear.push_back(one.work.follows_linear);
            data.configuration.push_back(configurations.emplace(one.key.values, configurations.size()).first->second);
            if (one.weight > 0) {
                known_inputs.push_back(inputs.back());
                weight_sum += one.weight;
                ++known;
            }
        }
    }
    data.configuration_count = configurations.size();
    scale = learned::InputScale::of(known_inputs);
    std::vector<float> scaled(inputs.size() * input_count);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        scale.apply(inputs[i], {scaled.data() + i * input_count, input_count});
    }
    const auto rows = static_cast<std::int64_t>(inputs.size());
    data.inputs = tensor_of(scaled, {rows, static_cast<std::int64_t>(input_count)});
    data.physical = tensor_of(own_ms, {rows, roles});
    data.wait = tensor_of(wait, {rows, roles});
    data.lag_factor = tensor_of(lag_factor, {rows, roles});
    data.measured = tensor_of(measured, {rows, roles});
    data.weight = tensor_of(weight, {rows}) * (static_cast<double>(known) / weight_sum);
    data.penalty = tensor_of(penalty, {rows});
    return data;
}

// Operations by stretch and step, shorter stretches filled up with operation 0 and masked.
struct Stretches {
    torch::Tensor index;  // [stretches, steps]
    torch::Tensor mask;   // [stretches, steps], 1 where there is an operation
};

Stretches padded(const std::vector<std::pair<std::size_t, std::size_t>>& ranges) {
    std::size_t longest = 0;
    for (const auto& [begin, end] : ranges) {
        longest = std::max(longest, end - begin);
    }
    std::vector<std::int64_t> index(ranges.size() * longest, 0);
    std::vector<float> mask(ranges.size() * longest, 0);
    for (std::size_t r = 0; r < ranges.size(); ++r) {
        for (std::size_t i = ranges[r].first; i < ranges[r].second; ++i) {
            index[r * longest + i - ranges[r].first] = static_cast<std::int64_t>(i);
            mask[r * longest + i - ranges[r].first] = 1;
        }
    }
    const std::vector<std::int64_t> shape = {static_cast<std::int64_t>(ranges.size()),
                                             static_cast<std::int64_t>(longest)};
    return {torch::tensor(index, torch::kInt64).reshape(shape), tensor_of(mask, shape)};
}

// Every network cut at a random place and every 64 operations from there, but never between a linear operation and the
// one that waits for its lag.
std::vector<std::pair<std::size_t, std::size_t>> cut(const Data& data, random::Stream& stream) {
    std::vector<std::pair<std::size_t, std::size_t>> ranges;
    for (const auto& [begin, end] : data.networks) {
        std::size_t from = begin;
        std::size_t to = end - begin > longest_stretch ? begin + 1 + stream.below(longest_stretch) : end;
        while (from < end) {
            if (to < end && data.follows_linear[to]) {
                ++to;
            }
            ranges.emplace_back(from, std::min(to, end));
            from = to;
            to = from + longest_stretch;
        }
    }
    std::vector<std::pair<std::size_t, std::size_t>> shuffled;
    for (const std::size_t i : learned::shuffled_indices(stream, ranges.size())) {
        shuffled.push_back(ranges[i]);
    }
    return shuffled;
}

struct NetworkImpl : torch::nn::Module {
    NetworkImpl(const Architecture& architecture, random::Stream& stream) {
        const auto inputs = static_cast<std::int64_t>(input_count);
        const auto embedded = static_cast<std::int64_t>(architecture.embedding);
        const auto hidden = static_cast<std::int64_t>(architecture.hidden);
        embedding = register_module("embedding", torch::nn::Linear(inputs, embedded));
        recurrent =
            register_module("recurrent", torch::nn::LSTM(torch::nn::LSTMOptions(embedded, hidden).batch_first(true)));
        std::int64_t width = embedded + hidden;
        for (std::size_t i = 0; i <= architecture.dense.size(); ++i) {
            const std::int64_t outputs =
                i < architecture.dense.size() ? static_cast<std::int64_t>(architecture.dense[i]) : roles;
            dense.push_back(register_module("dense" + std::to_string(i), torch::nn::Linear(width, outputs)));
            width = outputs;
        }
        initialise(stream);
    }

    // Log corrections, [stretches, steps, roles].
    torch::Tensor forward(const torch::Tensor& inputs) {
        const torch::Tensor embedded = torch::relu(embedding(inputs));
        const torch::Tensor hidden = std::get<0>(recurrent(embedded));
        torch::Tensor x = torch::cat({hidden, embedded}, 2);
        for (std::size_t i = 0; i < dense.size(); ++i) {
            x = dense[i](x);
            if (i + 1 < dense.size()) {
                x = torch::relu(x);
            }
        }
        return x;
    }

    torch::nn::Linear embedding{nullptr};
    torch::nn::LSTM recurrent{nullptr};
    std::vector<torch::nn::Linear> dense;

  private:
    void initialise(random::Stream& stream) {
        const torch::NoGradGuard no_gradients;
        for (const auto& item : named_parameters()) {
            torch::Tensor parameter = item.value();
            if (parameter.dim() == 1) {
                parameter.zero_();
                continue;
            }
            const double deviation = 1 / std::sqrt(static_cast<double>(parameter.size(1)));
            const std::vector<float> values =
                learned::normal_numbers(stream, static_cast<std::size_t>(parameter.numel()), deviation);
            parameter.copy_(tensor_of(values, parameter.sizes().vec()));
        }
        // Corrections start at none.
        dense.back()->weight.zero_();
    }
};
TORCH_MODULE(Network);

struct Outputs {
    torch::Tensor log_corrections;
    torch::Tensor times;  // [stretches, steps, roles], ms
};

Outputs predict(Network& network, const Data& data, const Stretches& stretches) {
    const torch::Tensor& index = stretches.index;
    const auto pick = [&](const torch::Tensor& from) {
        return from.index_select(0, index.reshape({-1})).reshape({index.size(0), index.size(1), from.size(1)});
    };
    Outputs outputs;
    outputs.log_corrections = network->forward(pick(data.inputs));
    const torch::Tensor own =
        pick(data.physical) * torch::exp(correction_limit * torch::tanh(outputs.log_corrections / correction_limit));
    // How far the other role was ahead in the operation before.
    const torch::Tensor before = torch::cat({torch::zeros_like(own.slice(1, 0, 1)), own.slice(1, 0, -1)}, 1);
    const torch::Tensor ahead = torch::relu(before.flip({2}) - before);
    outputs.times = own + pick(data.wait) + pick(data.lag_factor) * ahead;
    return outputs;
}

torch::Tensor error_of(const Outputs& outputs, const torch::Tensor& measured) {
    constexpr double floor_ms = 5;
    constexpr double share = 0.03;
    const torch::Tensor size = ((outputs.times - measured) / (floor_ms + share * measured)).abs();
    return torch::where(size < 1, 0.5 * size * size, size - 0.5).sum(2);
}

torch::Tensor training_loss(Network& network, const Data& data, const Stretches& stretches,
                            const torch::Tensor& fitted) {
    constexpr double penalty_share = 0.1;
    constexpr double correction_deviation = 0.1;
    constexpr double total_share = 40;
    constexpr double total_floor_ms = 100;
    const torch::Tensor& index = stretches.index;
    const auto pick = [&](const torch::Tensor& from) {
        return from.index_select(0, index.reshape({-1})).reshape(index.sizes());
    };
    const Outputs outputs = predict(network, data, stretches);
    const torch::Tensor measured =
        data.measured.index_select(0, index.reshape({-1})).reshape({index.size(0), index.size(1), roles});
    const torch::Tensor known = pick(fitted) * stretches.mask;
    const torch::Tensor weight = known * pick(data.weight);
    const torch::Tensor errors = (error_of(outputs, measured) * weight).sum() / weight.sum().clamp_min(1e-6);
    const torch::Tensor squares = (outputs.log_corrections / correction_deviation).square().sum(2);
    const torch::Tensor penalty = (squares * pick(data.penalty) * stretches.mask).sum() / stretches.mask.sum();
    const torch::Tensor measured_total = (measured * known.unsqueeze(2)).sum(1);
    const torch::Tensor total = (outputs.times * known.unsqueeze(2)).sum(1);
    const torch::Tensor off = ((total - measured_total) / (measured_total + total_floor_ms)).abs().mean();
    return errors + penalty_share * penalty + total_share * off;
}

double validation_loss(Network& network, const Data& data, const Stretches& whole, const torch::Tensor& left_out) {
    constexpr double most_loss = 4;  // of one operation: outliers must not decide when to stop
    const torch::NoGradGuard no_gradients;
    const torch::Tensor& index = whole.index;
    const Outputs outputs = predict(network, data, whole);
    const torch::Tensor measured =
        data.measured.index_select(0, index.reshape({-1})).reshape({index.size(0), index.size(1), roles});
    const torch::Tensor weight =
        (left_out * data.weight).index_select(0, index.reshape({-1})).reshape(index.sizes()) * whole.mask;
    const torch::Tensor errors = error_of(outputs, measured).clamp_max(most_loss);
    return (errors * weight).sum().item<double>() / std::max(weight.sum().item<double>(), 1e-6);
}

// Which operations a member leaves out, 1 or 0: those of one part of the configurations.
torch::Tensor left_out_by(const Data& data, int member, std::uint64_t seed) {
    constexpr std::size_t parts = 6;
    random::Stream stream(seed, 0, 0, random::Purpose::validation_part);
    const std::vector<std::size_t> shuffled = learned::shuffled_indices(stream, data.configuration_count);
    std::vector<bool> is_left_out(data.configuration_count, false);
    for (std::size_t i = 0; i < shuffled.size(); ++i) {
        is_left_out[shuffled[i]] = i % parts == static_cast<std::size_t>(member) % parts;
    }
    std::vector<float> values;
    for (const std::size_t configuration : data.configuration) {
        values.push_back(is_left_out[configuration] ? 1 : 0);
    }
    const auto rows = static_cast<std::int64_t>(values.size());
    return tensor_of(values, {rows});
}

DenseLayer layer_of(const torch::Tensor& weight, const torch::Tensor& bias) {
    const torch::Tensor rows = weight.detach().t().contiguous();  // LibTorch keeps [outputs, inputs]
    const torch::Tensor constant = bias.detach().contiguous();
    const float* const w = rows.data_ptr<float>();
    const float* const b = constant.data_ptr<float>();
    return {static_cast<std::size_t>(rows.size(0)),
            static_cast<std::size_t>(rows.size(1)),
            {w, w + rows.numel()},
            {b, b + constant.numel()}};
}

Member member_of(const Network& network) {
    const std::vector<torch::Tensor> gates = network->recurrent->parameters();  // input, hidden, and their biases
    Member member;
    member.embedding = layer_of(network->embedding->weight, network->embedding->bias);
    member.gates_of_input = layer_of(gates[0], gates[2] + gates[3]);
    member.gates_of_hidden = layer_of(gates[1], torch::zeros_like(gates[3]));
    for (const torch::nn::Linear& dense : network->dense) {
        member.dense.push_back(layer_of(dense->weight, dense->bias));
    }
    return member;
}

std::array<learned::Reach, learned::layer_type_count> reach_of(const Observations& observations,
                                                               const learned::PhysicalTimes& physical) {
    std::array<std::map<std::array<std::int64_t, 20>, std::vector<double>>, learned::layer_type_count> seen;
    for (const std::vector<Observation>& network : observations) {
        for (const Observation& one : network) {
            if (one.weight > 0) {
                std::vector<double>& row = seen[static_cast<std::size_t>(one.work.type)][one.key.values];
                row.resize(learned::operation_input_count);
                learned::operation_inputs(one.work, physical.own_ms(one.work), row);
            }
        }
    }
    std::array<learned::Reach, learned::layer_type_count> result;
    for (std::size_t t = 0; t < result.size(); ++t) {
        std::vector<std::vector<double>> rows;
        for (auto& [key, row] : seen[t]) {
            rows.push_back(std::move(row));
        }
        if (!rows.empty()) {
            result[t] = learned::Reach::of(rows);
        }
    }
    return result;
}

struct TrainedMember {
    Member member;
    double validation_loss = std::numeric_limits<double>::infinity();
};

TrainedMember train_member(const Data& data, int index, const TrainingPlan& plan) {
    constexpr double weight_decay = 1e-2;
    constexpr double first_kept_share = 0.4;
    constexpr int validation_interval = 4;
    constexpr std::size_t steps_of_epoch = 2;
    constexpr double longest_gradient = 1;
    const Hyperparameters& hyperparameters = plan.hyperparameters;
    random::Stream weights(plan.seed, 0, static_cast<std::uint32_t>(index), random::Purpose::network_weights);
    random::Stream order(plan.seed, 0, static_cast<std::uint32_t>(index), random::Purpose::training_order);
    Network network(hyperparameters.architecture, weights);
    torch::optim::AdamW optimizer(network->parameters(),
                                  torch::optim::AdamWOptions(hyperparameters.learning_rate).weight_decay(weight_decay));
    auto& options = static_cast<torch::optim::AdamWOptions&>(optimizer.param_groups().front().options());
    const torch::Tensor known = (data.weight > 0).to(torch::kFloat32);
    const torch::Tensor left_out = left_out_by(data, index, plan.seed) * known;
    const torch::Tensor fitted = known - left_out;
    const Stretches whole = padded(data.networks);
    TrainedMember best;
    for (int epoch = 0; epoch < plan.epochs; ++epoch) {
        const double progress = static_cast<double>(epoch) / plan.epochs;
        options.lr(hyperparameters.learning_rate * (0.5 * (1 + std::cos(std::numbers::pi * progress)) + 0.02));
        const auto ranges = cut(data, order);
        for (std::size_t step = 0; step < steps_of_epoch; ++step) {
            if (plan.is_cancelled && plan.is_cancelled()) {
                throw training::Cancelled{};
            }
            const auto begin = ranges.begin() + static_cast<std::ptrdiff_t>(step * ranges.size() / steps_of_epoch);
            const auto end = ranges.begin() + static_cast<std::ptrdiff_t>((step + 1) * ranges.size() / steps_of_epoch);
            if (begin == end) {
                continue;
            }
            const torch::Tensor loss = training_loss(network, data, padded({begin, end}), fitted);
            optimizer.zero_grad();
            loss.backward();
            torch::nn::utils::clip_grad_norm_(network->parameters(), longest_gradient);
            optimizer.step();
        }
        const bool is_last = epoch + 1 == plan.epochs;
        if (is_last || (progress >= first_kept_share && epoch % validation_interval == 0)) {
            const double loss = validation_loss(network, data, whole, left_out);
            if (loss < best.validation_loss) {
                best = {member_of(network), loss};
            }
        }
    }
    return best;
}

}  // namespace

Trained train(const protocol::EngineProfile& profile, const Observations& observations, const TrainingPlan& plan) {
    const learned::PhysicalTimes physical = learned::fit_physical_times(observations);
    const learned::OneThread one_thread;
    learned::InputScale scale;
    const Data data = data_of(observations, physical, plan.sees_pool, scale);
    std::vector<Member> members;
    Trained result;
    for (int i = 0; i < plan.members; ++i) {
        TrainedMember trained = train_member(data, i, plan);
        members.push_back(std::move(trained.member));
        result.validation_loss += trained.validation_loss / plan.members;
    }
    result.predictor = std::make_shared<LstmPredictor>(
        profile, physical, plan.network_deviation, plan.hyperparameters.architecture, plan.sees_pool, std::move(scale),
        std::move(members), reach_of(observations, physical));
    return result;
}

}  // namespace sotto::lstm
