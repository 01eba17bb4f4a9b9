// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/arch/network_builder.hpp"
#include "search/space/evaluator.hpp"
#include "search/space/program.hpp"
#include "search/space/refusal.hpp"

namespace sotto::search::language {

/// Runs the layer steps of a program: from registers that hold a candidate's choices to its network. Reusable; a
/// network as large as an earlier one takes no allocation.
class Assembler {
  public:
    explicit Assembler(const Program& program) : program_(program) {}

    /// The network, valid until the next call, or null with the reason.
    const arch::Network* build(Machine& machine, Refusal& refusal);

  private:
    // A layer with its attributes computed, so that it can be added again without those that lead nowhere.
    struct Planned {
        const LayerDescription* description = nullptr;
        arch::LayerKind kind = arch::LayerKind::input;
        arch::Activation activation = arch::Activation::none;
        arch::BatchNormalizationForm form = arch::BatchNormalizationForm::automatic;
        bool foldable = true;
        bool bias = true;
        std::int32_t groups = 1;
        std::int32_t channels = 1;
        arch::Window window;
        std::uint32_t first_operand = 0;
        std::uint32_t operands = 0;
    };

    bool run_steps(Machine& machine, Refusal& refusal);
    bool add_layer(const LayerStep& step, Machine& machine, Refusal& refusal);
    void plan(const LayerDescription& description, Machine& machine, Planned& planned);
    static arch::LayerIndex add(arch::NetworkBuilder& builder, const Planned& planned,
                                std::span<const arch::LayerIndex> operands);
    bool leads_to_output(arch::LayerIndex output) const;
    arch::LayerIndex rebuild_without_dead_ends(arch::LayerIndex output);
    bool refuse_fault(const std::string& what, const input::SourceLocation& location, Machine& machine,
                      Refusal& refusal) const;
    bool keeps_requirements(Machine& machine, Refusal& refusal);

    const Program& program_;
    arch::NetworkBuilder builder_;
    arch::NetworkBuilder pruned_;
    arch::Network network_;
    std::vector<Planned> planned_;            // [i]: layer i + 1 of builder_
    std::vector<arch::LayerIndex> operands_;  // of planned_
    std::vector<std::uint8_t> is_read_;       // per layer of builder_
    std::vector<arch::LayerIndex> moved_to_;  // per layer of builder_: its index in pruned_
    std::vector<arch::LayerIndex> scratch_;
    const LayerDescription* current_ = nullptr;  // the layer that an exception speaks of
};

}  // namespace sotto::search::language
