// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "search/space/expression_compiler.hpp"
#include "search/space/program_writer.hpp"
#include "search/space/scope.hpp"
#include "search/space/space_template.hpp"

namespace sotto::search::language {

inline constexpr std::int64_t maximum_iterations = 1024;

/// How often a repeated part has to be unrolled. Throws input::InputError for a count of another type, that depends on
/// shapes or lies outside 0 to maximum_iterations. Marks the choices that decide the count.
std::int64_t largest_count(ProgramWriter& writer, const PartTemplate& part, const CompiledExpression& count);

/// Adds a requirement that the count (in `value`) lies within what was unrolled, where it may not.
void limit_count(ProgramWriter& writer, const PartTemplate& part, const std::string& name,
                 const CompiledExpression& count, const Value& value, std::int64_t most);

/// The condition under which iteration `i` runs; `count` is a register.
Value runs_iteration(ProgramWriter& writer, std::int64_t i, const Value& count, const input::SourceLocation& location);

/// Binds `index` and `count` in the scope of iteration `i`.
void bind_iteration(Scope& scope, std::int64_t i, const CompiledExpression& count, const Value& value);

}  // namespace sotto::search::language
