// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/statement.hpp"

#include <algorithm>
#include <utility>

namespace sotto::pytorch {
namespace {

constexpr std::size_t indent_width = 4;

std::string joined(const Expression& expression);

std::string on_one_line(const Expression& expression) {
    return expression.opening + joined(expression) + expression.closing;
}

std::string joined(const Expression& expression) {
    std::string text;
    for (const Expression& item : expression.items) {
        text += text.empty() ? "" : expression.is_sum ? " + " : ", ";
        text += on_one_line(item);
    }
    return text;
}

void append_line(std::string& text, std::size_t indent, const std::string& line) {
    text.append(indent, ' ');
    text += line;
    text += '\n';
}

void append(std::string& text, std::size_t indent, const std::string& before, const Expression& expression,
            const std::string& after) {
    const std::string line = before + on_one_line(expression) + after;
    if (expression.items.empty() || indent + line.size() <= line_width) {
        append_line(text, indent, line);
        return;
    }
    append_line(text, indent, before + (expression.is_sum ? "(" : expression.opening));
    const std::size_t inner = indent + indent_width;
    const std::string items = joined(expression);
    if (inner + items.size() <= line_width) {
        append_line(text, inner, items);
    } else {
        for (const Expression& item : expression.items) {
            const bool is_first = &item == expression.items.data();
            append(text, inner, expression.is_sum && !is_first ? "+ " : "", item, expression.is_sum ? "" : ",");
        }
    }
    append_line(text, indent, (expression.is_sum ? ")" : expression.closing) + after);
}

}  // namespace

Expression call(const std::string& function, std::vector<Expression> arguments) {
    return {function + '(', std::move(arguments), ")"};
}

void append_statement(std::string& text, std::size_t indent, const std::string& target, const Expression& expression) {
    append(text, indent, target + " = ", expression, "");
}

}  // namespace sotto::pytorch
