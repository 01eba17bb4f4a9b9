// SPDX-License-Identifier: Apache-2.0
#include "cost_models/mlp/mlp_predictor.hpp"

#include <algorithm>
#include <cassert>
#include <cstdint>

namespace sotto::mlp {

using learned::BothRoles;
using learned::DenseLayer;
using learned::KnownOperation;
using learned::KnownOperations;
using learned::OwnWorkload;
using learned::Workload;

namespace {

constexpr std::size_t chunk_size = 128;         // programs that are numbered together
constexpr std::size_t forward_rows = 64;        // of one pass: activations stay in the cache of the processor
constexpr std::size_t most_operations = 16384;  // that a workspace keeps from chunk to chunk

// Outputs of one network for several rows of inputs; `first` and `second` are scratch space.
void forward(const std::vector<DenseLayer>& layers, std::size_t rows, const std::vector<float>& inputs,
             std::vector<float>& first, std::vector<float>& second) {
    const std::vector<float>* x = &inputs;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        second.resize(rows * layers[i].outputs);
        layers[i].apply(rows, x->data(), second.data());
        if (i + 1 < layers.size()) {
            learned::rectify(second);
        }
        std::swap(first, second);
        x = &first;
    }
}

}  // namespace

struct MlpPredictor::Workspace {
    explicit Workspace(const MlpPredictor& predictor) : known(predictor.profile(), predictor.physical()) {}

    KnownOperations known;
    std::vector<std::uint32_t> numbers;  // of the programs of a chunk, one after the other
    std::vector<std::size_t> ends;
    std::vector<KnownOperations::New> fresh;
    std::vector<const OwnWorkload*> works;
    std::vector<BothRoles*> own_ms;
};

MlpPredictor::MlpPredictor(const protocol::EngineProfile& profile, const learned::PhysicalTimes& physical,
                           double network_deviation, std::array<TypeNetworks, learned::layer_type_count> networks)
    : Predictor(profile, physical, network_deviation), networks_(std::move(networks)) {}

MlpPredictor::~MlpPredictor() = default;

// All of one layer type.
void MlpPredictor::correct(std::span<const OwnWorkload* const> works, std::span<BothRoles* const> own_ms) const {
    assert(!works.empty() && works.size() == own_ms.size());
    constexpr std::size_t width = learned::operation_input_count;
    const std::size_t rows = works.size();
    const TypeNetworks& networks = networks_[static_cast<std::size_t>(works.front()->type)];
    std::vector<BothRoles> physical_ms(rows);
    std::vector<float> scaled(rows * width);
    std::vector<double> shares(rows);
    for (std::size_t row = 0; row < rows; ++row) {
        std::array<double, width> inputs{};
        physical_ms[row] = physical().own_ms(*works[row]);
        learned::operation_inputs(*works[row], physical_ms[row], inputs);
        const std::span<float> of_row(scaled.data() + row * width, width);
        networks.reach.scale().apply(inputs, of_row);
        shares[row] = networks.reach.share(of_row);
    }
    std::vector<float> outputs;
    std::vector<float> scratch;
    std::vector<double> sums(rows);
    for (std::size_t role = 0; role < training::role_count; ++role) {
        std::fill(sums.begin(), sums.end(), 0.0);
        for (const std::vector<DenseLayer>& member : networks.members[role]) {
            forward(member, rows, scaled, outputs, scratch);
            for (std::size_t row = 0; row < rows; ++row) {
                sums[row] += learned::correction_factor(outputs[row], correction_limit, shares[row]);
            }
        }
        for (std::size_t row = 0; row < rows; ++row) {
            (*own_ms[row])[role] =
                physical_ms[row][role] * sums[row] / static_cast<double>(networks.members[role].size());
        }
    }
}

BothRoles MlpPredictor::corrected(const OwnWorkload& work) const {
    BothRoles result{};
    const OwnWorkload* const one = &work;
    BothRoles* const into = &result;
    correct({&one, 1}, {&into, 1});
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

// Own times of the fresh operations: those that another call knows, then one pass after the other by layer type.
void MlpPredictor::learn(Workspace& space, const std::function<void()>& interrupt) const {
    std::vector<KnownOperations::New>& fresh = space.fresh;
    std::erase_if(fresh, [&](const KnownOperations::New& one) {
        return cache_.find(learned::operation_key(*one.operation), space.known[one.number].own_ms);
    });
    const auto type_of = [&](const KnownOperations::New& one) { return space.known[one.number].work.type; };
    std::sort(fresh.begin(), fresh.end(), [&](const auto& left, const auto& right) {
        return type_of(left) != type_of(right) ? type_of(left) < type_of(right) : left.number < right.number;
    });
    for (std::size_t begin = 0; begin < fresh.size();) {
        space.works.clear();
        space.own_ms.clear();
        std::size_t end = begin;
        while (end < fresh.size() && end - begin < forward_rows && type_of(fresh[end]) == type_of(fresh[begin])) {
            KnownOperation& known = space.known[fresh[end].number];
            space.works.push_back(&known.work);
            space.own_ms.push_back(&known.own_ms);
            ++end;
        }
        correct(space.works, space.own_ms);
        interrupt();
        begin = end;
    }
    for (const KnownOperations::New& one : fresh) {
        cache_.insert(learned::operation_key(*one.operation), space.known[one.number].own_ms);
    }
}

void MlpPredictor::totals(std::span<const sotto_program* const> programs, std::span<learned::Outcome> outcomes,
                          const std::function<void()>& interrupt) const {
    assert(programs.size() == outcomes.size());
    const auto space = workspaces_.borrow([this] { return std::make_unique<Workspace>(*this); });
    for (std::size_t begin = 0; begin < programs.size(); begin += chunk_size) {
        interrupt();
        const std::size_t count = std::min(chunk_size, programs.size() - begin);
        if (space->known.size() > most_operations) {
            space->known.clear();
        }
        space->numbers.clear();
        space->ends.clear();
        space->fresh.clear();
        try {
            for (std::size_t i = 0; i < count; ++i) {
                outcomes[begin + i].refusal = space->known.number(*programs[begin + i], space->numbers, space->fresh);
                space->ends.push_back(space->numbers.size());
            }
            learn(*space, interrupt);
        } catch (...) {
            space->known.clear();  // some lack their own times
            throw;
        }
        std::size_t at = 0;
        for (std::size_t i = 0; i < count; ++i) {
            learned::ProgramState state(profile());
            BothRoles previous{};
            BothRoles total{};
            for (; at < space->ends[i]; ++at) {
                const KnownOperation& operation = space->known[space->numbers[at]];
                const learned::Place place = learned::place(profile(), operation.work, state);
                const BothRoles wait = wait_ms(operation.work, place, previous);
                previous = operation.own_ms;
                for (std::size_t role = 0; role < total.size(); ++role) {
                    total[role] += previous[role] + wait[role];
                }
            }
            outcomes[begin + i].total_ms = total;
        }
    }
}

}  // namespace sotto::mlp
