// SPDX-License-Identifier: Apache-2.0
#include "search/space/repeat_count.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "search/space/template_values.hpp"

namespace sotto::search::language {

using input::InputError;
using input::SourceLocation;

std::int64_t largest_count(ProgramWriter& writer, const PartTemplate& part, const CompiledExpression& count) {
    const SourceLocation& location = part.repeat->location;
    expect_type(count, ValueType::number, location, "repeat");
    if (count.shape_dependent) {
        throw InputError({location,
                          "a repeat depends on the shape of a layer",
                          quoted(part.repeat->text),
                          "a count that choices alone decide",
                          {}});
    }
    for (const std::uint32_t gene : count.genes) {
        writer.program.choices[gene].counts_iterations = true;
    }
    const std::int64_t most = std::min(count.set.most, part.at_most.value_or(maximum_iterations + 1));
    if (most > maximum_iterations || count.set.most < 0) {
        const bool unknown = count.set.most == std::numeric_limits<std::int64_t>::max();
        throw InputError({location,
                          "a repeat has a count that is out of range",
                          unknown ? quoted(part.repeat->text) : std::to_string(count.set.most),
                          "0 to " + std::to_string(maximum_iterations) + " ('at_most' bounds it)",
                          {}});
    }
    return most;
}

void limit_count(ProgramWriter& writer, const PartTemplate& part, const std::string& name,
                 const CompiledExpression& count, const Value& value, std::int64_t most) {
    if (count.set.least >= 0 && count.set.most <= most) {
        return;
    }
    if (count.constant) {
        throw InputError({part.repeat->location,
                          "a repeat has a count that is out of range",
                          std::to_string(count.value),
                          "0 to " + std::to_string(most),
                          {}});
    }
    const Instruction load{Opcode::load, value.index, 0};
    CompiledExpression check;
    check.code = {{Opcode::push, 0, 0},
                  load,
                  {Opcode::less_equal, 0, 0},
                  {Opcode::jump_if_false, 4, 0},
                  load,
                  {Opcode::push, 0, most},
                  {Opcode::less_equal, 0, 0},
                  {Opcode::jump, 1, 0},
                  {Opcode::push, 0, 0}};
    Requirement requirement;
    requirement.condition = writer.store(check, part.repeat->location);
    requirement.text = "iterations of " + quoted(name) + " from 0 to " + std::to_string(most);
    requirement.location = part.repeat->location;
    writer.add_requirement(std::move(requirement), {});
}

Value runs_iteration(ProgramWriter& writer, std::int64_t i, const Value& count, const SourceLocation& location) {
    CompiledExpression compiled;
    compiled.code = {{Opcode::push, 0, i}, {Opcode::load, count.index, 0}, {Opcode::less, 0, 0}};
    return writer.store(compiled, location);
}

void bind_iteration(Scope& scope, std::int64_t i, const CompiledExpression& count, const Value& value) {
    NamedValue& index = scope.values["index"].value;
    index.constant = true;
    index.value = i;
    index.set = ValueSet::of(i);
    NamedValue& total = scope.values["count"].value;
    total.constant = count.constant;
    total.value = count.value;
    total.reg = value.index;
    total.set = count.set;
}

}  // namespace sotto::search::language
