// SPDX-License-Identifier: Apache-2.0
#include "search/space/program_writer.hpp"

#include <utility>

#include "engine/arch/network_builder.hpp"

namespace sotto::search::language {

using input::InputError;
using input::SourceLocation;

namespace {

constexpr std::size_t maximum_instructions = 4'000'000;

[[noreturn]] void too_large(const SourceLocation& location, std::string found) {
    throw InputError({location,
                      "the space is too large once its repeats are unrolled",
                      std::move(found),
                      "fewer or smaller repeats and blocks",
                      {}});
}

}  // namespace

ProgramWriter::ProgramWriter() {
    for (const std::string_view word : known_words) {
        (void)intern(std::string(word));
    }
}

std::int64_t ProgramWriter::intern(const std::string& word) {
    const auto [at, added] = word_index_.try_emplace(word, static_cast<std::int64_t>(program.words.size()));
    if (added) {
        program.words.push_back(word);
    }
    return at->second;
}

std::uint32_t ProgramWriter::new_register(std::string name) {
    program.register_names.push_back(std::move(name));
    return static_cast<std::uint32_t>(program.register_names.size() - 1);
}

std::uint32_t ProgramWriter::new_slot(std::string name) {
    program.slot_names.push_back(std::move(name));
    return static_cast<std::uint32_t>(program.slot_names.size() - 1);
}

Value ProgramWriter::store(const CompiledExpression& compiled, const SourceLocation& location) {
    if (compiled.constant) {
        return Value::of(compiled.value);
    }
    if (compiled.code.size() == 1 && compiled.code[0].op == Opcode::load) {
        return Value::in_register(compiled.code[0].where);
    }
    if (program.instructions.size() + compiled.code.size() >= maximum_instructions) {
        too_large(location, "more than " + std::to_string(maximum_instructions) + " operations in expressions");
    }
    const auto begin = static_cast<std::uint32_t>(program.instructions.size());
    program.instructions.insert(program.instructions.end(), compiled.code.begin(), compiled.code.end());
    program.instructions.push_back({});
    return {Value::Form::code, begin, 0};
}

Value ProgramWriter::keep(const CompiledExpression& compiled, const SourceLocation& location) {
    const Value value = store(compiled, location);
    if (value.form != Value::Form::code) {
        return value;
    }
    const std::uint32_t reg = new_register({});
    add_evaluation(reg, value, location, compiled.shape_dependent || shape_context_, false);
    return Value::in_register(reg);
}

Value ProgramWriter::store_within(const CompiledExpression& compiled, ValueType type, const SourceLocation& location,
                                  std::string_view what, std::int64_t least, std::int64_t most) {
    expect_type(compiled, type, location, what);
    if (!compiled.set.intersects(least, most)) {
        throw InputError({location,
                          std::string(what) + " is out of range",
                          compiled.constant
                              ? std::to_string(compiled.value)
                              : std::to_string(compiled.set.least) + " to " + std::to_string(compiled.set.most),
                          "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
                          {}});
    }
    return store(compiled, location);
}

void ProgramWriter::add_evaluation(std::uint32_t reg, const Value& value, const SourceLocation& location,
                                   bool while_building, bool may_be_unset) {
    std::vector<SourceLocation>& locations = program.locations;
    if (locations.empty() || locations.back().line != location.line || locations.back().column != location.column) {
        locations.push_back(location);
    }
    const auto place = static_cast<std::uint32_t>(locations.size() - 1);
    if (while_building) {
        LayerStep step;
        step.kind = LayerStep::Kind::evaluate;
        step.index = reg;
        step.value = value;
        step.location = place;
        step.may_be_unset = may_be_unset;
        program.layer_steps.push_back(step);
        return;
    }
    ChoiceStep step;
    step.kind = ChoiceStep::Kind::evaluate;
    step.index = reg;
    step.value = value;
    step.location = place;
    step.may_be_unset = may_be_unset;
    program.choice_steps.push_back(step);
}

void ProgramWriter::add_copy(std::uint32_t from, std::uint32_t to) {
    LayerStep step;
    step.kind = LayerStep::Kind::copy;
    step.from = from;
    step.slot = to;
    program.layer_steps.push_back(step);
}

void ProgramWriter::add_nothing(std::uint32_t slot) {
    LayerStep step;
    step.kind = LayerStep::Kind::nothing;
    step.slot = slot;
    program.layer_steps.push_back(step);
}

void ProgramWriter::add_requirement(Requirement requirement, const CompiledExpression& condition) {
    const auto index = static_cast<std::uint32_t>(program.requirements.size());
    program.requirements.push_back(std::move(requirement));
    if (condition.count_dependent) {
        program.final_requirements.push_back(index);
    } else if (condition.shape_dependent || shape_context_) {
        LayerStep step;
        step.kind = LayerStep::Kind::require;
        step.index = index;
        program.layer_steps.push_back(step);
    } else {
        ChoiceStep step;
        step.kind = ChoiceStep::Kind::require;
        step.index = index;
        program.choice_steps.push_back(step);
    }
}

void ProgramWriter::add_layer(LayerDescription layer, std::uint32_t slot) {
    if (program.layers.size() + 1 >= arch::maximum_layers) {
        too_large(layer.location, "more than " + std::to_string(arch::maximum_layers) + " layers");
    }
    LayerStep step;
    step.kind = LayerStep::Kind::layer;
    step.index = static_cast<std::uint32_t>(program.layers.size());
    step.slot = slot;
    program.layers.push_back(std::move(layer));
    program.layer_steps.push_back(step);
}

ProgramWriter::Guard ProgramWriter::begin_guard(const Value& condition, bool shape_dependent) {
    Guard guard;
    guard.outer_shape_context = shape_context_;
    shape_context_ = shape_context_ || shape_dependent;
    if (!shape_context_) {
        guard.choice_step = program.choice_steps.size();
        ChoiceStep step;
        step.kind = ChoiceStep::Kind::guard;
        step.value = condition;
        program.choice_steps.push_back(step);
    }
    guard.layer_step = program.layer_steps.size();
    LayerStep step;
    step.kind = LayerStep::Kind::guard;
    step.value = condition;
    program.layer_steps.push_back(step);
    return guard;
}

void ProgramWriter::end_guard(const Guard& guard) {
    shape_context_ = guard.outer_shape_context;
    if (guard.choice_step) {
        program.choice_steps[*guard.choice_step].index = static_cast<std::uint32_t>(program.choice_steps.size());
    }
    program.layer_steps[guard.layer_step].index = static_cast<std::uint32_t>(program.layer_steps.size());
}

void expect_type(const CompiledExpression& compiled, ValueType type, const SourceLocation& location,
                 std::string_view what) {
    if (compiled.type != type) {
        throw InputError({location,
                          std::string(what) + " has the wrong type",
                          std::string(type_text(compiled.type)),
                          std::string(type_text(type)),
                          {}});
    }
}

}  // namespace sotto::search::language
