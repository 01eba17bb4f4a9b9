// SPDX-License-Identifier: Apache-2.0
#include "cost_models/lstm/lstm_predictor.hpp"

#include <array>
#include <cmath>
#include <utility>

namespace sotto::lstm {

using learned::BothRoles;

namespace {

float sigmoid(float value) {
    return 1.0F / (1.0F + std::exp(-value));
}

// Scratch space of one step, kept by its thread so that a step does not allocate.
struct Scratch {
    std::vector<float> embedded;
    std::vector<float> gates;
    std::vector<float> first;
    std::vector<float> second;
};

// One step of the recurrent layer: hidden and cell, of `size` values each, become the next ones.
void recur(const Member& member, std::size_t size, const float* embedded, float* hidden, float* cell,
           std::vector<float>& gates) {
    gates.resize(4 * size);
    member.gates_of_input.apply(embedded, gates.data());
    member.gates_of_hidden.accumulate(hidden, gates.data());
    for (std::size_t i = 0; i < size; ++i) {
        const float input = sigmoid(gates[i]);
        const float forget = sigmoid(gates[size + i]);
        const float candidate = std::tanh(gates[2 * size + i]);
        const float output = sigmoid(gates[3 * size + i]);
        cell[i] = forget * cell[i] + input * candidate;
        hidden[i] = output * std::tanh(cell[i]);
    }
}

BothRoles advance(const Member& member, std::size_t size, const float* inputs, float* state, Scratch& scratch) {
    scratch.embedded.resize(member.embedding.outputs);
    member.embedding.apply(inputs, scratch.embedded.data());
    learned::rectify(scratch.embedded);
    recur(member, size, scratch.embedded.data(), state, state + size, scratch.gates);
    std::vector<float>* x = &scratch.first;
    std::vector<float>* y = &scratch.second;
    x->assign(state, state + size);
    x->insert(x->end(), scratch.embedded.begin(), scratch.embedded.end());
    for (std::size_t i = 0; i < member.dense.size(); ++i) {
        y->resize(member.dense[i].outputs);
        member.dense[i].apply(x->data(), y->data());
        if (i + 1 < member.dense.size()) {
            learned::rectify(*y);
        }
        std::swap(x, y);
    }
    return {(*x)[0], (*x)[1]};
}

}  // namespace

LstmPredictor::LstmPredictor(const protocol::EngineProfile& profile, const learned::PhysicalTimes& physical,
                             double network_deviation, const Architecture& architecture, bool sees_pool,
                             learned::InputScale scale, std::vector<Member> members,
                             std::array<learned::Reach, learned::layer_type_count> reach)
    : Predictor(profile, physical, network_deviation),
      architecture_(architecture),
      sees_pool_(sees_pool),
      scale_(std::move(scale)),
      members_(std::move(members)),
      reach_(std::move(reach)) {}

void network_inputs(const learned::Workload& work, const BothRoles& own_ms, bool sees_pool,
                    std::vector<double>& inputs) {
    inputs.resize(input_count);
    const std::span<double> all(inputs);
    learned::operation_inputs(work, own_ms, all.first(learned::operation_input_count));
    learned::place_inputs(work, sees_pool, all.subspan(learned::operation_input_count));
}

BothRoles LstmPredictor::own_ms(const sotto_operation& operation, const learned::Workload& work,
                                learned::Cursor& cursor) const {
    thread_local Scratch scratch;
    thread_local std::vector<double> inputs;
    std::array<float, input_count> scaled{};
    const BothRoles physical_ms = physical().own_ms(work);
    network_inputs(work, physical_ms, sees_pool_, inputs);
    scale_.apply(inputs, scaled);
    const learned::OperationKey key = learned::operation_key(operation);
    double share = 0;
    if (!shares_.find(key, share)) {
        const learned::Reach& reach = reach_[static_cast<std::size_t>(work.type)];
        std::array<float, learned::operation_input_count> alone{};
        reach.scale().apply(std::span<const double>(inputs).first(alone.size()), alone);
        share = reach.share(alone);
        shares_.insert(key, share);
    }
    BothRoles sum{};
    for (std::size_t m = 0; m < members_.size(); ++m) {
        float* const state = cursor.hidden.data() + m * 2 * architecture_.hidden;
        const BothRoles outputs = advance(members_[m], architecture_.hidden, scaled.data(), state, scratch);
        for (std::size_t role = 0; role < sum.size(); ++role) {
            sum[role] += learned::correction_factor(outputs[role], correction_limit, share);
        }
    }
    for (std::size_t role = 0; role < sum.size(); ++role) {
        sum[role] *= physical_ms[role] / static_cast<double>(members_.size());
    }
    return sum;
}

BothRoles LstmPredictor::wait_ms(const learned::Workload& work, const BothRoles& previous) const {
    return sees_pool_ ? physical().wait_ms(work, previous) : physical().expected_wait_ms(work, previous);
}

}  // namespace sotto::lstm
