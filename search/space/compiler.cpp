// SPDX-License-Identifier: Apache-2.0
#include "search/space/compiler.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "search/space/layer_compiler.hpp"
#include "search/space/names.hpp"
#include "search/space/program_writer.hpp"
#include "search/space/repeat_count.hpp"
#include "search/space/repeated_genes.hpp"
#include "search/space/unread_layers.hpp"

namespace sotto::search::language {
namespace {

using input::InputError;

constexpr std::size_t maximum_block_depth = 32;

class SpaceCompiler {
  public:
    explicit SpaceCompiler(const SpaceTemplate& space) : space_(space), names_(writer_) {}

    Program compile() {
        Program& program = writer_.program;
        program.name = space_.name;
        program.input_location = space_.input_location;
        root_ = &names_.new_scope(nullptr, nullptr, {}, {});
        names_.declare(*root_, space_.body);
        names_.resolve_all(*root_, space_.body);
        for (std::size_t i = 0; i < 3; ++i) {
            program.input_shape[i] = writer_.store_within(names_.compile(*root_, space_.input_shape[i]),
                                                          ValueType::number, space_.input_location, "input", 1,
                                                          i == 0 ? arch::maximum_channels : arch::maximum_extent);
        }
        program.input_slot = writer_.new_slot("input");
        bind_input(*root_, "input", program.input_slot);
        program.output_slot = compile_parts(*root_, space_.body, program.input_slot);
        compile_requirements(*root_, space_.body, Counts::allowed);
        check_blocks_are_used();
        names_.check_choices_are_used();
        check_layers_lead_to_output(writer_.program);
        program.repeats = genes_of_repeats(repeats_, program.choices);
        return std::move(writer_.program);
    }

  private:
    // --- bodies ---

    std::uint32_t compile_body(Scope& scope, const BodyTemplate& body, std::uint32_t input) {
        names_.declare(scope, body);
        names_.resolve_all(scope, body);
        const std::uint32_t output = compile_parts(scope, body, input);
        compile_requirements(scope, body, Counts::refused);
        return output;
    }

    std::uint32_t compile_parts(Scope& scope, const BodyTemplate& body, std::uint32_t current) {
        for (const PartTemplate& part : body.parts) {
            current = compile_part(scope, part, current);
        }
        return body.output ? names_.find_slot(scope, *body.output, body.output->nodes.back().path) : current;
    }

    void compile_requirements(Scope& scope, const BodyTemplate& body, Counts counts) {
        for (const RequirementTemplate& source : body.requirements) {
            const Expression& condition = source.condition;
            const CompiledExpression compiled = names_.compile(scope, condition, counts);
            expect_type(compiled, ValueType::boolean, condition.location, "requirement");
            if (compiled.constant && compiled.value == 0) {
                throw InputError({condition.location,
                                  "a requirement never holds",
                                  quoted(condition.text),
                                  "one that some candidate keeps",
                                  {}});
            }
            Requirement requirement;
            requirement.condition = writer_.store(compiled, condition.location);
            requirement.text = condition.text;
            requirement.because = source.because;
            requirement.location = condition.location;
            requirement.sides = sides_of(scope, condition, counts);
            writer_.add_requirement(std::move(requirement), compiled);
        }
    }

    // The two sides of a comparison of numbers, to tell their values when it fails.
    std::optional<std::array<Value, 2>> sides_of(Scope& scope, const Expression& expression, Counts counts) {
        const ExpressionNode& root = expression.nodes.back();
        if (root.op < Operator::equal || root.op > Operator::greater_equal) {
            return std::nullopt;
        }
        const CompiledExpression left = names_.compile_node(scope, expression, root.operands[0], counts);
        const CompiledExpression right = names_.compile_node(scope, expression, root.operands[1], counts);
        if (left.type != ValueType::number) {
            return std::nullopt;
        }
        return std::array<Value, 2>{writer_.store(left, expression.location),
                                    writer_.store(right, expression.location)};
    }

    // --- parts ---

    static std::string part_name(const Scope& scope, const PartTemplate& part) {
        if (!part.name.empty()) {
            if (scope.parts.find(part.name) != scope.parts.end()) {
                throw InputError({part.name_location,
                                  "a part's name stands twice",
                                  quoted(part.name),
                                  "each name once in its list of layers",
                                  {}});
            }
            return part.name;
        }
        std::string base = "select";
        if (part.kind == PartTemplate::Kind::layer) {
            const ExpressionNode& type = part.type->nodes.back();
            base = type.op == Operator::word ? type.word : "layer";
        } else if (part.kind == PartTemplate::Kind::block) {
            base = part.block;
        } else if (part.kind == PartTemplate::Kind::group) {
            base = "group";
        }
        std::string name = base;
        for (int number = 2; scope.parts.find(name) != scope.parts.end(); ++number) {
            name = base + '_' + std::to_string(number);
        }
        return name;
    }

    void count_part(const PartTemplate& part) {
        if (++parts_ > maximum_parts) {
            throw InputError({part.location,
                              "the space is too large once its repeats are unrolled",
                              "more than " + std::to_string(maximum_parts) + " parts",
                              "fewer or smaller repeats and blocks",
                              {}});
        }
    }

    std::uint32_t compile_part(Scope& scope, const PartTemplate& part, std::uint32_t current) {
        count_part(part);
        const std::string name = part_name(scope, part);
        std::vector<std::uint32_t> inputs;
        for (const Expression& path : part.inputs) {
            inputs.push_back(names_.find_slot(scope, path, path.nodes.back().path));
        }
        if (inputs.empty()) {
            inputs.push_back(current);
        }
        // Known while it is compiled, so that an iteration may look at those before it.
        PartBinding& binding = scope.parts[name];
        binding.slot = compile_optional(scope, part, name, inputs, binding);
        binding.complete = true;
        return binding.slot;
    }

    std::uint32_t compile_optional(Scope& scope, const PartTemplate& part, const std::string& name,
                                   const std::vector<std::uint32_t>& inputs, PartBinding& binding) {
        if (!part.when) {
            return compile_repeats(scope, part, name, inputs, binding);
        }
        const CompiledExpression condition = names_.compile(scope, *part.when);
        expect_type(condition, ValueType::boolean, part.when->location, "condition");
        if (condition.constant && condition.value != 0) {
            return compile_repeats(scope, part, name, inputs, binding);
        }
        binding.conditional = true;
        const std::uint32_t output = writer_.new_slot(path_in(scope, name));
        if (part.otherwise_nothing) {
            writer_.add_nothing(output);
        } else {
            writer_.add_copy(inputs.front(), output);
        }
        if (!condition.constant) {
            const Value kept = writer_.keep(condition, part.when->location);
            const ProgramWriter::Guard guard = writer_.begin_guard(kept, condition.shape_dependent);
            writer_.add_copy(compile_repeats(scope, part, name, inputs, binding), output);
            writer_.end_guard(guard);
        }
        return output;
    }

    std::uint32_t compile_repeats(Scope& scope, const PartTemplate& part, const std::string& name,
                                  std::vector<std::uint32_t> inputs, PartBinding& binding) {
        if (!part.repeat) {
            return compile_once(scope, part, name, inputs, binding);
        }
        const CompiledExpression count = names_.compile(scope, *part.repeat);
        const std::int64_t most = largest_count(writer_, part, count);
        // Kept in a register even where it is one name, so that `count` and the guards read it unchecked.
        const Value value = writer_.keep(count, part.repeat->location);
        limit_count(writer_, part, name, count, value, most);
        if (count.genes.size() == 1 && part.repeat->nodes.size() == 1) {
            repeats_.push_back({path_in(scope, name), count.genes.front(), most});
        }

        const std::uint32_t output = writer_.new_slot(path_in(scope, name));
        writer_.add_copy(inputs.front(), output);
        binding.repeated = true;
        binding.certain_iterations = static_cast<std::uint32_t>(std::clamp<std::int64_t>(count.set.least, 0, most));
        std::vector<ProgramWriter::Guard> guards;
        for (std::int64_t i = 0; i < most; ++i) {
            count_part(part);
            if (i >= binding.certain_iterations) {
                guards.push_back(writer_.begin_guard(runs_iteration(writer_, i, value, part.repeat->location), false));
            }
            Scope& iteration = names_.new_scope(&scope, &scope, scope.path, scope.layer_path);
            bind_iteration(iteration, i, count, value);
            const std::string iteration_name = name + '[' + std::to_string(i) + ']';
            inputs.front() = compile_once(iteration, part, iteration_name, inputs, binding);
            binding.iteration_slots.push_back(inputs.front());
            writer_.add_copy(inputs.front(), output);
        }
        std::for_each(guards.rbegin(), guards.rend(), [&](const auto& guard) { writer_.end_guard(guard); });
        return output;
    }

    std::uint32_t compile_once(Scope& scope, const PartTemplate& part, const std::string& name,
                               const std::vector<std::uint32_t>& inputs, PartBinding& binding) {
        switch (part.kind) {
            case PartTemplate::Kind::layer:
                return compile_layer(writer_, names_, scope, part, scope.layer_path + name, inputs);
            case PartTemplate::Kind::block:
                return compile_block(scope, part, name, inputs, binding);
            case PartTemplate::Kind::group: {
                expect_one_input(part, inputs);
                Scope& inner = inner_scope(scope, name, inputs.front());
                binding.scopes.push_back(&inner);
                return compile_body(inner, part.body, inputs.front());
            }
            case PartTemplate::Kind::select:
                break;
        }
        expect_one_input(part, inputs);
        return compile_select(scope, part, name, inputs.front(), binding);
    }

    Scope& inner_scope(Scope& outer, const std::string& name, std::uint32_t input) {
        Scope& inner = names_.new_scope(&outer, &outer, path_in(outer, name), outer.layer_path + name + '/');
        bind_input(inner, "input", input);
        return inner;
    }

    static void bind_input(Scope& scope, const std::string& name, std::uint32_t slot) {
        PartBinding& binding = scope.parts[name];
        binding.slot = slot;
        binding.complete = true;
    }

    static void expect_one_input(const PartTemplate& part, const std::vector<std::uint32_t>& inputs) {
        if (inputs.size() != 1) {
            throw InputError(
                {part.location, "a part has the wrong number of inputs", std::to_string(inputs.size()), "1", {}});
        }
    }

    // --- blocks ---

    std::uint32_t compile_block(Scope& outer, const PartTemplate& part, const std::string& name,
                                const std::vector<std::uint32_t>& inputs, PartBinding& binding) {
        const auto found = space_.blocks.find(part.block);
        if (found == space_.blocks.end()) {
            std::set<std::string_view> known;
            for (const auto& [block_name, block] : space_.blocks) {
                known.insert(block_name);
            }
            unknown_name(part.block_location, "unknown block", part.block, "a block", known);
        }
        const BlockTemplate& block = found->second;
        used_blocks_.insert(part.block);
        check_recursion(part, block);
        if (inputs.size() != block.inputs.size()) {
            throw InputError({part.location,
                              "an instance of block " + quoted(block.name) + " has the wrong inputs",
                              std::to_string(inputs.size()),
                              std::to_string(block.inputs.size()),
                              {}});
        }
        Scope& inner = names_.new_scope(root_, nullptr, path_in(outer, name), outer.layer_path + name + '/');
        bind_parameters(outer, inner, part, block);
        if (part.repeat) {
            inner.values["index"] = outer.values.at("index");
            inner.values["count"] = outer.values.at("count");
        }
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            bind_input(inner, block.inputs[i], inputs[i]);
        }
        binding.scopes.push_back(&inner);
        open_blocks_.push_back(block.name);
        const std::uint32_t output = compile_body(inner, block.body, inputs.front());
        open_blocks_.pop_back();
        return output;
    }

    void check_recursion(const PartTemplate& part, const BlockTemplate& block) const {
        const auto open = std::find(open_blocks_.begin(), open_blocks_.end(), block.name);
        if (open != open_blocks_.end()) {
            std::string cycle;
            std::for_each(open, open_blocks_.end(), [&](const std::string& name) { cycle += name + " -> "; });
            throw InputError({part.block_location,
                              "block " + quoted(block.name) + " contains itself",
                              cycle + block.name,
                              "blocks without a cycle",
                              {}});
        }
        if (open_blocks_.size() >= maximum_block_depth) {
            throw InputError({part.block_location,
                              "blocks are nested too deeply",
                              {},
                              "at most " + std::to_string(maximum_block_depth),
                              {}});
        }
    }

    void bind_parameters(Scope& outer, Scope& inner, const PartTemplate& part, const BlockTemplate& block) {
        std::set<std::string_view> known;
        for (const ParameterTemplate& parameter : block.parameters) {
            known.insert(parameter.name);
        }
        for (const BindingTemplate& given : part.bindings) {
            if (known.find(given.name) == known.end()) {
                unknown_name(given.location, "unknown parameter of block " + quoted(block.name), given.name,
                             "a parameter", known);
            }
        }
        for (const ParameterTemplate& parameter : block.parameters) {
            const auto given = std::find_if(part.bindings.begin(), part.bindings.end(),
                                            [&](const BindingTemplate& b) { return b.name == parameter.name; });
            if (given == part.bindings.end() && !parameter.standard) {
                throw InputError({part.location,
                                  "an instance of block " + quoted(block.name) + " lacks a parameter",
                                  {},
                                  quoted(parameter.name) + " under 'with'",
                                  {}});
            }
            const bool is_given = given != part.bindings.end();
            inner.values[parameter.name].value =
                names_.define(is_given ? outer : *root_, path_in(inner, parameter.name),
                              is_given ? given->value : *parameter.standard);
        }
    }

    // --- selections ---

    std::uint32_t compile_select(Scope& outer, const PartTemplate& part, const std::string& name, std::uint32_t input,
                                 PartBinding& binding) {
        const CompiledExpression selector = names_.compile(outer, *part.selector);
        check_cases(part, selector);
        const Value value = writer_.keep(selector, part.selector->location);
        const std::uint32_t output = writer_.new_slot(path_in(outer, name));
        writer_.add_copy(input, output);
        Scope& cases = inner_scope(outer, name, input);
        binding.scopes.push_back(&cases);

        std::vector<Instruction> labels;
        for (const CaseTemplate& item : part.cases) {
            const std::int64_t label = literal_value(writer_, item.label);
            labels.push_back({Opcode::push, 0, label});
            if (selector.set.intersects(label, label)) {
                compile_case(cases, part, item, item.label.text, selector, value, {labels.back()}, input, output);
            }
        }
        if (part.otherwise_case) {
            compile_case(cases, part, *part.otherwise_case, "else", selector, value, labels, input, output);
        }
        return output;
    }

    // Runs where the selector is among the labels; `else`, where it is none of them.
    void compile_case(Scope& cases, const PartTemplate& part, const CaseTemplate& item, const std::string& label,
                      const CompiledExpression& selector, const Value& value, const std::vector<Instruction>& labels,
                      std::uint32_t input, std::uint32_t output) {
        const bool is_else = &item == (part.otherwise_case ? &*part.otherwise_case : nullptr);
        CompiledExpression test;
        test.type = ValueType::boolean;
        test.code.push_back(value.is_constant() ? Instruction{Opcode::push, 0, value.constant}
                                                : Instruction{Opcode::load, value.index, 0});
        test.code.insert(test.code.end(), labels.begin(), labels.end());
        test.code.push_back({Opcode::member, static_cast<std::uint32_t>(labels.size()), 0});
        if (is_else) {
            test.code.push_back({Opcode::logical_not, 0, 0});
        }
        const ProgramWriter::Guard guard =
            writer_.begin_guard(writer_.store(test, part.selector->location), selector.shape_dependent);
        PartBinding& binding = cases.parts[label];
        binding.conditional = true;
        binding.slot = output;
        binding.complete = true;
        if (item.kind == CaseTemplate::Kind::nothing) {
            writer_.add_nothing(output);
        } else if (item.kind == CaseTemplate::Kind::body) {
            Scope& inner = inner_scope(cases, label, input);
            const std::uint32_t result = compile_body(inner, item.body, input);
            PartBinding& filled = cases.parts[label];
            filled.slot = result;
            filled.scopes.push_back(&inner);
            writer_.add_copy(result, output);
        }
        writer_.end_guard(guard);
    }

    void check_cases(const PartTemplate& part, const CompiledExpression& selector) {
        std::set<std::int64_t> labels;
        for (const CaseTemplate& item : part.cases) {
            const ValueType type = item.label.type == Literal::Type::number    ? ValueType::number
                                   : item.label.type == Literal::Type::boolean ? ValueType::boolean
                                                                               : ValueType::word;
            const std::int64_t label = literal_value(writer_, item.label);
            labels.insert(label);
            const bool known = type == selector.type && selector.set.intersects(label, label);
            // A constant selector comes from a block's parameter: other instances take the other cases.
            if (type != selector.type || (!known && !selector.constant && open_blocks_.empty())) {
                std::set<std::string_view> names;
                for (const std::int64_t value : selector.set.values) {
                    names.insert(value_text(selector.type, value));
                }
                unknown_name(item.label.location, "a case that " + quoted(part.selector->text) + " never takes",
                             item.label.text, "one of its alternatives", names);
            }
        }
        if (part.otherwise_case) {
            return;
        }
        if (!selector.set.listed) {
            throw InputError({part.selector->location,
                              "a selection may miss every case",
                              quoted(part.selector->text),
                              "an 'else' case",
                              {}});
        }
        for (const std::int64_t value : selector.set.values) {
            if (labels.find(value) == labels.end()) {
                throw InputError({part.location,
                                  "a selection lacks a case",
                                  {},
                                  "a case for '" + std::string(value_text(selector.type, value)) + "' or 'else'",
                                  {}});
            }
        }
    }

    std::string_view value_text(ValueType type, std::int64_t value) {
        if (type == ValueType::word) {
            return writer_.program.words[static_cast<std::size_t>(value)];
        }
        return *texts_.insert(type == ValueType::boolean ? (value != 0 ? "true" : "false") : std::to_string(value))
                    .first;
    }

    // --- checks of the whole ---

    void check_blocks_are_used() const {
        for (const auto& [name, block] : space_.blocks) {
            if (used_blocks_.find(name) == used_blocks_.end()) {
                throw InputError(
                    {block.location, "a block is never used", quoted(name), "a part with 'block: " + name + '\'', {}});
            }
        }
    }

    const SpaceTemplate& space_;
    ProgramWriter writer_;
    Names names_;
    Scope* root_ = nullptr;
    std::vector<std::string> open_blocks_;
    std::set<std::string> used_blocks_;
    std::set<std::string> texts_;
    std::vector<RepeatedPart> repeats_;
    std::size_t parts_ = 0;
};

}  // namespace

Program compile(const SpaceTemplate& space) {
    return SpaceCompiler(space).compile();
}

}  // namespace sotto::search::language
