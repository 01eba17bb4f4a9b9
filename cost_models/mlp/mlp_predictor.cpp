// SPDX-License-Identifier: Apache-2.0
#include "cost_models/mlp/mlp_predictor.hpp"

#include <algorithm>
#include <cassert>

namespace sotto::mlp {

using learned::BothRoles;
using learned::DenseLayer;
using learned::Workload;

namespace {

constexpr std::size_t widest = 640;

double output(const std::vector<DenseLayer>& layers, const float* inputs) {
    std::array<float, widest> first;
    std::array<float, widest> second;
    const float* x = inputs;
    float* y = first.data();
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].apply(x, y);
        if (i + 1 < layers.size()) {
            learned::rectify({y, layers[i].outputs});
        }
        x = y;
        y = y == first.data() ? second.data() : first.data();
    }
    return x[0];
}

}  // namespace

MlpPredictor::MlpPredictor(const protocol::EngineProfile& profile, const learned::PhysicalTimes& physical,
                           double network_deviation, std::array<TypeNetworks, learned::layer_type_count> networks)
    : Predictor(profile, physical, network_deviation), networks_(std::move(networks)) {}

BothRoles MlpPredictor::corrected(const Workload& work) const {
    const TypeNetworks& networks = networks_[static_cast<std::size_t>(work.type)];
    const BothRoles physical_ms = physical().own_ms(work);
    std::array<double, learned::operation_input_count> inputs{};
    std::array<float, learned::operation_input_count> scaled{};
    learned::operation_inputs(work, physical_ms, inputs);
    networks.reach.scale().apply(inputs, scaled);
    const double share = networks.reach.share(scaled);
    BothRoles result{};
    for (std::size_t role = 0; role < result.size(); ++role) {
        double sum = 0;
        for (const std::vector<DenseLayer>& member : networks.members[role]) {
            sum += learned::correction_factor(output(member, scaled.data()), correction_limit, share);
        }
        result[role] = physical_ms[role] * sum / static_cast<double>(networks.members[role].size());
    }
    return result;
}

BothRoles MlpPredictor::own_ms(const sotto_operation& operation, const Workload& work,
                               learned::Cursor& /*cursor*/) const {
    const learned::OperationKey key = learned::operation_key(operation);
    BothRoles times{};
    if (!cache_.find(key, times)) {
        times = corrected(work);
        cache_.insert(key, times);
    }
    return times;
}

void MlpPredictor::prepare(std::span<const sotto_operation* const> operations) const {
    std::vector<std::pair<learned::OperationKey, Workload>> unknown;
    BothRoles known{};
    for (const sotto_operation* operation : operations) {
        const learned::OperationKey key = learned::operation_key(*operation);
        learned::ProgramState anywhere(profile());
        Workload work;
        if (!cache_.find(key, known) && next_workload(profile(), *operation, anywhere, work) &&
            physical().knows(work.type)) {
            unknown.emplace_back(key, work);
        }
    }
    // By layer type, so that a type's weights stay in the cache of the processor; equal ones once.
    std::sort(unknown.begin(), unknown.end(), [](const auto& left, const auto& right) {
        return left.second.type != right.second.type ? left.second.type < right.second.type
                                                     : left.first.values < right.first.values;
    });
    const learned::OperationKey* last = nullptr;
    for (const auto& [key, work] : unknown) {
        if (last == nullptr || !(*last == key)) {
            cache_.insert(key, corrected(work));
        }
        last = &key;
    }
}

}  // namespace sotto::mlp
