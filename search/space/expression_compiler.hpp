// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "search/space/expression.hpp"
#include "search/space/program.hpp"
#include "search/space/value_set.hpp"

namespace sotto::search::language {

/// What a name stands for.
struct NamedValue {
    ValueType type = ValueType::number;
    bool constant = false;
    std::int64_t value = 0;     ///< constant
    std::uint32_t reg = 0;      ///< else
    bool may_be_unset = false;  ///< a choice that is not always active, or what was computed from one
    bool shape_dependent = false;
    ValueSet set;
    std::optional<std::uint32_t> gene;  ///< a choice
    std::vector<std::uint32_t> genes;   ///< what a definition was computed from
};

/// An expression with its names resolved.
struct CompiledExpression {
    ValueType type = ValueType::number;
    bool constant = false;
    std::int64_t value = 0;
    std::vector<Instruction> code;  ///< without `done`; jumps are relative
    std::size_t stack = 0;          ///< deepest use
    bool may_be_unset = false;
    bool shape_dependent = false;
    bool count_dependent = false;
    ValueSet set;
    std::vector<std::uint32_t> genes;  ///< read directly
};

/// How an expression's names are found. Throws input::InputError for unknown ones.
class NameResolver {
  public:
    virtual ~NameResolver() = default;

    virtual NamedValue value(const Expression& expression, const ExpressionNode& node) = 0;
    virtual std::uint32_t slot(const Expression& expression, const ExpressionNode& node) = 0;
    virtual std::int64_t word(const std::string& text) = 0;
    virtual const std::string& word_text(std::int64_t word) const = 0;
};

/// Whether an expression may read the counts of the finished network.
enum class Counts : std::uint8_t { refused, allowed };

/// Compiles the expression, folding what is constant. Throws input::InputError for wrong types, unknown names,
/// comparisons with a word that is no alternative, and constant parts without a value.
CompiledExpression compile_expression(const Expression& expression, NameResolver& names,
                                      Counts counts = Counts::refused);
CompiledExpression compile_node(const Expression& expression, std::uint32_t node, NameResolver& names, Counts counts);

std::string_view type_text(ValueType type);

}  // namespace sotto::search::language
