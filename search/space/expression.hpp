// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/input/input_error.hpp"

namespace sotto::search::language {

enum class Operator : std::uint8_t {
    number,
    boolean,
    word,
    reference,
    negate,
    logical_not,
    logical_and,
    logical_or,
    add,
    subtract,
    multiply,
    divide,
    modulo,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    member,
    minimum,
    maximum,
    ceiling_divide,
    round_to,
    round_up,
    round_down,
    absolute,
    conditional,
    pick,
    active,
    channels,
    height,
    width,
};

/// One step of a path such as `fire[index - 1].squeeze`: a name and, where brackets follow it, the node of what stands
/// in them.
struct PathElement {
    static constexpr std::uint32_t no_index = 0xffffffff;

    std::string name;
    std::uint32_t index = no_index;
};

struct ExpressionNode {
    Operator op = Operator::number;
    std::int64_t number = 0;              ///< number, boolean
    std::string word;                     ///< word
    std::vector<std::uint32_t> operands;  ///< nodes, in order
    std::vector<PathElement> path;        ///< reference, active, channels, height, width
};

/// A parsed expression (docs/search_spaces.md, "Expressions"). Children stand before their parents; the root is last.
struct Expression {
    std::vector<ExpressionNode> nodes;
    input::SourceLocation location;
    std::string text;

    std::uint32_t root() const noexcept { return static_cast<std::uint32_t>(nodes.size() - 1); }
};

inline constexpr int maximum_expression_depth = 48;
inline constexpr std::size_t maximum_expression_nodes = 500;

/// Parses an expression, with or without `${` and `}` around it. Throws input::InputError.
Expression parse_expression(std::string_view text, const input::SourceLocation& location);

/// Parses a path alone, as written in `from:` and `same_as:`.
Expression parse_path(std::string_view text, const input::SourceLocation& location);

/// `fire[index - 1].squeeze` without what stands in the brackets: for errors.
std::string path_text(const std::vector<PathElement>& path);

/// Whether the text is `${...}`.
bool is_marked_expression(std::string_view text);

/// Names that mean something to the language, so that no choice, definition or parameter may take them.
bool is_reserved_name(std::string_view name);

/// A letter or underscore, then letters, digits, or underscores: what names of choices, definitions,
/// parameters, parts and blocks look like.
bool is_name(std::string_view text);

}  // namespace sotto::search::language
