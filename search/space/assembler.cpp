// SPDX-License-Identifier: Apache-2.0
#include "search/space/assembler.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "engine/arch/counts.hpp"
#include "search/space/choice_walk.hpp"
#include "search/space/layer_attributes.hpp"

namespace sotto::search::language {
namespace {

// The builder refuses what is out of its ranges; this keeps it out of them.
std::int32_t narrowed(std::int64_t value) {
    return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(),
                                                              std::numeric_limits<std::int32_t>::max()));
}

}  // namespace

const arch::Network* Assembler::build(Machine& machine, Refusal& refusal) {
    machine.builder = &builder_;
    machine.fault = {};
    std::fill(machine.slots.begin(), machine.slots.end(), no_layer);
    builder_.reset(program_.name);
    planned_.clear();
    operands_.clear();
    current_ = nullptr;
    try {
        arch::Shape shape;
        shape.channels = narrowed(evaluate(program_, program_.input_shape[0], machine));
        shape.height = narrowed(evaluate(program_, program_.input_shape[1], machine));
        shape.width = narrowed(evaluate(program_, program_.input_shape[2], machine));
        if (machine.fault) {
            refuse_fault("the shape of the input has no value", program_.input_location, machine, refusal);
            return nullptr;
        }
        machine.slots[program_.input_slot] = builder_.add_input("input", shape);
        is_read_.assign(1, 0);
        if (!run_steps(machine, refusal)) {
            return nullptr;
        }
        const arch::LayerIndex output = machine.slots[program_.output_slot];
        if (output == no_layer || output == 0) {
            refusal = {output == 0 ? "every layer is left out" : "nothing leads to the output",
                       &program_.input_location, false};
            return nullptr;
        }
        if (leads_to_output(output)) {
            builder_.finish_into(network_, output);
        } else {
            pruned_.finish_into(network_, rebuild_without_dead_ends(output));
        }
    } catch (const arch::InvalidNetwork& error) {
        refusal = {error.what(), current_ != nullptr ? &current_->location : &program_.input_location, false};
        return nullptr;
    }
    return keeps_requirements(machine, refusal) ? &network_ : nullptr;
}

bool Assembler::run_steps(Machine& machine, Refusal& refusal) {
    for (std::size_t at = 0; at < program_.layer_steps.size();) {
        const LayerStep& step = program_.layer_steps[at++];
        switch (step.kind) {
            case LayerStep::Kind::layer:
                if (!add_layer(step, machine, refusal)) {
                    return false;
                }
                break;
            case LayerStep::Kind::copy:
                machine.slots[step.slot] = machine.slots[step.from];
                break;
            case LayerStep::Kind::nothing:
                machine.slots[step.slot] = no_layer;
                break;
            case LayerStep::Kind::evaluate: {
                const std::int64_t value = evaluate(program_, step.value, machine);
                if (!machine.fault) {
                    machine.set(step.index, value);
                } else if (step.may_be_unset && machine.fault.kind == FaultKind::inactive) {
                    machine.fault = {};
                } else {
                    return refuse_fault(without_value(program_, step.index), program_.locations[step.location], machine,
                                        refusal);
                }
                break;
            }
            case LayerStep::Kind::guard:
                if (evaluate(program_, step.value, machine) == 0) {
                    at = step.index;
                }
                break;
            case LayerStep::Kind::require:
                if (!holds(program_, program_.requirements[step.index], machine, refusal)) {
                    return false;
                }
                break;
        }
    }
    return true;
}

bool Assembler::refuse_fault(const std::string& what, const input::SourceLocation& location, Machine& machine,
                             Refusal& refusal) const {
    refusal = {what + ": " + fault_text(program_, machine.fault), &location, true};
    machine.fault = {};
    return false;
}

bool Assembler::add_layer(const LayerStep& step, Machine& machine, Refusal& refusal) {
    const LayerDescription& description = program_.layers[step.index];
    const auto first = static_cast<std::uint32_t>(operands_.size());
    for (std::uint32_t i = 0; i < description.operands; ++i) {
        const arch::LayerIndex operand = machine.slots[program_.operand_slots[description.first_operand + i]];
        if (operand != no_layer) {
            operands_.push_back(operand);
        }
    }
    const auto operands = static_cast<std::uint32_t>(operands_.size() - first);
    // Nothing in, nothing out; a sum or concatenation of one operand is that operand.
    if (operands == 0) {
        machine.slots[step.slot] = no_layer;
        return true;
    }
    current_ = &description;
    Planned& planned = planned_.emplace_back();
    plan(description, machine, planned);
    if (machine.fault) {
        return refuse_fault("an attribute of layer '" + description.name + "' has no value", description.location,
                            machine, refusal);
    }
    const bool left_out = planned.kind == arch::LayerKind::activation && planned.activation == arch::Activation::none;
    if (left_out || (description.operands > 1 && operands == 1)) {
        machine.slots[step.slot] = operands_[first];
        operands_.resize(first);
        planned_.pop_back();
        return true;
    }
    planned.first_operand = first;
    planned.operands = operands;
    const std::span<const arch::LayerIndex> span(operands_.data() + first, operands);
    machine.slots[step.slot] = add(builder_, planned, span);
    for (const arch::LayerIndex operand : span) {
        is_read_[operand] = 1;
    }
    is_read_.push_back(0);
    return true;
}

void Assembler::plan(const LayerDescription& description, Machine& machine, Planned& planned) {
    const auto number = [&](const Value& value) { return narrowed(evaluate(program_, value, machine)); };
    const LayerType& type = layer_types[static_cast<std::size_t>(evaluate(program_, description.kind, machine))];
    planned.description = &description;
    planned.kind = type.kind;
    planned.activation = type.activation;
    switch (type.kind) {
        case arch::LayerKind::convolution:
            planned.channels = number(description.channels);
            planned.groups = number(description.groups);
            planned.bias = number(description.bias) != 0;
            break;
        case arch::LayerKind::fully_connected:
            planned.channels = number(description.channels);
            planned.bias = number(description.bias) != 0;
            return;
        case arch::LayerKind::batch_normalization:
            planned.form =
                static_cast<arch::BatchNormalizationForm>(number(description.form) - first_normalization_word);
            planned.foldable = number(description.foldable) != 0;
            return;
        case arch::LayerKind::max_pool:
        case arch::LayerKind::average_pool:
        case arch::LayerKind::pad:
            break;
        default:
            return;
    }
    arch::Window& window = planned.window;
    window.kernel_height = number(description.kernel[0]);
    window.kernel_width = number(description.kernel[1]);
    window.stride_height = number(description.stride[0]);
    window.stride_width = number(description.stride[1]);
    switch (description.padding_form) {
        case PaddingForm::none:
            break;
        case PaddingForm::word: {
            const bool same = evaluate(program_, description.padding[0], machine) == same_word;
            const bool usable = window.kernel_height > 0 && window.kernel_width > 0 && window.stride_height > 0 &&
                                window.stride_width > 0;
            if (same && usable) {
                window = arch::same_padding(window, builder_.shape(operands_.back()));
            }
            break;
        }
        case PaddingForm::uniform:
            window.pad_top = number(description.padding[0]);
            window.pad_bottom = window.pad_top;
            window.pad_left = window.pad_top;
            window.pad_right = window.pad_top;
            break;
        case PaddingForm::sides:
            window.pad_top = number(description.padding[0]);
            window.pad_bottom = number(description.padding[1]);
            window.pad_left = number(description.padding[2]);
            window.pad_right = number(description.padding[3]);
            break;
    }
}

arch::LayerIndex Assembler::add(arch::NetworkBuilder& builder, const Planned& planned,
                                std::span<const arch::LayerIndex> operands) {
    const std::string& name = planned.description->name;
    switch (planned.kind) {
        case arch::LayerKind::convolution:
            return builder.add_convolution(name, operands[0], planned.channels, planned.window, planned.groups,
                                           planned.bias);
        case arch::LayerKind::batch_normalization:
            return builder.add_batch_normalization(name, operands[0], planned.form, planned.foldable);
        case arch::LayerKind::activation:
            return builder.add_activation(name, operands[0], planned.activation);
        case arch::LayerKind::max_pool:
        case arch::LayerKind::average_pool:
            return builder.add_pool(name, operands[0], planned.kind, planned.window);
        case arch::LayerKind::global_max_pool:
        case arch::LayerKind::global_average_pool:
            return builder.add_global_pool(name, operands[0], planned.kind);
        case arch::LayerKind::fully_connected:
            return builder.add_fully_connected(name, operands[0], planned.channels, planned.bias);
        case arch::LayerKind::add:
            return builder.add_add(name, operands);
        case arch::LayerKind::concat:
            return builder.add_concat(name, operands);
        case arch::LayerKind::flatten:
            return builder.add_flatten(name, operands[0]);
        case arch::LayerKind::pad:
            return builder.add_pad(name, operands[0], planned.window);
        case arch::LayerKind::input:
            break;
    }
    return no_layer;
}

bool Assembler::leads_to_output(arch::LayerIndex output) const {
    const std::size_t unread = static_cast<std::size_t>(std::count(is_read_.begin(), is_read_.end(), std::uint8_t{0}));
    return unread == 1 && is_read_[output] == 0;
}

// Operands that stood for nothing can leave layers without a reader: they cost and change nothing, so they go.
arch::LayerIndex Assembler::rebuild_without_dead_ends(arch::LayerIndex output) {
    std::fill(is_read_.begin(), is_read_.end(), std::uint8_t{0});
    is_read_[output] = 1;
    for (arch::LayerIndex layer = output; layer > 0; --layer) {
        const Planned& planned = planned_[layer - 1];
        for (std::uint32_t i = 0; is_read_[layer] != 0 && i < planned.operands; ++i) {
            is_read_[operands_[planned.first_operand + i]] = 1;
        }
    }
    pruned_.reset(program_.name);
    moved_to_.assign(is_read_.size(), no_layer);
    moved_to_[0] = pruned_.add_input("input", builder_.shape(0));
    for (arch::LayerIndex layer = 1; layer <= output; ++layer) {
        if (is_read_[layer] == 0) {
            continue;
        }
        const Planned& planned = planned_[layer - 1];
        scratch_.clear();
        for (std::uint32_t i = 0; i < planned.operands; ++i) {
            scratch_.push_back(moved_to_[operands_[planned.first_operand + i]]);
        }
        moved_to_[layer] = add(pruned_, planned, scratch_);
    }
    return moved_to_[output];
}

bool Assembler::keeps_requirements(Machine& machine, Refusal& refusal) {
    if (program_.final_requirements.empty()) {
        return true;
    }
    const arch::Counts counts = arch::count(network_);
    machine.counts = {counts.parameters, counts.multiply_adds, counts.relu_elements, counts.comparisons,
                      static_cast<std::int64_t>(network_.size()) - 1};
    return std::all_of(
        program_.final_requirements.begin(), program_.final_requirements.end(),
        [&](std::uint32_t index) { return holds(program_, program_.requirements[index], machine, refusal); });
}

}  // namespace sotto::search::language
