// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/prefix_states.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/plugin/border_call.hpp"

namespace sotto::plugin {
namespace {

// The structs have no gaps between their members that memcmp could read: layouts are frozen.
bool is_same(const sotto_operation& left, sotto_operation right) noexcept {
    right.layer = left.layer;
    return std::memcmp(&left, &right, sizeof left) == 0;
}

bool is_same(const sotto_layer& left, const sotto_layer& right) noexcept {
    return std::memcmp(&left, &right, sizeof left) == 0;
}

}  // namespace

class PrefixStates::Kept {
  public:
    Kept(const PrefixStates& owner, const sotto_candidate& candidate, sotto_incremental_state* state)
        : instance_(owner.instance_), extension_(owner.extension_), state_(state) {
        if (owner.needs_program_ && candidate.program != nullptr) {
            for (std::uint32_t i = 0; i < candidate.program->operation_count; ++i) {
                operations_.push_back(*sotto_operation_at(candidate.program, i));
            }
        }
        if (owner.needs_network_ && candidate.network != nullptr) {
            for (std::uint32_t i = 0; i < candidate.network->layer_count; ++i) {
                layers_.push_back(*sotto_layer_at(candidate.network, i));
            }
            operands_.assign(candidate.network->operand_layers,
                             candidate.network->operand_layers + candidate.network->operand_count);
        }
    }
    ~Kept() {
        // As with an instance: what must not happen is that an exception ends the run.
        static_cast<void>(fault_of_call("a plug-in", "release", [this] { extension_.release(instance_, state_); }));
    }
    Kept(const Kept&) = delete;
    Kept& operator=(const Kept&) = delete;

    const sotto_incremental_state* state() const noexcept { return state_; }

    // How many operations at the beginning are those of `program`: 0 or more than `least`.
    std::uint32_t shared_operations(const sotto_program* program, std::uint32_t least) const noexcept {
        if (program == nullptr) {
            return 0;
        }
        const auto most = static_cast<std::uint32_t>(
            std::min<std::size_t>(operations_.size(), std::size_t{program->operation_count}));
        if (most <= least || !is_same(operations_[least], *sotto_operation_at(program, least))) {
            return 0;
        }
        std::uint32_t count = 0;
        while (count < most && is_same(operations_[count], *sotto_operation_at(program, count))) {
            ++count;
        }
        return count > least ? count : 0;
    }

    std::uint32_t shared_layers(const sotto_network* network) const noexcept {
        std::uint32_t count = 0;
        while (network != nullptr && count < network->layer_count && count < layers_.size() &&
               has_same_layer(*network, count)) {
            ++count;
        }
        return count;
    }

  private:
    // The layers before are the same, so operands stand at the same indices.
    bool has_same_layer(const sotto_network& network, std::uint32_t index) const noexcept {
        const sotto_layer& layer = *sotto_layer_at(&network, index);
        return is_same(layers_[index], layer) &&
               std::equal(operands_.begin() + layer.first_operand,
                          operands_.begin() + layer.first_operand + layer.operand_count,
                          network.operand_layers + layer.first_operand);
    }

    sotto_instance* instance_;
    const sotto_incremental& extension_;
    sotto_incremental_state* state_;
    std::vector<sotto_operation> operations_;
    std::vector<sotto_layer> layers_;
    std::vector<std::uint32_t> operands_;
};

PrefixStates::PrefixStates(sotto_instance* instance, const sotto_incremental& extension, bool needs_network,
                           bool needs_program)
    : instance_(instance), extension_(extension), needs_network_(needs_network), needs_program_(needs_program) {}

PrefixStates::~PrefixStates() = default;

PrefixStates::Parent PrefixStates::closest(const sotto_candidate& candidate) {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto best = states_.end();
    std::uint32_t operations = 0;
    std::uint32_t layers = 0;
    for (auto kept = states_.begin(); kept != states_.end(); ++kept) {
        if (needs_program_) {
            const std::uint32_t shared = (*kept)->shared_operations(candidate.program, operations);
            if (shared > operations) {
                best = kept;
                operations = shared;
            }
        } else if (const std::uint32_t shared = (*kept)->shared_layers(candidate.network); shared > layers) {
            best = kept;
            layers = shared;
        }
    }
    if (best == states_.end()) {
        return {};
    }
    if (needs_program_ && needs_network_) {
        layers = (*best)->shared_layers(candidate.network);
    }
    states_.splice(states_.begin(), states_, best);
    const std::shared_ptr<const Kept>& kept = states_.front();
    return {kept, {sizeof(sotto_prefix), 0, kept->state(), operations, layers}};
}

void PrefixStates::keep(const sotto_candidate& candidate, sotto_incremental_state* state) {
    auto kept = std::make_shared<const Kept>(*this, candidate, state);
    std::shared_ptr<const Kept> oldest;  // before the lock: released after it
    const std::lock_guard<std::mutex> lock(mutex_);
    states_.push_front(std::move(kept));
    if (states_.size() > most_states) {
        oldest = std::move(states_.back());
        states_.pop_back();
    }
}

}  // namespace sotto::plugin
