// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "search/space/expression_compiler.hpp"
#include "search/space/program.hpp"

namespace sotto::search::language {

/// Appends to a Program: words, registers, slots, code, steps. Knows whether the steps being written depend on shapes,
/// and so belong to the layer steps alone.
class ProgramWriter {
  public:
    ProgramWriter();

    Program program;

    /// The value of a word.
    std::int64_t intern(const std::string& word);
    std::uint32_t new_register(std::string name);
    std::uint32_t new_slot(std::string name);

    /// The expression as steps read it. Throws where the program grows too large.
    Value store(const CompiledExpression& compiled, const input::SourceLocation& location);
    /// The same for what is read by several steps: computed once, in a register, where it is more than a register.
    Value keep(const CompiledExpression& compiled, const input::SourceLocation& location);
    /// Checks the type and that some value lies in the range; then store.
    Value store_within(const CompiledExpression& compiled, ValueType type, const input::SourceLocation& location,
                       std::string_view what, std::int64_t least, std::int64_t most);

    /// Computes `value` into a register, with the choices or while the network is built. What `may_be_unset` stays
    /// unset where it reads an inactive choice; otherwise that refuses the candidate.
    void add_evaluation(std::uint32_t reg, const Value& value, const input::SourceLocation& location,
                        bool while_building, bool may_be_unset);
    void add_copy(std::uint32_t from, std::uint32_t to);
    void add_nothing(std::uint32_t slot);
    void add_requirement(Requirement requirement, const CompiledExpression& condition);
    void add_layer(LayerDescription layer, std::uint32_t slot);

    /// The steps until end_guard run where the condition is true.
    struct Guard {
        std::optional<std::size_t> choice_step;
        std::size_t layer_step = 0;
        bool outer_shape_context = false;
    };
    Guard begin_guard(const Value& condition, bool shape_dependent);
    void end_guard(const Guard& guard);

    /// Whether the steps being written run under a condition on shapes, which the choices cannot know.
    bool in_shape_context() const noexcept { return shape_context_; }

  private:
    std::unordered_map<std::string, std::int64_t> word_index_;
    bool shape_context_ = false;
};

/// Throws input::InputError where the expression is of another type.
void expect_type(const CompiledExpression& compiled, ValueType type, const input::SourceLocation& location,
                 std::string_view what);

}  // namespace sotto::search::language
