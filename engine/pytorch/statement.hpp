// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sotto::pytorch {

/// Columns that a line of the text should keep within.
inline constexpr std::size_t line_width = 100;

/// A Python expression that can be broken over lines: `opening`, items, `closing`. Without items it is `opening` alone.
/// A sum has no brackets but where it is broken.
struct Expression {
    std::string opening;
    std::vector<Expression> items = {};
    std::string closing = {};
    bool is_sum = false;
};

/// `function(argument, ...)`.
Expression call(const std::string& function, std::vector<Expression> arguments);

/// Appends the line `target = expression`, `indent` blanks before it; broken inside its brackets where it is wider than
/// line_width, as the formatter Black does.
void append_statement(std::string& text, std::size_t indent, const std::string& target, const Expression& expression);

}  // namespace sotto::pytorch
